// Relative L2 errors: by hand, where the truth vanishes, on the sphere, and of classical runs.
#include "pinn/relative_error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "core/error.hpp"
#include "pinn/classical.hpp"
#include "pinn/problems/problems.hpp"
#include "support/torch_pinn_problem_probe.hpp"
#include "support/torch_pinn_training_case.hpp"

namespace understudy::pinn {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
const Points three{{0.0}, {0.5}, {1.0}};

TEST(PinnRelativeError, IsOfThePointsWhereTheTruthIsKnown) {
  auto p = cases::decay();
  EXPECT_DOUBLE_EQ(relative_l2(*p, three, {{3, 4, 9}}, {{3, 5, unknown}})[0], 1 / std::sqrt(34.0));
  EXPECT_TRUE(std::isnan(relative_l2(*p, three, {{1, 2, 3}}, {{unknown, unknown, unknown}})[0]));
  EXPECT_TRUE(std::isnan(relative_l2(*p, three, {{1, 2, 3}}, {})[0]));
  EXPECT_TRUE(std::isinf(relative_l2(*p, three, {{1, unknown, 3}}, {{1, 2, 3}})[0]))
      << "what is no number is no solution";
  p->mean_free = {"u"};
  EXPECT_DOUBLE_EQ(relative_l2(*p, three, {{11, 12, 13}}, {{1, 2, 3}})[0], 0);
}

TEST(PinnRelativeError, IsNotJudgedWhereTheTruthVanishesBesideItsUnit) {
  auto p = cases::decay();
  p->fields = {{"u", "m/s", ""}, {"v", "m/s", ""}, {"w", "m", ""}};
  const Columns off{{1, 1, 1.1}, {1e-3, 0, 0}, {1e-20, 0, 0}};
  const auto e = relative_l2(*p, three, off, {{1, 1, 1}, {1e-17, 0, 1e-17}, {2e-20, 0, 0}});
  EXPECT_NEAR(e[0], 0.1 / std::sqrt(3), 1e-12);
  EXPECT_TRUE(std::isnan(e[1])) << e[1];
  EXPECT_DOUBLE_EQ(e[2], 0.5) << "small, but of another unit";
  EXPECT_TRUE(std::isnan(relative_l2(*p, three, off, {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}})[0]));
  p->mean_free = {"u"};
  EXPECT_TRUE(std::isnan(relative_l2(*p, three, off, {{1, 1, 1}, {1, 2, 3}, {1, 1, 1}})[0]))
      << "nothing is left without its mean";
}

TEST(PinnRelativeError, CountsAreasOnTheSphere) {
  const auto p = probe::made(shallow_water_sphere(), {{"angle", 0}});
  const double sixty = std::numbers::pi / 3;
  const Points points{{0, 0, 0}, {0, sixty, 0}};
  const auto truth = p->reference(points);
  Columns values = truth;
  values[0][1] += 1;
  const double expected =
      std::sqrt(0.5 / (truth[0][0] * truth[0][0] + 0.5 * truth[0][1] * truth[0][1]));
  const auto e = relative_l2(*p, points, values, truth);
  EXPECT_NEAR(e[0], expected, 1e-9 * expected);
  EXPECT_TRUE(std::isnan(e[3])) << "the flow along the equator has no velocity to the pole: "
                                << e[3];
}

TEST(PinnClassical, ARunThatFailsIsRecordedAndTheOthersGoOn) {
  const auto p = cases::decay();
  p->classical = {"method", {4, 8, 16}, [](int resolution) -> Reference {
                    if (resolution == 8) throw core::RunError("no convergence");
                    return [](const Points& points) {
                      return Columns{std::vector<double>(points.size(), 1.0)};
                    };
                  }};
  const auto runs = run_classical(*p, 0);
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[1].failure, "no convergence");
  EXPECT_TRUE(runs[1].errors.empty());
  EXPECT_TRUE(runs[2].failure.empty());
  EXPECT_GT(runs[2].errors.at(0), 0);
}

}  // namespace

}  // namespace understudy::pinn
