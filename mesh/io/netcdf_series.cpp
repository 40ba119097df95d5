#include "mesh/io/netcdf_series.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "core/joined.hpp"
#include "core/kept_files.hpp"
#include "core/log.hpp"
#include "core/timers.hpp"
#include "mesh/io/netcdf_file.hpp"
#include "mesh/io/netcdf_times.hpp"

namespace understudy::mesh {

using netcdf::File;

namespace {

// What the conventions call a quantity of ours. Depth of a shallow-water layer and its potential vorticity have
// no standard name: those in the table are of the sea and of a stratified air.
struct Named {
  const char *name, *standard_name, *long_name;
};
constexpr std::array known{
    Named{"depth", "", "depth of the fluid layer"},
    Named{"topography", "surface_altitude", "height of the ground"},
    Named{"surface_height", "height_above_geopotential_datum", "height of the free surface"},
    Named{"velocity_east", "eastward_wind", "eastward velocity"},
    Named{"velocity_north", "northward_wind", "northward velocity"},
    Named{"wind_east", "eastward_wind", "eastward wind"},
    Named{"wind_north", "northward_wind", "northward wind"},
    Named{"vorticity", "atmosphere_relative_vorticity", "relative vorticity"},
    Named{"divergence", "divergence_of_wind", "divergence of the velocity"},
    Named{"potential_vorticity", "", "potential vorticity of the layer"}};

Named named(const std::string& name) {
  for (const Named& n : known)
    if (name == n.name) return n;
  return {name.c_str(), "", name.c_str()};
}

// Units as UDUNITS reads them: ours are so already ("m/s", "1/s", "m2/s"), but for the empty one.
std::string udunits(const std::string& unit) { return unit.empty() ? "1" : unit; }

void put(const File& file, int var, const std::vector<double>& values) {
  file.check(nc_put_var_double(file.id(), var, values.data()));
}

struct Axis {
  const char *name, *bounds, *standard_name, *unit, *letter;
};
constexpr Axis latitude_axis{"lat", "lat_bnds", "latitude", "degrees_north", "Y"};
constexpr Axis longitude_axis{"lon", "lon_bnds", "longitude", "degrees_east", "X"};

void define_axis(const File& file, const Axis& axis, int dim, int two) {
  const int var = file.variable(axis.name, NC_DOUBLE, {dim});
  file.text(var, "standard_name", axis.standard_name);
  file.text(var, "long_name", axis.standard_name);
  file.text(var, "units", axis.unit);
  file.text(var, "axis", axis.letter);
  file.text(var, "bounds", axis.bounds);
  file.variable(axis.bounds, NC_DOUBLE, {dim, two});
}

template <class Lower>
void put_axis(const File& file, const Axis& axis, int count, const Lower& lower) {
  std::vector<double> centres, bounds;
  for (int n = 0; n < count; ++n) {
    centres.push_back(lower(n + 0.5));
    bounds.insert(bounds.end(), {lower(n), lower(n + 1)});
  }
  put(file, file.find(axis.name), centres);
  put(file, file.find(axis.bounds), bounds);
}

// A field `name`_0 whose components _1 and _2 are there, too: its name, else "".
template <class Real>
std::string vector_at(const std::vector<CellField<Real>>& fields, std::size_t n) {
  if (n + 2 >= fields.size() || !fields[n].name.ends_with("_0")) return {};
  const std::string name = fields[n].name.substr(0, fields[n].name.size() - 2);
  return fields[n + 1].name == name + "_1" && fields[n + 2].name == name + "_2" ? name : "";
}

}  // namespace

NetcdfSeries::NetcdfSeries(std::filesystem::path path, NetcdfInfo info,
                           const std::shared_ptr<const Grid>& grid)
    : path_(std::move(path)),
      info_(std::move(info)),
      map_(as_cubed_sphere(grid, "NetCDF output"),
           info_.latitudes > 0 ? info_.latitudes : 2 * grid->global_cells(0)) {}

void NetcdfSeries::define(const std::vector<Variable>& variables,
                          const std::map<std::string, double>& scalars) const {
  File file = File::create(path_);
  file.text(NC_GLOBAL, "Conventions", "CF-1.10");
  file.text(NC_GLOBAL, "title", info_.title);
  file.text(NC_GLOBAL, "source", info_.source);
  // Without a date: the same run writes the same bytes, restarted or not.
  file.text(NC_GLOBAL, "history", "simulated and remapped by the source");
  file.text(NC_GLOBAL, "comment",
            "Remapped conservatively from a cubed sphere: the sum of a variable times cell_area is "
            "that of the simulation's cells.");
  const int time = file.dimension("time", NC_UNLIMITED);
  const int lat = file.dimension("lat", std::size_t(map_.rows()));
  const int lon = file.dimension("lon", std::size_t(map_.columns()));
  const int two = file.dimension("bnds", 2);
  const int when = file.variable("time", NC_DOUBLE, {time});
  file.text(when, "standard_name", "time");
  file.text(when, "long_name", "time since the start, from a nominal date");
  file.text(when, "units", "seconds since 2000-01-01 00:00:00");
  file.text(when, "calendar", "standard");
  file.text(when, "axis", "T");
  define_axis(file, latitude_axis, lat, two);
  define_axis(file, longitude_axis, lon, two);
  const int crs = file.variable("crs", NC_INT, {});
  file.text(crs, "grid_mapping_name", "latitude_longitude");
  file.number(crs, "earth_radius", map_.radius_m());
  const int area = file.variable("cell_area", NC_DOUBLE, {lat, lon});
  file.text(area, "standard_name", "cell_area");
  file.text(area, "long_name", "area that the cell stands for in integrals");
  file.text(area, "units", "m2");
  for (const Variable& v : variables) {
    const Named name = named(v.name);
    const int var = file.variable(v.name, NC_DOUBLE, {time, lat, lon});
    if (*name.standard_name) file.text(var, "standard_name", name.standard_name);
    file.text(var, "long_name", name.long_name);
    file.text(var, "units", udunits(v.unit));
    file.text(var, "cell_methods", "time: point area: mean");
    file.text(var, "cell_measures", "area: cell_area");
    file.text(var, "grid_mapping", "crs");
  }
  for (const auto& [name, value] : scalars) {
    const int var = file.variable(name, NC_DOUBLE, {time});
    file.text(var, "long_name", name);
    file.text(var, "units", "1");
  }
  file.check(nc_enddef(file.id()));
  put_axis(file, latitude_axis, map_.rows(), [&](double n) { return map_.latitude_deg(n); });
  put_axis(file, longitude_axis, map_.columns(), [&](double n) { return map_.longitude_deg(n); });
  put(file, area, map_.area());
  file.close();
}

void NetcdfSeries::append(double time_s, const std::vector<Variable>& variables,
                          const std::map<std::string, double>& scalars) const {
  File file = File::append(path_);
  const std::array<std::size_t, 3> start{written_, 0, 0},
      count{1, std::size_t(map_.rows()), std::size_t(map_.columns())};
  for (const Variable& v : variables)
    file.check(nc_put_vara_double(file.id(), file.find(v.name), start.data(), count.data(),
                                  v.values.data()));
  for (const auto& [name, value] : scalars)
    file.check(nc_put_var1_double(file.id(), file.find(name), start.data(), &value));
  // Last: a time that is there is whole.
  file.check(nc_put_var1_double(file.id(), file.find("time"), start.data(), &time_s));
  file.close();
}

void NetcdfSeries::set_aside_others(const std::vector<Variable>& variables,
                                    const std::map<std::string, double>& scalars) {
  std::set<std::string> wanted;
  for (const Variable& v : variables) wanted.insert(v.name);
  for (const auto& [name, value] : scalars) wanted.insert(name);
  const auto there = netcdf::variables_over_time(File::read(path_));
  if (there == wanted) return;
  const auto aside = core::set_aside(path_);
  core::log::warn("{} has {}, and this run writes {}. It is kept as {}", path_.string(),
                  core::joined(there), core::joined(wanted), aside.filename().string());
  written_ = 0;
}

template <class Real>
void NetcdfSeries::write(double time_s, const std::vector<CellField<Real>>& fields,
                         const std::map<std::string, double>& scalars) {
  const core::ScopedTimer region("netcdf");
  std::vector<Variable> variables;
  for (std::size_t n = 0; n < fields.size(); ++n) {
    const std::string vector = vector_at(fields, n);
    if (vector.empty()) {
      variables.push_back({fields[n].name, fields[n].unit, map_.remap(fields[n].data)});
      continue;
    }
    const auto [east, north] =
        east_north(map_.grid(), fields[n].data, fields[n + 1].data, fields[n + 2].data);
    variables.push_back({vector + "_east", fields[n].unit, map_.remap(east)});
    variables.push_back({vector + "_north", fields[n].unit, map_.remap(north)});
    n += 2;
  }
  const bool unseen = std::exchange(unseen_, false);
  map_.grid().comm().on_root<core::UserError>([&] {
    if (unseen && written_ > 0) set_aside_others(variables, scalars);
    if (written_ == 0) define(variables, scalars);
    append(time_s, variables, scalars);
    ++written_;
  });
}

void NetcdfSeries::resume_after(double time_s) {
  written_ = 0;
  std::size_t times = 0;  // that are there
  map_.grid().comm().on_root<core::UserError>([&] {
    std::error_code none;
    if (!std::filesystem::exists(path_, none)) return;
    const File file = File::read(path_);
    for (const auto& [name, wanted] : {std::pair{"lat", map_.rows()}, {"lon", map_.columns()}}) {
      int dim = -1;
      std::size_t length = 0;
      file.check(nc_inq_dimid(file.id(), name, &dim));
      file.check(nc_inq_dimlen(file.id(), dim, &length));
      if (length != std::size_t(wanted))
        throw core::UserError(core::format(
            "{} has {} cells along {}, and this run {}; remove the file to begin a new one",
            path_.string(), length, name, wanted));
    }
    int dim = -1;
    file.check(nc_inq_dimid(file.id(), "time", &dim));
    file.check(nc_inq_dimlen(file.id(), dim, &times));
    std::vector<double> at(times);
    if (times > 0) file.check(nc_get_var_double(file.id(), file.find("time"), at.data()));
    const double last = time_s + 1e-9 * std::abs(time_s);
    const auto later = std::ranges::find_if(at, [&](double t) { return t > last; });
    written_ = std::size_t(later - at.begin());
  });
  // Those that are there beyond it may be at other times than this run's, or beyond its end.
  map_.grid().comm().on_root<core::UserError>([&] {
    if (written_ < times) netcdf::keep_first_times(path_, written_);
  });
  unseen_ = true;
}

template void NetcdfSeries::write(double, const std::vector<CellField<float>>&,
                                  const std::map<std::string, double>&);
template void NetcdfSeries::write(double, const std::vector<CellField<double>>&,
                                  const std::map<std::string, double>&);

}  // namespace understudy::mesh
