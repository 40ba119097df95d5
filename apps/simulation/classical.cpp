#include "apps/simulation/classical.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <span>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/memory.hpp"
#include "solvers/finer_start.hpp"
#include "surrogates/comparison/grid_sampling.hpp"

namespace understudy::apps {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// On the same grid a run goes on from the state as it is, the scheme's memory included; a coarser one
// starts anew from its own points, where the sampled velocity has to be projected, or from its own modes, all of which
// the state has.
template <class Real, class Own>
void start(const mesh::State<Real>& from, solvers::Stepper<Own>& stepper, mesh::State<Own>& state) {
  const mesh::Grid &whole = from.grid(), &own = state.grid();
  bool same = true, from_finer = true;
  for (int axis = 0; axis < 3; ++axis) {
    same &= whole.global_cells(axis) == own.global_cells(axis) &&
            whole.ghosts(axis) == own.ghosts(axis);
    from_finer &= whole.global_cells(axis) >= own.global_cells(axis);
  }
  state.time_s = from.time_s;
  if (!same) {
    auto* modes = dynamic_cast<solvers::FinerStart<Own>*>(&stepper);
    if (modes && from_finer) {
      modes->start_from(from, state);
      return;
    }
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
  virtual void advance(std::span<const mesh::State<Real>> truth, solvers::Stepper<Real>& simulation,
                       const solvers::TimeParams& time) = 0;
  /// Back to the start, and windows without a look at them: for repeated timings.
  virtual void restart() = 0;
  virtual void advance(long long windows) = 0;
  /// Of profiles and of spectra; NaN: none. Collective.
  virtual double profiles_error() const = 0;
  virtual double spectra_error() const = 0;
  std::string name, failure;
  double factor = 1;
  bool spectral = false;
  double cost_s = 0;
  std::vector<std::vector<double>> errors;  ///< [field][window]; NaN where the truth is 0
  surrogates::CorrelationSeries correlation;
  std::vector<std::string> statistic_names;
  std::vector<std::vector<double>> statistics;  ///< [named diagnostic][window]
  surrogates::EqualIn equal_in = surrogates::EqualIn::error;
  double window_s = 0;

  /// What is to be equal, the smaller the better (ComparisonResult::judged_by).
  double judged_by(const ClassicalSetup& setup) const {
    surrogates::ComparisonResult r;
    r.equal_in = equal_in;
    r.window_s = window_s;
    if (equal_in == surrogates::EqualIn::statistics) {
      r.statistics = setup.statistics;
      r.diagnostics = setup.diagnostics;
      return r.statistics_error(statistics, setup.counted);
    }
    return r.judged_by(point(setup));
  }

  /// With the judged fields' errors, and their mean over the windows that count.
  surrogates::ClassicalPoint point(const ClassicalSetup& setup) const {
    surrogates::ClassicalPoint point{name, cost_s, unknown, {}, {}, correlation};
    for (std::size_t f = 0; f < errors.size(); ++f)
      if (setup.judged.empty() || setup.judged.at(f)) point.errors.push_back(errors[f]);
    point.error = point.mean_error(setup.counted);
    point.statistics = statistics;
    point.profiles_error = profiles_error();
    point.spectra_error = spectra_error();
    point.other_method = spectral;
    return point;
  }
};

template <class Real, class Own>
struct RunIn : ClassicalRun<Real> {
  RunIn(const ClassicalCase& c, const mesh::State<Real>& initial, const ClassicalSetup& setup)
      : simulation(make_simulation<Own>(c.deck, initial.grid().comm())),
        beside(*simulation.state, setup.besides) {
    this->name = c.name;
    this->equal_in = setup.equal_in;
    this->correlation.quantity = setup.correlation;
    this->statistic_names = setup.statistics;
    this->statistics.resize(setup.statistics.size());
    if (!setup.correlation.empty()) this->correlation.values = {1};
    auto& state = *simulation.state;
    this->factor = c.factor;
    this->spectral = c.spectral;
    this->window_s = c.deck.time.window_s;
    if (c.spectral)
      core::require_memory(
          {.bytes = c.deck.physics->spectral_start_bytes(initial.grid(), sizeof(Real)),
           .what = "the start of a spectral run from the simulation's state",
           .remedy = "use compare.spectral: [] or fewer cells",
           .at_least = true},
          initial.grid().comm());
    start(initial, *simulation.stepper, state);
    at_start.push_back(state.clone());
    auto copy = state.clone();
    for (int n = 0; n < setup.warm_up_windows; ++n)
      simulation.stepper->advance(copy, c.deck.time.window_s);
  }

  void advance(std::span<const mesh::State<Real>> truth, solvers::Stepper<Real>& other,
               const solvers::TimeParams& time) override {
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
      beside.add(++windows_beside, truth[n], kept[n]);
      const auto differences = surrogates::differences_to(truth[n], kept[n]);
      const std::string& name = this->correlation.quantity;
      if (!name.empty())
        this->correlation.values.push_back(surrogates::correlation(
            surrogates::quantity(truth[n], other, name), truth[n].grid(),
            surrogates::quantity<Own>(kept[n], *simulation.stepper, name), kept[n].grid()));
      if (!this->statistics.empty()) {
        const auto values =
            surrogates::values_of(simulation.stepper->diagnostics(kept[n]), this->statistic_names);
        for (std::size_t d = 0; d < values.size(); ++d) this->statistics[d].push_back(values[d]);
      }
      this->errors.resize(differences.size());
      for (std::size_t f = 0; f < differences.size(); ++f)
        this->errors[f].push_back(
            differences[f].size > 0 ? differences[f].difference / differences[f].size : unknown);
    }
  }

  void restart() override {
    simulation.state->copy_from(at_start.front());
    kept.clear();
  }
  void advance(long long windows) override {
    auto& state = *simulation.state;
    for (long long n = 0; n < windows; ++n) {
      const double start_s = state.time_s;
      simulation.stepper->advance(state, this->window_s);
      state.time_s = start_s + this->window_s;
    }
  }

  double profiles_error() const override { return beside.profiles_error(); }
  double spectra_error() const override { return beside.spectra_error(); }

  Simulation<Own> simulation;
  surrogates::StatisticsBeside<Real, Own> beside;  ///< the truth
  long long windows_beside = 0;
  std::vector<mesh::State<Own>> at_start;  ///< one
  std::vector<mesh::State<Own>> kept;      ///< at the ends of a block's windows
};

template <class Real>
using Runs = std::vector<std::shared_ptr<ClassicalRun<Real>>>;

// What can be made of the cases of one method; the others' reasons go into `refused`. What a spectral method is
// refused for (a build for a device) holds for all its grids: said once.
template <class Real>
Runs<Real> prepare(std::vector<ClassicalCase>& cases, bool spectral,
                   const mesh::State<Real>& initial, const ClassicalSetup& setup,
                   std::vector<surrogates::ClassicalPoint>& refused) {
  Runs<Real> runs;
  for (auto& c : cases) try {
      if (c.spectral != spectral) continue;
      with_precision(c.deck.precision, [&]<class Own>(Own) {
        runs.push_back(std::make_shared<RunIn<Real, Own>>(c, initial, setup));
      });
    } catch (const core::Error& error) {
      const std::string reason = error.what();
      if (spectral &&
          std::ranges::find(refused, reason, &surrogates::ClassicalPoint::refused) != refused.end())
        continue;
      core::log::warn("no classical run {}: {}", c.name, reason);
      refused.push_back({c.name, unknown, unknown, {}, reason});
      refused.back().other_method = spectral;
    }
  return runs;
}

// Their errors, beside the truth.
template <class Real>
void measure(const SimulationDeck& deck, Runs<Real>& runs, const mesh::State<Real>& initial,
             const ClassicalSetup& setup) {
  if (runs.empty()) return;
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
        if (run->failure.empty()) run->advance(block, *truth.stepper, deck.time);
      } catch (const core::RunError& error) {
        core::log::warn("classical run {} failed: {}", run->name, error.what());
        run->failure = error.what();
      }
    done += count;
    progress.update(static_cast<double>(done));
  }
}

