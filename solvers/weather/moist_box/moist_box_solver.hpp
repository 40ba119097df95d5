// Compressible, non-hydrostatic, moist air in a box: slices x-z (the grid's axis y is the vertical) and 3-D
// (axis z is). Dry density, theta and velocities on a staggered grid, carried in flux form as departures from
// an atmosphere at rest; Runge-Kutta of three stages (Wicker & Skamarock 2002), with acoustic steps that are
// explicit in the horizontal and implicit in the vertical (Klemp, Skamarock & Dudhia 2007). Upwind advection of
// fifth or third order, positive water, constant or Smagorinsky viscosity, f-plane, Rayleigh layers. Levels may be
// uneven and follow terrain (level_map.hpp); flat ground with even levels has kernels of its own.
// docs/numerics_weather_moist_box.md has the equations and what was measured.
//
// State: u, v (3-D), w at faces (m/s); theta (K, of dry air) and density (kg/m3, of dry air) at cells, as
// departures from the base; qv, qc, qr, or qv and drops with a component a bin (kg per kg of dry air), where
// moisture asks for them.
//
// Limits: the lid lets slip, and so does the ground but for bulk fluxes of constant coefficients
// (surface_kernels.hpp); sides are periodic or walls that let slip, with or without a layer that damps; over slopes
// viscosity mixes along the levels; the vertical is not split over ranks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "solvers/step_watch.hpp"
#include "solvers/stepper.hpp"
#include "solvers/weather/moist_box/moist_box_params.hpp"

namespace understudy::solvers {

/// Layers of ghosts that the solver's grid has.
inline constexpr int moist_box_ghosts = 3;

/// Whether levels are uneven or follow terrain: heights are then a field of their own (`height`), and the grid's
/// vertical counts levels.
bool follows_terrain(const MoistBoxParams& params);

/// The vertical is walled and whole on every rank. Collective. UserError where ranks do not fit.
std::shared_ptr<const mesh::BoxGrid> make_moist_box_grid(const MoistBoxParams& params,
                                                         const mesh::GridParams& grid,
                                                         const core::Comm& comm);

template <class Real>
class MoistBoxSolver : public Stepper<Real>, public StepWatch<Real> {
 public:
  /// `deck_directory`: where relative paths start. Collective. UserError when the parameters do not fit the
  /// grid.
  MoistBoxSolver(const MoistBoxParams& params, std::shared_ptr<const mesh::BoxGrid> grid,
                 const std::string& deck_directory);
  ~MoistBoxSolver() override;

  std::string name() const override { return "moist_box"; }
  std::shared_ptr<const mesh::Grid> grid() const override;
  std::vector<mesh::FieldInfo> fields() const override;
  double stable_dt(const mesh::State<Real>& state) override;
  AdvanceReport advance(mesh::State<Real>& state, double duration_s) override;
  std::vector<Diagnostic> diagnostics(const mesh::State<Real>& state) override;
  void constrain(mesh::State<Real>& state) override;
  std::vector<std::string> derived_names() const override;
  mesh::CellField<Real> derive(const mesh::State<Real>& state, const std::string& name) override;
  /// Kessler's `microphysics`, or those of the bins (solvers/weather/processes/bin_scheme.hpp), where the deck
  /// has them.
  std::vector<PointProcess<Real>> point_processes() override;

  /// The deck's initial state at time 0. UserError: formulas that are not finite, a time step beyond the
  /// limit. Collective.
  void initialise(mesh::State<Real>& state);
  const MoistBoxParams& params() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

extern template class MoistBoxSolver<float>;
extern template class MoistBoxSolver<double>;

}  // namespace understudy::solvers
