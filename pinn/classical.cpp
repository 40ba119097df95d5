#include "pinn/classical.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "core/timers.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

// The median wall time of `action`: repeated until half a second or eleven calls are spent, so that a short
// one is no accident of the first call.
double median_time(const std::function<void()>& action) {
  constexpr double enough_s = 0.5;
  constexpr std::size_t most = 11;
  std::vector<double> times;
  double spent = 0;
  while (times.empty() || (spent < enough_s && times.size() < most)) {
    const core::Stopwatch watch;
    action();
    times.push_back(watch.seconds());
    spent += times.back();
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

bool is_mean_free(const Problem& problem, const std::string& field) {
  const auto& all = problem.mean_free;
  return std::find(all.begin(), all.end(), field) != all.end();
}

double relative_l2(std::vector<double> value, std::vector<double> truth, bool mean_free) {
  double count = 0, value_mean = 0, truth_mean = 0;
  for (std::size_t n = 0; n < truth.size(); ++n) {
    if (std::isnan(truth[n])) continue;
    ++count, value_mean += value[n], truth_mean += truth[n];
  }
  if (count == 0) return std::numeric_limits<double>::quiet_NaN();
  if (!mean_free) value_mean = truth_mean = 0;
  double off = 0, size = 0;
  for (std::size_t n = 0; n < truth.size(); ++n) {
    if (std::isnan(truth[n])) continue;
    const double t = truth[n] - truth_mean / count, v = value[n] - value_mean / count;
    off += (v - t) * (v - t), size += t * t;
  }
  return std::sqrt(off / size);
}

}  // namespace

std::string classical_name(const Problem& problem) {
  return problem.classical.resolutions.empty() ? "" : problem.classical.name;
}

std::vector<ClassicalRun> run_classical(const Problem& problem, int most) {
  std::vector<ClassicalRun> runs;
  if (!problem.reference || classical_name(problem).empty()) return runs;
  const Points points = evaluation_points(problem);
  const Columns truth = problem.reference(points);
  for (const int resolution : problem.classical.resolutions) {
    if (most > 0 && int(runs.size()) >= most) break;
    ClassicalRun run{resolution, 0, {}};
    Reference solution;
    run.wall_s = median_time([&] { solution = problem.classical.solve(resolution); });
    const Columns values = solution(points);
    for (std::size_t f = 0; f < problem.fields.size(); ++f)
      run.errors.push_back(
          f < values.size() && f < truth.size()
              ? relative_l2(values[f], truth[f], is_mean_free(problem, problem.fields[f].name))
              : std::numeric_limits<double>::quiet_NaN());
    runs.push_back(run);
  }
  return runs;
}

double evaluation_time(const Solution& solution, const Points& points) {
  // As many calls on every rank: where the domain is shared, they are made together.
  constexpr int calls = 5;
  solution.fields(points);  // warms up
  std::vector<double> times;
  for (int n = 0; n < calls; ++n) {
    const core::Stopwatch watch;
    solution.fields(points);
    times.push_back(watch.seconds());
  }
  std::sort(times.begin(), times.end());
  return times[calls / 2];
}

}  // namespace understudy::pinn
