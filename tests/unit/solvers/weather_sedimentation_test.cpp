// The fall of water in columns beside a plain loop.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "support/solvers_weather_columns.hpp"

namespace {

using namespace weather_test;

/// The fall alone, a column at a time, with fluxes in an array.
void plain_fall(std::vector<double>& q, const std::vector<double>& rho,
                const std::vector<double>& v, const std::vector<double>& dz, double dt,
                double& fallen) {
  double courant = 0;
  for (std::size_t n = 0; n < q.size(); ++n) courant = std::max(courant, v[n] * dt / dz[n]);
  const int steps = int(std::ceil(courant / 0.9));
  for (int s = 0; s < steps; ++s) {
    std::vector<double> flux(q.size() + 1, 0.0);
    for (std::size_t n = 0; n < q.size(); ++n) flux[n] = rho[n] * v[n] * q[n];
    fallen += dt / steps * flux[0];
    for (std::size_t n = 0; n < q.size(); ++n)
      q[n] += dt / steps * (flux[n + 1] - flux[n]) / (rho[n] * dz[n]);
  }
}

TEST(Sedimentation, IsThePlainColumnLoop) {
  for (const double dt : {5.0, 60.0, 300.0}) {
    Case<double> c(1);
    c.columns.stretch = mesh::Array3<double>("stretch", 1, 24, 41);
    mesh::Array3<double> speed("speed", 1, 24, 41);
    std::mt19937 random(5);
    std::uniform_real_distribution<double> unit(0, 1);
    std::vector<std::vector<double>> q(37), rho(37), v(37), dz(37);
    for (int i = 0; i < 37; ++i)
      for (int level = 2; level < 22; ++level) {
        c.columns.stretch(0, level, i + 2) = 0.7 + 0.3 * unit(random);
        speed(0, level, i + 2) = i % 5 == 0 ? 0 : 12 * unit(random);
        q[i].push_back(c.fields.qr(0, level, i + 2));
        rho[i].push_back(c.fields.rho(0, level, i + 2));
        v[i].push_back(speed(0, level, i + 2));
        dz[i].push_back(c.columns.dz(level) * c.columns.stretch(0, level, i + 2));
      }
    const double before = c.rain_water();
    solvers::sediment(c.columns, c.fields.rho, speed, c.fields.qr, c.fields.rain, dt);
    EXPECT_NEAR(c.rain_water() / before, 1, 1e-13);
    EXPECT_GE(c.smallest(), 0);
    for (int i = 0; i < 37; ++i) {
      double fallen = 0;
      plain_fall(q[i], rho[i], v[i], dz[i], dt, fallen);
      ASSERT_NEAR(c.fields.rain(0, 0, i + 2), fallen, 1e-12) << i;
      for (int level = 0; level < 20; ++level)
        ASSERT_NEAR(c.fields.qr(0, level + 2, i + 2), q[i][level], 1e-15) << i;
    }
  }
}

}  // namespace
