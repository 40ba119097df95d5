#include "solvers/flow/flow_plan.hpp"

#include <cmath>

#include "solvers/flow/body_points.hpp"
#include "solvers/flow/boundaries.hpp"
#include "solvers/flow/derived.hpp"
#include "solvers/flow/flow_impl.hpp"
#include "solvers/flow/formula_checks.hpp"
#include "solvers/flow/spectral_impl.hpp"

namespace understudy::solvers {

namespace {

// Fields, products with their transforms, and the carried modes (two thirds along each axis, of half of them
// complex numbers) of velocity, stage, sum and force.
double spectral_bytes(const FlowParams& params, const mesh::BoxGrid& grid, std::size_t real_bytes) {
  const int dimension = grid.dimension(), products = dimension == 2 ? 3 : 6;
  const bool forced = !params.force_m_s2.empty() || !params.acceleration_m_s2.empty();
  const double carried = std::pow(2.0 / 3, dimension) * (forced ? 4 : 3) * dimension;
  double points = 1;
  for (int axis = 0; axis < 3; ++axis) points *= grid.extent(axis);
  const int fields = dimension + 1 + (params.force_m_s2.empty() ? 0 : dimension);
  return points * (fields + 2 * products + carried) * static_cast<double>(real_bytes);
}

}  // namespace

double flow_bytes(const FlowParams& params, const mesh::BoxGrid& grid, std::size_t real_bytes) {
  if (params.discretisation == "spectral") return spectral_bytes(params, grid, real_bytes);
  const int dimension = grid.dimension();
  const bool bodies = !params.bodies.empty(), scalar = params.scalar.enabled;
  // Velocity, its rates and u*; pressure, its two increments and the right-hand side.
  int arrays = 3 * dimension + 4;
  arrays += scalar ? 3 : 0;  // value, rate, the next one
  arrays += bodies ? 2 : 0;  // mask and fraction
  arrays += params.les.model != "none" ? 1 : 0;
  arrays += params.force_m_s2.empty() ? 0 : dimension;
  // Transforms and their columns; or residual and corrections of all levels, 1 + 1/4 + ... (1/8 in 3-D).
  arrays += 2;
  double points = 1;
  for (int axis = 0; axis < 3; ++axis) points *= grid.extent(axis);
  return points * arrays * static_cast<double>(real_bytes);
}

double spectral_start_bytes(const mesh::BoxGrid& finer, std::size_t real_bytes) {
  double points = 1;
  for (int axis = 0; axis < finer.dimension(); ++axis)
    points *= static_cast<double>(finer.global_cells(axis));
  return points * (2 + std::pow(2.0 / 3, finer.dimension())) * static_cast<double>(real_bytes);
}

void check_flow_formulas(const FlowParams& params, const mesh::BoxGrid& grid, double end_s) {
  flow::check_formulas(params, grid, end_s);
}

FlowPlan plan_flow(const FlowParams& params, std::shared_ptr<const mesh::BoxGrid> grid,
                   const std::string& deck_directory, double end_s) {
  check_flow_params(params, *grid);
  if (params.discretisation == "spectral") check_spectral_flow(params, *grid);
  flow::check_formulas(params, *grid, end_s);
  const flow::Bodies bodies(params.bodies, grid, deck_directory);
  const flow::Boundaries<double> boundaries(params, grid, deck_directory, bodies);
  FlowPlan plan;
  const int dimension = grid->dimension();
  for (int axis = 0; axis < dimension; ++axis) plan.quantities.emplace_back(1, "uvw"[axis]);
  plan.quantities.emplace_back("p");
  if (params.scalar.enabled) plan.quantities.emplace_back("scalar");
  if (!bodies.empty()) plan.quantities.emplace_back("mask");
  for (const auto& name : flow::derived_quantities(dimension)) plan.quantities.push_back(name);
  if (params.scalar.enabled && params.scalar.reaction.enabled())
    plan.processes.emplace_back(reaction_process);
  return plan;
}

}  // namespace understudy::solvers