template <class Real>
void append(Runs<Real>& runs, Runs<Real> more) {
  for (auto& run : more) runs.push_back(std::move(run));
}

// Further cases of one method, from what was made so far.
template <class Real>
class Search {
 public:
  Search(const SimulationJob& job, bool spectral, const mesh::State<Real>& initial,
         const ClassicalSetup& setup)
      : job_(job), spectral_(spectral), initial_(initial), setup_(setup) {}

  std::vector<surrogates::ClassicalPoint> refused;

  Runs<Real> first(std::vector<ClassicalCase>& cases) {
    if (const std::string reason = spectral_ ? no_spectral_runs(job_) : ""; !reason.empty())
      return refuse_all(cases, reason);
    Runs<Real> runs = prepare(cases, spectral_, initial_, setup_, refused);
    for (const auto& run : runs) coarsest_ = std::max(coarsest_, run->factor);
    double wanted = 1;
    for (const auto& c : cases)
      if (c.spectral == spectral_) {
        wanted = std::max(wanted, c.factor);
        tried_.push_back(c.name);
      }
    // No grid is too coarse for a spectral method that is not refused altogether.
    if (wanted > coarsest_ && !spectral_) append(runs, between(coarsest_, wanted));
    return runs;
  }

  // Coarser while all are better than the target, finer while all are worse; empty when it is enclosed.
  Runs<Real> next(const Runs<Real>& made) {
    const bool by_time = surrogates::is_time(setup_.equal_in);
    double best = INFINITY, worst = 0, finest = INFINITY;
    bool any = false;
    for (const auto& run : made) {
      if (!run->failure.empty() || run->spectral != spectral_) continue;
      const double error = run->judged_by(setup_);
      // 0: the full run again; or, of times, one that stays correlated to the end and encloses nothing.
      if (!(error > 0) && !(by_time && error == 0)) continue;
      any = true;
      if (error > 0) best = std::min(best, error);
      worst = std::max(worst, error);
      if (run->factor > 1) finest = std::min(finest, run->factor);
    }
    if (!any || ++rounds_ > most_rounds) return {};
    if (worst < setup_.target_error && !stuck_) return between(coarsest_, 2 * coarsest_, true);
    if (best > setup_.target_error && std::isfinite(finest)) return tried(std::sqrt(finest));
    return {};
  }

