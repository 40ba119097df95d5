// A run continued from a checkpoint file is bitwise the uninterrupted one, on the same ranks.
#include <cstring>
#include <filesystem>

#include "mesh/io/checkpoint.hpp"
#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

template <class Real>
void compare(const FlowParams& params, const mesh::GridParams& box, const std::string& name) {
  const double window = 0.11;
  Case<Real> straight(params, box);
  straight.solver.advance(straight.state, window);
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      ("flow_restart_" + name + std::to_string(straight.grid->comm().size()) + ".h5");
  mesh::write_checkpoint(path, straight.state, {});
  straight.solver.advance(straight.state, window);

  Case<Real> restarted(params, box);
  mesh::read_checkpoint(path, restarted.state);
  restarted.solver.advance(restarted.state, window);
  straight.grid->comm().barrier();
  if (straight.grid->comm().is_root()) std::filesystem::remove(path);

  EXPECT_EQ(straight.state.time_s, restarted.state.time_s);
  EXPECT_EQ(straight.state.step, restarted.state.step);
  for (const auto& field : straight.state.fields()) {
    const auto a = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    const auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(),
                                                       restarted.state[field.info.name].data);
    const mesh::Range3 r = straight.grid->points(field.info.location);
    long long differing = 0;
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i)
          differing += std::memcmp(&a(0, k, j, i), &b(0, k, j, i), sizeof(Real)) != 0;
    EXPECT_EQ(differing, 0) << field.info.name;
  }
}

FlowParams wake() {
  FlowParams params;
  params.reynolds = 100;
  set_sides(params, {"inflow", "outflow", "slip", "outflow"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1 + 0.1 * sin(3 * t)", "0.1"};
  params.initial.velocity_m_s = {"1", "0.1"};
  params.bodies = {mesh::BodyParams{}};
  params.scalar.enabled = true;  // insulated at the body
  params.boundaries.side[mesh::x_lower].scalar = "1";
  return params;
}

TEST(Restart, WakeDouble) { compare<double>(wake(), {{-2, -2}, {4, 2}, {48, 32}, {}}, "wake"); }
TEST(Restart, WakeSingle) { compare<float>(wake(), {{-2, -2}, {4, 2}, {48, 32}, {}}, "wake_f"); }

TEST(Restart, WakeMultigrid) {
  FlowParams params = wake();
  params.pressure.method = "multigrid";
  compare<double>(params, {{-2, -2}, {4, 2}, {48, 32}, {}}, "wake_mg");
}

TEST(Restart, ThreeDimensionsWithScalar) {
  FlowParams params;
  params.reynolds = 100;
  params.scalar.enabled = true;
  params.les.model = "smagorinsky";
  set_sides(params, {"periodic", "periodic", "wall", "wall", "slip", "slip"});
  params.boundaries.side[mesh::y_upper].velocity_m_s = {"1", "0", "0.3"};
  params.boundaries.side[mesh::y_upper].scalar = "1";
  params.initial.noise_m_s = 0.1;
  compare<double>(params, {{0, 0, 0}, {1, 1, 1}, {12, 12, 12}, {}}, "3d");
}

}  // namespace
