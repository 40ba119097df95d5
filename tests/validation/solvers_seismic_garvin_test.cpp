// The free surface against Garvin's problem: a buried line explosion in a half space, velocities on the
// surface, where the Rayleigh wave runs. Reference: Garvin (1956), "Exact transient solution of the buried
// line source problem", Proc. R. Soc. A 234; evaluated in tests/solvers_seismic_elastic.hpp.
#include "solvers_seismic_elastic.hpp"

namespace understudy::tests {
namespace {

struct Errors {
  double along, up;
};

Errors errors_at(const ElasticCase& c, const std::vector<Traces>& traces, int receiver) {
  std::vector<double> along, up;
  const double x = c.receivers[receiver][0] - c.at[0];
  for (int n = 0; n <= c.steps(); ++n) {
    const auto v = garvin(c, HalfSpace{}, x, c.at[2], n * c.step());
    along.push_back(v[0]);
    up.push_back(v[1]);
  }
  return {rel_l2(trace_of(traces, 0, receiver), along), rel_l2(trace_of(traces, 1, receiver), up)};
}

ElasticCase garvin_case(int order, int refine) {
  ElasticCase c;
  c.box = {{0, -400}, {1000, 0}, {100 * refine, 40 * refine}, {}};
  c.free_surface = true;
  c.order = order;
  c.at = {203, 0, 60};
  c.receivers = {{203 + 200, 0, 0}, {203 + 300, 0, 0}, {203 + 600, 0, 0}};
  c.end_s = 0.65;
  return c;
}

TEST(ElasticFreeSurface, Explore) {
  for (const int order : {4, 8})
    for (const int refine : {1, 2, 4}) {
      const ElasticCase c = garvin_case(order, refine);
      const auto traces = traces_of<double>(c);
      for (int r = 0; r < 3; ++r) {
        const Errors e = errors_at(c, traces, r);
        std::printf("order %d refine %d receiver %d: along %.5f up %.5f\n", order, refine, r,
                    e.along, e.up);
      }
    }
}

}  // namespace
}  // namespace understudy::tests
