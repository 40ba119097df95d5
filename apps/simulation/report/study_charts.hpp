// The charts of a comparison's report.
#pragma once

#include <vector>

#include "apps/report/report_charts.hpp"
#include "apps/simulation/report/report.hpp"

namespace understudy::apps::report {

/// The classical runs and the full simulation, the cheapest first: their numbers in chart and table.
std::vector<surrogates::ClassicalPoint> by_cost(const surrogates::ComparisonResult& result);

/// All charts that the data give; a curve without two drawable points is left out, and a chart without
/// curves too.
std::vector<Chart> make_charts(const ReportData& data);

}  // namespace understudy::apps::report
