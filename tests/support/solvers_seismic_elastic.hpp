// What the tests of the elastic solver share: a case from a few numbers, its traces, and analytic
// solutions of elastic waves in a full space and in a half space.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "solvers/seismic/elastic/elastic_solver.hpp"
#include "solvers/seismic/elastic/elastic_sweeps.hpp"
#include "solvers/seismic/numerics/stability.hpp"
#include "support/solvers_seismic_closeness.hpp"

namespace understudy::tests {

using namespace solvers::seismic;

/// A homogeneous box unless `model` says otherwise; a Ricker wavelet.
struct ElasticCase {
  mesh::GridParams box{{0, -500}, {1000, 0}, {100, 50}, {}};
  EarthModelParams model;
  bool free_surface = false, closed = false;  ///< closed: no layers anywhere else
  int order = 8, layer_cells = 20;
  double reflection = 1e-4;  ///< of the layers
  double dt_s = 0;           ///< 0: 0.8 of the limit
  double frequency_hz = 10, end_s = 0.5;
  SourceParams source;
  Position at{500, 0, 250};
  std::vector<Position> receivers;

  ElasticCase() {
    model.p_speed_m_s = 3000;
    model.s_speed = "ratio";
    model.density = "constant";
  }
  int steps() const { return static_cast<int>(std::lround(end_s / step())); }
  double step() const {
    if (dt_s > 0) return dt_s;
    Sampling s;
    s.scheme = Scheme::elastic;
    s.order = order;
    s.fastest_m_s = make_earth_model(model, box, ".", 1, 0).largest_speed();
    return 0.8 * largest_dt_s(s, box);
  }
  double delay() const { return 1.2 / frequency_hz; }
  double wavelet(double t) const {
    const double x = std::numbers::pi * frequency_hz * (t - delay());
    return (1 - 2 * x * x) * std::exp(-x * x);
  }
  Shot shot() const {
    Shot shot;
    shot.source = at;
    shot.emitted = source;
    shot.receivers = receivers;
    shot.samples = steps() + 1;
    for (int n = 0; n <= steps() + 1; ++n) shot.wavelet.push_back(wavelet(n * step()));
    return shot;
  }
  WaveGrid grid(const core::Comm& comm = core::Comm::world()) const {
    return make_wave_grid(box, setup().absorbing, free_surface, order / 2, comm);
  }
  ElasticSetup setup() const {
    ElasticSetup setup;
    setup.order = order;
    setup.dt_s = step();
    setup.absorbing.width_cells = closed ? 0 : layer_cells;
    setup.absorbing.reflection = reflection;
    setup.layer_frequency_hz = frequency_hz;
    return setup;
  }
};

template <class Real>
struct ElasticRun {
  explicit ElasticRun(const ElasticCase& c, const core::Comm& comm = core::Comm::world())
      : grid(c.grid(comm)),
        solver(c.setup(), make_earth_model(c.model, c.box, ".", 1, 0), grid),
        state(grid.padded, solver.fields()) {
    solver.begin_shot(c.shot(), state);
  }
  WaveGrid grid;
  ElasticSolver<Real> solver;
  mesh::State<Real> state;
};

/// All samples of one receiver: velocities along the axes, then pressure.
inline std::vector<double> trace_of(const std::vector<Traces>& traces, std::size_t quantity,
                                    int receiver) {
  std::vector<double> trace;
  const Gather& gather = traces.at(quantity).gather;
  for (int m = 0; m < gather.samples; ++m) trace.push_back(gather.at(m, receiver));
  return trace;
}

template <class Real>
std::vector<Traces> traces_of(const ElasticCase& c, const core::Comm& comm = core::Comm::world()) {
  ElasticRun<Real> run(c, comm);
  run.solver.advance(run.state, c.steps() * c.step());
  return run.solver.traces();
}

inline double rel_l2(const std::vector<double>& a, const std::vector<double>& reference) {
  double difference = 0, size = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    difference += (a[n] - reference[n]) * (a[n] - reference[n]);
    size += reference[n] * reference[n];
  }
  return std::sqrt(difference / size);
}

