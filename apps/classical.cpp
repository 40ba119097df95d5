#include "apps/classical.hpp"

#include <cmath>
#include <format>

#include "core/error.hpp"
#include "core/log.hpp"

namespace understudy::apps {

namespace {

template <class Real>
using HostField = Kokkos::View<Real****, Kokkos::LayoutRight, Kokkos::HostSpace>;

// Mean of the fine values that make up coarse point (k, j, i), both counted from the first interior cell.
template <class Real>
double mean_over(const HostField<Real>& values, const mesh::Field<Real>& field,
                 const mesh::Grid& fine, int factor, const std::array<int, 3>& point,
                 int component) {
  std::array<int, 3> first{}, count{1, 1, 1};
  for (int axis = 0; axis < fine.dimension(); ++axis) {
    first[axis] = point[axis] * factor;
    if (!mesh::staggered(field.info.location, axis)) count[axis] = factor;
  }
  double sum = 0;
  for (int k = 0; k < count[2]; ++k)
    for (int j = 0; j < count[1]; ++j)
      for (int i = 0; i < count[0]; ++i)
        sum += values(component, fine.ghosts(2) + first[2] + k, fine.ghosts(1) + first[1] + j,
                      fine.ghosts(0) + first[0] + i);
  return sum / (static_cast<double>(count[0]) * count[1] * count[2]);
}

template <class Real>
struct CoarseRun {
  std::string name;
  Simulation<Real> simulation;
  double cost_s = 0, error_sum = 0;
  long long windows = 0;
  bool failed = false;
};

std::string size_of(const mesh::GridParams& grid) {
  std::string text;
  for (const auto cells : grid.cells) text += (text.empty() ? "" : " x ") + std::to_string(cells);
  return text;
}

template <class Real>
std::vector<CoarseRun<Real>> prepare(const StudyDeck& deck, const core::Comm& comm,
                                     const mesh::State<Real>& initial,
                                     const ClassicalSetup& setup) {
  std::vector<CoarseRun<Real>> runs;
  for (const long long factor : setup.factors) {
    StudyDeck coarse = deck;
    bool divides = true;
    for (auto& cells : coarse.grid.cells) {
      divides &= cells % factor == 0 && cells / factor >= 8;
      cells /= factor;
    }
    if (!divides) {
      core::log::warn("no classical run with {} times coarser cells: {} does not divide", factor,
                      size_of(deck.grid));
      continue;
    }
    try {
      CoarseRun<Real> run{size_of(coarse.grid), make_simulation<Real>(coarse, comm)};
      restrict_state(initial, static_cast<int>(factor), *run.simulation.state);
      run.simulation.state->time_s = initial.time_s;
      run.simulation.stepper->constrain(*run.simulation.state);
      auto copy = run.simulation.state->clone();
      for (int n = 0; n < setup.warm_up_windows; ++n)
        run.simulation.stepper->advance(copy, deck.time.window_s);
      runs.push_back(std::move(run));
    } catch (const core::Error& error) {
      core::log::warn("no classical run on {}: {}", size_of(coarse.grid), error.what());
    }
  }
  return runs;
}

template <class Real>
void advance(CoarseRun<Real>& run, const mesh::State<Real>& truth, const solvers::TimeParams& time,
             double end_s) {
  auto& state = *run.simulation.state;
  Kokkos::fence("before a timed window");
  const core::Stopwatch stopwatch;
  run.simulation.stepper->advance(state, time.window_s);
  Kokkos::fence("end of window");
  run.cost_s += stopwatch.seconds();
  state.time_s = end_s;
  try {
    solvers::check_contract(state, time.max_abs_value);
  } catch (const core::RunError& error) {
    core::log::warn("classical run on {} failed: {}", run.name, error.what());
    run.failed = true;
    return;
  }
  const auto errors = surrogates::error_against(truth, state);
  double sum = 0;
  for (const double e : errors) sum += e;
  run.error_sum += errors.empty() ? 0 : sum / static_cast<double>(errors.size());
  run.windows += 1;
}

}  // namespace

template <class Real>
void restrict_state(const mesh::State<Real>& fine, int factor, mesh::State<Real>& coarse) {
  const mesh::Grid& grid = coarse.grid();
  for (auto& field : coarse.fields()) {
    if (field.info.role != mesh::Role::prognostic) continue;
    const auto& from = fine[field.info.name];
    const auto values = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), from.data);
    const auto result = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    const mesh::Range3 r = grid.points(field.info.location);
    for (int c = 0; c < field.info.components; ++c)
      for (int k = r.begin[2]; k < r.end[2]; ++k)
        for (int j = r.begin[1]; j < r.end[1]; ++j)
          for (int i = r.begin[0]; i < r.end[0]; ++i)
            result(c, k, j, i) = static_cast<Real>(
                mean_over<Real>(values, from, fine.grid(), factor,
                                {i - grid.ghosts(0), j - grid.ghosts(1), k - grid.ghosts(2)}, c));
    Kokkos::deep_copy(field.data, result);
  }
}

template <class Real>
std::vector<surrogates::ClassicalPoint> run_classical(const StudyDeck& deck, const core::Comm& comm,
                                                      const mesh::State<Real>& initial,
                                                      const ClassicalSetup& setup) {
  if (setup.factors.empty()) return {};
  if (comm.size() > 1) {
    core::log::warn("classical runs for the equal-error speed-up are made on one rank only");
    return {};
  }
  auto runs = prepare(deck, comm, initial, setup);
  if (runs.empty()) return {};
  auto truth = make_simulation<Real>(deck, comm);
  truth.state->copy_from(initial);
  core::Progress progress("coarser runs", static_cast<double>(setup.windows), "windows");
  for (long long n = 1; n <= setup.windows; ++n) {
    const double end_s = initial.time_s + static_cast<double>(n) * deck.time.window_s;
    truth.stepper->advance(*truth.state, deck.time.window_s);
    truth.state->time_s = end_s;
    for (auto& run : runs)
      if (!run.failed) advance(run, *truth.state, deck.time, end_s);
    progress.update(static_cast<double>(n));
  }
  std::vector<surrogates::ClassicalPoint> points;
  for (const auto& run : runs)
    if (!run.failed && run.windows > 0)
      points.push_back({run.name, run.cost_s, run.error_sum / static_cast<double>(run.windows)});
  return points;
}

template void restrict_state(const mesh::State<float>&, int, mesh::State<float>&);
template void restrict_state(const mesh::State<double>&, int, mesh::State<double>&);
template std::vector<surrogates::ClassicalPoint> run_classical(const StudyDeck&, const core::Comm&,
                                                               const mesh::State<float>&,
                                                               const ClassicalSetup&);
template std::vector<surrogates::ClassicalPoint> run_classical(const StudyDeck&, const core::Comm&,
                                                               const mesh::State<double>&,
                                                               const ClassicalSetup&);

}  // namespace understudy::apps
