// Averages over time of known oscillations, and their restart.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "core/format.hpp"
#include "mesh/box_grid.hpp"
#include "solvers/field_statistics.hpp"
#include "support/scratch.hpp"

namespace {

using namespace understudy;
using solvers::FieldStatistics;

constexpr double period_s = 0.7, amplitude = 0.3;

// q = 1000 + x + 0.3 sin(2 pi t / T + y) at cells; a face field is x + t there; `twice` is 2 q.
template <class Real>
class Oscillation : public solvers::Stepper<Real> {
 public:
  explicit Oscillation(std::shared_ptr<const mesh::Grid> grid) : grid_(std::move(grid)) {}
  std::string name() const override { return "oscillation"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return grid_; }
  std::vector<mesh::FieldInfo> fields() const override {
    return {{.name = "q", .unit = "K"},
            {.name = "u", .unit = "m/s", .location = mesh::Location::face_x}};
  }
  double stable_dt(const mesh::State<Real>&) override { return 1; }
  solvers::AdvanceReport advance(mesh::State<Real>& state, double duration_s) override {
    set(state, state.time_s + duration_s);
    return {};
  }
  std::vector<solvers::Diagnostic> diagnostics(const mesh::State<Real>&) override { return {}; }
  void constrain(mesh::State<Real>&) override {}
  std::vector<std::string> derived_names() const override { return {"twice"}; }
  mesh::CellField<Real> derive(const mesh::State<Real>& state, const std::string& name) override {
    if (name != "twice") return solvers::Stepper<Real>::derive(state, name);
    const auto q = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state["q"].component());
    const mesh::Array3<Real> twice("twice", q.extent(0), q.extent(1), q.extent(2));
    const auto host = Kokkos::create_mirror_view(twice);
    for (int j = 0; j < grid_->extent(1); ++j)
      for (int i = 0; i < grid_->extent(0); ++i) host(0, j, i) = 2 * q(0, j, i);
    Kokkos::deep_copy(twice, host);
    return {"twice", "K", twice};
  }
  static double exact(double t, const std::array<double, 3>& x) {
    return 1000 + x[0] + amplitude * std::sin(2 * std::numbers::pi * t / period_s + x[1]);
  }
  void set(mesh::State<Real>& state, double time_s) const {
    state.time_s = time_s;
    const mesh::Grid& grid = *grid_;
    const auto q = Kokkos::create_mirror_view(state["q"].data),
               u = Kokkos::create_mirror_view(state["u"].data);
    for (int j = 0; j < grid.extent(1); ++j)
      for (int i = 0; i < grid.extent(0); ++i) {
        q(0, 0, j, i) = Real(exact(time_s, grid.position(mesh::Location::cell, 0, j, i)));
        u(0, 0, j, i) = Real(grid.position(mesh::Location::face_x, 0, j, i)[0] + time_s);
      }
    Kokkos::deep_copy(state["q"].data, q);
    Kokkos::deep_copy(state["u"].data, u);
  }

 private:
  std::shared_ptr<const mesh::Grid> grid_;
};

template <class Real>
struct SampledRun {
  std::shared_ptr<const mesh::Grid> grid = std::make_shared<const mesh::BoxGrid>(
      mesh::GridParams{{0, 0}, {1, 2}, {12, 16}, {}}, std::array<bool, 3>{false, false, false},
      core::Comm::world());
  Oscillation<Real> stepper{grid};
  mesh::State<Real> state{grid, stepper.fields()};
  FieldStatistics<Real> statistics;

  explicit SampledRun(const solvers::StatisticsParams& params)
      : statistics((stepper.set(state, 0), params), state, stepper) {}
  void at(double time_s) {
    stepper.set(state, time_s);
    statistics.look(state, stepper);
  }
  // f(name of the quantity, x) is what every cell of the result must have.
  void expect(const std::string& name, double tolerance,
              const std::function<double(const std::array<double, 3>&)>& f) const {
    for (const auto& field : statistics.results()) {
      if (field.name != name) continue;
      const mesh::Range3 r = grid->interior();
      const auto values = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
      double worst = 0;
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i)
          worst = std::max(
              worst, std::abs(values(0, j, i) - f(grid->position(mesh::Location::cell, 0, j, i))));
      EXPECT_LE(worst, tolerance) << name;
      return;
    }
    ADD_FAILURE() << "no " << name;
  }
};

