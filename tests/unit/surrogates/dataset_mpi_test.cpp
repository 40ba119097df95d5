// Datasets: written by all ranks, read back exactly; layout; resumption by sample; what damaged or
// foreign files get.
#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <fstream>
#include <limits>

#include "core/atomic_file.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/dataset/dataset_statistics.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

class DatasetTest : public testing::TestWithParam<bool> {
 protected:
  core::Comm comm = core::Comm::world();
};

TEST_P(DatasetTest, ReadsBackWhatAllRanksWrote) {
  const bool periodic = GetParam();
  const auto folder = tests::fresh_folder("dataset_round", comm);
  auto last = tests::write_sample<float>(folder, periodic, 3, "train", 4, comm);
  comm.barrier();
  const DatasetReader reader(folder);
  ASSERT_EQ(reader.samples().size(), 1u);
  EXPECT_EQ(reader.samples()[0].frames, 4);
  EXPECT_EQ(reader.samples()[0].parameters.at(0).name, "carrier.speed");
  EXPECT_EQ(reader.samples()[0].parameters.at(0).unit, "m/s");
  EXPECT_DOUBLE_EQ(reader.samples()[0].parameters.at(0).value, 1.3);
  EXPECT_EQ(reader.samples()[0].provenance.deck_hash, "hash3");
  EXPECT_DOUBLE_EQ(reader.cost_core_s(), 2.5);
  EXPECT_NO_THROW(reader.require(
      tests::carrier_dataset(periodic, tests::Carrier<float>(last.shared_grid()).fields())));

  mesh::State<float> state(last.shared_grid(), tests::Carrier<float>(last.shared_grid()).fields());
  reader.read_state(0, 3, state);
  EXPECT_DOUBLE_EQ(state.time_s, 3 * tests::window_s);
  for (const char* field : {"q", "f", "mask"})
    EXPECT_EQ(tests::largest_difference(state, last, field), 0) << field;

  // Channels for training: [frame, channel, y, x], against this rank's part of the last state.
  const auto values = reader.prognostic(0, 2, 2);
  const auto& grid = last.grid();
  const int nx = grid.global_cells(0), ny = grid.global_cells(1);
  ASSERT_EQ(values.size(), 2u * 2 * nx * ny);
  const auto f = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), last["f"].component());
  const auto r = grid.interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      const int gj = j - r.begin[1] + grid.offset(1), gi = i - r.begin[0] + grid.offset(0);
      ASSERT_EQ(values[((1 * 2 + 1) * ny + gj) * nx + gi], f(0, j, i));
    }
  EXPECT_EQ(reader.fixed(0).size(), static_cast<std::size_t>(nx) * ny);
}
INSTANTIATE_TEST_SUITE_P(Sides, DatasetTest, testing::Bool());

TEST(Dataset, HasTheLayoutOfTheWell) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_layout", comm);
  tests::write_sample<double>(folder, false, 1, "valid", 3, comm);
  const mesh::Hdf5File file(folder / "valid" / "sample_1.hdf5", mesh::H5Mode::read, comm);
  using Texts = std::vector<std::string>;
  EXPECT_EQ(file.attribute<std::string>("", "dataset_name"), "carrier");
  EXPECT_EQ(file.attribute<std::string>("", "grid_type"), "cartesian");
  EXPECT_EQ(file.attribute<long long>("", "n_spatial_dims"), 2);
  EXPECT_EQ(file.attribute<long long>("", "n_trajectories"), 1);
  EXPECT_EQ(file.attribute<Texts>("", "simulation_parameters"), Texts{"carrier.speed"});
  EXPECT_DOUBLE_EQ(file.attribute<double>("", "carrier.speed"), 1.1);
  EXPECT_EQ(file.attribute<Texts>("dimensions", "spatial_dims"), (Texts{"x", "y"}));
  EXPECT_EQ(file.attribute<Texts>("t0_fields", "field_names"), (Texts{"q", "f", "mask"}));
  EXPECT_EQ(file.attribute<Texts>("t1_fields", "field_names"), Texts{});
  EXPECT_EQ(file.shape("t0_fields/q"), (mesh::H5Shape{1, 3, 24, 16}));
  EXPECT_EQ(file.info("t0_fields/q").type, "float32");
  EXPECT_EQ(file.shape("t0_fields/mask"), (mesh::H5Shape{1, 24, 16}));
  EXPECT_TRUE(file.attribute<bool>("t0_fields/q", "time_varying"));
  EXPECT_FALSE(file.attribute<bool>("t0_fields/mask", "time_varying"));
  EXPECT_EQ(file.attribute<std::string>("t0_fields/f", "location"), "face_x");
  EXPECT_EQ(file.attribute<std::string>("t0_fields/f", "units"), "m/s");
  EXPECT_EQ(file.shape("closing_faces/f"), (mesh::H5Shape{1, 3, 1, 16}));
  EXPECT_FALSE(file.exists("closing_faces/q"));
  EXPECT_EQ(file.attribute<std::string>("boundary_conditions/y_lower_periodic", "bc_type"),
            "PERIODIC");
  EXPECT_EQ(file.attribute<std::string>("boundary_conditions/x_lower_open", "kind"), "inflow");
  EXPECT_EQ(file.shape("dimensions/time"), mesh::H5Shape{3});
  EXPECT_NEAR(file.get<double>("dimensions/x").front(), 1.5 / 24 / 2, 1e-12);
  EXPECT_EQ(file.attribute<std::string>("", "provenance.deck"), "speed: 1");
}

