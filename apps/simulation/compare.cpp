// The verb `compare` of simulations: truth, replacement and classical runs from one start, and the report.
#include <algorithm>
#include <cmath>
#include <optional>

#include "apps/simulation/backend_table.hpp"
#include "apps/simulation/classical.hpp"
#include "apps/simulation/climatology.hpp"
#include "apps/simulation/comparison_report.hpp"
#include "apps/simulation/comparison_summary.hpp"
#include "apps/simulation/contenders.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/finer_truth.hpp"
#include "apps/simulation/outputs.hpp"
#include "apps/simulation/replacement.hpp"
#include "apps/simulation/report/figures.hpp"
#include "apps/simulation/report/report.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "apps/simulation/statistic_names.hpp"
#include "apps/simulation/sub_models.hpp"
#include "apps/simulation/swap_report.hpp"
#include "apps/study/model_folder.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/machine_load.hpp"
#include "core/memory.hpp"
#include "core/runtime.hpp"
#include "surrogates/training/model_verdict.hpp"

namespace understudy::apps::verbs {

namespace {

// A card that does not say what it was trained on (version 1): the deck's own ensemble has to do.
surrogates::CaseStanding standing_in_ensemble(const SimulationJob& job,
                                              const std::vector<surrogates::NamedValue>& mine) {
  for (const auto& member : ensemble_members(job)) {
    bool same = true;
    for (std::size_t n = 0; n < mine.size(); ++n)
      same &= std::abs(mine[n].value - member.sample.parameters[n].value) <=
              1e-9 * std::abs(mine[n].value);
    if (same && member.sample.split != "test")
      return {surrogates::Standing::seen, {member.sample.name, member.sample.split, {}}};
  }
  return {};
}

// The same parameters from another random start are another case.
bool is_another_start(const SimulationJob& job, SimulationDeck& deck) {
  const std::string start = deck.physics->realisation();
  if (start.empty()) return false;
  for (const auto& member : ensemble_members(job))
    if (member.sample.split != "test" && member.deck.physics->realisation() == start) return false;
  return true;
}

// A case that was trained on says little about cases that were not.
surrogates::CaseStanding require_unseen(const SimulationJob& job, SimulationDeck& deck,
                                        const surrogates::ModelCard& card) {
  if (deck.swap.policy == "never") return {};
  const auto mine = network_parameters(deck);
  auto found = surrogates::standing_of(card, mine);
  if (found.standing == surrogates::Standing::unknown) found = standing_in_ensemble(job, mine);
  if (found.standing == surrogates::Standing::seen && is_another_start(job, deck))
    found = {surrogates::Standing::inside, {}};
  if (found.standing != surrogates::Standing::seen || job.deck.compare.allow_trained) return found;
  std::string text;
  for (const auto& p : mine)
    text += core::format("{}{} = {:.6g}", text.empty() ? "" : ", ", p.name, p.value);
  throw core::UserError(
      core::format("compare: the model has seen the case {} in its training: {} ({}); set "
                   "compare.parameters to a case that was not seen, or compare.allow_trained: true",
                   text, found.twin.sample, found.twin.split));
}

// The developed state from which both sides start.
template <class Real>
std::shared_ptr<mesh::State<Real>> spin_up(const SimulationJob& job, const SimulationDeck& deck) {
  auto simulation = make_simulation<Real>(deck, job.comm);
  const long long windows = whole_windows(deck.compare.spin_up_s, deck.time.window_s);
  if (windows > 0) {
    solvers::TimeParams time = deck.time;
    time.end_s = static_cast<double>(windows) * deck.time.window_s;
    time.checkpoint_every = 0;
    solvers::RunLoop<Real> loop{
        .stepper = *simulation.stepper, .time = time, .progress_title = "spin-up"};
    loop.run(*simulation.state);
  }
  return simulation.state;
}

surrogates::EqualIn equal_in(const CompareParams& params) {
  using surrogates::EqualIn;
  return params.equal == "error"              ? EqualIn::error
         : params.equal == "statistics"       ? EqualIn::statistics
         : params.equal == "profiles"         ? EqualIn::profiles
         : params.equal == "spectra"          ? EqualIn::spectra
         : params.equal == "correlation_0.95" ? EqualIn::correlation_95
                                              : EqualIn::correlation_80;
}

template <class Real>
surrogates::ComparisonSetup<Real> setup_of(const SimulationJob& job, const SimulationDeck& deck,
                                           solvers::Stepper<Real>& truth,
                                           solvers::Stepper<Real>& replacement,
                                           const mesh::State<Real>& initial) {
  surrogates::ComparisonSetup<Real> setup{truth, replacement, initial};
  setup.window_s = deck.time.window_s;
  setup.windows = deck.compare.windows;
  setup.warm_up_windows = deck.compare.warm_up_windows;
  setup.block_windows = deck.compare.block_windows;
  setup.max_abs_value = deck.time.max_abs_value;
  setup.pictures =
      deck.compare.pictures.empty() ? deck.physics->default_pictures() : deck.compare.pictures;
  const int count = deck.compare.picture_count;
  for (int n = 1; n <= count; ++n)
    setup.picture_times_s.push_back(
        setup.window_s * static_cast<double>(std::llround(double(setup.windows) * n / count)));
  setup.spectra_every = deck.compare.spectra_every;
  setup.correlation = deck.compare.correlation;
  setup.equal_in = equal_in(deck.compare);
  setup.statistics = statistic_names(deck.compare.statistics, truth.diagnostics(initial));
  setup.profile = {deck.compare.profiles.index(), deck.compare.profiles.from_s};
  setup.cores = job.comm.size() * core::Runtime::threads();
  return setup;
}

template <class Real>
std::vector<mesh::Slice> mask_slices(const mesh::State<Real>& state) {
  std::vector<mesh::Slice> masks;
  if (state.has("mask"))
    for (const int normal : mesh::picture_normals(state.grid()))
      masks.push_back(mesh::gather_picture(state.grid(), state["mask"].component(), normal));
  return masks;
}

// What a report's first paragraph says belongs on the console, too.
void say_if_bad(const SimulationJob& job, const surrogates::ComparisonResult& r,
                const std::vector<ContenderResult>& contenders) {
  const auto counted = r.counted();
  for (const auto& error : r.errors)
    if (error.judged() && error.mean(counted) >= surrogates::bad_error)
      core::log::warn("{}: {} is off by {:.0f}% on average: this is no replacement", job.deck.name,
                      error.field, 100 * error.mean(counted));
  std::vector<const surrogates::ComparisonResult*> others;
  for (const auto& c : contenders) others.push_back(&c.result);
  const auto best = surrogates::better_model(r, others);
  if (!best) return;
  const std::string& name = contenders[best->index].name;
  const std::string within =
      r.within_truth(best->error)
          ? core::format(", within the truth's own error of {:.3g}", best->floor)
          : "";
  if (r.replacement_failed)
    core::log::warn("{}: the deck's network failed, the contender {} lasts (mean error {:.3g}{})",
                    job.deck.name, name, best->error, within);
  else
    core::log::warn("{}: the contender {} is {:.2g} times as accurate as the deck's network{}{}",
                    job.deck.name, name, best->times_as_accurate(), within,
                    counted.empty() ? "" : ", over the windows that this advanced");
}

void write_files(ComparisonRecord& record) {
  const SimulationJob& job = record.job;
  job.comm.on_root<core::UserError>([&] {
    record.backends = add_backend(job.out / "backends.csv", backend_row(record));
    write_comparison_csv(job.out / "comparison.csv", record.result);
    write_profiles_csv(job.out / "profiles.csv", record.result, record.contenders);
    write_report(job.out / "report.html", make_report(record));
  });
}

void say(const SimulationJob& job, const surrogates::ComparisonResult& r) {
  auto say_one = [](const char* what, const core::Maybe<double>& v,
                    const surrogates::Scatter& scatter, bool at_most) {
    core::log::info("{}: {}{}", what, v.known ? report::figure(v.value, scatter, at_most) : "none",
                    v.reason.empty() ? "" : " (" + v.reason + ")");
  };
  const auto& s = r.speedups;
  say_one("speed-up on the same grid", s.same_grid, s.same_grid_scatter, false);
  say_one("speed-up at equal error", s.equal_error, s.equal_error_scatter, s.equal_error_at_most);
  if (s.own_method.known || !s.own_method.reason.empty())
    say_one("speed-up at equal error against the deck's own method alone", s.own_method,
            s.own_method_scatter, s.own_method_at_most);
  say_one("runs until data and training are paid back", s.break_even_runs, s.break_even_scatter,
          false);
  const auto counted = r.counted();
  const double error = r.mean_error(counted);
  const std::string over = counted.empty()
                               ? core::format("{} windows", r.stable_windows())
                               : core::format("the {} of {} windows that the surrogate advanced",
                                              std::ranges::count(counted, true), counted.size());
  core::log::info("{}: {}; report in {}", job.deck.name,
                  std::isnan(error) ? std::string("no error could be measured")
                                    : core::format("mean error {:.3g} over {}", error, over),
                  (job.out / "report.html").string());
  if (!r.truth_error.known()) return;
  const double own = r.truth_mean_error();
  core::log::info(
      "the simulation's own error beside a run of {} cells: {}{}", r.truth_error.name,
      std::isnan(own) ? std::string("none could be measured") : core::format("{:.3g}", own),
      !r.replacement_failed && r.within_truth(error)
          ? "; the replacement's is within the truth's own error"
          : "");
}

// Everything that is compared, timed in turns; one simulation time serves all rows.
struct Timings {
  std::vector<surrogates::TimedSide> classical, contenders;
  std::optional<surrogates::TimedSide> truth = {}, replacement = {};
  std::string machine = {};  ///< load and clock

