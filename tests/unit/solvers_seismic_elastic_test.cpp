#include "solvers_seismic_elastic.hpp"

namespace understudy::tests {
namespace {

TEST(Elastic, EnergyExplore) {
  for (const int order : {4, 8})
    for (const bool surface : {false, true}) {
      ElasticCase c;
      c.order = order;
      c.closed = true;
      c.free_surface = surface;
      c.at = {500, 0, 100};
      c.receivers = {{400, 0, 0}};
      c.end_s = 0.3;
      ElasticRun<double> run(c);
      run.solver.advance(run.state, c.steps() * c.step());
      double first = 0;
      for (int n = 0; n < 5; ++n) {
        const auto d = run.solver.diagnostics(run.state);
        if (n == 0) first = d[2].value;
        std::printf("order %d surface %d: %g %g %g %g\n", order, surface, d[0].value, d[1].value,
                    d[2].value, d[2].value / first - 1);
        run.solver.advance(run.state, 250 * c.step());
      }
    }
}

}  // namespace
}  // namespace understudy::tests
