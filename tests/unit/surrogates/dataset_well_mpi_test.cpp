// Datasets in the layout of The Well: ours as its check wants them, and those of other programs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include "mesh/io/hdf5_file.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

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

// A foreign file, changed by `change` after it was written.
template <class Change>
DatasetReader changed_foreign(const std::filesystem::path& folder, const Change& change) {
  const auto path = folder / "train" / "other.hdf5";
  write_foreign(path, {});
  {
    mesh::Hdf5File file(path, mesh::H5Mode::update, core::Comm::self());
    change(file);
    file.close();
  }
  return DatasetReader(folder);
}

using Texts = std::vector<std::string>;

// Value n of a tensor [trajectory, frame, x, y, a, b] is n: component (a, b) is a field of its own.
TEST(Dataset, ReadsTensorsAsAFieldAComponent) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_tensor", comm);
  if (!comm.is_root()) return;
  const auto reader = changed_foreign(folder, [](mesh::Hdf5File& file) {
    std::vector<float> values(2 * foreign_frames * foreign_nx * foreign_ny * 4);
    for (std::size_t n = 0; n < values.size(); ++n) values[n] = static_cast<float>(n);
    file.create_group("t2_fields");
    file.set_attribute("t2_fields", "field_names", Texts{"D"});
    file.put("t2_fields/D", values, {2, foreign_frames, foreign_nx, foreign_ny, 2, 2});
  });
  std::vector<std::string> names;
  for (const auto& field : reader.info().fields) names.push_back(field.name);
  EXPECT_EQ(names, (Texts{"pressure", "velocity", "D_xx", "D_xy", "D_yx", "D_yy"}));
  ASSERT_EQ(reader.channels(mesh::Role::prognostic), 7);
  const auto values = reader.prognostic(1, 2, 1);
  const std::size_t cells = foreign_nx * foreign_ny,
                    cell = ((1 * foreign_frames + 2) * foreign_nx + 4) * foreign_ny + 3;
  for (std::size_t c = 0; c < 4; ++c)
    EXPECT_EQ(values[(3 + c) * cells + 3 * foreign_nx + 4], static_cast<float>(4 * cell + c));
}

TEST(Dataset, ReadsScalarsThatDifferBetweenTrajectories) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_scalars", comm);
  if (!comm.is_root()) return;
  const auto scalars = [](mesh::Hdf5File& file) {
    file.create_group("scalars");
    file.set_attribute("scalars", "field_names", Texts{"Re", "speed", "shared", "forcing"});
    file.put("scalars/Re", std::vector<double>{60, 70}, {2});
    file.put("scalars/speed", std::vector<float>{1.5f, 2.5f}, {2});
    file.set_attribute("scalars/speed", "units", "m/s");
    file.put("scalars/shared", std::vector<float>{9}, {1});
    file.put("scalars/forcing", std::vector<float>{1, 2, 3}, {3});
    file.set_attribute("scalars/forcing", "time_varying", true);
  };
  const auto reader = changed_foreign(folder, scalars);
  for (int n = 0; n < 2; ++n) {
    const auto& parameters = reader.samples()[n].parameters;
    ASSERT_EQ(parameters.size(), 3u) << "a scalar that varies in time is none of them";
    EXPECT_EQ(value_of(parameters, "Re", ""), n == 0 ? 60 : 70) << "not the file's attribute, 50";
    EXPECT_EQ(value_of(parameters, "speed", ""), n == 0 ? 1.5 : 2.5);
    EXPECT_EQ(value_of(parameters, "shared", ""), 9);
    EXPECT_EQ(parameters[1].unit, "m/s");
  }
  const std::string refused = error_text([&] {
    changed_foreign(folder, [](mesh::Hdf5File& file) {
      file.set_attribute("", "simulation_parameters", Texts{"speed"});
      file.put("scalars/speed", std::vector<float>{1, 2, 3}, {3});
    });
  });
  EXPECT_NE(
      refused.find("other.hdf5: scalars/speed has 3 values; one is wanted, or one for each of "
                   "the 2 trajectories"),
      std::string::npos)
      << refused;
}

