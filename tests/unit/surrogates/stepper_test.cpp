// The surrogate as a Stepper: sides that vary in time are those of the window's end.
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <cmath>

#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/swap/swap.hpp"

namespace understudy {

using namespace surrogates;
using tests::window_s;

namespace {

// The inflow's value is the time.
struct Rising : tests::Carrier<double> {
  using Carrier::Carrier;
  void constrain(mesh::State<double>& state) override {
    Carrier::constrain(state);
    const auto q = state["q"].component();
    const double now_s = state.time_s;
    mesh::Range3 side = grid()->everything();
    side.end[0] = grid()->ghosts(0);
    mesh::for_cells(
        "rising inflow", side, KOKKOS_LAMBDA(int k, int j, int i) { q(k, j, i) = now_s; });
  }
};

double inflow(const mesh::State<double>& state) {
  const auto q = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state["q"].component());
  return q(0, state.grid().ghosts(1), state.grid().ghosts(0) - 1);
}

FieldModel persistence() {
  FieldModel model;
  ModelCard& card = model.card;
  card.name = "persistence";
  card.network.width = 8;
  card.network.levels = 1;
  card.fields = {{"q", "K", "cell", 0, 0.9, 0.7, 0.05, 0, 2},
                 {"f", "m/s", "face_x", 0, 0.4, 0.7, 0.05, 0, 2}};
  card.fixed = {{"mask", "1", "cell", 0, 0, 1, 1, 0, 1}};
  card.window_s = window_s;
  card.grid = tests::carrier_grid_params();
  for (const SideKind kind : tests::carrier_boundaries(false))
    card.boundaries.push_back(to_string(kind));
  model.network = std::make_shared<Network>(card.network, card.shape(), 1);
  return model;
}

RunDescription description(const tests::Carrier<double>& truth) {
  return {
      truth.fields(), tests::carrier_grid_params(), tests::carrier_boundaries(false), window_s, {}};
}

}  // namespace

TEST(SurrogateStepper, FillsInTheSidesOfTheWindowsEnd) {
  const auto truth = std::make_shared<Rising>(tests::carrier_grid(false, core::Comm::self()));
  const auto surrogate =
      std::make_shared<SurrogateStepper<double>>(truth, persistence(), description(*truth));
  mesh::State<double> state(truth->grid(), truth->fields());
  truth->initialise(state, 0.1);
  state.time_s = 10 * window_s;
  surrogate->advance(state, window_s);
  EXPECT_DOUBLE_EQ(inflow(state), 11 * window_s);
  surrogate->advance(state, 3 * window_s);
  EXPECT_DOUBLE_EQ(inflow(state), 14 * window_s);
  EXPECT_DOUBLE_EQ(state.time_s, 14 * window_s);

  // And behind the swap.
  SwapParams params;
  params.policy = "always";
  Swap<double> swap(params, truth, surrogate, window_s);
  swap.advance(state, 2 * window_s);
  EXPECT_DOUBLE_EQ(inflow(state), 16 * window_s);
}

TEST(SurrogateStepper, KeepsTheIntegralOfWhatIsToBeConserved) {
  const auto truth = std::make_shared<Rising>(tests::carrier_grid(false, core::Comm::self()));
  FieldModel model = persistence();
  model.network->impl().flat.uniform_(-0.3, 0.3);  // any network but persistence
  mesh::State<double> state(truth->grid(), truth->fields());
  const auto integral = [&] {
    const auto q = state["q"].component();
    return mesh::sum_cells(
        "integral", state.grid().interior(),
        KOKKOS_LAMBDA(int k, int j, int i) { return q(k, j, i); });
  };
  truth->initialise(state, 0.1);
  const double before = integral();
  SurrogateStepper<double>(truth, model, description(*truth)).advance(state, 2 * window_s);
  EXPECT_GT(std::abs(integral() / before - 1), 1e-3) << "the network does not keep it by itself";
  model.card.network.conserve = {"q"};
  truth->initialise(state, 0.1);
  SurrogateStepper<double>(truth, model, description(*truth)).advance(state, 2 * window_s);
  EXPECT_NEAR(integral() / before, 1, 1e-13);

  model.card.network.conserve = {"f"};  // at faces
  EXPECT_EQ(tests::error_text([&] { SurrogateStepper<double>(truth, model, description(*truth)); }),
            "network.conserve: 'f' is no field at cells that the model predicts; there are q");
}

TEST(SurrogateStepper, RefusesAPeriodicSizeThatItsNetworkDoesNotTake) {
  const auto truth =
      std::make_shared<Rising>(tests::carrier_grid(false, core::Comm::self(), 24, 18));
  auto run = description(*truth);
  run.grid = tests::carrier_grid_params(24, 18);
  FieldModel model = persistence();
  model.card.grid = run.grid;
  EXPECT_NE(tests::error_text([&] {
              SurrogateStepper<double>(truth, model, run);
            }).find("18 cells along y, which is periodic"),
            std::string::npos);
}

}  // namespace understudy
