#include "pinn/classical_methods/sphere_differences.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "pinn/classical_methods/sphere.hpp"

namespace understudy::pinn {

namespace {

constexpr double pi = std::numbers::pi;
using State = std::vector<double>;  // [component][latitude][longitude]: h, vx, vy, vz
using Vector = std::array<double, 3>;

double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

struct Cell {
  Vector x, east, north;
  double per_dx, per_dy;  // 1 / spacing
};

// Row `j` beyond a pole is the row before it, half way around.
struct Rows {
  int longitudes, latitudes;
  std::size_t index(int j, int i) const {
    if (j < 0) {
      j = -1 - j;
      i += longitudes / 2;
    }
    if (j >= latitudes) {
      j = 2 * latitudes - 1 - j;
      i += longitudes / 2;
    }
    return std::size_t(j) * std::size_t(longitudes) +
           std::size_t((i % longitudes + longitudes) % longitudes);
  }
};

double difference(double a, double b, double c, double d, double per_spacing) {
  return (8 * (c - b) - (d - a)) / 12 * per_spacing;
}

// Lagrange's cubic through -1, 0, 1, 2.
std::array<double, 4> cubic(double z) {
  return {-z * (z - 1) * (z - 2) / 6, (z + 1) * (z - 1) * (z - 2) / 2, -(z + 1) * z * (z - 2) / 2,
          (z + 1) * z * (z - 1) / 6};
}

}  // namespace

struct SphereDifferences::Run {
  Run(const SphereCase& case_in, int longitudes)
      : what(case_in),
        rows{longitudes, longitudes / 2},
        cells(std::size_t(longitudes) * std::size_t(longitudes / 2)) {
    const double d = 2 * pi / longitudes;
    for (int j = 0; j < rows.latitudes; ++j)
      for (int i = 0; i < longitudes; ++i) {
        const double lon = -pi + d * i, lat = -pi / 2 + d * (j + 0.5);
        cells[rows.index(j, i)] = {
            {std::cos(lat) * std::cos(lon), std::cos(lat) * std::sin(lon), std::sin(lat)},
            {-std::sin(lon), std::cos(lon), 0},
            {-std::sin(lat) * std::cos(lon), -std::sin(lat) * std::sin(lon), std::cos(lat)},
            1 / (sphere::radius_m * std::cos(lat) * d),
            1 / (sphere::radius_m * d)};
      }
    state.resize(4 * cells.size());
    double fastest = 0;
    for (std::size_t n = 0; n < cells.size(); ++n) {
      const auto values = what.initial(cells[n].x);
      for (std::size_t c = 0; c < 4; ++c) state[c * cells.size() + n] = values[c];
      const Vector v{values[1], values[2], values[3]};
      const double wave = what.frozen ? 0 : std::sqrt(sphere::gravity_m_s2 * values[0]);
      fastest =
          std::max(fastest, (std::sqrt(dot(v, v)) + wave) * (cells[n].per_dx + cells[n].per_dy));
    }
    // The method is stable to 2.8 on the imaginary axis; the differences reach 1.37 / spacing.
    step_s = 1.5 / fastest;
  }

  void slope_at(const State& s, int j, int i, State& out) const {
    const std::size_t m = cells.size(), n = rows.index(j, i);
    const Cell& cell = cells[n];
    std::array<double, 4> by_east, by_north;
    for (std::size_t c = 0; c < 4; ++c) {
      const double* f = s.data() + c * m;
      by_east[c] = difference(f[rows.index(j, i - 2)], f[rows.index(j, i - 1)],
                              f[rows.index(j, i + 1)], f[rows.index(j, i + 2)], cell.per_dx);
      by_north[c] = difference(f[rows.index(j - 2, i)], f[rows.index(j - 1, i)],
                               f[rows.index(j + 1, i)], f[rows.index(j + 2, i)], cell.per_dy);
    }
    const double h = s[n];
    const Vector v{s[m + n], s[2 * m + n], s[3 * m + n]};
    const double u = dot(cell.east, v), w = dot(cell.north, v);
    const auto carried = [&](std::size_t c) { return -(u * by_east[c] + w * by_north[c]); };
    out[n] = carried(0);
    for (std::size_t c = 1; c < 4; ++c) out[c * m + n] = 0;
    if (what.frozen) return;
    out[n] -= h * (dot(cell.east, {by_east[1], by_east[2], by_east[3]}) +
                   dot(cell.north, {by_north[1], by_north[2], by_north[3]}));
    const double f = 2 * sphere::rotation_per_s * dot(what.axis, cell.x);
    const Vector turned{cell.x[1] * v[2] - cell.x[2] * v[1], cell.x[2] * v[0] - cell.x[0] * v[2],
                        cell.x[0] * v[1] - cell.x[1] * v[0]};
    Vector force;
    for (std::size_t c = 0; c < 3; ++c)
      force[c] = carried(c + 1) - f * turned[c] -
                 sphere::gravity_m_s2 * (cell.east[c] * by_east[0] + cell.north[c] * by_north[0]);
    const double outwards = dot(force, cell.x);
    for (std::size_t c = 0; c < 3; ++c) out[(c + 1) * m + n] = force[c] - outwards * cell.x[c];
  }

