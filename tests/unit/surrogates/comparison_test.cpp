// Swap policies, the comparison's bookkeeping, the three speed-ups, errors between grids.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "mesh/box_grid.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/comparison/comparison.hpp"
#include "surrogates/comparison/grid_sampling.hpp"
#include "surrogates/swap/swap.hpp"

namespace understudy {

using namespace surrogates;
using test::Carrier;
using test::error_text;
using test::window_s;

namespace {

std::shared_ptr<Carrier<double>> carrier(double speed = 1, int nx = 24, int ny = 16) {
  return std::make_shared<Carrier<double>>(test::carrier_grid(true, core::Comm::self(), nx, ny),
                                           speed);
}

mesh::State<double> initial(Carrier<double>& stepper) {
  mesh::State<double> state(stepper.grid(), stepper.fields());
  stepper.initialise(state, 0.1);
  return state;
}

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

// Who advanced in each of `windows` windows: "P" physics, "S" surrogate.
std::string pattern(const SwapParams& params, int windows, double start_s = 0) {
  auto truth = carrier();
  Swap<double> swap(params, truth, carrier(1.2), window_s);
  auto state = initial(*truth);
  state.time_s = start_s;
  for (int n = 0; n < windows; ++n) {
    swap.advance(state, window_s);
    state.time_s = start_s + (n + 1) * window_s;
  }
  std::string text;
  for (const SwapRecord& r : swap.records()) text += r.who == "surrogate" ? "S" : "P";
  return text;
}

}  // namespace

TEST(Swap, FollowsItsSchedule) {
  SwapParams p;
  p.policy = "always";
  EXPECT_EQ(pattern(p, 4), "SSSS");
  p.policy = "never";
  EXPECT_EQ(pattern(p, 4), "PPPP");
  p.policy = "schedule";
  EXPECT_EQ(pattern(p, 4), "SSSS");
  p.lead_windows = 2;
  EXPECT_EQ(pattern(p, 6), "PPSSSS");
  p.physics_every = 3;
  EXPECT_EQ(pattern(p, 8), "PPSSPSSP");
  EXPECT_EQ(pattern(p, 5, 3 * window_s), "SPSSP") << "windows are counted from time 0";
  p = SwapParams{};
  p.policy = "schedule";
  p.from_s = 2 * window_s;
  p.to_s = 4 * window_s;
  EXPECT_EQ(pattern(p, 6), "PPSSPP");
}

TEST(Swap, RecordsWhoAndWhyAndConstrainsWhenPhysicsTakesOver) {
  SwapParams p;
  p.policy = "schedule";
  p.physics_every = 2;
  auto truth = carrier();
  Swap<double> swap(p, truth, carrier(1.2), window_s);
  auto state = initial(*truth);
  swap.advance(state, 4 * window_s);
  ASSERT_EQ(swap.records().size(), 4u);
  EXPECT_EQ(swap.records()[1].why, "every 2 windows");
  EXPECT_NEAR(swap.records()[3].time_s, 4 * window_s, 1e-12);
  EXPECT_DOUBLE_EQ(accepted_fraction(swap.records()), 0.5);
  EXPECT_EQ(truth->constrained, 2);
  EXPECT_NE(error_text([&] { swap.advance(state, 0.06); }).find("not a whole number of windows"),
            std::string::npos);
}

TEST(Swap, WantsASurrogateUnlessNever) {
  SwapParams p;
  EXPECT_NE(error_text([&] {
              Swap<double>(p, carrier(), nullptr, window_s);
            }).find("swap.policy: always wants a surrogate"),
            std::string::npos);
  p.policy = "never";
  EXPECT_NO_THROW(Swap<double>(p, carrier(), nullptr, window_s));
}

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

TEST(Speedups, FollowTheirDefinitions) {
  ComparisonResult r;
  r.truth_wall_s = 10;
  r.replacement_wall_s = 2;
  r.cores = 2;
  r.made_for_core_s = 160;
  r.errors = {{"q", "K", {0, 0.01, 0.03}, {}}};  // mean 0.02
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.same_grid.value, 5);
  EXPECT_DOUBLE_EQ(r.speedups.break_even_runs.value, 10);
  EXPECT_FALSE(r.speedups.equal_error.known);
  EXPECT_NE(r.speedups.equal_error.reason.find("no cheaper classical run"), std::string::npos);

