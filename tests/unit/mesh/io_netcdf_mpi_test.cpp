// A sphere's fields as NetCDF after the CF conventions, read back; what the remapping conserves; and topography files,
// good and bad.
#include <netcdf.h>

#include <cmath>
#include <numbers>
#include <tuple>

#include "core/atomic_file.hpp"
#include "core/format.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/cell_measure.hpp"
#include "mesh/io/netcdf_file.hpp"
#include "mesh/io/netcdf_map.hpp"
#include "mesh/io/netcdf_series.hpp"
#include "mesh/loops.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;
using netcdf::File;
using tests::contains;
using tests::Scratch;
using tests::user_error;

constexpr double radius = 6.37122e6;

std::shared_ptr<const CubedSphereGrid> make_grid(long long n) {
  return std::make_shared<const CubedSphereGrid>(
      CubedSphereParams{.cells = n, .radius_m = radius, .ranks = {}}, Comm::world());
}

// Flow round an axis askew to the grid's, and a depth with a steep front: east and north are known.
State<double> make_state(const std::shared_ptr<const CubedSphereGrid>& grid) {
  State<double> state(
      grid, {{.name = "depth", .unit = "m"}, {.name = "velocity", .unit = "m/s", .components = 3}});
  const auto depth = Kokkos::create_mirror_view(state["depth"].data);
  const auto velocity = Kokkos::create_mirror_view(state["velocity"].data);
  Kokkos::deep_copy(depth, 1e30);  // ghosts
  const Range3 r = grid->interior();
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const Vector3 x = grid->direction(k, j, i);
        depth(0, k, j, i) = 5000 + 1000 * std::tanh(10 * (x[0] + 0.3 * x[1] - 0.2 * x[2]));
        velocity(0, k, j, i) = -20 * x[1];  // 20 m/s eastwards at the equator
        velocity(1, k, j, i) = 20 * x[0];
        velocity(2, k, j, i) = 0;
      }
  Kokkos::deep_copy(state["depth"].data, depth);
  Kokkos::deep_copy(state["velocity"].data, velocity);
  return state;
}

double integral(const CubedSphereGrid& grid, const Array3<double>& values) {
  return grid.comm().sum(sum_weighed_cells(
      "integral", grid, KOKKOS_LAMBDA(int k, int j, int i) { return values(k, j, i); }));
}

TEST(LongitudeLatitude, IntegralsAndConstantsAreKept) {
  for (const int rows : {48, 31, 120}) {  // as fine as the cells, coarser, finer
    const auto grid = make_grid(24);
    const auto state = make_state(grid);
    const LongitudeLatitudeMap map(grid, rows);
    const auto values = map.remap(state["depth"].component());
    double sum = 0, area = 0, lowest = 1e30, highest = -1e30;
    for (std::size_t t = 0; t < values.size(); ++t) {
      sum += values[t] * map.area()[t];
      area += map.area()[t];
      lowest = std::min(lowest, values[t]);
      highest = std::max(highest, values[t]);
    }
    EXPECT_NEAR(sum / integral(*grid, state["depth"].component()), 1, 1e-13) << rows;
    EXPECT_NEAR(area / (4 * std::numbers::pi * radius * radius), 1, 3e-8) << rows;
    EXPECT_GE(lowest, 4000 - 1.0);  // but for the number that keeps the integral
    EXPECT_LE(highest, 6000 + 1.0);
    Kokkos::deep_copy(state["depth"].data, 7.0);
    for (const double value : map.remap(state["depth"].component()))
      ASSERT_NEAR(value / 7, 1, 1e-13);
  }
}

TEST(LongitudeLatitude, ErrorsFallWithTheSpacing) {
  double before = 0;
  for (const int n : {12, 24, 48}) {
    const auto grid = make_grid(n);
    const auto state = make_state(grid);
    const LongitudeLatitudeMap map(grid, 2 * n);
    const auto values = map.remap(state["velocity"].component(1));
    double error = 0;
    for (int row = 0; row < map.rows(); ++row)
      for (int column = 0; column < map.columns(); ++column) {
        const double rad = std::numbers::pi / 180;
        const auto to = direction_of(
            {map.longitude_deg(column + 0.5) * rad, map.latitude_deg(row + 0.5) * rad});
        error = std::max(error, std::abs(values[row * map.columns() + column] - 20 * to[0]));
      }
    if (before > 0) {
      EXPECT_LT(error, 0.7 * before) << n;
    }
    before = error;
  }
}

