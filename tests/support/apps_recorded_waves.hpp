// A dataset of another program whose fields are known: plane waves that travel through a periodic box, in the layout of
// The Well as PolymathicAI/the_well's own files have it (data/<split>, several trajectories a file, a vector in
// t1_fields, sides by dimension, single precision, no units, a scalar that differs between trajectories).
//
//   density = 2 + A sin p,  velocity = (A cos p, A/2 sin(p + 1)),  p = 2 pi (x + y - c t) + s
//
// on [0, 1]^2 with amplitude A, phase s and speed c of each trajectory. All channels are combinations of the same sine
// and cosine and a constant: two modes hold them, and a window turns these by 2 pi c dt. A channel's variance is half
// the square of its amplitude, and the mean square of its change over a time t is 2 sin^2(pi c t) times the square: of
// a state that does not change, VRMSE is 2 |sin(pi c t)|.
#pragma once

#include <cmath>
#include <filesystem>
#include <numbers>
#include <string>
#include <vector>

#include "mesh/io/hdf5_file.hpp"

namespace understudy::tests {

inline constexpr std::uint64_t waves_cells = 16, waves_frames = 12;
inline constexpr double waves_dt_s = 0.05;

struct WavesFile {
  std::vector<double> speeds{1, 1};  ///< one a trajectory
  std::string grid_type = "cartesian";
};

inline void write_waves_fields(mesh::Hdf5File& file, const std::vector<double>& speeds) {
  const std::uint64_t n = waves_cells, count = speeds.size();
  std::vector<float> density, velocity;
  for (std::size_t s = 0; s < count; ++s)
    for (std::uint64_t f = 0; f < waves_frames; ++f)
      for (std::uint64_t i = 0; i < n; ++i)
        for (std::uint64_t j = 0; j < n; ++j) {
          const double x = (static_cast<double>(i) + 0.5) / static_cast<double>(n),
                       y = (static_cast<double>(j) + 0.5) / static_cast<double>(n),
                       t = waves_dt_s * static_cast<double>(f);
          const double amplitude = 0.6 + 0.1 * static_cast<double>(s % 3);
          const double p = 2 * std::numbers::pi * (x + y - speeds[s] * t) +
                           1.3 * static_cast<double>(s) + 7 * speeds[s];
          density.push_back(static_cast<float>(2 + amplitude * std::sin(p)));
          velocity.push_back(static_cast<float>(amplitude * std::cos(p)));
          velocity.push_back(static_cast<float>(amplitude / 2 * std::sin(p + 1)));
        }
  file.put("t0_fields/density", density, {count, waves_frames, n, n});
  file.put("t1_fields/velocity", velocity, {count, waves_frames, n, n, 2});
}

/// One file, of one rank.
inline void write_waves_file(const std::filesystem::path& path, const WavesFile& with) {
  using Texts = std::vector<std::string>;
  std::filesystem::create_directories(path.parent_path());
  mesh::Hdf5File file(path, mesh::H5Mode::create, core::Comm::self());
  file.set_attribute("", "dataset_name", "travelling_waves");
  file.set_attribute("", "grid_type", with.grid_type);
  file.set_attribute("", "n_spatial_dims", 2);
  file.set_attribute("", "n_trajectories", static_cast<long long>(with.speeds.size()));
  file.set_attribute("", "simulation_parameters", Texts{});
  file.create_group("scalars");
  file.set_attribute("scalars", "field_names", Texts{"speed"});
  file.put("scalars/speed", with.speeds, {with.speeds.size()});
  file.set_attribute("scalars/speed", "sample_varying", true);
  file.set_attribute("scalars/speed", "time_varying", false);
  std::vector<float> times, centres;
  for (std::uint64_t f = 0; f < waves_frames; ++f)
    times.push_back(static_cast<float>(waves_dt_s * static_cast<double>(f)));
  for (std::uint64_t i = 0; i < waves_cells; ++i)
    centres.push_back((static_cast<float>(i) + 0.5f) / static_cast<float>(waves_cells));
  file.create_group("dimensions");
  file.set_attribute("dimensions", "spatial_dims", Texts{"x", "y"});
  file.put("dimensions/time", times, {waves_frames});
  for (const std::string axis : {"x", "y"}) {
    file.put("dimensions/" + axis, centres, {waves_cells});
    const std::string side = "boundary_conditions/" + axis + "_periodic";
    file.create_group(side);
    file.set_attribute(side, "associated_dims", Texts{axis});
    file.set_attribute(side, "bc_type", "PERIODIC");
  }
  file.create_group("t0_fields");
  file.set_attribute("t0_fields", "field_names", Texts{"density"});
  file.create_group("t1_fields");
  file.set_attribute("t1_fields", "field_names", Texts{"velocity"});
  write_waves_fields(file, with.speeds);
  file.close();
}

/// <folder>/data/{train,valid,test}: five, one and two trajectories. The test's have speed 1.
inline void write_waves(const std::filesystem::path& folder, bool one_speed = false) {
  const auto speeds = [&](std::vector<double> values) {
    return WavesFile{one_speed ? std::vector<double>(values.size(), 1.0) : values};
  };
  write_waves_file(folder / "data" / "train" / "a.hdf5", speeds({0.9, 0.95, 1}));
  write_waves_file(folder / "data" / "train" / "b.hdf5", speeds({1.05, 1.1}));
  write_waves_file(folder / "data" / "valid" / "c.hdf5", speeds({0.97}));
  write_waves_file(folder / "data" / "test" / "d.hdf5", speeds({1, 1}));
}

}  // namespace understudy::tests