// What the public check of The Well's files asks of every file (scripts/check_thewell_formatting.py of
// PolymathicAI/the_well), and what it warns of.
class WellCheck {
 public:
  explicit WellCheck(const mesh::Hdf5File& file) : file_(file) {
    trajectories_ = file.attribute<long long>("", "n_trajectories");
    frames_ = file.shape("dimensions/time").back();
    dims_ = file.attribute<Texts>("dimensions", "spatial_dims");
    EXPECT_EQ(static_cast<long long>(dims_.size()),
              file.attribute<long long>("", "n_spatial_dims"));
    for (const char* name : {"dataset_name", "grid_type"})
      EXPECT_NE(file.attribute<std::string>("", name), "");
    for (const auto& name : file.attribute<Texts>("", "simulation_parameters")) {
      EXPECT_TRUE(file.has_attribute("", name));
      EXPECT_TRUE(file.exists("scalars/" + name));
    }
    EXPECT_EQ(expected("dimensions/time"), file.shape("dimensions/time"));
    for (const auto& dim : dims_) {
      mesh::H5Shape shape = file.shape("dimensions/" + dim);
      shape.pop_back();
      EXPECT_EQ(expected("dimensions/" + dim), shape);
    }
    for (int order = 0; order < 3; ++order) fields("t" + std::to_string(order) + "_fields", order);
    for (const auto& name : file.attribute<Texts>("scalars", "field_names"))
      EXPECT_EQ(expected("scalars/" + name), file.shape("scalars/" + name)) << name;
    for (const auto& name : file.children("boundary_conditions")) side(name);
  }

 private:
  using Texts = std::vector<std::string>;
  mesh::H5Shape expected(const std::string& object) const {
    mesh::H5Shape shape;
    if (file_.attribute<bool>(object, "sample_varying"))
      shape.push_back(static_cast<std::uint64_t>(trajectories_));
    if (file_.attribute<bool>(object, "time_varying")) shape.push_back(frames_);
    return shape;
  }
  void fields(const std::string& group, int order) const {
    for (const auto& name : file_.attribute<Texts>(group, "field_names")) {
      const std::string object = group + "/" + name;
      mesh::H5Shape shape = expected(object);
      const auto varying = file_.attribute<std::vector<bool>>(object, "dim_varying");
      ASSERT_EQ(varying.size(), dims_.size());
      for (std::size_t n = 0; n < dims_.size(); ++n)
        if (varying[n]) shape.push_back(file_.shape("dimensions/" + dims_[n]).back());
      for (int n = 0; n < order; ++n) shape.push_back(dims_.size());
      EXPECT_EQ(file_.shape(object), shape) << object;
    }
  }
  void side(const std::string& name) const {
    const std::string object = "boundary_conditions/" + name;
    mesh::H5Shape shape = expected(object);
    std::string type = file_.attribute<std::string>(object, "bc_type");
    for (char& c : type) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_NE(name.find(type), std::string::npos) << name << " is not named after " << type;
    EXPECT_TRUE(file_.has_attribute(object, "associated_fields"));
    for (const auto& dim : file_.attribute<Texts>(object, "associated_dims")) {
      EXPECT_NE(name.find(dim), std::string::npos) << name << " is not named after " << dim;
      shape.push_back(file_.shape("dimensions/" + dim).back());
    }
    EXPECT_EQ(file_.shape(object + "/mask"), shape) << object;
  }

  const mesh::Hdf5File& file_;
  long long trajectories_ = 0;
  std::uint64_t frames_ = 0;
  Texts dims_;
};

