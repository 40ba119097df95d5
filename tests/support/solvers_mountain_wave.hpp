// Steady, linear waves over a hill in a uniform wind U, of the fully compressible equations: each horizontal wave
// number k of what the hill makes obeys, with omega = U k,
//
//   dP/dz = -tau P + i (N^2/omega - omega) W        p' = sqrt(rho) P exp(ikx),  w = W / sqrt(rho) exp(ikx)
//   dW/dz =  tau W - i (omega/c^2 - k^2/omega) P    tau = (g/c^2 - N^2/g) / 2,   u' = -p' / (rho U)
//
// derived here from the equations of motion (the textbook's, Smith 1979; Durran & Klemp 1983, with sound). It is
// integrated from the top, where only what goes up or dies away is let in, down to the ground, where w = U dh/dx.
// The hill repeats itself beyond `period_m`.
#pragma once

#include <cmath>
#include <complex>
#include <functional>
#include <numbers>
#include <vector>

#include "solvers/weather/moist_box/moist_box_params.hpp"

namespace moist_test {

/// The air at rest at a height: profiles `isothermal` and `stable` of the moist box.
struct AirOfWave {
  double rho, c2, n2;
};
inline AirOfWave air_of_wave(const understudy::solvers::MoistBoxParams& params, double z) {
  const double g = params.air.gravity_m_s2, rd = params.air.gas_constant_j_kg_k;
  const double cp = params.air.heat_capacity_j_kg_k, p0 = params.base.surface_pressure_pa;
  double t = params.base.temperature_k, p = p0 * std::exp(-g * z / (rd * t)), n2 = g * g / (cp * t);
  if (params.base.profile == "stable") {
    n2 = std::pow(params.base.stability_1_s, 2);
    const double fall = std::exp(-n2 * z / g);
    const double exner = 1 + g * g / (cp * n2 * params.base.theta_k) * (fall - 1);
    t = params.base.theta_k / fall * exner;
    p = p0 * std::pow(exner, cp / rd);
  }
  return {p / (rd * t), params.air.gamma() * rd * t, n2};
}

class LinearMountainWave {
 public:
  using Complex = std::complex<double>;
  struct Setup {
    double wind_m_s, period_m, top_m, step_m;
    double shortest_m;  ///< wave lengths below are left out
  };

  LinearMountainWave(const understudy::solvers::MoistBoxParams& params,
                     const std::function<double(double)>& hill_m, const Setup& setup)
      : params_(params), setup_(setup) {
    const int waves = int(setup.period_m / setup.shortest_m);
    for (int n = 1; n <= waves; ++n) {
      const double k = 2 * std::numbers::pi * n / setup.period_m;
      Complex height = 0;
      const int points = 4 * waves;
      for (int m = 0; m < points; ++m) {
        const double x = setup.period_m * (double(m) / points - 0.5);
        height += hill_m(x) * std::exp(Complex(0, -k * x)) / double(points);
      }
      add_wave(k, height);
    }
  }

  /// u', w at x (from the hill's middle) and z.
  std::array<double, 2> operator()(double x, double z) const {
    const double place = z / setup_.step_m;
    const auto n = std::min(std::size_t(place), levels_ - 2);
    const double part = place - double(n), rho = air_of_wave(params_, z).rho;
    Complex p = 0, w = 0;
    for (std::size_t m = 0; m < k_.size(); ++m) {
      const Complex turn = std::exp(Complex(0, k_[m] * x));
      const Complex* column = &values_[2 * (m * levels_ + n)];
      p += turn * (column[0] * (1 - part) + column[2] * part);
      w += turn * (column[1] * (1 - part) + column[3] * part);
    }
    return {-2 * p.real() * std::sqrt(rho) / (rho * setup_.wind_m_s),
            2 * w.real() / std::sqrt(rho)};
  }
  /// Integral of rho u' w over x, N/m: the same at all heights.
  double momentum_flux() const {
    double sum = 0;
    for (std::size_t m = 0; m < k_.size(); ++m) {
      const Complex* ground = &values_[2 * m * levels_];
      sum -= 2 * setup_.period_m / setup_.wind_m_s * (ground[0] * std::conj(ground[1])).real();
    }
    return sum;
  }

 private:
  struct Rates {
    double tau, alpha, beta;
  };
  Rates rates(double k, double z) const {
    const AirOfWave air = air_of_wave(params_, z);
    const double omega = setup_.wind_m_s * k, g = params_.air.gravity_m_s2;
    return {(g / air.c2 - air.n2 / g) / 2, air.n2 / omega - omega, omega / air.c2 - k * k / omega};
  }
  std::array<Complex, 2> slope(double k, double z, const std::array<Complex, 2>& v) const {
    const Rates r = rates(k, z);
    const Complex i(0, 1);
    return {-r.tau * v[0] + i * r.alpha * v[1], r.tau * v[1] - i * r.beta * v[0]};
  }
  void add_wave(double k, Complex height) {
    levels_ = std::size_t(setup_.top_m / setup_.step_m) + 1;
    const double top = double(levels_ - 1) * setup_.step_m;
    const Rates r = rates(k, top);
    const Complex i(0, 1);
    const double square = r.tau * r.tau + r.alpha * r.beta;
    const Complex s =
        square < 0 ? i * std::copysign(std::sqrt(-square), r.alpha) : Complex(-std::sqrt(square));
    std::array<Complex, 2> v{i * r.alpha / (s + r.tau), 1};
    std::vector<Complex> column(2 * levels_);
    const double h = -setup_.step_m;
    for (std::size_t n = levels_; n-- > 0;) {
      column[2 * n] = v[0];
      column[2 * n + 1] = v[1];
      if (n == 0) break;
      // Tall columns of short waves grow beyond bounds downwards: kept near 1, and what is above with it.
      const double size = std::abs(v[1]);
      if (size > 1e100) {
        for (auto& value : column) value /= size;
        for (auto& value : v) value /= size;
      }
      const double z = double(n) * setup_.step_m;
      const auto moved = [&](const std::array<Complex, 2>& d, double part) {
        return std::array<Complex, 2>{v[0] + part * h * d[0], v[1] + part * h * d[1]};
      };
      const auto a = slope(k, z, v), b = slope(k, z + h / 2, moved(a, 0.5)),
                 c = slope(k, z + h / 2, moved(b, 0.5)), d = slope(k, z + h, moved(c, 1));
      for (int m = 0; m < 2; ++m) v[m] += h / 6 * (a[m] + 2.0 * b[m] + 2.0 * c[m] + d[m]);
    }
    const double rho = air_of_wave(params_, 0).rho;
    const Complex scale = i * setup_.wind_m_s * k * height * std::sqrt(rho) / column[1];
    for (const Complex& value : column) values_.push_back(value * scale);
    k_.push_back(k);
  }

  understudy::solvers::MoistBoxParams params_;
  Setup setup_;
  std::size_t levels_ = 0;
  std::vector<double> k_;
  std::vector<Complex> values_;  ///< [wave, level, 2]: P, W
};

}  // namespace moist_test
