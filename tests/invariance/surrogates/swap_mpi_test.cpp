// Never-swap equals the simulation bitwise, and a surrogate on several ranks equals the one on one
// rank.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/format.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/swap/swap.hpp"

namespace understudy {

using namespace surrogates;
using tests::Carrier;

namespace {

FieldModel random_model(bool periodic, bool constrain) {
  FieldModel model;
  ModelCard& card = model.card;
  card.name = "random";
  card.network.width = 8;
  card.network.levels = 2;
  card.network.constrain = constrain;
  card.fields = {{"q", "K", "cell", 0, 0.9, 0.7, 0.05, 0, 2},
                 {"f", "m/s", "face_x", 0, 0.4, 0.7, 0.05, 0, 2}};
  card.fixed = {{"mask", "1", "cell", 0, 0, 1, 1, 0, 1}};
  card.parameters = {{"carrier.speed", "m/s", 1, 0.2, 0.5, 1.5}};
  card.window_s = tests::window_s;
  card.grid = tests::carrier_grid_params();
  for (const SideKind kind : tests::carrier_boundaries(periodic))
    card.boundaries.push_back(to_string(kind));
  model.network = std::make_shared<Network>(card.network, card.shape(), 1);
  model.network->impl().flat.uniform_(-0.1, 0.1, generator(3));
  return model;
}

template <class Real>
mesh::State<Real> after_surrogate(bool periodic, bool constrain, const core::Comm& comm) {
  auto truth = std::make_shared<Carrier<Real>>(tests::carrier_grid(periodic, comm));
  RunDescription run;
  run.fields = truth->fields();
  run.grid = tests::carrier_grid_params();
  run.boundaries = tests::carrier_boundaries(periodic);
  run.window_s = tests::window_s;
  run.parameters = {{"carrier.speed", "m/s", 1.25}};
  SurrogateStepper<Real> surrogate(truth, random_model(periodic, constrain), run);
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

template <class Real>
void compare_ranks(bool periodic, bool constrain) {
  const auto world = core::Comm::world();
  const auto many = after_surrogate<Real>(periodic, constrain, world);
  const auto one = after_surrogate<Real>(periodic, constrain, core::Comm::self());
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
        ASSERT_NEAR(here, there, 1e-13) << field << " " << gi << " " << gj;
        change = std::max(change, std::abs(here));
      }
  }
  EXPECT_GT(change, 0.5);
}

TEST(Surrogate, IsTheSameOnAnyNumberOfRanks) {
  for (const bool periodic : {true, false})
    for (const bool constrain : {true, false}) {
      SCOPED_TRACE(core::format("periodic {} constrain {}", periodic, constrain));
      compare_ranks<double>(periodic, constrain);
      compare_ranks<float>(periodic, constrain);
    }
}

TEST(Surrogate, ChangesTheStateByTheNetworksIncrement) {
  // Against torch on the same numbers, one rank, no constrain.
  const auto self = core::Comm::self();
  auto truth = std::make_shared<Carrier<double>>(tests::carrier_grid(true, self));
  const FieldModel model = random_model(true, false);
  RunDescription run{truth->fields(),
                     tests::carrier_grid_params(),
                     tests::carrier_boundaries(true),
                     tests::window_s,
                     {{"carrier.speed", "m/s", 1.25}}};
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
