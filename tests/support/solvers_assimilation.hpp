// What the tests of assimilation share: a small flow whose viscosity, inflow, body force and initial velocity are
// unknown, and samples at random points.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/format.hpp"
#include "solvers/assimilation/objective.hpp"
#include "support/solvers_flow_adjoint.hpp"

namespace flow_test {

namespace assimilation = solvers::assimilation;
using assimilation::Observations;
using assimilation::TimeIntervals;

/// Is the point well outside round bodies?
inline bool in_stream(const std::vector<mesh::BodyParams>& bodies, const mesh::Point& x) {
  for (const auto& body : bodies)
    if (std::hypot(x[0] - body.center_m[0], x[1] - body.center_m[1]) < 0.8 * body.diameter_m)
      return false;
  return true;
}

/// `count` samples of each field, spread over box and time; their values are random, too.
inline Observations random_samples(const mesh::BoxGrid& grid,
                                   const std::vector<std::string>& fields,
                                   const TimeIntervals& time, int count,
                                   const std::vector<mesh::BodyParams>& bodies = {}) {
  Observations observations{fields, {}};
  core::SplitMix random(17);
  for (std::size_t f = 0; f < fields.size(); ++f)
    for (int n = 0; n < count; ++n) {
      assimilation::Sample s{.field = static_cast<int>(f), .deviation = 0.1};
      do {
        for (int axis = 0; axis < grid.dimension(); ++axis)
          s.point_m[axis] =
              grid.lower(axis) + (grid.upper(axis) - grid.lower(axis)) * random.uniform();
      } while (!in_stream(bodies, s.point_m));
      s.time_s = time.end_s() * random.uniform();
      s.value = 2 * random.uniform() - 1;
      observations.samples.push_back(s);
    }
  return observations;
}

/// The flow's parameters with the numbers [viscosity, acceleration x, factor of the flow through x_lower].
inline FlowParams with_numbers(FlowParams params, std::span<const double> numbers) {
  params.reynolds = 0;
  params.viscosity_m2_s = numbers[0];
  params.acceleration_m_s2.resize(2, 0);
  params.acceleration_m_s2[0] = numbers[1];
  if (numbers.size() > 2)
    for (auto& formula : params.boundaries.side[mesh::x_lower].velocity_m_s)
      formula = core::format("({}) * ({})", numbers[2], formula);
  return params;
}

inline std::vector<assimilation::UnknownNumber> flow_numbers(bool inflow) {
  std::vector<assimilation::UnknownNumber> numbers{
      {.name = "viscosity", .unit = "m2/s", .control = "viscosity", .background = 0.02},
      {.name = "body force", .unit = "m/s2", .control = "acceleration", .background = 0.1}};
  if (inflow)
    numbers.push_back({.name = "inflow",
                       .unit = "1",
                       .control = "boundary_scale",
                       .index = mesh::x_lower,
                       .factor = true,
                       .background = 1.2,
                       .lower = 0.1});
  return numbers;
}

/// Everything unknown, with a background term on the body force and the initial velocity.
template <class Real>
assimilation::AssimilationProblem<Real> flow_problem(const AdjointCase& c,
                                                     const TimeIntervals& time, int samples) {
  const bool inflow = c.params.boundaries.side[mesh::x_lower].kind == "inflow";
  auto numbers = flow_numbers(inflow);
  numbers[1].deviation = 0.5;
  std::vector<double> start;
  for (const auto& n : numbers) start.push_back(n.background);
  Case<Real> flow(with_numbers(c.params, start), c.box);
  const auto grid = flow.grid;
  const bool plane = grid->dimension() == 2;
  auto fields =
      plane ? std::vector<std::string>{"u", "v"} : std::vector<std::string>{"u", "v", "w"};
  assimilation::UnknownFields initial{.names = fields, .deviation = 0.7};
  fields.push_back("p");
  return {.make_stepper =
              [params = c.params, grid](std::span<const double> values) {
                return std::make_shared<solvers::FlowSolver<Real>>(with_numbers(params, values),
                                                                   grid, ".");
              },
          .numbers = numbers,
          .initial = initial,
          .background = flow.state,
          .course = {time, random_samples(*grid, fields, time, samples, c.params.bodies)}};
}

}  // namespace flow_test
