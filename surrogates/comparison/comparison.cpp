#include "surrogates/comparison/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "core/energy.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/timers.hpp"
#include "mesh/loops.hpp"
#include "solvers/run_loop.hpp"
#include "surrogates/comparison/error_sums.hpp"
#include "surrogates/comparison/grid_sampling.hpp"
#include "surrogates/comparison/spectrum.hpp"
#include "surrogates/comparison/statistics_beside.hpp"

namespace understudy::surrogates {

namespace {

template <class Real>
std::pair<double, double> extremes(const mesh::Grid& grid, const mesh::Array3<Real>& x) {
  const double highest = mesh::max_cells(
      "highest", grid.interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { return static_cast<double>(x(k, j, i)); });
  const double lowest = mesh::max_cells(
      "lowest", grid.interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { return -static_cast<double>(x(k, j, i)); });
  return {-grid.comm().max(lowest), grid.comm().max(highest)};
}

template <class Real>
class Comparing {
 public:
  explicit Comparing(const ComparisonSetup<Real>& setup)
      : s_(setup),
        grid_(setup.initial.grid()),
        truth_{setup.truth, setup.initial.clone()},
        replacement_{setup.replacement, setup.initial.clone()} {
    for (int side = 0; side < 2 && setup.profile.axis >= 0; ++side)
      profiles_.emplace_back(setup.initial, setup.profile.axis);
  }

  ComparisonResult run() {
    warm_up();
    r_.made_for_core_s = s_.made_for_core_s;
    r_.cores = s_.cores;
    r_.asked_windows = s_.windows;
    if (s_.climatology) r_.climatology = core::Maybe<std::string>::of(s_.climatology_text);
    r_.correlation.quantity = s_.correlation;
    r_.equal_in = s_.equal_in;
    r_.statistics = s_.statistics;
    r_.window_s = s_.window_s;
    record(0, truth_.state, replacement_.state);
    core::Progress progress("compare", static_cast<double>(s_.windows), "windows");
    for (long long done = 0; done < s_.windows && !r_.replacement_failed;) {
      const long long last = std::min<long long>(s_.windows, done + std::max(1, s_.block_windows));
      advance(truth_, done + 1, last);
      if (!truth_.failure.empty()) throw core::RunError(truth_.failure);
      advance(replacement_, done + 1, last);
      for (long long n = done + 1; n <= last && !r_.replacement_failed; ++n) {
        look_at(n, static_cast<std::size_t>(n - done - 1));
        progress.update(static_cast<double>(n), sums_.text());
      }
      done = last;
    }
    r_.errors = sums_.series();
    set_profiles();
    mark_spectra(r_.spectra, r_.errors);
    long long accepted = 0;
    for (const WindowRecord& w : r_.windows) accepted += w.who == "surrogate";
    if (!r_.windows.empty())
      r_.accepted_fraction = static_cast<double>(accepted) / static_cast<double>(r_.windows.size());
    set_energy();
    // The windows that it made are no run of the compared span.
    if (r_.replacement_failed) r_.replacement_wall_s = std::numeric_limits<double>::quiet_NaN();
    set_speedups(r_);
    return std::move(r_);
  }

 private:
  struct Timed {
    solvers::AdvanceReport report;
    double wall_s = 0;
  };

  struct Side {
    solvers::Stepper<Real>& stepper;
    mesh::State<Real> state;
    std::vector<Timed> block{};             ///< [window of the block]
    std::vector<mesh::State<Real>> kept{};  ///< states at the windows' ends; allocated once
    double joules = 0;
    std::string failure{};

    void keep() {
      if (kept.size() > block.size())
        kept[block.size()].copy_from(state);
      else
        kept.push_back(state.clone());
    }
  };

  // Both sides work on copies until allocations and caches are as they will be.
  void warm_up() {
    for (auto* stepper : {&s_.truth, &s_.replacement}) {
      auto copy = s_.initial.clone();
      for (int n = 0; n < s_.warm_up_windows; ++n) {
        const double start_s = copy.time_s;
        stepper->advance(copy, s_.window_s);
        copy.time_s = start_s + s_.window_s;
      }
    }
    Kokkos::fence("warmed up");
  }

  // Ranks that count nothing hold 0; what any of them could not read makes the sum unknown.
  void set_energy() {
    r_.energy_sources = meter_.sources();
    const auto sum = [&](double mine) -> core::Maybe<double> {
      const double joules = grid_.comm().sum(mine);
      if (!meter_.available()) return core::Maybe<double>::none(meter_.reason());
      if (r_.replacement_failed)
        return core::Maybe<double>::none(
            "the replacement failed: the sides' counters are of other windows");
      if (!std::isfinite(joules))
        return core::Maybe<double>::none("a counter could not be read any more");
      return core::Maybe<double>::of(joules);
    };
    r_.truth_energy_j = sum(truth_.joules);
    r_.replacement_energy_j = sum(replacement_.joules);
  }

  void set_profiles() {
    if (profiles_.empty()) return;
    r_.profile_axis = s_.profile.axis;
    r_.profile_windows = profiles_[0].samples();
    r_.profiles = ProfileSums<Real>::profiles(profiles_[0], profiles_[1]);
    for (Profile& profile : r_.profiles)
      for (const ErrorSeries& error : r_.errors)
        if (profile.field == error.field) profile.judged = error.judged();
  }

