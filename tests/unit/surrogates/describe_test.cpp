// describe(): a stepper as the run that a model is wanted for.
#include "surrogates/fields/describe.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "core/error.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "support/surrogates_synthetic.hpp"

namespace understudy::surrogates {

namespace {

std::string refusal(const solvers::Stepper<double>& stepper, double window_s,
                    const SideKinds& sides) {
  try {
    describe(stepper, window_s, sides);
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST(Describe, SaysOfAStepperWhatIsOtherwiseWrittenByHand) {
  const tests::Carrier<double> truth(tests::carrier_grid(false, core::Comm::self()));
  const mesh::GridParams box = tests::carrier_grid_params();
  const SideKinds sides = tests::carrier_boundaries(false);
  const RunDescription run = describe(truth, 0.25, sides);
  ASSERT_EQ(run.fields.size(), truth.fields().size());
  EXPECT_EQ(run.fields[1].name, "f");
  EXPECT_EQ(run.grid.lower_m, box.lower_m);
  EXPECT_EQ(run.grid.upper_m, box.upper_m);
  EXPECT_EQ(run.grid.cells, box.cells);
  EXPECT_TRUE(run.grid.ranks.empty());
  EXPECT_EQ(run.boundaries, sides);
  EXPECT_EQ(run.window_s, 0.25);
  EXPECT_TRUE(run.parameters.empty());
  const DatasetInfo dataset = dataset_of("carried", run);
  EXPECT_EQ(dataset.name, "carried");
  ASSERT_EQ(dataset.fields.size(), 3U);  // q, f and the mask; no history
  EXPECT_EQ(dataset.fields[2].name, "mask");
  EXPECT_EQ(dataset.grid.cells, box.cells);
  EXPECT_EQ(dataset.boundaries, sides);
  EXPECT_EQ(dataset.window_s, 0.25);
  EXPECT_FALSE(dataset.keep_precision);
}

TEST(Describe, KnowsTheSidesOfAPeriodicBox) {
  const tests::Carrier<double> truth(tests::carrier_grid(true, core::Comm::self()));
  EXPECT_EQ(describe(truth, 1).boundaries, tests::carrier_boundaries(true));
}

namespace {

// A stepper on a sphere, as far as describe() asks.
struct OnASphere : solvers::Stepper<double> {
  std::shared_ptr<const mesh::Grid> sphere = std::make_shared<const mesh::CubedSphereGrid>(
      mesh::CubedSphereParams{.cells = 12, .radius_m = 3, .ranks = {}}, core::Comm::self());
  std::string name() const override { return "planet"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return sphere; }
  std::vector<mesh::FieldInfo> fields() const override { return {{"depth", "m"}}; }
  double stable_dt(const mesh::State<double>&) override { return 1; }
  solvers::AdvanceReport advance(mesh::State<double>&, double) override { return {}; }
  std::vector<solvers::Diagnostic> diagnostics(const mesh::State<double>&) override { return {}; }
  void constrain(mesh::State<double>&) override {}
};

}  // namespace

TEST(Describe, KnowsASphereAndItsJoints) {
  const OnASphere truth;
  const RunDescription run = describe(truth, 1);
  EXPECT_EQ(run.grid.radius_m, 3);
  EXPECT_EQ(run.grid.cells, (std::vector<long long>{12, 12}));
  EXPECT_EQ(run.boundaries, SideKinds(4, SideKind::joint));
  EXPECT_NE(refusal(truth, 1, SideKinds(4, SideKind::periodic))
                .find("the sides of a cubed sphere's panels, and no others, are joints"),
            std::string::npos);
}

TEST(Describe, RefusesWhatTheGridContradicts) {
  const tests::Carrier<double> open(tests::carrier_grid(false, core::Comm::self()));
  const tests::Carrier<double> closed(tests::carrier_grid(true, core::Comm::self()));
  const auto says = [](const std::string& message, const std::string& part) {
    return message.find(part) == std::string::npos ? message : "as expected";
  };
  EXPECT_EQ(says(refusal(open, 1, {}), "describe(carrier): the grid is not periodic along x; say"),
            "as expected");
  EXPECT_EQ(says(refusal(open, 1, {SideKind::wall}), "1 sides are given; a 2-D box has 4"),
            "as expected");
  SideKinds sides = tests::carrier_boundaries(true);
  EXPECT_EQ(says(refusal(open, 1, sides), "given as periodic, and the grid is not periodic there"),
            "as expected");
  sides[0] = SideKind::wall;
  EXPECT_EQ(says(refusal(closed, 1, sides), "given as wall, and the grid is periodic there"),
            "as expected");
  for (const double window_s : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_EQ(says(refusal(closed, window_s, {}), "it must be above 0"), "as expected");
}

}  // namespace understudy::surrogates
