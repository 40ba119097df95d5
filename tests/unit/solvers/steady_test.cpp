// A run that ends when nothing changes any more, and how it remembers that over a restart.
#include <gtest/gtest.h>

#include <cmath>

#include "mesh/box_grid.hpp"
#include "solvers/run_loop.hpp"
#include "support/scratch.hpp"

namespace {

using namespace understudy;

// q = 1 + exp(-t): its change over a time T is about T exp(-t).
class Decay : public solvers::Stepper<double> {
 public:
  std::string name() const override { return "decay"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return grid_; }
  std::vector<mesh::FieldInfo> fields() const override {
    return {{.name = "q", .unit = "K"}, {.name = "nothing", .unit = "m"}};
  }
  double stable_dt(const mesh::State<double>&) override { return 1; }
  solvers::AdvanceReport advance(mesh::State<double>& state, double duration_s) override {
    state.time_s += duration_s;
    Kokkos::deep_copy(state["q"].data, 1 + std::exp(-state.time_s));
    Kokkos::deep_copy(state["nothing"].data, 1e-17 * std::sin(1e3 * state.time_s));
    ++state.step;
    return {.steps = 1};
  }
  std::vector<solvers::Diagnostic> diagnostics(const mesh::State<double>&) override { return {}; }
  void constrain(mesh::State<double>&) override {}

 private:
  std::shared_ptr<const mesh::Grid> grid_ = std::make_shared<const mesh::BoxGrid>(
      mesh::GridParams{{0, 0}, {1, 1}, {4, 4}, {}}, std::array<bool, 3>{}, core::Comm::world());
};

solvers::TimeParams until(double change, double over_s) {
  solvers::TimeParams time{.end_s = 20, .window_s = 0.1};
  time.steady = {.change = change, .over_s = over_s};
  return time;
}

struct Ended {
  double time_s;
  std::string early;
};

Ended run(const solvers::TimeParams& time, bool heed = true) {
  Decay stepper;
  mesh::State<double> state(stepper.grid(), stepper.fields());
  Kokkos::deep_copy(state["q"].data, 2.0);
  solvers::RunLoop<double> loop{
      .stepper = stepper, .time = time, .progress_title = "", .until_steady = heed};
  const auto result = loop.run(state);
  return {state.time_s, result.early};
}

// exp(-t) = 1e-3 at t = 6.9; then one second of such windows.
TEST(Steady, ARunEndsWhenNothingChangesAnyMore) {
  const Ended ended = run(until(1e-3, 1));
  EXPECT_NEAR(ended.time_s, std::log(1e3) + 1, 0.2);
  EXPECT_NE(ended.early.find("steady: over 1 s no field changes by more than 0.001 of itself"),
            std::string::npos)
      << ended.early;
  EXPECT_NEAR(run(until(1e-3, 4)).time_s, std::log(4e3) + 4, 0.2);
}

TEST(Steady, WithoutItARunGoesOnToItsEnd) {
  EXPECT_NEAR(run(until(0, 1)).time_s, 20, 1e-9);
  EXPECT_NEAR(run(until(1e-3, 1), false).time_s, 20, 1e-9);
  EXPECT_NEAR(run(until(1e-12, 1)).time_s, 20, 1e-9);
  EXPECT_EQ(run(until(1e-12, 1)).early, "");
}

TEST(Steady, ARestartedRunEndsWhenTheUninterruptedOneDoes) {
  const tests::Scratch scratch;
  const double whole = run(until(1e-3, 1)).time_s;
  Decay stepper;
  mesh::State<double> state(stepper.grid(), stepper.fields());
  Kokkos::deep_copy(state["q"].data, 2.0);
  auto time = until(1e-3, 1);
  time.end_s = 7.5;  // within the second that counts
  solvers::RunLoop<double> first{.stepper = stepper,
                                 .time = time,
                                 .checkpoint = scratch / "c.h5",
                                 .progress_title = "",
                                 .until_steady = true};
  EXPECT_EQ(first.run(state).early, "");
  const auto attributes = mesh::read_checkpoint(scratch / "c.h5", state);
  time.end_s = 20;
  solvers::RunLoop<double> second{
      .stepper = stepper,
      .time = time,
      .checkpoint = scratch / "c.h5",
      .progress_title = "",
      .until_steady = true,
      .steady_memory = attributes.at(solvers::RunLoop<double>::steady_attribute)};
  EXPECT_NE(second.run(state).early, "");
  EXPECT_EQ(state.time_s, whole);

  // and once ended there is nothing left to do, unless the deck asks for more
  solvers::RunLoop<double> third = second;
  third.steady_memory =
      mesh::read_checkpoint(scratch / "c.h5", state).at(solvers::RunLoop<double>::steady_attribute);
  EXPECT_EQ(third.run(state).windows, 0);
  third.time.steady.change = 1e-4;
  EXPECT_GT(third.run(state).windows, 0);
}

}  // namespace
