// Modes of samples that are read as training goes on: close to the exact ones, the same for any memory, and resumed as
// they are.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/error.hpp"
#include "support/torch_streaming_case.hpp"
#include "surrogates/fields/torch_streamed_basis.hpp"
#include "surrogates/network/torch_pod.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;
using tests::streaming::Made;
using tests::streaming::make;
using tests::streaming::setup_of;
using tests::streaming::world;
using tests::streaming::write_dataset;

namespace {

const std::filesystem::path& dataset() {
  static const std::filesystem::path folder = write_dataset("streaming_modes", 3, true);
  return folder;
}

// Largest angle between the spans of orthonormal rows, as its sine.
double subspace_angle(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor rest = b - at::mm(at::mm(b, a.t()), a);
  return std::sqrt(
      at::linalg_eigvalsh(at::mm(rest, rest.t()).to(at::kDouble)).max().item<double>());
}

TEST(Streaming, FindsTheModesOfTheExactWay) {
  const DatasetReader data(dataset());
  for (const std::string kind : {"pod", "dmd"}) {
    const TrainingSetup setup = setup_of(kind);
    const auto memory = make(data, setup, {}), streamed = make(data, setup, {true, 1});
    const auto parts = [](const Made& made) {
      const auto& impl = made.trainer->network.impl();
      return slices(impl.flat, impl.specs);
    };
    const auto exact = parts(memory), found = parts(streamed);
    const at::Tensor mean = exact[PodArchitecture::mean] - found[PodArchitecture::mean];
    EXPECT_LT(mean.abs().max().item<double>(), 1e-5);
    const at::Tensor &a = exact[PodArchitecture::modes], &b = found[PodArchitecture::modes];
    EXPECT_LT((at::mm(b, b.t()) - at::eye(6)).abs().max().item<double>(), 1e-5) << kind;
    EXPECT_LT(subspace_angle(a, b), 2e-3) << kind;
    EXPECT_NEAR(
        found[PodArchitecture::unit].item<double>() / exact[PodArchitecture::unit].item<double>(),
        1, 1e-5)
        << "the first mode's spread";
    for (std::size_t c = 0; c < memory.trainer->card.validation.size(); ++c) {
      const ValidationCard &x = memory.trainer->card.validation[c],
                           &y = streamed.trainer->card.validation[c];
      EXPECT_NEAR(y.rel_l2_one_window, x.rel_l2_one_window, 0.02 * x.rel_l2_one_window + 1e-5)
          << kind;
      EXPECT_NEAR(y.rel_l2_rollout, x.rel_l2_rollout, 0.05 * x.rel_l2_rollout + 1e-4) << kind;
      EXPECT_NEAR(y.persistence_rollout, x.persistence_rollout, 1e-4) << kind;
    }
    // The same bits for any memory, and on all ranks.
    EXPECT_TRUE(at::equal(make(data, setup, {true, 1e6}).weights(), streamed.weights())) << kind;
    const double sum = streamed.weights().sum().item<double>();
    EXPECT_EQ(world().max(sum), world().min(sum));
  }
}

// 60 frames of 500 values with singular values that fall as 2^-n: the largest angle between the spans of the exact and
// the found modes, and what they keep of the energy.
TEST(StreamedBasis, HasTheSpanAndTheEnergyOfTheExactModes) {
  auto random = generator(5);
  const auto options = at::TensorOptions(at::kFloat);
  const at::Tensor u = std::get<0>(at::linalg_qr(at::randn({60, 20}, random, options))),
                   v = std::get<0>(at::linalg_qr(at::randn({500, 20}, random, options)));
  const at::Tensor fall = at::pow(0.5, at::arange(0, 20, options));
  const at::Tensor frames = at::mm(u * fall, v.t()) * 30 + at::linspace(1, 2, 500, options);
  const at::Tensor mean = frames.mean(0), rest = frames - mean;
  for (const std::int64_t block : {7, 60}) {
    const StreamedBasis basis = streamed_basis(
        [&](const auto& action) {
          for (std::int64_t n = 0; n < 60; n += block)
            action(frames.narrow(0, n, std::min<std::int64_t>(block, 60 - n)));
        },
        {.frames = 60, .points = 500, .r = 6, .seed = 3});
    const PodBasis exact = pod_basis(rest, 6);
    EXPECT_LT((basis.mean - mean).abs().max().item<double>(), 1e-5);
    EXPECT_LT(subspace_angle(exact.modes, basis.modes), 1e-3) << block;
    EXPECT_NEAR(basis.variance / exact.eigenvalues.sum().item<double>(), 1, 1e-5);
    for (int n = 0; n < 6; ++n)
      EXPECT_NEAR(basis.eigenvalues[n].item<double>() / exact.eigenvalues[n].item<double>(), 1,
                  1e-4)
          << n;
    const at::Tensor coordinates = at::mm(rest, basis.modes.t());
    EXPECT_LT((coordinates - basis.coordinates).abs().max().item<double>(), 1e-4);
  }
  const auto text = [&](std::int64_t r, std::int64_t count) {
    return error_text([&] {
      streamed_basis(
          [&](const auto& action) { action(frames.narrow(0, 0, 1).expand({count, 500})); },
          {.frames = count, .points = 500, .r = r, .seed = 3});
    });
  };
  EXPECT_NE(text(6, 6).find("at most 5"), std::string::npos);
  EXPECT_NE(text(3, 20).find("directions to single precision"), std::string::npos) << text(3, 20);
}

TEST(Streaming, AReducedModelIsResumedInItsOwnModes) {
  const auto folder = tests::fresh_folder("streaming_pod_resume", world());
  const DatasetReader data(dataset());
  TrainingSetup setup = setup_of("pod");
  const auto whole = make(data, setup, {true, 1});
  setup.files = {folder / "checkpoint.safetensors", {}, true, 9};
  EXPECT_THROW(make(data, setup, {true, 1}), core::Interrupted);
  EXPECT_NE(error_text([&] {
              make(data, setup, {});
            }).find("modes of streamed frames (training.memory_gb)"),
            std::string::npos);
  setup.files.pause_after_steps = 0;
  EXPECT_TRUE(at::equal(whole.weights(), make(data, setup, {true, 1e6}).weights()));
}

}  // namespace

}  // namespace understudy
