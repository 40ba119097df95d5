// Order of convergence in space of the elastic solver: plane P and S waves across the grid at an angle,
// in the middle of a box, before its sides are felt. Exact in space and leapfrog in time: a wave of
// wave number k has the frequency 2 / dt asin(c k dt / 2), so that only the error in space shows.
#include "mesh/box_grid.hpp"
#include "mesh/loops.hpp"
#include "support/solvers_seismic_elastic.hpp"

namespace understudy::tests {
namespace {

struct PlaneWave {
  std::array<double, 2> along, motion;  // unit vectors
  double speed, k, omega, lambda, mu, dt;

  double phase(double x, double y, double t) const {
    return k * (along[0] * x + along[1] * y) - omega * t;
  }
  double velocity(int a, double x, double y, double t) const {
    return motion[a] * std::cos(phase(x, y, t));
  }
  // Half a step after t.
  double stress(int a, int b, double x, double y, double t) const {
    const double strain = motion[a] * along[b] + motion[b] * along[a];
    const double dilation = motion[0] * along[0] + motion[1] * along[1];
    return -((a == b ? lambda * dilation : 0) + mu * strain) / speed *
           std::cos(phase(x, y, t + 0.5 * dt));
  }
};

template <class F>
void set(mesh::State<double>& state, const std::string& name, double dx, double dy,
         const F& value) {
  const mesh::BoxGrid& g = mesh::as_box(state.grid(), "this test");
  auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state[name].data);
  for (int j = 0; j < g.extent(1); ++j)
    for (int i = 0; i < g.extent(0); ++i) {
      const double x = g.lower(0) + (i - g.ghosts(0) + dx) * g.spacing(0);
      const double y = g.lower(1) + (j - g.ghosts(1) + dy) * g.spacing(1);
      value(host(0, 0, j, i), x, y);
    }
  Kokkos::deep_copy(state[name].data, host);
}

// Largest error of the velocities within 150 m of the box's middle, after 50 m of travel.
double error_of(int order, long long cells, bool shear) {
  ElasticCase c;
  c.box = {{0, -1000}, {1000, 0}, {cells, cells}, {}};
  c.closed = true;
  c.order = order;
  c.dt_s = 0.02 / 3000;
  ElasticRun<double> run(c);
  PlaneWave w;
  const double angle = 0.4;
  w.along = {std::cos(angle), std::sin(angle)};
  w.motion = shear ? std::array{-w.along[1], w.along[0]} : w.along;
  w.mu = 2000 * 3000.0 * 3000.0 / 3;
  w.lambda = 2000 * 3000.0 * 3000.0 - 2 * w.mu;
  w.speed = shear ? 3000 / std::numbers::sqrt3 : 3000;
  w.k = 2 * std::numbers::pi / 200;
  w.dt = c.dt_s;
  w.omega = 2 / w.dt * std::asin(w.speed * w.k * w.dt / 2);

  mesh::State<double>& state = run.state;
  const double dx[2] = {0, 0.5}, dy[2] = {0.5, 0};
  for (int a = 0; a < 2; ++a) {
    set(state, velocity_name(a), dx[a], dy[a],
        [&](double& v, double x, double y) { v = w.velocity(a, x, y, 0); });
    set(state, a == 0 ? "stress_xx" : "stress_yy", 0.5, 0.5,
        [&](double& s, double x, double y) { s = w.stress(a, a, x, y, 0); });
  }
  set(state, "stress_xy", 0, 0,
      [&](double& s, double x, double y) { s = w.stress(0, 1, x, y, 0); });
  const int steps = static_cast<int>(std::lround(50 / w.speed / w.dt));
  run.solver.advance(state, steps * w.dt);
  double worst = 0;
  for (int a = 0; a < 2; ++a)
    set(state, velocity_name(a), dx[a], dy[a], [&](double& v, double x, double y) {
      if (std::hypot(x - 500, y + 500) < 150)
        worst = std::max(worst, std::abs(v - w.velocity(a, x, y, steps * w.dt)));
    });
  return worst;
}

void table(int order, const std::vector<long long>& cells) {
  for (const bool shear : {false, true}) {
    std::printf("%s wave, order %d\n%8s %12s %7s\n", shear ? "S" : "P", order, "cells", "error",
                "order");
    double last = 0;
    long long coarse = 0;
    for (const long long n : cells) {
      const double error = error_of(order, n, shear);
      const double rate = last > 0 ? std::log(last / error) / std::log(double(n) / coarse) : 0;
      std::printf("%8lld %12.4e %7.2f\n", n, error, rate);
      if (last > 0) {
        EXPECT_GT(rate, order - 0.3);
      }
      last = error;
      coarse = n;
    }
  }
}

TEST(ElasticConvergence, OrderFour) { table(4, {24, 48, 96}); }
TEST(ElasticConvergence, OrderEight) { table(8, {32, 48, 72}); }

// A Scholte wave, which runs along the contact of water (above) and rock and decays away from both sides:
// its tangential velocity jumps. With x along the contact, y up and everything ~ exp(i (k x - omega t)):
//   water  v = grad(A exp(-q y)),  rock  v = grad(B exp(p y)) + curl(C exp(s y)),
//   q, p, s = k sqrt(1 - c^2 / speed^2),
// continuous normal velocity and traction, no shear traction (Scholte 1947).
struct ScholteWave {
  using Complex = std::complex<double>;
  double water = 1500, density_water = 1000, p_speed = 3000, s_speed = 1700, density = 2200;
  double k = 2 * std::numbers::pi / 200, contact = -500;
  double c = 0, q = 0, p = 0, s = 0, mu = 0, lambda = 0;
  Complex a, b, curl;

