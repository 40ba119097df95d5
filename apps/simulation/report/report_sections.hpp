// The sections of the page, each a piece of HTML. A section whose data are absent is an empty string.
#pragma once

#include <string>
#include <vector>

#include "apps/report/html.hpp"
#include "apps/simulation/report/report.hpp"
#include "apps/simulation/report/study_charts.hpp"

namespace understudy::apps::report {

// report_results.cpp: what came out
std::string masthead(const ReportData& data);
std::string verdict_block(const ReportData& data);
std::string speedup_section(const ReportData& data);
std::string diagnostics_section(const ReportData& data, const std::vector<Chart>& charts);

// report_accuracy.cpp
std::string accuracy_section(const ReportData& data, const std::vector<Chart>& charts);

// report_contenders.cpp
std::string contenders_section(const ReportData& data, const std::vector<Chart>& charts);

/// The classical run behind the equal-error speed-up, in words.
std::string equal_error_run(const surrogates::Speedups& speedups);

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
