// The shots of a survey over groups of ranks: positions, wavelet and time step of a deck, checked and
// worked out once, and the acoustic modelling and gradients of all shots on them.
//
// Ranks form groups; shot s is computed by group s mod groups, each over its part of the padded grid.
// Results are summed over groups: whole on every rank, and the same to round-off however many there are.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "solvers/seismic/acoustic/acoustic_shots.hpp"
#include "solvers/seismic/seismic_params.hpp"

namespace understudy::solvers::seismic {

struct ModellingSetup {
  SeismicParams seismic;
  WaveTimeParams time;
  mesh::GridParams box;
  std::string directory = ".";  ///< of the deck: where relative paths start
};

/// Speeds that a run will meet, for time step, resolution and the absorbing layer.
struct SpeedLimits {
  double slowest_m_s = 0, fastest_m_s = 0;
};

/// What a setup comes to.
struct SurveyPlan {
  Survey survey;
  double dt_s = 0, record_every_s = 0;
  int record_every = 1, samples = 1;
  double peak_frequency_hz = 0;
  double layer_speed_m_s = 0;
  std::vector<double> wavelet;  ///< at n * dt_s
  bool variable_density = false;

  int steps() const { return (samples - 1) * record_every; }
  int shots() const { return int(survey.sources.size()); }
  Shot shot(int number) const;
  /// Geometry without traces, for files and for checking files against.
  GatherSet geometry() const;
};

/// UserError for whatever does not fit: positions, time step, resolution. Not collective.
SurveyPlan make_plan(const ModellingSetup& setup, const SpeedLimits& speeds, bool variable_density);

/// Which ranks compute which shots.
struct ShotGroups {
  ShotGroups(const core::Comm& world, int shots, int ranks_per_shot);
  core::Comm world, group;
  int groups = 1, mine = 0;
  std::vector<int> shots;  ///< of this group
};

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

/// Speeds of a model.
SpeedLimits limits_of(const EarthModel& model);

}  // namespace understudy::solvers::seismic
