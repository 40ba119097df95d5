// One half step each of the elastic equations over this rank's block: the interior by the kernels of
// elastic_kernels.hpp, the rows near a free surface by its closure, then the layers. The outermost faces
// of the padded grid and what lies beyond them stay 0. Private to the elastic solver.
#pragma once

#include <memory>

#include "mesh/field.hpp"
#include "solvers/seismic/elastic/elastic_kernels.hpp"
#include "solvers/seismic/numerics/cpml.hpp"

namespace understudy::solvers::seismic {

/// Names of a state's fields: "velocity_x", "stress_xy", and the layers' memory.
std::string velocity_name(int a);
std::string stress_name(int dimension, int component);
std::string memory_name(bool of_velocity, int axis, int component);

template <class Real>
class ElasticSweeps {
 public:
  virtual ~ElasticSweeps() = default;
  /// `layers` false: without the absorbing layers (their memory is not looked at).
  virtual void velocity(const ElasticArrays<Real>& arrays, double dt_s, bool layers) const = 0;
  virtual void stress(const ElasticArrays<Real>& arrays, double dt_s, bool layers) const = 0;
  /// Weight of vertical rows in sums over cells and in point sources, [local vertical index]: of the
  /// rows of cells, and of those of the vertical axis' faces. 1 away from a free surface.
  virtual Kokkos::View<const double*, mesh::Memory> cell_weight() const = 0;
  virtual Kokkos::View<const double*, mesh::Memory> face_weight() const = 0;
};

/// UserError for an order that is not 4 or 8, and where a rank's block is too thin for the surface's
/// closure.
template <class Real>
std::unique_ptr<ElasticSweeps<Real>> make_elastic_sweeps(const WaveGrid& grid, int order,
                                                         const CpmlSetup& layer,
                                                         const ElasticMedium<Real>& medium);

}  // namespace understudy::solvers::seismic
