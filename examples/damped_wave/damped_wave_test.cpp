// The exact solution leaves no residual in any term, whatever the damping: equation, conditions and reference
// belong together.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/runtime.hpp"
#include "examples/damped_wave/damped_wave.hpp"
#include "pinn/torch_problem.hpp"
#include "support/torch_pinn_problem_probe.hpp"

namespace example {
namespace {

using namespace understudy::pinn;

// Evenly spaced in the region: [point, input].
at::Tensor points_of(const Region& region) {
  const auto x = at::linspace(region.lower[0], region.upper[0], 7, at::kDouble);
  const auto t = at::linspace(region.lower[1], region.upper[1], 7, at::kDouble);
  const auto grid = at::meshgrid({x, t}, "ij");
  return at::stack({grid[0].flatten(), grid[1].flatten()}, 1);
}

TEST(DampedWave, TheExactSolutionLeavesNoResidual) {
  for (const double damping : {0.0, 1.0, 6.0}) {
    const auto problem = probe::made(damped_wave(), {{"damping", damping}});
    check_problem(*problem);
    for (const Term& term : problem->terms) {
      const auto derivatives = derivatives_of(*problem, term);
      const auto spec = std::make_shared<const JetSpec>(2, derivatives);
      Fields::Source source;
      source.problem = problem.get();
      source.points = points_of(term.region);
      source.jets = {probe::reference_jet(*problem, spec, source.points, 1e-2)};
      const auto residuals = term.residuals(Fields(source));
      for (std::size_t n = 0; n < residuals.size(); ++n)
        EXPECT_LT(residuals[n].abs().max().item<double>(), 1e-8)
            << term.name << "." << term.equations[n].name << ", damping " << damping;
    }
  }
}

}  // namespace
}  // namespace example

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const understudy::core::Runtime runtime(argc, argv, {});
  return RUN_ALL_TESTS();
}
