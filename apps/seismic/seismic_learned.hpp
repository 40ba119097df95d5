// The learned parts of a seismic study: datasets of (gathers, speeds), model folders, and conversions
// between the solvers' arrays and the networks'.
#pragma once

#include <span>
#include <vector>

#include "apps/seismic/seismic_deck.hpp"
#include "solvers/seismic/survey_plan.hpp"
#include "surrogates/arrays/array_map.hpp"
#include "surrogates/arrays/pair_dataset.hpp"

namespace understudy::apps::seismic {

/// The plan of all models of the deck's family: its step is stable for dataset.speed_most_m_s.
solvers::seismic::SurveyPlan dataset_plan(const SeismicJob& job);

/// Input: pressure [shot, sample, receiver]; output: P speed [depth, (y,) x], row 0 at the surface.
surrogates::PairInfo pair_info(const SeismicJob& job, const solvers::seismic::SurveyPlan& plan);

/// The job's, with the hash of what the models and their gathers depend on in place of the whole deck's: it
/// stands in their files. Ranks, networks, training and comparison are not in it.
core::Provenance samples_provenance(const SeismicJob& job);

/// [k, j, i] <-> [depth, (y,) x].
std::vector<float> speed_to_image(const mesh::GridParams& grid, std::span<const double> speed_m_s);
std::vector<double> image_to_speed(const mesh::GridParams& grid, std::span<const float> image);
std::vector<float> traces_to_array(const std::vector<solvers::seismic::Gather>& shots);
std::vector<solvers::seismic::Gather> array_to_traces(std::span<const float> values,
                                                      const solvers::seismic::SurveyPlan& plan);

/// The deck's data: <out>/dataset, or its NumPy files. UserError where there are none, or where those in
/// <out>/dataset are another deck's; that some of the deck's models are missing there is warned of.
surrogates::PairDataset learned_data(const SeismicJob& job);

/// Folder <out>/model (inversion) or <out>/forward_model.
std::filesystem::path learned_folder(const SeismicJob& job, bool forward);
/// Rank 0 only.
void write_operator(const std::filesystem::path& folder, surrogates::ArrayMap& model);
/// UserError naming the folder and what is missing.
surrogates::ArrayMap read_operator(const std::filesystem::path& folder);

}  // namespace understudy::apps::seismic