TEST(FieldStatistics, AreThoseOfAKnownOscillationToRoundOff) {
  SampledRun<double> run({.from_s = 0.1, .fields = {"q", "twice"}});
  for (int n = 0; n <= 90; ++n) run.at(0.1 + n * period_s / 30);  // three periods
  EXPECT_EQ(run.statistics.samples(), 91);
  EXPECT_NEAR(run.statistics.duration_s(), 3 * period_s, 1e-12);
  run.expect("q_mean", 1e-11, [](const auto& x) { return 1000 + x[0]; });
  run.expect("q_rms", 1e-11, [](const auto&) { return amplitude / std::numbers::sqrt2; });
  run.expect("twice_rms", 2e-11, [](const auto&) { return 2 * amplitude / std::numbers::sqrt2; });
}

// The samples' weights are the time that they stand for: of what is linear in time the mean is exact.
TEST(FieldStatistics, WeighUnequalStepsByTheirTime) {
  SampledRun<double> run({.fields = {"u"}});
  for (const double t : {0.0, 0.1, 0.15, 0.6, 0.61, 1.0}) run.at(t);
  run.expect("u_mean", 1e-13, [](const auto& x) { return x[0] + 0.5; });
}

TEST(FieldStatistics, OfARunInSinglePrecisionAreKeptInDouble) {
  SampledRun<float> run({.fields = {"q"}});
  for (int n = 0; n <= 3000; ++n) run.at(n * period_s / 30);
  // The samples themselves are off by half a unit in the last place of 1000 (3e-5): on the average by less.
  run.expect("q_mean", 3e-5, [](const auto& x) { return 1000 + x[0]; });
  run.expect("q_rms", 3e-5, [](const auto&) { return amplitude / std::numbers::sqrt2; });
}

TEST(FieldStatistics, TakeSamplesByTheirIntervalFromTheirStartOn) {
  SampledRun<double> run({.from_s = 0.25, .every_s = 0.1, .fields = {"q"}});
  for (int n = 0; n <= 100; ++n) run.at(n * 0.01);
  // 0.25, then the multiples of the interval
  EXPECT_EQ(run.statistics.samples(), 9);
  EXPECT_NEAR(run.statistics.from_s(), 0.25, 1e-12);
  EXPECT_NEAR(run.statistics.duration_s(), 0.75, 1e-12);
}

TEST(FieldStatistics, NoSampleIsNoFluctuation) {
  const SampledRun<double> run({.from_s = 5, .fields = {"q"}});
  EXPECT_EQ(run.statistics.samples(), 0);
  run.expect("q_mean", 0, [](const auto&) { return 0.0; });
  run.expect("q_rms", 0, [](const auto&) { return 0.0; });
}

template <class Real>
void expect_restart_is_bitwise() {
  const solvers::StatisticsParams params{.from_s = 0.05, .fields = {"q", "u"}};
  SampledRun<Real> whole(params), first(params), second(params);
  const auto time = [](int n) { return 0.031 * n + 0.001 * (n % 3); };
  const tests::Scratch scratch;
  const std::filesystem::path path = scratch / "checkpoint.h5";
  for (int n = 0; n <= 20; ++n) {
    whole.at(time(n));
    first.at(time(n));
  }
  mesh::write_checkpoint(path, first.state, {}, {first.statistics.part()});
  auto part = second.statistics.part();
  ASSERT_TRUE(mesh::read_checkpoint_part(path, part));
  for (int n = 21; n <= 40; ++n) {
    whole.at(time(n));
    second.at(time(n));
  }
  EXPECT_EQ(whole.statistics.samples(), second.statistics.samples());
  const auto a = whole.statistics.results(), b = second.statistics.results();
  const mesh::Range3 r = whole.grid->interior();
  for (std::size_t m = 0; m < a.size(); ++m) {
    const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), a[m].data),
               y = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), b[m].data);
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) ASSERT_EQ(x(0, j, i), y(0, j, i)) << a[m].name;
  }
}

TEST(FieldStatistics, GoOnBitwiseFromACheckpoint) {
  expect_restart_is_bitwise<double>();
  expect_restart_is_bitwise<float>();
}

TEST(FieldStatistics, AreNotTakenFromACheckpointOfOthers) {
  const tests::Scratch scratch;
  const std::filesystem::path path = scratch / "checkpoint.h5";
  SampledRun<double> first({.fields = {"q"}}), other({.from_s = 1, .fields = {"q"}});
  mesh::write_checkpoint(path, first.state, {});
  auto part = first.statistics.part();
  EXPECT_FALSE(mesh::read_checkpoint_part(path, part));
  mesh::write_checkpoint(path, first.state, {}, {first.statistics.part()});
  part = other.statistics.part();
  EXPECT_FALSE(mesh::read_checkpoint_part(path, part));
  part = first.statistics.part();
  EXPECT_TRUE(mesh::read_checkpoint_part(path, part));
}

}  // namespace
