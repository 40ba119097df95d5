// The same run on one rank and on all: every rank also does the whole problem alone and compares
// its own block, to 1e-10 of the field's largest value.
#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

void compare(const FlowParams& params, const mesh::GridParams& box, double duration) {
  Case<double> all(params, box), alone(params, box, core::Comm::self());
  all.solver.advance(all.state, duration);
  alone.solver.advance(alone.state, duration);
  EXPECT_EQ(all.state.step, alone.state.step);
  for (const auto& field : all.state.fields()) {
    if (field.info.role == mesh::Role::history) continue;
    const auto mine = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    const auto whole =
        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), alone.state[field.info.name].data);
    const mesh::Range3 r = all.grid->points(field.info.location);
    double worst = 0, largest = 0;
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) {
          const double other =
              whole(0, k + all.grid->offset(2), j + all.grid->offset(1), i + all.grid->offset(0));
          worst = std::max(worst, std::abs(mine(0, k, j, i) - other));
          largest = std::max(largest, std::abs(other));
        }
    largest = all.grid->comm().max(largest);
    EXPECT_LE(worst, 1e-10 * largest) << field.info.name;
  }
  const auto ours = all.solver.diagnostics(all.state),
             theirs = alone.solver.diagnostics(alone.state);
  ASSERT_EQ(ours.size(), theirs.size());
  for (std::size_t n = 0; n < ours.size(); ++n)
    EXPECT_NEAR(ours[n].value, theirs[n].value, 1e-9 * (1 + std::abs(theirs[n].value)))
        << ours[n].name;
}

TEST(Ranks, CavityWithScalar) {
  FlowParams params;
  params.reynolds = 100;
  params.scalar.enabled = true;
  set_sides(params, {"wall", "wall", "wall", "wall"});
  params.boundaries.side[mesh::y_upper].velocity_m_s = {"1 + 0.1 * sin(t)", "0"};
  params.boundaries.side[mesh::y_upper].scalar = "1";
  compare(params, {{0, 0}, {1, 1}, {32, 28}, {}}, 0.3);
}

TEST(Ranks, BodyBetweenInflowAndOutflow) {
  FlowParams params;
  params.reynolds = 100;
  params.convection = "upwind3";
  set_sides(params, {"inflow", "outflow", "slip", "outflow"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0.2"};
  params.initial.velocity_m_s = {"1", "0.2"};
  params.initial.noise_m_s = 0.01;
  mesh::BodyParams body;
  body.center_m = {0.13, 0.07};
  params.bodies = {body, body};
  params.bodies[1].center_m = {2.4, -0.55};
  params.bodies[1].diameter_m = 0.7;
  params.scalar.enabled = true;
  params.scalar.at_bodies = "fixed";
  params.scalar.body_value = 2;
  params.boundaries.side[mesh::x_lower].scalar = "1 + 0.1 * y";
  compare(params, {{-2, -2}, {4, 2}, {48, 40}, {}}, 0.5);
}

TEST(Ranks, ThreeDimensionsWithEddyViscosity) {
  FlowParams params;
  params.reynolds = 1600;
  params.les.model = "wale";
  set_sides(params, {"periodic", "periodic", "slip", "slip", "periodic", "periodic"});
  params.initial.velocity_m_s = {"sin(x) * cos(y) * cos(z)", "-cos(x) * sin(y) * cos(z)", "0"};
  const double length = 2 * 3.14159265358979323846;
  compare(params, {{0, 0, 0}, {length, length, length}, {16, 16, 16}, {}}, 0.5);
}

}  // namespace
