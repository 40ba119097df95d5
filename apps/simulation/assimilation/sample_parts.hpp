// What the readers of samples share (assimilation_samples.hpp, dataset_samples.hpp).
#pragma once

#include <cstdint>
#include <vector>

#include "apps/simulation/assimilation/assimilation_samples.hpp"
#include "solvers/flow/samplers.hpp"

namespace understudy::apps {

constexpr std::uint64_t draw_stream = 0x64726177;  // beside the deck's seed

/// No sample yet, of these fields.
inline solvers::assimilation::Observations none_of(const std::vector<mesh::FieldInfo>& fields) {
  solvers::assimilation::Observations observations;
  for (const auto& field : fields) observations.fields.push_back(field.name);
  return observations;
}

/// Standard deviation of a fitted field's samples.
inline double deviation_of(const SimulationJob& job, std::size_t field) {
  const auto& given = job.deck.assimilation.deviation;
  return given.size() == 1 ? given[0] : given.at(field);
}

/// Is a point wholly in the fluid, its neighbours included? Collective.
template <class Real>
std::vector<bool> in_fluid(const SampleWish& wish, const mesh::State<Real>& state,
                           const std::vector<mesh::Point>& points) {
  constexpr double whole = 0.999;
  std::vector<bool> fluid(points.size(), true);
  if (points.empty() || !state.has("mask")) return fluid;
  const auto values = solvers::PointSampler(wish.grid, points).sample(state["mask"]);
  for (std::size_t n = 0; n < points.size(); ++n) fluid[n] = values[n] >= whole;
  return fluid;
}

}  // namespace understudy::apps
