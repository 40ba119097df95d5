// The shell of every report: one self-contained page with style, charts and their script inside.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apps/report/report_charts.hpp"

namespace understudy::apps::report {

/// Writes the page atomically. `body`: HTML whose figures (chart_figures) name the charts. UserError when
/// Chart.js cannot be found or the disk refuses.
void write_page(const std::filesystem::path& path, const std::string& title,
                const std::string& body, const std::vector<Chart>& charts);

}  // namespace understudy::apps::report
