// A batch of shots on an acoustic operator: their traces, the gradient of a misfit of the traces by the
// adjoint state (Tarantola 1984; Plessix 2006), and linearised (Born) traces. All of the discrete
// equations: the gradient is that of the computed misfit, to round-off.
//
// model(), gradient() and born() compute with wavelets and residuals divided by powers of two that bring
// the fields near 1, and multiply what comes out: nothing is rounded by it, and single precision carries
// sources of any strength. Products of two fields would else be flushed to zero, or overflow.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "solvers/seismic/acoustic/acoustic_operator.hpp"
#include "solvers/seismic/numerics/growth_guard.hpp"
#include "solvers/seismic/survey/gathers.hpp"
#include "solvers/seismic/survey/shot.hpp"
#include "solvers/step_schedule.hpp"

namespace understudy::solvers::seismic {

/// What a misfit makes of the traces of a batch's shots: its derivative with respect to each sample.
using AdjointSource = std::function<std::vector<Gather>(const std::vector<Gather>& traces)>;

template <class Real>
struct ShotGradient {
  std::vector<Gather> traces;                ///< [shot]
  std::vector<double> speed;                 ///< dJ/dc on the box [k, j, i], 1/(m/s)
  std::vector<double> illumination;          ///< sum of w^2 over steps and shots, on the box
  std::vector<std::vector<double>> wavelet;  ///< dJ/ds of each shot, [step]
  long long steps = 0;                       ///< forward and backward, recomputed ones included
};

template <class Real>
class AcousticShots {
 public:
  /// At most op->setup().shots shots with the same receivers, samples and record_every. UserError for a
  /// source that is not of pressure, and one on a free surface.
  AcousticShots(std::shared_ptr<AcousticOperator<Real>> op, const std::vector<Shot>& shots);

  int steps() const { return steps_; }

  /// From step n to n + 1, of all shots, on the caller's fields (a Stepper's state): the equation, and what
  /// the sources emit; nothing beyond the wavelet's end. `kept` as the operator's forward. Collective.
  void step(WaveFields<Real>& fields, long long n, Real* kept = nullptr);
  /// What the sources emit in step n, times `factor`, of all shots.
  void emit(const WaveFields<Real>& fields, long long n, double factor, Real* kept = nullptr);
  /// The transpose of step(), as the operator's backward(), gathering what derivatives with respect to the
  /// wavelets are made of; begin_adjoint() forgets what was gathered. Collective.
  void begin_adjoint();
  void step_adjoint(WaveFields<Real>& adjoint, long long n, const Real* kept,
                    const WaveSums<Real>& sums);
  /// dJ/ds of each shot, [step], of the steps since begin_adjoint(); the same on all ranks. Collective.
  std::vector<std::vector<double>> wavelet_slopes() const;
  /// dJ/d(factor on all wavelets). Collective.
  double amplitude_slope() const;
  /// Takes the sample of step n where there is one.
  void record(const WaveFields<Real>& fields, long long n);
  /// What was recorded so far, [shot], whole on every rank. Collective.
  std::vector<Gather> traces() const;

  /// Called after every step of model() with its number (1: after the first); the fields are divided as
  /// said above.
  using Watch = std::function<void(int step, const WaveFields<Real>& fields)>;
  /// [shot], whole on every rank. RunError where the waves are not finite or grow with no source
  /// (growth_guard.hpp), and so has gradient(). Collective.
  std::vector<Gather> model(const Watch& watch = {});
  /// Collective; `memory_bytes` bounds what is kept of the forward computation on this rank.
  ShotGradient<Real> gradient(const AdjointSource& adjoint_source, double memory_bytes);
  /// First variation of the traces for a change of the speed on the box [k, j, i]. Keeps every step.
  std::vector<Gather> born(std::span<const double> dc_m_s);

 private:
  void rest();
  void step_back(int n, const Real* kept, const WaveSums<Real>& sums);
  void look(GrowthGuard& guard, long long step);
  void set_residuals(const std::vector<Gather>& residuals);
  double unit_of(double strength) const;

  std::shared_ptr<AcousticOperator<Real>> op_;
  std::vector<Shot> shots_;
  std::vector<PointStencils> sources_;
  PointStencils receivers_;
  int steps_ = 0;
  double source_scale_ = 1;
  double unit_ = 1, adjoint_unit_ = 1;  ///< powers of two that fields and adjoint are divided by
  WaveFields<Real> fields_, adjoint_;   ///< made when first computed with
  /// [shot, step], [shot, sample, receiver] on the device; at_sources_ and residuals_ of the adjoint.
  Kokkos::View<double**, Kokkos::LayoutRight, mesh::Memory> wavelets_, at_sources_;
  Kokkos::View<double***, Kokkos::LayoutRight, mesh::Memory> traces_, residuals_;
};

}  // namespace understudy::solvers::seismic
