// A network that corrects the solver on a coarser grid: what it is untrained, that training through the solver
// helps, on any number of ranks alike, and what it refuses.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "support/surrogates_correction_case.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/coarse_stepper.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/fields/torch_correction_trainer.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

const std::filesystem::path& dataset() {
  static const std::filesystem::path folder = [] {
    const auto comm = core::Comm::world();
    const auto path = tests::fresh_folder("vortices", comm);
    for (int n = 1; n <= 2; ++n) tests::write_vortices(path, n, "train", 10, comm);
    tests::write_vortices(path, 3, "valid", 8, comm);
    comm.barrier();
    return path;
  }();
  return folder;
}

TrainingSetup setup_of(int epochs, bool through_solver) {
  TrainingSetup setup;
  setup.network.kind = "correction";
  setup.network.coarsening = {2};
  setup.network.width = 8;
  setup.network.layers = 2;
  setup.network.constrain = false;
  setup.training.epochs = epochs;
  setup.training.batch = 4;
  setup.training.learning_rate = 3e-3;
  setup.training.noise = 0;
  setup.training.unroll = {1, 3};
  setup.training.unroll_fractions = {0.5};
  setup.training.validate_every = 1;
  setup.training.rollout_windows = 6;
  setup.training.rollout_starts = 1;
  setup.training.through_solver = through_solver;
  setup.training.threads = 1;
  return setup;
}

TrainingReport trained(const TrainingSetup& setup, const core::Comm& comm) {
  return train(DatasetReader(dataset()), setup, comm, tests::coarse_vortices(16));
}

TrainingReport trained(int epochs, bool through_solver, const core::Comm& comm) {
  return trained(setup_of(epochs, through_solver), comm);
}

// A model of the card that training makes, with weights as they were drawn.
FieldModel untrained() {
  auto report = trained(1, false, core::Comm::self());
  FieldModel model = report.model;
  model.network = std::make_shared<Network>(model.card.network, model.card.shape(), 1);
  return model;
}

RunDescription run_of(const FieldModel& model, const solvers::Stepper<double>& solver) {
  RunDescription run;
  run.fields = solver.fields();
  run.grid = tests::vortices_box(16);
  run.boundaries = SideKinds(4, SideKind::periodic);
  run.window_s = tests::vortices_window_s;
  for (const auto& p : model.card.parameters) run.parameters.push_back({p.name, p.unit, p.mean});
  return run;
}

}  // namespace

TEST(Correction, UntrainedItIsTheCoarseSolver) {
  const auto comm = core::Comm::world();
  const FieldModel model = untrained();
  const tests::Vortices<double> fine(32, 1e-3, 5, comm), coarse(16, 1e-3, 5, comm);
  const auto inner = std::make_shared<SurrogateStepper<double>>(coarse.solver, model,
                                                                run_of(model, *coarse.solver));
  CoarseStepper<double> stepper(fine.solver, inner, false);
  auto state = fine.state->clone();
  stepper.advance(state, tests::vortices_window_s);
  EXPECT_NEAR(state.time_s, tests::vortices_window_s, 1e-14);

  const mesh::NestedGrids<double> nested(fine.grid, coarse.grid);
  auto& by_hand = *coarse.state;
  nested.restrict(*fine.state, by_hand);
  coarse.solver->constrain(by_hand);
  coarse.solver->advance(by_hand, tests::vortices_window_s);
  coarse.solver->constrain(by_hand);
  auto expected = fine.state->clone();
  nested.prolong(by_hand, expected);
  for (const char* name : {"u", "v", "p"})
    EXPECT_LT(tests::largest_difference(state, expected, name), 1e-12) << name;
  // No divergence, and what the next window restricts is what this one left.
  auto again = by_hand.clone();
  nested.restrict(state, again);
  for (const char* name : {"u", "v"})
    EXPECT_LT(tests::largest_difference(again, by_hand, name), 1e-13) << name;
  for (const auto& d : fine.solver->diagnostics(state))
    if (d.name == "flow.divergence_l2") {
      EXPECT_LT(d.value, 1e-10);
    }
}

