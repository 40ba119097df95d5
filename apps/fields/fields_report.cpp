#include "apps/fields/fields_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "apps/report/report_format.hpp"
#include "apps/report/run_page.hpp"
#include "apps/simulation/run_report.hpp"
#include "core/atomic_file.hpp"
#include "core/format.hpp"

namespace understudy::apps {

double RolloutResult::wall_of_window() const {
  double wall_s = 0;
  long long count = 0;
  for (const auto& one : trajectories) {
    wall_s += one.wall_s;
    count += one.finite_windows;
  }
  return wall_s / static_cast<double>(std::max(1LL, count));
}

long long RolloutResult::failed() const {
  return std::ranges::count_if(
      trajectories, [&](const TrajectoryErrors& one) { return one.finite_windows < windows; });
}

namespace {

// Whose errors they are, as metrics name it and as a reader does.
struct Side {
  const char *metric, *words, *role;
  const char *rel_l2, *vrmse;  ///< columns of comparison.csv, behind the channel's name
  Errors ChannelErrors::* errors;
  int hue = 0;
};
constexpr std::array<Side, 3> sides{
    {{"error", "prediction", "replacement", "rel_l2", "vrmse", &ChannelErrors::prediction},
     {"persistence", "persistence", "frozen", "persistence", "persistence_vrmse",
      &ChannelErrors::persistence},
     {"climatology", "mean field", "frozen", "climatology", "climatology_vrmse",
      &ChannelErrors::mean_field, 1}}};

double mean_vrmse(const std::vector<ChannelErrors>& channels, Errors ChannelErrors::* side) {
  double sum = 0;
  for (const auto& channel : channels) sum += mean_of((channel.*side).vrmse);
  return sum / static_cast<double>(channels.size());
}

std::string unit_text(const std::string& unit) { return unit.empty() ? "unknown" : unit; }

}  // namespace

void summarise(const RolloutResult& result, Summary& summary) {
  for (const Side& side : sides) {
    nlohmann::json all;  // whole: a field's name may have dots
    for (const auto& channel : result.mean) {
      const Errors& e = channel.*side.errors;
      all[channel.name] = {
          {"rel_l2_one_window", e.rel_l2.at(1)}, {"rel_l2_final", e.rel_l2.back()},
          {"rel_l2_mean", mean_of(e.rel_l2)},    {"vrmse_one_window", e.vrmse.at(1)},
          {"vrmse_final", e.vrmse.back()},       {"vrmse_mean", mean_of(e.vrmse)}};
    }
    summary.metric(side.metric, all);
    summary.metric(core::format("fields.vrmse_mean.{}", side.metric),
                   mean_vrmse(result.mean, side.errors));
  }
  summary.metric("fields.trajectories", result.trajectories.size());
  summary.metric("fields.failed_trajectories", result.failed());
  summary.metric("fields.windows", result.windows);
  summary.metric("fields.window_s", result.data.info().window_s);
  summary.metric("fields.split", result.split);
  summary.metric("fields.climatology_is", result.mean_field);
  summary.timing("prediction_window_s", result.wall_of_window());
}

void write_csv(const Job& job, const RolloutResult& result) {
  std::string text = "time_s";
  for (const auto& channel : result.mean)
    for (const Side& side : sides)
      text += core::format(",{0} {1},{0} {2}", channel.name, side.rel_l2, side.vrmse);
  text += '\n';
  for (long long window = 0; window <= result.windows; ++window) {
    const auto n = static_cast<std::size_t>(window);
    text += core::format("{}", static_cast<double>(window) * result.data.info().window_s);
    for (const auto& channel : result.mean)
      for (const Side& side : sides)
        text += core::format(",{},{}", (channel.*side.errors).rel_l2.at(n),
                             (channel.*side.errors).vrmse.at(n));
    text += '\n';
  }
  core::write_file(job.out / "comparison.csv", text);
  text = "trajectory,channel,rel_l2_mean,rel_l2_final,vrmse_mean,vrmse_final,finite_windows\n";
  for (const auto& one : result.trajectories)
    for (const auto& channel : one.channels) {
      const Errors& e = channel.prediction;
      text += core::format("{},{},{},{},{},{},{}\n", one.sample, channel.name, mean_of(e.rel_l2),
                           e.rel_l2.back(), mean_of(e.vrmse), e.vrmse.back(), one.finite_windows);
    }
  core::write_file(job.out / "trajectories.csv", text);
}

namespace {

using namespace report;

Chart error_chart(const ChannelErrors& channel, double window_s,
                  std::vector<double> Errors::* measure, const std::string& section) {
  Chart chart{.title = name_and_unit(channel.name, channel.unit),
              .section = section,
              .x = {"time from the start [s]"},
              .y = {section == "vrmse" ? "VRMSE" : "relative L2 error", true}};
  for (const Side& side : sides) {
    ChartSeries series{side.words, side.role, {}, (channel.*side.errors).*measure};
    series.hue = side.hue;
    for (std::size_t n = 0; n < series.y.size(); ++n)
      series.x.push_back(static_cast<double>(n) * window_s);
    add_series(chart, series);
  }
  return chart;
}

std::vector<std::vector<std::string>> numbers_of(const RolloutResult& result) {
  std::vector<std::vector<std::string>> rows{{"Channel", "Unit", "VRMSE, one window", "VRMSE, mean",
                                              "VRMSE, final", "Persistence, mean",
                                              "Mean field, mean", "Relative L2, mean"}};
  for (const auto& channel : result.mean) {
    const Errors& e = channel.prediction;
    rows.push_back({channel.name, unit_text(channel.unit), number(e.vrmse.at(1)),
                    number(mean_of(e.vrmse)), number(e.vrmse.back()),
                    number(mean_of(channel.persistence.vrmse)),
                    number(mean_of(channel.mean_field.vrmse)), number(mean_of(e.rel_l2))});
  }
  return rows;
}

// Data, prediction and difference of the planes of one picture, the first two in the data's colours.
std::vector<FramedPicture> framed_pictures(const RolloutPicture& shot,
                                           const mesh::GridParams& grid) {
  std::vector<FramedPicture> row;
  const auto add = [&](const mesh::Slice& slice, const mesh::PictureStyle& style,
                       const char* words) {
    const auto range = mesh::colour_range(slice, style);
    row.push_back(framed_slice(
        grid, slice, style, core::format("{}, {}", shot.name, words),
        core::format("{} s after the start; colours from {} to {}", number(shot.time_s, 4),
                     number(range.lower), with_unit(number(range.upper), shot.unit))));
  };
  for (std::size_t n = 0; n < shot.data.size(); ++n) {
    const auto range = mesh::colour_range(shot.data[n], {});
    const mesh::PictureStyle of_data{.lower = range.lower, .upper = range.upper};
    mesh::Slice difference = shot.prediction[n];
    for (std::size_t v = 0; v < difference.values.size(); ++v)
      difference.values[v] -= shot.data[n].values[v];
    add(shot.data[n], of_data, "data");
    add(shot.prediction[n], of_data, "prediction");
    add(difference, {}, "prediction minus data");
  }
  return row;
}

std::string lead_of(const RolloutResult& result) {
  const double own = mean_vrmse(result.mean, &ChannelErrors::prediction),
               still = mean_vrmse(result.mean, &ChannelErrors::persistence),
               mean = mean_vrmse(result.mean, &ChannelErrors::mean_field);
  return core::format(
      "{}, rolled out over {} windows of {} s on {} trajector{} ({}), the data unseen after the start: VRMSE "
      "{} in the mean over channels and windows; persistence {}, mean field ({}) {}. A window of the model "
      "took {}. There is no simulation here to hold that against, and no speed-up is given.",
      result.card.network.kind, result.windows, number(result.data.info().window_s, 4),
      result.trajectories.size(), result.trajectories.size() == 1 ? "y" : "ies", result.split,
      number(own), number(still), result.mean_field, number(mean),
      duration(result.wall_of_window()));
}

std::vector<std::string> warnings_of(const RolloutResult& result) {
  auto warnings = result.warnings;
  if (result.failed() > 0)
    warnings.push_back(
        core::format("{} of {} predictions did not stay finite; errors are not known from there on",
                     result.failed(), result.trajectories.size()));
  if (std::ranges::any_of(result.mean, [](const auto& channel) { return channel.unit.empty(); }))
    warnings.emplace_back("the files give no units of some fields");
  return warnings;
}

}  // namespace

void write_report(const Job& job, const RolloutResult& result) {
  const double window_s = result.data.info().window_s;
  RunPage page;
  page.file = "report.html";
  page.title = result.data.info().name;
  page.lead = lead_of(result);
  page.warnings = warnings_of(result);
  page.numbers = numbers_of(result);
  for (const auto& channel : result.mean) {
    add_chart(page.charts, error_chart(channel, window_s, &Errors::vrmse, "vrmse"));
    add_chart(page.charts, error_chart(channel, window_s, &Errors::rel_l2, "rel_l2"));
  }
  page.charts_of = {{"vrmse", "VRMSE (1: as far off as the mean over the cells)"},
                    {"rel_l2", "Relative L2 error"}};
  std::string html;
  for (const auto& shot : result.pictures)
    html += framed_row(framed_pictures(shot, result.data.info().grid));
  if (!html.empty())
    page.sections.emplace_back("Pictures of " + result.trajectories.front().sample, html);
  write_run_page(job, page);
}

}  // namespace understudy::apps