 private:
  static constexpr int most_rounds = 3;

  // Whatever the grid: said once, of the first.
  Runs<Real> refuse_all(const std::vector<ClassicalCase>& cases, const std::string& reason) {
    const auto one = std::ranges::find(cases, spectral_, &ClassicalCase::spectral);
    if (one == cases.end()) return {};
    core::log::warn("no spectral classical run: {}", reason);
    refused.push_back({one->name, unknown, unknown, {}, reason});
    refused.back().other_method = spectral_;
    return {};
  }

  // What was made or refused before is no new case.
  Runs<Real> tried(double factor) {
    auto cases = spectral_ ? spectral_cases(job_, factor) : coarser_cases(job_, factor);
    std::erase_if(cases, [&](const ClassicalCase& c) {
      return std::ranges::find(tried_, c.name) != tried_.end();
    });
    for (const auto& c : cases) tried_.push_back(c.name);
    return prepare(cases, spectral_, initial_, setup_, refused);
  }

  // The coarsest that can be made above `made` and up to `asked`.
  Runs<Real> between(double made, double asked, bool whole = false) {
    double above = asked;
    for (int n = 0; n < 3; ++n) {
      const double factor = whole && n == 0 ? asked : std::sqrt(made * above);
      if (factor < 1.1 * made) break;
      Runs<Real> runs = tried(factor);
      stuck_ |= runs.empty();
      if (!runs.empty()) {
        coarsest_ = factor;
        return runs;
      }
      above = factor;
    }
    return {};
  }

