// Checkpoints: every bit comes back, on other numbers of ranks too; a file that is damaged or fits
// another run is refused with a message that says how.
#include "mesh/box_grid.hpp"
#include "mesh/io/checkpoint.hpp"

#include <cmath>
#include <fstream>
#include <limits>

#include "mesh/io/hdf5_file.hpp"
#include "support/mesh_io_scratch.hpp"
#include "support/mesh_stretched_grid.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;
using tests::contains;
using tests::Scratch;
using tests::user_error;

const std::vector<FieldInfo> flow_fields{
    {.name = "u",
     .unit = "m/s",
     .location = Location::face_x,
     .role = Role::prognostic,
     .description = "velocity along x"},
    {.name = "v",
     .unit = "m/s",
     .location = Location::face_y,
     .role = Role::prognostic,
     .description = "velocity along y"},
    {.name = "p",
     .unit = "Pa",
     .location = Location::cell,
     .role = Role::prognostic,
     .description = "pressure"},
    {.name = "convection",
     .unit = "m/s2",
     .location = Location::face_x,
     .role = Role::history,
     .description = "of the last two steps",
     .components = 2},
};

std::shared_ptr<const Grid> make_grid(const Comm& comm, int dimension = 2, int nx = 37) {
  GridParams params;
  params.lower_m = {-1, 0, 0.5};
  params.upper_m = {2, 1, 1.5};
  params.cells = {nx, 24, 9};
  params.lower_m.resize(dimension);
  params.upper_m.resize(dimension);
  params.cells.resize(dimension);
  return std::make_shared<const BoxGrid>(params, std::array<bool, 3>{false, true, false}, comm);
}

template <class Real>
State<Real> make_state(const Comm& comm, int dimension = 2) {
  auto fields = flow_fields;
  if (dimension == 3)
    fields.push_back(
        {.name = "w", .unit = "m/s", .location = Location::face_z, .role = Role::prognostic});
  State<Real> state(make_grid(comm, dimension), fields);
  tests::fill_with_places(state);
  state.time_s = 0.1 + 0.2;
  state.step = 123456789012ll;
  state.scalars = {{"dt_previous_s", 1.0 / 3}, {"denormal", 5e-324}};
  return state;
}

template <class Real>
State<Real> empty_like(const Comm& comm, int dimension = 2) {
  State<Real> state = make_state<Real>(comm, dimension);
  for (auto& field : state.fields()) Kokkos::deep_copy(field.data, Real(-1));
  state.scalars = {{"stale", 1}};
  state.time_s = 0;
  state.step = 0;
  return state;
}

template <class Real>
void expect_restored(State<Real>& state, const std::map<std::string, std::string>& attributes) {
  EXPECT_EQ(tests::wrong_places(state), 0);
  EXPECT_EQ(state.time_s, 0.1 + 0.2);
  EXPECT_EQ(state.step, 123456789012ll);
  EXPECT_EQ(state.scalars,
            (std::map<std::string, double>{{"dt_previous_s", 1.0 / 3}, {"denormal", 5e-324}}));
  EXPECT_EQ(attributes, (std::map<std::string, std::string>{{"deck_hash", "00ff"}, {"empty", ""}}));
}

template <class Real>
class Checkpoint : public testing::Test {};
using Precisions = testing::Types<float, double>;
TYPED_TEST_SUITE(Checkpoint, Precisions);

TYPED_TEST(Checkpoint, ComesBackOnAnyNumberOfRanks) {
  using Real = TypeParam;
  const Comm comm = Comm::world();
  const Scratch scratch;
  for (const int dimension : {2, 3}) {
    const auto path = scratch / ("checkpoint" + std::to_string(dimension) + ".h5");
    const auto written = make_state<Real>(comm, dimension);
    write_checkpoint(path, written, {{"deck_hash", "00ff"}, {"empty", ""}});

    auto same = empty_like<Real>(comm, dimension);
    expect_restored(same, read_checkpoint(path, same));

    // Each rank for itself: a run on one rank.
    auto alone = empty_like<Real>(Comm::self(), dimension);
    expect_restored(alone, read_checkpoint(path, alone));

    // Written by one rank, read by all.
    const auto single = scratch / ("single" + std::to_string(dimension) + ".h5");
    if (comm.is_root())
      write_checkpoint(single, make_state<Real>(Comm::self(), dimension),
                       {{"deck_hash", "00ff"}, {"empty", ""}});
    comm.barrier();
    auto shared = empty_like<Real>(comm, dimension);
    expect_restored(shared, read_checkpoint(single, shared));
  }
}

