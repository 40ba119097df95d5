#include "apps/seismic/seismic_inversion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "apps/deck/deck_keys.hpp"
#include "apps/deck/deck_reader.hpp"
#include "apps/seismic/seismic_learned.hpp"
#include "apps/seismic/seismic_survey.hpp"
#include "apps/study/restart.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/sampling.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "solvers/seismic/earth/model_file.hpp"
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

namespace {

// Networks know no bounds, and nothing of what is to be kept.
void start_from_network(const SeismicJob& job, InversionProblem& problem) {
  const auto& p = job.deck.inversion;
  const auto folder = std::filesystem::path(job.deck.directory) / p.start_network;
  surrogates::ArrayMap network = read_operator(folder);
  const auto info = pair_info(job, problem.plan);
  network.require(info.input, info.output);
  const core::Stopwatch clock;
  const auto speed =
      image_to_speed(job.deck.grid, network.predict(traces_to_array(problem.observed)));
  const ss::InversionSetup setup{p, job.deck.grid, problem.start, {}};
  for (std::size_t n = 0; n < speed.size(); ++n) {
    if (!std::isfinite(speed[n]))
      throw core::UserError(core::format(
          "inversion.start_network: what the network in {} makes of the data is not finite in cell "
          "{}; are they of the kind that it was trained on?",
          folder.string(), n));
    if (!ss::is_kept(setup, n)) problem.start[n] = std::clamp(speed[n], p.lower_m_s, p.upper_m_s);
  }
  core::log::info("the start is what the learned inversion in {} makes of the data in {:.3g} s",
                  folder.string(), clock.seconds());
}

}  // namespace

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
  if (p.encoding.on()) {
    ss::require_encoding(p.encoding.supershots, problem.plan.shots());
    require_survey_fits(job, problem.plan, p.encoding.supershots);
  }
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
  if (!p.start_network.empty()) start_from_network(job, problem);
  return problem;
}

template InversionProblem make_problem<float>(const SeismicJob&);
template InversionProblem make_problem<double>(const SeismicJob&);

namespace {

// Earlier files have the first `columns_without_encoding`, the last of which was 0.
constexpr std::size_t columns = 12, columns_without_encoding = 10;

std::vector<double> row_of(const ss::InversionRecord& r) {
  return {double(r.stage), double(r.iteration),   r.max_frequency_hz,
          r.misfit,        r.misfit_ratio,        r.gradient_norm,
          r.step,          double(r.evaluations), r.wall_s,
          r.simulations,   double(r.whole),       double(r.spent)};
}

ss::InversionRecord record_of(std::span<const double> row) {
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
  const bool earlier = row.size() == columns_without_encoding;
  r.simulations = earlier ? std::nan("") : row[9];
  r.whole = earlier || row[10] != 0;
  r.spent = earlier ? 0 : int(row[11]);
  return r;
}

}  // namespace

namespace {

constexpr long long format_version = 2;  // 1: speeds [cells], rows from the bottom up, no deck
constexpr const char* free_keys =
    "grid.ranks, seismic.ranks_per_shot, inversion.memory_limit_mb and misfit_goal, the iterations and "
    "number of inversion.stages, and what is written";

struct Inverted {
  SeismicDeck& deck;
  void describe(core::ParamVisitor& v) {
    v.choice("precision", deck.precision, {"single", "double"}, "");
    v.integer("seed", deck.seed, {}, "");
    v.group("grid", deck.grid, "");
    v.group("time", deck.time, "");
    v.group("seismic", deck.seismic, "");
    v.group("inversion", deck.inversion, "");
  }
};

DeckKeys restart_keys(SeismicDeck deck) {
  Inverted inverted{deck};
  return without(keys_of(inverted), {"grid.ranks", "seismic.ranks_per_shot", "inversion.stages",
                                     "inversion.misfit_goal", "inversion.memory_limit_mb"});
}

// The deck in the file, read as today's decks are: keys that are new since then have their defaults.
void require_own(const SeismicJob& job, const mesh::Hdf5File& file) {
  const DeckKeys ours = restart_keys(job.deck);
  DeckKeys theirs;
  std::string unread;
  try {
    DeckTree tree =
        DeckTree::parse(file.attribute<std::string>("", "deck"), file.path().string() + ": deck");
    SeismicDeck deck;
    read_deck(tree, deck);
    theirs = restart_keys(deck);
  } catch (const core::UserError& error) {
    unread = error.what();
  }
  if (unread.empty()) return require_same_keys(file.path(), theirs, ours, free_keys);
  require_same_hash(file.path(), file.attribute<std::string>("", "restart_hash"), hash_of(ours),
                    "; its deck cannot be read: " + unread);
}

// Stages that were begun are what the deck says, too.
void require_stages(const ss::InversionState& state, const std::vector<ss::StageParams>& stages,
                    const std::filesystem::path& path) {
  for (const auto& record : state.history) {
    const auto n = std::size_t(record.stage);
    if (n < stages.size() && stages[n].max_frequency_hz == record.max_frequency_hz) continue;
    throw core::UserError(core::format(
        "inversion.stages: {} has stage {} at {:.6g} Hz, and the deck {}; stages that were begun "
        "keep their frequency, others may be added behind them",
        path.string(), n, record.max_frequency_hz,
        n < stages.size() ? core::format("at {:.6g} Hz", stages[n].max_frequency_hz)
                          : core::format("has {} stages", stages.size())));
  }
}

// What the call that finished an inversion was to do.
struct Finished {
  long long iterations = 0;    // of the last stage
  std::optional<double> goal;  // empty: an earlier version did not write it
};

// Was it the goal that ended it, and is that beyond the misfit now?
bool goal_has_moved(const ss::InversionRecord& last, const Finished& then, double goal) {
  if (last.misfit_ratio <= goal) return false;
  return then.goal ? *then.goal > 0 && last.misfit_ratio <= *then.goal : goal > 0;
}

// A finished inversion goes on in its last stage where that has been given more iterations, or another goal
// and has iterations left.
void reopen(ss::InversionState& state, const ss::InversionParams& params, const Finished& then) {
  const auto stages = params.all_stages();
  if (state.history.empty() || state.stage != int(stages.size())) return;
  const int last = state.stage - 1;
  if (state.history.back().stage != last) return;
  const auto first = std::ranges::find(state.history, last, &ss::InversionRecord::stage);
  // A draw of signs may have spent more iterations than it made. Where the last one did, or the stage ended within
  // one, what goes on is not what would have been without the end.
  const int done = params.encoding.on() ? state.history.back().spent
                                        : state.history.back().iteration - first->iteration;
  const bool further = goal_has_moved(state.history.back(), then, params.misfit_goal) &&
                       done < stages.back().iterations;
  if (stages.back().iterations <= then.iterations && !further) return;
  state.stage = last;
  state.iterations_in_stage = done;
  state.stage_start_misfit = first->misfit;
}

std::vector<double> earlier_speed(const SeismicJob& job, const mesh::Hdf5File& file) {
  std::uint64_t cells = 1;
  for (const auto n : job.deck.grid.cells) cells *= std::uint64_t(n);
  file.require_shape("p_speed_m_s", {cells}, "cells");
  if (file.attribute<std::string>("", "deck_hash") != job.provenance.deck_hash)
    core::log::warn(
        "{} was written by an earlier version from a deck of hash {} (this one's {}): whether it is "
        "this deck's cannot be known",
        file.path().string(), file.attribute<std::string>("", "deck_hash"),
        job.provenance.deck_hash);
  return file.get<double>("p_speed_m_s");
}

// Earlier files have those of the last record.
void read_totals(const mesh::Hdf5File& file, ss::InversionState& state) {
  if (file.has_attribute("", "evaluations")) {
    state.evaluations = file.attribute<long long>("", "evaluations");
    state.simulations = file.attribute<double>("", "simulations");
  } else if (!state.history.empty()) {
    state.evaluations = state.history.back().evaluations;
    state.simulations = state.history.back().simulations;
  }
}

}  // namespace

