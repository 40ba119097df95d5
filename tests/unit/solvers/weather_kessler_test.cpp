// Kessler's microphysics against a plain implementation of the paper's formulas, and what must hold of any:
// water and heat are conserved, nothing gets negative, and nobody who computes it can change that.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "support/solvers_weather_columns.hpp"

namespace {

using namespace weather_test;

// Klemp and Wilhelmson 1978, eqs. 2.11 to 2.14 and 3.10, as they stand there.
Plain plain_step(Plain a, double dt) {
  const double p = 1e5 * std::pow(a.exner, cp / rd);
  const double formed = a.qc - std::max((a.qc - dt * 1e-3 * std::max(a.qc - 1e-3, 0.0)) /
                                            (1 + dt * 2.2 * std::pow(a.qr, 0.875)),
                                        0.0);
  a.qc -= formed;
  a.qr += formed;
  double t = a.theta * a.exner;
  double qvs = plain_saturation(t, p);
  const auto slope = [&] { return latent / cp * qvs * 17.27 * 237 / ((t - 36) * (t - 36)); };
  const double condensed = std::clamp((a.qv - qvs) / (1 + slope()), -a.qc, a.qv);
  a.qv -= condensed;
  a.qc += condensed;
  a.theta += latent / (cp * a.exner) * condensed;
  t = a.theta * a.exner;
  qvs = plain_saturation(t, p);
  if (a.qr <= 0 || a.qv >= qvs) return a;
  const double g_cm3 = 1e-3 * a.rho, rain = g_cm3 * a.qr, hpa = p / 100;
  const double evaporated =
      std::min({dt / g_cm3 * (1 - a.qv / qvs) * (1.6 + 124.9 * std::pow(rain, 0.2046)) *
                    std::pow(rain, 0.525) / (5.4e5 + 2.55e6 / (hpa * qvs)),
                (qvs - a.qv) / (1 + slope()), a.qr});
  a.qr -= evaporated;
  a.qv += evaporated;
  a.theta -= latent / (cp * a.exner) * evaporated;
  return a;
}

template <class Real>
Plain step_at_point(const Plain& a, double dt) {
  solvers::weather::MoistPoint<Real> at{Real(a.theta), Real(a.qv),    Real(a.qc),
                                        Real(a.qr),    Real(a.exner), Real(a.rho)};
  const solvers::MoistConstants<Real> constants;
  solvers::weather::apply(
      constants, solvers::weather::kessler_transfers<Real>(constants, {}, at, Real(dt)), at);
  return {at.theta, at.qv, at.qc, at.qr, at.exner, at.rho};
}

double water_error(const Plain& a, const Plain& b) {
  return std::max({std::abs(a.qv - b.qv), std::abs(a.qc - b.qc), std::abs(a.qr - b.qr)});
}

TEST(Kessler, PointIsThePapersFormulas) {
  std::mt19937 random(1);
  for (int n = 0; n < 4000; ++n) {
    const Plain a = random_point(random);
    const double dt = 1 + n % 20;
    const Plain expected = plain_step(a, dt);
    const Plain in_double = step_at_point<double>(a, dt), in_float = step_at_point<float>(a, dt);
    ASSERT_LT(water_error(in_double, expected), 1e-11) << n;
    ASSERT_NEAR(in_double.theta, expected.theta, 1e-7) << n;
    ASSERT_LT(water_error(in_float, expected), 2e-7) << n;
    ASSERT_NEAR(in_float.theta, expected.theta, 5e-4) << n;
  }
}

TEST(Kessler, PressureIsThatOfTheStandardPressure) {
  for (const double exner : {0.3, 0.5, 0.8, 1.0, 1.02}) {
    const double expected = 1e5 * std::pow(exner, cp / rd);
    EXPECT_NEAR(solvers::weather::pressure_of<double>({}, exner) / expected, 1, 1e-9);
    EXPECT_NEAR(solvers::weather::pressure_of<float>({}, float(exner)) / expected, 1, 1e-6);
  }
}

TEST(Kessler, AdjustmentEndsAtSaturationAndIsBounded) {
  using solvers::weather::saturation_adjustment;
  const solvers::MoistConstants<double> c;
  const double t = 290, p = 9e4, qvs = plain_saturation(t, p);
  const auto excess = [&](double qv, double qc, int newton_steps) {
    const double condensed = saturation_adjustment(c, t, p, qv, qc, newton_steps);
    return std::abs(qv - condensed - plain_saturation(t + latent / cp * condensed, p)) / qvs;
  };
  // Newton: what one step leaves is the square of the distance, what two leave its fourth power.
  EXPECT_NEAR(excess(1.02 * qvs, 0, 1) / excess(1.01 * qvs, 0, 1), 4, 0.1);
  EXPECT_NEAR(excess(1.04 * qvs, 0, 2) / excess(1.02 * qvs, 0, 2), 16, 1);
  EXPECT_LT(excess(1.02 * qvs, 0, 1), 1e-4);
  EXPECT_LT(excess(0.95 * qvs, 5e-3, 3), 1e-12);
  EXPECT_EQ(saturation_adjustment(c, t, p, 0.5 * qvs, 1e-4, 3), -1e-4);  // all the cloud there is
  EXPECT_EQ(saturation_adjustment(c, t, p, 0.5 * qvs, 0.0, 3), 0);
  EXPECT_LE(saturation_adjustment(c, 30.0, p, 1e-3, 0.0, 1), 1e-3);  // far beyond Tetens
  EXPECT_TRUE(std::isfinite(saturation_adjustment(c, 36.0, p, 1e-3, 1e-3, 3)));
}

template <class Real>
double difference(const Case<Real>& a, const Case<Real>& b) {
  return a.sum([&](int k, int j, int i) {
    return std::abs(double(a.fields.theta(k, j, i)) - b.fields.theta(k, j, i)) +
           std::abs(double(a.fields.qv(k, j, i)) - b.fields.qv(k, j, i)) +
           std::abs(double(a.fields.qc(k, j, i)) - b.fields.qc(k, j, i)) +
           std::abs(double(a.fields.qr(k, j, i)) - b.fields.qr(k, j, i));
  });
}

template <class Real>
void expect_budgets(int vertical, double tolerance) {
  Case<Real> c(vertical);
  solvers::Kessler<Real> kessler({}, {}, c.columns, c.extents);
  const double before = c.water();
  for (int n = 0; n < 40; ++n) {
    kessler.step(c.fields, 10);
    ASSERT_GE(c.smallest(), 0) << n;
  }
  EXPECT_NEAR(c.water() / before, 1, tolerance);
  EXPECT_GT(c.fields.rain(0, vertical == 1 ? 0 : 3, 5), 0);
}

TEST(Kessler, WaterIsConservedInASliceAndInABox) {
  expect_budgets<double>(1, 1e-13);
  expect_budgets<double>(2, 1e-13);
  expect_budgets<float>(1, 2e-6);
  expect_budgets<float>(2, 2e-6);
}

TEST(Kessler, HeatOfAPointIsConserved) {
  std::mt19937 random(3);
  for (int n = 0; n < 1000; ++n) {
    const Plain a = random_point(random), b = step_at_point<double>(a, 10);
    const auto heat = [](const Plain& x) { return cp * x.exner * x.theta + latent * x.qv; };
    ASSERT_NEAR(heat(b) / heat(a), 1, 1e-14);
  }
}

TEST(Kessler, ASliceIsARowOfTheBox) {
  Case<double> slice(1), box(2);
  solvers::Kessler<double> in_slice({}, {}, slice.columns, slice.extents);
  solvers::Kessler<double> in_box({}, {}, box.columns, box.extents);
  in_slice.step(slice.fields, 15);
  in_box.step(box.fields, 15);
  for (int level = 2; level < 22; ++level)
    for (int i = 2; i < 39; ++i) {
      ASSERT_EQ(slice.fields.qr(0, level, i), box.fields.qr(level, 2, i));
      ASSERT_EQ(slice.fields.theta(0, level, i), box.fields.theta(level, 2, i));
    }
  for (int i = 2; i < 39; ++i) ASSERT_EQ(slice.fields.rain(0, 0, i), box.fields.rain(0, 2, i));
}

TEST(Kessler, IsAProcessWithNamesAndUnits) {
  Case<float> c(1);
  solvers::Kessler<float> kessler({}, {}, c.columns, c.extents);
  const auto process = kessler.process();
  EXPECT_EQ(process.name, "microphysics");
  ASSERT_EQ(process.inputs.size(), 7u);
  EXPECT_EQ(process.inputs[6], (core::Column{"dt", "s"}));
  ASSERT_EQ(process.outputs.size(), 3u);
  EXPECT_EQ(process.outputs[1], (core::Column{"condensation", "kg/kg"}));
}

TEST(Kessler, PhysicsHandedBackIsBitwiseTheSame) {
  Case<float> own(2), handed(2);
  solvers::Kessler<float> own_kessler({}, {}, own.columns, own.extents);
  solvers::Kessler<float> handed_kessler({}, {}, handed.columns, handed.extents);
  const auto process = handed_kessler.process();
  int calls = 0;
  process.use([&, physics = process.physics](const auto& in, const auto& out) {
    ++calls;
    EXPECT_EQ(in.extent(0), std::size_t(20 * 3 * 37));
    physics(in, out);
  });
  for (int n = 0; n < 3; ++n) {
    own_kessler.step(own.fields, 8);
    handed_kessler.step(handed.fields, 8);
  }
  EXPECT_EQ(difference(own, handed), 0);
  EXPECT_EQ(calls, 3);
}

TEST(Kessler, WhoeverComputesItConservesWaterAndKeepsItPositive) {
  Case<double> c(2);
  solvers::Kessler<double> kessler({}, {}, c.columns, c.extents);
  std::mt19937 random(11);
  kessler.process().use([&](const auto& in, const auto& out) {
    std::normal_distribution<double> any(0, 1e-2);
    for (std::size_t n = 0; n < in.extent(0); ++n)
      for (int column = 0; column < 3; ++column) out(n, column) = any(random);
  });
  const double before = c.water();
  for (int n = 0; n < 5; ++n) kessler.step(c.fields, 10);
  EXPECT_NEAR(c.water() / before, 1, 1e-13);
  EXPECT_GE(c.smallest(), 0);
}

TEST(Kessler, NegativeWaterIsFilledFromTheVapour) {
  Case<double> c(1);
  c.fields.qr(0, 10, 10) = -1e-4;
  c.fields.qc(0, 12, 10) = -2e-4;
  const double before = c.water();
  solvers::kessler_step<double>({}, c.columns, c.fields, 1);
  EXPECT_GE(c.smallest(), 0);
  EXPECT_NEAR(c.water() / before, 1, 1e-13);
}

}  // namespace
