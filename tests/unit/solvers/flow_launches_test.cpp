// How often a step of the flow solver starts a kernel and waits for one: on a device each costs microseconds,
// whatever the grid. Counted by Kokkos' own tool callbacks, in builds whose loops go as on a device.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "mesh/loops.hpp"
#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

struct Counts {
  std::map<std::string, long> launches, waits;
  static long sum(const std::map<std::string, long>& of) {
    long all = 0;
    for (const auto& [name, count] : of) all += count;
    return all;
  }
};

Counts* counting = nullptr;

void count_launch(const char* name, const std::uint32_t, std::uint64_t* id) {
  *id = 0;
  if (counting != nullptr) ++counting->launches[name];
}

// Of the fences that Kokkos reports, those that are there for the host to have a number.
void count_wait(const char* name, const std::uint32_t, std::uint64_t* id) {
  *id = 0;
  if (counting == nullptr) return;
  const std::string text = name;
  if (text.find("result being value, not view") != std::string::npos) ++counting->waits["of a sum"];
  if (text.find("Kokkos::") == std::string::npos) ++counting->waits[text];
}

void count_copy(Kokkos::Profiling::SpaceHandle, const char* to, const void*,
                Kokkos::Profiling::SpaceHandle, const char* from, const void*, std::uint64_t) {
  if (counting != nullptr) ++counting->waits[std::string("copy of ") + from + " to " + to];
}

/// Sets the callbacks for its life.
class Counting {
 public:
  explicit Counting(Counts& counts) {
    namespace tools = Kokkos::Tools::Experimental;
    counting = &counts;
    tools::set_begin_parallel_for_callback(count_launch);
    tools::set_begin_parallel_reduce_callback(count_launch);
    tools::set_begin_parallel_scan_callback(count_launch);
    tools::set_begin_fence_callback(count_wait);
    tools::set_begin_deep_copy_callback(count_copy);
  }
  ~Counting() {
    namespace tools = Kokkos::Tools::Experimental;
    tools::set_begin_parallel_for_callback(nullptr);
    tools::set_begin_parallel_reduce_callback(nullptr);
    tools::set_begin_parallel_scan_callback(nullptr);
    tools::set_begin_fence_callback(nullptr);
    tools::set_begin_deep_copy_callback(nullptr);
    counting = nullptr;
  }
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;
};

struct PerStep {
  double launches, waits, cycles;
};

PerStep count_steps(const char* what, const FlowParams& params, const mesh::GridParams& box,
                    double duration_s) {
  Case<double> c(params, box);
  c.solver.advance(c.state, duration_s);
  const double before = double(c.state.step);
  Counts counts;
  {
    const Counting on(counts);
    c.solver.advance(c.state, duration_s);
  }
  const double steps = double(c.state.step) - before;
  const PerStep result{double(Counts::sum(counts.launches)) / steps,
                       double(Counts::sum(counts.waits)) / steps,
                       double(c.solver.last_step().pressure.iterations)};
  std::printf("%s: %.0f steps, %.1f launches and %.1f waits a step, %.0f cycles in the last\n",
              what, steps, result.launches, result.waits, result.cycles);
  for (const auto& [name, count] : counts.launches)
    std::printf("  %7.2f launches  %s\n", double(count) / steps, name.c_str());
  for (const auto& [name, count] : counts.waits)
    std::printf("  %7.2f waits     %s\n", double(count) / steps, name.c_str());
  return result;
}

FlowParams wake() {
  FlowParams params;
  params.reynolds = 120;
  set_sides(params, {"inflow", "outflow", "slip", "slip"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0"};
  params.bodies = {mesh::BodyParams{}};
  params.initial.velocity_m_s = {"1", "0.3 * exp(-(x - 1.5)^2 - y^2)"};
  params.pressure.method = "multigrid";
  params.pressure.tolerance = 1e-6;
  return params;
}

}  // namespace

// The wake of the project's first study, on its grid.
TEST(FlowLaunches, OfAStepOfTheWake) {
  if (mesh::on_host) GTEST_SKIP() << "loops of the host start no kernels of a device";
  const PerStep step =
      count_steps("wake 256 x 128", wake(), {{-4, -4}, {12, 4}, {256, 128}, {}}, 0.2);
  EXPECT_LE(step.launches, 160);
  EXPECT_LE(step.waits, 12);
}

// All ghosts are periodic.
TEST(FlowLaunches, OfAStepOfAPeriodicBox) {
  if (mesh::on_host) GTEST_SKIP() << "loops of the host start no kernels of a device";
  FlowParams params;
  params.reynolds = 1600;
  set_sides(params, std::vector<std::string>(6, "periodic"));
  params.initial.velocity_m_s = {"sin(x) * cos(y) * cos(z)", "-cos(x) * sin(y) * cos(z)", "0"};
  params.pressure.method = "multigrid";
  params.pressure.tolerance = 1e-6;
  const double pi2 = 6.283185307179586;
  const PerStep step =
      count_steps("box 32^3", params, {{0, 0, 0}, {pi2, pi2, pi2}, {32, 32, 32}, {}}, 0.5);
  EXPECT_LE(step.launches, 160);
  EXPECT_LE(step.waits, 12);
}
