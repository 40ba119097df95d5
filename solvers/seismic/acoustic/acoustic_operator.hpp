// The acoustic wave equation on the padded grid, a step of it and of its exact discrete adjoint, for a
// batch of shots at once:
//   constant density   1/c^2 p_tt - lap p = s            (acoustic_kernels.hpp)
//   variable density   1/(rho c^2) p_tt - div(1/rho grad p) = s   (acoustic_density_kernels.hpp)
// second order in time (leapfrog), order 2, 4 or 8 in space, convolutional absorbing layers, zero beyond
// them, and p = 0 on a free surface (odd images). In 2-D p answers a line source: s in Pa m^2 / m^2 per
// cell area, p in Pa.
//
// The adjoint runs on v = k lambda (k = dt^2 c^2 or dt^2 rho c^2): the residuals enter it just as the
// source enters the pressure, so that both use add(). Inversions begin it at rest; from derivatives with
// respect to the values of a State it begins by enter_adjoint() (acoustic_variation.cpp).
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "mesh/array.hpp"
#include "solvers/seismic/numerics/cpml.hpp"
#include "solvers/seismic/numerics/wave_grid.hpp"
#include "solvers/seismic/survey/point_stencil.hpp"

namespace understudy::solvers::seismic {

struct SeismicParams;
struct SurveyPlan;

struct AcousticSetup {
  mesh::GridParams box;
  AbsorbingParams absorbing;
  bool free_surface = false;
  bool variable_density = false;
  int order = 8;
  double dt_s = 0;
  /// Speed and frequency of the layer's profiles; in an inversion they must not follow the model.
  double layer_speed_m_s = 0, layer_frequency_hz = 0;
  int shots = 1;  ///< computed at once
};

/// Of a deck and its plan, one shot at once. `box`: the grid as the ranks of one shot split it.
AcousticSetup acoustic_setup(const SeismicParams& params, const SurveyPlan& plan,
                             const mesh::GridParams& box);

/// [shot, k, j, i], extents of the padded grid. Forward: pressure at two times, psi and zeta of each axis;
/// (C-PML memory variables, Komatitsch & Martin 2007); adjoint: v at two times, mu in psi and nu in zeta.
template <class Real>
struct WaveFields {
  mesh::Array4<Real> now, before;
  std::array<mesh::Array4<Real>, 3> psi, zeta;
  void zero() const;
  void copy_from(const WaveFields& other) const;
  std::size_t bytes() const;
};

/// Sums over the adjoint's steps.
template <class Real>
struct WaveSums {
  mesh::Array4<Real> gradient, illumination;
};

template <class Real>
class AcousticOperator {
 public:
  virtual ~AcousticOperator() = default;

  const AcousticSetup& setup() const { return setup_; }
  const WaveGrid& grid() const { return grid_; }
  WaveFields<Real> make_fields() const;
  mesh::Array4<Real> make_array(const char* name) const;
  /// Values in one array of the batch.
  std::size_t size() const { return cells_ * setup_.shots; }
  std::size_t shot_size() const { return cells_; }

  /// Of the deck's box, [k, j, i] on every rank; density empty where it is constant. Continued into the
  /// layers. UserError unless finite and above 0.
  virtual void set_model(std::span<const double> speed_m_s, std::span<const double> density) = 0;

  /// k on this rank, [k, j, i].
  mesh::Array3<const Real> k() const { return k_; }

  /// u_n, u_{n-1} -> u_{n+1}, u_n without source. `kept` (size() values, may be null) becomes
  /// (u_{n+1} - 2 u_n + u_{n-1}) / k. Collective over the grid's ranks.
  virtual void forward(WaveFields<Real>& fields, Real* kept) = 0;
  /// v_{n+1}, v_{n+2} -> v_n, v_{n+1} without residuals. `kept` of forward step n, or null: then `sums` is
  /// not looked at. Collective.
  virtual void backward(WaveFields<Real>& fields, const Real* kept, const WaveSums<Real>& sums) = 0;

