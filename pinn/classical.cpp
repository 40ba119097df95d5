#include "pinn/classical.hpp"

#include <algorithm>
#include <functional>

#include "core/error.hpp"
#include "core/timers.hpp"
#include "pinn/relative_error.hpp"
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
    ClassicalRun run{resolution, 0, {}, {}};
    Reference solution;
    try {
      run.wall_s = median_time([&] { solution = problem.classical.solve(resolution); });
      run.errors = relative_l2(problem, points, solution(points), truth);
    } catch (const core::RunError& e) {
      run.failure = e.what();
    }
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
