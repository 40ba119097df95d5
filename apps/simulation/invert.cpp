// The verb `invert` of simulations that can be differentiated: four-dimensional variational assimilation of the
// deck's samples, with restart. Part of builds with PETSc.
#include <cmath>

#include "apps/report/report_format.hpp"
#include "apps/report/run_page.hpp"
#include "apps/simulation/assimilation/assimilation_outputs.hpp"
#include "apps/simulation/outputs.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"

namespace understudy::apps::verbs {

namespace {

namespace sa = solvers::assimilation;

// What came out of one number.
struct NumberResult {
  sa::UnknownNumber unknown;
  double value = 0, truth = std::nan("");
  double relative_error() const { return std::abs(value - truth) / std::abs(truth); }
};

template <class Real>
std::vector<NumberResult> number_results(const DeckAssimilation<Real>& run,
                                         const sa::AssimilationState& state) {
  std::vector<NumberResult> results;
  const auto& numbers = run.objective->problem().numbers;
  for (std::size_t n = 0; n < numbers.size(); ++n) {
    results.push_back({numbers[n], state.history.back().numbers[n]});
    if (run.twin) results.back().truth = run.truth[n];
  }
  return results;
}

// How far the start and what was found are from the truth: the initial states of a twin, and the samples that were
// held out.
struct StateErrors {
  double start = std::nan(""), found = std::nan("");
  std::vector<HeldOutError> held_out_start,
      held_out_found;  ///< by field; empty: nothing was held out
};

template <class Real>
StateErrors state_errors(const SimulationJob& job, const DeckAssimilation<Real>& run,
                         const std::vector<FoundFlow<Real>>& flows) {
  StateErrors errors;
  errors.held_out_start = held_out_errors(run, flows[0]);
  errors.held_out_found = held_out_errors(run, flows[1]);
  if (flows.size() < 3) return errors;
  const auto fields = job.deck.physics->initial_fields();
  errors.start = relative_difference(fields, flows[0].state, flows[2].state);
  errors.found = relative_difference(fields, flows[1].state, flows[2].state);
  return errors;
}

double ratio(double now, double start) { return start > 0 ? now / start : 1; }

void summarise(const std::vector<NumberResult>& numbers, const sa::AssimilationState& state,
               const StateErrors& errors, const sa::TimeIntervals& time, Summary& summary) {
  const auto &first = state.history.front(), &last = state.history.back();
  for (const auto& n : numbers) {
    const std::string at = core::format("assimilation.{}.", n.unknown.name);
    summary.metric(at + "value", n.value);
    summary.metric(at + "unit", n.unknown.unit);
    summary.metric(at + "start", n.unknown.background);
    if (std::isnan(n.truth)) continue;
    summary.metric(at + "truth", n.truth);
    summary.metric(at + "relative_error", n.relative_error());
  }
  if (!std::isnan(errors.found)) {
    summary.metric("assimilation.initial_error.rel_l2", errors.found);
    summary.metric("assimilation.initial_error.rel_l2_start", errors.start);
  }
  for (const auto& [suffix, held_out] :
       {std::pair{"", errors.held_out_found}, std::pair{"_start", errors.held_out_start}})
    for (const auto& e : held_out) {
      const std::string at = core::format("assimilation.held_out.{}.", e.field);
      summary.metric(at + "samples", static_cast<double>(e.samples));
      summary.metric(at + "rel_l2" + suffix, e.rel_l2);
      summary.metric(at + "rel_l2_mean_free" + suffix, e.rel_l2_mean_free);
    }
  summary.metric("assimilation.misfit_start", first.misfit);
  summary.metric("assimilation.misfit_final", last.misfit);
  summary.metric("assimilation.misfit_ratio", ratio(last.misfit, first.misfit));
  summary.metric("assimilation.background_final", last.background);
  summary.metric("assimilation.iterations", last.iteration);
  summary.metric("assimilation.evaluations", last.evaluations);
  summary.metric("assimilation.time_to_solution_s", last.wall_s);
  summary.metric("assimilation.step_s", time.step_s);
  summary.metric("assimilation.steps", time.count);
  summary.metric("assimilation.steps_recomputed", state.recomputed);
  summary.metric("assimilation.steps_shortened", state.shortened);
  summary.metric("assimilation.end", state.reason);
  summary.metric("assimilation.failed", state.failed);
}

std::vector<std::vector<std::string>> table_of(const std::vector<NumberResult>& numbers,
                                               const sa::AssimilationState& state,
                                               const StateErrors& errors) {
  using report::number;
  std::vector<std::vector<std::string>> rows{{"Quantity", "Start", "Found", "True"}};
  for (const auto& n : numbers)
    rows.push_back({report::name_and_unit(n.unknown.name, n.unknown.unit),
                    number(n.unknown.background, 5), number(n.value, 5),
                    std::isnan(n.truth) ? "" : number(n.truth, 5)});
  if (!std::isnan(errors.found))
    rows.push_back({"initial state, error relative to the true one", number(errors.start, 3),
                    number(errors.found, 3), "0"});
  for (std::size_t f = 0; f < errors.held_out_found.size(); ++f) {
    const auto &start = errors.held_out_start[f], &found = errors.held_out_found[f];
    rows.push_back(
        {core::format("{} at {} samples held out, relative error", found.field, found.samples),
         number(start.rel_l2, 3), number(found.rel_l2, 3), "0"});
    rows.push_back({core::format("{}, the means taken off", found.field),
                    number(start.rel_l2_mean_free, 3), number(found.rel_l2_mean_free, 3), "0"});
  }
  rows.push_back({"misfit", number(state.history.front().misfit, 4),
                  number(state.history.back().misfit, 4), ""});
  return rows;
}

void write_page(const SimulationJob& job, const std::vector<NumberResult>& numbers,
                const sa::AssimilationState& state, const StateErrors& errors,
                const std::vector<report::FramedPicture>& pictures) {
  report::RunPage page;
  page.title = job.deck.name;
  const auto& last = state.history.back();
  page.lead = core::format(
      "{} iterations and {} evaluations of misfit and gradient in {}; the minimisation ended: {}.",
      last.iteration, last.evaluations, report::duration(last.wall_s), state.reason);
  page.numbers = table_of(numbers, state, errors);
  report::Chart chart{.title = "Misfit",
                      .section = "convergence",
                      .caption = "Half the squares of (computed - measured) / deviation.",
                      .x = {"iteration"},
                      .y = {"misfit", true}};
  report::ChartSeries series{"misfit", "truth"};
  for (const auto& r : state.history) {
    series.x.push_back(r.iteration);
    series.y.push_back(r.misfit);
  }
  report::add_series(chart, series);
  report::add_chart(page.charts, chart);
  page.charts_of = {{"convergence", "Convergence"}};
  if (!pictures.empty()) page.sections.push_back({"Initial states", report::framed_row(pictures)});
  report::write_run_page(job, page);
}

void log_end(const SimulationJob& job, const std::vector<NumberResult>& numbers,
             const sa::AssimilationState& state, const StateErrors& errors) {
  const std::string end = core::format("the assimilation ended: {}", state.reason);
  if (state.failed)
    core::log::warn("{}; what was found may be far from the best", end);
  else
    core::log::info("{}", end);
  if (state.shortened > 0)
    core::log::warn(
        "{} times assimilation.step_s took another number of time steps than at the first evaluation, since "
        "the stable one changed: the gradient does not know of that; a smaller assimilation.step_s, or closer "
        "bounds, keep it exact",
        state.shortened);
  for (const auto& n : numbers)
    core::log::info("{}: {:.6g} {} (start {:.6g}{})", n.unknown.name, n.value, n.unknown.unit,
                    n.unknown.background,
                    std::isnan(n.truth) ? ""
                                        : core::format(", true {:.6g}, error {:.3g}%", n.truth,
                                                       100 * n.relative_error()));
  if (!std::isnan(errors.found))
    core::log::info("initial state: error {:.3g} of the true one (start {:.3g})", errors.found,
                    errors.start);
  for (std::size_t f = 0; f < errors.held_out_found.size(); ++f)
    core::log::info("{} at {} samples that were held out: error {:.3g} (start {:.3g})",
                    errors.held_out_found[f].field, errors.held_out_found[f].samples,
                    errors.held_out_found[f].rel_l2, errors.held_out_start[f].rel_l2);
  core::log::info("{}: results in {}", job.deck.name, job.out.string());
}

template <class Real>
void invert_as(SimulationJob& job, Summary& summary) {
  const AssimilationParams& params = job.deck.assimilation;
  const DeckAssimilation<Real> run = make_assimilation<Real>(job);
  for (const auto& [key, names] : {std::pair{"output.derived", job.deck.output.derived},
                                   std::pair{"output.pictures", job.deck.output.pictures}})
    require_quantities(*run.own.state, *run.own.stepper, names, key);
  const auto restart = job.out / "assimilation.h5";
  std::optional<sa::AssimilationState> resumed;
  if (resumes_from(job, restart)) resumed = read_assimilation<Real>(job, restart, run);
  const auto& time = run.objective->course().time();
  if (job.comm.is_root())
    core::log::info(
        "{}: {} samples, {} steps of {:.4g} s; {}", job.deck.name,
        run.objective->course().observations().samples.size(), time.count, time.step_s,
        resumed ? core::format("resuming after iteration {}", resumed->history.back().iteration)
                : std::string("starting"));
  if (resumed) open_output(job);
  summary.belongs_to(assimilation_hash(job));
  AssimilationLog<Real> log(job, run, resumed ? &*resumed : nullptr);
  const sa::AssimilationState state =
      sa::assimilate(*run.objective,
                     {.iterations = params.iterations,
                      .gradient_tolerance = params.gradient_tolerance,
                      .value_goal = params.goal},
                     std::ref(log), resumed ? &*resumed : nullptr);
  if (log.stopped_by() != 0)
    throw core::Interrupted(
        core::format("stopped by signal {} after iteration {}; --resume goes on from {}",
                     log.stopped_by(), state.history.back().iteration, restart.string()),
        log.stopped_by());
  auto flows = found_flows(run, state.x);
  const StateErrors errors = state_errors(job, run, flows);
  const auto numbers = number_results(run, state);
  if (job.comm.is_root()) log_end(job, numbers, state, errors);
  const auto pictures = write_flows(job, flows, state.history.back().iteration);
  summarise(numbers, state, errors, time, summary);
  if (resumed && state.history.size() == resumed->history.size()) summary.keep_earlier();
  if (job.comm.is_root()) write_page(job, numbers, state, errors, pictures);
}

}  // namespace

void invert(SimulationJob& job, Summary& summary) {
  with_precision(job.deck.precision, [&]<class Real>(Real) { invert_as<Real>(job, summary); });
}

}  // namespace understudy::apps::verbs
