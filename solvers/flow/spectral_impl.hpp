// What a SpectralFlow holds. Private to solvers/flow.
#pragma once

#include "mesh/halo.hpp"
#include "solvers/flow/spectral_flow.hpp"
#include "solvers/flow/spectral_motion.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers {

template <class Real>
struct SpectralFlow<Real>::Impl {
  using Box = flow::SpectralBox<Real>;
  using Modes = typename Box::Modes;
  using State = mesh::State<Real>;

  Impl(const FlowParams& params, std::shared_ptr<const mesh::BoxGrid> grid);

  FlowParams params;
  std::shared_ptr<const mesh::BoxGrid> grid;
  flow::SpectralMotion<Real> motion;
  mesh::Halo<Real> halo;
  Modes scratch;
  double last_dt_s = 0;

  const Box& box() const { return motion.box(); }
  flow::Velocity<Real> velocity(const State& state) const;
  /// The state's velocity into the motion's modes: what is carried, not projected.
  void read(const State& state);
  /// The other way, with p and ghosts.
  void write(State& state);
  void fill_ghosts(const State& state);
  /// i k_b u_a of the motion's modes into the box's values number `out`.
  void gradient(int a, int b, int out);
  void derive(const std::string& name, const mesh::Array3<Real>& out);
  void vorticity_magnitude();
  void q_criterion();
  /// Integrals of |curl u|^2 and (div u)^2 over the box, of the carried modes.
  std::array<double, 2> gradient_integrals() const;
  template <class Other>
  void take(const mesh::State<Other>& finer, State& own);
};

/// UserError where the deck, the grid or the build is not served.
void check_spectral_flow(const FlowParams& params, const mesh::BoxGrid& grid);

}  // namespace understudy::solvers