TEST(Dataset, PassesTheCheckOfTheWell) {
  const auto comm = core::Comm::world();
  for (const bool periodic : {true, false}) {
    const auto folder = tests::fresh_folder("dataset_check", comm);
    tests::write_sample<float>(folder, periodic, 1, "train", 3, comm);
    comm.barrier();
    const mesh::Hdf5File file(folder / "train" / "sample_1.hdf5", mesh::H5Mode::read, comm);
    WellCheck check(file);
  }
}

TEST(Dataset, StatisticsAreThoseOfTheTrainingSamples) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_statistics", comm);
  for (const int n : {1, 2, 4}) tests::write_sample<float>(folder, false, n, "train", 3, comm);
  tests::write_sample<float>(folder, false, 9, "valid", 3, comm);
  comm.barrier();
  write_statistics(folder, comm);
  comm.barrier();
  const DatasetReader reader(folder);
  // q is the first channel.
  double sum = 0, square = 0, count = 0, change = 0, changes = 0;
  for (const int sample : reader.samples_of("train")) {
    const auto values = reader.prognostic(sample, 0, 3);
    const std::size_t frame = values.size() / 3,
                      cells = frame / std::size_t(reader.channels(mesh::Role::prognostic));
    for (int f = 0; f < 3; ++f)
      for (std::size_t n = 0; n < cells; ++n) {
        const double value = values[f * frame + n];
        sum += value;
        square += value * value;
        ++count;
        if (f == 0) continue;
        const double step = value - values[(f - 1) * frame + n];
        change += step * step;
        ++changes;
      }
  }
  const std::string text = core::read_file(folder / "stats.yaml");
  const auto stated = [&](const std::string& section, const std::string& field) {
    const auto from = text.find("\n  " + field + ": ", text.find(section + ":\n"));
    return std::stod(text.substr(text.find(':', from) + 1));
  };
  const double mean = sum / count;
  EXPECT_NEAR(stated("mean", "q"), mean, 1e-5 * std::abs(mean) + 1e-12);
  EXPECT_NEAR(stated("std", "q"), std::sqrt(square / count - mean * mean), 1e-5);
  EXPECT_NEAR(stated("rms", "q"), std::sqrt(square / count), 1e-5);
  EXPECT_NEAR(stated("rms_delta", "q"), std::sqrt(change / changes), 1e-5);
  EXPECT_EQ(text.find("  mask: ", text.find("std_delta:")), std::string::npos) << text;
}

TEST(Dataset, FinishedSamplesAreSkippedAndOthersMadeAnew) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_resume", comm);
  const auto fields = tests::Carrier<float>(tests::carrier_grid(true, comm)).fields();
  const auto info = tests::carrier_dataset(true, fields);
  auto sample = tests::carrier_sample(2, "train", 3);
  EXPECT_FALSE(sample_is_complete(folder, info, sample, comm));
  {
    // Left before its end: no file, no temporary file.
    Kokkos::fence();
    tests::Carrier<float> stepper(tests::carrier_grid(true, comm));
    mesh::State<float> state(stepper.grid(), stepper.fields());
    SampleWriter<float> writer(folder, info, sample, stepper.grid());
    writer.write(state);
    EXPECT_NE(error_text([&] { writer.finish(1); }).find("3 frames were announced, but 1"),
              std::string::npos);
  }
  comm.barrier();
  EXPECT_TRUE(std::filesystem::is_empty(folder / "train"));
  EXPECT_FALSE(sample_is_complete(folder, info, sample, comm));
  tests::write_sample<float>(folder, true, 2, "train", 3, comm);
  EXPECT_TRUE(sample_is_complete(folder, info, sample, comm));
  sample.frames = 4;
  EXPECT_FALSE(sample_is_complete(folder, info, sample, comm));
  sample.frames = 3;
  sample.provenance.deck_hash = "another";
  EXPECT_FALSE(sample_is_complete(folder, info, sample, comm));
}

TEST(Dataset, RanksWriteTheProvenanceAndTheCostOfTheFirst) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_provenance", comm);
  tests::Carrier<float> stepper(tests::carrier_grid(true, comm));
  mesh::State<float> state(stepper.grid(), stepper.fields());
  stepper.initialise(state, 0.2);
  auto sample = tests::carrier_sample(5, "train", 2);
  // As on two hosts: texts of different lengths, clocks that differ.
  sample.provenance.host = "host" + std::string(7 * comm.rank(), 'x');
  sample.provenance.started = std::to_string(comm.rank());
  SampleWriter<float> writer(folder, tests::carrier_dataset(true, stepper.fields()), sample,
                             stepper.grid());
  writer.write(state);
  writer.write(state);
  writer.finish(3 + comm.rank());
  const mesh::Hdf5File file(folder / "train" / "sample_5.hdf5", mesh::H5Mode::read,
                            core::Comm::self());
  EXPECT_EQ(file.attribute<std::string>("", "provenance.host"), "host");
  EXPECT_EQ(file.attribute<std::string>("", "provenance.started"), "0");
  EXPECT_EQ(file.attribute<double>("", "cost_core_s"), 3);
}