  // Windows first...last of one side in a row: nothing but a look at its own state comes between two.
  // A side that leaves its bounds stops there.
  void advance(Side& side, long long first, long long last) {
    side.block.clear();
    for (long long n = first; n <= last && side.failure.empty(); ++n) {
      Timed window;
      grid_.comm().barrier();
      // RunError is thrown by all ranks or none (core/error.hpp).
      try {
        const core::ScopedEnergy energy(meter_, side.joules);
        const core::Stopwatch stopwatch;
        window.report = side.stepper.advance(side.state, s_.window_s);
        Kokkos::fence("end of window");
        grid_.comm().barrier();
        window.wall_s = stopwatch.seconds();
      } catch (const core::RunError& error) {
        side.failure = error.what();
      }
      side.state.time_s = s_.initial.time_s + static_cast<double>(n) * s_.window_s;
      side.keep();
      side.block.push_back(window);
      if (side.failure.empty()) try {
          solvers::check_contract(side.state, s_.max_abs_value);
        } catch (const core::RunError& error) {
          side.failure = error.what();
        }
    }
  }

  // Window n, `at` in the block.
  void look_at(long long n, std::size_t at) {
    const Timed &truth = truth_.block.at(at), &other = replacement_.block.at(at);
    r_.truth_wall_s += truth.wall_s;
    r_.replacement_wall_s += other.wall_s;
    r_.truth_cell_updates += truth.report.cell_updates;
    r_.windows.push_back({truth_.kept[at].time_s, truth.wall_s, other.wall_s, truth.report.steps,
                          other.report.steps, other.report.who, other.report.why,
                          other.report.trust});
    if (!replacement_.failure.empty() && at + 1 == replacement_.block.size()) {
      r_.replacement_failed = true;
      r_.failure = replacement_.failure;
      core::log::warn("the replacement failed: {}", r_.failure);
      return;
    }
    record(n, truth_.kept[at], replacement_.kept[at]);
  }

  void record(long long n, const mesh::State<Real>& truth_state,
              const mesh::State<Real>& other_state) {
    r_.times_s.push_back(truth_state.time_s);
    sums_.add(truth_state, other_state, s_.climatology ? &s_.climatology(n) : nullptr);
    if (!s_.correlation.empty())
      r_.correlation.values.push_back(
          correlation(quantity(truth_state, s_.truth, s_.correlation), grid_,
                      quantity(other_state, s_.truth, s_.correlation), grid_));
    if (s_.profile.takes(n, s_.window_s)) {
      profiles_[0].add(truth_state);
      profiles_[1].add(other_state);
    }
    widen_ranges(truth_state);
    record_diagnostics(truth_state, other_state);
    for (const double time_s : s_.picture_times_s)
      if (std::llround(time_s / s_.window_s) == n) {
        record_pictures(truth_state, other_state);
        break;
      }
    if (s_.spectra_every > 0 && n % s_.spectra_every == 0)
      for (auto& spectrum : compare_all_spectra(truth_state, other_state))
        r_.spectra.push_back(std::move(spectrum));
  }

  void widen_ranges(const mesh::State<Real>& truth_state) {
    std::size_t at = 0;
    for (const auto& field : truth_state.fields())
      for (int c = 0; c < field.info.components && field.info.role == mesh::Role::prognostic; ++c) {
        const auto [lowest, highest] = extremes<Real>(grid_, field.component(c));
        if (at == r_.ranges.size())
          r_.ranges.push_back({field.info.name, field.info.unit, c, lowest, highest});
        FieldRange& range = r_.ranges[at++];
        range.lowest = std::min(range.lowest, lowest);
        range.highest = std::max(range.highest, highest);
      }
  }

  void record_diagnostics(const mesh::State<Real>& truth_state,
                          const mesh::State<Real>& other_state) {
    // Measured by the truth's code on both, and by the state alone.
    const auto truth = s_.truth.diagnostics(truth_state);
    const auto other = s_.truth.diagnostics(other_state);
    if (r_.diagnostics.empty())
      for (const auto& d : truth) r_.diagnostics.push_back({d.name, d.unit, d.kind, {}, {}});
    for (std::size_t n = 0; n < r_.diagnostics.size(); ++n) {
      r_.diagnostics[n].truth.push_back(truth.at(n).value);
      r_.diagnostics[n].replacement.push_back(other.at(n).value);
    }
  }

  void record_pictures(const mesh::State<Real>& truth_state, const mesh::State<Real>& other_state) {
    for (const std::string& name : s_.pictures) {
      const auto truth = quantity(truth_state, s_.truth, name);
      const auto replacement = quantity(other_state, s_.truth, name);
      for (const int normal : mesh::picture_normals(grid_))
        r_.snapshots.push_back({truth_state.time_s, name, truth.unit,
                                mesh::gather_picture(grid_, truth.data, normal),
                                mesh::gather_picture(grid_, replacement.data, normal)});
    }
  }

  const ComparisonSetup<Real>& s_;
  const mesh::Grid& grid_;
  Side truth_, replacement_;
  const core::EnergyMeter meter_{grid_.comm()};
  ErrorSums<Real> sums_{s_.initial};
  std::vector<ProfileSums<Real>> profiles_;  ///< truth's and replacement's; empty: none
  ComparisonResult r_;
};

}  // namespace

template <class Real>
ComparisonResult compare(const ComparisonSetup<Real>& setup) {
  const core::ScopedTimer region("compare");
  return Comparing<Real>(setup).run();
}

template ComparisonResult compare(const ComparisonSetup<float>&);
template ComparisonResult compare(const ComparisonSetup<double>&);

}  // namespace understudy::surrogates
