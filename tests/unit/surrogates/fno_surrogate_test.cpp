// The Fourier neural operator in the simulation's place: trained as any network, in 2-D and 3-D, and called by
// the stepper.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/surrogates_box_case.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_view.hpp"

namespace understudy {

using namespace surrogates;
using tests::periodic_box;

namespace {

NetworkParams small(std::vector<long long> modes) {
  NetworkParams params;
  params.kind = "fno";
  params.width = 6;
  params.layers = 2;
  params.modes = std::move(modes);
  params.activation = "gelu";
  return params;
}

}  // namespace

TEST(Fno, IsTrainedAsAnyNetwork) {
  const auto comm = core::Comm::self();
  const auto folder = tests::fresh_folder("fno_training", comm);
  for (int n = 0; n < 2; ++n) tests::write_sample<float>(folder, false, n, "train", 25, comm);
  tests::write_sample<float>(folder, false, 1, "valid", 25, comm);
  for (const std::string prediction : {"increment", "state"}) {
    TrainingSetup setup;
    setup.network = small({4});
    setup.network.width = 12;
    setup.network.prediction = prediction;
    setup.training.epochs = 12;
    setup.training.batch = 4;
    setup.training.learning_rate = 5e-3;
    setup.training.noise = 0.005;
    setup.training.ema_decay = 0.9;
    setup.training.rollout_windows = 8;
    setup.training.threads = 1;
    const auto report = train(DatasetReader(folder), setup, comm);
    EXPECT_EQ(report.model.card.network.prediction, prediction);
    for (const ValidationCard& v : report.model.card.validation)
      EXPECT_LT(v.rel_l2_rollout, 0.5 * v.persistence_rollout) << prediction << " " << v.field;
  }
}

TEST(Fno, StandsInForASimulationIn3D) {
  // With mean 0 and scale 1 the stepper adds what the network makes of the fields as they are.
  const auto truth = std::make_shared<tests::Carrier<float>>(tests::box_grid());
  FieldModel model;
  ModelCard& card = model.card;
  card.network = small({3, 2, 2});
  card.network.constrain = false;
  card.fields = {{"q", "K", "cell", 0, 0, 1, 1, 0, 2}, {"f", "m/s", "face_x", 0, 0, 1, 1, 0, 2}};
  card.fixed = {{"mask", "1", "cell", 0, 0, 1, 1, 0, 1}};
  card.window_s = tests::window_s;
  card.grid = tests::box_params();
  for (const SideKind kind : periodic_box) card.boundaries.push_back(to_string(kind));
  for (const std::string prediction : {"increment", "state"}) {
    card.network.prediction = prediction;
    model.network = std::make_shared<Network>(card.network, card.shape(), 1);
    model.network->impl().flat.uniform_(-0.3, 0.3, generator(5));
    SurrogateStepper<float> surrogate(
        truth, model, {truth->fields(), tests::box_params(), periodic_box, tests::window_s, {}});
    mesh::State<float> state(truth->grid(), truth->fields());
    truth->initialise(state, 0.2);
    // Something that varies along z, too.
    interior_of(state["q"], *truth->grid()).add_(at::randn({6, 1, 1}, generator(9)));
    const at::Tensor before =
        at::cat({interior_of(state["q"], *truth->grid()), interior_of(state["f"], *truth->grid()),
                 interior_of(state["mask"], *truth->grid())})
            .clone();
    const at::Tensor out = model.network->impl().infer(before.unsqueeze(0)).squeeze(0);
    surrogate.advance(state, tests::window_s);
    for (int channel = 0; channel < 2; ++channel) {
      const at::Tensor expected =
          out[channel] + (prediction == "state" ? at::zeros_like(out[channel]) : before[channel]);
      const at::Tensor now = interior_of(state[channel == 0 ? "q" : "f"], *truth->grid())[0];
      EXPECT_LT((now - expected).abs().max().item<double>(), 1e-5) << prediction;
    }
  }
}

TEST(Fno, IsTrainedIn3D) {
  const auto comm = core::Comm::self();
  const auto folder = tests::fresh_folder("fno_3d", comm);
  tests::write_box_samples(folder, 10, comm);
  TrainingSetup setup;
  setup.network = small({4, 2, 2});
  setup.training.epochs = 15;
  setup.training.batch = 3;
  setup.training.learning_rate = 5e-3;
  setup.training.unroll = {1};
  setup.training.unroll_fractions = {};
  setup.training.ema_decay = 0.5;
  setup.training.noise = 0;
  setup.training.rollout_windows = 2;
  const auto report = train(DatasetReader(folder), setup, comm);
  EXPECT_EQ(report.model.card.grid.cells.size(), 3u);
  for (const ValidationCard& v : report.model.card.validation)
    EXPECT_LT(v.rel_l2_rollout, v.persistence_rollout) << v.field;
}

}  // namespace understudy
