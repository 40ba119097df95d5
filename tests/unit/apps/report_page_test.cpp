// The report's page as text: what stands in it, what is escaped, and what a missing number reads like.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>

#include "apps/report/report_assets.hpp"
#include "apps/report/report_colours.hpp"
#include "apps/report/report_format.hpp"
#include "apps/simulation/report/figures.hpp"
#include "apps/simulation/report/report.hpp"
#include "apps/simulation/report/study_charts.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "support/apps_report_sample.hpp"
#include "support/scratch.hpp"

namespace apps = understudy::apps;
namespace core = understudy::core;
namespace report = understudy::apps::report;
namespace surrogates = understudy::surrogates;
namespace fs = std::filesystem;

namespace {

using Value = core::Maybe<double>;

using apps::sample::has;
using apps::sample::page_of;

}  // namespace

TEST(ReportFormat, NumbersReadAsAPersonWritesThem) {
  EXPECT_EQ(report::number(0), "0");
  EXPECT_EQ(report::number(1234.6), "1235");
  EXPECT_EQ(report::number(0.016549, 4), "0.01655");
  EXPECT_EQ(report::number(2.50), "2.5");
  EXPECT_EQ(report::number(9.999), "10");
  EXPECT_EQ(report::number(1.24e-7), "1.24e-7");
  EXPECT_EQ(report::number(9.9999e-8), "1e-7");
  EXPECT_EQ(report::number(-3.1e9, 2), "-3.1e9");
  EXPECT_EQ(report::number(apps::sample::nan), "not reached");
  EXPECT_EQ(report::number(std::numeric_limits<double>::infinity()), "not reached");
  EXPECT_EQ(report::percent(0.0213), "2.1%");
  EXPECT_EQ(report::percent(1.234), "123%");
  EXPECT_EQ(report::duration(0.0041), "4.1 ms");
  EXPECT_EQ(report::duration(90), "90 s");
  EXPECT_EQ(report::duration(600), "10 min");
  EXPECT_EQ(report::name_and_unit(report::plain_name("flow.drag_mean", "flow"), "1"), "drag mean");
  // The unit stands once.
  const auto plain = [](const char* name, const char* unit) {
    return report::name_and_unit(report::plain_name(name, "moist_box", unit), unit);
  };
  EXPECT_EQ(plain("weather.w_max_m_s", "m/s"), "w max [m/s]");
  EXPECT_EQ(plain("weather.theta_min_k", "K"), "theta min [K]");
  EXPECT_EQ(plain("weather.vorticity_1_s", "1/s"), "vorticity [1/s]");
  EXPECT_EQ(plain("weather.rain", "kg"), "rain [kg]");
  EXPECT_EQ(plain("m_s", "m/s"), "m s [m/s]") << "something must be left";
  EXPECT_EQ(plain("weather.mode_1", "1"), "mode 1") << "no unit";
  EXPECT_EQ(report::name_and_unit("enstrophy", "m2/s2"), "enstrophy [m²/s²]");
  EXPECT_EQ(report::rounded(38.2, 1), "40");
  EXPECT_EQ(report::rounded(0.0382, 2), "0.038");
  EXPECT_EQ(report::rounded(1234.5, 2), "1200");
  EXPECT_EQ(report::figure(38.2, {38.1, 38.3, 5}), "38.2");
  EXPECT_EQ(report::figure(38.2, {35, 41, 5}), "38 (35 to 41)");
  EXPECT_EQ(report::figure(38.2, {}, true), "at most 38") << "timed once";
  EXPECT_EQ(report::core_time(7200), "7200 core-s (2 core-h)");
}