TEST(Dataset, RefusesWhatDoesNotFit) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_errors", comm);
  EXPECT_NE(error_text([&] { DatasetReader(folder / "nowhere"); }).find("no such folder"),
            std::string::npos);
  EXPECT_NE(error_text([&] { DatasetReader{folder}; }).find("no finished sample"),
            std::string::npos);
  tests::write_sample<float>(folder, true, 0, "train", 3, comm);
  comm.barrier();
  const DatasetReader reader(folder);
  const auto fields = tests::Carrier<float>(tests::carrier_grid(true, comm)).fields();
  auto wanted = tests::carrier_dataset(true, fields);
  wanted.fields[0].name = "temperature";
  EXPECT_NE(error_text([&] { reader.require(wanted); }).find("wanted are temperature [K] at cell"),
            std::string::npos);
  wanted = tests::carrier_dataset(true, fields);
  wanted.grid.cells = {48, 16};
  EXPECT_NE(error_text([&] { reader.require(wanted); }).find("24 x 16 cells; wanted are 48 x 16"),
            std::string::npos);
  wanted = tests::carrier_dataset(true, fields);
  wanted.window_s = 0.1;
  EXPECT_NE(error_text([&] { reader.require(wanted); }).find("time.window_s: 0.1"),
            std::string::npos);
  wanted = tests::carrier_dataset(false, fields);
  EXPECT_NE(error_text([&] { reader.require(wanted); }).find("wanted are inflow, open"),
            std::string::npos);
  EXPECT_NE(error_text([&] { reader.prognostic(0, 2, 2); }).find("it has 3"), std::string::npos);
}

// What may differ from file to file of another program.
struct ForeignFile {
  std::vector<float> times{0, 0.5f, 1}, y{0.5f, 1.5f, 2.5f, 3.5f};
  long long trajectories = 2;  ///< as its attribute says; 0: there is none
  std::string wall = "WALL";
};
constexpr std::uint64_t foreign_nx = 6, foreign_ny = 4, foreign_frames = 3;

// Two trajectories in one file, a vector in t1_fields, sides by dimension, no units or locations. Of one rank.
void write_foreign(const std::filesystem::path& path, const ForeignFile& with) {
  const std::uint64_t nx = foreign_nx, ny = foreign_ny, frames = foreign_frames;
  std::filesystem::create_directories(path.parent_path());
  mesh::Hdf5File file(path, mesh::H5Mode::create, core::Comm::self());
  using Texts = std::vector<std::string>;
  file.set_attribute("", "dataset_name", "other");
  if (with.trajectories > 0) file.set_attribute("", "n_trajectories", with.trajectories);
  file.set_attribute("", "simulation_parameters", Texts{"Re"});
  file.set_attribute("", "Re", 50.0);
  file.create_group("dimensions");
  file.set_attribute("dimensions", "spatial_dims", Texts{"x", "y"});
  file.put("dimensions/time", with.times, {frames});
  file.put("dimensions/x", std::vector<float>{0.5, 1.5, 2.5, 3.5, 4.5, 5.5}, {nx});
  file.put("dimensions/y", with.y, {ny});
  file.create_group("boundary_conditions/x_periodic");
  file.set_attribute("boundary_conditions/x_periodic", "associated_dims", Texts{"x"});
  file.set_attribute("boundary_conditions/x_periodic", "bc_type", "PERIODIC");
  file.create_group("boundary_conditions/y_wall");
  file.set_attribute("boundary_conditions/y_wall", "associated_dims", Texts{"y"});
  file.set_attribute("boundary_conditions/y_wall", "bc_type", with.wall);
  file.create_group("t0_fields");
  file.set_attribute("t0_fields", "field_names", Texts{"pressure"});
  file.create_group("t1_fields");
  file.set_attribute("t1_fields", "field_names", Texts{"velocity"});
  std::vector<float> p(2 * frames * nx * ny), v(2 * p.size());
  for (std::size_t n = 0; n < p.size(); ++n) p[n] = static_cast<float>(n);
  for (std::size_t n = 0; n < v.size(); ++n) v[n] = static_cast<float>(n) + 0.5f;
  file.put("t0_fields/pressure", p, {2, frames, nx, ny});
  file.put("t1_fields/velocity", v, {2, frames, nx, ny, 2});
  file.close();
}

