// Full-waveform inversion of a deck: data, start, progress, restart. Used by invert and compare.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apps/seismic/seismic_deck.hpp"
#include "solvers/seismic/inversion/inversion.hpp"

namespace understudy::apps::seismic {

/// How far a model is from the truth. mae and ssim: speeds scaled by dataset.speed_least_m_s and
/// speed_most_m_s to [-1, 1] and [0, 1] (surrogates/arrays/image_measures.hpp); ssim in 2-D only, NaN
/// else.
struct ModelError {
  double rel_l2 = 0, mae = 0, ssim = 0;
};
ModelError model_error(const SeismicDeck& deck, std::span<const double> speed_m_s,
                       std::span<const double> truth_m_s);

struct InversionProblem {
  solvers::seismic::SurveyPlan plan;
  std::vector<double> truth;                       ///< speed [k, j, i]; empty: not known
  std::vector<double> start;                       ///< speed
  std::vector<double> density;                     ///< empty: constant
  std::vector<solvers::seismic::Gather> observed;  ///< [shot]
};

/// The plan that inversions of the deck compute with: its step is stable for inversion.upper_m_s, its
/// resolution serves the slowest of the given models.
solvers::seismic::SurveyPlan inversion_plan(
    const SeismicJob& job, std::span<const solvers::seismic::EarthModel* const> models);

/// The deck's start for a truth (inversion.start_smooth_m, or inversion.start).
solvers::seismic::EarthModel start_model(const SeismicJob& job,
                                         const solvers::seismic::EarthModel& truth);

/// The deck's own problem: data computed from seismic.model, or read. Collective.
template <class Real>
InversionProblem make_problem(const SeismicJob& job);

/// Adds the deck's noise to computed traces, the same on every rank.
void add_noise(const SeismicJob& job, std::vector<solvers::seismic::Gather>& traces,
               std::uint64_t stream);

/// The hash of what a resumed inversion must have in common with the one that it goes on from: all but
/// ranks, memory, the goal and how many stages and iterations there are (a stage that was begun keeps its
/// frequency).
std::string restart_hash(const SeismicJob& job);

/// Restart files (<out>/inversion.h5): the speed as in model.h5, [depth, (y,) x], row 0 at the surface; the
/// history, a row a record; the deck. `finished`: no stage is left; a resumed inversion then has work only
/// where stages are added, the last one has more iterations, or the goal that ended it is lower. Rank 0 writes;
/// read on every rank. UserError where the file is damaged, or another deck's. Those of version 0.1 (rows from
/// the bottom up) are read.
void write_inversion_state(const SeismicJob& job, const std::filesystem::path& path,
                           const solvers::seismic::InversionState& state, bool finished);
std::optional<solvers::seismic::InversionState> read_inversion_state(
    const SeismicJob& job, const std::filesystem::path& path);

}  // namespace understudy::apps::seismic
