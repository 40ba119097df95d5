// The quasi-biennial oscillation in one dimension, in the manner of Holton and Lindzen (1972) and Plumb (1977):
// the zonal wind u(z, t) of the equatorial stratosphere between two heights where it is 0,
//
//     du/dt + w du/dz = K d2u/dz2 + drag(u),
//
// w a constant upwelling, K a diffusivity, the drag that of gravity waves (solvers/weather/processes/gravity_waves.hpp) from a
// source at the foot, in an isothermal atmosphere. Grid: axis 1 is height; axis 0 counts columns that know
// nothing of each other (its metres mean nothing), whose source fluxes may rise evenly from that of the first.
// Every rank holds whole columns.
//
// Central differences of second order; in time Heun's method for the drag, around an implicit midpoint
// (Crank-Nicolson) step of the rest: second order, stable for any step that resolves the drag. Field u at cells
// (m/s). The drag is the process `gravity_wave_drag`, a column a point.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/field.hpp"
#include "mesh/halo.hpp"
#include "solvers/stepper.hpp"
#include "solvers/weather/processes/gravity_waves.hpp"

namespace understudy::solvers {

struct QboParams {
  GravityWaveParams waves;
  double flux_spread = 0;  ///< columns' fluxes: from the deck's, in the first, to 1 + it times that
  double upwelling_m_s = 3e-4, diffusivity_m2_s = 0.3;
  double buoyancy_1_s = 2.16e-2, temperature_K = 204;
  double initial_wind_m_s = 14;  ///< of the parabola from foot to top
  double max_dt_s = 86400;
  std::vector<double> heights_m{20e3, 25e3};  ///< whose wind is a diagnostic
  void describe(core::ParamVisitor& v);
};

/// A height's diagnostic: "qbo.wind_25km".
std::string wind_name(double height_m);

template <class Real>
class QboSolver : public Stepper<Real> {
 public:
  /// UserError: a grid that is not two-dimensional, ranks that share a column, heights outside of it.
  QboSolver(const QboParams& params, std::shared_ptr<const mesh::BoxGrid> grid);
  QboSolver(const QboSolver&) = delete;
  QboSolver& operator=(const QboSolver&) = delete;

  std::string name() const override { return "qbo"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return grid_; }
  std::vector<mesh::FieldInfo> fields() const override;
  double stable_dt(const mesh::State<Real>& state) override;
  /// Moves the state's time, too.
  AdvanceReport advance(mesh::State<Real>& state, double duration_s) override;
  /// Winds of the first column at the deck's heights, kinetic energy of all.
  std::vector<Diagnostic> diagnostics(const mesh::State<Real>& state) override;
  void constrain(mesh::State<Real>& state) override;
  std::vector<PointProcess<Real>> point_processes() override;

  void initialise(mesh::State<Real>& state) const;

 private:
  using Array = mesh::Array3<Real>;
  using Row = Kokkos::View<Real*, mesh::Memory>;
  void make_profiles();
  void step(const Array& u, double dt_s);
  void factorise(double dt_s);

  QboParams params_;
  std::shared_ptr<const mesh::BoxGrid> grid_;
  mesh::Halo<Real> halo_;
  PointCall<Real> physics_, in_use_;
  mesh::Points<Real> in_, drag_, drag_before_;  ///< [column, 1 + 3 n], [column, n]
  Array rhs_, guess_;                           ///< [k, j, i]
  Row lower_, pivot_, upper_;                   ///< the implicit step's elimination, [n]
  double factorised_dt_s_ = 0;
};

extern template class QboSolver<float>;
extern template class QboSolver<double>;

}  // namespace understudy::solvers