  void measure(const SimulationDeck& deck, const core::Comm& comm) {
    std::vector<surrogates::TimedSide> sides{*truth};
    if (replacement) sides.push_back(*replacement);
    sides.insert(sides.end(), classical.begin(), classical.end());
    sides.insert(sides.end(), contenders.begin(), contenders.end());
    const auto before = core::machine_load();
    surrogates::time_interleaved(
        sides, {deck.compare.windows, deck.compare.block_windows, deck.compare.repeats}, comm);
    const auto after = core::machine_load();
    machine = core::load_text(before, after);
    const double own = comm.size() * core::Runtime::threads();
    if (before.load.value_or(0) > own + 0.5 && before.load.value_or(0) > 0.6 * before.processors)
      core::log::warn("others work on this machine ({}): wall times and speed-ups are less certain",
                      machine);
    auto next = sides.begin();
    truth = *next++;
    if (replacement) replacement = *next++;
    for (auto* list : {&classical, &contenders})
      for (auto& side : *list) side = *next++;
  }

  void set(surrogates::ComparisonResult& result, std::vector<ContenderResult>& rivals) const {
    auto side = classical.begin();
    for (auto& point : result.classical) {
      if (!point.refused.empty() || side == classical.end()) continue;
      const auto& timed = *side++;
      if (timed.walls_s.empty()) continue;
      point.walls_s = timed.walls_s;
      point.cost_s = surrogates::median(timed.walls_s);
    }
    result.set_walls(truth->walls_s, replacement ? replacement->walls_s : std::vector<double>{});
    surrogates::set_speedups(result);
    auto rival_side = contenders.begin();
    for (auto& rival : rivals) {
      rival.result.classical = result.classical;  // set_speedups(): over the rival's own windows
      rival.result.truth_error = result.truth_error;
      const bool timed = !rival.result.replacement_failed && rival_side != contenders.end();
      rival.result.set_walls(truth->walls_s,
                             timed ? (rival_side++)->walls_s : std::vector<double>{});
      surrogates::set_speedups(rival.result);
    }
  }
};

// Both sides' states, the initial one, and those that both keep at the ends of a block's windows.
template <class Real>
void require_copies_fit(const SimulationDeck& deck, const mesh::State<Real>& state) {
  double bytes = 0;
  for (const auto& field : state.fields())
    bytes += sizeof(Real) * static_cast<double>(field.data.size());
  const long long kept =
      std::min<long long>(std::max(1, deck.compare.block_windows), deck.compare.windows);
  core::require_memory(
      {.bytes = bytes * static_cast<double>(3 + 2 * kept),
       .what = core::format("comparing, with {} states a side and block (compare.block_windows),",
                            kept),
       .remedy = "use a smaller compare.block_windows, fewer cells or more ranks on more machines",
       .at_least = true},
      state.grid().comm());
}

template <class Real>
void compare_as(SimulationJob& job, SimulationDeck& deck, std::vector<ClassicalCase>& classical,
                const std::optional<SimulationDeck>& finer, Summary& summary) {
  require_simulation_fits(deck, *deck.physics->make_grid(job.comm), sizeof(Real), 2);
  if (finer) require_finer_fits(deck, *finer, sizeof(Real), job.comm);
  auto truth = make_simulation<Real>(deck, job.comm);
  if (finer) require_interpolation_serves(*truth.stepper);
  require_quantities(*truth.state, *truth.stepper, deck.compare.pictures, "compare.pictures");
  if (!deck.compare.correlation.empty())
    require_quantities(*truth.state, *truth.stepper, {deck.compare.correlation},
                       "compare.correlation");
  statistic_names(deck.compare.statistics, truth.stepper->diagnostics(*truth.state));
  // The replacement has a solver of its own, so that neither warms the other's memory.
  const auto stand_in = make_simulation<Real>(deck, job.comm).stepper;
  require_copies_fit(deck, *truth.state);
  SubModels sub_models(deck.sub_models, {deck.directory, job.out}, *stand_in);
  auto replacement = make_replacement<Real>(job, deck, stand_in);
  auto standing = require_unseen(job, deck, replacement.card);
  const bool with_contenders = deck.swap.policy != "never" && !deck.contenders.empty();
  if (with_contenders) require_contender_models<Real>(job, *truth.stepper);
  open_output(job);
  const auto initial = spin_up<Real>(job, deck);
  std::vector<std::string> outside;
  if (replacement.surrogate)
    outside = outside_envelope<Real>(
        replacement.card, *truth.stepper, *initial, initial->time_s,
        initial->time_s + static_cast<double>(deck.compare.windows) * deck.time.window_s);

  auto setup = setup_of<Real>(job, deck, *truth.stepper, *replacement.swap, *initial);
  const auto& cost = replacement.card.cost;
  setup.made_for_core_s = cost.data_core_s + cost.training_core_s + sub_models.made_for_core_s();
  if (deck.swap.policy == "gate") setup.made_for_core_s += replacement.card.calibration.core_s;
  if (replacement.surrogate) replacement.stand_in.warm_up(*initial);
  const auto climatology = training_climatology(job, deck, *initial);
  if (climatology.mean) {
    setup.climatology = [&](long long window) -> const mesh::State<Real>& {
      return climatology.mean->at(window);
    };
    setup.climatology_text = climatology.mean->text();
  }
  auto result = surrogates::compare(setup);
  setup.climatology = {};  // one is enough
  if (!climatology.mean) result.climatology.reason = climatology.reason;
  for (auto& text : outside_envelope(replacement.card, result.ranges))
    outside.push_back(std::move(text));
  if (standing.standing == surrogates::Standing::inside && !outside.empty())
    standing.standing = surrogates::Standing::outside;
  for (const auto& text : outside) core::log::warn("outside the training envelope: {}", text);
  // The windows of the warm-up come first, and are none of the comparison's; the timed repeats add theirs.
  const std::vector<surrogates::SwapRecord> all_records = replacement.swap->records();
  if (finer) result.truth_error = measure_truth(deck, *finer, *initial, result);
  std::vector<bool> judged;
  for (const auto& error : result.errors) judged.push_back(error.judged());
  const surrogates::StatisticsSetup besides = statistics_setup(deck, result);
  auto runs = run_classical<Real>(job, deck, classical, *initial,
                                  {.windows = deck.compare.windows,
                                   .warm_up_windows = deck.compare.warm_up_windows,
                                   .block_windows = deck.compare.block_windows,
                                   .judged = judged,
                                   .counted = result.compared_windows(),
                                   .target_error = result.replacement_failed ? 0 : result.read_at(),
                                   .equal_in = result.equal_in,
                                   .correlation = deck.compare.correlation,
                                   .statistics = result.statistics,
                                   .diagnostics = result.diagnostics,
                                   .besides = besides});
  result.classical = std::move(runs.points);
  std::vector<ContenderResult> contenders;
  std::vector<surrogates::TimedSide> others;
  if (with_contenders) contenders = run_contenders<Real>(job, setup, others);

  Timings timings{std::move(runs.sides), std::move(others)};
  timings.truth =
      surrogates::timed_side<Real>("simulation", truth.stepper, *initial, setup.window_s);
  if (!result.replacement_failed)
    timings.replacement =
        surrogates::timed_side<Real>("replacement", replacement.swap, *initial, setup.window_s);
  timings.measure(deck, job.comm);
  timings.set(result, contenders);

  summarise(result, deck, summary);
  for (const auto& contender : contenders) summarise(contender, summary);
  summary.metric("timing.repeats", deck.compare.repeats);
  summary.metric("timing.machine", timings.machine);
  const std::span<const surrogates::SwapRecord> records = all_records;
  report_swap(deck.swap.policy, records.last(std::min(records.size(), result.windows.size())),
              summary);
  sub_models.finish(summary);
  ComparisonRecord record{job,
                          deck,
                          result,
                          replacement.card,
                          standing,
                          replacement.warnings,
                          mask_slices(*initial),
                          deck.ensemble.members(),
                          contenders};
  record.machine = timings.machine;
  record.sub_models = sub_models.warnings();
  constexpr int pictured_modes = 4;
  if (replacement.surrogate)
    record.modes = surrogates::decompose(read_model(job.model()), *initial, pictured_modes);
  for (const auto& text : outside)
    record.warnings.push_back("outside the training envelope: " + text);
  if (result.replacement_failed) record.warnings.push_back(result.failure);
  if (replacement.surrogate)
    summarise(replacement.surrogate->inference(), replacement.surrogate->traffic(), summary);
  if (!replacement.card.name.empty()) {
    summary.metric("case.standing", standing_name(standing));
    summary.metric("case.outside", outside);
  }
  write_files(record);
  say(job, result);
  say_if_bad(job, result, contenders);
}

}  // namespace

void compare(SimulationJob& job, Summary& summary) {
  SimulationDeck deck = with_settings(job, case_settings(job));
  auto classical = classical_cases(job);
  const auto finer = finer_deck(job);
  with_precision(deck.precision,
                 [&]<class Real>(Real) { compare_as<Real>(job, deck, classical, finer, summary); });
}

}  // namespace understudy::apps::verbs
