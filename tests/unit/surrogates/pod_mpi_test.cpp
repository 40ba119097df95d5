// Reduced models: the basis, its sensors and its rounding, the latent map, and a window on several ranks.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "mesh/box_grid.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/latent_advance.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_pod.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

const core::Comm& world() {
  static const core::Comm comm = core::Comm::world();
  return comm;
}

// Waves with an inflow and an open side, so that `f` has a closing face.
const std::filesystem::path& dataset() {
  static const std::filesystem::path folder = [] {
    const auto path = tests::fresh_folder("pod_dataset", world());
    for (int n = 0; n < 3; ++n) tests::write_sample<float>(path, false, n, "train", 40, world());
    tests::write_sample<float>(path, false, 1, "valid", 40, world());
    world().barrier();
    return path;
  }();
  return folder;
}

TrainingSetup setup_of(const std::string& kind, const std::string& map) {
  TrainingSetup setup;
  setup.network.kind = kind;
  setup.network.latent_map = map;
  setup.network.latent_size = 10;
  setup.network.latent_width = 16;
  setup.network.constrain = false;
  setup.training.epochs = 6;
  setup.training.batch = 16;
  setup.training.unroll = {1, 4};
  setup.training.unroll_fractions = {0.5};
  setup.training.rollout_windows = 20;
  setup.training.validate_every = 2;
  setup.training.checkpoint_every = 1;
  setup.training.noise = 0.01;
  setup.training.threads = 1;
  return setup;
}

TrainingReport trained(const std::string& kind, const std::string& map) {
  return train(DatasetReader(dataset()), setup_of(kind, map), world());
}

RunDescription description(const tests::Carrier<double>& truth) {
  return {truth.fields(),
          tests::carrier_grid_params(),
          tests::carrier_boundaries(false),
          tests::window_s,
          {{"carrier.speed", "m/s", 1.1}}};
}

struct Twins {
  std::shared_ptr<tests::Carrier<double>> truth =
      std::make_shared<tests::Carrier<double>>(tests::carrier_grid(false, world()), 1.1);
  mesh::State<double> exact{truth->grid(), truth->fields()};
  Twins() {
    truth->initialise(exact, 0.13);
    for (int n = 0; n < 5; ++n) truth->advance(exact, tests::window_s);
  }
};

at::Tensor low_rank(std::int64_t frames, std::int64_t points, std::int64_t rank) {
  auto random = generator(5);
  const auto options = at::TensorOptions(at::kFloat);
  return at::mm(at::randn({frames, rank}, random, options),
                at::randn({rank, points}, random, options));
}

LatentMap map_of(const std::string& kind) {
  return {.kind = kind, .size = 5, .parameters = 2, .width = 7, .layers = 2};
}

std::vector<at::Tensor> random_weights(const LatentMap& map) {
  auto random = generator(11);
  std::vector<at::Tensor> w;
  for (const auto& specs : {map.constants(), map.weights()})
    for (const WeightSpec& spec : specs)
      w.push_back(at::rand(spec.shape, random, at::TensorOptions(at::kFloat)) + 0.2);
  return w;
}

}  // namespace

TEST(Pod, FindsTheSpanOfItsFrames) {
  const at::Tensor frames = low_rank(20, 300, 4);
  const PodBasis basis = pod_basis(frames, 4);
  const at::Tensor product = at::mm(basis.modes, basis.modes.t());
  EXPECT_LT((product - at::eye(4)).abs().max().item<double>(), 1e-5);
  const at::Tensor back = at::mm(at::mm(frames, basis.modes.t()), basis.modes);
  EXPECT_LT((back - frames).norm().item<double>(), 1e-4 * frames.norm().item<double>());
  EXPECT_GT(basis.eigenvalues[3].item<double>(),
            1e4 * std::abs(basis.eigenvalues[4].item<double>()));
  EXPECT_NE(error_text([&] { pod_basis(frames, 5); }).find("span 4 directions"), std::string::npos);
  EXPECT_NE(error_text([&] { pod_basis(frames, 20); }).find("at most 19"), std::string::npos);
}

TEST(Pod, ItsSensorsGiveTheCoordinates) {
  const PodBasis basis = pod_basis(low_rank(40, 2000, 6), 6);
  const PodSensors sensors = choose_sensors(basis.modes, 24);
  ASSERT_EQ(sensors.points.size(), 24u);
  const at::Tensor c = at::arange(1, 7, at::kFloat);
  const at::Tensor state = at::matmul(c, basis.modes);
  const at::Tensor seen = state.index_select(0, at::tensor(sensors.points, at::kLong));
  EXPECT_LT((at::matmul(sensors.encoder, seen) - c).abs().max().item<double>(), 1e-4);
}

TEST(Pod, RoundsItsModesByRows) {
  const FlatLayout layout({30, 10}, SideKinds(4, SideKind::periodic),
                          {mesh::Location::cell, mesh::Location::cell});
  const at::Tensor modes = pod_basis(low_rank(20, layout.count, 6), 6).modes;
  const RoundedModes rounded = round_modes(modes, layout, 2);
  ASSERT_EQ(rounded.rows, 20);
  const at::Tensor off = (rounded.values() - modes).abs().view({6, 20, 30}).amax(2);
  const at::Tensor largest = modes.abs().view({6, 20, 30}).amax(2);
  const at::Tensor share = off / largest;
  EXPECT_LT(share.narrow(0, 0, 2).max().item<double>(), 0.51 / 32767 + 1e-6);
  EXPECT_LT(share.narrow(0, 2, 4).max().item<double>(), 0.51 / 127);
  EXPECT_GT(share.narrow(0, 2, 4).max().item<double>(), 0.2 / 127) << "these have 8 bits";
}

