// Models in files: the same bits come back, rows at the right depth, and every mistake is named.
#include "solvers/seismic/earth/model_file.hpp"

#include <algorithm>
#include <fstream>

#include "mesh/io/hdf5_file.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::solvers::seismic {
namespace {

using tests::contains;
using tests::Scratch;
using tests::user_error;

const mesh::GridParams plane{{0, -60}, {40, 0}, {4, 6}, {}};
const mesh::GridParams volume{{0, 0, -60}, {40, 50, 0}, {4, 5, 6}, {}};

EarthModel numbered(const mesh::GridParams& grid, bool elastic) {
  EarthModel m;
  for (int axis = 0; axis < grid.dimension(); ++axis) m.cells[axis] = int(grid.cells[axis]);
  for (std::size_t n = 0; n < m.count(); ++n) {
    m.p_speed_m_s.push_back(2000 + n / 3.0);
    if (elastic) m.s_speed_m_s.push_back(1000 + n / 7.0);
    if (elastic) m.density_kg_m3.push_back(1500 + n / 11.0);
  }
  return m;
}

EarthModelParams from_file(const std::string& path) {
  EarthModelParams params;
  params.kind = "file";
  params.file.path = path;
  return params;
}

template <class Number>
void write_raw(const std::filesystem::path& path, const std::vector<Number>& values) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(Number)));
}

TEST(EarthModelFile, Hdf5ReadsBackBitwise) {
  const Scratch scratch;
  for (const auto& grid : {plane, volume}) {
    const EarthModel written = numbered(grid, true);
    write_earth_model(scratch / "m.h5", written, grid);
    EarthModelParams params = from_file("m.h5");
    params.file.s_speed = "s_speed_m_s";
    params.file.density = "density_kg_m3";
    const EarthModel read = make_earth_model(params, grid, scratch.path().string(), 1, 0);
    EXPECT_EQ(read.cells, written.cells);
    EXPECT_EQ(read.p_speed_m_s, written.p_speed_m_s);
    EXPECT_EQ(read.s_speed_m_s, written.s_speed_m_s);
    EXPECT_EQ(read.density_kg_m3, written.density_kg_m3);
  }
}

TEST(EarthModelFile, AcousticFileHasNoOtherArrays) {
  const Scratch scratch;
  write_earth_model(scratch / "m.h5", numbered(plane, false), plane);
  const mesh::Hdf5File file(scratch / "m.h5", mesh::H5Mode::read, core::Comm::self());
  EXPECT_EQ(file.children(""), std::vector<std::string>{"p_speed_m_s"});
  EXPECT_EQ(file.shape("p_speed_m_s"), (mesh::H5Shape{6, 4}));
  // Row 0 of the file is the surface: the model's last row.
  EXPECT_EQ(file.get<double>("p_speed_m_s")[0], 2000 + 20 / 3.0);
  EarthModelParams params = from_file("m.h5");
  params.s_speed = "ratio";
  EXPECT_TRUE(make_earth_model(params, plane, scratch.path().string(), 1, 0).elastic());
}

TEST(EarthModelFile, RawInEveryTypeAndOrder) {
  const Scratch scratch;
  for (const auto& grid : {plane, volume}) {
    const int nx = 4, ny = grid.dimension() == 3 ? 5 : 1, nz = 6;
    const auto value = [](int depth, int y, int x) { return 1500.0 + 100 * depth + 10 * y + x; };
    std::vector<double> depth_first, x_first;
    for (int d = 0; d < nz; ++d)
      for (int y = 0; y < ny; ++y)
        for (int x = 0; x < nx; ++x) depth_first.push_back(value(d, y, x));
    for (int x = 0; x < nx; ++x)
      for (int y = 0; y < ny; ++y)
        for (int d = 0; d < nz; ++d) x_first.push_back(value(d, y, x));
    write_raw(scratch / "d64", depth_first);
    write_raw(scratch / "x64", x_first);
    write_raw(scratch / "d32", std::vector<float>(depth_first.begin(), depth_first.end()));
    write_raw(scratch / "x32", std::vector<float>(x_first.begin(), x_first.end()));
    for (const std::string name : {"d64", "x64", "d32", "x32"}) {
      EarthModelParams params = from_file(name);
      params.file.format = "raw";
      params.file.order = name[0] == 'd' ? "depth_first" : "x_first";
      params.file.number = name.substr(1) == "64" ? "float64" : "float32";
      params.file.density = name;
      const EarthModel m = make_earth_model(params, grid, scratch.path().string(), 1, 0);
      for (int d = 0; d < nz; ++d)
        for (int y = 0; y < ny; ++y)
          for (int x = 0; x < nx; ++x) {
            const auto n =
                grid.dimension() == 3 ? m.index(nz - 1 - d, y, x) : m.index(0, nz - 1 - d, x);
            EXPECT_EQ(m.p_speed_m_s[n], value(d, y, x));
            EXPECT_EQ(m.density_kg_m3[n], value(d, y, x));
          }
    }
  }
}

