// Checkpoints of a cubed sphere: every bit comes back on any number of ranks; another sphere is refused.
#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/io/checkpoint.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;
using tests::contains;
using tests::Scratch;
using tests::user_error;

State<double> make_state(const Comm& comm, double radius_m, int ghosts = 2) {
  const auto grid = std::make_shared<const CubedSphereGrid>(
      CubedSphereParams{.cells = 14, .radius_m = radius_m, .ranks = {}}, comm, ghosts);
  return {grid,
          {{.name = "depth", .unit = "m"}, {.name = "velocity", .unit = "m/s", .components = 3}}};
}

TEST(CheckpointOfASphere, ComesBackOnOtherRanksAndGhosts) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  auto state = make_state(comm, 6.37122e6);
  tests::fill_with_places(state);
  state.time_s = 0.1 + 0.2;
  write_checkpoint(scratch / "checkpoint.h5", state, {{"deck", "hash"}});
  comm.barrier();
  auto same = make_state(comm, 6.37122e6, 5);
  EXPECT_EQ(read_checkpoint(scratch / "checkpoint.h5", same).at("deck"), "hash");
  EXPECT_EQ(tests::wrong_places(same), 0);
  EXPECT_EQ(same.time_s, 0.1 + 0.2);
  auto alone = make_state(Comm::self(), 6.37122e6);
  read_checkpoint(scratch / "checkpoint.h5", alone);
  EXPECT_EQ(tests::wrong_places(alone), 0);
  comm.barrier();
}

TEST(CheckpointOfASphere, AnotherRadiusIsRefused) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  write_checkpoint(scratch / "checkpoint.h5", make_state(comm, 6.37122e6), {});
  comm.barrier();
  auto mars = make_state(comm, 3.3895e6);
  const std::string text = user_error([&] { read_checkpoint(scratch / "checkpoint.h5", mars); });
  EXPECT_TRUE(contains(text, "radius_m 6371220"));
  EXPECT_TRUE(contains(text, "radius_m 3389500"));
}

}  // namespace
}  // namespace understudy::mesh
