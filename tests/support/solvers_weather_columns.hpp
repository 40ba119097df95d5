// What the tests of the weather processes share: random moist air, at points and in columns.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "solvers/weather/processes/kessler.hpp"

namespace weather_test {

using namespace understudy;
using solvers::Columns;
using solvers::MoistFields;

inline constexpr double cp = 1005.7, rd = 287.04, latent = 2.501e6;

struct Plain {
  double theta, qv, qc, qr, exner, rho;
};

// Klemp and Wilhelmson 1978, eq. 2.11.
inline double plain_saturation(double t, double p) {
  return 380 / p * std::exp(17.27 * (t - 273) / (t - 36));
}

inline Plain random_point(std::mt19937& random) {
  std::uniform_real_distribution<double> unit(0, 1);
  Plain a{};
  a.exner = 0.6 + 0.4 * unit(random);
  a.theta = 300 + 30 * (1 - a.exner) / 0.4 + 5 * unit(random);
  const double p = 1e5 * std::pow(a.exner, cp / rd);
  a.rho = p / (rd * a.theta * a.exner);
  a.qv = (0.3 + 0.8 * unit(random)) * plain_saturation(a.theta * a.exner, p);
  a.qc = std::max(0.0, 4e-3 * unit(random) - 1e-3);
  a.qr = std::max(0.0, 6e-3 * unit(random) - 2e-3);
  return a;
}

/// Columns of random moist air in a slice (vertical 1) or a box (vertical 2).
template <class Real>
struct Case {
  static constexpr int levels = 20, width = 37, ghosts = 2;
  Columns<Real> columns;
  MoistFields<Real> fields;
  std::array<int, 3> extents;

  explicit Case(int vertical) {
    columns.vertical = vertical;
    extents = vertical == 1 ? std::array{1, levels + 2 * ghosts, width + 2 * ghosts}
                            : std::array{levels + 2 * ghosts, 3 + 2 * ghosts, width + 2 * ghosts};
    for (int axis = 0; axis < 3; ++axis) {
      const int g = axis < 2 || vertical == 2 ? ghosts : 0;
      columns.cells.begin[axis] = g;
      columns.cells.end[axis] = extents[2 - axis] - g;
    }
    Kokkos::View<Real*, mesh::Memory> dz("dz", levels + 2 * ghosts);
    const auto host = Kokkos::create_mirror_view(dz);
    for (int n = 0; n < levels + 2 * ghosts; ++n) host(n) = Real(100 + 20 * n);
    Kokkos::deep_copy(dz, host);
    columns.dz = dz;
    for (auto* a : {&fields.theta, &fields.qv, &fields.qc, &fields.qr, &fields.exner, &fields.rho})
      *a = mesh::Array3<Real>("field", extents[0], extents[1], extents[2]);
    fields.rain = mesh::Array3<Real>("rain", vertical == 2 ? 1 : extents[0],
                                     vertical == 1 ? 1 : extents[1], extents[2]);
    fill();
  }

  /// The same columns whatever the vertical: that of row 0 of the box is the slice's.
  void fill() {
    const auto& r = columns.cells;
    const int v = columns.vertical, rows = v == 2 ? r.size(1) : 1;
    std::mt19937 random(7);
    for (int row = 0; row < rows; ++row)
      for (int level = 0; level < levels; ++level)
        for (int i = r.begin[0]; i < r.end[0]; ++i) {
          const Plain a = random_point(random);
          const int k = v == 2 ? r.begin[2] + level : 0, j = r.begin[1] + (v == 1 ? level : row);
          fields.theta(k, j, i) = Real(a.theta);
          fields.qv(k, j, i) = Real(a.qv);
          fields.qc(k, j, i) = Real(a.qc);
          fields.qr(k, j, i) = Real(a.qr);
          fields.exner(k, j, i) = Real(a.exner);
          fields.rho(k, j, i) = Real(a.rho);
        }
  }
  template <class F>
  double sum(const F& f) const {
    double total = 0;
    const auto& r = columns.cells;
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) total += f(k, j, i);
    return total;
  }
  double mass(int k, int j, int i) const {
    const double stretch = columns.stretch.data() ? double(columns.stretch(k, j, i)) : 1;
    return double(fields.rho(k, j, i)) * columns.dz(columns.vertical == 2 ? k : j) * stretch;
  }
  double water() const {
    const auto& f = fields;
    double total = sum([&](int k, int j, int i) {
      return mass(k, j, i) * (double(f.qv(k, j, i)) + f.qc(k, j, i) + f.qr(k, j, i));
    });
    for (std::size_t n = 0; n < f.rain.span(); ++n) total += f.rain.data()[n];
    return total;
  }
  double rain_water() const {
    double total = sum([&](int k, int j, int i) { return mass(k, j, i) * fields.qr(k, j, i); });
    for (std::size_t n = 0; n < fields.rain.span(); ++n) total += fields.rain.data()[n];
    return total;
  }
  double smallest() const {
    double least = 1;
    sum([&](int k, int j, int i) {
      least = std::min({least, double(fields.qv(k, j, i)), double(fields.qc(k, j, i)),
                        double(fields.qr(k, j, i))});
      return 0.0;
    });
    return least;
  }
};

}  // namespace weather_test
