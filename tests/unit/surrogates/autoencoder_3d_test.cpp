// The mode-decomposing autoencoder in a box: shapes, what it shares with the one in the plane, gradients, what it
// learns, and the fields of its modes.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "support/surrogates_box_case.hpp"
#include "support/torch_autoencoder_case.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/training/training_loop.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;
using tests::autoencoder::autoencoder_of;
using tests::autoencoder::largest;
using tests::autoencoder::random_input;
using tests::autoencoder::shape_of;

namespace {

using enum SideKind;
using at::Tensor;
using Shape = std::vector<std::int64_t>;

const SideKinds mixed{inflow, open, wall, wall, periodic, periodic};

NetworkParams small() { return tests::autoencoder::params_of(1, 2); }

Network random_network(const NetworkShape& shape) {
  return tests::autoencoder::random_network(small(), shape, 0.02, 0.2);
}

TrainingParams training_of(int epochs) {
  TrainingParams params;
  params.epochs = epochs;
  params.batch = 3;
  params.learning_rate = 4e-3;
  params.unroll = {1};
  params.unroll_fractions = {};
  params.noise = 0;
  params.ema_decay = 0.9;
  params.rollout_windows = 2;
  params.validate_every = epochs;
  params.threads = 1;
  return params;
}

}  // namespace

TEST(Autoencoder3D, ShapesAndModesThatAddUp) {
  // 9 x 6 cells are no multiples of 4 where nothing demands it.
  const NetworkShape shape = shape_of(mixed, {9, 6, 8});
  const Network network = random_network(shape);
  const auto& a = autoencoder_of(network);
  const auto w = slices(network.impl().flat, network.impl().specs);
  EXPECT_EQ(w[AutoencoderArchitecture::mean].sizes(), (Shape{2, 8, 6, 9}));
  const Tensor input = random_input(shape);
  const Tensor z = a.encode(input.narrow(1, 0, 2), w);
  EXPECT_EQ(z.sizes(), (Shape{3, 2}));
  const Tensor modes = a.decode_modes(z, w);
  EXPECT_EQ(modes.sizes(), (Shape{3, 2, 2, 8, 6, 9}));
  const Tensor sum = w[AutoencoderArchitecture::mean] + modes.sum(1);
  EXPECT_LT(largest(a.decode(z, w) - sum), 1e-5 * largest(sum));
  Tensor q = input.select(4, 3).select(3, 2).select(2, 1).narrow(1, 3, 1);
  EXPECT_GT(largest(a.parameters_of(input) - q), 0) << "noise has no constant parameters";
  q = input.select(4, 0).select(3, 0).select(2, 0).narrow(1, 3, 1);
  EXPECT_EQ(largest(a.parameters_of(input) - q), 0);
  const Tensor called = a.forward(input, w);
  EXPECT_EQ(called.sizes(), (Shape{3, 2, 8, 6, 9}));
  EXPECT_LT(largest(called - a.decode(a.step(z, q, w), w)), 1e-6 * largest(called));
  const Tensor last = input.contiguous(at::MemoryFormat::ChannelsLast3d);
  EXPECT_LT(largest(a.forward(last, w) - called), 1e-5 * largest(called));
  EXPECT_EQ(a.layout(), at::MemoryFormat::ChannelsLast3d);
  const Tensor inferred = network.impl().infer(input);
  EXPECT_LT(largest(inferred - called), 1e-5 * largest(called));
}

TEST(Autoencoder3D, OperationsAreThoseOfItsLayers) {
  const NetworkShape shape = shape_of(SideKinds(6, periodic), {16, 8, 12});
  const Network network(small(), shape, 1);
  const double folded = 16 * 8 * 12 / 8, bottom = folded / 8, width = 4, channels = 2 * 8;
  const double encoder =
      27 * (folded * channels * width + bottom * width * width) + bottom * width * 2;
  const double decoder = bottom * width + 27 * folded * (width * width + width * channels);
  const double linear = 2 * 3, latent = linear + 3 * 8 + 8 * 8 + 8 * 2;
  EXPECT_DOUBLE_EQ(network.operations(shape.cells), 2 * (encoder + 2 * decoder + latent));
}

TEST(Autoencoder3D, WithoutZItIsTheOneOfThePlane) {
  NetworkParams params = small();
  params.patch = 1;
  const Network plane(params, shape_of({inflow, open, wall, wall}, {9, 6}), 3);
  plane.impl().flat.uniform_(0.02, 0.2, generator(5));
  const Network box(params, shape_of(mixed, {9, 6, 8}), 3);
  const auto from = slices(plane.impl().flat, plane.impl().specs);
  const auto w = slices(box.impl().flat, box.impl().specs);
  constexpr std::int64_t coarse_z = 4, coarse = 3 * 5;
  for (std::size_t n = 0; n < w.size(); ++n) {
    const std::string& name = box.impl().specs[n].name;
    ASSERT_EQ(name, plane.impl().specs[n].name);
    Tensor to = w[n];
    if (name == "mean") {
      to.copy_(from[n].unsqueeze(1));
    } else if (to.dim() == 5) {  // kernels in the middle layer
      to.zero_().select(2, 1).copy_(from[n]);
    } else if (name == "encoder.dense.weight") {
      to.view({2, 4, coarse_z, coarse}).copy_(from[n].view({2, 4, 1, coarse}) / coarse_z);
    } else if (name.find(".dense.") != std::string::npos && name.starts_with("decoder")) {
      to.view({4, coarse_z, coarse}).copy_(from[n].view({4, 1, coarse}));
    } else {
      to.copy_(from[n]);
    }
  }
  const Tensor input = random_input(plane.impl().shape);
  const Tensor wanted = autoencoder_of(plane).forward(input, from);
  const Tensor out = autoencoder_of(box).forward(input.unsqueeze(2).expand({3, 4, 8, 6, 9}), w);
  for (int k = 0; k < 8; ++k)
    EXPECT_LT(largest(out.select(2, k) - wanted), 1e-5 * largest(wanted)) << k;
}

