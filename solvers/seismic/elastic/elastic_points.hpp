// Source and receivers of one shot on the elastic solver's staggered grid. Private to the elastic solver.
#pragma once

#include <array>
#include <vector>

#include "core/comm.hpp"
#include "solvers/seismic/elastic/elastic_sweeps.hpp"
#include "solvers/seismic/survey/point_stencil.hpp"
#include "solvers/seismic/wave_stepper.hpp"

namespace understudy::solvers::seismic {

template <class Real>
class ElasticPoints {
 public:
  ElasticPoints(const Shot& shot, const WaveGrid& grid, const ElasticMedium<Real>& medium,
                const ElasticSweeps<Real>& sweeps);

  /// v += dt / rho * f at the middle of the step that ends at step `step`.
  void add_force(const ElasticArrays<Real>& arrays, long long step, double dt_s) const;
  /// s -= M(step + 1/2) - M(step - 1/2).
  void add_moment(const ElasticArrays<Real>& arrays, long long step) const;
  bool records(long long step) const;
  void record_velocity(const ElasticArrays<Real>& arrays, long long step) const;
  /// Adds half the pressure that the stresses stand for: called before and after they pass the time.
  void record_pressure(const ElasticArrays<Real>& arrays, long long step) const;
  std::vector<Traces> traces(const core::Comm& comm) const;

 private:
  struct Emission {
    PointStencils points;
    double strength = 0;
    int component = 0;
  };
  /// target[cell] += amount * weight(cell) / (cell volume * row's weight)
  void spread(const Emission& emission, Real* target, double amount,
              const mesh::Array3<Real>* buoyancy) const;
  void sample(const PointStencils& points, const Real* from, double factor, int quantity,
              long long step) const;
  double wavelet(long long n) const;

  int dimension_, record_every_, samples_;
  int surface_row_ = -1;  ///< vertical index of the free surface's faces, where this rank has it
  std::array<int, 3> extent_{1, 1, 1};
  double volume_ = 1;
  std::vector<double> wavelet_;
  std::vector<Emission> forces_, moments_;
  std::array<mesh::Array3<Real>, 3> buoyancy_;
  std::array<PointStencils, 3> at_velocity_;
  PointStencils at_cells_;
  Kokkos::View<const double*, mesh::Memory> cell_weight_, face_weight_;
  Kokkos::View<double***, Kokkos::LayoutRight, mesh::Memory>
      traces_;  ///< [quantity, sample, receiver]
};

}  // namespace understudy::solvers::seismic
