// Private to mesh/io/netcdf_*.cpp: what a NetCDF file of our own has over its unlimited dimension, and the file cut to
// the first of its times. Part of builds with NetCDF.
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>

#include "mesh/io/netcdf_file.hpp"

namespace understudy::mesh::netcdf {

/// Variables along the unlimited dimension, but for its own coordinate.
std::set<std::string> variables_over_time(const File& file);

/// The file with its first `kept` times alone, which takes its place when it is complete.
void keep_first_times(const std::filesystem::path& path, std::size_t kept);

}  // namespace understudy::mesh::netcdf
