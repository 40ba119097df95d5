// The comparison's bookkeeping, failures of a replacement, over which windows errors count.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "support/surrogates_carriers.hpp"
#include "surrogates/comparison/comparison.hpp"

namespace understudy {

using namespace surrogates;
using tests::Carrier;
using tests::carrier;
using tests::initial;
using tests::window_s;

namespace {

struct Exploding : Carrier<double> {
  using Carrier<double>::Carrier;
  solvers::AdvanceReport advance(mesh::State<double>& state, double) override {
    const auto q = state["q"].component();
    mesh::for_cells(
        "explode", grid()->interior(), KOKKOS_LAMBDA(int k, int j, int i) { q(k, j, i) *= 1e5; });
    return {};
  }
};

// Advances for some windows, then never again.
struct Stuck : Carrier<double> {
  using Carrier<double>::Carrier;
  solvers::AdvanceReport advance(mesh::State<double>& state, double duration_s) override {
    if (--windows < 0) throw core::RunError("the pressure does not converge");
    return Carrier<double>::advance(state, duration_s);
  }
  int windows = 0;
};

}  // namespace

TEST(Comparison, OfAThingWithItselfHasNoError) {
  auto truth = carrier(), same = carrier();
  const auto start = initial(*truth);
  ComparisonSetup<double> setup{*truth, *same, start};
  setup.window_s = window_s;
  setup.windows = 5;
  setup.made_for_core_s = 100;
  const auto r = compare(setup);
  EXPECT_EQ(r.times_s.size(), 6u);
  EXPECT_EQ(r.error_of("q").final(), 0);
  EXPECT_GT(r.error_of("q").persistence.back(), 0.05);
  EXPECT_FALSE(r.speedups.equal_error.known);
  EXPECT_TRUE(r.speedups.same_grid.known);
  EXPECT_EQ(r.accepted_fraction, 0);
}

TEST(Comparison, MeasuresErrorsDiagnosticsPicturesAndSpectra) {
  auto truth = carrier(), other = carrier(1.3);
  const auto start = initial(*truth);
  ComparisonSetup<double> setup{*truth, *other, start};
  setup.window_s = window_s;
  setup.windows = 6;
  setup.picture_times_s = {0, 3 * window_s};
  setup.pictures = {"q", "double_q"};
  setup.spectra_every = 6;
  const auto r = compare(setup);
  ASSERT_EQ(r.errors.size(), 2u);
  const auto& q = r.error_of("q");
  EXPECT_EQ(q.rel_l2[0], 0);
  EXPECT_GT(q.final(), q.rel_l2[1]);

  // The last error against a plain computation.
  auto a = start.clone(), b = start.clone();
  for (int n = 0; n < 6; ++n) {
    truth->advance(a, window_s);
    other->advance(b, window_s);
  }
  const auto x = a["q"].component(), y = b["q"].component();
  double miss = 0, size = 0;
  const auto& grid = a.grid();
  for (int j = grid.ghosts(1); j < grid.ghosts(1) + 16; ++j)
    for (int i = grid.ghosts(0); i < grid.ghosts(0) + 24; ++i) {
      miss += std::pow(x(0, j, i) - y(0, j, i), 2);
      size += std::pow(x(0, j, i), 2);
    }
  EXPECT_NEAR(q.final(), std::sqrt(miss / size), 1e-12);

  ASSERT_EQ(r.diagnostics.size(), 1u);
  EXPECT_EQ(r.diagnostics[0].name, "carrier.mass");
  EXPECT_EQ(r.diagnostics[0].replacement.size(), 7u);
  ASSERT_EQ(r.snapshots.size(), 4u);
  EXPECT_EQ(r.snapshots[3].name, "double_q");
  EXPECT_EQ(r.snapshots[3].truth.width, 24);
  EXPECT_DOUBLE_EQ(r.snapshots[3].truth.values[100], 2 * r.snapshots[2].truth.values[100]);
  EXPECT_NE(r.snapshots[3].truth.values[100], r.snapshots[3].replacement.values[100]);
  // At the start both spectra are that of the initial waves; their sum is the variance.
  ASSERT_EQ(r.spectra.size(), 4u);
  EXPECT_EQ(r.spectra[0].truth, r.spectra[0].replacement);
  double sum = 0;
  for (const double e : r.spectra[0].truth) sum += e;
  EXPECT_NEAR(sum, 0.25 + 0.045, 0.02);
  EXPECT_NEAR(r.spectra[0].wave_number_per_m[1], 2 * std::numbers::pi / 1.5, 1e-12);
  // The box is periodic: shells of |k|. The larger wave, (1, 1) on 1.5 m x 1 m, lies in the second.
  EXPECT_NEAR(r.spectra[0].truth[2], 0.25, 1e-3);
}

TEST(Comparison, TakesProfilesFromATimeOn) {
  auto truth = carrier(), other = carrier(1.3);
  const auto start = initial(*truth);
  ComparisonSetup<double> setup{*truth, *other, start};
  setup.window_s = window_s;
  setup.windows = 5;
  EXPECT_TRUE(compare(setup).profiles.empty()) << "not asked for";
  setup.profile = {1, 4 * window_s};
  const auto r = compare(setup);
  EXPECT_EQ(r.profile_axis, 1);
  EXPECT_EQ(r.profile_windows, 2) << "the fourth and the fifth";
  ASSERT_EQ(r.profiles.size(), 2u);
  EXPECT_EQ(r.profiles[0].field, "q");
  ASSERT_EQ(r.profiles[0].truth.mean.size(), 16u);
  EXPECT_GT(r.profiles[0].variance_rel_l2(), 0);

  // A row's variance over both windows against a plain computation.
  auto state = start.clone();
  const auto& grid = state.grid();
  double sum = 0, square = 0;
  for (int n = 1; n <= 5; ++n) {
    truth->advance(state, window_s);
    const auto q = state["q"].component();
    for (int i = grid.ghosts(0); n >= 4 && i < grid.ghosts(0) + 24; ++i) {
      const double x = q(0, grid.ghosts(1) + 3, i);
      sum += x;
      square += x * x;
    }
  }
  EXPECT_NEAR(r.profiles[0].truth.mean[3], sum / 48, 1e-12);
  EXPECT_NEAR(r.profiles[0].truth.variance[3], square / 48 - std::pow(sum / 48, 2), 1e-12);
  EXPECT_EQ(r.profiles[0].weight[3], 48);
}

TEST(Comparison, ReportsAReplacementThatFails) {
  auto truth = carrier();
  Exploding exploding(truth->grid());
  const auto start = initial(*truth);
  ComparisonSetup<double> setup{*truth, exploding, start};
  setup.window_s = window_s;
  setup.windows = 5;
  setup.max_abs_value = 1e7;
  const auto r = compare(setup);
  EXPECT_TRUE(r.replacement_failed);
  EXPECT_NE(r.failure.find("field q"), std::string::npos);
  EXPECT_LT(r.times_s.size(), 6u);
  EXPECT_FALSE(r.speedups.same_grid.known);
  EXPECT_NE(r.speedups.same_grid.reason.find("the replacement failed"), std::string::npos);
}

TEST(Comparison, ReportsAReplacementThatCannotAdvance) {
  auto truth = carrier();
  Stuck stuck(truth->grid());
  stuck.windows = 2 + 7;  // the warm-up's, and seven
  const auto start = initial(*truth);
  ComparisonSetup<double> setup{*truth, stuck, start};
  setup.window_s = window_s;
  setup.windows = 20;
  setup.block_windows = 5;
  const auto r = compare(setup);
  EXPECT_TRUE(r.replacement_failed);
  EXPECT_EQ(r.failure, "the pressure does not converge");
  EXPECT_EQ(r.times_s.size(), 8u) << "the start and seven windows";
  EXPECT_EQ(r.windows.size(), 8u) << "the failed one among them";
  // The truth's own failure is the run's.
  ComparisonSetup<double> other{stuck, *truth, start};
  other.window_s = window_s;
  other.windows = 20;
  other.warm_up_windows = 0;
  EXPECT_THROW(compare(other), core::RunError);
}

TEST(Comparison, GivesNoCostsOfAReplacementThatFails) {
  auto truth = carrier();
  Stuck stuck(truth->grid());
  stuck.windows = 2 + 2;  // the third of the compared fails
  const auto start = initial(*truth);
  ComparisonSetup<double> setup{*truth, stuck, start};
  setup.window_s = window_s;
  setup.windows = 20;
  setup.block_windows = 5;
  auto r = compare(setup);
  ASSERT_TRUE(r.replacement_failed);
  ASSERT_EQ(r.windows.size(), 3u);
  // As a caller does that repeats the timings: the simulation's are of all windows.
  r.set_walls({1e6, 2e6, 3e6}, {});
  set_speedups(r);
  EXPECT_EQ(r.truth_wall_s, 2e6);
  EXPECT_TRUE(std::isnan(r.replacement_wall_s)) << r.replacement_wall_s;
  EXPECT_FALSE(r.truth_energy_j.known);
  EXPECT_FALSE(r.replacement_energy_j.known);
  EXPECT_NE(r.replacement_energy_j.reason, "");
  double wall_s = 0;
  for (const auto& window : r.windows) wall_s += window.truth_wall_s;
  EXPECT_DOUBLE_EQ(r.truth_rate(), r.truth_cell_updates / wall_s) << "not over all windows' time";
}

TEST(Comparison, OfAReplacementThatFailsAtOnceHasNoError) {
  auto truth = carrier(), other = carrier(1.3);
  Stuck stuck(truth->grid());
  stuck.windows = 2;  // the warm-up's
  const auto start = initial(*truth);
  ComparisonSetup<double> setup{*truth, stuck, start};
  setup.window_s = window_s;
  setup.windows = 4;
  const auto failed = compare(setup);
  ASSERT_TRUE(failed.replacement_failed);
  EXPECT_EQ(failed.stable_windows(), 0);
  EXPECT_TRUE(std::isnan(failed.error_of("q").mean()));
  EXPECT_TRUE(std::isnan(failed.error_of("q").final()));
  EXPECT_TRUE(std::isnan(failed.mean_error()));
  ComparisonSetup<double> lasting{*truth, *other, start};
  lasting.window_s = window_s;
  lasting.windows = 4;
  const auto lasted = compare(lasting);
  const auto better = better_model(failed, {&failed, &lasted});
  ASSERT_TRUE(better.has_value()) << "whatever lasts is better";
  EXPECT_EQ(better->index, 1u);
  EXPECT_DOUBLE_EQ(better->error, lasted.mean_error());
  EXPECT_TRUE(std::isnan(better->own));
  EXPECT_FALSE(better_model(lasted, {&failed}).has_value());
}

TEST(Comparison, InBlocksIsTheSameAsWindowByWindow) {
  auto truth = carrier(), other = carrier(1.2);
  const auto start = initial(*truth);
  ComparisonSetup<double> setup{*truth, *other, start};
  setup.window_s = window_s;
  setup.windows = 11;
  setup.spectra_every = 3;
  setup.block_windows = 1;
  const auto one = compare(setup);
  setup.block_windows = 4;
  const auto four = compare(setup);
  EXPECT_EQ(one.times_s, four.times_s);
  EXPECT_EQ(one.errors[0].rel_l2, four.errors[0].rel_l2);
  EXPECT_EQ(one.errors[0].persistence, four.errors[0].persistence);
  EXPECT_EQ(one.diagnostics[0].replacement, four.diagnostics[0].replacement);
  EXPECT_GT(one.errors[0].final(), 0);
  ASSERT_EQ(one.spectra.size(), four.spectra.size());
  for (std::size_t n = 0; n < one.spectra.size(); ++n)
    EXPECT_EQ(one.spectra[n].replacement, four.spectra[n].replacement);
  EXPECT_EQ(four.windows.size(), 11u);
}

namespace {

// Three fields at rest but u; the replacement adds `noise` to each in every window.
class Noisy : public solvers::Stepper<double> {
 public:
  Noisy(std::shared_ptr<const mesh::Grid> grid, double noise)
      : grid_(std::move(grid)), noise_(noise) {}
  std::string name() const override { return "noisy"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return grid_; }
  std::vector<mesh::FieldInfo> fields() const override {
    return {{"u", "m/s"}, {"v", "m/s"}, {"T", "K"}};
  }
  double stable_dt(const mesh::State<double>&) override { return 1; }
  solvers::AdvanceReport advance(mesh::State<double>& state, double) override {
    for (const char* name : {"u", "v", "T"}) add(state[name].component(), noise_);
    return {};
  }
  std::vector<solvers::Diagnostic> diagnostics(const mesh::State<double>&) override { return {}; }
  void constrain(mesh::State<double>&) override {}
  void add(const mesh::Array3<double>& q, double value) const {
    mesh::for_cells(
        "add", grid_->interior(), KOKKOS_LAMBDA(int k, int j, int i) { q(k, j, i) += value; });
  }

