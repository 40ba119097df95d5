// The deck's formulas, evaluated where they will be used: one that is not a finite number there is a mistake
// in the deck and no instability. Host only.
#pragma once

#include <array>
#include <string>

#include "core/expression.hpp"
#include "mesh/box_grid.hpp"
#include "solvers/flow/flow_params.hpp"

namespace understudy::solvers::flow {

/// Where a formula stands in the deck.
struct FormulaPlace {
  std::string key;     ///< "flow.initial.velocity_m_s"
  int component = -1;  ///< of a vector; -1: it is no vector's
};

/// "flow.initial.velocity_m_s: component 0, 'sqrt(0.2 - y)', is nan at (0.5, 0.3) m, t = 0 s; ...". Empty
/// where the value is finite.
std::string formula_fault(const FormulaPlace& place, const core::Expression& formula, double value,
                          const std::array<double, 3>& x_m, double t_s);

/// Throws on all ranks where one has a fault: UserError at the start, RunError later, when what was computed
/// counts. Collective.
void throw_fault(const core::Comm& comm, const std::string& fault, double t_s);

/// Every formula at a coarse sample of the points where it is used (the whole first and last layers of an
/// axis among them) and, where it depends on time, at a sample of [0, end_s]. UserError on all ranks.
/// Collective.
void check_formulas(const FlowParams& params, const mesh::BoxGrid& grid, double end_s);

}  // namespace understudy::solvers::flow
