#include "surrogates/comparison/interleaved_timing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/timers.hpp"

namespace understudy::surrogates {

template <class Real>
TimedSide timed_side(const std::string& name, std::shared_ptr<solvers::Stepper<Real>> stepper,
                     const mesh::State<Real>& initial, double window_s) {
  struct Run {
    mesh::State<Real> start, state;
    long long windows = 0;
  };
  const auto run = std::make_shared<Run>(Run{initial.clone(), initial.clone()});
  TimedSide side;
  side.name = name;
  side.restart = [run] {
    run->state.copy_from(run->start);
    run->windows = 0;
  };
  side.advance = [run, stepper = std::move(stepper), window_s](long long windows) {
    for (long long n = 0; n < windows; ++n) {
      stepper->advance(run->state, window_s);
      run->state.time_s = run->start.time_s + static_cast<double>(++run->windows) * window_s;
    }
  };
  return side;
}

void time_interleaved(std::vector<TimedSide>& sides, const TimingPlan& plan,
                      const core::Comm& comm) {
  const core::ScopedTimer region("timed repeats");
  const std::size_t count = sides.size();
  core::Progress progress("timed repeats", static_cast<double>(plan.repeats), "repeats");
  std::size_t turn = 0;
  for (int repeat = 0; repeat < plan.repeats; ++repeat) {
    std::vector<double> walls(count, 0.0);
    for (TimedSide& side : sides)
      if (side.failure.empty()) side.restart();
    for (long long done = 0; done < plan.windows; ++turn) {
      const long long block =
          std::min<long long>(std::max(1, plan.block_windows), plan.windows - done);
      for (std::size_t n = 0; n < count; ++n) {
        const std::size_t at = (turn + n) % count;
        TimedSide& side = sides[at];
        if (!side.failure.empty()) continue;
        Kokkos::fence("before a timed block");
        comm.barrier();
        const core::Stopwatch stopwatch;
        try {
          side.advance(block);
        } catch (const core::RunError& error) {
          side.failure = error.what();
          side.walls_s.clear();
          core::log::warn("timed repeats: {} failed: {}", side.name, side.failure);
          continue;
        }
        Kokkos::fence("after a timed block");
        comm.barrier();
        walls[at] += stopwatch.seconds();
      }
      done += block;
    }
    for (std::size_t n = 0; n < count; ++n)
      // One time for all ranks: rank 0's.
      if (sides[n].failure.empty()) {
        comm.broadcast(&walls[n], sizeof walls[n]);
        sides[n].walls_s.push_back(walls[n]);
      }
    progress.update(repeat + 1);
  }
}

double median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

int Scatter::digits(double value) const {
  if (repeats < 2 || !(value > 0)) return 2;
  const double reach = std::max(highest - value, value - lowest) / value;
  return reach < 0.005 ? 3 : reach < 0.15 ? 2 : 1;
}

template TimedSide timed_side(const std::string&, std::shared_ptr<solvers::Stepper<float>>,
                              const mesh::State<float>&, double);
template TimedSide timed_side(const std::string&, std::shared_ptr<solvers::Stepper<double>>,
                              const mesh::State<double>&, double);

}  // namespace understudy::surrogates
