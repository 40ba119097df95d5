// The mode-decomposing autoencoder: shapes, modes that add up, gradients, what it learns of a travelling
// wave against as many linear modes, saving, the fields of its modes, and what it refuses.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <numbers>

#include "core/error.hpp"
#include "support/surrogates_synthetic.hpp"
#include "support/torch_autoencoder_case.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/training/training_loop.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;
using tests::autoencoder::autoencoder_of;
using tests::autoencoder::largest;
using tests::autoencoder::random_input;

namespace {

NetworkParams small() { return tests::autoencoder::params_of(2, 1); }

NetworkShape shape_of(SideKinds sides, std::vector<long long> cells = {24, 16}) {
  return tests::autoencoder::shape_of(std::move(sides), std::move(cells));
}

Network random_network(const NetworkShape& shape) {
  return tests::autoencoder::random_network(small(), shape, 0.05, 0.35);
}

// A wave with a harmonic that travels along x: q = sin(p) + 0.5 cos(2 p) + 1, p = 2 pi (x - n / period).
Trajectory wave(double phase, std::int64_t frames) {
  constexpr int nx = 16, ny = 8;
  Trajectory t;
  t.values = at::empty({frames, 1, ny, nx}, at::kFloat);
  auto values = t.values.accessor<float, 4>();
  for (std::int64_t n = 0; n < frames; ++n)
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) {
        const double p = 2 * std::numbers::pi * (i / 16.0 - static_cast<double>(n) / 11.3 + phase);
        values[n][0][j][i] = static_cast<float>(std::sin(p) + 0.5 * std::cos(2 * p));
      }
  t.fixed = at::zeros({0, ny, nx}, at::kFloat);
  t.parameters = at::zeros({0}, at::kFloat);
  return t;
}

TrainingData wave_data() {
  TrainingData data;
  data.train = {wave(0, 46)};
  data.valid = {wave(0.37, 21)};
  FieldCard field;
  field.name = "q";
  field.mean = 1;
  data.card.fields = {field};
  data.card.window_s = 1;
  data.card.grid.lower_m = {0, 0};
  data.card.grid.upper_m = {2, 1};
  data.card.grid.cells = {16, 8};
  data.card.boundaries = std::vector<std::string>(4, "periodic");
  data.scale = at::ones({1, 1, 1, 1}, at::kFloat);
  return data;
}

TrainingParams wave_training(int epochs) {
  TrainingParams params;
  params.epochs = epochs;
  params.batch = 5;
  params.learning_rate = 4e-3;
  params.unroll = {1, 2};
  params.unroll_fractions = {0.7};
  params.rollout_windows = 20;
  params.validate_every = 20;
  params.noise = 0.01;
  params.ema_decay = 0.98;
  params.threads = 1;
  return params;
}

NetworkParams wave_network() {
  NetworkParams params = small();
  params.width = 8;
  params.latent_width = 16;
  return params;
}

}  // namespace

TEST(Autoencoder, ShapesAndModesThatAddUp) {
  for (const bool periodic : {true, false}) {
    // 22 x 13 cells are no multiples of 4 where nothing demands it.
    const NetworkShape shape =
        periodic ? shape_of(tests::carrier_boundaries(true))
                 : shape_of({SideKind::inflow, SideKind::open, SideKind::wall, SideKind::wall},
                            {22, 13});
    const Network network = random_network(shape);
    const auto& a = autoencoder_of(network);
    const auto w = slices(network.impl().flat, network.impl().specs);
    const at::Tensor input = random_input(shape);
    const at::Tensor z = a.encode(input.narrow(1, 0, 2), w);
    EXPECT_EQ(z.sizes(), (std::vector<std::int64_t>{3, 2}));
    const at::Tensor modes = a.decode_modes(z, w);
    EXPECT_EQ(modes.sizes(), (std::vector<std::int64_t>{3, 2, 2, shape.cells[1], shape.cells[0]}));
    const at::Tensor sum = w[AutoencoderArchitecture::mean] + modes.sum(1);
    EXPECT_LT(largest(a.decode(z, w) - sum), 1e-5 * largest(sum));
    // A mode is a function of its own coordinate alone.
    at::Tensor other = z.clone();
    other.select(1, 1).add_(1);
    const at::Tensor moved = a.decode_modes(other, w);
    EXPECT_EQ(largest(moved.select(1, 0) - modes.select(1, 0)), 0);
    EXPECT_GT(largest(moved.select(1, 1) - modes.select(1, 1)), 1e-4);
    // A call is encode, step, decode, with the parameters of the input.
    const at::Tensor q = input.select(3, 0).select(2, 0).narrow(1, 3, 1);
    EXPECT_EQ(largest(a.parameters_of(input) - q), 0);
    const at::Tensor called = a.forward(input, w);
    EXPECT_EQ(called.sizes(), (std::vector<std::int64_t>{3, 2, shape.cells[1], shape.cells[0]}));
    EXPECT_LT(largest(called - a.decode(a.step(z, q, w), w)), 1e-6 * largest(called));
    const at::Tensor of_double = a.forward(input.to(at::kDouble), w);
    EXPECT_EQ(of_double.scalar_type(), at::kFloat) << "the weights' type";
    EXPECT_LT(largest(of_double - called), 1e-6 * largest(called));
    EXPECT_GT(network.operations(shape.cells), 2.0 * static_cast<double>(network.weight_count()));
  }
}

TEST(Autoencoder, GradientIsThatOfFiniteDifferences) {
  const Network network = random_network(shape_of(tests::carrier_boundaries(false), {8, 8}));
  tests::autoencoder::expect_gradient_of_differences(network, "in a plane");
}