TEST(LatentMap, OnTheHostIsTheOneThatWasTrained) {
  for (const std::string kind : {"linear", "mlp"}) {
    const LatentMap map = map_of(kind);
    const auto w = random_weights(map);
    const at::Tensor z = at::linspace(-1, 1, 5), q = at::tensor({0.3F, -0.7F});
    const at::Tensor expected = map.step(z.unsqueeze(0), q.unsqueeze(0), w.data()).squeeze(0);
    std::vector<float> own = floats_of(z);
    host_map(map, w, floats_of(q)).step(own);
    for (int n = 0; n < 5; ++n)
      EXPECT_NEAR(own[n], expected[n].item<float>(),
                  1e-5 * std::abs(expected[n].item<float>()) + 1e-6)
          << kind;
  }
}

TEST(ReducedModel, FollowsALinearDomain) {
  for (const auto& [kind, map] : {std::pair{"dmd", "linear"}, {"pod", "linear"}, {"pod", "mlp"}}) {
    const TrainingReport report = trained(kind, map);
    const ModelCard& card = report.model.card;
    if (std::string(kind) == "dmd") {
      EXPECT_EQ(card.steps, 0) << "a closed form has no steps";
    }
    for (const ValidationCard& v : card.validation)
      EXPECT_LT(v.rel_l2_rollout, 0.3 * v.persistence_rollout)
          << kind << " " << map << " " << v.field;
  }
}

TEST(ReducedModel, AWindowReadsAFewPointsAndKeepsTheClosingFace) {
  const TrainingReport report = trained("pod", "linear");
  Twins twins;
  const auto& card = report.model.card;
  const double q = (1.1 - card.parameters.at(0).mean) / card.parameters[0].std;
  LatentAdvance<double> latent(report.model, twins.truth->grid(), {q});
  const auto start = twins.exact.clone();
  auto state = start.clone();
  for (int n = 0; n < 4; ++n) {
    latent.advance(state);
    twins.truth->advance(twins.exact, tests::window_s);
  }
  EXPECT_EQ(latent.projections(), 1) << "only the first state was not the model's own";
  const double moved = tests::largest_difference(twins.exact, start, "q");
  EXPECT_LT(tests::largest_difference(twins.exact, state, "q"), 0.3 * moved);
  // Every point of f, the closing face of the last rank included.
  const auto& grid = *twins.truth->grid();
  const auto theirs =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), twins.exact["f"].component());
  const auto ours =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state["f"].component());
  const mesh::Range3 points = grid.points(mesh::Location::face_x);
  double worst = 0;
  for (int j = points.begin[1]; j < points.end[1]; ++j)
    worst =
        std::max(worst, std::abs(ours(0, j, points.end[0] - 1) - theirs(0, j, points.end[0] - 1)));
  EXPECT_LT(worst, 0.3 * moved);
  EXPECT_GT(worst, 0) << "a copy";
}

TEST(ReducedModel, CoordinatesAreTheSameOnAnyNumberOfRanks) {
  const TrainingReport report = trained("dmd", "linear");
  Twins twins;
  LatentAdvance<double> latent(report.model, twins.truth->grid(), {0});
  auto state = twins.exact.clone();
  latent.advance(state);
  const auto all = latent.encode(state);
  // The same on one rank.
  const auto alone = std::make_shared<const mesh::BoxGrid>(
      tests::carrier_grid_params(), std::array<bool, 3>{false, true, true}, core::Comm::self());
  tests::Carrier<double> truth(alone, 1.1);
  mesh::State<double> own(alone, truth.fields());
  truth.initialise(own, 0.13);
  for (int n = 0; n < 5; ++n) truth.advance(own, tests::window_s);
  LatentAdvance<double> one(report.model, alone, {0});
  one.advance(own);
  const auto expected = one.encode(own);
  ASSERT_EQ(all.size(), expected.size());
  for (std::size_t n = 0; n < all.size(); ++n) EXPECT_NEAR(all[n], expected[n], 2e-4);
}

TEST(ReducedModel, TrainingOnRanksIsTheOneRankTraining) {
  const TrainingReport together = trained("pod", "mlp");
  const TrainingReport alone =
      train(DatasetReader(dataset()), setup_of("pod", "mlp"), core::Comm::self());
  const at::Tensor a = together.model.network->impl().trained(),
                   b = alone.model.network->impl().trained();
  EXPECT_LT((a - b).norm().item<double>(), 1e-3 * b.norm().item<double>());
}

TEST(ReducedModel, RefusesAnotherGrid) {
  const TrainingReport report = trained("dmd", "linear");
  auto truth =
      std::make_shared<tests::Carrier<double>>(tests::carrier_grid(false, world(), 48, 32));
  RunDescription run = description(*truth);
  run.grid = tests::carrier_grid_params(48, 32);
  run.grid.upper_m = {3, 2};
  EXPECT_NE(error_text([&] {
              SurrogateStepper<double>(truth, report.model, run);
            }).find("is a decomposition on 24 cells along x; this run has 48"),
            std::string::npos);
}

}  // namespace understudy
