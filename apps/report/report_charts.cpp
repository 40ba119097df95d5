#include "apps/report/report_charts.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/report/report_format.hpp"
#include "core/format.hpp"

namespace understudy::apps::report {

namespace {

constexpr std::size_t most_points = 1600;  // a curve is drawn some 500 pixels wide

/// Indices to draw: all, or first, lowest, highest and last of equal spans, so that peaks stay.
std::vector<std::size_t> thinned(const std::vector<double>& y, std::size_t size) {
  std::vector<std::size_t> kept;
  const std::size_t spans = most_points / 4;
  if (size <= most_points) {
    for (std::size_t n = 0; n < size; ++n) kept.push_back(n);
    return kept;
  }
  for (std::size_t span = 0; span < spans; ++span) {
    const std::size_t from = span * size / spans, to = (span + 1) * size / spans;
    const auto [low, high] = std::minmax_element(y.begin() + from, y.begin() + to);
    std::vector<std::size_t> of_span{from, static_cast<std::size_t>(low - y.begin()),
                                     static_cast<std::size_t>(high - y.begin()), to - 1};
    std::ranges::sort(of_span);
    of_span.erase(std::ranges::unique(of_span).begin(), of_span.end());
    kept.insert(kept.end(), of_span.begin(), of_span.end());
  }
  return kept;
}

nlohmann::json series_json(const Chart& chart, const ChartSeries& series) {
  nlohmann::json data = nlohmann::json::array();
  for (const std::size_t n : thinned(series.y, std::min(series.x.size(), series.y.size()))) {
    const double x = series.x[n], y = series.y[n];
    if (!drawable(x, chart.x.log)) continue;
    nlohmann::json point{{"x", x}, {"y", nullptr}};
    if (drawable(y, chart.y.log)) point["y"] = y;
    data.push_back(std::move(point));
  }
  return {{"label", series.label}, {"role", series.role},     {"hue", series.hue},
          {"line", series.line},   {"points", series.points}, {"labels", series.point_labels},
          {"data", data}};
}

}  // namespace

bool drawable(double value, bool log) { return std::isfinite(value) && (!log || value > 0); }

void add_series(Chart& chart, ChartSeries series) {
  const std::size_t size = std::min(series.x.size(), series.y.size());
  std::size_t count = 0;
  for (std::size_t n = 0; n < size; ++n) {
    count += drawable(series.x[n], chart.x.log) && drawable(series.y[n], chart.y.log);
  }
  if (count >= (series.points ? 1u : 2u)) chart.series.push_back(std::move(series));
}

void add_chart(std::vector<Chart>& charts, Chart chart) {
  if (chart.series.empty()) return;
  chart.id = core::format("chart-{}", charts.size());
  charts.push_back(std::move(chart));
}

std::string charts_json(const std::vector<Chart>& charts) {
  nlohmann::json list = nlohmann::json::array();
  for (const Chart& chart : charts) {
    nlohmann::json series = nlohmann::json::array();
    for (const ChartSeries& one : chart.series) series.push_back(series_json(chart, one));
    list.push_back(
        {{"id", chart.id},
         {"x", {{"title", chart.x.title}, {"log", chart.x.log}}},
         {"y", {{"title", chart.y.title}, {"log", chart.y.log}, {"from_zero", chart.y.from_zero}}},
         {"series", series}});
  }
  const std::string text = list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string chart_figures(const std::vector<Chart>& charts, const std::string& section) {
  std::string html;
  for (const Chart& chart : charts) {
    if (chart.section != section) continue;
    html += core::format(
        "<figure class=\"chart\"><h3>{0}</h3><div class=\"canvas\"><canvas id=\"{1}\" role=\"img\" "
        "aria-label=\"{0}\"></canvas></div>",
        escape(chart.title), chart.id);
    if (!chart.caption.empty()) html += "<figcaption>" + escape(chart.caption) + "</figcaption>";
    html += "</figure>\n";
  }
  if (html.empty()) return "";
  return "<div class=\"charts\">\n" + html + "</div>\n";
}

}  // namespace understudy::apps::report