  void slope(const State& s, State& out) const {
    for (int j = 0; j < rows.latitudes; ++j)
      for (int i = 0; i < rows.longitudes; ++i) slope_at(s, j, i, out);
  }

  void advance(double duration_s) {
    const int steps = std::max(1, int(std::ceil(duration_s / step_s)));
    const double dt = duration_s / steps;
    State k(state.size()), stage(state.size()), sum(state.size());
    for (int step = 0; step < steps; ++step) {
      sum = state;
      stage = state;
      constexpr std::array<double, 4> weight{1 / 6.0, 1 / 3.0, 1 / 3.0, 1 / 6.0};
      constexpr std::array<double, 4> next{0.5, 0.5, 1, 0};
      for (std::size_t part = 0; part < 4; ++part) {
        slope(stage, k);
        for (std::size_t n = 0; n < state.size(); ++n) {
          sum[n] += dt * weight[part] * k[n];
          stage[n] = state[n] + dt * next[part] * k[n];
        }
      }
      state.swap(sum);
    }
    for (const double value : state)
      if (!std::isfinite(value)) throw core::RunError("differences on the sphere: not finite");
  }

  const SphereCase& what;
  Rows rows;
  std::vector<Cell> cells;
  State state;
  double step_s = 0;
};

SphereDifferences::SphereDifferences(const SphereCase& what, int longitudes)
    : longitudes_(longitudes),
      latitudes_(longitudes / 2),
      interval_s_(what.end_s / what.snapshots) {
  Run run(what, longitudes);
  snapshots_.push_back(run.state);
  for (int n = 0; n < what.snapshots; ++n) {
    run.advance(interval_s_);
    snapshots_.push_back(run.state);
  }
}

double SphereDifferences::value(const std::vector<double>& state, int component, double longitude,
                                double latitude) const {
  const Rows rows{longitudes_, latitudes_};
  const double d = 2 * pi / longitudes_;
  const double x = (longitude + pi) / d, y = (latitude + pi / 2) / d - 0.5;
  const int i = int(std::floor(x)), j = int(std::floor(y));
  const auto wx = cubic(x - i), wy = cubic(y - j);
  const double* f =
      state.data() + std::size_t(component) * std::size_t(longitudes_) * std::size_t(latitudes_);
  double sum = 0;
  for (int b = 0; b < 4; ++b)
    for (int a = 0; a < 4; ++a)
      sum += wx[std::size_t(a)] * wy[std::size_t(b)] * f[rows.index(j + b - 1, i + a - 1)];
  return sum;
}

std::array<double, 4> SphereDifferences::at(double longitude, double latitude, double t) const {
  const int last = int(snapshots_.size()) - 1;
  const int n = std::clamp(int(std::floor(t / interval_s_)), 1, std::max(1, last - 2));
  const auto weights = cubic(t / interval_s_ - n);
  std::array<double, 4> result{};
  for (int k = 0; k < 4; ++k) {
    const double weight = weights[std::size_t(k)];
    if (std::abs(weight) < 1e-12) continue;
    const auto& state = snapshots_[std::size_t(std::clamp(n + k - 1, 0, last))];
    for (int c = 0; c < 4; ++c)
      result[std::size_t(c)] += weight * value(state, c, longitude, latitude);
  }
  return result;
}

}  // namespace understudy::pinn
