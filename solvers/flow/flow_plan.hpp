// What a FlowSolver will have and take, and what it would refuse, looked at without making one: for a look at
// a deck whose fields would not fit beside what runs on the machine.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "solvers/flow/flow_params.hpp"

namespace understudy::solvers {

struct FlowPlan {
  std::vector<std::string> quantities;  ///< fields and derived quantities that can be shown
  std::vector<std::string> processes;   ///< point processes that can be replaced
};

/// Bytes of fields, solver and pressure solver on this rank, for numbers of `real_bytes`. An estimate from the
/// arrays that there are; what grows with surfaces alone is left out.
double flow_bytes(const FlowParams& params, const mesh::BoxGrid& grid, std::size_t real_bytes);

/// What a SpectralFlow takes on top, for a while, to take its modes from a state on the grid `finer` in numbers of
/// `real_bytes`: a transform of one field there, and its modes.
double spectral_start_bytes(const mesh::BoxGrid& finer, std::size_t real_bytes);

/// Every UserError of making a FlowSolver and its initial state, but for formulas at points that are not
/// sampled (formula_checks.hpp) and options of PETSc. Allocates surfaces only. Collective.
FlowPlan plan_flow(const FlowParams& params, std::shared_ptr<const mesh::BoxGrid> grid,
                   const std::string& deck_directory, double end_s);

/// The formulas alone, up to end_s. UserError on all ranks. Collective.
void check_flow_formulas(const FlowParams& params, const mesh::BoxGrid& grid, double end_s);

}  // namespace understudy::solvers