TEST(Autoencoder, TwoModesOfAWaveAreBetterThanTwoLinearOnes) {
  AutoencoderTrainer trainer(wave_data(), wave_network(), wave_training(200), core::Comm::self());
  const auto before = trainer.reconstruction_errors(trainer.optimiser.averaged());
  // Untrained, the network is the mean of the frames: the whole fluctuation is missed, whose size is
  // sqrt(1/2 + 1/8) beside a mean square of 1 + 1/2 + 1/8.
  EXPECT_NEAR(before.at(0).model, std::sqrt(0.625 / 1.625), 0.02);
  // Two linear modes take the sine and leave the harmonic.
  EXPECT_NEAR(before.at(0).pod, std::sqrt(0.125 / 1.625), 0.02);
  TrainingSetup setup;
  setup.network = wave_network();
  setup.training = wave_training(200);
  run_training(trainer, setup);
  const ModelCard& card = trainer.card;
  ASSERT_EQ(card.reconstruction.size(), 1u);
  EXPECT_EQ(card.reconstruction[0].field, "q");
  EXPECT_EQ(card.reconstruction[0].modes, 2);
  EXPECT_DOUBLE_EQ(card.reconstruction[0].pod, before[0].pod);
  EXPECT_LT(card.reconstruction[0].model, 0.6 * card.reconstruction[0].pod);
  // And the map in the latent space follows the wave.
  EXPECT_LT(card.validation.at(0).rel_l2_one_window, 0.5 * card.validation[0].persistence_rollout);
  EXPECT_LT(card.validation[0].rel_l2_rollout, 0.8 * card.validation[0].persistence_rollout);
  RecordProperty("model", std::to_string(card.reconstruction[0].model));
  RecordProperty("pod", std::to_string(card.reconstruction[0].pod));
  RecordProperty("rollout", std::to_string(card.validation[0].rel_l2_rollout));
}

TEST(Autoencoder, SavedAndLoadedItIsTheSame) {
  const NetworkShape shape = shape_of(tests::carrier_boundaries(true));
  Network network = random_network(shape);
  const auto folder = tests::fresh_folder("autoencoder", core::Comm::self());
  network.save_weights(folder / "weights.safetensors");
  Network other(small(), shape, 8);
  const at::Tensor input = random_input(shape);
  EXPECT_GT(largest(network.impl().infer(input) - other.impl().infer(input)), 1e-3);
  other.load_weights(folder / "weights.safetensors");
  EXPECT_EQ(largest(network.impl().infer(input) - other.impl().infer(input)), 0);
}

TEST(Autoencoder, FieldsOfItsModesAddUpToTheSum) {
  const auto folder = tests::fresh_folder("autoencoder_data", core::Comm::self());
  for (const char* split : {"train", "valid"})
    tests::write_sample<double>(folder, false, split[0] == 't' ? 0 : 1, split, 12,
                                core::Comm::self());
  for (const std::string kind : {"conv_autoencoder", "pod"}) {
    TrainingSetup setup;
    setup.network = small();
    setup.network.kind = kind;
    setup.training = wave_training(4);
    setup.training.rollout_windows = 3;
    const TrainingReport report = train(DatasetReader(folder), setup, core::Comm::self());
    tests::Carrier<double> stepper(tests::carrier_grid(false, core::Comm::self()), 1);
    mesh::State<double> state(stepper.grid(), stepper.fields());
    stepper.initialise(state, 0);
    const ModeDecomposition parts = decompose(report.model, state, 1);
    EXPECT_EQ(parts.modes, 2);
    ASSERT_EQ(parts.channels.size(), 2u);
    for (const ChannelModes& channel : parts.channels) {
      ASSERT_EQ(channel.modes.size(), 1u);
      EXPECT_EQ(channel.truth.width, 24);
      EXPECT_EQ(channel.truth.height, 16);
      EXPECT_GT(channel.rel_l2, 0);
      EXPECT_LT(channel.rel_l2, 1.5);
    }
    const ModeDecomposition both = decompose(report.model, state, 5);
    for (const ChannelModes& channel : both.channels)
      tests::autoencoder::expect_sum_of_modes(channel);
    // In the fields' own units: q's interior as the state has it.
    const auto q = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state["q"].component());
    const auto r = state.grid().interior();
    EXPECT_NEAR(both.channels[0].truth.values[0], q(r.begin[2], r.begin[1], r.begin[0]), 1e-5);
  }
}

TEST(Autoencoder, WithoutModesThereIsNoDecomposition) {
  FieldModel model;
  NetworkParams params;
  params.levels = 1;
  model.network = std::make_shared<Network>(params, shape_of(tests::carrier_boundaries(true)), 1);
  tests::Carrier<float> stepper(tests::carrier_grid(true, core::Comm::self()), 1);
  const mesh::State<float> state(stepper.grid(), stepper.fields());
  EXPECT_TRUE(decompose(model, state, 2).channels.empty());
}

TEST(Autoencoder, NamesWhatItDoesNotServe) {
  EXPECT_NE(error_text([&] {
              require_size(small(), SideKinds(4, SideKind::periodic), {24, 18});
            }).find("18 cells along y, which is periodic"),
            std::string::npos);
  TrainingData still = wave_data();
  for (auto* set : {&still.train, &still.valid})
    for (Trajectory& t : *set) t.values.fill_(0.5);
  EXPECT_NE(error_text([&] {
              AutoencoderTrainer(still, wave_network(), wave_training(1), core::Comm::self());
            }).find("the training frames are all the same"),
            std::string::npos);
}

}  // namespace understudy