TEST(Autoencoder3D, GradientIsThatOfFiniteDifferences) {
  for (const SideKinds& sides : {mixed, SideKinds{wall, open, open, inflow, inflow, wall}}) {
    const Network network = random_network(shape_of(sides, {6, 5, 8}));
    tests::autoencoder::expect_gradient_of_differences(network, to_string(sides));
  }
}

TEST(Autoencoder3D, LearnsModesOfACarriedField) {
  const auto comm = core::Comm::self();
  const auto folder = tests::fresh_folder("autoencoder_3d", comm);
  tests::write_box_samples(folder, 10, comm);
  TrainingSetup setup;
  setup.network = small();
  setup.network.width = 8;
  setup.network.patch = 1;
  setup.training = training_of(40);
  TrainingData data = load_training_data(DatasetReader(folder), setup.training, setup.network);
  ASSERT_EQ(data.train.front().values.dim(), 5);
  AutoencoderTrainer trainer(data, setup.network, setup.training, comm);
  const auto before = trainer.reconstruction_errors(trainer.optimiser.averaged());
  run_training(trainer, setup);
  ASSERT_EQ(trainer.card.reconstruction.size(), before.size());
  for (std::size_t n = 0; n < before.size(); ++n) {
    EXPECT_DOUBLE_EQ(trainer.card.reconstruction[n].pod, before[n].pod);
    EXPECT_LT(trainer.card.reconstruction[n].model, 0.9 * before[n].model) << n;
  }
  // Cells that weigh alike weigh nothing.
  for (auto* set : {&data.train, &data.valid})
    for (Trajectory& t : *set) t.weights = at::ones(t.values.sizes().slice(2));
  AutoencoderTrainer weighed(data, setup.network, setup.training, comm);
  const auto same = weighed.reconstruction_errors(weighed.optimiser.averaged());
  for (std::size_t n = 0; n < before.size(); ++n) {
    EXPECT_NEAR(same[n].model, before[n].model, 1e-6);
    EXPECT_NEAR(same[n].pod, before[n].pod, 1e-4);
  }
}

TEST(Autoencoder3D, FieldsOfItsModesAddUpToTheSum) {
  const auto comm = core::Comm::self();
  const auto folder = tests::fresh_folder("autoencoder_3d_modes", comm);
  tests::write_box_samples(folder, 10, comm);
  TrainingSetup setup;
  setup.network = small();
  setup.network.patch = 1;
  setup.training = training_of(2);
  const TrainingReport report = train(DatasetReader(folder), setup, comm);
  const auto grid = tests::box_grid();
  tests::Carrier<float> stepper(grid, 1);
  mesh::State<float> state(grid, stepper.fields());
  stepper.initialise(state, 0);
  tests::vary_along_z(state, *grid);
  const ModeDecomposition parts = decompose(report.model, state, 2);
  EXPECT_EQ(parts.modes, 2);
  ASSERT_EQ(parts.channels.size(), 2u);
  for (const ChannelModes& channel : parts.channels) {
    EXPECT_EQ(channel.truth.width, 12);
    EXPECT_EQ(channel.truth.height, 8);
    tests::autoencoder::expect_sum_of_modes(channel);
  }
  // The middle plane of q.
  const auto q = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state["q"].component());
  const auto r = grid->interior();
  EXPECT_NEAR(parts.channels[0].truth.values[0], q(r.begin[2] + 3, r.begin[1], r.begin[0]), 1e-5);
}

TEST(Autoencoder3D, NamesWhatItDoesNotServe) {
  const std::string text =
      error_text([] { Network(small(), shape_of(SideKinds(2, periodic), {8}), 1); });
  EXPECT_NE(text.find("conv_autoencoder serves 2-D and 3-D grids; this one is 1-D. pod serves"),
            std::string::npos)
      << text;
  EXPECT_NE(error_text([] {
              require_size(small(), mixed, {9, 6, 10});
            }).find("10 cells along z, which is periodic"),
            std::string::npos);
  const Network network = random_network(shape_of(mixed, {9, 6, 8}));
  EXPECT_NE(error_text([&] {
              autoencoder_of(network).require_cells({9, 6, 12});
            }).find("dense layers are for 8 cells along z, not 12"),
            std::string::npos);
}

}  // namespace understudy
