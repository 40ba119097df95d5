// Datasets of a cubed sphere: written by all ranks, read back exactly, in the layout of The Well with panels.
#include <gtest/gtest.h>

#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/mesh_io_scratch.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy {

using namespace surrogates;

namespace {

constexpr int n = 12;
constexpr double radius = 6.37122e6;

std::shared_ptr<const mesh::CubedSphereGrid> make_grid() {
  return std::make_shared<const mesh::CubedSphereGrid>(
      mesh::CubedSphereParams{.cells = n, .radius_m = radius, .ranks = {}}, core::Comm::world());
}

std::vector<mesh::FieldInfo> fields() {
  return {{.name = "depth", .unit = "m"},
          {.name = "velocity", .unit = "m/s", .components = 3},
          {.name = "topography", .unit = "m", .role = mesh::Role::fixed}};
}

DatasetInfo info() {
  DatasetInfo dataset;
  dataset.name = "jet";
  dataset.fields = fields();
  dataset.grid = mesh::CubedSphereParams{.cells = n, .radius_m = radius, .ranks = {}}.grid_params();
  dataset.boundaries = SideKinds(4, SideKind::joint);
  dataset.window_s = 3600;
  return dataset;
}

}  // namespace

TEST(SphereDataset, ReadsBackWhatAllRanksWrote) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_sphere", comm);
  mesh::State<float> state(make_grid(), fields());
  SampleInfo sample;
  sample.name = "sample_0";
  sample.frames = 2;
  sample.provenance.deck_hash = "hash";
  {
    SampleWriter<float> writer(folder, info(), sample, state.shared_grid());
    for (int frame = 0; frame < 2; ++frame) {
      tests::fill_with_places(state);
      state.time_s = 3600 * frame;
      writer.write(state);
    }
    writer.finish(1);
  }
  comm.barrier();
  const DatasetReader reader(folder);
  EXPECT_NO_THROW(reader.require(info()));
  EXPECT_EQ(reader.info().grid.cells, (std::vector<long long>{n, n}));
  EXPECT_EQ(reader.info().grid.radius_m, radius);
  EXPECT_EQ(reader.info().boundaries, SideKinds(4, SideKind::joint));
  mesh::State<float> read(state.shared_grid(), fields());
  reader.read_state(0, 1, read);
  EXPECT_EQ(read.time_s, 3600);
  EXPECT_EQ(tests::wrong_places(read), 0);
  // Channels for training: [frame, channel, panel, y, x].
  const auto values = reader.prognostic(0, 1, 1);
  ASSERT_EQ(values.size(), 4u * 6 * n * n);
  EXPECT_EQ(values[((2 * 6 + 5) * n + 3) * n + 7], tests::place_value<float>(1, 1, 5, 3, 7));
  EXPECT_EQ(reader.layout().count, 4LL * 6 * n * n);
  EXPECT_EQ(reader.points(0, 1, 1), values);
}

TEST(SphereDataset, HasTheLayoutOfTheWell) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_sphere_layout", comm);
  mesh::State<double> state(make_grid(), fields());
  SampleInfo sample;
  sample.name = "sample_0";
  sample.frames = 1;
  {
    SampleWriter<double> writer(folder, info(), sample, state.shared_grid());
    writer.write(state);
    writer.finish(1);
  }
  comm.barrier();
  const mesh::Hdf5File file(folder / "train" / "sample_0.hdf5", mesh::H5Mode::read, comm);
  EXPECT_EQ(file.attribute<std::string>("", "grid_type"), "cubed_sphere");
  EXPECT_EQ(file.attribute<long long>("", "n_spatial_dims"), 3);
  EXPECT_EQ(file.attribute<double>("", "radius_m"), radius);
  EXPECT_EQ(file.attribute<std::vector<std::string>>("dimensions", "spatial_dims"),
            (std::vector<std::string>{"panel", "y", "x"}));
  EXPECT_EQ(file.shape("t0_fields/velocity_2"), (mesh::H5Shape{1, 1, 6, n, n}));
  EXPECT_EQ(file.shape("t0_fields/topography"), (mesh::H5Shape{1, 6, n, n}));
  EXPECT_EQ(file.get<double>("dimensions/panel"), (std::vector<double>{0, 1, 2, 3, 4, 5}));
  EXPECT_NEAR(file.get<double>("dimensions/x").front(), -0.7853981633974483 * (1 - 1.0 / n), 1e-12);
  EXPECT_EQ(file.attribute<std::string>("boundary_conditions/x_lower_periodic", "kind"), "joint");
}

TEST(SphereDataset, AnotherSphereIsRefused) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_sphere_other", comm);
  mesh::State<float> state(make_grid(), fields());
  SampleInfo sample;
  sample.name = "sample_0";
  sample.frames = 2;
  {
    SampleWriter<float> writer(folder, info(), sample, state.shared_grid());
    writer.write(state);
    writer.write(state);
    writer.finish(1);
  }
  comm.barrier();
  const DatasetReader reader(folder);
  DatasetInfo other = info();
  other.grid.radius_m = 3.4e6;
  EXPECT_NE(tests::error_text([&] {
              reader.require(other);
            }).find("has a sphere of radius 6371220 m; wanted is grid.radius_m: 3400000"),
            std::string::npos);
  other = info();
  other.grid = {.lower_m = {0, 0}, .upper_m = {1, 1}, .cells = {n, n}, .ranks = {}};
  EXPECT_NE(
      tests::error_text([&] { reader.require(other); }).find("has a cubed sphere; wanted is a box"),
      std::string::npos);
}

}  // namespace understudy
