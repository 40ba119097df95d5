// A quantity on a regular longitude-latitude grid from a NetCDF file: topography and the like. Part of builds with
// NetCDF.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/comm.hpp"

namespace understudy::mesh {

struct LongitudeLatitudeValues {
  std::vector<double> longitudes_deg;  ///< rising, less than 360 degrees from first to last
  std::vector<double> latitudes_deg;   ///< rising, within [-90, 90]
  std::vector<double> values;          ///< [latitude, longitude], m
  /// Bilinear, periodic along longitude; beyond the first and last latitudes, theirs.
  double at(double longitude_deg, double latitude_deg) const;
};

/// The variable [lat, lon] (or with leading dimensions of length 1) whose coordinate variables have units degrees_north and
/// degrees_east (any CF spelling); its own units must be m (metre, meter, metres, meters) or km, which
/// are turned into m. Latitudes may fall: they are turned round. UserError naming file, variable, what was
/// found and what is wanted: no such file or variable, another shape, coordinates that are not monotonic or not of the whole
/// sphere, values that are missing or not finite, other units. Rank 0 reads. Collective.
LongitudeLatitudeValues read_longitude_latitude(const std::filesystem::path& path,
                                                const std::string& variable,
                                                const core::Comm& comm);

}  // namespace understudy::mesh
