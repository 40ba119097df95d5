// Coalescence by Bott's flux method against Golovin's (1963) solution for the kernel b (x + y) and an exponential
// start, n(x, 0) = N/x0 exp(-x/x0):
//   n(x, t) = N/x (1 - T)/sqrt(T) exp(-(1 + T) x/x0) I1(2 sqrt(T) x/x0),  T = 1 - exp(-b L t),
// whose number falls as exp(-b L t) and whose second moment of mass grows as exp(2 b L t). L = 1 g/m3,
// b = 1.5 m3/(kg s), mean radius 10 um as in Bott (1998).
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "solvers/weather/processes/bin_kernels.hpp"

namespace {

using namespace understudy;
using solvers::BinParams;

constexpr double content = 1e-3, b = 1.5, mean_radius = 10e-6;  // kg/m3, m3/(kg s), m
const double mean_mass = 4 * std::numbers::pi / 3 * 1000 * std::pow(mean_radius, 3);

/// Mass per unit of ln x over the content; Bessel's function in its scaled form by its integral.
double golovin(double mass, double t) {
  const double x = mass / mean_mass;
  if (t == 0) return x * x * std::exp(-x);
  const double tau = 1 - std::exp(-b * content * t), z = 2 * x * std::sqrt(tau);
  // e^-z I1(z) = 1/pi int_0^pi e^(z (cos a - 1)) cos a da
  double integral = 0;
  const int pieces = 20000;
  for (int n = 0; n < pieces; ++n) {
    const double a = std::numbers::pi * (n + 0.5) / pieces;
    integral += std::exp(z * (std::cos(a) - 1)) * std::cos(a);
  }
  return x * (1 - tau) / std::sqrt(tau) * std::exp(-(1 + tau) * x + z) * integral / pieces;
}

struct Spectrum {
  solvers::BinParams params;
  solvers::weather::BinSizes sizes;
  solvers::weather::BinTables<double> tables;
  std::vector<double> q;  // kg/kg in air of 1 kg/m3

  explicit Spectrum(const BinParams& p)
      : params(p),
        sizes(solvers::weather::bin_sizes(p)),
        tables(solvers::weather::bin_tables<double>(p)),
        q(exact(0)) {
    // The same content for each resolution.
    double sum = 0;
    for (const double x : q) sum += x;
    for (double& x : q) x *= content / sum;
  }
  std::vector<double> exact(double t) const {
    std::vector<double> result;
    for (const double m : sizes.mass)
      result.push_back(content * golovin(m, t) * std::numbers::ln2 / params.bins_per_doubling);
    return result;
  }
  /// Sum of q x^(power - 1): 0 the number, 1 the mass.
  double moment(int power) const {
    double sum = 0;
    for (int n = 0; n < params.bins; ++n) sum += q[n] * std::pow(sizes.mass[n], power - 1);
    return sum;
  }
  double distance(double t) const {
    const auto there = exact(t);
    double sum = 0;
    for (int n = 0; n < params.bins; ++n) sum += std::abs(q[n] - there[n]);
    return sum / content;
  }
};

BinParams golovin_params(int per_doubling, double step_s) {
  BinParams p;
  p.kernel = "golovin";
  p.bins_per_doubling = per_doubling;
  p.smallest_radius_m = 1e-6;
  p.bins = 33 * per_doubling;
  p.coalescence_step_s = step_s;
  return p;
}

struct Errors {
  double number, second, distance, mass;
};

std::vector<Errors> run(int per_doubling, double step_s) {
  const BinParams params = golovin_params(per_doubling, step_s);
  Spectrum s(params);
  std::vector<Errors> errors;
  const double number = s.moment(0), second = s.moment(2), mass = s.moment(1);
  for (int minutes = 10; minutes <= 30; minutes += 10) {
    solvers::weather::coalesce(s.tables, s.q.data(), 1.0, 600.0);
    const double grown = b * content * 60 * minutes;
    errors.push_back({s.moment(0) / number / std::exp(-grown) - 1,
                      s.moment(2) / second / std::exp(2 * grown) - 1, s.distance(60 * minutes),
                      s.moment(1) / mass - 1});
    std::printf(
        "%d a doubling, dt %4.1f s, %d min: number %+.4f second moment %+.4f "
        "distance %.4f mass %+.1e\n",
        per_doubling, step_s, minutes, errors.back().number, errors.back().second,
        errors.back().distance, errors.back().mass);
  }
  return errors;
}

TEST(Coalescence, ConvergesToGolovinsSolution) {
  const auto coarse = run(1, 1), middle = run(2, 1), fine = run(4, 1);
  run(1, 10);
  run(2, 10);
  for (int n = 0; n < 3; ++n) {
    EXPECT_GT(coarse[n].distance / middle[n].distance, 2) << n;
    EXPECT_GT(middle[n].distance / fine[n].distance, 2) << n;
  }
}

TEST(Coalescence, MassIsConservedToRoundOff) {
  for (const char* kernel : {"golovin", "long"}) {
    BinParams params;
    params.kernel = kernel;
    Spectrum s(params);
    const double before = s.moment(1);
    for (int n = 0; n < 360; ++n) {
      solvers::weather::coalesce(s.tables, s.q.data(), 1.0, 10.0);
      for (const double x : s.q) ASSERT_GE(x, 0);
    }
    EXPECT_NEAR(s.moment(1) / before, 1, 1e-13) << kernel;
  }
}

}  // namespace
