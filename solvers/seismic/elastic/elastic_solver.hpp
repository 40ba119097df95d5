// Elastic waves, P-SV in 2-D and all waves in 3-D: velocity and stress on the staggered grid (Virieux
// 1986), order 4 (Levander 1988) or 8 in space, leapfrog (order 2) in time.
//
//   rho dv_a/dt = sum_b ds_ab/dx_b + f_a
//   ds_ab/dt = lambda delta_ab div v + mu (dv_a/dx_b + dv_b/dx_a) - dM_ab/dt
//
// State: velocities (m/s) at its time, stresses (Pa) half a step later, the layers' memory. In 2-D (plane
// strain) forces are N/m and moments N: of a line source.
//
// Sides: convolutional perfectly matched layers (Komatitsch and Martin 2007; cpml.hpp), rigid behind, with
// a small loss of the whole field that keeps them stable next to slow beds (elastic_sweeps.cpp).
// Top: the same, or a free surface at the uppermost faces, by a summation-by-parts closure that conserves
// energy (surface_closure.hpp). Media: elastic_medium.hpp; fluids are cells of S speed 0.
//
// Sources and receivers lie anywhere (point_stencil.hpp), each component with the weights of its own
// place on the staggered grid; near a free surface the vertical weights are those of polynomials.
//   force     along `direction`, N (N/m in 2-D) times the wavelet
//   moment    M_ab(t) = moment_ab times the wavelet, N m (N in 2-D)
//   pressure  an explosion, M_ab(t) = delta_ab times the wavelet. (The acoustic equation's pressure
//             source s corresponds to the second derivative of this wavelet over c^2.)
// Traces: every velocity component, and the pressure -(s_xx + s_yy (+ s_zz)) / D, the mean of the
// normal stresses in the plane or in space (in a fluid: the pressure).
//
// Limits: the time step is fixed by the setup; an advance must be a multiple of it. The wavelet should
// begin near 0.
#pragma once

#include <memory>

#include "mesh/halo.hpp"
#include "solvers/seismic/earth/earth_model.hpp"
#include "solvers/seismic/numerics/cpml.hpp"
#include "solvers/seismic/numerics/wave_grid.hpp"
#include "solvers/seismic/wave_stepper.hpp"

namespace understudy::solvers::seismic {

struct ElasticSetup {
  int order = 8;    ///< 4, 8
  double dt_s = 0;  ///< below the limit of stability.hpp (choose_dt_s checks)
  AbsorbingParams absorbing;
  double layer_speed_m_s = 0;     ///< of the layer's profiles; 0: the model's largest
  double layer_frequency_hz = 0;  ///< peak frequency of the wavelet
};

template <class Real>
class ElasticSolver final : public WaveStepper<Real> {
 public:
  /// UserError where model, grid and order do not fit, or dt_s is over the stable limit. Collective.
  ElasticSolver(const ElasticSetup& setup, const EarthModel& model, const WaveGrid& grid);
  ~ElasticSolver() override;

  std::string name() const override { return "seismic_elastic"; }
  std::shared_ptr<const mesh::Grid> grid() const override;
  std::vector<mesh::FieldInfo> fields() const override;
  double stable_dt(const mesh::State<Real>& state) override;
  AdvanceReport advance(mesh::State<Real>& state, double duration_s) override;
  /// seismic.kinetic_energy, seismic.strain_energy, seismic.total_energy (J; J/m in 2-D), layers
  /// included. The sum is conserved to round-off where nothing is absorbed or emitted.
  std::vector<Diagnostic> diagnostics(const mesh::State<Real>& state) override;
  /// J (J/m in 2-D).
  double kinetic_energy(const mesh::State<Real>& state) const override;
  const WaveGrid& wave_grid() const override;
  const AbsorbingParams& absorbing() const override;
  /// Sets the layers' memory to 0.
  void constrain(mesh::State<Real>& state) override;
  /// pressure (Pa), divergence (1/s) and, in 2-D, curl (1/s) of the velocity.
  std::vector<std::string> derived_names() const override;
  mesh::CellField<Real> derive(const mesh::State<Real>& state, const std::string& name) override;

  void begin_shot(const Shot& shot, mesh::State<Real>& state) override;
  void resume_shot(const Shot& shot) override;
  std::vector<Traces> traces() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

extern template class ElasticSolver<float>;
extern template class ElasticSolver<double>;

}  // namespace understudy::solvers::seismic