double value_at(const File& file, const char* name, std::vector<std::size_t> index) {
  double value = NAN;
  file.check(nc_get_var1_double(file.id(), file.find(name), index.data(), &value));
  return value;
}

void expect_attributes(const File& file) {
  EXPECT_EQ(file.text_of(NC_GLOBAL, "Conventions"), "CF-1.10");
  EXPECT_EQ(file.text_of(NC_GLOBAL, "title"), "a jet");
  EXPECT_EQ(file.text_of(NC_GLOBAL, "source"), "a test");
  EXPECT_NE(file.text_of(NC_GLOBAL, "history"), "");
  for (const auto& [name, standard, unit] :
       {std::tuple{"time", "time", "seconds since 2000-01-01 00:00:00"},
        {"lat", "latitude", "degrees_north"},
        {"lon", "longitude", "degrees_east"},
        {"cell_area", "cell_area", "m2"},
        {"velocity_east", "eastward_wind", "m/s"},
        {"velocity_north", "northward_wind", "m/s"},
        {"depth", "", "m"}}) {
    EXPECT_EQ(file.text_of(file.find(name), "standard_name"), standard) << name;
    EXPECT_EQ(file.text_of(file.find(name), "units"), unit) << name;
    EXPECT_NE(file.text_of(file.find(name), "long_name"), "") << name;
  }
  EXPECT_EQ(file.text_of(file.find("lat"), "bounds"), "lat_bnds");
  EXPECT_EQ(file.text_of(file.find("lon"), "bounds"), "lon_bnds");
  EXPECT_EQ(file.text_of(file.find("depth"), "cell_methods"), "time: point area: mean");
  EXPECT_EQ(file.text_of(file.find("depth"), "cell_measures"), "area: cell_area");
  EXPECT_EQ(file.text_of(file.find("crs"), "grid_mapping_name"), "latitude_longitude");
  int unlimited = -1, time = -1;
  file.check(nc_inq_unlimdim(file.id(), &unlimited));
  file.check(nc_inq_dimid(file.id(), "time", &time));
  EXPECT_EQ(unlimited, time);
}

std::size_t times_in(const File& file) {
  int dim = -1;
  std::size_t length = 0;
  file.check(nc_inq_dimid(file.id(), "time", &dim));
  file.check(nc_inq_dimlen(file.id(), dim, &length));
  return length;
}

TEST(NetcdfSeries, IsReadBackWithItsIntegral) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto grid = make_grid(24);
  const auto state = make_state(grid);
  {
    NetcdfSeries series(scratch / "fields.nc", {.title = "a jet", .source = "a test"}, grid);
    for (const double time : {0.0, 3600.0, 7200.0})
      series.write(time, cell_fields(state), {{"trust", 0.5}});
  }
  const double mass = integral(*grid, state["depth"].component());
  comm.barrier();
  if (comm.is_root()) {
    const File file = File::read(scratch / "fields.nc");
    expect_attributes(file);
    ASSERT_EQ(times_in(file), 3u);
    double sum = 0, worst = 0;
    for (std::size_t row = 0; row < 48; ++row)
      for (std::size_t column = 0; column < 96; ++column) {
        sum +=
            value_at(file, "depth", {2, row, column}) * value_at(file, "cell_area", {row, column});
        const double latitude = value_at(file, "lat", {row}) * std::numbers::pi / 180;
        worst = std::max(
            {worst,
             std::abs(value_at(file, "velocity_east", {1, row, column}) - 20 * std::cos(latitude)),
             std::abs(value_at(file, "velocity_north", {1, row, column}))});
      }
    EXPECT_NEAR(sum / mass, 1, 1e-13);
    EXPECT_LT(worst, 1.0);  // of 20 m/s that change by at most 1.3 m/s from cell to cell
    EXPECT_EQ(value_at(file, "time", {1}), 3600);
    EXPECT_EQ(value_at(file, "trust", {1}), 0.5);
    EXPECT_EQ(value_at(file, "lat_bnds", {0, 0}), -90);
    EXPECT_EQ(value_at(file, "lon_bnds", {95, 1}), 360);
  }
  comm.barrier();
  NetcdfSeries series(scratch / "fields.nc", {.title = "a jet", .source = "a test"}, grid);
  series.resume_after(3600);
  series.write(5400, cell_fields(state), {{"trust", 1.0}});
  comm.barrier();
  if (comm.is_root()) {
    const File file = File::read(scratch / "fields.nc");
    EXPECT_EQ(value_at(file, "time", {1}), 3600);
    EXPECT_EQ(value_at(file, "time", {2}), 5400);
  }
  comm.barrier();
  NetcdfSeries other(scratch / "fields.nc", {.latitudes = 30}, grid);
  EXPECT_TRUE(contains(user_error([&] { other.resume_after(3600); }),
                       "has 48 cells along lat, and this run 30"));
}