TYPED_TEST(Checkpoint, KeepsEveryBit) {
  using Real = TypeParam;
  using Limits = std::numeric_limits<Real>;
  const Comm comm = Comm::world();
  const Scratch scratch;
  State<Real> state(
      make_grid(comm),
      {{.name = "p", .unit = "Pa", .location = Location::cell, .role = Role::prognostic}});
  const std::vector<Real> awkward{
      -Real(0),   Limits::denorm_min(), Limits::max(), Limits::quiet_NaN(), -Limits::infinity(),
      Real(1) / 3};
  tests::for_places(state.grid(), state["p"], [&](Real& value, int, int, int j, int i) {
    value = awkward[static_cast<std::size_t>(i + j) % awkward.size()];
  });
  write_checkpoint(scratch / "bits.h5", state, {});
  State<Real> read(state.shared_grid(), {state["p"].info});
  read_checkpoint(scratch / "bits.h5", read);
  tests::for_places(read.grid(), read["p"], [&](Real& value, int, int, int j, int i) {
    const Real wanted = awkward[static_cast<std::size_t>(i + j) % awkward.size()];
    EXPECT_EQ(std::memcmp(&value, &wanted, sizeof(Real)), 0);
  });
}

TEST(Checkpoint, KeepsAGridThatIsNoBoxAndTellsItFromOne) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const std::vector<FieldInfo> fields{{"p", "Pa"}};
  State<double> state(std::make_shared<const mesh_test::StretchedGrid>(37, 24, comm), fields);
  tests::for_places(state.grid(), state["p"],
                    [](double& value, int, int, int j, int i) { value = i + 100 * j; });
  write_checkpoint(scratch / "stretched.h5", state, {});
  State<double> read(state.shared_grid(), fields), box(make_grid(comm), fields);
  read_checkpoint(scratch / "stretched.h5", read);
  tests::for_places(read.grid(), read["p"],
                    [](double& value, int, int, int j, int i) { EXPECT_EQ(value, i + 100 * j); });
  write_checkpoint(scratch / "box.h5", box, {});
  EXPECT_EQ(user_error([&] { read_checkpoint(scratch / "box.h5", read); }),
            (scratch / "box.h5").string() +
                ": the checkpoint's grid is another: it has another geometry; this run has 37 "
                "cells, 24 cells, 1 cells (periodic), first_width_m 1");
}

TEST(CheckpointErrors, NameWhatDiffers) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto path = scratch / "checkpoint.h5";
  write_checkpoint(path, make_state<double>(comm), {});
  const std::string name = path.string() + ": ";

  auto single = make_state<float>(comm);
  EXPECT_EQ(
      user_error([&] { read_checkpoint(path, single); }),
      name +
          "the checkpoint is in double precision; this run is in single (precision: in the deck)");
  State<double> finer(make_grid(comm, 2, 64), flow_fields);
  EXPECT_EQ(
      user_error([&] { read_checkpoint(path, finer); }),
      name +
          "the checkpoint's grid is another: it has 37 cells from -1 to 2 m, 24 cells from 0 to "
          "1 m (periodic), 1 cells from 0 to 1 m (periodic); this run has 64 cells from -1 to 2 "
          "m, 24 cells from 0 to 1 m (periodic), 1 cells from 0 to 1 m (periodic)");
  State<double> fewer(make_grid(comm), {flow_fields[0], flow_fields[2]});
  EXPECT_EQ(
      user_error([&] { read_checkpoint(path, fewer); }),
      name + "the checkpoint's fields are others: it holds convection, p, u, v; this run has u, p");
  auto moved_fields = flow_fields;
  moved_fields[2].location = Location::face_x;
  State<double> moved(make_grid(comm), moved_fields);
  EXPECT_EQ(user_error([&] { read_checkpoint(path, moved); }),
            name + "field 'p' lies at cell; this run has it at face_x");
  auto shaped_fields = flow_fields;
  shaped_fields[3].components = 3;
  State<double> shaped(make_grid(comm), shaped_fields);
  EXPECT_EQ(
      user_error([&] { read_checkpoint(path, shaped); }),
      name +
          "dataset 'fields/convection' has shape [2, 1, 24, 38], [3, 1, 24, 38] (component, z, y, "
          "x) was expected");
}

