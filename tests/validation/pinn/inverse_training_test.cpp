// Training finds unknown numbers from samples: the factors of Burgers' equation.
#include <gtest/gtest.h>

#include <cmath>

#include "pinn/problems/problems.hpp"
#include "pinn/solver.hpp"

namespace {

using namespace understudy;
using namespace understudy::pinn;

TEST(InverseTraining, FactorsOfBurgersEquationFromSamples) {
  const auto entry = burgers_inverse();
  ProblemChoice choice;
  for (const auto& constant : entry.constants) choice.constants[constant.name] = constant.value;
  choice.constants["viscosity"] = 0.03;
  choice.data_points = 400;
  TrainingTask task{entry.make(choice), {}, {}, core::Comm::world(), {}, {}, false, {}};
  auto& s = task.settings;
  s.network.depth = 3;
  s.network.width = 24;
  s.sampling.interior = 400;
  s.optimiser.kind = "soap";
  s.optimiser.steps = 1500;
  s.optimiser.learning_rate = 5e-3;
  s.optimiser.beta1 = 0.95;
  s.optimiser.beta2 = 0.95;
  s.optimiser.decay = 0.8;
  s.optimiser.decay_steps = 150;
  s.evaluate_every = 0;
  const auto result = train(task);
  const auto found = result.solution->parameters();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].info.name, "convection");
  EXPECT_NEAR(found[0].value, 1, 0.01);
  EXPECT_NEAR(found[1].value, 0.03, 0.03 * 0.03);
  EXPECT_LT(result.errors[0], 5e-3);
}

}  // namespace
