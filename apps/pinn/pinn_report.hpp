// The report of a physics-informed network: report.html, one self-contained page.
#pragma once

#include <string>

#include "apps/pinn/pinn_comparison.hpp"
#include "apps/pinn/pinn_fields.hpp"
#include "apps/pinn/pinn_result.hpp"
#include "apps/report/report_charts.hpp"

namespace understudy::apps {

/// The error against what is to be reached, said or missed, in a sentence. Plain text.
std::string pinn_verdict(const PinnResult& result);

/// `comparison`: null but for compare. Rank 0 only. UserError when Chart.js cannot be found or the disk
/// refuses.
void write_pinn_report(const PinnJob& job, const PinnResult& result, const PinnFields& fields,
                       const PinnComparison* comparison);

/// pinn_charts.cpp: losses, errors, weights, parameters over the steps; solutions of one input; cost.
std::vector<report::Chart> pinn_charts(const PinnResult& result, const PinnFields& fields,
                                       const PinnComparison* comparison);
/// pinn_figures.cpp: solution, reference, error and residuals as pictures in HTML.
std::string pinn_pictures(const PinnFields& fields);

}  // namespace understudy::apps