/// Overwrites bytes of a file.
void damage(const std::filesystem::path& path, std::size_t at, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(at));
  file << bytes;
}

TEST(CheckpointErrors, DamageIsNoticed) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  auto state = make_state<double>(comm);
  const auto fresh = [&](const std::string& name) {
    write_checkpoint(scratch / name, state, {});
    comm.barrier();
    return scratch / name;
  };
  const auto read = [&](const std::filesystem::path& path) {
    comm.barrier();
    auto other = make_state<double>(comm);
    return user_error([&] { read_checkpoint(path, other); });
  };
  EXPECT_TRUE(contains(read(scratch / "none.h5"), "none.h5: no such file"));

  const auto cut = fresh("cut.h5");
  if (comm.is_root()) std::filesystem::resize_file(cut, std::filesystem::file_size(cut) / 2);
  EXPECT_TRUE(contains(read(cut), "it is damaged or was not written to its end"));

  const auto header = fresh("header.h5");
  if (comm.is_root()) damage(header, 1, "XXX");
  EXPECT_TRUE(contains(read(header), "not an HDF5 file, or its header is damaged"));

  // One byte of one value: found by the checksum. The value of u at the first point is place_value
  // = 0.25.
  const auto value = fresh("value.h5");
  if (comm.is_root()) {
    std::ifstream file(value, std::ios::binary);
    const std::string all((std::istreambuf_iterator<char>(file)), {});
    const double first[2] = {tests::place_value<double>(0, 0, 0, 0, 0),
                             tests::place_value<double>(0, 0, 0, 0, 1)};
    const auto at = all.find(std::string(reinterpret_cast<const char*>(first), sizeof first));
    ASSERT_NE(at, std::string::npos);
    damage(value, at, std::string(1, '\x01'));
  }
  EXPECT_TRUE(contains(read(value), "the values of field 'u' are damaged"));

  const auto foreign = scratch / "foreign.h5";
  write_hdf5_atomically(foreign, comm, [](Hdf5File& file) { file.create_group("t0_fields"); });
  EXPECT_TRUE(contains(read(foreign), "an HDF5 file, but not a checkpoint of this program"));

  const auto newer = fresh("newer.h5");
  {
    Hdf5File file(newer, H5Mode::update, comm);
    file.set_attribute("", "format_version", 99);
    file.close();
  }
  EXPECT_TRUE(contains(read(newer), "format is version 99; this program reads versions 1 to 2"));
}

// One bit, anywhere: an error, or the same state. Most of the file are structures, attributes and texts.
TEST(CheckpointErrors, NoFlippedBitGoesOnSilently) {
  if (Comm::world().size() > 1) GTEST_SKIP() << "one rank tells all";
  const Comm comm = Comm::self();
  const Scratch scratch(comm);
  const auto state = make_state<double>(comm);
  const std::map<std::string, std::string> attributes{{"deck_hash", "00ff"}, {"empty", ""}};
  write_checkpoint(scratch / "whole.h5", state, attributes);
  std::ifstream file(scratch / "whole.h5", std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(file)), {});
  ASSERT_GT(whole.size(), 10000u);
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += at < 8192 ? 7 : 97) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    std::ofstream(scratch / "flipped.h5", std::ios::binary) << flipped;
    auto other = empty_like<double>(comm);
    std::map<std::string, std::string> read;
    try {
      read = read_checkpoint(scratch / "flipped.h5", other);
    } catch (const core::UserError& error) {
      EXPECT_TRUE(contains(error.what(), "flipped.h5")) << at;
      ++refused;
      continue;
    }
    SCOPED_TRACE(at);
    expect_restored(other, read);
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace understudy::mesh
