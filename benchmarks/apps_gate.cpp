// How often the calibrated gates are wrong, over rollouts of cases that neither training nor calibration
// saw, inside and outside the training envelope, and what each gate costs beside a call of the surrogate.
//
//   bench_apps_gate DECK OUT [inside=105,135,...] [outside=40,220,...]
//
// OUT has the study's dataset and model (understudy study DECK --out OUT). Cases are values of the model's
// first parameter; without them, the middles between those of training and calibration, and values beyond the envelope
// by a quarter, half and the whole of its width. Each case is simulated to compare.spin_up_s, and from there
// `swap.gate.calibration.windows` windows by the simulation and by the surrogate alone.
//
//   false accept   share of all windows that are accepted with an error above swap.gate.error_limit
//   false reject   share of all windows that are rejected with an error within it
//
// each with the 95% interval of Wilson (1927), which takes windows for independent.
#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>

#include "apps/flow/flow.hpp"
#include "apps/simulation/calibration.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/gate_catalog.hpp"
#include "apps/simulation/simulation_study.hpp"
#include "apps/study/model_folder.hpp"
#include "core/conformal.hpp"
#include "core/error.hpp"
#include "core/runtime.hpp"
#include "solvers/run_loop.hpp"
#include "surrogates/comparison/grid_sampling.hpp"

using namespace understudy;
using namespace understudy::apps;

namespace {

using State = mesh::State<double>;

struct Windows {
  std::vector<std::vector<double>> scores;  ///< [gate][window]
  std::vector<double> errors;
};

struct Bench {
  SimulationJob job;
  std::vector<surrogates::FieldModel> models;
  std::shared_ptr<const surrogates::TrustReference> reference;
  surrogates::CalibrationSetup<double> setup;
  std::map<std::string, double> gate_s;  ///< seconds per call of each gate
  double surrogate_s = 0, calls = 0;
};

double error_between(const State& truth, const State& state) {
  double sum = 0;
  const auto errors = surrogates::error_against(truth, state);
  for (const double e : errors) sum += e / static_cast<double>(errors.size());
  return sum;
}

surrogates::GateContext<double> context_of(const Bench& b,
                                           const surrogates::CalibrationCase<double>& which) {
  return {b.setup.card,     b.reference, b.setup.params, b.setup.card.window_s,
          which.parameters, which.truth, which.members};
}

void roll(Bench& b, double value, Windows& all) {
  const auto& p = b.models.front().card.parameters.at(0);
  surrogates::SampleInfo sample;
  sample.parameters = {{p.name, p.unit, value}};
  SimulationDeck deck = with_settings(b.job, {setting(p.name, value)});
  const double window_s = deck.time.window_s;
  auto simulation = make_simulation<double>(deck, b.job.comm);
  solvers::TimeParams time = deck.time;
  time.end_s = whole_windows(deck.compare.spin_up_s, window_s) * window_s;
  solvers::RunLoop<double> spin_up{
      .stepper = *simulation.stepper, .time = time, .progress_title = ""};
  spin_up.run(*simulation.state);

  const auto which = b.setup.make_case(sample);
  std::vector<std::unique_ptr<surrogates::Gate<double>>> gates;
  for (const auto& name : b.setup.gates)
    gates.push_back(make_gate(*deck.physics, name, context_of(b, which)));
  const surrogates::Measurer<double> measure(which.truth->grid(), b.setup.card.fields);
  State state = simulation.state->clone();
  State& truth = *simulation.state;
  // As in a gated run (surrogates/swap/guard.hpp): what does not restore the constraints is judged by a copy.
  const bool constrains = b.setup.card.network.constrain;
  if (constrains) which.truth->constrain(state);
  State judged = state.clone();
  const double start_s = state.time_s;
  for (int n = 1; n <= b.setup.params.calibration.windows; ++n) {
    const State before = state.clone();
    const core::Stopwatch surrogate_clock;
    which.surrogate->advance(state, window_s);
    Kokkos::fence("surrogate");
    b.surrogate_s += surrogate_clock.seconds();
    b.calls += 1;
    simulation.stepper->advance(truth, window_s);
    state.time_s = truth.time_s = start_s + n * window_s;
    all.errors.push_back(error_between(truth, state));
    const core::Stopwatch constrain_clock;
    judged.copy_from(state);
    if (!constrains) which.truth->constrain(judged);
    Kokkos::fence("constrain");
    b.gate_s["(constrained copy)"] += constrain_clock.seconds();
    const core::Stopwatch measure_clock;
    const auto measures = measure(judged);
    b.gate_s["(measures)"] += measure_clock.seconds();
    for (std::size_t g = 0; g < gates.size(); ++g) {
      const core::Stopwatch clock;
      all.scores[g].push_back(gates[g]->score({judged, &before, measures}));
      Kokkos::fence("gate");
      b.gate_s[gates[g]->name()] += clock.seconds();
    }
  }
}

// As the guard: a bound of 0 accepts nothing.
bool within(double score, double bound) { return bound > 0 && score <= bound; }

void print_row(const std::string& name, const std::vector<bool>& accepted,
               const std::vector<double>& errors, double limit) {
  long long accepts = 0, false_accepts = 0, false_rejects = 0, wrong = 0;
  const auto count = static_cast<long long>(errors.size());
  for (std::size_t n = 0; n < errors.size(); ++n) {
    const bool bad = !(errors[n] <= limit);
    wrong += bad;
    accepts += accepted[n];
    false_accepts += accepted[n] && bad;
    false_rejects += !accepted[n] && !bad;
  }
  const auto a = surrogates::fraction_of(false_accepts, count),
             r = surrogates::fraction_of(false_rejects, count);
  std::printf("  %-13s %6lld %6lld %8.1f%%  %5.1f%% [%4.1f, %5.1f]   %5.1f%% [%4.1f, %5.1f]\n",
              name.c_str(), count, wrong, 100.0 * double(accepts) / double(count), 100 * a.value,
              100 * a.lower, 100 * a.upper, 100 * r.value, 100 * r.lower, 100 * r.upper);
}

void measure(Bench& b, const char* title, const std::vector<double>& cases) {
  Windows all;
  all.scores.resize(b.setup.gates.size());
  std::string list;
  for (const double value : cases) {
    roll(b, value, all);
    list += (list.empty() ? "" : ", ") + std::to_string(value).substr(0, 6);
  }
  const double limit = b.setup.params.error_limit;
  std::printf("%s: %s = %s\n  %-13s %6s %6s %9s  %-22s   %s\n", title,
              b.models.front().card.parameters.at(0).name.c_str(), list.c_str(), "gate", "windows",
              "wrong", "accepted", "false accept", "false reject");
  std::vector<bool> combined(all.errors.size(), true);
  auto params = b.setup.params;
  for (std::size_t g = 0; g < b.setup.gates.size(); ++g) {
    // By itself, at the combined bound of this gate alone.
    params.use = {b.setup.gates[g]};
    const auto t = surrogates::thresholds_of(*b.reference, params);
    std::vector<bool> accepted;
    for (const double s : all.scores[g]) accepted.push_back(within(s, t.gates[0] * t.combined));
    print_row(b.setup.gates[g], accepted, all.errors, limit);
  }
  const auto t = surrogates::thresholds_of(*b.reference, b.setup.params);
  for (std::size_t u = 0; u < b.setup.params.use.size(); ++u) {
    const auto g = std::ranges::find(b.setup.gates, b.setup.params.use[u]) - b.setup.gates.begin();
    for (std::size_t n = 0; n < combined.size(); ++n)
      combined[n] = combined[n] && within(all.scores[g][n], t.gates[u] * t.combined);
  }
  print_row("all in use", combined, all.errors, limit);
}

std::vector<double> numbers(const std::string& list) {
  std::vector<double> values;
  std::istringstream stream(list);
  for (std::string one; std::getline(stream, one, ',');) values.push_back(std::stod(one));
  return values;
}

void default_cases(const surrogates::ModelCard& card, const surrogates::DatasetReader& data,
                   std::vector<double>& inside, std::vector<double>& outside) {
  std::vector<double> seen;
  for (const auto& c : card.cases) seen.push_back(c.values.at(0));
  for (const int n : surrogates::held_out(data, card).samples)
    seen.push_back(surrogates::value_of(data.samples()[n].parameters, card.parameters.at(0).name,
                                        data.samples()[n].name));
  std::ranges::sort(seen);
  if (inside.empty())
    for (std::size_t n = 0; n + 1 < seen.size(); ++n)
      if (seen[n] < seen[n + 1]) inside.push_back(0.5 * (seen[n] + seen[n + 1]));
  const auto& p = card.parameters.at(0);
  if (outside.empty())
    for (const double share : {0.25, 0.5, 1.0})
      outside.push_back(p.highest + share * (p.highest - p.lowest));
}

}  // namespace