std::string error_of(const Scratch& scratch, const EarthModelParams& params,
                     const mesh::GridParams& grid = plane) {
  return user_error([&] { make_earth_model(params, grid, scratch.path().string(), 1, 0); });
}

TEST(EarthModelFile, MissingFilesAndDatasets) {
  const Scratch scratch;
  EXPECT_TRUE(contains(error_of(scratch, from_file("none.h5")), "none.h5"));
  EarthModelParams params = from_file("none.bin");
  params.file.format = "raw";
  EXPECT_TRUE(contains(error_of(scratch, params), "none.bin: cannot be read (seismic.model.file)"));
  write_earth_model(scratch / "m.h5", numbered(plane, false), plane);
  params = from_file("m.h5");
  params.file.s_speed = "vs";
  EXPECT_TRUE(
      contains(error_of(scratch, params), "m.h5: has no dataset 'vs'; it has: p_speed_m_s"));
}

TEST(EarthModelFile, OtherShapesAndSizes) {
  const Scratch scratch;
  write_earth_model(scratch / "m.h5", numbered(plane, false), plane);
  const mesh::GridParams larger{{0, -60}, {50, 0}, {5, 6}, {}},
      turned{{0, -40}, {60, 0}, {6, 4}, {}};
  EXPECT_TRUE(contains(
      error_of(scratch, from_file("m.h5"), larger),
      "m.h5: dataset 'p_speed_m_s' has the shape [6, 4], but the grid wants [6, 5] = [depth, x]"));
  EXPECT_TRUE(
      contains(error_of(scratch, from_file("m.h5"), turned),
               "but the grid wants [4, 6] = [depth, x] (the axes are in the opposite order)"));
  EXPECT_TRUE(contains(error_of(scratch, from_file("m.h5"), volume),
                       "but the grid wants [6, 5, 4] = [depth, y, x]"));
  write_raw(scratch / "r", std::vector<float>(23, 2000.0f));
  EarthModelParams params = from_file("r");
  params.file.format = "raw";
  EXPECT_TRUE(contains(error_of(scratch, params),
                       "r: has 92 bytes, but the grid wants 96 = [6, 4] numbers "
                       "[depth, x] of float32"));
}

template <class Number>
std::vector<Number> swapped(std::vector<Number> values) {
  for (Number& value : values) {
    auto* bytes = reinterpret_cast<char*>(&value);
    std::reverse(bytes, bytes + sizeof value);
  }
  return values;
}

TEST(EarthModelFile, TheOtherByteOrderIsNamedAndCanBeGiven) {
  const Scratch scratch;
  std::vector<float> single;
  for (int n = 0; n < 24; ++n) single.push_back(2000 + 17.3f * float(n));
  const std::vector<double> twice(single.begin(), single.end());
  write_raw(scratch / "b32", swapped(single));
  write_raw(scratch / "b64", swapped(twice));
  write_raw(scratch / "l32", single);
  for (const std::string name : {"b32", "b64", "l32"}) {
    EarthModelParams params = from_file(name);
    params.file.format = "raw";
    params.file.number = name.substr(1) == "64" ? "float64" : "float32";
    params.file.byte_order = name[0] == 'b' ? "little" : "big";
    const std::string right = name[0] == 'b' ? "big" : "little";
    EXPECT_TRUE(contains(error_of(scratch, params),
                         name + ": its numbers are " + right + "-endian (the first is 2000 so"));
    params.file.byte_order = right;
    const EarthModel m = make_earth_model(params, plane, scratch.path().string(), 1, 0);
    EXPECT_EQ(m.p_speed_m_s[m.index(0, 5, 1)], single[1]);
  }
}

