// How long a quantity stays correlated with the truth's, and the equal-error speed-up in that time.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "mesh/box_grid.hpp"
#include "surrogates/comparison/comparison.hpp"
#include "surrogates/comparison/grid_sampling.hpp"

namespace understudy {

using namespace surrogates;

namespace {

constexpr double two_pi = 2 * std::numbers::pi;

// sin(2 pi x + phase) + offset at the cells of an n x n box of 1 m, with its grid.
struct Wave {
  std::shared_ptr<const mesh::BoxGrid> grid;
  mesh::CellField<double> field;

  Wave(long long n, double phase, double offset = 0) {
    mesh::GridParams params;
    params.cells = {n, n};
    grid = std::make_shared<const mesh::BoxGrid>(params, std::array{true, true, true},
                                                 core::Comm::self());
    field = {"q", "K",
             mesh::Array3<double>("q", grid->extent(2), grid->extent(1), grid->extent(0))};
    const auto host = Kokkos::create_mirror_view(field.data);
    for (int j = 0; j < grid->extent(1); ++j)
      for (int i = 0; i < grid->extent(0); ++i)
        host(0, j, i) =
            std::sin(two_pi * grid->coordinate(mesh::Location::cell, 0, i) + phase) + offset;
    Kokkos::deep_copy(field.data, host);
  }
  double with(const Wave& reference) const {
    return correlation(reference.field, *reference.grid, field, *grid);
  }
};

CorrelationSeries falling(std::vector<double> values) { return {"q", std::move(values)}; }

// A replacement that costs 2 s of the truth's 10 s and falls below 0.95 at `time_s`.
ComparisonResult result_of(double time_s) {
  ComparisonResult r;
  r.equal_in = EqualIn::correlation_95;
  r.window_s = 1;
  r.truth_wall_s = 10;
  r.replacement_wall_s = 2;
  r.errors = {{"q", "K", {0, 1, 1}, {}}};
  // 1 at the start, then a straight line through 0.95 at that time.
  for (int n = 0; n <= 10; ++n)
    r.correlation.values.push_back(1 - 0.05 * static_cast<double>(n) / time_s);
  r.correlation.quantity = "q";
  return r;
}

ClassicalPoint run_of(const char* name, double cost_s, double time_s) {
  ClassicalPoint p{name, cost_s, 1};
  p.correlation = result_of(time_s).correlation;
  return p;
}

}  // namespace

TEST(Correlation, OfShiftedWavesIsTheCosineOfTheShift) {
  const Wave truth(32, 0);
  EXPECT_NEAR(truth.with(truth), 1, 1e-13);
  for (const double phase : {0.3, 1.0, std::numbers::pi})
    EXPECT_NEAR(Wave(32, phase).with(truth), std::cos(phase), 1e-13) << phase;
  EXPECT_NEAR(Wave(32, 0.3, 5).with(truth), std::cos(0.3), 1e-12) << "means are taken out";
  EXPECT_NEAR(Wave(16, 0.3).with(truth), std::cos(0.3), 1e-4) << "at the coarse grid's points";
  const Wave flat(100, 0);
  for (const double constant : {2.0, 0.1, 287.05, 1e5 / 3}) {
    Kokkos::deep_copy(flat.field.data, constant);
    EXPECT_EQ(flat.with(truth), 0) << "what has died away follows nothing: " << constant;
    EXPECT_TRUE(std::isnan(truth.with(flat))) << "there is nothing to follow: " << constant;
  }
}

TEST(Correlation, TimesAreLinearBetweenWindows) {
  EXPECT_NEAR(falling({1, 0.97, 0.93, 0.99}).time_below(0.95, 2), 3, 1e-12);
  EXPECT_NEAR(falling({1, 0.6}).time_below(0.8, 2), 1, 1e-12);
  EXPECT_TRUE(std::isnan(falling({1, 0.96, 0.95}).time_below(0.95, 2))) << "not below";
  const double nan = std::nan("");
  EXPECT_TRUE(std::isnan(falling({1, nan}).time_below(0.95, 2))) << "nothing is known";
  EXPECT_EQ(falling({1, nan}).last_known(), 0u);
  EXPECT_NEAR(falling({1, nan, nan, 0.99, 0.7}).time_below(0.95, 2), 2 * (3 + 0.04 / 0.29), 1e-12);
  EXPECT_NEAR(falling({1, nan, 0.9}).time_below(0.95, 2), 2, 1e-12) << "between what is known";
  EXPECT_EQ(falling({1, 0.99, nan}).last_known(), 1u);
}

TEST(Correlation, SpeedupsAtEqualTime) {
  ComparisonResult r = result_of(4);
  r.classical = {run_of("half", 4, 8), run_of("quarter", 1, 2)};
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 2.0 / 2, 1e-9) << "log-log halfway between 4 and 1";
  EXPECT_FALSE(r.speedups.equal_error_at_most);

  r.classical = {run_of("to the end", 6, 1e9), run_of("quarter", 1, 2)};
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.equal_error.value, 6.0 / 2) << "nothing to interpolate from";
  EXPECT_TRUE(r.speedups.equal_error_at_most);

  r.classical = {run_of("quarter", 1, 2)};
  set_speedups(r);
  EXPECT_DOUBLE_EQ(r.speedups.equal_error.value, 10.0 / 2);
  EXPECT_TRUE(r.speedups.equal_error_at_most);
  EXPECT_NE(r.speedups.equal_error.reason.find("quarter, is followed for 2 s"), std::string::npos)
      << r.speedups.equal_error.reason;

  r.correlation.values = {1, std::nan(""), std::nan("")};
  set_speedups(r);
  EXPECT_EQ(r.speedups.equal_error.reason, "no correlation was measured");

  r = result_of(1e9);
  r.classical = {run_of("quarter", 1, 2)};
  set_speedups(r);
  EXPECT_FALSE(r.speedups.equal_error.known);
  EXPECT_NE(r.speedups.equal_error.reason.find("does not fall below 0.95"), std::string::npos)
      << r.speedups.equal_error.reason;
}

}  // namespace understudy
