// The scalar's reaction: its rate at a point, and how the solver hands it out and takes another in its
// place.
#include "solvers/flow/reaction.hpp"
#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

const mesh::GridParams box{{0, 0}, {1, 1}, {12, 8}, {}};

FlowParams reacting(const std::string& growth) {
  FlowParams params;
  params.viscosity_m2_s = 0.01;
  params.max_dt_s = 0.01;
  params.initial.velocity_m_s = {"sin(pi * x) * cos(pi * y)", "-cos(pi * x) * sin(pi * y)"};
  params.initial.scalar = "0.6 * x + 0.2 * y";
  params.scalar.enabled = true;
  params.scalar.reaction.growth = growth;
  if (growth != "none") params.scalar.reaction.growth_1_s = 3;
  if (growth == "bistable") params.scalar.reaction.threshold = 0.3;
  return params;
}

template <class Real>
mesh::HostArray3<Real> scalar_of(const Case<Real>& c) {
  return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), c.state["scalar"].component());
}

template <class Real>
double largest_difference(const Case<Real>& a, const Case<Real>& b) {
  const auto x = scalar_of(a), y = scalar_of(b);
  const mesh::Range3 r = a.grid->interior();
  double largest = 0;
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i)
      largest = std::max(largest, std::abs(double(x(0, j, i)) - double(y(0, j, i))));
  return largest;
}

TEST(Reaction, RateIsItsFormula) {
  using solvers::flow::Growth;
  solvers::flow::ReactionRate<double> rate{Growth::logistic, 3, 0, 0.5};
  EXPECT_DOUBLE_EQ(rate(0.25), 3 * 0.25 * 0.75 - 0.5 * 0.25);
  EXPECT_DOUBLE_EQ(rate(-0.1), 0.5 * 0.1);  // nothing grows below 0
  rate = {Growth::bistable, 3, 0.3, 0};
  EXPECT_DOUBLE_EQ(rate(0.25), 3 * 0.25 * 0.75 * (0.25 - 0.3));
  EXPECT_GT(rate(-0.1), 0);
  rate = {Growth::none, 0, 0, 0.5};
  EXPECT_DOUBLE_EQ(rate(0.25), -0.125);
}

TEST(Reaction, IsAProcessWithNamesAndUnits) {
  Case<double> c(reacting("bistable"), box);
  const auto processes = c.solver.point_processes();
  ASSERT_EQ(processes.size(), 1u);
  EXPECT_EQ(processes[0].name, solvers::reaction_process);
  EXPECT_EQ(processes[0].inputs, (std::vector<core::Column>{{"scalar", "1"}}));
  EXPECT_EQ(processes[0].outputs, (std::vector<core::Column>{{"reaction_rate", "1/s"}}));
  // Any number of points, not only the grid's.
  const mesh::Points<double> in("in", 5, 1), out("out", 5, 1);
  Kokkos::deep_copy(in, 0.5);
  processes[0].physics(in, out);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), out);
  for (int n = 0; n < 5; ++n) EXPECT_DOUBLE_EQ(host(n, 0), 3 * 0.5 * 0.5 * 0.2);
}

TEST(Reaction, NoProcessWithoutOne) {
  EXPECT_TRUE(Case<double>(reacting("none"), box).solver.point_processes().empty());
  FlowParams params = reacting("none");
  params.scalar.enabled = false;
  params.initial.scalar = "0";
  EXPECT_TRUE(Case<double>(params, box).solver.point_processes().empty());
}

TEST(Reaction, PhysicsHandedBackIsBitwiseTheSame) {
  Case<float> own(reacting("logistic"), box), handed(reacting("logistic"), box);
  const auto process = handed.solver.point_processes().at(0);
  long long calls = 0, points = 0;
  process.use([&, physics = process.physics](const auto& in, const auto& out) {
    ++calls;
    points += static_cast<long long>(in.extent(0));
    physics(in, out);
  });
  own.solver.advance(own.state, 0.1);
  handed.solver.advance(handed.state, 0.1);
  EXPECT_EQ(largest_difference(own, handed), 0);
  EXPECT_EQ(calls, handed.state.step);
  EXPECT_EQ(points, calls * 96);
}

TEST(Reaction, WhoComputesItDecides) {
  Case<double> without(reacting("none"), box), silent(reacting("bistable"), box),
      own(reacting("bistable"), box);
  silent.solver.point_processes().at(0).use(
      [](const auto&, const auto& out) { Kokkos::deep_copy(out, 0.0); });
  for (auto* c : {&without, &silent, &own}) c->solver.advance(c->state, 0.1);
  EXPECT_LT(largest_difference(without, silent), 1e-12);
  EXPECT_GT(largest_difference(own, silent), 1e-3);
}

TEST(Reaction, BoundsTheTimeStep) {
  FlowParams params = reacting("logistic");
  params.max_dt_s = 0;
  params.scalar.reaction.growth_1_s = 1e5;
  params.scalar.reaction.decay_1_s = 2e5;
  Case<double> c(params, box);
  EXPECT_LE(c.solver.stable_dt(c.state), 0.9 / 3e5);
}

TEST(Reaction, NeedsTheScalar) {
  FlowParams params = reacting("logistic");
  params.scalar.enabled = false;
  params.initial.scalar = "0";
  const std::string text = user_error([&] { Case<double> c(params, box); });
  EXPECT_NE(text.find("flow.scalar.reaction: is given, but flow.scalar.enabled is false"),
            std::string::npos)
      << text;
}

}  // namespace
