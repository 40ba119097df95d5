// Never-swap equals the simulation bitwise, and a surrogate on several ranks equals the one on one
// rank.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/format.hpp"
#include "support/surrogates_random_model.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/swap/swap.hpp"

namespace understudy {

using namespace surrogates;
using tests::Carrier;

namespace {

ModelCard card_of(bool periodic, bool constrain) {
  ModelCard card = tests::random_card(periodic, tests::carrier_grid_params());
  card.network.constrain = constrain;
  return card;
}

template <class Real>
mesh::State<Real> after_surrogate(bool periodic, bool constrain, const core::Comm& comm,
                                  const std::string& inference) {
  auto truth = std::make_shared<Carrier<Real>>(tests::carrier_grid(periodic, comm));
  auto run = tests::random_run(*truth, periodic, tests::carrier_grid_params());
  run.inference = inference;
  SurrogateStepper<Real> surrogate(truth, tests::random_model(card_of(periodic, constrain)), run);
  mesh::State<Real> state(truth->grid(), truth->fields());
  truth->initialise(state, 0.3);
  surrogate.warm_up(state);
  for (int n = 0; n < 3; ++n) surrogate.advance(state, tests::window_s);
  EXPECT_EQ(state.step, 3);
  return state;
}

}  // namespace

TEST(Swap, NeverIsBitwiseTheSimulation) {
  const auto comm = core::Comm::world();
  auto a = std::make_shared<Carrier<double>>(tests::carrier_grid(false, comm));
  auto b = std::make_shared<Carrier<double>>(tests::carrier_grid(false, comm));
  SwapParams params;
  params.policy = "never";
  Swap<double> swap(params, b, nullptr, tests::window_s);
  mesh::State<double> pure(a->grid(), a->fields()), swapped(b->grid(), b->fields());
  a->initialise(pure, 0.4);
  b->initialise(swapped, 0.4);
  for (int n = 0; n < 6; ++n) {
    a->advance(pure, tests::window_s);
    const auto report = swap.advance(swapped, tests::window_s);
    EXPECT_EQ(report.who, "simulation");
  }
  for (const char* field : {"q", "f", "q_rate", "f_rate"})
    EXPECT_EQ(tests::largest_difference(pure, swapped, field), 0) << field;
  EXPECT_EQ(b->constrained, 0);
  EXPECT_EQ(swapped.scalars, pure.scalars);
  EXPECT_EQ(swapped.step, pure.step);
}

// Gathered, the network sees the same numbers as on one rank; on blocks it adds them in another order.
template <class Real>
void compare_ranks(bool periodic, bool constrain, const std::string& inference) {
  const auto world = core::Comm::world();
  const double tolerance = inference == "gathered" ? 1e-13 : 1e-5;
  const auto many = after_surrogate<Real>(periodic, constrain, world, inference);
  const auto one = after_surrogate<Real>(periodic, constrain, core::Comm::self(), inference);
  const auto &grid = many.grid(), &whole = one.grid();
  double change = 0;
  for (const char* field : {"q", "f"}) {
    const auto a =
        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), many[field].component());
    const auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), one[field].component());
    // Ghosts of the whole box, too: they must be filled alike.
    const auto r = grid.everything();
    for (int j = 0; j < r.end[1]; ++j)
      for (int i = 0; i < r.end[0]; ++i) {
        int gi = i - grid.ghosts(0) + grid.offset(0), gj = j - grid.ghosts(1) + grid.offset(1);
        gj = (gj + 16) % 16;
        if (periodic) gi = (gi + 24) % 24;
        const double here = a(0, j, i), there = b(0, gj + whole.ghosts(1), gi + whole.ghosts(0));
        ASSERT_NEAR(here, there, tolerance) << field << " " << gi << " " << gj;
        change = std::max(change, std::abs(here));
      }
  }
  EXPECT_GT(change, 0.5);
}

TEST(Surrogate, IsTheSameOnAnyNumberOfRanks) {
  for (const std::string inference : {"gathered", "auto"})
    for (const bool periodic : {true, false})
      for (const bool constrain : {true, false}) {
        SCOPED_TRACE(core::format("{} periodic {} constrain {}", inference, periodic, constrain));
        compare_ranks<double>(periodic, constrain, inference);
        compare_ranks<float>(periodic, constrain, inference);
      }
}

TEST(Surrogate, ChangesTheStateByTheNetworksIncrement) {
  // Against torch on the same numbers, one rank, no constrain.
  const auto self = core::Comm::self();
  auto truth = std::make_shared<Carrier<double>>(tests::carrier_grid(true, self));
  const FieldModel model = tests::random_model(card_of(true, false));
  const auto run = tests::random_run(*truth, true, tests::carrier_grid_params());
  SurrogateStepper<double> surrogate(truth, model, run);
  mesh::State<double> state(truth->grid(), truth->fields());
  truth->initialise(state, 0.3);
  const auto before = state.clone();
  surrogate.advance(state, tests::window_s);
  at::Tensor input = at::zeros({1, 4, 16, 24});
  const auto& grid = *truth->grid();
  for (int j = 0; j < 16; ++j)
    for (int i = 0; i < 24; ++i) {
      const int k = j + grid.ghosts(1), l = i + grid.ghosts(0);
      input[0][0][j][i] = (before["q"].component()(0, k, l) - 0.9) / 0.7;
      input[0][1][j][i] = (before["f"].component()(0, k, l) - 0.4) / 0.7;
      input[0][2][j][i] = 1;
      input[0][3][j][i] = (1.25 - 1) / 0.2;
    }
  const at::Tensor out = model.network->impl().infer(input);
  for (int j = 0; j < 16; ++j)
    for (int i = 0; i < 24; ++i) {
      const int k = j + grid.ghosts(1), l = i + grid.ghosts(0);
      const double change = state["f"].component()(0, k, l) - before["f"].component()(0, k, l);
      ASSERT_NEAR(change, 0.05 * out[0][1][j][i].item<double>(), 1e-6);
    }
}

}  // namespace understudy
