// How a dataset's frames lie in chunks: bounded, written by the blocks of all ranks, and read so that a block costs the
// chunks that it touches and no others.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <vector>

#include "core/atomic_file.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy {

using namespace surrogates;
using mesh::H5Shape;
using tests::error_text;

namespace {

namespace fs = std::filesystem;

const core::Comm& world() {
  static const core::Comm comm = core::Comm::world();
  return comm;
}

mesh::GridParams grid_of(const std::vector<long long>& cells) {
  mesh::GridParams params;
  params.cells.assign(cells.begin(), cells.end());
  params.lower_m.assign(cells.size(), 0.0);
  params.upper_m.assign(cells.size(), 1.0);
  return params;
}

const std::vector<mesh::FieldInfo> fields{
    {.name = "q", .unit = "K"}, {.name = "f", .unit = "m/s", .location = mesh::Location::face_x}};

// A whole number that single precision holds, another for each frame, field, and place (x, y, z) in two or three
// dimensions, the closing face of `f` included.
double number(long long frame, bool face, std::array<int, 3> place, bool volume) {
  const double at =
      volume ? (place[0] * 100.0 + place[1]) * 100.0 + place[2] : place[0] * 1000.0 + place[1];
  return 4e6 * static_cast<double>(frame) + (face ? 2e6 : 0) + at;
}

// Two frames of numbers, an inflow and an open side along x: `f` has a closing face. Collective.
template <class Real>
fs::path write_numbers(const std::string& name, const mesh::GridParams& params,
                       const core::Comm& comm) {
  const auto folder = tests::fresh_folder(name, world());
  const auto grid =
      std::make_shared<const mesh::BoxGrid>(params, std::array<bool, 3>{false, true, true}, comm);
  mesh::State<Real> state(grid, fields);
  DatasetInfo info;
  info.name = "numbers";
  info.fields = fields;
  info.grid = params;
  info.boundaries = SideKinds(2 * params.cells.size(), SideKind::periodic);
  info.boundaries[0] = SideKind::inflow;
  info.boundaries[1] = SideKind::open;
  info.window_s = 1;
  info.keep_precision = true;
  SampleWriter<Real> writer(folder, info, tests::carrier_sample(0, "train", 2), grid);
  for (long long frame = 0; frame < 2; ++frame) {
    for (const mesh::FieldInfo& field : fields) {
      const auto to = state[field.name].component();
      const auto host = Kokkos::create_mirror_view(to);
      const auto place = [&](int axis, int n) {
        return grid->offset(axis) + n - grid->ghosts(axis);
      };
      for (int k = 0; k < grid->extent(2); ++k)
        for (int j = 0; j < grid->extent(1); ++j)
          for (int i = 0; i < grid->extent(0); ++i)
            host(k, j, i) = static_cast<Real>(number(frame, field.name == "f",
                                                     {place(0, i), place(1, j), place(2, k)},
                                                     params.cells.size() == 3));
      Kokkos::deep_copy(to, host);
    }
    state.time_s = static_cast<double>(frame);
    writer.write(state);
  }
  writer.finish(1);
  world().barrier();
  return folder;
}

// Part `rank` of so many along the last axis, which best_split() cuts first.
mesh::Range3 part_of(const DatasetReader& reader, int rank, int ranks) {
  mesh::Range3 cells = reader.all_cells();
  const int axis = reader.info().grid.dimension() - 1, length = cells.end[axis];
  cells.begin[axis] = length * rank / ranks;
  cells.end[axis] = length * (rank + 1) / ranks;
  return cells;
}

// Is frame 1 of this box, of both fields, what was written?
bool reads_back(const DatasetReader& reader, const mesh::Range3& cells) {
  const std::vector<float> values = reader.prognostic(0, 1, 1, cells);
  const bool volume = reader.info().grid.dimension() == 3;
  std::size_t n = 0;
  for (const bool face : {false, true})
    for (int k = cells.begin[2]; k < cells.end[2]; ++k)
      for (int j = cells.begin[1]; j < cells.end[1]; ++j)
        for (int i = cells.begin[0]; i < cells.end[0]; ++i)
          if (values.at(n++) != static_cast<float>(number(1, face, {i, j, k}, volume)))
            return false;
  return n == values.size();
}

}  // namespace

TEST(DatasetChunks, AreFramesOrBlocksOfThemOfAMebibyteAtMost) {
  const auto chunk = [](const std::vector<long long>& cells, std::uint64_t value_bytes) {
    const mesh::GridParams grid = grid_of(cells);
    return layout::chunk_of(grid, layout::global_shape(grid, {1, 20}), value_bytes);
  };
  EXPECT_EQ(chunk({64, 32}, 4), (H5Shape{1, 1, 64, 32})) << "a small frame is one";
  EXPECT_EQ(chunk({512, 512}, 4), (H5Shape{1, 1, 512, 512})) << "1 MiB";
  EXPECT_EQ(chunk({512, 512}, 8), (H5Shape{1, 1, 512, 256})) << "the last of the longest axes";
  EXPECT_EQ(chunk({513, 512}, 4), (H5Shape{1, 1, 257, 512}));
  EXPECT_EQ(chunk({2048, 2048}, 4), (H5Shape{1, 1, 512, 512}));
  EXPECT_EQ(chunk({1 << 22, 1}, 4), (H5Shape{1, 1, 1 << 18, 1}));
  EXPECT_EQ(chunk({256, 256, 256}, 4), (H5Shape{1, 1, 64, 64, 64}));
  const mesh::GridParams box = grid_of({2048, 2048});
  EXPECT_EQ(layout::chunk_of(box, {1, 20, 1, 2048}, 4), (H5Shape{1, 1, 1, 2048})) << "a face";
  EXPECT_EQ(layout::chunk_of(box, {1, 2048, 2048}, 4), (H5Shape{1, 512, 512})) << "fixed";
  mesh::GridParams sphere;
  sphere.cells = {300, 300};
  sphere.radius_m = 1;
  ASSERT_TRUE(sphere.is_sphere());
  EXPECT_EQ(layout::chunk_of(sphere, {1, 20, 6, 300, 300}, 4), (H5Shape{1, 1, 1, 300, 300}));
  EXPECT_EQ(layout::chunk_of(sphere, {1, 20, 6, 600, 600}, 4), (H5Shape{1, 1, 1, 600, 300}));
  EXPECT_EQ(layout::chunk_of(sphere, {1, 20, 6, 20, 20}, 4), (H5Shape{1, 1, 6, 20, 20}));
}

