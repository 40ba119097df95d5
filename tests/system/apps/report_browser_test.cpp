// The report in a real browser: headless Chromium loads the page from disk, and every chart must be drawn
// without an error, with nothing asked of the network.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <regex>
#include <string>

#include "apps/simulation/report/report.hpp"
#include "apps/simulation/report/study_charts.hpp"
#include "core/atomic_file.hpp"
#include "support/apps_cli.hpp"
#include "support/apps_report_sample.hpp"

namespace apps = understudy::apps;
namespace core = understudy::core;
namespace fs = std::filesystem;

namespace {

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return "";
  char buffer[4096];
  for (std::size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    text.append(buffer, got);
  pclose(pipe);
  return text;
}

std::string chromium() {
  std::string found = output_of(
      "for name in chromium chromium-browser google-chrome; do command -v $name && break; done");
  while (!found.empty() && found.back() == '\n') found.pop_back();
  return found;
}

struct Browsed {
  std::string dom, log;
};

Browsed browse(const fs::path& page, const understudy::tests::Scratch& folder) {
  const fs::path log = folder / "browser.log";
  const std::string command =
      "timeout 240 " + chromium() +
      " --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run"
      " --disable-background-networking --disable-component-update --disable-sync"
      " --disable-extensions --enable-logging=stderr --v=0 --user-data-dir='" +
      (folder / "profile").string() + "' --dump-dom 'file://" + page.string() + "' 2>'" +
      log.string() + "'";
  Browsed browsed;
  browsed.dom = output_of(command);
  browsed.log = core::read_file(log);
  return browsed;
}

/// The value of an attribute of the root element; empty if it is not there.
std::string root_attribute(const std::string& dom, const std::string& name) {
  const std::string root = dom.substr(0, dom.find("<head>"));
  std::smatch match;
  return std::regex_search(root, match, std::regex(name + "=\"([^\"]*)\"")) ? match[1].str() : "";
}

std::string console_lines(const std::string& log) {
  std::string lines;
  std::smatch match;
  for (auto at = log.cbegin();
       std::regex_search(at, log.cend(), match, std::regex("[^\n]*CONSOLE[^\n]*"));
       at = match.suffix().first) {
    lines += match.str() + "\n";
  }
  return lines;
}

class ReportBrowser : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(chromium().empty())
        << "no chromium, chromium-browser or google-chrome on PATH: this test needs one "
           "(package chromium, in cmake/packages.txt)";
  }
  understudy::tests::Scratch folder_;
};

}  // namespace

TEST_F(ReportBrowser, DrawsEveryChartWithoutErrorAndWithoutTheNetwork) {
  const apps::sample::Study study;
  apps::write_report(folder_ / "report.html", study.data);
  const Browsed browsed = browse(folder_ / "report.html", folder_);
  const std::size_t charts = apps::report::make_charts(study.data).size();
  EXPECT_GE(charts, 9u);
  EXPECT_EQ(root_attribute(browsed.dom, "data-charts-drawn"), std::to_string(charts))
      << browsed.log;
  EXPECT_EQ(root_attribute(browsed.dom, "data-errors"), "");
  EXPECT_EQ(console_lines(browsed.log), "");
  EXPECT_FALSE(std::regex_search(browsed.dom, std::regex("(src|href)=\"(https?:)?//")));
}

TEST_F(ReportBrowser, DrawsTheReportOfARealStudy) {
  using namespace understudy::tests;
  std::vector<std::string> arguments{"study", deck("cylinder_wake"), "--out", folder_ / "out"};
  add_settings(arguments, {"grid.cells=[64,32]", "ensemble.parameters.0.values=[80,140]",
                           "ensemble.validation=[]", "ensemble.test=[]", "ensemble.spin_up_s=1",
                           "ensemble.windows=8", "training.epochs=1", "training.rollout_windows=4",
                           "training.unroll=[1]", "training.unroll_fractions=[]",
                           "network.latent_size=4", "time.window_s=0.5", "training.batch=4",
                           "compare.spin_up_s=1", "compare.windows=4", "compare.coarser=[2]"});
  const Outcome outcome = understudy::tests::understudy(arguments);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Browsed browsed = browse(folder_ / "out" / "report.html", folder_);
  const std::string page = core::read_file(folder_ / "out" / "report.html");
  int charts = 0;
  while (page.find("id=\"chart-" + std::to_string(charts) + "\"") != std::string::npos) ++charts;
  EXPECT_GE(charts, 5);
  EXPECT_EQ(root_attribute(browsed.dom, "data-charts-drawn"), std::to_string(charts))
      << browsed.log;
  EXPECT_EQ(root_attribute(browsed.dom, "data-errors"), "");
  EXPECT_EQ(console_lines(browsed.log), "");
}

TEST_F(ReportBrowser, APageOfMissingNumbersStillLoadsCleanly) {
  apps::sample::Study study;
  auto& result = study.result;
  for (auto& error : result.errors) error.rel_l2.assign(error.rel_l2.size(), apps::sample::nan);
  for (auto& diagnostic : result.diagnostics) diagnostic.replacement.resize(3, 0);
  result.classical.clear();
  result.speedups = {};
  result.truth_wall_s = 0;
  apps::write_report(folder_ / "report.html", study.data);
  const Browsed browsed = browse(folder_ / "report.html", folder_);
  EXPECT_EQ(root_attribute(browsed.dom, "data-charts-drawn"),
            std::to_string(apps::report::make_charts(study.data).size()));
  EXPECT_EQ(root_attribute(browsed.dom, "data-errors"), "");
  EXPECT_EQ(console_lines(browsed.log), "");
}

// The checks above must be able to fail: a page with a broken script and an image from the network.
TEST_F(ReportBrowser, ABrokenPageIsSeenAsBroken) {
  apps::write_report(folder_ / "report.html", apps::sample::Study().data);
  std::string page = core::read_file(folder_ / "report.html");
  const std::string marker = "id=\"chart-0\"";
  ASSERT_NE(page.find(marker), std::string::npos);
  page.replace(page.find(marker), marker.size(), "id=\"another\"");
  page.replace(page.find("</header>"), 9, "</header><img src=\"https://example.invalid/a.png\">");
  core::write_file(folder_ / "broken.html", page);
  const Browsed browsed = browse(folder_ / "broken.html", folder_);
  EXPECT_NE(root_attribute(browsed.dom, "data-errors").find("chart-0"), std::string::npos);
  EXPECT_NE(console_lines(browsed.log), "") << "the content policy must refuse the image";
}