int main(int argc, char** argv) {
  core::Runtime runtime(argc, argv, {});
  try {
    if (argc < 3)
      throw core::UserError("usage: bench_apps_gate DECK OUT [inside=a,b] [outside=c,d]");
    JobOptions options;
    options.verb = "calibrate";
    options.deck = argv[1];
    options.out = argv[2];
    std::vector<double> inside, outside;
    for (int n = 3; n < argc; ++n) {
      const std::string word = argv[n];
      if (word.starts_with("inside="))
        inside = numbers(word.substr(7));
      else if (word.starts_with("outside="))
        outside = numbers(word.substr(8));
      else
        options.settings.push_back(word);
    }
    SimulationJob job = simulation_job(options, make_flow);
    const surrogates::DatasetReader data(job.dataset());
    const auto models = read_models(job.model(), true);
    auto reference = std::make_shared<const surrogates::TrustReference>(
        surrogates::load_trust(trust_path(job.model())));
    Bench b{job, models, reference, calibration_setup<double>(job, data, models), {}, 0, 0};
    b.setup.gates = reference->table.gates;
    default_cases(models.front().card, data, inside, outside);
    const auto& p = b.setup.params;
    std::printf(
        "quantile %g, error limit %g, risk %g; calibrated on %zu windows of %d rollouts, %d "
        "threads\n",
        p.quantile, p.error_limit, p.risk, reference->table.windows(),
        reference->table.rollout_count(), core::Runtime::threads());
    measure(b, "inside", inside);
    measure(b, "outside", outside);
    std::printf("surrogate %.3f ms a window", 1e3 * b.surrogate_s / b.calls);
    for (const auto& [name, seconds] : b.gate_s)
      std::printf("; %s %.3f ms (%.1f%%)", name.c_str(), 1e3 * seconds / b.calls,
                  100 * seconds / b.surrogate_s);
    std::printf("\n");
  } catch (const core::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.exit_code();
  }
  return 0;
}