// A run that was killed leaves times after its last checkpoint, and the one that goes on may write at others, or other
// quantities.
TEST(NetcdfSeries, GoesOnFromTheRestartAloneAndWithItsVariablesAlone) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto grid = make_grid(12);
  const auto state = make_state(grid);
  const auto path = scratch / "fields.nc";
  const auto series = [&] {
    return NetcdfSeries(path, {.title = "a jet", .source = "a test"}, grid);
  };
  const auto resumed = [&](double time_s) {
    NetcdfSeries one = series();
    one.resume_after(time_s);
    return one;
  };
  NetcdfSeries killed = series();
  for (const double time : {0.0, 3600.0, 7200.0})
    killed.write(time, cell_fields(state), {{"trust", 0.5}});
  const double depth = comm.is_root() ? value_at(File::read(path), "depth", {0, 3, 5}) : 0;
  NetcdfSeries rest = resumed(1800);
  if (comm.is_root()) {
    EXPECT_EQ(times_in(File::read(path)), 1u);
  }
  rest.write(5400, cell_fields(state), {{"trust", 1.0}});
  if (comm.is_root()) {
    const File file = File::read(path);
    expect_attributes(file);
    ASSERT_EQ(times_in(file), 2u);
    EXPECT_EQ(value_at(file, "time", {0}), 0);
    EXPECT_EQ(value_at(file, "time", {1}), 5400);
    EXPECT_EQ(value_at(file, "trust", {0}), 0.5);
    EXPECT_EQ(value_at(file, "trust", {1}), 1.0);
    EXPECT_EQ(value_at(file, "depth", {0, 3, 5}), depth);
    EXPECT_EQ(value_at(file, "lat_bnds", {0, 0}), -90);
  }
  auto fewer = cell_fields(state);
  fewer.erase(fewer.begin());
  for (int n = 0; n < 2; ++n) {  // the second time there is nothing to set aside
    NetcdfSeries other = resumed(5400 + 1800 * n);
    other.write(7200 + 1800 * n, fewer, {{"trust", 1.0}});
  }
  if (comm.is_root()) {
    EXPECT_EQ(times_in(File::read(scratch / "fields.before_1.nc")), 2u);
    EXPECT_FALSE(std::filesystem::exists(scratch / "fields.before_2.nc"));
    const File file = File::read(path);
    int var = -1;
    EXPECT_EQ(nc_inq_varid(file.id(), "depth", &var), NC_ENOTVAR);
    ASSERT_EQ(times_in(file), 2u);
    EXPECT_EQ(value_at(file, "time", {0}), 7200);
    EXPECT_EQ(value_at(file, "time", {1}), 9000);
  }
}

TEST(NetcdfSeries, RefusesWhatItCannotWrite) {
  const auto grid = make_grid(12);
  NetcdfSeries series("/no/such/folder/fields.nc", {}, grid);
  const State<double> state(grid, {{.name = "depth", .unit = "m"}});
  EXPECT_TRUE(contains(user_error([&] { series.write(0, cell_fields(state)); }),
                       "/no/such/folder/fields.nc cannot be written: No such file or directory"));
  GridParams box;
  box.cells = {16, 16};
  const auto flat = std::make_shared<const BoxGrid>(box, std::array<bool, 3>{}, Comm::world());
  EXPECT_EQ(user_error([&] { NetcdfSeries("a.nc", {}, flat); }),
            "NetCDF output needs a cubed sphere; this run's grid is another");
}

struct Topography {
  std::string unit = "m", latitude_unit = "degrees_north";
  double one_value = 4, second_latitude = 0, last_latitude = 60, longitude_step = 90;
  bool falling = false;
  bool two_fills = false;  ///< _FillValue is -1, missing_value -9999
};

