// A small acoustic case for the tests: a box with a bumpy model, two shots, a line of receivers.
#pragma once

#include <cmath>
#include <numbers>

#include "core/sampling.hpp"
#include "solvers/seismic/acoustic/acoustic_shots.hpp"
#include "solvers/seismic/numerics/stability.hpp"
#include "solvers/seismic/survey/wavelet.hpp"

namespace understudy::tests {

namespace seismic = solvers::seismic;

struct SeismicCase {
  int dimension = 2, order = 8, cells = 40, layer = 8, shots = 2;
  bool free_surface = false, variable_density = false;
  double spacing_m = 10, frequency_hz = 20, record_s = 0.004;
  double stretch = 1;  ///< of the layer
  int samples = 60, record_every = 2;

  mesh::GridParams box() const {
    mesh::GridParams grid;
    const double length = cells * spacing_m;
    grid.lower_m.assign(dimension, 0);
    grid.upper_m.assign(dimension, length);
    grid.lower_m.back() = -length;
    grid.upper_m.back() = 0;
    grid.cells.assign(dimension, cells);
    if (dimension == 3) {
      grid.cells[1] = cells / 2;
      grid.upper_m[1] = length / 2;
    }
    return grid;
  }
  std::size_t count() const {
    std::size_t n = 1;
    for (const auto c : box().cells) n *= std::size_t(c);
    return n;
  }
  double dt_s() const { return record_s / record_every; }
  seismic::AcousticSetup setup() const {
    seismic::AcousticSetup s;
    s.box = box();
    s.absorbing.width_cells = layer;
    s.absorbing.stretch = stretch;
    s.free_surface = free_surface;
    s.variable_density = variable_density;
    s.order = order;
    s.dt_s = dt_s();
    s.layer_speed_m_s = 2000;
    s.layer_frequency_hz = frequency_hz;
    s.shots = shots;
    return s;
  }
  std::vector<double> speed() const { return bumps(1800, 300, 3); }
  std::vector<double> density() const {
    return variable_density ? bumps(2000, 500, 2) : std::vector<double>{};
  }
  std::vector<double> bumps(double mean, double size, double waves) const {
    const auto grid = box();
    std::vector<double> values;
    const long long nz = dimension == 3 ? grid.cells[2] : 1;
    for (long long k = 0; k < nz; ++k)
      for (long long j = 0; j < grid.cells[1]; ++j)
        for (long long i = 0; i < grid.cells[0]; ++i)
          values.push_back(mean + size * std::sin(waves * std::numbers::pi * double(i) / cells) *
                                      std::cos((waves + 1) * double(j + 2 * k) / cells));
    return values;
  }
  std::vector<seismic::Shot> make_shots() const {
    const double length = cells * spacing_m;
    seismic::WaveletParams params;
    params.frequency_hz = frequency_hz;
    const seismic::Wavelet wavelet(params, ".");
    std::vector<seismic::Shot> all;
    for (int s = 0; s < shots; ++s) {
      seismic::Shot shot;
      shot.source = {length * (0.23 + 0.5 * s), dimension == 3 ? 0.21 * length : 0, 0.113 * length};
      shot.samples = samples;
      shot.record_every = record_every;
      shot.wavelet = wavelet.sampled(dt_s(), samples * record_every);
      for (int r = 0; r < 7; ++r)
        shot.receivers.push_back(
            {length * (0.08 + 0.14 * r), dimension == 3 ? 0.17 * length : 0, 0.05 * length});
      all.push_back(shot);
    }
    return all;
  }
};

inline std::vector<double> random_values(std::size_t count, std::uint64_t seed) {
  core::SplitMix random(seed);
  std::vector<double> values(count);
  for (auto& v : values) v = 2 * random.uniform() - 1;
  return values;
}

inline std::vector<seismic::Gather> random_gathers(const SeismicCase& c, std::uint64_t seed) {
  std::vector<seismic::Gather> gathers;
  for (int s = 0; s < c.shots; ++s) {
    gathers.emplace_back(c.samples, 7);
    gathers.back().values = random_values(gathers.back().values.size(), seed + s);
  }
  return gathers;
}

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t n = 0; n < a.size(); ++n) sum += a[n] * b[n];
  return sum;
}

inline double dot(const std::vector<seismic::Gather>& a, const std::vector<seismic::Gather>& b) {
  double sum = 0;
  for (std::size_t n = 0; n < a.size(); ++n) sum += dot(a[n].values, b[n].values);
  return sum;
}

}  // namespace understudy::tests
