// The solver as LibTorch sees it: its gradient against differences, over one window and over several.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/error.hpp"
#include "support/surrogates_correction_case.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/torch_window_solver.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy {
namespace {

using at::Tensor;
using surrogates::WindowSolver;

std::vector<surrogates::FieldCard> channels() {
  std::vector<surrogates::FieldCard> cards(3);
  const char* names[3] = {"u", "v", "p"};
  const char* places[3] = {"face_x", "face_y", "cell"};
  for (int c = 0; c < 3; ++c) {
    cards[c].name = names[c];
    cards[c].location = places[c];
  }
  return cards;
}

// Two states of developed vortices, as channels.
Tensor states() {
  std::vector<Tensor> rows;
  for (const long long seed : {3, 4}) {
    const tests::Vortices<double> flow(16, 1e-3, seed);
    flow.solver->advance(*flow.state, 0.2);
    Tensor row = at::empty({3, 16, 16}, at::kDouble);
    int c = 0;
    for (const char* name : {"u", "v", "p"}) {
      const auto field = (*flow.state)[name].component();
      const auto r = flow.grid->interior();
      for (int j = 0; j < 16; ++j)
        for (int i = 0; i < 16; ++i)
          row[c][j][i] = field(r.begin[2], r.begin[1] + j, r.begin[0] + i);
      ++c;
    }
    rows.push_back(row);
  }
  return at::stack(rows);
}

TEST(WindowSolver, GradientIsThatOfTheDiscreteEquations) {
  WindowSolver solver(tests::coarse_vortices(16), channels(), 256);
  const int which = solver.solver_of(tests::vortices_sample(1e-3, 1, "train", 2));
  solver.require_differentiable(which);
  const std::vector<WindowSolver::Place> places{{which, 0.0}, {which, 0.0}};
  const Tensor start = states();
  at::Generator random = surrogates::generator(5);
  const Tensor weight = at::randn(start.sizes(), random, at::TensorOptions(at::kDouble)),
               direction = at::randn(start.sizes(), random, at::TensorOptions(at::kDouble)) * 0.1;
  // Velocities alone: a pressure is not carried from window to window.
  direction.select(1, 2).zero_();
  for (const int windows : {1, 3}) {
    const auto value = [&](const Tensor& from) {
      Tensor state = from;
      for (int n = 0; n < windows; ++n) {
        state = solver.advance(state, places, tests::vortices_window_s);
        state = solver.constrain(state + 0.01 * state.square(), places);
      }
      return (state * weight).sum();
    };
    const Tensor at_start = start.clone().requires_grad_(true);
    const Tensor j = value(at_start);
    j.backward();
    const double slope = (at_start.grad() * direction).sum().item<double>();
    // Central differences: the error falls by 4 when the step is halved.
    const auto miss = [&](double h) {
      return std::abs((value(start + h * direction) - value(start - h * direction)).item<double>() /
                          (2 * h) -
                      slope) /
             std::abs(slope);
    };
    const double coarse = miss(2e-3), fine = miss(1e-3);
    EXPECT_LT(fine, 1e-4) << windows;
    EXPECT_NEAR(coarse / fine, 4, 0.4) << windows << ": " << coarse << ", " << fine;
  }
}

TEST(WindowSolver, RowsDoNotKnowEachOther) {
  WindowSolver solver(tests::coarse_vortices(16), channels(), 256);
  const int one = solver.solver_of(tests::vortices_sample(1e-3, 1, "train", 2)),
            other = solver.solver_of(tests::vortices_sample(4e-3, 2, "train", 2));
  EXPECT_NE(one, other);
  EXPECT_EQ(one, solver.solver_of(tests::vortices_sample(1e-3, 7, "train", 2)));
  const Tensor start = states();
  const Tensor both = solver.advance(start, {{one, 0.0}, {other, 0.0}}, 0.1);
  EXPECT_TRUE(at::equal(both[0], solver.advance(start.narrow(0, 0, 1), {{one, 0.0}}, 0.1)[0]));
  EXPECT_TRUE(at::equal(both[1], solver.advance(start.narrow(0, 1, 1), {{other, 0.0}}, 0.1)[0]));
}

TEST(WindowSolver, AskedForLessMemoryThanOneStateSaysHowMuchItTakes) {
  WindowSolver solver(tests::coarse_vortices(16), channels(), 1e-3);
  const int which = solver.solver_of(tests::vortices_sample(1e-3, 1, "train", 2));
  const std::string text = tests::error_text([&] { solver.require_differentiable(which); });
  EXPECT_NE(text.find("training.solver_memory_mb"), std::string::npos) << text;
}

// On several ranks an exception would be one rank's; NaN reaches all of them through loss and gradient.
TEST(WindowSolver, AFailureIsARowThatIsNotFinite) {
  WindowSolver solver(tests::coarse_vortices(16), channels(), 256);
  const int which = solver.solver_of(tests::vortices_sample(1e-3, 1, "train", 2));
  solver.require_differentiable(which);
  Tensor start = states();
  start[1].fill_(std::numeric_limits<double>::quiet_NaN());
  const Tensor begin = start.clone().requires_grad_(true);
  const Tensor end = solver.advance(begin, {{which, 0.0}, {which, 0.0}}, 0.1);
  EXPECT_TRUE(at::isfinite(end[0]).all().item<bool>());
  EXPECT_FALSE(at::isfinite(end[1]).any().item<bool>());
  end.sum().backward();
  EXPECT_TRUE(at::isfinite(begin.grad()[0]).all().item<bool>());
  EXPECT_FALSE(at::isfinite(begin.grad()[1]).any().item<bool>());
  solver.forget();
  const Tensor good = states().narrow(0, 0, 1).requires_grad_(true);
  solver.advance(good, {{which, 0.0}}, 0.1).sum().backward();
  EXPECT_TRUE(at::equal(good.grad()[0], begin.grad()[0]));
}

}  // namespace
}  // namespace understudy