  r.classical = {{"half", 4, 0.01}, {"quarter", 1, 0.04}};
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 2.0 / 2, 1e-12) << "log-log halfway between 4 and 1";
  r.classical.push_back({"dear and bad", 8, 0.02});
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 1, 1e-12) << "a dominated run changes nothing";
  r.classical.push_back({"measured between them", 2.5, 0.02});
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 2.5 / 2, 1e-12) << "a run takes the place of the guess";
  r.classical.pop_back();
  r.classical.push_back({"below the line", 1.5, 0.019});
  set_speedups(r);
  EXPECT_LT(r.speedups.equal_error.value, 1.5 / 2);
  r.classical.pop_back();
  r.classical.push_back({"no cheaper than the truth", 12, 0.005});
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 1, 1e-12);
  auto dear = r;
  dear.classical = {{"no cheaper than the truth", 12, 0.005}};
  set_speedups(dear);
  EXPECT_DOUBLE_EQ(dear.speedups.equal_error.value, 5)
      << "never above what the truth itself allows";
  r.errors[0].rel_l2 = {0, 0.001, 0.001};
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.equal_error.value, 5) << "only the full run is as good";
  r.errors[0].rel_l2 = {0, 0.5, 0.5};
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.equal_error.value, 0.5) << "a cheap run beats the replacement";
  r.replacement_wall_s = 20;
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.same_grid.value, 0.5) << "a loss is reported as one";
  EXPECT_FALSE(r.speedups.break_even_runs.known);
  EXPECT_NE(r.speedups.break_even_runs.reason.find("never pays back"), std::string::npos);
}

namespace {

// A smooth field that is at its steepest beside the walls, and has no symmetry there.
double smooth(double x, double y) {
  return 2 + std::exp(-3 * y) * std::sin(2 * x + 0.3) + std::exp(2 * (y - 1)) * x * x;
}

template <class Real>
mesh::State<Real> between_walls(int nx) {
  using mesh::Location;
  const auto grid = std::make_shared<const mesh::BoxGrid>(
      test::carrier_grid_params(nx, 2 * nx / 3), std::array<bool, 3>{}, core::Comm::self());
  mesh::State<Real> state(
      grid,
      {{.name = "u", .unit = "m/s", .location = Location::face_x, .role = mesh::Role::prognostic},
       {.name = "v", .unit = "m/s", .location = Location::face_y, .role = mesh::Role::prognostic},
       {.name = "p", .unit = "Pa", .location = Location::cell, .role = mesh::Role::prognostic}});
  for (auto& field : state.fields()) {
    const auto host = Kokkos::create_mirror_view(field.data);
    const auto r = grid->points(field.info.location);
    Kokkos::deep_copy(host, std::numeric_limits<Real>::quiet_NaN());  // no ghost may be read
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        host(0, 0, j, i) = static_cast<Real>(smooth(grid->coordinate(field.info.location, 0, i),
                                                    grid->coordinate(field.info.location, 1, j)));
    Kokkos::deep_copy(field.data, host);
  }
  return state;
}

}  // namespace

TEST(GridSampling, ChargesACoarseGridThatSamplesExactlyWithNothingOfLowOrder) {
  // Half and a third of the points; the error is the interpolation's, up to the walls.
  for (const int factor : {2, 3}) {
    std::vector<double> before;
    for (const int nx : {72, 144, 288}) {
      const auto errors =
          error_against(between_walls<double>(nx), between_walls<double>(nx / factor));
      ASSERT_EQ(errors.size(), 3u);
      for (std::size_t f = 0; f < errors.size(); ++f) {
        EXPECT_LT(errors[f], 1e-5) << nx;
        if (!before.empty() && before[f] > 1e-12) {
          EXPECT_GT(before[f] / errors[f], 8) << "third order at least, factor " << factor;
        }
      }
      before = errors;
    }
  }
}

TEST(GridSampling, TakesTheValuesThemselvesWherePointsCoincide) {
  const auto fine = between_walls<double>(36);
  auto same = between_walls<float>(36);
  for (auto& field : same.fields()) Kokkos::deep_copy(field.data, 0.f);
  sample(fine, same);
  for (const double e : error_against(fine, same)) EXPECT_LT(e, 1e-7) << "float's round-off";
  auto third = between_walls<double>(12);
  Kokkos::deep_copy(third["u"].data, 0.);
  sample(fine, third);
  const auto on_host = [](const auto& field) {
    return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.component());
  };
  const auto u = on_host(third["u"]), fine_u = on_host(fine["u"]);
  const auto& grid = third.grid();
  const int g = grid.ghosts(0);
  // Every third face of the fine grid is one of the coarse; along y the middle of three cells too.
  for (int i = 0; i <= grid.local_cells(0); ++i)
    EXPECT_EQ(u(0, g, g + i), fine_u(0, g + 1, g + 3 * i));
}

void scale_pressure(mesh::State<double>& state, double factor) {
  const auto p = state["p"].component();
  mesh::for_cells(
      "scale", state.grid().interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { p(k, j, i) *= factor; });
}

TEST(GridSampling, FindsTheErrorOfAState) {
  auto fine = between_walls<double>(48), coarse = between_walls<double>(24);
  scale_pressure(coarse, 1.01);
  const auto errors = error_against(fine, coarse);
  EXPECT_NEAR(errors[2], 0.01, 1e-6);
}

}  // namespace understudy
