// Layers of elastic waves for 100,000 steps beside media that guide waves.
#include "support/solvers_seismic_layers.hpp"

namespace understudy::tests {
namespace {

TEST(ElasticLayerStability, AHundredThousandSteps) {
  for (const auto& earth : guiding_earths())
    for (const int order : {4, 8})
      for (const int width : {10, 20, 30, 40, 60})
        for (const double reflection : {1e-2, 1e-4, 1e-8}) {
          const double left = energy_left({earth, order, width, reflection}, 100000);
          std::printf("%s, order %d, width %d, reflection %g: %.2e left\n", earth.name.c_str(),
                      order, width, reflection, left);
          EXPECT_LT(left, 1e-6);
        }
}

}  // namespace
}  // namespace understudy::tests
