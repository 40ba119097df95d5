// Layers of elastic waves beside media that guide waves: nothing grows, whatever width and reflection. The
// same for 100,000 steps: tests/validation/solvers/seismic_layer_stability_long_test.cpp.
#include "support/solvers_seismic_layers.hpp"

namespace understudy::tests {
namespace {

TEST(ElasticLayerStability, NothingGrowsBesideGuidingMedia) {
  int n = 0;
  for (const auto& earth : guiding_earths())
    for (const int width : {10, 30, 60})
      for (const double reflection : {1e-2, 1e-8}) {
        const int order = ++n % 2 == 0 ? 4 : 8;
        const double left = energy_left({earth, order, width, reflection}, 4000);
        std::printf("%s, order %d, width %d, reflection %g: %.2e left\n", earth.name.c_str(), order,
                    width, reflection, left);
        EXPECT_LT(left, 1e-3);
      }
}

}  // namespace
}  // namespace understudy::tests
