#include "apps/simulation/classical.hpp"

#include <algorithm>
#include <memory>
#include <span>

#include "core/error.hpp"
#include "core/joined.hpp"
#include "core/log.hpp"
#include "surrogates/comparison/grid_sampling.hpp"

namespace understudy::apps {

namespace {

std::string size_of(const mesh::GridParams& grid) {
  std::string text;
  for (const auto cells : grid.cells) text += (text.empty() ? "" : " x ") + std::to_string(cells);
  return text;
}

// "grid.cells=[128, 64]" of a grid coarser by `factor`; empty where it does not divide.
std::string coarser_grid(const mesh::GridParams& grid, long long factor) {
  std::string list;
  for (const auto cells : grid.cells) {
    if (cells % factor != 0 || cells / factor < 8) return "";
    list += (list.empty() ? "" : ", ") + std::to_string(cells / factor);
  }
  return "grid.cells=[" + list + "]";
}

// `check` does not warn of comparisons that its deck says nothing of.
bool asked_for_coarser(const SimulationJob& job) {
  const DeckNode* compare = job.tree.root.find("compare");
  return job.verb != "check" || (compare && compare->find("coarser"));
}

// The deck's looser settings, `auto` resolved.
std::vector<std::string> looser_settings(const SimulationDeck& deck) {
  std::vector<std::string> all;
  for (const auto& setting : deck.compare.looser) {
    if (setting != "auto") {
      all.push_back(setting);
      continue;
    }
    if (deck.precision == "double") all.emplace_back("precision=single");
    for (const auto& own : deck.physics->looser_settings()) all.push_back(own);
  }
  return all;
}

// On the same grid a run goes on from the state as it is, the scheme's memory included; a coarser one
// starts anew from its own points, where the sampled velocity has to be projected.
template <class Real, class Own>
void start(const mesh::State<Real>& from, solvers::Stepper<Own>& stepper, mesh::State<Own>& state) {
  const mesh::Grid &whole = from.grid(), &own = state.grid();
  bool same = true;
  for (int axis = 0; axis < 3; ++axis) same &= whole.global_cells(axis) == own.global_cells(axis);
  state.time_s = from.time_s;
  if (!same) {
    surrogates::sample(from, state);
    stepper.constrain(state);
    return;
  }
  // The same history, too, where the scheme keeps the same one: a fresh start costs accuracy.
  bool history = true;
  for (auto& field : state.fields()) {
    const bool known = from.has(field.info.name);
    history &= known;
    if (known) Kokkos::deep_copy(field.data, from[field.info.name].data);
  }
  if (history) {
    state.scalars = from.scalars;
    state.step = from.step;
  } else {
    stepper.constrain(state);
  }
}

// A run in a precision of its own, beside a truth in Real.
template <class Real>
struct ClassicalRun {
  virtual ~ClassicalRun() = default;
  /// Timed windows in a row, one for each state of the truth; then their errors. RunError when it left
  /// its bounds.
  virtual void advance(std::span<const mesh::State<Real>> truth,
                       const solvers::TimeParams& time) = 0;
  std::string name;
  double cost_s = 0, error_sum = 0;
  long long windows = 0;
  bool failed = false;
};

template <class Real, class Own>
struct RunIn : ClassicalRun<Real> {
  RunIn(const ClassicalCase& c, const mesh::State<Real>& initial, int warm_up_windows)
      : simulation(make_simulation<Own>(c.deck, initial.grid().comm())) {
    this->name = c.name;
    auto& state = *simulation.state;
    start(initial, *simulation.stepper, state);
    auto copy = state.clone();
    for (int n = 0; n < warm_up_windows; ++n)
      simulation.stepper->advance(copy, c.deck.time.window_s);
  }

  void advance(std::span<const mesh::State<Real>> truth, const solvers::TimeParams& time) override {
    auto& state = *simulation.state;
    const core::Comm& comm = state.grid().comm();
    for (std::size_t n = 0; n < truth.size(); ++n) {
      Kokkos::fence("before a timed window");
      comm.barrier();
      const core::Stopwatch stopwatch;
      simulation.stepper->advance(state, time.window_s);
      Kokkos::fence("end of window");
      comm.barrier();
      this->cost_s += stopwatch.seconds();
      state.time_s = truth[n].time_s;
      if (n < kept.size())
        kept[n].copy_from(state);
      else
        kept.push_back(state.clone());
      solvers::check_contract(state, time.max_abs_value);
    }
    for (std::size_t n = 0; n < truth.size(); ++n) {
      const auto errors = surrogates::error_against(truth[n], kept[n]);
      double sum = 0;
      for (const double e : errors) sum += e;
      this->error_sum += errors.empty() ? 0 : sum / static_cast<double>(errors.size());
      this->windows += 1;
    }
  }

