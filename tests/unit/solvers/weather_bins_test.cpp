// The bin scheme's parts where they can be worked out: fall speeds beside those that were measured, growth by the
// law of r^2, saturation that is reached and not passed, and water and heat that are conserved.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "core/error.hpp"
#include "solvers/weather/processes/bin_kernels.hpp"
#include "solvers/weather/processes/bin_scheme.hpp"

namespace {

using namespace understudy;
using solvers::BinParams;

template <class Real>
struct Parcel {
  solvers::MoistConstants<Real> constants;
  solvers::weather::BinTables<Real> tables;
  std::vector<Real> q;
  Real qv, temperature, pressure = Real(9e4), rho = Real(1.05);

  explicit Parcel(const BinParams& params, double humidity = 1, double kelvin = 285)
      : tables(solvers::weather::bin_tables<Real>(params)),
        q(params.bins, Real(0)),
        temperature(Real(kelvin)) {
    qv = Real(humidity) * solvers::weather::saturation(temperature, pressure);
  }
  void condense(double dt) {
    solvers::weather::condense(constants, tables, q.data(), qv, temperature, pressure, rho,
                               Real(dt));
  }
  double drops() const { return std::accumulate(q.begin(), q.end(), 0.0); }
  double number() const {
    double sum = 0;
    for (std::size_t b = 0; b < q.size(); ++b) sum += double(q[b]) / tables.mass(b);
    return sum;
  }
  double supersaturation() const {
    return double(qv) / solvers::weather::saturation(temperature, pressure) - 1;
  }
};

TEST(DropFallSpeed, IsThatOfGunnAndKinzer) {
  // Gunn and Kinzer 1949, table 1: diameter (mm), m/s at 20 C, 1013 hPa.
  for (const auto& [mm, speed] : {std::pair{0.4, 1.62}, std::pair{1.0, 4.03}, std::pair{2.0, 6.49},
                                  std::pair{3.0, 8.06}, std::pair{5.0, 9.09}})
    EXPECT_NEAR(solvers::weather::drop_fall_speed(mm / 2000) / speed, 1, 0.03) << mm;
}

TEST(DropFallSpeed, OfSmallDropsIsStokesLawWithTheDragOfASphere) {
  // Schiller and Naumann 1933: the drag is that of Stokes times 1 + 0.15 Re^0.687.
  for (const double d : {2e-6, 10e-6, 18e-6, 20e-6, 40e-6, 100e-6, 200e-6}) {
    const double stokes = 9.80665 * 997 * d * d / (18 * 1.818e-5) * (1 + 2.51 * 6.62e-8 / d);
    double v = stokes;
    for (int n = 0; n < 50; ++n)
      v = stokes / (1 + 0.15 * std::pow(1.204 * v * d / 1.818e-5, 0.687));
    EXPECT_NEAR(solvers::weather::drop_fall_speed(d / 2) / v, 1, 0.03) << d;
  }
}

TEST(Bins, DropsGrowByTheLawOfTheSquaredRadius) {
  BinParams params;
  params.nuclei_1_m3 = 0;
  Parcel<double> p(params, 1.005);
  p.q[6] = 1e-9;  // few: the supersaturation stays
  const double r2 = p.tables.radius(6) * p.tables.radius(6), number = p.number();
  const double growth =
      solvers::weather::growth_factor(p.constants, p.temperature, p.pressure) / 1000;
  const double s = p.supersaturation(), f = p.tables.ventilation(6);
  p.condense(2);
  const double expected = 1e-9 * std::pow((r2 + 2 * growth * s * f * 2) / r2, 1.5);
  EXPECT_NEAR(p.drops() / expected, 1, 1e-6);
  EXPECT_GT(p.drops() / 1e-9, 1.005);
  EXPECT_NEAR(p.number() / number, 1, 1e-12);
  EXPECT_NEAR(growth, 9e-11, 1.5e-11);  // Rogers and Yau 1989, figure 7.1
}

TEST(Bins, SaturationIsReachedAndNotPassed) {
  BinParams params;
  for (const double humidity : {1.05, 0.98}) {
    Parcel<double> p(params, humidity);
    p.q[8] = 1e-3;
    const double water = p.qv + p.drops();
    const double heat = p.constants.cp * p.temperature + p.constants.latent * p.qv;
    double before = p.supersaturation();
    for (int n = 0; n < 200; ++n) {
      p.condense(1);
      const double now = p.supersaturation();
      ASSERT_LE(std::abs(now), std::abs(before) + 1e-12) << humidity << " " << n;
      ASSERT_GE(now * before, -2e-7) << humidity << " " << n;  // what is not linear in the bound
      before = now;
    }
    EXPECT_NEAR(before, 0, 1e-6);
    EXPECT_NEAR((p.qv + p.drops()) / water, 1, 1e-13);
    EXPECT_NEAR((p.constants.cp * p.temperature + p.constants.latent * p.qv) / heat, 1, 1e-13);
    for (const double x : p.q) EXPECT_GE(x, 0);
  }
}

TEST(Bins, AllDropsEvaporateInDryAir) {
  BinParams params;
  Parcel<double> p(params, 0.3);
  for (std::size_t b = 0; b < p.q.size(); ++b) p.q[b] = b < 20 ? 1e-5 : 0;
  const double water = p.qv + p.drops();
  for (int n = 0; n < 3600; ++n) p.condense(1);
  EXPECT_LT(p.drops(), 1e-12);
  EXPECT_NEAR((p.qv + p.drops()) / water, 1, 1e-12);
}

TEST(Bins, NucleiAreActivatedByTwomeysLaw) {
  BinParams params;
  params.nuclei_1_m3 = 2e8;
  params.nuclei_exponent = 0.7;
  Parcel<double> p(params, 1.004);
  p.condense(1e-6);
  const double expected = 2e8 * std::pow(0.4, 0.7) / p.rho;
  EXPECT_NEAR(p.number() / expected, 1, 1e-3);
  p.condense(1e-6);  // those that are there do not come again
  EXPECT_NEAR(p.number() / expected, 1, 1e-3);
  Parcel<double> dry(params, 0.99);
  dry.condense(1);
  EXPECT_EQ(dry.drops(), 0);
}

/// A slice of 12 levels, 9 columns, as the processes see it.
template <class Real>
struct Slice {
  static constexpr int levels = 12, width = 9;
  solvers::Columns<Real> columns;
  solvers::BinFields<Real> fields;
  std::array<int, 3> extents{1, levels, width};
  BinParams params;

