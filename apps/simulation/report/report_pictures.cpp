// The report's pictures of truth, replacement and difference, and who advanced in which window.
#include <algorithm>
#include <cmath>
#include <map>

#include "apps/report/report_colours.hpp"
#include "apps/report/report_format.hpp"
#include "apps/simulation/report/report_sections.hpp"
#include "core/format.hpp"

namespace understudy::apps::report {

namespace {

std::string colour_bar(const ReportPicture& picture, const std::string& unit) {
  const double middle = 0.5 * (picture.lower + picture.upper);
  return core::format(
      "<div class=\"bar\" style=\"background:{}\"></div><div class=\"scale\"><span>{}</span>"
      "<span>{}</span><span>{}</span></div>",
      gradient(picture.colour_map), number(picture.lower),
      std::abs(middle) < 1e-12 * std::abs(picture.upper) ? "0" : number(middle),
      escape(with_unit(number(picture.upper), unit)));
}

std::string picture_cell(const ReportPicture& picture, const std::string& name,
                         const ReportPictureRow& row) {
  if (picture.png.empty()) return "<figure class=\"picture empty\"><p>not reached</p></figure>\n";
  return core::format(
      "<figure class=\"picture\"><img alt=\"{} of {}{} at {} s\" src=\"data:image/png;base64,{}\">{}"
      "</figure>\n",
      name, escape(row.field), row.plane.empty() ? "" : ", " + row.plane + ",",
      number(row.time_s, 4), base64(picture.png), colour_bar(picture, row.unit));
}

using Windows = std::vector<surrogates::WindowRecord>;

/// Windows of one kind in a row, drawn as one rectangle.
struct Run {
  std::string who;
  double start_s, end_s;
};

std::vector<Run> runs_of(const Windows& windows, double window_s) {
  std::vector<Run> runs;
  for (const surrogates::WindowRecord& window : windows) {
    if (runs.empty() || runs.back().who != window.who) {
      runs.push_back({window.who, window.time_s - window_s, window.time_s});
    } else {
      runs.back().end_s = window.time_s;
    }
  }
  return runs;
}

/// Position on the strip, 0..1000.
struct StripScale {
  double from_s, span_s;
  double operator()(double time_s) const { return 1000 * (time_s - from_s) / span_s; }
};

/// Without a gate every window has trust 1, or none: not worth a line.
bool is_gated(const surrogates::WindowRecord& window) {
  return std::isfinite(window.trust) && window.trust != 1;
}

std::string trust_line(const Windows& windows, double window_s, const StripScale& at) {
  std::string points;
  for (const surrogates::WindowRecord& window : windows) {
    if (!std::isfinite(window.trust)) continue;
    const double height = 40 * (1 - std::min(1.0, std::max(0.0, window.trust)));
    points += core::format("{:.2f},{:.2f} {:.2f},{:.2f} ", at(window.time_s - window_s), height,
                           at(window.time_s), height);
  }
  if (points.empty() || std::ranges::none_of(windows, is_gated)) return "";
  return "<polyline class=\"trust\" points=\"" + points + "\"/>";
}

std::string strip(const Windows& windows, double window_s) {
  const double start_s = windows.front().time_s - window_s, end_s = windows.back().time_s;
  const StripScale at{start_s, end_s - start_s};
  if (!(at.span_s > 0)) return "";
  std::string svg =
      "<svg class=\"strip\" viewBox=\"0 0 1000 40\" preserveAspectRatio=\"none\" role=\"img\" "
      "aria-label=\"who advanced each window\">";
  for (const Run& run : runs_of(windows, window_s)) {
    svg += core::format(
        "<rect class=\"{}\" x=\"{:.2f}\" width=\"{:.2f}\" y=\"0\" height=\"40\"><title>{}: {} to {} "
        "s</title></rect>",
        run.who == "surrogate" ? "by-surrogate" : "by-simulation", at(run.start_s),
        at(run.end_s) - at(run.start_s), escape(run.who), number(run.start_s, 4),
        number(run.end_s, 4));
  }
  svg += trust_line(windows, window_s, at) + "</svg>\n";
  return svg + core::format("<div class=\"scale\"><span>{} s</span><span>{} s</span></div>\n",
                            number(start_s, 4), number(end_s, 4));
}

/// What stands together under one heading: a quantity on a plane.
using Pictured = std::pair<std::string, std::string>;
Pictured pictured(const ReportPictureRow& row) { return {row.field, row.plane}; }

std::string pictures_of(const ReportData& data, const Pictured& what) {
  std::string html;
  for (const ReportPictureRow& row : data.pictures) {
    if (pictured(row) != what) continue;
    if (html.empty()) {
      html = "<h3>" + escape(name_and_unit(row.field, row.unit)) +
             (row.plane.empty() ? "" : ", " + row.plane) +
             "</h3>\n<div class=\"pictures\"><span></span><b>Simulation</b><b>Replacement</b>"
             "<b>Replacement − simulation</b>\n";
    }
    html += core::format("<p class=\"time\">{}&nbsp;s</p>\n", number(row.time_s, 4)) +
            picture_cell(row.truth, "simulation", row) +
            picture_cell(row.replacement, "replacement", row) +
            picture_cell(row.difference, "difference", row);
  }
  return html + "</div>\n";
}

}  // namespace

std::string pictures_section(const ReportData& data) {
  std::vector<Pictured> all;  // in order of appearance
  for (const ReportPictureRow& row : data.pictures) {
    if (std::ranges::find(all, pictured(row)) == all.end()) all.push_back(pictured(row));
  }
  std::string html;
  for (const Pictured& what : all) html += pictures_of(data, what);
  return section("Side by side", html);
}

std::string swap_section(const ReportData& data) {
  const Windows& windows = data.result.windows;
  if (windows.empty()) return "";
  std::map<std::pair<std::string, std::string>, int> reasons;
  std::size_t accepted = 0;
  for (const surrogates::WindowRecord& window : windows) {
    ++reasons[{window.who, window.why}];
    accepted += window.who == "surrogate";
  }
  std::vector<std::vector<std::string>> rows{{"Who advanced", "Why", "Windows"}};
  for (const auto& [key, count] : reasons) {
    rows.push_back({escape(key.first), escape(key.second), std::to_string(count)});
  }
  const double fraction = static_cast<double>(accepted) / static_cast<double>(windows.size());
  const bool trusted = std::ranges::any_of(windows, is_gated);
  const std::string legend = core::format(
      "<p class=\"note\"><span class=\"key by-surrogate\"></span> surrogate {} of {} windows ({}) "
      "<span class=\"key by-simulation\"></span> simulation; swap policy “{}”{}</p>\n",
      accepted, windows.size(), percent(fraction), escape(data.swap_policy),
      trusted ? "; line: trust, 0 at the bottom to 1 at the top" : "");
  return section("Who advanced each window",
                 strip(windows, data.window_s) + legend + table(rows, "numbers narrow"));
}

}  // namespace understudy::apps::report