TEST(Dataset, SidesOfADimensionAreTheEndsThatTheMaskMarks) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_masks", comm);
  if (!comm.is_root()) return;
  const auto reader = changed_foreign(folder, [](mesh::Hdf5File& file) {
    file.put("boundary_conditions/y_wall/mask", std::vector<bool>{true, false, false, false}, {4});
    file.create_group("boundary_conditions/y_open");
    file.set_attribute("boundary_conditions/y_open", "associated_dims", Texts{"y"});
    file.set_attribute("boundary_conditions/y_open", "bc_type", "OPEN");
    file.put("boundary_conditions/y_open/mask", std::vector<bool>{false, false, false, true}, {4});
    // That marks neither: of both.
    file.put("boundary_conditions/x_periodic/mask", std::vector<bool>(6, false), {6});
  });
  EXPECT_EQ(to_string(reader.info().boundaries), "periodic, periodic, wall, open");
}

TEST(Dataset, RefusesGridsOfTheWellThatAreNoBoxes) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_no_box", comm);
  if (!comm.is_root()) return;
  const auto expect = [&](const auto& change, const std::string& part) {
    const std::string text = error_text([&] { changed_foreign(folder, change); });
    EXPECT_NE(text.find("other.hdf5: " + part), std::string::npos) << text;
  };
  const auto type = [](const char* name) {
    return [name](mesh::Hdf5File& file) { file.set_attribute("", "grid_type", name); };
  };
  expect(type("spherical"), "grid_type is 'spherical'; cartesian is wanted");
  EXPECT_EQ(error_text([&] { changed_foreign(folder, type("Cartesian")); }), "no error");
  expect(
      [](mesh::Hdf5File& file) {
        file.set_attribute("dimensions", "spatial_dims", Texts{"x", "z"});
      },
      "no dimensions/z; its coordinates are wanted (dimensions has spatial_dims x, z and time)");
  expect(
      [](mesh::Hdf5File& file) {
        file.set_attribute("dimensions", "spatial_dims", Texts{"x", "z"});
        file.put("dimensions/z", std::vector<float>{0, 1, 2, 3}, {2, 2});
      },
      "dimensions/z has 2 axes; one is wanted");
  expect(
      [](mesh::Hdf5File& file) {
        file.set_attribute("t0_fields/pressure", "dim_varying", std::vector<bool>{true, false});
      },
      "t0_fields/pressure does not vary along y (dim_varying)");
}

TEST(Dataset, EveryThirdFrame) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_stride", comm);
  for (int n = 0; n < 2; ++n) tests::write_sample<float>(folder, false, n, "train", 8, comm);
  comm.barrier();
  const DatasetReader all(folder), third = all.every(3);
  EXPECT_EQ(third.samples()[1].frames, 3);  // 0, 3, 6
  EXPECT_DOUBLE_EQ(third.info().window_s, 3 * tests::window_s);
  EXPECT_DOUBLE_EQ(third.time_s(1, 2), all.time_s(1, 6));
  EXPECT_NE(third.hash(), all.hash());
  const auto kept = third.prognostic(1, 0, 3), points = third.points(1, 1, 2);
  const std::size_t frame = kept.size() / 3, point = points.size() / 2;
  for (int n = 0; n < 3; ++n) {
    const auto one = all.prognostic(1, 3 * n, 1);
    EXPECT_TRUE(std::equal(one.begin(), one.end(), kept.begin() + n * static_cast<long>(frame)));
    if (n == 0) continue;
    const auto with_faces = all.points(1, 3 * n, 1);
    EXPECT_TRUE(std::equal(with_faces.begin(), with_faces.end(),
                           points.begin() + (n - 1) * static_cast<long>(point)));
  }
  EXPECT_EQ(third.fixed(1), all.fixed(1));
  EXPECT_EQ(third.every(2).samples()[0].frames, 2);  // 0, 6
  const std::string refused = error_text([&] { all.every(8); });
  EXPECT_NE(refused.find("sample_0 has 8 frames, of which a stride of 8 leaves 1"),
            std::string::npos)
      << refused;
  EXPECT_NE(refused.find("a stride of 7 or less"), std::string::npos) << refused;
}

}  // namespace understudy
