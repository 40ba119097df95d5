#include "solvers/weather/rain_column/sounding.hpp"

#include <algorithm>
#include <cmath>

#include "solvers/weather/processes/moist_constants.hpp"

namespace understudy::solvers::weather {

namespace {

constexpr double gravity = 9.81;

double between(double z, double below, double middle, double above) {
  if (z < 740) return below + (middle - below) * z / 740;
  return middle + (above - middle) * std::min(1.0, (z - 740) / (3260 - 740));
}

double theta_at(double z) { return between(z, 297.9, 297.9, 312.66); }
double qv_at(double z, double humidity) { return humidity * between(z, 15e-3, 13.8e-3, 2.4e-3); }

}  // namespace

Sounding shallow_cumulus(const std::vector<double>& height_m, double humidity) {
  const MoistConstants<double> c;
  Sounding s;
  double exner = 1, z = 0;
  for (const double top : height_m) {
    // d exner / dz = -g / (cp theta_v), by the midpoint rule in steps of a few metres.
    const int pieces = std::max(1, int(std::ceil((top - z) / 5)));
    const double h = (top - z) / pieces;
    for (int n = 0; n < pieces; ++n) {
      const double middle = z + (n + 0.5) * h;
      exner -= h * gravity / (c.cp * theta_at(middle) * (1 + 0.608 * qv_at(middle, humidity)));
    }
    z = top;
    const double qv = qv_at(z, humidity), t = theta_at(z) * exner;
    s.theta.push_back(theta_at(z));
    s.qv.push_back(qv);
    s.exner.push_back(exner);
    s.rho.push_back(c.p0 * std::pow(exner, c.cp / c.rd) / (c.rd * t * (1 + qv * c.rv / c.rd)));
  }
  return s;
}

}  // namespace understudy::solvers::weather
