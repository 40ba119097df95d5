// The fixed pieces of the page: style sheet, the script that draws the charts, and Chart.js, which is
// the distribution's package and is read when a report is written.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace understudy::apps::report {

extern const char* const style_sheet;
extern const char* const chart_script;

/// Where Chart.js may lie: the environment's UNDERSTUDY_CHART_JS alone if it is set, else the file that
/// the build found and then the usual places of a distribution.
std::vector<std::filesystem::path> chart_js_places();

/// The first of `places` that is a file, read and made safe to stand inside a script element.
/// UserError naming the places and the remedy when there is none.
std::string read_chart_js(const std::vector<std::filesystem::path>& places);

}  // namespace understudy::apps::report