// Blocks of ranks that cut chunks, and chunks that reach beyond the grid.
TEST(DatasetChunks, BlocksAreReadBackAsAllRanksWroteThem) {
  struct Case {
    std::vector<long long> cells;
    H5Shape single, wide;
  };
  for (const Case& one : {Case{{700, 701}, {1, 1, 700, 351}, {1, 1, 350, 351}},
                          Case{{71, 66, 68}, {1, 1, 36, 66, 68}, {1, 1, 36, 66, 34}}}) {
    const mesh::GridParams params = grid_of(one.cells);
    for (const bool wide : {false, true}) {
      const fs::path folder = wide ? write_numbers<double>("dataset_chunks", params, world())
                                   : write_numbers<float>("dataset_chunks", params, world());
      const mesh::Hdf5File file(folder / "train" / "sample_0.hdf5", mesh::H5Mode::read,
                                core::Comm::self());
      for (const char* field : {"t0_fields/q", "t0_fields/f"})
        EXPECT_EQ(file.info(field).chunk, wide ? one.wide : one.single) << field;
      EXPECT_EQ(file.info("closing_faces/f").chunk[2], 1U);
      const DatasetReader reader(folder);
      EXPECT_TRUE(reads_back(reader, reader.all_cells()));
      for (int n = 0; n < 2; ++n)  // this rank's and its neighbour's
        EXPECT_TRUE(reads_back(
            reader, part_of(reader, (world().rank() + n) % world().size(), world().size())))
            << one.cells.size() << "-D, " << wide;
    }
  }
}

// Whoever reads a chunk tests it: a damaged one is noticed by the blocks that touch it, and by no others.
TEST(DatasetChunks, ABlockReadsNoChunkThatItDoesNotTouch) {
  const auto folder = write_numbers<float>("dataset_chunks_touched", grid_of({700, 701}), world());
  const DatasetReader reader(folder);
  const fs::path path = folder / "train" / "sample_0.hdf5";
  if (world().is_root()) {
    std::string bytes = core::read_file(path);
    // Three values that lie side by side in frame 1 of q, in the second chunk along y.
    std::array<float, 3> there{};
    for (int n = 0; n < 3; ++n)
      there[n] = static_cast<float>(number(1, false, {5, 600 + n}, false));
    const std::string pattern(reinterpret_cast<const char*>(there.data()), sizeof there);
    const auto at = bytes.find(pattern);
    EXPECT_NE(at, std::string::npos);
    EXPECT_EQ(bytes.find(pattern, at + 1), std::string::npos);
    if (at != std::string::npos) bytes[at] ^= 1;
    std::ofstream(path, std::ios::binary) << bytes;
  }
  world().barrier();
  mesh::Range3 before = reader.all_cells(), behind = before;
  before.end[1] = behind.begin[1] = 351;
  EXPECT_TRUE(reads_back(reader, before));
  EXPECT_NE(error_text([&] { reads_back(reader, behind); }), "no error");
}

// A file with whole frames as chunks, as earlier versions wrote them, whatever their size.
TEST(DatasetChunks, FilesOfWholeFramesAreReadAsBefore) {
  const auto folder = write_numbers<float>("dataset_chunks_old", grid_of({700, 701}), world());
  if (world().is_root()) {
    const fs::path path = folder / "train" / "sample_0.hdf5";
    mesh::Hdf5File file(path, mesh::H5Mode::update, core::Comm::self());
    for (const std::string name : {"t0_fields/q", "t0_fields/f"}) {
      const auto values = file.get<float>(name);
      const H5Shape shape = file.shape(name);
      std::map<std::string, std::string> texts;
      for (const char* key : {"units", "location", "role", "description", "field"})
        texts[key] = file.attribute<std::string>(name, key);
      file.unlink(name);
      file.create_dataset<float>(name, shape, {.chunk = {1, 1, 700, 701}, .checksum = true});
      file.write(name, values.data(), {H5Shape(4, 0), shape});
      for (const auto& [key, text] : texts) file.set_attribute(name, key, text);
      file.set_attribute(name, "dim_varying", std::vector<bool>{true, true});
      file.set_attribute(name, "sample_varying", true);
      file.set_attribute(name, "time_varying", true);
      file.set_attribute(name, "component", 0);
    }
    file.close();
  }
  world().barrier();
  const DatasetReader reader(folder);
  EXPECT_TRUE(reads_back(reader, part_of(reader, world().rank(), world().size())));
}

}  // namespace understudy
