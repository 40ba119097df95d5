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

}  // namespace
}  // namespace understudy::tests
