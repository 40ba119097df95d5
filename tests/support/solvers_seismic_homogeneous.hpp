// Acoustic waves in a homogeneous medium for the tests: a box, one source, receivers, and what Green's
// functions say of them.
#pragma once

#include <cmath>
#include <numbers>
#include <string>

#include "solvers/seismic/acoustic/acoustic_shots.hpp"
#include "solvers/seismic/numerics/stability.hpp"
#include "solvers/seismic/survey/wavelet.hpp"

namespace understudy::tests {

namespace seismic = solvers::seismic;

struct HomogeneousCase {
  std::vector<double> lower_m, upper_m;  ///< the box, vertical axis last
  double spacing_m = 10, speed_m_s = 2000, frequency_hz = 10, end_s = 0.4;
  double density_kg_m3 = 0;  ///< > 0: by the equation of variable density
  double step = 0.9;         ///< of the largest stable one
  int order = 8, layer = 20;
  double reflection = 1e-4;
  bool free_surface = false;
  seismic::Position source{0, 0, 0};
  std::vector<seismic::Position> receivers;

  mesh::GridParams box() const {
    mesh::GridParams grid;
    grid.lower_m = lower_m;
    grid.upper_m = upper_m;
    grid.cells.clear();
    for (std::size_t a = 0; a < lower_m.size(); ++a)
      grid.cells.push_back(std::llround((upper_m[a] - lower_m[a]) / spacing_m));
    return grid;
  }
  double dt_s() const {
    seismic::Sampling s;
    s.scheme = density_kg_m3 > 0 ? seismic::Scheme::acoustic_density : seismic::Scheme::acoustic;
    s.order = order;
    s.fastest_m_s = s.slowest_m_s = speed_m_s;
    return step * seismic::largest_dt_s(s, box());
  }
  seismic::Wavelet wavelet() const {
    seismic::WaveletParams params;
    params.frequency_hz = frequency_hz;
    return seismic::Wavelet(params, ".");
  }
};

/// The traces, every step.
template <class Real>
seismic::Gather modelled(const HomogeneousCase& c) {
  seismic::AcousticSetup setup;
  setup.box = c.box();
  setup.absorbing = {c.layer, c.reflection};
  setup.free_surface = c.free_surface;
  setup.variable_density = c.density_kg_m3 > 0;
  setup.order = c.order;
  setup.dt_s = c.dt_s();
  setup.layer_speed_m_s = c.speed_m_s;
  setup.layer_frequency_hz = c.frequency_hz;
  std::shared_ptr<seismic::AcousticOperator<Real>> op =
      seismic::make_acoustic_operator<Real>(setup, core::Comm::self());
  std::size_t cells = 1;
  for (const auto n : setup.box.cells) cells *= std::size_t(n);
  op->set_model(
      std::vector<double>(cells, c.speed_m_s),
      setup.variable_density ? std::vector<double>(cells, c.density_kg_m3) : std::vector<double>{});
  seismic::Shot shot;
  shot.source = c.source;
  shot.receivers = c.receivers;
  shot.samples = 1 + int(c.end_s / setup.dt_s);
  shot.wavelet = c.wavelet().sampled(setup.dt_s, shot.samples);
  return seismic::AcousticShots<Real>(op, {shot}).model()[0];
}

/// s convolved with Green's function of 1/c^2 u_tt - lap u = delta(x) s(t) at distance r: in 2-D
/// H(t - r/c) / (2 pi sqrt(t^2 - r^2/c^2)), with t' = (r/c) cosh(theta) free of the singularity; in 3-D
/// delta(t - r/c) / (4 pi r) (Morse and Feshbach 1953, section 7.3).
inline double green(const seismic::Wavelet& s, int dimension, double r, double c, double t) {
  if (t * c <= r) return 0;
  if (dimension == 3) return s(t - r / c) / (4 * std::numbers::pi * r);
  const double end = std::acosh(t * c / r);
  const int intervals = 400;  // Simpson's rule
  double sum = 0;
  for (int n = 0; n <= intervals; ++n) {
    const double weight = n == 0 || n == intervals ? 1 : n % 2 ? 4 : 2;
    sum += weight * s(t - r / c * std::cosh(end * n / intervals));
  }
  return sum * end / intervals / 3 / (2 * std::numbers::pi);
}

inline double distance(const seismic::Position& a, const seismic::Position& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/// Relative L2 error of every trace against Green's function; above a free surface an image of the source
/// of the other sign.
inline std::vector<double> trace_errors(const HomogeneousCase& c, const seismic::Gather& gather) {
  const int dimension = int(c.lower_m.size());
  const auto wavelet = c.wavelet();
  seismic::Position image = c.source;
  image[2] *= -1;
  std::vector<double> errors;
  for (int r = 0; r < gather.receivers; ++r) {
    double wrong = 0, size = 0;
    for (int n = 0; n < gather.samples; ++n) {
      const double t = n * c.dt_s();
      double exact = green(wavelet, dimension, distance(c.source, c.receivers[r]), c.speed_m_s, t);
      if (c.free_surface)
        exact -= green(wavelet, dimension, distance(image, c.receivers[r]), c.speed_m_s, t);
      exact *= c.density_kg_m3 > 0 ? c.density_kg_m3 : 1;
      wrong += (gather.at(n, r) - exact) * (gather.at(n, r) - exact);
      size += exact * exact;
    }
    errors.push_back(std::sqrt(wrong / size));
  }
  return errors;
}

}  // namespace understudy::tests