TEST(Dataset, RefusesFilesOfTheWellThatItWouldMisread) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_misread", comm);
  if (!comm.is_root()) return;
  const auto refused = [&](const ForeignFile& with) {
    write_foreign(folder / "train" / "other.hdf5", with);
    return error_text([&] { DatasetReader{folder}; });
  };
  const auto expect = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find("other.hdf5: "), std::string::npos) << text;
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::string wanted = "finite values that rise at equal intervals are wanted";
  expect(refused({.times = {0, 0.1f, 1}}), "dimensions/time: value 1 is ");
  expect(refused({.times = {0, 0.1f, 1}}), wanted);
  expect(refused({.times = {1, 0.5f, 0}}), wanted);
  expect(refused({.times = {0, nan, 1}}), wanted);
  expect(refused({.y = {0, 1, 3, 7}}), "dimensions/y: value 1 is 1 after 0; " + wanted);
  expect(refused({.y = {3, 2, 1, 0}}), "dimensions/y: value 1 is 2 after 3; " + wanted);
  expect(refused({.trajectories = 0}),
         "t0_fields/pressure holds 2 trajectories, and there is no attribute n_trajectories");
  expect(refused({.trajectories = 3}),
         "t0_fields/pressure holds 2 trajectories, and n_trajectories is 3");
  expect(refused({.wall = "WAL"}), "bc_type 'WAL' is none of PERIODIC, WALL, OPEN");
  // Late frames of single precision are at equal intervals, too.
  EXPECT_EQ(refused({.times = {1e4f, 1e4f + 0.1f, 1e4f + 0.2f}, .wall = "wall"}), "no error");
}

TEST(Dataset, ReadsFilesOfTheWellFromElsewhere) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_foreign", comm);
  if (!comm.is_root()) return;
  const std::uint64_t nx = foreign_nx, ny = foreign_ny, frames = foreign_frames;
  write_foreign(folder / "train" / "other.hdf5", {});
  const DatasetReader reader(folder);
  ASSERT_EQ(reader.samples().size(), 2u);
  EXPECT_EQ(reader.info().window_s, 0.5);
  EXPECT_EQ(to_string(reader.info().boundaries), "periodic, periodic, wall, wall");
  EXPECT_EQ(reader.info().grid.cells, (std::vector<long long>{6, 4}));
  EXPECT_NEAR(reader.info().grid.upper_m.at(0), 6, 1e-6);
  EXPECT_EQ(reader.samples()[1].parameters.at(0).value, 50);
  ASSERT_EQ(reader.channels(mesh::Role::prognostic), 3);
  // What a deck's run says of it has a way out that serves: `generate` does not make another tool's file.
  const std::string refused = error_text([&] { reader.require(tests::carrier_dataset(true, {})); });
  EXPECT_NE(refused.find("It was not made by this program"), std::string::npos) << refused;
  EXPECT_NE(refused.find("docs/foreign_files.md"), std::string::npos) << refused;
  // Trajectory 1, frame 2, cell (x 4, y 3).
  const auto values = reader.prognostic(1, 2, 1);
  const std::size_t cell = ((1 * frames + 2) * nx + 4) * ny + 3;
  EXPECT_EQ(values[0 * nx * ny + 3 * nx + 4], static_cast<float>(cell));
  EXPECT_EQ(values[2 * nx * ny + 3 * nx + 4], static_cast<float>(2 * cell + 1) + 0.5f);
  // The Well's own folders: <name>/data/<split>.
  std::filesystem::create_directories(folder / "well" / "data");
  std::filesystem::rename(folder / "train", folder / "well" / "data" / "train");
  EXPECT_EQ(DatasetReader(folder / "well").samples().size(), 2u);
}

TEST(Dataset, NamesTruncatedAndForeignFiles) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_damage", comm);
  tests::write_sample<float>(folder, true, 0, "train", 3, comm);
  const auto path = folder / "train" / "sample_0.hdf5";
  comm.barrier();
  if (comm.is_root()) std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  comm.barrier();
  const std::string text = error_text([&] { DatasetReader{folder}; });
  EXPECT_NE(text.find("sample_0.hdf5"), std::string::npos) << text;
  comm.barrier();
  if (comm.is_root()) std::ofstream(path) << "no HDF5 at all";
  comm.barrier();
  EXPECT_NE(error_text([&] { DatasetReader{folder}; }).find("sample_0.hdf5"), std::string::npos);
}

}  // namespace understudy
