// Lid-driven cavity at 128^2: centre-line velocities within 1% of the lid speed at every listed
// point. Re 100, 400: Ghia, Ghia & Shin 1982, tables I and II (v at x = .9063, Re 400 is a misprint
// there and left out). Re 1000: Botella & Peyret 1998, tables 9 and 10 (spectral).
#include <cstdio>

#include "mesh/loops.hpp"
#include "solvers/flow/samplers.hpp"
#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

const std::vector<double> y_points{.9766, .9688, .9609, .9531, .8516, .7344, .6172, .5000,
                                   .4531, .2813, .1719, .1016, .0703, .0625, .0547};
const std::vector<double> x_points{.9688, .9609, .9531, .9453, .9063, .8594, .8047, .5000,
                                   .2344, .2266, .1563, .0938, .0781, .0703, .0625};

struct Reference {
  double reynolds, end_s;
  std::vector<double> u, v;  ///< at y_points, x_points; NaN: left out
};

const double none = std::nan("");
const Reference re_100{100,
                       20,
                       {.84123, .78871, .73722, .68717, .23151, .00332, -.13641, -.20581, -.21090,
                        -.15662, -.10150, -.06434, -.04775, -.04192, -.03717},
                       {-.05906, -.07391, -.08864, -.10313, -.16914, -.22445, -.24533, .05454,
                        .17527, .17507, .16077, .12317, .10890, .10091, .09233}};
const Reference re_400{400,
                       40,
                       {.75837, .68439, .61756, .55892, .29093, .16256, .02135, -.11477, -.17119,
                        -.32726, -.24299, -.14612, -.10338, -.09266, -.08186},
                       {-.12146, -.15663, -.19254, -.22847, none, -.44993, -.38598, .05186, .30174,
                        .30203, .28124, .22965, .20920, .19713, .18360}};
const Reference re_1000{
    1000,
    80,
    {.6644227, .5808359, .5169277, .4723329, .3372212, .1886747, .0570178, -.0620561, -.1081999,
     -.2803696, -.3885691, -.3004561, -.2228955, -.2023300, -.1812881},
    {-.2279225, -.2936869, -.3553213, -.4103754, -.5264392, -.4264545, -.3202137, .0257995,
     .3253592, .3339924, .3769189, .3330442, .3099097, .2962703, .2807056}};

void check(const Reference& reference) {
  FlowParams params;
  params.reynolds = reference.reynolds;
  params.cfl = 0.8;
  set_sides(params, {"wall", "wall", "wall", "wall"});
  params.boundaries.side[mesh::y_upper].velocity_m_s = {"1", "0"};
  Case<double> c(params, {{0, 0}, {1, 1}, {128, 128}, {}});

  // To the steady state: until the velocity changes by less than 1e-5 in a unit of time.
  mesh::State<double> before = c.state.clone();
  double change = 1;
  while (c.state.time_s < reference.end_s && change > 1e-5) {
    before.copy_from(c.state);
    c.solver.advance(c.state, 1);
    const auto now = c.state["u"].component(), old = before["u"].component();
    change = mesh::max_cells(
        "change", c.grid->interior(),
        KOKKOS_LAMBDA(int k, int j, int i) { return Kokkos::abs(now(k, j, i) - old(k, j, i)); });
  }
  std::vector<mesh::Point> vertical, horizontal;
  for (const double y : y_points) vertical.push_back({0.5, y, 0});
  for (const double x : x_points) horizontal.push_back({x, 0.5, 0});
  const auto u = solvers::PointSampler(c.grid, vertical).sample(c.state["u"]);
  const auto v = solvers::PointSampler(c.grid, horizontal).sample(c.state["v"]);
  double worst = 0;
  for (std::size_t n = 0; n < y_points.size(); ++n) {
    EXPECT_NEAR(u[n], reference.u[n], 0.01) << "u at y = " << y_points[n];
    worst = std::max(worst, std::abs(u[n] - reference.u[n]));
    if (std::isnan(reference.v[n])) continue;
    EXPECT_NEAR(v[n], reference.v[n], 0.01) << "v at x = " << x_points[n];
    worst = std::max(worst, std::abs(v[n] - reference.v[n]));
  }
  std::printf(
      "cavity Re %g, 128 x 128: largest deviation %.4f of the lid speed, t = %g, change %.1e\n",
      reference.reynolds, worst, c.state.time_s, change);
}

TEST(Cavity, Reynolds100) { check(re_100); }
TEST(Cavity, Reynolds400) { check(re_400); }
TEST(Cavity, Reynolds1000) { check(re_1000); }

}  // namespace
