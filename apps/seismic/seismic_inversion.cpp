#include "apps/seismic/seismic_inversion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "apps/seismic/seismic_survey.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/sampling.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "surrogates/arrays/image_measures.hpp"

namespace understudy::apps::seismic {

namespace ss = solvers::seismic;

ModelError model_error(const SeismicDeck& deck, std::span<const double> speed_m_s,
                       std::span<const double> truth_m_s) {
  const std::vector<float> a(speed_m_s.begin(), speed_m_s.end());
  const std::vector<float> b(truth_m_s.begin(), truth_m_s.end());
  const surrogates::ValueRange range{deck.dataset.speed_least_m_s, deck.dataset.speed_most_m_s};
  ModelError error;
  error.rel_l2 = surrogates::relative_l2(a, b);
  error.mae = surrogates::mean_absolute_error(a, b, range);
  error.ssim = deck.grid.dimension() == 2
                   ? surrogates::structural_similarity(a, b, deck.grid.cells[1], range)
                   : std::numeric_limits<double>::quiet_NaN();
  return error;
}

ss::SurveyPlan inversion_plan(const SeismicJob& job,
                              std::span<const ss::EarthModel* const> models) {
  if (job.deck.seismic.equation != "acoustic")
    throw core::UserError(
        "invert works on the acoustic equation; set seismic.equation: acoustic (elastic waves: run)");
  ss::SpeedLimits limits{std::numeric_limits<double>::max(), job.deck.inversion.upper_m_s};
  bool variable_density = false;
  for (const ss::EarthModel* model : models) {
    const auto [least, most] =
        std::minmax_element(model->p_speed_m_s.begin(), model->p_speed_m_s.end());
    limits.slowest_m_s = std::min(limits.slowest_m_s, *least);
    limits.fastest_m_s = std::max(limits.fastest_m_s, *most);
    variable_density = variable_density || !model->density_kg_m3.empty();
  }
  return ss::make_plan(job.modelling(), limits, variable_density);
}

ss::EarthModel start_model(const SeismicJob& job, const ss::EarthModel& truth) {
  const auto& p = job.deck.inversion;
  if (p.start_smooth_m <= 0)
    return ss::make_earth_model(p.start, job.deck.grid, job.deck.directory,
                                std::uint64_t(job.deck.seed), 0);
  ss::EarthModel start = truth;
  ss::smooth_earth_model(start, job.deck.grid, p.start_smooth_m, p.keep_above_depth_m);
  return start;
}

void add_noise(const SeismicJob& job, std::vector<ss::Gather>& traces, std::uint64_t stream) {
  const double part = job.deck.inversion.noise;
  if (part == 0) return;
  double square = 0;
  std::size_t count = 0;
  for (const auto& gather : traces) {
    for (const double v : gather.values) square += v * v;
    count += gather.values.size();
  }
  const double deviation = part * std::sqrt(square / double(count));
  core::SplitMix random(std::uint64_t(job.deck.seed) * 1000003 + stream);
  for (auto& gather : traces)
    for (auto& v : gather.values) {
      // Box and Muller 1958.
      const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
      v += deviation * radius * std::cos(2 * std::numbers::pi * random.uniform());
    }
}

template <class Real>
InversionProblem make_problem(const SeismicJob& job) {
  const auto& p = job.deck.inversion;
  const ss::EarthModel medium = job.model();
  const ss::EarthModel start = start_model(job, medium);
  const bool computed = p.observed.empty(), known = computed || p.model_is_truth;
  std::vector<const ss::EarthModel*> models{&start};
  if (known) models.push_back(&medium);
  InversionProblem problem;
  problem.plan = inversion_plan(job, models);
  problem.start = start.p_speed_m_s;
  ss::require_start({p, job.deck.grid, problem.start, {}});  // before hours of modelling
  problem.density = start.density_kg_m3;
  if (problem.plan.variable_density && problem.density.empty())
    problem.density = medium.density_kg_m3;
  if (known) problem.truth = medium.p_speed_m_s;
  if (computed) {
    ss::SurveyModelling<Real> modelling(job.modelling(), problem.plan, job.comm);
    modelling.set_model(medium.p_speed_m_s, medium.density_kg_m3);
    problem.observed = modelling.model();
    add_noise(job, problem.observed, 0);
  } else {
    const auto path = std::filesystem::path(job.deck.directory) / p.observed;
    const ss::GatherSet set = ss::read_gathers(path, "pressure");
    ss::check_geometry(set, problem.plan.geometry(),
                       core::format("inversion.observed: {}", path.string()));
    problem.observed = set.shots;
  }
  return problem;
}

template InversionProblem make_problem<float>(const SeismicJob&);
template InversionProblem make_problem<double>(const SeismicJob&);

namespace {

constexpr int columns = 10;

std::vector<double> row_of(const ss::InversionRecord& r) {
  return {double(r.stage),
          double(r.iteration),
          r.max_frequency_hz,
          r.misfit,
          r.misfit_ratio,
          r.gradient_norm,
          r.step,
          double(r.evaluations),
          r.wall_s,
          0};
}

ss::InversionRecord record_of(const double* row) {
  ss::InversionRecord r;
  r.stage = int(row[0]);
  r.iteration = int(row[1]);
  r.max_frequency_hz = row[2];
  r.misfit = row[3];
  r.misfit_ratio = row[4];
  r.gradient_norm = row[5];
  r.step = row[6];
  r.evaluations = static_cast<long long>(row[7]);
  r.wall_s = row[8];
  return r;
}

}  // namespace

void write_inversion_state(const SeismicJob& job, const std::filesystem::path& path,
                           const ss::InversionState& state) {
  std::vector<double> rows;
  for (const auto& record : state.history) {
    const auto row = row_of(record);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  mesh::write_hdf5_atomically(path, core::Comm::self(), [&](mesh::Hdf5File& file) {
    file.set_attribute("", "kind", "understudy_inversion");
    file.set_attribute("", "deck_hash", job.provenance.deck_hash);
    file.set_attribute("", "stage", state.stage);
    file.set_attribute("", "iterations_in_stage", state.iterations_in_stage);
    file.set_attribute("", "stage_start_misfit", state.stage_start_misfit);
    file.put("p_speed_m_s", state.speed, {state.speed.size()});
    file.put("history", rows, {state.history.size(), std::uint64_t(columns)});
  });
}

std::optional<ss::InversionState> read_inversion_state(const SeismicJob& job,
                                                       const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
  std::uint64_t cells = 1;
  for (const auto n : job.deck.grid.cells) cells *= std::uint64_t(n);
  file.require_shape("p_speed_m_s", {cells}, "cells");
  if (file.attribute<std::string>("", "deck_hash") != job.provenance.deck_hash)
    core::log::warn(
        "{} was written by a deck of other parameters; the inversion goes on with this one's",
        path.string());
  ss::InversionState state;
  state.stage = int(file.attribute<long long>("", "stage"));
  state.iterations_in_stage = int(file.attribute<long long>("", "iterations_in_stage"));
  state.stage_start_misfit = file.attribute<double>("", "stage_start_misfit");
  state.speed = file.get<double>("p_speed_m_s");
  const auto rows = file.get<double>("history");
  for (std::size_t n = 0; n + columns <= rows.size(); n += columns)
    state.history.push_back(record_of(rows.data() + n));
  return state;
}

}  // namespace understudy::apps::seismic
