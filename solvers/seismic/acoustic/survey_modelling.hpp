// Acoustic modelling and gradients of all shots of a survey, over groups of ranks (survey_plan.hpp).
// Results are summed over groups: whole on every rank, and the same to round-off however many there are.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/comm.hpp"
#include "solvers/seismic/acoustic/acoustic_shots.hpp"
#include "solvers/seismic/survey_plan.hpp"

namespace understudy::solvers::seismic {

/// One misfit's view of one shot: the value, and its derivative with respect to each sample.
struct TraceMisfit {
  double value = 0;
  Gather derivative;
};
using ShotMisfit = std::function<TraceMisfit(int shot, const Gather& traces)>;

/// Of all shots, whole on every rank.
struct SurveyGradient {
  double misfit = 0;
  std::vector<double> speed;         ///< dJ/dc on the box [k, j, i], 1/(m/s)
  std::vector<double> illumination;  ///< on the box
  double cell_updates = 0;
};

template <class Real>
class SurveyModelling {
 public:
  /// Collective over `world`.
  SurveyModelling(const ModellingSetup& setup, const SurveyPlan& plan, const core::Comm& world);

  const SurveyPlan& plan() const { return plan_; }
  const ShotGroups& groups() const { return groups_; }
  /// Other wavelet samples from now on (a filtered one).
  void set_wavelet(const std::vector<double>& wavelet) { plan_.wavelet = wavelet; }
  /// Other supershots from now on, as many as there were shots (std::invalid_argument else).
  void set_encoding(SourceEncoding encoding);
  /// Box arrays [k, j, i]; density empty where it is constant. UserError as the operator's.
  void set_model(std::span<const double> speed_m_s, std::span<const double> density);
  /// [shot] on every rank. Collective.
  std::vector<Gather> model();
  /// Misfit alone. Collective.
  double misfit(const ShotMisfit& misfit);
  /// Collective. `memory_bytes` bounds what this rank keeps of the forward computation.
  SurveyGradient gradient(const ShotMisfit& misfit, double memory_bytes);
  double cell_updates() const { return cell_updates_; }  ///< of all groups, so far

 private:
  template <class F>
  void each_batch(const F& f);

  SurveyPlan plan_;
  ShotGroups groups_;
  std::shared_ptr<AcousticOperator<Real>> op_;
  double cell_updates_ = 0;
};

}  // namespace understudy::solvers::seismic
