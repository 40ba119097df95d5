// What the elastic solver owns. Private to the elastic solver.
#pragma once

#include <optional>

#include "solvers/seismic/elastic/elastic_points.hpp"
#include "solvers/seismic/elastic/elastic_solver.hpp"

namespace understudy::solvers::seismic {

template <class Real>
struct ElasticSolver<Real>::Impl {
  Impl(const ElasticSetup& s, const EarthModel& model, const WaveGrid& g);
  ElasticArrays<Real> arrays(const mesh::State<Real>& state) const;
  void exchange(mesh::State<Real>& state, bool velocities, bool stresses);
  /// The same on every rank: fields do not depend on it.
  bool has_layer(int axis) const { return grid.layer[2 * axis] || grid.layer[2 * axis + 1]; }

  ElasticSetup setup;
  WaveGrid grid;
  int dimension;
  ElasticMedium<Real> medium;
  std::unique_ptr<ElasticSweeps<Real>> sweeps;
  std::optional<mesh::Halo<Real>> halo;
  std::optional<ElasticPoints<Real>> points;
};

}  // namespace understudy::solvers::seismic