  Simulation<Own> simulation;
  std::vector<mesh::State<Own>> kept;  ///< at the ends of a block's windows
};

template <class Real>
std::vector<std::unique_ptr<ClassicalRun<Real>>> prepare(std::vector<ClassicalCase>& cases,
                                                         const mesh::State<Real>& initial,
                                                         const ClassicalSetup& setup) {
  std::vector<std::unique_ptr<ClassicalRun<Real>>> runs;
  for (auto& c : cases) try {
      with_precision(c.deck.precision, [&]<class Own>(Own) {
        runs.push_back(std::make_unique<RunIn<Real, Own>>(c, initial, setup.warm_up_windows));
      });
    } catch (const core::Error& error) {
      core::log::warn("no classical run {}: {}", c.name, error.what());
    }
  return runs;
}

}  // namespace

std::vector<ClassicalCase> classical_cases(const SimulationJob& job) {
  const auto settings = case_settings(job);
  const SimulationDeck deck = with_settings(job, settings);
  std::vector<ClassicalCase> cases;
  auto add = [&](const std::vector<std::string>& grid, const std::vector<std::string>& looser) {
    std::vector<std::string> all = settings;
    all.insert(all.end(), grid.begin(), grid.end());
    all.insert(all.end(), looser.begin(), looser.end());
    SimulationDeck cheaper = with_settings(job, all);
    std::string name = size_of(cheaper.grid());
    if (!looser.empty()) name += ", " + core::joined(looser);
    cases.push_back({std::move(name), std::move(cheaper)});
  };
  const auto looser = looser_settings(deck);
  for (const auto& one : looser) add({}, {one});
  if (looser.size() > 1) add({}, looser);
  for (const long long factor : deck.compare.coarser) {
    const std::string grid = coarser_grid(deck.grid(), factor);
    if (grid.empty()) {
      if (asked_for_coarser(job))
        core::log::warn(
            "no classical run with {} times coarser cells: {} does not divide into such with at least "
            "8 along each axis",
            factor, size_of(deck.grid()));
      continue;
    }
    add({grid}, {});
    if (!looser.empty()) add({grid}, looser);
  }
  return cases;
}

template <class Real>
std::vector<surrogates::ClassicalPoint> run_classical(const SimulationDeck& deck,
                                                      std::vector<ClassicalCase>& cases,
                                                      const mesh::State<Real>& initial,
                                                      const ClassicalSetup& setup) {
  if (cases.empty()) return {};
  auto runs = prepare(cases, initial, setup);
  if (runs.empty()) return {};
  auto truth = make_simulation<Real>(deck, initial.grid().comm());
  truth.state->copy_from(initial);
  core::Progress progress("classical runs", static_cast<double>(setup.windows), "windows");
  // In blocks, as the comparison itself: no run finds its memory evicted at every window.
  std::vector<mesh::State<Real>> block;
  for (long long done = 0; done < setup.windows;) {
    const long long count = std::min<long long>(setup.block_windows, setup.windows - done);
    block.clear();
    for (long long n = 1; n <= count; ++n) {
      truth.stepper->advance(*truth.state, deck.time.window_s);
      truth.state->time_s = initial.time_s + static_cast<double>(done + n) * deck.time.window_s;
      block.push_back(truth.state->clone());
    }
    for (auto& run : runs) try {
        if (!run->failed) run->advance(block, deck.time);
      } catch (const core::RunError& error) {
        core::log::warn("classical run {} failed: {}", run->name, error.what());
        run->failed = true;
      }
    done += count;
    progress.update(static_cast<double>(done));
  }
  std::vector<surrogates::ClassicalPoint> points;
  for (const auto& run : runs)
    // Without any error it was the full run again: what was loosened did not bind.
    if (!run->failed && run->windows > 0 && run->error_sum > 0)
      points.push_back({run->name, initial.grid().comm().max(run->cost_s),
                        run->error_sum / static_cast<double>(run->windows)});
  return points;
}

template std::vector<surrogates::ClassicalPoint> run_classical(const SimulationDeck&,
                                                               std::vector<ClassicalCase>&,
                                                               const mesh::State<float>&,
                                                               const ClassicalSetup&);
template std::vector<surrogates::ClassicalPoint> run_classical(const SimulationDeck&,
                                                               std::vector<ClassicalCase>&,
                                                               const mesh::State<double>&,
                                                               const ClassicalSetup&);

}  // namespace understudy::apps