// Six windows of a held-out start: untrained, through the solver, and each window trained by itself.
TEST(Correction, TrainingHelps) {
  const auto comm = core::Comm::world();
  const auto error_of = [](const TrainingReport& report) {
    double sum = 0;
    for (const auto& v : report.model.card.validation)
      if (v.field != "p") sum += v.rel_l2_rollout / 2;
    return sum;
  };
  TrainingSetup still = setup_of(1, false);
  still.training.learning_rate = 1e-12;
  const double none = error_of(trained(still, comm));
  const auto through = trained(12, true, comm);
  EXPECT_LT(error_of(through), 0.9 * none) << none;
  EXPECT_LT(error_of(trained(12, false, comm)), 0.9 * none) << none;
  EXPECT_EQ(through.model.card.grid.cells, (std::vector<long long>{16, 16}));
}

constexpr int channel_of_pressure = 2;  // after u, v

TEST(Correction, RanksTrainTheSameWeights) {
  const auto comm = core::Comm::world();
  const auto together = trained(2, true, comm), alone = trained(2, true, core::Comm::self());
  const at::Tensor a = together.model.network->impl().flat, b = alone.model.network->impl().flat;
  const Network start(alone.model.card.network, alone.model.card.shape(), 1);
  // In units of how far training moved the weights, as in training_mpi_test.cpp. A constant in the pressure's
  // correction does nothing: its derivative is rounding, of which AdamW makes steps of their usual size.
  const auto& specs = together.model.network->impl().specs;
  const auto of_ranks = slices(a, specs), of_one = slices(b, specs);
  const auto first = slices(start.impl().flat, specs);
  double apart = 0, moved = 0;
  for (std::size_t n = 0; n < specs.size(); ++n) {
    at::Tensor off = (of_ranks[n] - of_one[n]).clone();
    if (specs[n].name == "head.bias") off[channel_of_pressure] = 0;
    apart = std::max(apart, off.norm().item<double>());
    moved = std::max(moved, (of_one[n] - first[n]).norm().item<double>());
  }
  EXPECT_GT(moved, 0.01);
  EXPECT_LT(apart, 2e-3 * moved);
}

TEST(Correction, SaysWhatItDoesNotTake) {
  NetworkParams params;
  params.kind = "correction";
  params.coarsening = {3};
  EXPECT_NE(error_text([&] { coarse_cells(params, {64, 48}); })
                .find("network.coarsening: 3 does not divide the 64 cells along x into 8 or more; "
                      "2, 4, 8 would"),
            std::string::npos);
  params.coarsening = {1, 2};
  EXPECT_EQ(coarse_cells(params, {10, 48}), (std::vector<long long>{10, 24}));
  TrainingSetup setup = setup_of(1, true);
  EXPECT_NE(error_text([&] {
              train(DatasetReader(dataset()), setup, core::Comm::self());
            }).find("only simulations' decks train it"),
            std::string::npos);
}

// A solver without an adjoint is named, with the way out.
TEST(Correction, ASolverWithoutAnAdjointIsNamed) {
  const auto make = [](const SampleInfo&) {
    const auto grid = tests::carrier_grid(true, core::Comm::self());
    const auto stepper = std::make_shared<tests::Carrier<double>>(grid);
    return CoarseSolver{stepper, std::make_shared<mesh::State<double>>(grid, stepper->fields())};
  };
  WindowSolver solver(make, {}, 256);
  const int which = solver.solver_of(tests::vortices_sample(1e-3, 1, "train", 2));
  EXPECT_NE(error_text([&] {
              solver.require_differentiable(which);
            }).find("the solver 'carrier' has no adjoint"),
            std::string::npos);
}

}  // namespace understudy
