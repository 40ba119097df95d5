// The sections of the page, each a piece of HTML. A section whose data are absent is an empty string.
#pragma once

#include <string>
#include <vector>

#include "apps/report/report_charts.hpp"
#include "apps/simulation/report/report.hpp"

namespace understudy::apps::report {

/// A heading and its content; empty content makes no section.
std::string section(const std::string& title, const std::string& content);

/// Rows of cells (already HTML); the first row is the head. `classes` go on the table element.
std::string table(const std::vector<std::vector<std::string>>& rows, const std::string& classes);

// report_results.cpp: what came out
std::string masthead(const ReportData& data);
std::string verdict_block(const ReportData& data);
std::string speedup_section(const ReportData& data);
std::string accuracy_section(const ReportData& data, const std::vector<Chart>& charts);
std::string diagnostics_section(const ReportData& data, const std::vector<Chart>& charts);

// report_contenders.cpp
std::string contenders_section(const ReportData& data, const std::vector<Chart>& charts);

/// The classical run behind the equal-error speed-up, in words, where the data do not name it.
std::string equal_error_run(const ReportData& data);

// report_backends.cpp
std::string backends_section(const ReportData& data);

// report_pictures.cpp
std::string pictures_section(const ReportData& data);
std::string swap_section(const ReportData& data);

// report_modes.cpp
std::string modes_section(const ReportData& data);

// report_record.cpp: what it took and how it was measured
std::string cost_section(const ReportData& data, const std::vector<Chart>& charts);
std::string model_section(const ReportData& data);
std::string method_section(const ReportData& data);
std::string provenance_section(const ReportData& data);

}  // namespace understudy::apps::report