// 3 x 4 values: latitude x 10 + number of the longitude.
std::filesystem::path write_topography(const Scratch& scratch, const Topography& t) {
  const auto path = scratch / "ground.nc";
  if (Comm::world().is_root()) {
    File file = File::create(path);
    const int lat = file.dimension("lat", 3), lon = file.dimension("lon", 4);
    const int y = file.variable("lat", NC_DOUBLE, {lat});
    const int x = file.variable("lon", NC_DOUBLE, {lon});
    const int z = file.variable("height", NC_DOUBLE, {lat, lon});
    file.variable("profile", NC_DOUBLE, {lat});
    file.text(y, "units", t.latitude_unit);
    file.text(x, "units", "degrees_east");
    file.text(z, "units", t.unit);
    if (t.two_fills) {
      file.number(z, "_FillValue", -1);
      file.number(z, "missing_value", -9999);
    }
    file.check(nc_enddef(file.id()));
    std::vector<double> latitudes{-60, t.second_latitude, t.last_latitude};
    if (t.falling) std::swap(latitudes[0], latitudes[2]);
    std::vector<double> heights;
    for (const double latitude : latitudes)
      for (int n = 0; n < 4; ++n) heights.push_back(10 * latitude + n);
    heights[5] = t.one_value;
    std::vector<double> longitudes;
    for (int n = 0; n < 4; ++n) longitudes.push_back(t.longitude_step * n);
    file.check(nc_put_var_double(file.id(), y, latitudes.data()));
    file.check(nc_put_var_double(file.id(), x, longitudes.data()));
    file.check(nc_put_var_double(file.id(), z, heights.data()));
    file.close();
  }
  Comm::world().barrier();
  return path;
}

TEST(NetcdfMap, IsReadInMetresFromSouthToNorth) {
  const Scratch scratch;
  for (const bool falling : {false, true}) {
    const auto path = write_topography(scratch, {.unit = "km", .one_value = 1, .falling = falling});
    const auto map = read_longitude_latitude(path, "height", Comm::world());
    EXPECT_EQ(map.latitudes_deg, (std::vector<double>{-60, 0, 60}));
    EXPECT_EQ(map.values[0], -600e3);
    EXPECT_EQ(map.values[11], 603e3);
    EXPECT_NEAR(map.at(45, 0), 0.5e3, 1e-9);
    EXPECT_NEAR(map.at(-45, 0), 1.5e3, 1e-9);  // between the last longitude and the first
    EXPECT_NEAR(map.at(270, 30), 303e3, 1e-9);
    EXPECT_NEAR(map.at(360, 89), 600e3, 1e-9);
    Comm::world().barrier();
  }
}

TEST(NetcdfMap, BadFilesAreRefusedWithWhatIsWanted) {
  const Scratch scratch;
  const auto refused = [&](const Topography& t, const char* variable = "height") {
    const auto path = write_topography(scratch, t);
    const auto text = user_error([&] { read_longitude_latitude(path, variable, Comm::world()); });
    Comm::world().barrier();
    return text;
  };
  EXPECT_TRUE(contains(refused({.unit = "ft"}), "height is in 'ft'; units m or km are wanted"));
  EXPECT_TRUE(contains(refused({}, "orography"),
                       "there is no variable 'orography'; there are lat, lon, height"));
  EXPECT_TRUE(
      contains(refused({}, "profile"), "profile has 1 dimensions; latitude, longitude are wanted"));
  EXPECT_TRUE(
      contains(refused({.one_value = NAN}), "height is not finite at latitude 0, longitude 90"));
  EXPECT_TRUE(contains(refused({.latitude_unit = "m"}), "lat is in 'm'; degrees_north is wanted"));
  EXPECT_TRUE(contains(refused({.second_latitude = 70}), "lat is not monotonic"));
  for (const Topography& t : {Topography{.one_value = -1, .two_fills = true},
                              {.one_value = -9999, .two_fills = true},
                              {.one_value = NC_FILL_DOUBLE}})
    EXPECT_TRUE(contains(refused(t), "height is missing at latitude 0, longitude 90"));
  EXPECT_TRUE(contains(refused({.longitude_step = 10}),
                       "lon covers 0 to 30 degrees east; the whole sphere is wanted"));
  EXPECT_TRUE(contains(refused({.last_latitude = 5}),
                       "lat covers -60 to 5 degrees north; the whole sphere is wanted"));
  EXPECT_TRUE(contains(
      user_error([&] { read_longitude_latitude(scratch / "none.nc", "height", Comm::world()); }),
      "none.nc cannot be read"));
}

}  // namespace
}  // namespace understudy::mesh