TEST(EarthModelFile, OtherUnitsAreConvertedOrNamed) {
  const Scratch scratch;
  std::vector<float> speed(24, 2.5f), density(24, 2.25f);
  write_raw(scratch / "vp", speed);
  write_raw(scratch / "rho", density);
  EarthModelParams params = from_file("vp");
  params.file.format = "raw";
  params.file.speed_unit = "km/s";
  EXPECT_EQ(make_earth_model(params, plane, scratch.path().string(), 1, 0).p_speed_m_s[3], 2500);
  params.file.density = "rho";
  EXPECT_TRUE(contains(error_of(scratch, params), "set seismic.model.file.density_unit: g/cm3"));
  params.file.density_unit = "g/cm3";
  EXPECT_NEAR(make_earth_model(params, plane, scratch.path().string(), 1, 0).density_kg_m3[3], 2250,
              1e-9);
  // In HDF5 the dataset's own attribute says it.
  for (const std::string unit : {"km/s", "m/s", "furlong"}) {
    {
      mesh::Hdf5File file(scratch / "u.h5", mesh::H5Mode::create, core::Comm::self());
      file.put("p_speed_m_s", std::vector<double>(24, 3), {6, 4});
      file.set_attribute("p_speed_m_s", "units", unit);
      file.close();
    }
    if (unit == "furlong")
      EXPECT_TRUE(
          contains(error_of(scratch, from_file("u.h5")), "dataset 'p_speed_m_s': is in 'furlong'"));
    else
      EXPECT_EQ(
          make_earth_model(from_file("u.h5"), plane, scratch.path().string(), 1, 0).p_speed_m_s[0],
          unit == "km/s" ? 3000 : 3);
  }
}

TEST(EarthModelFile, UsualFilesThatAreNotRawAreNamed) {
  const Scratch scratch;
  EarthModelParams params = from_file("r");
  params.file.format = "raw";
  const auto told = [&](const std::string& bytes) {
    std::ofstream(scratch / "r", std::ios::binary) << bytes;
    return error_of(scratch, params);
  };
  const std::vector<float> values(24, 2000.0f);
  const std::string numbers(reinterpret_cast<const char*>(values.data()), 96);
  const auto mark = [](int length, bool big) {
    std::string bytes(4, '\0');
    bytes[big ? 3 : 0] = static_cast<char>(length);
    return bytes;
  };
  for (const bool big : {false, true}) {
    EXPECT_TRUE(contains(told(mark(96, big) + numbers + mark(96, big)), "Fortran's record marks"));
    std::string records;
    for (int n = 0; n < 6; ++n) records += mark(16, big) + numbers.substr(0, 16) + mark(16, big);
    EXPECT_TRUE(contains(told(records), "Fortran's record marks"));
  }
  EXPECT_TRUE(contains(told(numbers + numbers), "Set number: float64"));
  EXPECT_TRUE(contains(told(std::string(4 * (240 + 24), '\0')), "Seismic Unix"));
  std::string segy(3600 + 4 * (240 + 24), '\x40');
  for (const int line : {0, 80}) {
    segy[line] = '\xC3';
    segy[line + 2] = line == 0 ? '\xF1' : '\xF2';
  }
  EXPECT_TRUE(contains(
      told(segy), "SEG-Y file: models and gathers are read from it where its name ends in .sgy"));
  EXPECT_TRUE(contains(told("version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"));
  EXPECT_TRUE(contains(told("\x93NUMPY and 24 numbers"), "NumPy file"));
  EXPECT_TRUE(contains(told("2000 2000 2000\n"), "It is a text"));
  params.file.format = "hdf5";
  EXPECT_TRUE(contains(told("version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"));
}

TEST(EarthModelFile, ValuesThatAreNoSpeeds) {
  const Scratch scratch;
  EarthModelParams params = from_file("m.h5");
  EarthModel m = numbered(plane, true);
  m.p_speed_m_s[m.index(0, 4, 2)] = -3;
  write_earth_model(scratch / "m.h5", m, plane);
  EXPECT_TRUE(
      contains(error_of(scratch, params),
               "m.h5: the P speed at [depth 1, x 2] is -3 m/s; it must be finite and positive"));
  m = numbered(plane, true);
  m.s_speed_m_s[m.index(0, 4, 2)] = 1900;
  write_earth_model(scratch / "m.h5", m, plane);
  params.file.s_speed = "s_speed_m_s";
  EXPECT_TRUE(contains(error_of(scratch, params),
                       "m.h5: the S speed at [depth 1, x 2] is 1900 m/s, which "
                       "must be below P speed / sqrt(2) = 1418"));
}

TEST(EarthModelFile, WritingWhereItCannotBe) {
  const Scratch scratch;
  write_raw(scratch / "no", std::vector<float>(1));  // a file where a folder would have to be
  EXPECT_TRUE(contains(user_error([&] {
                         write_earth_model(scratch / "no" / "m.h5", numbered(plane, false), plane);
                       }),
                       "m.h5"));
}

}  // namespace
}  // namespace understudy::solvers::seismic
