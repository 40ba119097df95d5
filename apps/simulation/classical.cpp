#include "apps/simulation/classical.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/simulation/classical_run.hpp"
#include "apps/simulation/equal_error_search.hpp"
#include "core/error.hpp"
#include "core/log.hpp"

namespace understudy::apps {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Their errors, beside the truth.
template <class Real>
void measure(const SimulationDeck& deck, ClassicalRunList<Real>& runs,
             const mesh::State<Real>& initial, const ClassicalSetup& setup) {
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

// Why a run cannot stand beside the replacement in what is to be equal; empty: it can.
std::string missing_in(const ClassicalSetup& setup, const surrogates::ClassicalPoint& point) {
  using surrogates::EqualIn;
  if (setup.equal_in == EqualIn::profiles && std::isnan(point.profiles_error))
    return "it has no profile that could be judged";
  if (setup.equal_in == EqualIn::spectra && std::isnan(point.spectra_error))
    return "it has no spectrum that could be judged";
  return "";
}

template <class Real>
void add_points(const ClassicalRunList<Real>& runs, const ClassicalSetup& setup,
                const core::Comm& comm, ClassicalRuns& all) {
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
    if (const std::string why = missing_in(setup, point); !why.empty()) {
      all.points.push_back({run->name, unknown, unknown, {}, why});
      all.points.back().other_method = run->spectral;
      continue;
    }
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
  EqualErrorSearch<Real> own(job, false, initial, setup), spectral(job, true, initial, setup);
  ClassicalRunList<Real> all, now = own.first(cases);
  append(now, spectral.first(cases));
  while (!now.empty()) {
    measure(deck, now, initial, setup);
    all.insert(all.end(), now.begin(), now.end());
    if (setup.target_error <= 0) break;
    now = deck.compare.coarser.empty() ? ClassicalRunList<Real>{} : own.next(all);
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
