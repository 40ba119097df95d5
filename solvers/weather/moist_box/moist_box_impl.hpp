// What a MoistBoxSolver holds. Private to solvers/weather/moist_box.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "solvers/weather/moist_box/acoustic_kernels.hpp"
#include "solvers/weather/moist_box/base_state.hpp"
#include "solvers/weather/moist_box/ghosts.hpp"
#include "solvers/weather/moist_box/metric.hpp"
#include "solvers/weather/moist_box/moist_box_solver.hpp"
#include "solvers/weather/processes/bin_scheme.hpp"
#include "solvers/weather/processes/kessler.hpp"

namespace understudy::solvers {

namespace moist {

template <class F>
struct Surface;

/// Arrays of a state, stage or departure; v is empty in slices.
template <class Real>
struct Arrays {
  using Array = mesh::Array3<Real>;
  Array u, v, w, theta, rho;
  std::vector<Array> water;  ///< qv, qc, qr; or qv and the bins of the drops
};

/// One Runge-Kutta stage.
template <class Real>
struct Stage {
  int number;   ///< 1, 2, 3
  double dt_s;  ///< from the step's start to the stage's end
  int acoustic_steps;
  Arrays<Real> from;  ///< the stage's state
};

}  // namespace moist

template <class Real>
struct MoistBoxSolver<Real>::Impl {
  using State = mesh::State<Real>;
  using Array = mesh::Array3<Real>;
  using Arrays = moist::Arrays<Real>;
  using Stage = moist::Stage<Real>;

  Impl(const MoistBoxParams& params, std::shared_ptr<const mesh::BoxGrid> grid,
       const std::string& deck_directory);

  MoistBoxParams params;
  std::shared_ptr<const mesh::BoxGrid> grid;
  moist::Air<double> air;
  moist::Metric<Real> metric;
  moist::BaseState base;
  Kokkos::View<Real**, Kokkos::LayoutRight, mesh::Memory> profiles;  ///< [profile, level or cell]
  Kokkos::View<Real**, Kokkos::LayoutRight, mesh::Memory> sides;  ///< rates (1/s) by x and y index
  moist::Ghosts<Real> ghosts;

  Arrays stage, flux, slow, departure,
      mean;           ///< flux, departure: momenta in u, v, w; Theta in theta
  Array rise;         ///< rho w where it is not what passes the levels, flux.w
  Array theta_start;  ///< theta' of theta_m where there is water
  Array pressure, c, forward, inverse, lower, upper, eddy, total_water, next_water, share;
  Kokkos::View<Real*, mesh::Memory> surface_theta;  ///< [column]; empty: no surface fluxes
  std::unique_ptr<Kessler<Real>> kessler;           ///< null: another microphysics
  std::unique_ptr<BinScheme<Real>> bins;            ///< the same
  Array theta_full, exner, rho_full, fallen;

  int dim() const { return grid->dimension(); }
  bool mapped() const { return metric.mapped(); }
  bool damped() const {
    return params.rayleigh.depth_m > 0 || params.rayleigh.x_sides_m > 0 ||
           params.rayleigh.y_sides_m > 0;
  }
  /// rho w of the stage.
  const Array& momentum_w() const { return mapped() ? rise : flux.w; }
  bool wet() const { return params.moisture != "none"; }
  bool rains() const { return kessler || bins; }
  /// Bins of drops that count as cloud, from the first.
  int cloud_bins() const;
  /// Water in the drops of cloud, or of rain, kg/kg.
  Array sum_of_drops(const Arrays& arrays, bool of_rain) const;
  bool viscous() const { return params.diffusion.model != "none"; }
  /// The fields of water, each but the drops of one component.
  std::vector<std::string> water_names() const;
  std::vector<std::string> velocity_names() const;
  void allocate();

  /// f(Frame) of the grid.
  template <class F>
  void with_frame(const F& f) const {
    moist::with_frame(*grid, metric.pointers, f);
  }
  moist::BasePointers<Real> base_pointers() const;
  moist::StatePointers<Real> pointers(const Arrays& arrays) const;
  /// A state's arrays; views share its memory.
  Arrays arrays_of(const State& state) const;
  std::vector<Array> velocity_of(const Arrays& arrays) const;
  void fill_ghosts(const State& state);
  /// All indices but the first of each axis.
  mesh::Range3 with_lower_neighbours() const;

  /// Largest stable step (s) and the largest acoustic step. Ghosts are valid. Collective.
  double time_step_limit(const State& state, double& acoustic_s) const;
  void check_time_step(const State& state) const;
  void step(State& state, double dt_s, double acoustic_s);
  void run_stage(const Arrays& start, const Stage& task);
  void prepare(const Stage& task);
  void slow_tendencies(const Stage& task);
  void add_viscosity(const Stage& task);
  /// rho K of Smagorinsky's model in the interior of `eddy`; s.theta is theta' of theta_m. Ghosts of s are valid.
  void find_eddies(const moist::StatePointers<Real>& s) const;
  /// Largest K sum 4/h^2 of Smagorinsky's model (1/s), times what multiplies K. Ghosts are valid. Collective.
  double eddy_rate(const Arrays& arrays) const;
  void begin_acoustics(const Arrays& start, const Stage& task);
  void acoustics(const Stage& task);
  void finish(const Stage& task);
  /// Adds the kinds of water from `first` to `end`, kg/kg.
  void add_water(const std::vector<Array>& water, std::size_t first, std::size_t end,
                 const Array& sum) const;
  void advance_water(const Arrays& start, const Stage& task);
  void convert_theta(const Array& from, const Array& qv, const Array& to, bool back) const;
  void make_processes();
  void make_surface();
  mesh::Range3 lowest_cells() const;
  template <class F>
  moist::Surface<F> surface_of(const F& f, const Arrays& arrays) const;
  void exchange_with_surface(const Arrays& end, double dt_s);
  /// Means over the ground: heat (W/m2), vapour (kg/(m2 s)). Collective.
  std::array<double, 2> surface_fluxes(const Arrays& arrays) const;
  void run_processes(State& state, double dt_s);
  void saturate(const Arrays& arrays);
  void rain(const State& state, const Arrays& arrays, double dt_s);
};

/// What the grid must be for these parameters. UserError.
void check_moist_box(const MoistBoxParams& params, const mesh::BoxGrid& grid);

}  // namespace understudy::solvers