TEST(ReportFormat, Base64AsInRfc4648) {
  EXPECT_EQ(report::base64(""), "");
  EXPECT_EQ(report::base64("f"), "Zg==");
  EXPECT_EQ(report::base64("fo"), "Zm8=");
  EXPECT_EQ(report::base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(report::base64(std::string("\xff\x00\xfe", 3)), "/wD+");
}

TEST(ReportPage, HoldsWhatWasRunAndMeasured) {
  const std::string page = page_of(apps::sample::Study().data);
  for (const char* part :
       {"14&thinsp;×", "<span class=\"figure loss\">0.62", "Sample CPU @ 2.0 GHz", "samplehost",
        "deadbeef0123-dirty", "0123456789abcdef", "data: 8 simulations", "1240 core-s",
        "2210 core-s (0.614 core-h)", "Strouhal number", "Williamson 1989", "no periodic lift",
        "U-Net, 4 levels, 24 channels", "Reynolds number 170 lies outside the training envelope",
        "over the last 6 periods", "every 30 windows", "Resolved deck", "kind: unet"}) {
    EXPECT_TRUE(has(page, part)) << part;
  }
}

TEST(ReportPage, EscapesEveryText) {
  const std::string page = page_of(apps::sample::Study().data);
  EXPECT_TRUE(has(page, "<h1>Cylinder wake &lt;Re 80–160&gt; &amp; co</h1>"));
  EXPECT_TRUE(has(page, "# &lt;/script&gt;&lt;script&gt;alert(1)"));
  EXPECT_FALSE(has(page, "<script>alert(1)"));
  EXPECT_FALSE(has(page, "title=<b>"));
}

TEST(ReportPage, AsksForNothingOutsideTheFile) {
  const std::string page = page_of(apps::sample::Study().data);
  EXPECT_FALSE(std::regex_search(page, std::regex("(src|href)=\"?'?(https?:|//|file:)")));
  EXPECT_TRUE(has(page, "default-src 'none'"));
}

TEST(ReportPage, MissingNumbersReadNotReachedWithTheReason) {
  apps::sample::Study study;
  study.result.speedups.equal_error = Value::none("no <classical> run reaches it");
  study.result.speedups.same_grid = Value::of(apps::sample::nan);
  const std::string page = page_of(study.data);
  EXPECT_TRUE(has(page, "not reached</span>"));
  EXPECT_TRUE(has(page, "no &lt;classical&gt; run reaches it."));
  EXPECT_FALSE(has(page, ">nan"));
}

TEST(ReportPage, EmptyDataMakeAPageWithoutTheirSections) {
  const surrogates::ComparisonResult result;
  apps::ReportData data(result);
  data.title = "nothing";
  const std::string page = page_of(data);
  EXPECT_TRUE(has(page, "Provenance"));
  EXPECT_TRUE(has(page, "has no measured speed-up; its error was not measured"));
  EXPECT_FALSE(has(page, "Side by side"));
  EXPECT_FALSE(has(page, "<canvas"));
}

TEST(ReportCharts, ValuesThatCannotBeDrawnAreGaps) {
  surrogates::ComparisonResult result;
  result.times_s = {0, 1, 2, 3};
  result.errors = {{"velocity <b>", "m/s", {0, 0.1, apps::sample::nan, 0.2}, {}}};
  const std::string text = report::charts_json(report::make_charts(apps::ReportData(result)));
  EXPECT_FALSE(has(text, "<"));
  const auto charts = nlohmann::json::parse(text);
  ASSERT_EQ(charts.size(), 1u);
  const auto& series = charts[0]["series"][0];
  EXPECT_EQ(series["label"], "velocity <b>");
  ASSERT_EQ(series["data"].size(), 4u);
  EXPECT_TRUE(series["data"][0]["y"].is_null());  // 0 has no place on a log axis
  EXPECT_EQ(series["data"][1]["y"], 0.1);
  EXPECT_TRUE(series["data"][2]["y"].is_null());
}

TEST(ReportCharts, LongCurvesKeepTheirPeaks) {
  surrogates::ComparisonResult result;
  surrogates::DiagnosticSeries lift;
  lift.name = "lift";
  for (int n = 0; n < 100000; ++n) {
    result.times_s.push_back(n);
    lift.truth.push_back(n == 54321 ? 7.5 : n == 12345 ? -3.5 : 0.001 * (n % 7));
  }
  result.diagnostics = {lift};
  const auto charts =
      nlohmann::json::parse(report::charts_json(report::make_charts(apps::ReportData(result))));
  const auto& points = charts[0]["series"][0]["data"];
  EXPECT_LE(points.size(), 1600u);
  double lowest = 0, highest = 0, last = -1;
  for (const auto& point : points) {
    EXPECT_GT(point["x"], last);
    last = point["x"];
    lowest = std::min(lowest, point["y"].get<double>());
    highest = std::max(highest, point["y"].get<double>());
  }
  EXPECT_EQ(lowest, -3.5);
  EXPECT_EQ(highest, 7.5);
  EXPECT_EQ(last, 99999);
}

TEST(ReportPage, AReplacementThatFailedHasNoCost) {
  apps::sample::Study study;
  auto& r = study.result;
  r.replacement_failed = true;
  r.failure = "velocity is not finite";
  r.times_s.resize(4);
  for (auto& error : r.errors) error.rel_l2.resize(4);
  r.replacement_wall_s = apps::sample::nan;
  r.correlation = {"vorticity", {1, 0.99, apps::sample::nan, apps::sample::nan}};
  r.window_s = 0.5;
  r.classical.pop_back();  // it failed, too
  surrogates::set_speedups(r);
  surrogates::ComparisonResult broken = r, other = apps::sample::measured();
  surrogates::ModelCard card;
  study.data.contenders.push_back({"the replacement", card, r});
  study.data.contenders.push_back({"broken", card, broken});
  study.data.contenders.push_back({"pod", card, other});
  const std::string page = page_of(study.data);
  EXPECT_TRUE(has(page, "<td>the replacement <span class=\"aside\">failed</span></td><td>–</td>"));
  EXPECT_TRUE(has(page,
                  " min for 60 s of simulated time; the replacement failed: velocity is not "
                  "finite."));
  EXPECT_FALSE(has(page, "not reached ×"));
  EXPECT_TRUE(has(page, "&gt; 0.5 s")) << "as far as the correlation is known";
  const auto charts = report::make_charts(study.data);
  const auto cost = std::ranges::find(charts, "Cost against error", &report::Chart::title);
  ASSERT_NE(cost, charts.end());
  std::string labels;
  for (const auto& series : cost->series) labels += series.label + ";";
  EXPECT_EQ(labels, "classical runs;pod;full simulation (error 0 by definition);");
}

TEST(ReportPage, MeansOfErrorsAreOverTheSurrogatesWindows) {
  apps::sample::Study study;
  auto& r = study.result;
  r.times_s = {0, 1, 2, 3, 4};
  r.errors = {{"velocity", "m/s", {0, 0, 0, 0.2, 0.4}, {0, 0.9, 0.9, 0.3, 0.5}}};
  r.windows.resize(4);
  for (std::size_t n = 0; n < 4; ++n) r.windows[n].who = n < 2 ? "simulation" : "surrogate";
  const std::string page = page_of(study.data);
  EXPECT_TRUE(has(page,
                  "<th scope=\"row\">velocity</th><td>30%</td><td>30%</td><td>40%</td><td>40%</td>"
                  "<td>40%</td>"));
  EXPECT_TRUE(
      has(page, "Means and medians are over the 2 of 4 windows that the surrogate advanced"));
}

TEST(ReportCharts, TheFullSimulationIsALineAtItsCost) {
  const apps::sample::Study study;
  const auto charts = report::make_charts(study.data);
  ASSERT_EQ(charts[1].title, "Cost against error");
  const auto& series = charts[1].series;
  EXPECT_EQ(series[0].point_labels.front(), "1");
  EXPECT_EQ(report::by_cost(study.result).front().name, "32 × 12");
  EXPECT_TRUE(has(page_of(study.data), "<th scope=\"row\">1</th><td>32 × 12</td>"));
  EXPECT_EQ(series[0].x.size(), 4u) << "without the failed run and the simulation itself";
  EXPECT_EQ(series.back().label, "full simulation (error 0 by definition)");
  EXPECT_EQ(series.back().x, (std::vector<double>{166, 166}));
}

TEST(ReportPage, PicturesAreGroupedByField) {
  const surrogates::ComparisonResult result;
  apps::ReportData data(result);
  for (int n = 0; n < 4; ++n) {
    apps::ReportPictureRow row;
    row.field = n % 2 ? "pressure" : "speed";
    row.time_s = n;
    data.pictures.push_back(row);
  }
  const std::string page = page_of(data);
  EXPECT_LT(page.find("<p class=\"time\">2&nbsp;s"), page.find("<p class=\"time\">1&nbsp;s"));
  EXPECT_EQ(page.find("<h3>speed</h3>"), page.rfind("<h3>speed</h3>"));
  EXPECT_TRUE(has(page, "not reached</p></figure>"));
}

TEST(ReportPage, PicturesOfAVolumeAreGroupedByFieldAndPlane) {
  const surrogates::ComparisonResult result;
  apps::ReportData data(result);
  for (int n = 0; n < 4; ++n) {
    apps::ReportPictureRow row;
    row.field = "speed";
    row.plane = n % 2 ? "middle of y" : "middle of z";
    row.time_s = n;
    row.truth.png = "-";
    data.pictures.push_back(row);
  }
  const std::string page = page_of(data);
  EXPECT_LT(page.find("<h3>speed, middle of z</h3>"), page.find("<h3>speed, middle of y</h3>"));
  EXPECT_LT(page.find("<p class=\"time\">2&nbsp;s"), page.find("<p class=\"time\">1&nbsp;s"));
  EXPECT_EQ(page.find("<h3>speed, middle of y</h3>"), page.rfind("<h3>speed, middle of y</h3>"));
  EXPECT_TRUE(has(page, "simulation of speed, middle of y, at 3 s"));
}

TEST(ReportCharts, RoundOffIsNoCurve) {
  surrogates::ComparisonResult result;
  result.times_s = {0, 1, 2};
  surrogates::DiagnosticSeries flux;
  flux.name = "mass flux";
  flux.truth = {8, 8 + 1e-14, 8};
  flux.replacement = {8, 8, 8 - 1e-14};
  result.diagnostics = {flux, flux};
  result.diagnostics[1].replacement[2] = 8.1;
  const auto charts = report::make_charts(apps::ReportData(result));
  EXPECT_TRUE(charts[0].y.from_zero);
  EXPECT_FALSE(charts[1].y.from_zero);
}

TEST(ReportPage, HasProfilesWithTheirErrors) {
  apps::sample::Study study;
  EXPECT_FALSE(has(page_of(study.data), "Error of the variance"));
  study.result.profile_axis = 1;
  study.result.profile_windows = 30;
  study.result.profiles = {
      {"w", "w", "m/s", {0.5, 1.5}, {1, 1}, {{2, 2}, {1, 1}}, {{2, 3}, {1, 1}}}};
  const std::string page = page_of(study.data);
  EXPECT_TRUE(has(page, "Error of the variance"));
  EXPECT_TRUE(has(page, "along y, over 30 windows"));
  EXPECT_TRUE(has(page, "Mean of w"));
  EXPECT_TRUE(has(page, "Variance of w"));
}

TEST(ReportCharts, NoChartWithoutACurve) {
  surrogates::ComparisonResult result;
  result.times_s = {0, 1};
  result.diagnostics.resize(1);
  result.errors = {{"velocity", "m/s", {apps::sample::nan, apps::sample::nan}, {}}};
  EXPECT_TRUE(report::make_charts(apps::ReportData(result)).empty());
}

TEST(ReportAssets, MissingChartJsIsAUserErrorWithARemedy) {
  try {
    report::read_chart_js({"/nowhere/chart.min.js"});
    FAIL() << "no error";
  } catch (const core::UserError& error) {
    const std::string text = error.what();
    EXPECT_TRUE(has(text, "/nowhere/chart.min.js")) << text;
    EXPECT_TRUE(has(text, "libjs-chart.js")) << text;
    EXPECT_TRUE(has(text, "UNDERSTUDY_CHART_JS")) << text;
  }
}

TEST(ReportAssets, ScriptsCannotEndTheirElement) {
  const understudy::tests::Scratch folder;
  const fs::path path = folder / "chart.js";
  core::write_file(path, "var a = '</script>'; var b = '<!-- x'; var c = 1</2/.exec(d);");
  EXPECT_EQ(report::read_chart_js({path}),
            "var a = '<\\/script>'; var b = '<\\!-- x'; var c = 1</2/.exec(d);");
}
