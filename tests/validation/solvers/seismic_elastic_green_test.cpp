// Homogeneous full space: a line force in 2-D (Eason, Fulton and Sneddon 1956), a point force in 3-D
// (Stokes 1849; Aki and Richards 2002, eq. 4.23), and an explosion in a fluid in 2-D. Sources and receivers
// lie between grid points; the wavelet's shortest S wave (25 Hz, 1732 m/s) has 69 m, the grid 10 m in 2-D.
#include "support/solvers_seismic_elastic.hpp"

namespace understudy::tests {
namespace {

TEST(ElasticFullSpace, LineForceInThePlane) {
  for (const int order : {4, 8})
    for (const int force : {0, 1}) {
      ElasticCase c;
      c.box = {{0, -1000}, {1000, 0}, {100, 100}, {}};
      c.order = order;
      c.dt_s = 5e-4;  // so that the order in time (2) does not show
      c.source.kind = "force";
      c.source.direction = {force == 0 ? 1.0 : 0.0, force == 1 ? 1.0 : 0.0};
      c.at = {333, 0, 487};
      c.receivers = {{612, 0, 481}, {540, 0, 291}, {333, 0, 700}};
      const auto traces = traces_of<double>(c);
      for (int r = 0; r < 3; ++r) {
        std::vector<double> found, exact;
        for (int a = 0; a < 2; ++a) {
          const auto one = trace_of(traces, a, r);
          found.insert(found.end(), one.begin(), one.end());
          for (int n = 0; n <= c.steps(); ++n)
            exact.push_back(full_plane(c, HalfSpace{}, c.receivers[r][0] - c.at[0],
                                       c.at[2] - c.receivers[r][2], force, n * c.step())[a]);
        }
        const double error = rel_l2(found, exact);
        std::printf("2-D, order %d, force %c, receiver %d: %.5f\n", order, "xy"[force], r, error);
        EXPECT_LT(error, 0.01);
      }
    }
}

// Displacement of a point force f along axis b: 4 pi rho u_a = (3 n_a n_b - d) / r^3 * integral of
// tau f(t - tau) over r/p < tau < r/s + n_a n_b f(t - r/p) / (p^2 r) + (d - n_a n_b) f(t - r/s) / (s^2 r).
double stokes_velocity(const ElasticCase& c, const std::array<double, 3>& to, int a, int b,
                       double t) {
  const HalfSpace m;
  const double r = std::hypot(to[0], to[1], to[2]);
  const double nn = to[a] * to[b] / (r * r), d = a == b;
  const auto rate = [&](double time) { return ricker_derivative(c, time, 1); };
  double near = 0;
  const int intervals = 400;
  const double first = r / m.p, step = (r / m.s - first) / intervals;
  for (int k = 0; k < intervals; ++k) {
    const double tau = first + (k + 0.5) * step;
    near += tau * rate(t - tau) * step;
  }
  return ((3 * nn - d) / (r * r * r) * near + nn * rate(t - r / m.p) / (m.p * m.p * r) +
          (d - nn) * rate(t - r / m.s) / (m.s * m.s * r)) /
         (4 * std::numbers::pi * m.density);
}

TEST(ElasticFullSpace, PointForceInSpace) {
  ElasticCase c;
  c.box = {{0, 0, -500}, {500, 500, 0}, {42, 42, 42}, {}};
  c.layer_cells = 10;
  c.dt_s = 1e-3;
  c.end_s = 0.4;
  c.source.kind = "force";
  c.source.direction = {0, 0, 1};
  c.at = {203, 221, 257};
  c.receivers = {{391, 302, 190}, {203, 381, 301}};
  const auto traces = traces_of<double>(c);
  for (int r = 0; r < 2; ++r) {
    std::vector<double> found, exact;
    const Position& q = c.receivers[r];
    for (int a = 0; a < 3; ++a) {
      const auto one = trace_of(traces, a, r);
      found.insert(found.end(), one.begin(), one.end());
      for (int n = 0; n <= c.steps(); ++n)
        exact.push_back(stokes_velocity(c, {q[0] - c.at[0], q[1] - c.at[1], c.at[2] - q[2]}, a, 2,
                                        n * c.step()));
    }
    const double error = rel_l2(found, exact);
    std::printf("3-D, order 8, receiver %d: %.5f\n", r, error);
    EXPECT_LT(error, 0.01);
  }
}

// p_tt / c^2 - lap p = M'' / c^2, so p = M'' / c^2 * H(t - r/c) / (2 pi sqrt(t^2 - r^2/c^2)).
TEST(ElasticFullSpace, ExplosionInAFluid) {
  ElasticCase c;
  c.model.kind = "layered";
  c.model.layers = {{0, 1500, 0, 1000}};
  c.box = {{0, -1000}, {1000, 0}, {125, 125}, {}};
  c.dt_s = 1e-3;
  c.at = {333, 0, 487};
  c.receivers = {{612, 0, 481}, {540, 0, 291}};
  const auto traces = traces_of<double>(c);
  for (int r = 0; r < 2; ++r) {
    const double t0 = std::hypot(c.receivers[r][0] - 333, c.receivers[r][2] - 487) / 1500;
    std::vector<double> exact;
    for (int n = 0; n <= c.steps(); ++n)
      exact.push_back(convolved(
          n * c.step(), t0,
          [&](double t) { return ricker_derivative(c, t, 2) / (1500.0 * 1500.0); },
          [](double, double root) { return 1 / (2 * std::numbers::pi * root); }));
    const double error = rel_l2(trace_of(traces, 2, r), exact);
    std::printf("fluid, order 8, receiver %d: %.5f\n", r, error);
    EXPECT_LT(error, 0.01);
  }
}

}  // namespace
}  // namespace understudy::tests
