// What the replaceable processes of the weather solvers cost: Kessler's microphysics (a point), the bin scheme (a
// point, by number of bins) and the drag of gravity waves (a column of 72 levels), called as a sub-model calls
// them, and Kessler's on fields. Points are cloudy air: a quarter of them without drops, the others with cloud and
// rain. Steps of 5 s. The median of 7 calls after two.
//
//   OMP_NUM_THREADS=1 bench_solvers_weather_processes [points]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "solvers/weather/processes/bin_scheme.hpp"
#include "solvers/weather/processes/gravity_waves.hpp"
#include "solvers/weather/processes/kessler.hpp"

using namespace understudy;

namespace {

double seconds(const std::function<void()>& call) {
  call();
  call();
  std::vector<double> times;
  for (int n = 0; n < 7; ++n) {
    const core::Stopwatch stopwatch;
    call();
    Kokkos::fence("timed");
    times.push_back(stopwatch.seconds());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

struct Air {
  double theta, qv, exner, rho, cloud, rain;
};

std::vector<Air> cloudy_air(int points) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> unit(0, 1);
  std::vector<Air> all;
  for (int n = 0; n < points; ++n) {
    Air a{};
    a.exner = 0.8 + 0.19 * unit(random);
    const double t = 270 + 25 * (a.exner - 0.8) / 0.19, p = 1e5 * std::pow(a.exner, 3.5);
    a.theta = t / a.exner;
    a.rho = p / (287 * t);
    a.qv = (0.9 + 0.11 * unit(random)) * solvers::weather::saturation(t, p);
    const bool drops = unit(random) > 0.25;
    a.cloud = drops ? 2e-3 * unit(random) : 0;
    a.rain = drops ? 1e-3 * unit(random) : 0;
    all.push_back(a);
  }
  return all;
}

template <class Real>
solvers::Columns<Real> columns_of(int levels, int width) {
  solvers::Columns<Real> columns;
  columns.vertical = 1;
  columns.cells = {{0, 0, 0}, {width, levels, 1}};
  Kokkos::View<Real*, mesh::Memory> dz("dz", levels);
  Kokkos::deep_copy(dz, Real(100));
  columns.dz = dz;
  return columns;
}

template <class Real>
mesh::Points<Real> on_device(const std::vector<std::vector<double>>& rows) {
  const mesh::Points<Real> view("batch", rows.size(), rows[0].size());
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t n = 0; n < rows.size(); ++n)
    for (std::size_t c = 0; c < rows[n].size(); ++c) host(n, c) = Real(rows[n][c]);
  Kokkos::deep_copy(view, host);
  return view;
}

template <class Real>
double measure(const char* name, const solvers::PointCall<Real>& call,
               const std::vector<std::vector<double>>& rows, std::size_t outputs, double base) {
  const auto in = on_device<Real>(rows);
  const mesh::Points<Real> out("out", rows.size(), outputs);
  const double time = seconds([&] { call(in, out); }) / double(rows.size());
  std::printf("%-44s %s %10.1f ns %10.1f times Kessler's\n", name,
              sizeof(Real) == 4 ? "single" : "double", 1e9 * time, base > 0 ? time / base : 1.0);
  return time;
}

template <class Real>
double kessler(const std::vector<Air>& air) {
  std::vector<std::vector<double>> rows;
  for (const Air& a : air) rows.push_back({a.theta, a.qv, a.cloud, a.rain, a.exner, a.rho, 5});
  solvers::Kessler<Real> scheme({}, {}, columns_of<Real>(10, 10), {1, 10, 10});
  return measure<Real>("Kessler, point", scheme.process().physics, rows, 3, 0);
}

/// Cloud around 12 um, rain around 0.5 mm.
std::vector<double> spectrum(const solvers::BinParams& params, const Air& a) {
  const auto sizes = solvers::weather::bin_sizes(params);
  std::vector<double> q(params.bins);
  double cloud = 0, rain = 0;
  const auto shape = [&](int b, double radius) {
    const double x = std::log(sizes.radius[b] / radius) / 0.35;
    return std::exp(-x * x / 2);
  };
  for (int b = 0; b < params.bins; ++b) {
    cloud += shape(b, 12e-6);
    rain += shape(b, 5e-4);
  }
  for (int b = 0; b < params.bins; ++b)
    q[b] = a.cloud * shape(b, 12e-6) / cloud + a.rain * shape(b, 5e-4) / rain;
  return q;
}

template <class Real>
void bins(const std::vector<Air>& air, int per_doubling, double base) {
  solvers::BinParams params;
  params.bins_per_doubling = per_doubling;
  params.bins = 33 * per_doubling;
  std::vector<std::vector<double>> condensing, colliding;
  for (const Air& a : air) {
    condensing.push_back({a.theta, a.qv, a.exner, a.rho, 5});
    colliding.push_back({a.rho, 5});
    for (const double q : spectrum(params, a)) {
      condensing.back().push_back(q);
      colliding.back().push_back(std::log1p(q / solvers::drop_floor));
    }
  }
  solvers::BinScheme<Real> scheme(params, {}, columns_of<Real>(10, 10), {1, 10, 10});
  const auto processes = scheme.processes();
  const std::string bins = ", point, " + std::to_string(params.bins) + " bins";
  measure<Real>(("bin condensation" + bins).c_str(), processes[0].physics, condensing, params.bins,
                base);
  measure<Real>(("bin coalescence" + bins).c_str(), processes[1].physics, colliding, params.bins,
                base);
}

template <class Real>
void waves(int columns, double base) {
  constexpr int levels = 72;
  solvers::WaveColumn column{{}, 250, 6000};
  std::vector<double> row{3e-3};
  for (int l = 0; l < levels; ++l) {
    column.height_m.push_back(17125 + 250 * l);
    row.push_back(25 * std::sin(0.09 * l));
  }
  for (int l = 0; l < levels; ++l) row.push_back(0.0216);
  for (int l = 0; l < levels; ++l) row.push_back(0.1 * std::exp(-250.0 * l / 6000));
  measure<Real>("gravity waves, column of 72 levels, 100 waves",
                solvers::gravity_wave_drag<Real>({}, column),
                std::vector<std::vector<double>>(columns, row), levels, base);
}

/// On fields of a slice, fall included.
template <class Real>
void kessler_fields(const std::vector<Air>& air) {
  constexpr int levels = 40;
  const int width = int(air.size()) / levels;
  const auto columns = columns_of<Real>(levels, width);
  solvers::Kessler<Real> scheme({}, {}, columns, {1, levels, width});
  solvers::MoistFields<Real> f;
  for (auto* a : {&f.theta, &f.qv, &f.qc, &f.qr, &f.exner, &f.rho})
    *a = mesh::Array3<Real>("field", 1, levels, width);
  f.rain = mesh::Array3<Real>("rain", 1, 1, width);
  const auto fill = [&] {
    for (int n = 0; n < levels * width; ++n) {
      const Air& a = air[n];
      f.theta.data()[n] = Real(a.theta), f.qv.data()[n] = Real(a.qv);
      f.qc.data()[n] = Real(a.cloud), f.qr.data()[n] = Real(a.rain);
      f.exner.data()[n] = Real(a.exner), f.rho.data()[n] = Real(a.rho);
    }
  };
  fill();
  const double time = seconds([&] { scheme.step(f, 5); }) / (levels * width);
  std::printf("%-44s %s %10.1f ns\n", "Kessler on fields, fall included",
              sizeof(Real) == 4 ? "single" : "double", 1e9 * time);
}

template <class Real>
void all(int points) {
  const auto air = cloudy_air(points);
  const double base = kessler<Real>(air);
  kessler_fields<Real>(air);
  const std::vector<Air> few(air.begin(), air.begin() + std::max(1, points / 20));
  for (const int per_doubling : {1, 2}) bins<Real>(few, per_doubling, base);
  waves<Real>(std::max(1, points / 100), base);
}

}  // namespace

int main(int argc, char** argv) {
  const core::Runtime runtime(argc, argv, {});
  const int points = argc > 1 ? std::atoi(argv[1]) : 100000;
  all<double>(points);
  all<float>(points);
}