  /// now += k * scale * (weights^T values) at the points, of one shot; kept (of the same shot, may be
  /// null) += scale * (weights^T values). `values` [points] on the device.
  void add(const WaveFields<Real>& fields, int shot, const PointStencils& points,
           const Kokkos::View<const double*, mesh::Memory>& values, double scale,
           Real* kept = nullptr) const;
  /// into [points] = now at the points (this rank's part of the sum).
  void sample(const WaveFields<Real>& fields, int shot, const PointStencils& points,
              const Kokkos::View<double*, mesh::Memory>& into) const;

  /// 1/2 |(p_n - p_{n-1}) / dt|^2 / c^2 (or / (rho c^2)) times the cell volume, of all shots: the part of the
  /// leapfrog's conserved sum that is never negative. Collective.
  double kinetic_energy(const WaveFields<Real>& fields) const;

  /// dJ/dc on the box [k, j, i] from the gradient's sum over the shots of this batch; on every rank.
  /// Collective.
  std::vector<double> speed_gradient(const WaveSums<Real>& sums) const;
  /// The illumination on the box [k, j, i], summed over the shots of this batch (not folded back from the
  /// layers); on every rank. Collective.
  std::vector<double> illumination(const WaveSums<Real>& sums) const;
  /// k of a perturbed model's first variation, dk = 2 k dc / c, as an array [k, j, i]; for tests and
  /// linearised modelling.
  mesh::Array3<Real> perturbation(std::span<const double> dc_m_s) const;
  /// The same for a change of each cell's speed on the padded grid, [k, j, i]; its ghosts are not looked at.
  mesh::Array3<Real> perturbation(const mesh::Array3<const Real>& dc_m_s) const;
  /// now += change * kept: what a change of k adds to a step, after forward() of the first variation.
  void vary(const WaveFields<Real>& fields, const mesh::Array3<Real>& change,
            const Real* kept) const;
  /// into [k, j, i] += dJ/dc of each cell of the padded grid, summed over the shots of this batch.
  void add_speed_slopes(const WaveSums<Real>& sums, const mesh::Array3<Real>& into) const;

  /// Derivatives with respect to p_n, p_{n-1}, psi and zeta become what backward() runs on (k times the
  /// first, -k times the second, mu and nu before they decay), in place, and back. Ghosts, and memory
  /// variables outside the layers, become zero.
  void enter_adjoint(const WaveFields<Real>& fields) const;
  void leave_adjoint(const WaveFields<Real>& fields) const;
  /// Ghosts, and memory variables outside the layers, become zero: no step reads them.
  void clear_unread(const WaveFields<Real>& fields) const;

 protected:
  /// What a step leaves of psi and of zeta, b of the layer's profiles, along an axis; 0 outside layers.
  using Decay = Kokkos::View<const Real*, mesh::Memory>;
  virtual std::array<Decay, 2> decay(int axis) const = 0;
  AcousticOperator(const AcousticSetup& setup, WaveGrid grid);
  /// Box values on the padded grid's cells of this rank, by the nearest cell of the box.
  mesh::Array3<Real> extended(std::span<const double> box_values,
                              const std::function<double(double)>& map) const;
  std::vector<double> to_box(const mesh::Array4<Real>& sums, bool fold) const;

  AcousticSetup setup_;
  WaveGrid grid_;
  std::size_t cells_ = 0;
  mesh::Array3<Real> k_;       ///< dt^2 c^2, dt^2 rho c^2
  std::vector<double> speed_;  ///< on the box
};

/// Collective over `comm`.
template <class Real>
std::unique_ptr<AcousticOperator<Real>> make_acoustic_operator(const AcousticSetup& setup,
                                                               const core::Comm& comm);

/// The two kinds, which make_acoustic_operator chooses from: constant density takes the scheme of variable
/// density (density 1) where absorbing.stretch is above 1.
template <class Real>
std::unique_ptr<AcousticOperator<Real>> make_constant_density(const AcousticSetup& setup,
                                                              const core::Comm& comm);
template <class Real>
std::unique_ptr<AcousticOperator<Real>> make_variable_density(const AcousticSetup& setup,
                                                              const core::Comm& comm);

}  // namespace understudy::solvers::seismic
