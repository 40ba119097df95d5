// What a survey's sections of a deck come to, checked and worked out once: positions, wavelet, time step
// and sampling; and which groups of ranks compute which shots. Every equation starts from here.
//
// Ranks form groups; shot s is computed by group s mod groups, each over its part of the padded grid.
#pragma once

#include <string>
#include <vector>

#include "core/comm.hpp"
#include "core/rank_groups.hpp"
#include "mesh/grid.hpp"
#include "solvers/seismic/seismic_params.hpp"
#include "solvers/seismic/survey/gathers.hpp"
#include "solvers/seismic/survey/shot.hpp"
#include "solvers/seismic/survey/source_encoding.hpp"

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

/// Speeds of a model, S waves included.
SpeedLimits limits_of(const EarthModel& model);

/// What a setup comes to.
struct SurveyPlan {
  Survey survey;
  double dt_s = 0, record_every_s = 0;
  int record_every = 1, samples = 1;
  double peak_frequency_hz = 0;
  double layer_speed_m_s = 0;
  std::vector<double> wavelet;  ///< at n * dt_s
  bool variable_density = false;
  SourceEncoding encoding{};  ///< the shots are these supershots; empty: one a source

  int steps() const { return (samples - 1) * record_every; }
  int shots() const { return int(encoding.empty() ? survey.sources.size() : encoding.size()); }
  Shot shot(int number) const;
  /// Geometry without traces, for files and for checking files against; not of supershots, which are in no file.
  GatherSet geometry() const;
};

/// UserError for whatever does not fit: positions, time step, resolution, a source that the equation does
/// not have. Not collective.
SurveyPlan make_plan(const ModellingSetup& setup, const SpeedLimits& speeds, bool variable_density);

/// UserError where a source is not one of pressure: the acoustic equation has no others.
void require_pressure_source(const SourceParams& source);

/// Can so many ranks compute one of the setup's shots together?
core::RanksFit ranks_fit(const ModellingSetup& setup);

/// Which ranks compute which shots. Any number of ranks will do: those that no group needs are in groups of
/// their own without shots.
struct ShotGroups {
  /// `fits`: can so many ranks compute a shot together? UserError where more ranks a shot are wanted than
  /// there are. Warns of idle ranks. `encoded`: the shots are supershots. Collective.
  ShotGroups(const core::Comm& world, int shots, int ranks_per_shot,
             const core::RanksFit& fits = {}, bool encoded = false);
  core::Comm world, group;
  int groups = 1, mine = 0;  ///< groups with shots; an idle one's number is from `groups` on
  std::vector<int> shots;    ///< of this group

  /// The deck's grid as a group splits it: `ranks` holds only where the group is all ranks.
  mesh::GridParams box(const mesh::GridParams& deck) const;
};

}  // namespace understudy::solvers::seismic
