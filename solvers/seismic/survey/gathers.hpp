// Shot gathers: what the receivers recorded of each shot, in memory and in HDF5 (as SEG-Y: segy_gathers.hpp).
//
// One file holds all shots of a survey and one or more quantities of the same geometry:
//   <quantity>            [shot, sample, receiver] float64, attribute `unit`
//   source_positions_m    [shot, 3]      x, y (0 in 2-D), depth
//   receiver_positions_m  [receiver, 3]
//   wavelet               [sample] float64 (absent if not known), attribute `dt_s`
// and attributes of the root: record_every_s, and texts (provenance). Sample m is at the time
// m * record_every_s; the shot begins at time 0.
//
// Files of others (docs/foreign_files.md): numbers of any precision and whole ones; pressure in any unit of
// pressure (kPa, bar...) and velocities in any of speed become Pa and m/s; further datasets and attributes are
// left alone.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace understudy::solvers::seismic {

/// One shot, one quantity.
struct Gather {
  int samples = 0, receivers = 0;
  std::vector<double> values;  ///< [sample, receiver], receiver fastest

  Gather() = default;
  Gather(int sample_count, int receiver_count)
      : samples(sample_count),
        receivers(receiver_count),
        values(static_cast<std::size_t>(sample_count) * receiver_count, 0.0) {}
  double& at(int sample, int receiver) {
    return values[static_cast<std::size_t>(sample) * receivers + receiver];
  }
  double at(int sample, int receiver) const {
    return values[static_cast<std::size_t>(sample) * receivers + receiver];
  }
};

/// One quantity of all shots.
struct GatherSet {
  std::string quantity = "pressure";  ///< pressure, velocity_x, velocity_y, velocity_z...
  std::string unit = "Pa";
  double record_every_s = 0;
  std::vector<std::array<double, 3>> sources;    ///< [shot] x, y (0 in 2-D), depth in m
  std::vector<std::array<double, 3>> receivers;  ///< [receiver]
  std::vector<Gather> shots;                     ///< [shot]
  std::vector<double> wavelet;                   ///< [sample]; empty: not known
  double wavelet_dt_s = 0;
  std::map<std::string, std::string> attributes;  ///< texts: provenance

  int samples() const { return shots.empty() ? 0 : shots.front().samples; }
};

/// Complete or not there; an older file stands until then. The sets are of one geometry and different
/// quantities (std::invalid_argument else: a mistake of the caller). Not collective: call it on one
/// rank. UserError where the file cannot be written.
void write_gathers(const std::filesystem::path& path, std::span<const GatherSet> sets);

/// The quantities that a file holds, sorted. Not collective, nor is the next.
std::vector<std::string> gather_quantities(const std::filesystem::path& path);

/// From SEG-Y where the path ends in .sgy or .segy, else HDF5.
/// UserError naming the file where it cannot be read, has no such quantity (those it has are listed), a
/// unit that is missing or does not convert, its arrays do not fit each other, or a value is not finite.
GatherSet read_gathers(const std::filesystem::path& path, const std::string& quantity);

/// UserError, starting with `where`, that says in what way the geometry of `found` is not that of
/// `expected`: number of shots, receivers or samples, record interval, or the first position that
/// differs by more than 1e-6 of the survey's size and the rounding of a file in single precision. Values
/// do not matter.
void check_geometry(const GatherSet& found, const GatherSet& expected, const std::string& where);

}  // namespace understudy::solvers::seismic