  ScholteWave() {
    mu = density * s_speed * s_speed;
    lambda = density * p_speed * p_speed - 2 * mu;
    double low = 0.5 * water, high = water * (1 - 1e-12);
    const bool rising = mismatch(high) > 0;
    for (int n = 0; n < 200; ++n) {
      const double middle = 0.5 * (low + high);
      ((mismatch(middle) > 0) == rising ? high : low) = middle;
    }
    mismatch(0.5 * (low + high));
  }
  double omega() const { return c * k; }
  // Of the normal tractions at the contact, for B = 1; sets everything else.
  double mismatch(double speed) {
    c = speed;
    const auto decay = [&](double v) { return k * std::sqrt(1 - c * c / (v * v)); };
    q = decay(water), p = decay(p_speed), s = decay(s_speed);
    const Complex i(0, 1);
    b = 1;
    curl = -2.0 * i * k * p / (k * k + s * s);
    a = (p * b - i * k * curl) / -q;
    const double w2 = omega() * omega();
    const Complex rock =
        -lambda * w2 / (p_speed * p_speed) * b + 2 * mu * (p * p * b - i * k * s * curl);
    return (rock + density_water * w2 * a).real();
  }
  double real(const Complex& value, double x, double time, double omega_) const {
    return (value * std::exp(Complex(0, k * x - omega_ * time))).real();
  }
  // At height y: velocity along axis `axis`, and stresses for time dependence exp(-i omega t).
  double velocity(int axis, double x, double y, double time, double omega_) const {
    const double z = y - contact;
    const Complex i(0, 1);
    Complex v;
    if (z > 0 || (axis == 1 && z == 0))
      v = (axis == 0 ? i * k : Complex(-q)) * a * std::exp(-q * z);
    else if (axis == 0)
      v = i * k * b * std::exp(p * z) + s * curl * std::exp(s * z);
    else
      v = p * b * std::exp(p * z) - i * k * curl * std::exp(s * z);
    return real(v, x, time, omega_);
  }
  double stress(int m, int n, double x, double y, double time, double omega_) const {
    const double z = y - contact;
    const Complex i(0, 1);
    Complex rate;
    if (z > 0) {
      if (m != n) return 0;
      rate = -density_water * omega() * omega() * a * std::exp(-q * z);
    } else {
      const Complex exx = -k * k * b * std::exp(p * z) + i * k * s * curl * std::exp(s * z);
      const Complex eyy = p * p * b * std::exp(p * z) - i * k * s * curl * std::exp(s * z);
      const Complex exy =
          i * k * 2.0 * p * b * std::exp(p * z) + (s * s + k * k) * curl * std::exp(s * z);
      rate = m != n ? mu * exy : lambda * (exx + eyy) + 2 * mu * (m == 0 ? exx : eyy);
    }
    return real(i / omega() * rate, x, time, omega_);
  }
};

// Largest error of the velocities within 150 m of the box's middle, over the wave's largest.
double scholte_error(int order, long long cells) {
  const ScholteWave w;
  ElasticCase c;
  c.box = {{0, -1000}, {1000, 0}, {cells, cells}, {}};
  c.closed = true;
  c.order = order;
  c.dt_s = 2e-4;
  c.model.kind = "layered";
  c.model.layers = {{0, w.water, 0, w.density_water}, {500, w.p_speed, w.s_speed, w.density}};
  ElasticRun<double> run(c);
  const double omega = 2 / c.dt_s * std::asin(w.omega() * c.dt_s / 2), half = 0.5 * c.dt_s;
  mesh::State<double>& state = run.state;
  const double dx[2] = {0, 0.5}, dy[2] = {0.5, 0};
  for (int a = 0; a < 2; ++a) {
    set(state, velocity_name(a), dx[a], dy[a],
        [&](double& v, double x, double y) { v = w.velocity(a, x, y, 0, omega); });
    set(state, a == 0 ? "stress_xx" : "stress_yy", 0.5, 0.5,
        [&](double& s, double x, double y) { s = w.stress(a, a, x, y, half, omega); });
  }
  set(state, "stress_xy", 0, 0, [&](double& s, double x, double y) {
    s = std::abs(y + 500) < 1e-6 ? 0 : w.stress(0, 1, x, y, half, omega);
  });
  const int steps = static_cast<int>(std::lround(0.1 / c.dt_s));
  run.solver.advance(state, steps * c.dt_s);
  double worst = 0, largest = 0;
  for (int a = 0; a < 2; ++a)
    set(state, velocity_name(a), dx[a], dy[a], [&](double& v, double x, double y) {
      if (std::hypot(x - 500, y + 500) > 150) return;
      // A face on the contact has rounding, not a side.
      if (std::abs(y + 500) < 1e-6) y = -500;
      const double exact = w.velocity(a, x, y, steps * c.dt_s, omega);
      worst = std::max(worst, std::abs(v - exact));
      largest = std::max(largest, std::abs(exact));
    });
  return worst / largest;
}

// As any material contact, to second order at best; differences across the contact did not converge.
TEST(ElasticConvergence, AWaveAlongTheContactOfWaterAndRock) {
  for (const int order : {4, 8}) {
    std::printf("Scholte wave, order %d\n%8s %12s %7s\n", order, "cells", "error", "order");
    double last = 0;
    long long coarse = 0;
    for (const long long n : {40, 80, 160}) {
      const double error = scholte_error(order, n);
      const double rate = last > 0 ? std::log(last / error) / std::log(double(n) / coarse) : 0;
      std::printf("%8lld %12.4e %7.2f\n", n, error, rate);
      if (last > 0) {
        EXPECT_GT(rate, 0.9);
      }
      last = error;
      coarse = n;
    }
    EXPECT_LT(last, 0.02);
  }
}

}  // namespace
}  // namespace understudy::tests