  const SimulationJob& job_;
  const bool spectral_;
  const mesh::State<Real>& initial_;
  const ClassicalSetup& setup_;
  std::vector<std::string> tried_;  ///< names of all cases so far
  double coarsest_ = 1;
  int rounds_ = 0;
  bool stuck_ = false;  ///< something coarser was refused: no use in going on
};

}  // namespace

surrogates::StatisticsSetup statistics_setup(const SimulationDeck& deck,
                                             const surrogates::ComparisonResult& result) {
  surrogates::StatisticsSetup setup{
      .profile = {deck.compare.profiles.index(), deck.compare.profiles.from_s},
      .spectra_every = deck.compare.spectra_every,
      .window_s = deck.time.window_s};
  for (const auto& error : result.errors)
    if (error.judged()) setup.judged.push_back(error.field);
  return setup;
}

std::string missing_statistic(const std::vector<std::vector<double>>& values,
                              const ClassicalSetup& setup) {
  const auto known = [&](const std::vector<double>& series, std::size_t from) {
    for (std::size_t n = from; n < series.size(); ++n)
      if ((n - from >= setup.counted.size() || setup.counted[n - from]) &&
          !std::isfinite(series[n]))
        return false;
    return true;
  };
  for (std::size_t d = 0; d < values.size() && d < setup.statistics.size(); ++d) {
    const auto of = std::ranges::find(setup.diagnostics, setup.statistics[d],
                                      &surrogates::DiagnosticSeries::name);
    if (of != setup.diagnostics.end() && known(of->truth, 1) && !known(values[d], 0))
      return setup.statistics[d];
  }
  return "";
}

namespace {

template <class Real>
void add_points(const Runs<Real>& runs, const ClassicalSetup& setup, const core::Comm& comm,
                ClassicalRuns& all) {
  for (const auto& run : runs) {
    if (!run->failure.empty()) {
      all.points.push_back({run->name, unknown, unknown, {}, "it failed: " + run->failure});
      all.points.back().other_method = run->spectral;
      continue;
    }
    const std::string missing = setup.equal_in == surrogates::EqualIn::statistics
                                    ? missing_statistic(run->statistics, setup)
                                    : "";
    if (!missing.empty()) {
      all.points.push_back({run->name, unknown, unknown, {}, "it has no " + missing});
      all.points.back().other_method = run->spectral;
      continue;
    }
    auto point = run->point(setup);
    // Without any error it was the full run again: what was loosened did not bind.
    if (!(point.mean_error() > 0) || point.error == 0) continue;
    point.cost_s = comm.max(run->cost_s);
    all.points.push_back(std::move(point));
    all.sides.push_back({run->name, [run] { run->restart(); },
                         [run](long long windows) { run->advance(windows); }});
  }
}

}  // namespace

template <class Real>
ClassicalRuns run_classical(const SimulationJob& job, const SimulationDeck& deck,
                            std::vector<ClassicalCase>& cases, const mesh::State<Real>& initial,
                            const ClassicalSetup& setup) {
  if (cases.empty()) return {};
  Search<Real> own(job, false, initial, setup), spectral(job, true, initial, setup);
  Runs<Real> all, now = own.first(cases);
  append(now, spectral.first(cases));
  while (!now.empty()) {
    measure(deck, now, initial, setup);
    all.insert(all.end(), now.begin(), now.end());
    if (setup.target_error <= 0) break;
    now = deck.compare.coarser.empty() ? Runs<Real>{} : own.next(all);
    append(now, spectral.next(all));
  }
  ClassicalRuns result;
  add_points(all, setup, initial.grid().comm(), result);
  for (const auto* search : {&own, &spectral})
    result.points.insert(result.points.end(), search->refused.begin(), search->refused.end());
  return result;
}

template ClassicalRuns run_classical(const SimulationJob&, const SimulationDeck&,
                                     std::vector<ClassicalCase>&, const mesh::State<float>&,
                                     const ClassicalSetup&);
template ClassicalRuns run_classical(const SimulationJob&, const SimulationDeck&,
                                     std::vector<ClassicalCase>&, const mesh::State<double>&,
                                     const ClassicalSetup&);

}  // namespace understudy::apps
