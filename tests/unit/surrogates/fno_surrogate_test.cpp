// The Fourier neural operator in the simulation's place: trained as any network, in 2-D and 3-D, and called by
// the stepper.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "mesh/box_grid.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_view.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

const SideKinds periodic_box(6, SideKind::periodic);

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

namespace {

mesh::GridParams box() {
  mesh::GridParams params;
  params.lower_m = {0, 0, 0};
  params.upper_m = {1.5, 1, 0.5};
  params.cells = {12, 8, 6};
  return params;
}

std::shared_ptr<const mesh::Grid> box_grid() {
  return std::make_shared<const mesh::BoxGrid>(box(), std::array{true, true, true},
                                               core::Comm::self());
}

}  // namespace

TEST(Fno, StandsInForASimulationIn3D) {
  // With mean 0 and scale 1 the stepper adds what the network makes of the fields as they are.
  const auto truth = std::make_shared<tests::Carrier<float>>(box_grid());
  FieldModel model;
  ModelCard& card = model.card;
  card.network = small({3, 2, 2});
  card.network.constrain = false;
  card.fields = {{"q", "K", "cell", 0, 0, 1, 1, 0, 2}, {"f", "m/s", "face_x", 0, 0, 1, 1, 0, 2}};
  card.fixed = {{"mask", "1", "cell", 0, 0, 1, 1, 0, 1}};
  card.window_s = tests::window_s;
  card.grid = box();
  for (const SideKind kind : periodic_box) card.boundaries.push_back(to_string(kind));
  for (const std::string prediction : {"increment", "state"}) {
    card.network.prediction = prediction;
    model.network = std::make_shared<Network>(card.network, card.shape(), 1);
    model.network->impl().flat.uniform_(-0.3, 0.3, generator(5));
    SurrogateStepper<float> surrogate(truth, model,
                                      {truth->fields(), box(), periodic_box, tests::window_s, {}});
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

TEST(Fno, IsTrainedIn3DWhereUNetSaysThatItIsNot) {
  const auto comm = core::Comm::self();
  const auto folder = tests::fresh_folder("fno_3d", comm);
  for (int n = 0; n < 2; ++n) {
    tests::Carrier<float> stepper(box_grid(), 1.0 + 0.1 * n);
    mesh::State<float> state(stepper.grid(), stepper.fields());
    stepper.initialise(state, 0.1 * n);
    auto info = tests::carrier_dataset(true, stepper.fields());
    info.grid = box();
    info.boundaries = periodic_box;
    SampleWriter<float> writer(folder, info, tests::carrier_sample(n, "train", 10), stepper.grid());
    for (int frame = 0; frame < 10; ++frame) {
      if (frame > 0) stepper.advance(state, tests::window_s);
      state.time_s = tests::window_s * frame;
      writer.write(state);
    }
    writer.finish(1);
  }
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
  setup.network.kind = "unet";
  const std::string text = error_text([&] { train(DatasetReader(folder), setup, comm); });
  EXPECT_NE(text.find("unet serves 2-D grids only; this grid has 3 dimensions"), std::string::npos)
      << text;
}

}  // namespace understudy