 private:
  std::shared_ptr<const mesh::Grid> grid_;
  double noise_;
};

}  // namespace

TEST(Comparison, OfAFieldThatIsZeroIsRelativeToTheOthersOfItsUnit) {
  const auto grid = carrier()->grid();
  Noisy truth(grid, 0), other(grid, 0.1);
  mesh::State<double> start(grid, truth.fields());
  truth.add(start["u"].component(), 2);
  truth.add(start["v"].component(), 1e-17);
  ComparisonSetup<double> setup{truth, other, start};
  setup.window_s = 1;
  setup.windows = 2;
  const auto r = compare(setup);
  EXPECT_NEAR(r.error_of("u").mean(), 0.075, 1e-12);
  EXPECT_TRUE(r.error_of("u").judged());
  EXPECT_NEAR(r.error_of("v").mean(), 0.075, 1e-12) << "0.1 and 0.2 of 2 m/s";
  EXPECT_EQ(r.error_of("v").relative_to, "the norm of u");
  EXPECT_TRUE(std::isnan(r.error_of("T").mean())) << "nothing to compare with";
  EXPECT_EQ(r.error_of("T").relative_to, ErrorSeries::none);
  EXPECT_NEAR(r.mean_error(), 0.075, 1e-12) << "of u alone";
}

TEST(Comparison, CountsTheWindowsThatTheSurrogateAdvanced) {
  ComparisonResult r;
  r.errors = {{"q", "K", {0, 0, 0, 0.08, 0.1, 0.3}, {}}};
  for (const char* who : {"simulation", "simulation", "surrogate", "surrogate", "simulation"}) {
    WindowRecord window;
    window.who = who;
    r.windows.push_back(window);
  }
  r.times_s = {0, 1, 2, 3, 4, 5};
  EXPECT_NEAR(r.mean_error(), 0.09, 1e-12) << "not diluted by windows that are exact";
  EXPECT_EQ(r.hand_overs(), std::vector<std::size_t>{3});
  EXPECT_NEAR(r.worst_hand_over().error, 0.08, 1e-12);
  EXPECT_EQ(r.worst_hand_over().field, "q");
  for (auto& window : r.windows) window.who = "surrogate";
  EXPECT_TRUE(r.counted().empty());
  EXPECT_NEAR(r.mean_error(), 0.096, 1e-12);
}

// A guarded model's errors are those of its surrogate's windows; what stands beside them is of the same.
TEST(Comparison, OthersAreJudgedOverTheSameWindows) {
  ComparisonResult guarded, alone;
  guarded.truth_wall_s = alone.truth_wall_s = 10;
  guarded.replacement_wall_s = alone.replacement_wall_s = 1;
  guarded.times_s = alone.times_s = {0, 1, 2, 3, 4};
  for (const char* who : {"simulation", "simulation", "surrogate", "surrogate"}) {
    WindowRecord window;
    window.who = who;
    guarded.windows.push_back(window);
    window.who = "surrogate";
    alone.windows.push_back(window);
  }
  guarded.errors = {{"q", "K", {0, 0, 0, 0.2, 0.2}, {}}};
  alone.errors = {{"q", "K", {0, 0.01, 0.01, 0.3, 0.3}, {}}};
  ClassicalPoint half{"half", 4, 0};
  half.errors = {{0.02, 0.02, 0.2, 0.2}};
  ClassicalPoint quarter{"quarter", 2, 0};
  quarter.errors = {{0.1, 0.1, 0.5, 0.5}};
  guarded.classical = alone.classical = {half, quarter};
  set_speedups(guarded);
  set_speedups(alone);
  EXPECT_NEAR(guarded.classical[0].error, 0.2, 1e-12);
  EXPECT_NEAR(guarded.speedups.equal_error.value, 4, 1e-9) << "half is just as accurate there";
  EXPECT_NEAR(alone.classical[0].error, 0.11, 1e-12) << "over all its windows";
  EXPECT_NEAR(alone.classical[1].error, 0.3, 1e-12);
  // Over all windows its mean of 0.155 would beat the guarded model's 0.2.
  EXPECT_FALSE(better_model(guarded, {&alone}).has_value());
  alone.errors[0].rel_l2 = {0, 0.4, 0.4, 0.1, 0.1};
  const auto better = better_model(guarded, {&alone});
  ASSERT_TRUE(better.has_value()) << "although its mean over all windows is worse";
  EXPECT_NEAR(better->own / better->error, 2, 1e-12);
}

}  // namespace understudy
