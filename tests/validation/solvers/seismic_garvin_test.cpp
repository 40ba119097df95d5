// The free surface against Garvin's problem: a buried line explosion in a half space, velocities on the
// surface, where the Rayleigh wave runs. Reference: Garvin (1956), "Exact transient solution of the buried
// line source problem", Proc. R. Soc. A 234; evaluated in tests/support/solvers_seismic_elastic.hpp. Required is
// 2%. The source lies 60 m deep, the receivers 200 to 600 m away; the Rayleigh wave's length at the
// wavelet's peak (10 Hz) is 159 m, at its end (25 Hz) 64 m.
#include "support/solvers_seismic_elastic.hpp"

namespace understudy::tests {
namespace {

ElasticCase garvin_case(int order, double spacing_m) {
  ElasticCase c;
  c.box = {{0, -400}, {1000, 0}, {std::lround(1000 / spacing_m), std::lround(400 / spacing_m)}, {}};
  c.free_surface = true;
  c.order = order;
  c.at = {203, 0, 60};  // no grid point
  c.receivers = {{403, 0, 0}, {503, 0, 0}, {803, 0, 0}};
  c.end_s = 0.65;
  return c;
}

// Largest relative L2 error of any receiver's two components.
template <class Real>
double worst_error(const ElasticCase& c) {
  const auto traces = traces_of<Real>(c);
  double worst = 0;
  for (std::size_t r = 0; r < c.receivers.size(); ++r) {
    std::vector<double> along, up;
    for (int n = 0; n <= c.steps(); ++n) {
      const auto v = garvin(c, HalfSpace{}, c.receivers[r][0] - c.at[0], c.at[2], n * c.step());
      along.push_back(v[0]);
      up.push_back(v[1]);
    }
    const double ex = rel_l2(trace_of(traces, 0, static_cast<int>(r)), along);
    const double ey = rel_l2(trace_of(traces, 1, static_cast<int>(r)), up);
    std::printf("order %d, %g m, receiver %zu: %.5f along, %.5f up\n", c.order,
                1000.0 / double(c.box.cells[0]), r, ex, ey);
    worst = std::max({worst, ex, ey});
  }
  return worst;
}

TEST(ElasticFreeSurface, GarvinsProblem) {
  EXPECT_LT(worst_error<double>(garvin_case(4, 5)), 0.01);
  EXPECT_LT(worst_error<double>(garvin_case(8, 5)), 0.01);
}

TEST(ElasticFreeSurface, GarvinsProblemInSinglePrecision) {
  EXPECT_LT(worst_error<float>(garvin_case(8, 5)), 0.01);
}

// Six cells for the shortest wave that the wavelet has.
TEST(ElasticFreeSurface, GarvinsProblemOnACoarseGrid) {
  EXPECT_LT(worst_error<double>(garvin_case(8, 10)), 0.03);
}

}  // namespace
}  // namespace understudy::tests