std::string restart_hash(const SeismicJob& job) { return hash_of(restart_keys(job.deck)); }

void write_inversion_state(const SeismicJob& job, const std::filesystem::path& path,
                           const ss::InversionState& state, bool finished) {
  std::vector<double> rows;
  for (const auto& record : state.history) {
    const auto row = row_of(record);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  mesh::write_hdf5_atomically(path, core::Comm::self(), [&](mesh::Hdf5File& file) {
    file.set_attribute("", "kind", "understudy_inversion");
    file.set_attribute("", "format_version", format_version);
    file.set_attribute("", "deck", job.provenance.deck);
    file.set_attribute("", "deck_hash", job.provenance.deck_hash);
    file.set_attribute("", "restart_hash", restart_hash(job));
    file.set_attribute("", "stage", state.stage);
    file.set_attribute("", "iterations_in_stage", state.iterations_in_stage);
    file.set_attribute("", "stage_start_misfit", state.stage_start_misfit);
    file.set_attribute("", "evaluations", state.evaluations);
    file.set_attribute("", "simulations", state.simulations);
    file.set_attribute("", "finished", finished);
    file.set_attribute("", "iterations_of_last_stage",
                       job.deck.inversion.all_stages().back().iterations);
    file.set_attribute("", "misfit_goal", job.deck.inversion.misfit_goal);
    ss::put_model_array(file, "p_speed_m_s", state.speed, "m/s", job.deck.grid);
    file.put("history", rows, {state.history.size(), std::uint64_t(columns)});
  });
}

std::optional<ss::InversionState> read_inversion_state(const SeismicJob& job,
                                                       const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
  ss::InversionState state;
  const bool earlier = !file.has_attribute("", "format_version");
  if (!earlier) require_own(job, file);
  state.speed = earlier ? earlier_speed(job, file)
                        : ss::get_model_array(file, "p_speed_m_s", "m/s", job.deck.grid);
  state.stage = int(file.attribute<long long>("", "stage"));
  state.iterations_in_stage = int(file.attribute<long long>("", "iterations_in_stage"));
  state.stage_start_misfit = file.attribute<double>("", "stage_start_misfit");
  const auto rows = file.get<double>("history");
  const bool with_encoding = file.shape("history").back() == columns;
  const std::size_t width = with_encoding ? columns : columns_without_encoding;
  for (std::size_t n = 0; n + width <= rows.size(); n += width)
    state.history.push_back(record_of(std::span(rows).subspan(n, width)));
  read_totals(file, state);
  require_stages(state, job.deck.inversion.all_stages(), path);
  if (earlier || !file.attribute<bool>("", "finished")) return state;
  Finished then{file.attribute<long long>("", "iterations_of_last_stage"), std::nullopt};
  if (file.has_attribute("", "misfit_goal")) then.goal = file.attribute<double>("", "misfit_goal");
  reopen(state, job.deck.inversion, then);
  return state;
}

}  // namespace understudy::apps::seismic
