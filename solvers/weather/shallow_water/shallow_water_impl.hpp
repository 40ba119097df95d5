// What a ShallowWaterSolver holds. Private to solvers/weather/shallow_water.
#pragma once

#include <memory>
#include <vector>

#include "mesh/cubed_sphere_halo.hpp"
#include "solvers/weather/shallow_water/panel_edges.hpp"
#include "solvers/weather/shallow_water/shallow_water_solver.hpp"
#include "solvers/weather/shallow_water/sphere_metric.hpp"
#include "solvers/weather/shallow_water/time_schemes.hpp"

namespace understudy::solvers {

namespace shallow_water {

/// Depth (or mass), and three Cartesian components.
constexpr int conserved = 4;
/// Their fluxes, and the surface, at the faces below the cells of an axis.
constexpr int face_values = 5;

template <class Real>
using Arrays = std::vector<mesh::Array3<Real>>;

/// A passive tracer's arrays; empty where there is none.
template <class Real>
struct TracerArrays {
  mesh::Array3<Real> seen;                 ///< q, with ghosts
  mesh::Array3<Real> now, before;          ///< h q; at the step's start
  mesh::Array3<Real> around;               ///< q with ghosts that make no new extremes
  mesh::Array3<Real> least, most;          ///< bounds of q in this step
  std::array<mesh::Array3<Real>, 2> flux;  ///< by axis
};

}  // namespace shallow_water

template <class Real>
struct ShallowWaterSolver<Real>::Impl {
  using State = mesh::State<Real>;
  using Array = mesh::Array3<Real>;

  Impl(const ShallowWaterParams& params, std::shared_ptr<const mesh::CubedSphereGrid> grid,
       const Topography& topography);

  ShallowWaterParams params;
  std::shared_ptr<const mesh::CubedSphereGrid> grid;
  Tilt tilt;
  std::unique_ptr<ShallowWaterCase> start;
  Topography ground;  ///< empty: the case's
  shallow_water::SphereMetric<Real> metric;
  mesh::CubedSphereHalo<Real> halo;
  std::unique_ptr<mesh::CubedSphereHalo<Real>>
      bounding_halo;  ///< of order 1, where there is a tracer
  shallow_water::PanelEdges<Real> edges;
  std::vector<shallow_water::Stage> stages;
  double stable_cfl, stable_decay;

  Array topography;                         ///< ghosts included
  std::array<Array, 2> face_topography;     ///< at the faces below the cells of an axis
  shallow_water::Arrays<Real> seen;         ///< surface and velocity, with ghosts: what faces see
  shallow_water::Arrays<Real> now, before;  ///< depth and momentum; at the step's start
  std::array<shallow_water::Arrays<Real>, 2> faces;  ///< by axis
  shallow_water::Arrays<Real>
      carried;                         ///< depth and momentum with ghosts, where there is viscosity
  shallow_water::Arrays<Real> smooth;  ///< their Laplacians, where there is hyperviscosity

  shallow_water::TracerArrays<Real> tracer;

  bool has_tracer() const { return params.tracer != "none"; }
  void bound_tracer();  ///< before a step
  template <int order>
  void tracer_stage(const shallow_water::Stage& stage, double dt_s);
  void see_tracer();
  void clip_tracer();  ///< after a step; ghosts are valid on return

  bool viscous() const { return params.viscosity_m2_s > 0 || params.hyperviscosity_m4_s > 0; }
  /// Depth and height of the ground of the start in a direction of the grid.
  double start_depth(const Vector3& at, double time_s) const;
  double start_ground(const Vector3& at) const;
  /// depth and velocity solve the equations at any time.
  bool exact() const { return !ground && start->exact(); }
  Vector3 axis() const { return tilt.to_grid({0, 0, 1}); }

  /// depth and velocity of a state as what faces see, with ghosts; and as what is conserved.
  void load(const State& state);
  /// Back, ghosts included.
  void store(State& state);
  void see();          ///< `seen` from `now`
  void fill_ghosts();  ///< of `seen`
  void step(double dt_s);
  template <int order>
  void pass_faces();  ///< `faces` from `seen`
  template <int order>
  void stage(const shallow_water::Stage& stage, double dt_s);
  void forward_backward_step(double dt_s);
  template <int order>
  void forward_backward_stage(const shallow_water::ForwardBackwardStage& stage, double dt_s);
  /// start = p start + q current.
  void mix(const Array& start_values, const Array& current, const shallow_water::Stage& stage);
  void add_viscosity();
  /// Adds to the fluxes what `factor` (m2/s) moves down the gradient of `values`, whose ghosts are valid.
  void diffuse(const shallow_water::Arrays<Real>& values, double factor);
  double time_step_limit();
};

}  // namespace understudy::solvers