/// Integral from t0 to `t` of source(t - t') g(t', sqrt(t'^2 - t0^2)), where g may grow as 1 / sqrt(t' -
/// t0): over w^2 = t' - t0, midpoint rule, `n` intervals.
template <class Source, class Response>
double convolved(double t, double t0, const Source& source, const Response& g, int n = 2000) {
  if (t <= t0) return 0;
  const double most = std::sqrt(t - t0);
  double sum = 0;
  for (int m = 0; m < n; ++m) {
    const double w = (m + 0.5) * most / n;
    sum += 2 * w * g(t0 + w * w, w * std::sqrt(2 * t0 + w * w)) * source(t - t0 - w * w);
  }
  return sum * most / n;
}

/// Derivatives of a case's Ricker wavelet, by its closed form: R = (1 - 2 y^2) exp(-y^2), y = a (t - t0).
inline double ricker_derivative(const ElasticCase& c, double t, int order) {
  const double a = std::numbers::pi * c.frequency_hz, y = a * (t - c.delay());
  const double e = std::exp(-y * y);
  if (order == 1) return a * (4 * y * y * y - 6 * y) * e;
  return a * a * (-8 * y * y * y * y + 24 * y * y - 6) * e;
}

struct HalfSpace {
  double p = 3000, s = 3000 / std::numbers::sqrt3, density = 2000;
};

/// Velocity (x, up) on the free surface at distance x from a line explosion M(t) = wavelet at depth h:
/// Garvin's problem (Garvin 1956), by Cagniard's path t = i q x + eta_p h, q the slowness along x:
///   v = C''(t) * 2 Re[F(q(t)) dq/dt],  C = -M / (2 pi rho p^2),
///   F_x = -2 i q eta_s / (s^2 D),  F_down = (eta_s^2 + q^2) / (s^2 D),
///   D = (eta_s^2 + q^2)^2 - 4 q^2 eta_p eta_s,  eta = sqrt(1/speed^2 + q^2).
inline std::array<double, 2> garvin(const ElasticCase& c, const HalfSpace& m, double x, double h,
                                    double t) {
  using Complex = std::complex<double>;
  const double r = std::hypot(x, h), t0 = r / m.p;
  const Complex i(0, 1);
  const auto response = [&](double time, double root, bool along) {
    const Complex q = (-i * x * time + h * root) / (r * r);
    const Complex slope = (-i * x + h * time / root) / (r * r);
    const Complex eta_p = std::sqrt(1 / (m.p * m.p) + q * q),
                  eta_s = std::sqrt(1 / (m.s * m.s) + q * q);
    const Complex gamma = eta_s * eta_s + q * q;
    const Complex rayleigh = (gamma * gamma - 4.0 * q * q * eta_p * eta_s) * m.s * m.s;
    const Complex f = along ? -2.0 * i * q * eta_s / rayleigh : gamma / rayleigh;
    return 2 * (f * slope).real();
  };
  const auto source = [&](double time) {
    return -ricker_derivative(c, time, 2) / (2 * std::numbers::pi * m.density * m.p * m.p);
  };
  return {convolved(t, t0, source,
                    [&](double time, double root) { return response(time, root, true); }),
          -convolved(t, t0, source,
                     [&](double time, double root) { return response(time, root, false); })};
}

/// Velocity (x, up) in a full plane at (x, up) from a line force along axis `force`, wavelet N/m:
/// v = f' * G, G of Eason, Fulton and Sneddon (1956).
inline std::array<double, 2> full_plane(const ElasticCase& c, const HalfSpace& m, double x,
                                        double up, int force, double t) {
  const double r = std::hypot(x, up);
  const double n[2] = {x / r, up / r};
  std::array<double, 2> v{0, 0};
  const auto source = [&](double time) { return ricker_derivative(c, time, 1); };
  for (int a = 0; a < 2; ++a) {
    const double nn = n[a] * n[force], d = a == force;
    for (const bool shear : {false, true}) {
      const double speed = shear ? m.s : m.p, t0 = r / speed;
      const auto g = [&](double, double q) {
        const double near = q / (r * r) * (2 * nn - d), far = nn / (speed * speed * q);
        return (shear ? d / (speed * speed * q) - near - far : near + far) /
               (2 * std::numbers::pi * m.density);
      };
      v[a] += convolved(t, t0, source, g);
    }
  }
  return v;
}

}  // namespace understudy::tests
