#include "mesh/io/netcdf_map.hpp"

#include <algorithm>
#include <cmath>

#include "core/joined.hpp"
#include "mesh/io/netcdf_file.hpp"

namespace understudy::mesh {

using netcdf::File;

namespace {

[[noreturn]] void refuse(const File& file, const std::string& what) {
  throw core::UserError(core::format("{}: {}", file.path().string(), what));
}

std::vector<std::string> names_in(const File& file) {
  int count = 0;
  file.check(nc_inq_nvars(file.id(), &count));
  std::vector<std::string> names;
  for (int var = 0; var < count; ++var) {
    char name[NC_MAX_NAME + 1];
    file.check(nc_inq_varname(file.id(), var, name));
    names.emplace_back(name);
  }
  return names;
}

bool is_one_of(const std::string& text, std::initializer_list<const char*> words) {
  return std::ranges::any_of(words, [&](const char* word) { return text == word; });
}

// How many metres its unit is.
double metres(const File& file, int var, const std::string& name) {
  const std::string unit = file.text_of(var, "units");
  if (is_one_of(unit, {"m", "metre", "metres", "meter", "meters"})) return 1;
  if (is_one_of(unit, {"km", "kilometre", "kilometres", "kilometer", "kilometers"})) return 1000;
  refuse(file, core::format("{} is in '{}'; units m or km are wanted", name, unit));
}

struct Axis {
  std::string name;
  std::vector<double> values;
};

Axis read_axis(const File& file, int dim, bool latitude) {
  char name[NC_MAX_NAME + 1];
  std::size_t length = 0;
  file.check(nc_inq_dim(file.id(), dim, name, &length));
  int var = -1;
  if (nc_inq_varid(file.id(), name, &var) != NC_NOERR)
    refuse(file, core::format("dimension {} has no coordinate variable of its name", name));
  int count = 0, own = -1;
  file.check(nc_inq_varndims(file.id(), var, &count));
  if (count == 1) file.check(nc_inq_vardimid(file.id(), var, &own));
  if (own != dim)
    refuse(file, core::format("{} is no coordinate variable: it must have the dimension {} alone",
                              name, name));
  const std::string unit = file.text_of(var, "units");
  const bool fits = latitude ? is_one_of(unit, {"degrees_north", "degree_north", "degree_N",
                                                "degrees_N", "degreeN", "degreesN"})
                             : is_one_of(unit, {"degrees_east", "degree_east", "degree_E",
                                                "degrees_E", "degreeE", "degreesE"});
  if (!fits)
    refuse(file, core::format("{} is in '{}'; {} is wanted: dimensions are latitude, longitude",
                              name, unit, latitude ? "degrees_north" : "degrees_east"));
  Axis axis{name, std::vector<double>(length)};
  if (length < 2)
    refuse(file, core::format("{} has {} values; at least 2 are wanted", name, length));
  file.check(nc_get_var_double(file.id(), var, axis.values.data()));
  const bool rises = axis.values[1] > axis.values[0];
  for (std::size_t n = 1; n < length; ++n)
    if (!(rises ? axis.values[n] > axis.values[n - 1] : axis.values[n] < axis.values[n - 1]))
      refuse(file, core::format("{} is not monotonic: value {} is {} after {}", name, n,
                                axis.values[n], axis.values[n - 1]));
  return axis;
}

// The largest difference between neighbours.
double spacing_of(const Axis& axis) {
  double largest = 0;
  for (std::size_t n = 1; n < axis.values.size(); ++n)
    largest = std::max(largest, std::abs(axis.values[n] - axis.values[n - 1]));
  return largest;
}

// The whole sphere: a part of it would be stretched over the rest.
void check_ranges(const File& file, const Axis& latitude, const Axis& longitude) {
  for (const double value : {latitude.values.front(), latitude.values.back()})
    if (std::abs(value) > 90 + 1e-9)
      refuse(file, core::format("{} reaches {}, outside -90 to 90", latitude.name, value));
  const auto [west, east] = std::minmax(longitude.values.front(), longitude.values.back());
  if (east - west >= 360 + 1e-9)
    refuse(file, core::format("{} spans {} degrees; at most 360 are wanted", longitude.name,
                              east - west));
  if (360 - (east - west) > 1.5 * spacing_of(longitude))
    refuse(file, core::format("{} covers {} to {} degrees east; the whole sphere is wanted",
                              longitude.name, west, east));
  const auto [south, north] = std::minmax(latitude.values.front(), latitude.values.back());
  const double to_pole = 1.01 * spacing_of(latitude);  // of latitudes in single precision, too
  if (90 + south > to_pole || 90 - north > to_pole)
    refuse(file, core::format("{} covers {} to {} degrees north; the whole sphere is wanted",
                              latitude.name, south, north));
}

// The values that stand for none: what the attributes say, and what NetCDF puts where nothing was written.
std::vector<double> missing_values(const File& file, int var) {
  std::vector<double> missing;
  for (const char* attribute : {"_FillValue", "missing_value"}) {
    std::size_t count = 0;
    if (nc_inq_attlen(file.id(), var, attribute, &count) != NC_NOERR || count == 0) continue;
    std::vector<double> values(count);
    if (nc_get_att_double(file.id(), var, attribute, values.data()) != NC_NOERR) continue;
    missing.insert(missing.end(), values.begin(), values.end());
  }
  nc_type type = NC_NAT;
  file.check(nc_inq_vartype(file.id(), var, &type));
  if (type == NC_DOUBLE || type == NC_FLOAT) missing.push_back(NC_FILL_DOUBLE);
  if (type == NC_INT) missing.push_back(NC_FILL_INT);
  if (type == NC_SHORT) missing.push_back(NC_FILL_SHORT);
  if (type == NC_FLOAT)
    for (double& value : missing) value = double(float(value));  // -9999.9 as the file holds it
  return missing;
}

void check_values(const File& file, int var, const std::string& name,
                  const LongitudeLatitudeValues& map) {
  const std::vector<double> missing = missing_values(file, var);
  const std::size_t wide = map.longitudes_deg.size();
  for (std::size_t n = 0; n < map.values.size(); ++n) {
    const bool finite = std::isfinite(map.values[n]);
    if (finite && std::ranges::find(missing, map.values[n]) == missing.end()) continue;
    refuse(file, core::format("{} is {} at latitude {}, longitude {}; every value is wanted", name,
                              finite ? "missing" : "not finite", map.latitudes_deg[n / wide],
                              map.longitudes_deg[n % wide]));
  }
}

void turn_up(LongitudeLatitudeValues& map) {
  const std::size_t wide = map.longitudes_deg.size(), high = map.latitudes_deg.size();
  if (map.latitudes_deg.front() > map.latitudes_deg.back()) {
    std::ranges::reverse(map.latitudes_deg);
    for (std::size_t j = 0; j < high / 2; ++j)
      std::swap_ranges(map.values.begin() + std::ptrdiff_t(j * wide),
                       map.values.begin() + std::ptrdiff_t((j + 1) * wide),
                       map.values.begin() + std::ptrdiff_t((high - 1 - j) * wide));
  }
  if (map.longitudes_deg.front() > map.longitudes_deg.back()) {
    std::ranges::reverse(map.longitudes_deg);
    for (std::size_t j = 0; j < high; ++j)
      std::reverse(map.values.begin() + std::ptrdiff_t(j * wide),
                   map.values.begin() + std::ptrdiff_t((j + 1) * wide));
  }
  // A last column that is the first one again, 360 degrees on.
  if (map.longitudes_deg.back() - map.longitudes_deg.front() > 360 - 1e-9 && wide > 2) {
    map.longitudes_deg.pop_back();
    std::vector<double> kept;
    for (std::size_t j = 0; j < high; ++j)
      kept.insert(kept.end(), map.values.begin() + std::ptrdiff_t(j * wide),
                  map.values.begin() + std::ptrdiff_t((j + 1) * wide - 1));
    map.values = std::move(kept);
  }
}

LongitudeLatitudeValues read(const std::filesystem::path& path, const std::string& name) {
  const File file = File::read(path);
  int var = -1, count = 0;
  if (nc_inq_varid(file.id(), name.c_str(), &var) != NC_NOERR)
    refuse(file, core::format("there is no variable '{}'; there are {}", name,
                              core::joined(names_in(file))));
  file.check(nc_inq_varndims(file.id(), var, &count));
  std::vector<int> dims(std::size_t(std::max(count, 0)));
  if (count > 0) file.check(nc_inq_vardimid(file.id(), var, dims.data()));
  for (int n = 0; n + 2 < count; ++n) {
    std::size_t length = 0;
    file.check(nc_inq_dimlen(file.id(), dims[std::size_t(n)], &length));
    if (length != 1) count = 0;  // not the two dimensions alone
  }
  if (count < 2)
    refuse(file,
           core::format("{} has {} dimensions; latitude, longitude are wanted", name, dims.size()));
  const double scale = metres(file, var, name);
  const Axis latitude = read_axis(file, dims[dims.size() - 2], true),
             longitude = read_axis(file, dims[dims.size() - 1], false);
  check_ranges(file, latitude, longitude);
  LongitudeLatitudeValues map{longitude.values, latitude.values, {}};
  map.values.resize(map.longitudes_deg.size() * map.latitudes_deg.size());
  file.check(nc_get_var_double(file.id(), var, map.values.data()));
  check_values(file, var, name, map);
  for (const auto& [attribute, is_factor] :
       {std::pair{"scale_factor", true}, {"add_offset", false}}) {
    double number = 0;
    if (nc_get_att_double(file.id(), var, attribute, &number) != NC_NOERR) continue;
    for (double& value : map.values) value = is_factor ? value * number : value + number;
  }
  for (double& value : map.values) value *= scale;
  turn_up(map);
  return map;
}

void broadcast(std::vector<double>& values, const core::Comm& comm) {
  std::size_t size = values.size();
  comm.broadcast(&size, sizeof size);
  values.resize(size);
  comm.broadcast(values.data(), size * sizeof(double));
}

}  // namespace

double LongitudeLatitudeValues::at(double longitude_deg, double latitude_deg) const {
  const std::size_t wide = longitudes_deg.size();
  double longitude = std::fmod(longitude_deg - longitudes_deg.front(), 360.0);
  if (longitude < 0) longitude += 360;
  longitude += longitudes_deg.front();
  const auto east =
      std::size_t(std::ranges::upper_bound(longitudes_deg, longitude) - longitudes_deg.begin());
  const std::size_t i0 = east - 1, i1 = east % wide;  // east >= 1: longitude is the first or beyond
  const double next = east == wide ? longitudes_deg.front() + 360 : longitudes_deg[east];
  const double u = (longitude - longitudes_deg[i0]) / (next - longitudes_deg[i0]);
  const double latitude = std::clamp(latitude_deg, latitudes_deg.front(), latitudes_deg.back());
  const auto north = std::clamp<std::size_t>(
      std::size_t(std::ranges::upper_bound(latitudes_deg, latitude) - latitudes_deg.begin()), 1,
      latitudes_deg.size() - 1);
  const double v =
      (latitude - latitudes_deg[north - 1]) / (latitudes_deg[north] - latitudes_deg[north - 1]);
  const auto row = [&](std::size_t j) {
    return (1 - u) * values[j * wide + i0] + u * values[j * wide + i1];
  };
  return (1 - v) * row(north - 1) + v * row(north);
}

LongitudeLatitudeValues read_longitude_latitude(const std::filesystem::path& path,
                                                const std::string& variable,
                                                const core::Comm& comm) {
  LongitudeLatitudeValues map;
  comm.on_root<core::UserError>([&] { map = read(path, variable); });
  broadcast(map.longitudes_deg, comm);
  broadcast(map.latitudes_deg, comm);
  broadcast(map.values, comm);
  return map;
}

}  // namespace understudy::mesh