  Slice() {
    columns.vertical = 1;
    columns.cells = {{0, 0, 0}, {width, levels, 1}};
    Kokkos::View<Real*, mesh::Memory> dz("dz", levels);
    Kokkos::deep_copy(dz, Real(100));
    columns.dz = dz;
    for (auto* a : {&fields.theta, &fields.qv, &fields.exner, &fields.rho})
      *a = mesh::Array3<Real>("field", 1, levels, width);
    fields.q = mesh::Array4<Real>("bins", params.bins, 1, levels, width);
    fields.rain = mesh::Array3<Real>("rain", 1, 1, width);
    std::mt19937 random(2);
    std::uniform_real_distribution<double> unit(0, 1);
    for (int j = 0; j < levels; ++j)
      for (int i = 0; i < width; ++i) {
        const double exner = 1 - 0.004 * j, t = 290 - 0.6 * j;
        const double p = 1e5 * std::pow(exner, 3.5);
        fields.exner(0, j, i) = Real(exner);
        fields.theta(0, j, i) = Real(t / exner);
        fields.rho(0, j, i) = Real(p / (287 * t));
        fields.qv(0, j, i) = Real((0.8 + 0.25 * unit(random)) * solvers::weather::saturation(t, p));
        for (int b = 0; b < params.bins; ++b)
          fields.q(b, 0, j, i) = Real(2e-4 * unit(random) * (unit(random) > 0.5));
      }
  }
  double water() const {
    double sum = 0;
    for (int j = 0; j < levels; ++j)
      for (int i = 0; i < width; ++i) {
        double here = fields.qv(0, j, i);
        for (int b = 0; b < params.bins; ++b) here += fields.q(b, 0, j, i);
        sum += 100 * double(fields.rho(0, j, i)) * here;
      }
    for (int i = 0; i < width; ++i) sum += fields.rain(0, 0, i);
    return sum;
  }
  double smallest() const {
    double least = 1;
    for (std::size_t n = 0; n < fields.q.span(); ++n)
      least = std::min(least, double(fields.q.data()[n]));
    return least;
  }
};

template <class Real>
void expect_budget(double tolerance) {
  Slice<Real> s;
  solvers::BinScheme<Real> scheme(s.params, {}, s.columns, s.extents);
  const double before = s.water();
  for (int n = 0; n < 10; ++n) scheme.step(s.fields, 10);
  EXPECT_NEAR(s.water() / before, 1, tolerance);
  EXPECT_GE(s.smallest(), 0);
  EXPECT_GT(s.fields.rain(0, 0, 4), 0);
}

TEST(BinScheme, WaterIsConserved) {
  expect_budget<double>(1e-13);
  expect_budget<float>(3e-6);
}

TEST(BinScheme, ItsPartsAreProcessesWithNamesAndUnits) {
  Slice<double> s;
  solvers::BinScheme<double> scheme(s.params, {}, s.columns, s.extents);
  const auto processes = scheme.processes();
  ASSERT_EQ(processes.size(), 2u);
  EXPECT_EQ(processes[0].name, "bin_condensation");
  ASSERT_EQ(processes[0].inputs.size(), 38u);
  EXPECT_EQ(processes[0].inputs[37], (core::Column{"q_32", "kg/kg"}));
  ASSERT_EQ(processes[0].outputs.size(), 33u);
  EXPECT_EQ(processes[0].outputs[0], (core::Column{"dq_0", "kg/kg"}));
  EXPECT_EQ(processes[1].name, "bin_coalescence");
  ASSERT_EQ(processes[1].inputs.size(), 35u);
  EXPECT_EQ(processes[1].inputs[2], (core::Column{"content_0", "1"}));
  EXPECT_EQ(processes[1].outputs.back(), (core::Column{"growth_32", "1"}));
  s.params.kernel = "none";
  EXPECT_EQ(solvers::BinScheme<double>(s.params, {}, s.columns, s.extents).processes().size(), 1u);
}

TEST(BinScheme, PhysicsHandedBackIsBitwiseTheSame) {
  Slice<double> own, handed;
  solvers::BinScheme<double> one(own.params, {}, own.columns, own.extents);
  solvers::BinScheme<double> other(handed.params, {}, handed.columns, handed.extents);
  int calls = 0;
  for (const auto& process : other.processes())
    process.use([&, physics = process.physics](const auto& in, const auto& out) {
      ++calls;
      physics(in, out);
    });
  for (int n = 0; n < 2; ++n) {
    one.step(own.fields, 5);
    other.step(handed.fields, 5);
  }
  EXPECT_EQ(calls, 4);
  for (std::size_t n = 0; n < own.fields.q.span(); ++n)
    ASSERT_EQ(own.fields.q.data()[n], handed.fields.q.data()[n]);
}

/// The scheme's step by its kernels, cell by cell, on a slice without negative drops.
template <class Real>
void plain_step(Slice<Real>& s, Real dt) {
  const auto tables = solvers::weather::bin_tables<Real>(s.params);
  const solvers::MoistConstants<Real> constants;
  for (int j = 0; j < s.levels; ++j)
    for (int i = 0; i < s.width; ++i) {
      std::vector<Real> q;
      for (int b = 0; b < s.params.bins; ++b) q.push_back(s.fields.q(b, 0, j, i));
      solvers::weather::condense_in_steps(constants, tables, q.data(), s.fields.theta(0, j, i),
                                          s.fields.qv(0, j, i), s.fields.exner(0, j, i),
                                          s.fields.rho(0, j, i), dt);
      solvers::weather::coalesce(tables, q.data(), s.fields.rho(0, j, i), dt);
      for (int b = 0; b < s.params.bins; ++b) s.fields.q(b, 0, j, i) = q[b];
    }
}

template <class Real>
void expect_plain(double tolerance) {
  Slice<Real> whole, plain;
  whole.params.coalescence_least = plain.params.coalescence_least = 0;
  solvers::BinScheme<Real> scheme(whole.params, {}, whole.columns, whole.extents);
  solvers::BinScheme<Real> none(plain.params, {}, plain.columns, plain.extents);
  // The fall is the same: that of a scheme whose parts leave everything as it is.
  for (const auto& process : none.processes())
    process.use([](const auto&, const auto& out) { Kokkos::deep_copy(out, Real(0)); });
  for (int n = 0; n < 3; ++n) {
    scheme.step(whole.fields, 10);
    none.step(plain.fields, 10);
    plain_step(plain, Real(10));
  }
  for (std::size_t n = 0; n < whole.fields.q.span(); ++n)
    ASSERT_NEAR(whole.fields.q.data()[n], plain.fields.q.data()[n], tolerance * 2e-4) << n;
  for (std::size_t n = 0; n < whole.fields.theta.span(); ++n)
    ASSERT_NEAR(whole.fields.theta.data()[n], plain.fields.theta.data()[n], tolerance * 300);
}

// Logarithms of contents in and out, sums restored: no more than rounding.
TEST(BinScheme, IsItsKernelsCellByCell) {
  expect_plain<double>(1e-11);
  expect_plain<float>(5e-4);
}

/// Random numbers in the place of a process.
void expect_kept(std::size_t which, double size) {
  Slice<double> s;
  solvers::BinScheme<double> scheme(s.params, {}, s.columns, s.extents);
  std::mt19937 random(3);
  std::normal_distribution<double> any(0, size);
  long long points = 0;
  scheme.processes()[which].use([&](const auto& in, const auto& out) {
    points += static_cast<long long>(in.extent(0));
    for (std::size_t n = 0; n < in.extent(0); ++n)
      for (std::size_t b = 0; b < out.extent(1); ++b) out(n, b) = any(random);
  });
  const double before = s.water();
  for (int n = 0; n < 5; ++n) scheme.step(s.fields, 5);
  EXPECT_GT(points, 0);
  EXPECT_NEAR(s.water() / before, 1, 1e-13) << which << " " << size;
  EXPECT_GE(s.smallest(), 0) << which << " " << size;
  for (std::size_t n = 0; n < s.fields.qv.span(); ++n) EXPECT_GE(s.fields.qv.data()[n], -1e-17);
}

TEST(BinScheme, WhoeverComputesItConservesWaterAndKeepsItPositive) {
  expect_kept(0, 1e-2);
  for (const double size : {1e-3, 1.0, 1000.0}) expect_kept(1, size);
}

TEST(BinScheme, CollisionsThatLeaveNothingAreNotBelieved) {
  Slice<double> s;
  solvers::BinScheme<double> scheme(s.params, {}, s.columns, s.extents);
  scheme.processes()[1].use([](const auto&, const auto& out) { Kokkos::deep_copy(out, -1000.0); });
  const double before = s.water();
  scheme.step(s.fields, 5);
  EXPECT_NEAR(s.water() / before, 1, 1e-13);
}

// Where there are neither drops nor supersaturation nobody is asked.
TEST(BinScheme, AsksOnlyWhereThereIsSomethingToDo) {
  Slice<double> s;
  solvers::BinScheme<double> scheme(s.params, {}, s.columns, s.extents);
  Kokkos::deep_copy(s.fields.q, 0.0);
  for (int j = 0; j < s.levels; ++j)
    for (int i = 0; i < s.width; ++i) {
      const double t = s.fields.theta(0, j, i) * s.fields.exner(0, j, i);
      const double p = solvers::weather::pressure_of<double>({}, s.fields.exner(0, j, i));
      s.fields.qv(0, j, i) = (i == 3 && j > 5 ? 1.001 : 0.9) * solvers::weather::saturation(t, p);
    }
  s.fields.q(8, 0, 2, 7) = 1e-4;
  s.fields.q(8, 0, 4, 7) = 1e-8;
  std::vector<std::size_t> points;
  for (const auto& process : scheme.processes())
    process.use([&points](const auto& in, const auto& out) {
      points.push_back(in.extent(0));
      Kokkos::deep_copy(out, 0.0);
    });
  scheme.step(s.fields, 1e-3);
  // Supersaturated, with drops, and below these: some fell there.
  EXPECT_EQ(points, (std::vector<std::size_t>{6 + 2 + 1, 1}));
}

TEST(BinScheme, BinsThatEndBeforeRainAreRefused) {
  BinParams params;
  params.bins = 12;
  try {
    solvers::weather::bin_tables<double>(params);
    FAIL() << "12 bins";
  } catch (const core::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("bins: 12 bins from 2e-06 m on end at drops of"),
              std::string::npos)
        << error.what();
  }
  params.bins = 1000;
  EXPECT_THROW(solvers::weather::bin_tables<double>(params), core::UserError);
}

}  // namespace
