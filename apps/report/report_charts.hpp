// Charts of a report as data: which curves, on which axes, in which section. charts_json() hands them to
// the script in the page (report_script.cpp), which draws each on the canvas of its id.
#pragma once

#include <string>
#include <vector>

namespace understudy::apps::report {

struct ChartAxis {
  std::string title = {};  ///< with unit
  bool log = false;
  bool from_zero = false;  ///< the axis holds 0
};

struct ChartSeries {
  std::string label = {};
  std::string role = {};  ///< sets the look, see report_script.cpp
  std::vector<double> x = {}, y = {};
  bool line = true, points = false;
  std::vector<std::string> point_labels = {};  ///< written beside the points
  int hue = 0;  ///< several curves of one role on a chart: 0, 1, 2...
};

struct Chart {
  std::string id = {}, title = {}, section = {};
  std::string caption = {};  ///< one sentence below the chart; may be empty
  ChartAxis x = {}, y = {};
  std::vector<ChartSeries> series = {};
};

/// Can a value be drawn: finite, and positive on a logarithmic axis?
bool drawable(double value, bool log);
/// Adds a curve with two drawable points (one where points are drawn); another one is left out.
void add_series(Chart& chart, ChartSeries series);
/// Adds a chart that has curves, and gives it its id.
void add_chart(std::vector<Chart>& charts, Chart chart);

/// JSON that is safe inside a script element ('<' escaped). Values that cannot be drawn (not finite, or
/// not positive on a log axis) become gaps. Long curves are thinned to the extremes of short spans.
std::string charts_json(const std::vector<Chart>& charts);

/// The figures of one section as HTML; empty where the section has none.
std::string chart_figures(const std::vector<Chart>& charts, const std::string& section);

}  // namespace understudy::apps::report
