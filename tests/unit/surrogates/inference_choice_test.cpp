// In which precision and layout a network is called: by name, or the fastest that the card allows.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/surrogates_synthetic.hpp"
#include "surrogates/network/inference_choice.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy {

using namespace surrogates;

namespace {

NetworkParams params_of(const std::string& kind, const std::string& precision) {
  NetworkParams params;
  params.kind = kind;
  params.width = 8;
  params.levels = 1;
  params.layers = 1;
  params.modes = {3};
  params.precision = precision;
  return params;
}

Network network_of(const NetworkParams& params) {
  NetworkShape shape;
  shape.prognostic = 2;
  shape.boundaries = tests::carrier_boundaries(true);
  Network network(params, shape, 3);
  network.impl().flat.uniform_(-0.2, 0.2, generator(5));
  return network;
}

InferenceChoice choose(const Network& network, const std::vector<PrecisionCard>& errors) {
  return choose_inference(network, network.params(), errors, {24, 16}, false);
}

long long timings(const InferenceChoice& choice) {
  long long count = 0;
  for (auto at = choice.reason.find(" ms"); at != std::string::npos;
       at = choice.reason.find(" ms", at + 1))
    ++count;
  return count;
}

}  // namespace

TEST(InferenceChoice, IsWhatIsAskedForByName) {
  for (const std::string precision : {"float32", "bfloat16"}) {
    const Network network = network_of(params_of("unet", precision));
    const auto choice = choose(network, {});
    EXPECT_EQ(choice.precision, precision);
    EXPECT_EQ(choice.layout, "channels_last");
    EXPECT_EQ(timings(choice), 0) << "nothing is measured: " << choice.reason;
  }
  EXPECT_EQ(choose(network_of(params_of("fno", "float32")), {}).layout, "contiguous");
}

TEST(InferenceChoice, OfAutoKeepsToWhatTheCardAllows) {
  const Network network = network_of(params_of("unet", "auto"));
  auto choice = choose(network, {});
  EXPECT_EQ(choice.precision, "float32");
  EXPECT_EQ(timings(choice), 2) << choice.reason;
  EXPECT_NE(choice.reason.find("bfloat16 is left out, as the model card has no error for it"),
            std::string::npos)
      << choice.reason;
  choice = choose(network, {{"float32", 0.10}, {"bfloat16", 0.12}});
  EXPECT_EQ(choice.precision, "float32");
  EXPECT_NE(choice.reason.find("bfloat16 is left out: rollout error 0.12, 0.1 in float32"),
            std::string::npos)
      << choice.reason;
  choice = choose(network, {{"float32", 0.10}, {"bfloat16", 0.105}});
  EXPECT_EQ(timings(choice), 4) << choice.reason;
  EXPECT_EQ(network.impl().precision, choice.precision);
}

TEST(InferenceChoice, OfAVolumeTimesTheLayoutThatItsKindLikes) {
  for (const std::string kind : {"unet", "fno"}) {
    const NetworkParams params = params_of(kind, "auto");
    NetworkShape shape;
    shape.prognostic = 2;
    shape.boundaries = SideKinds(6, SideKind::periodic);
    const Network network(params, shape, 3);
    const auto choice = choose_inference(network, params, {}, {8, 8, 8}, false);
    EXPECT_EQ(timings(choice), kind == "unet" ? 2 : 1) << choice.reason;
    EXPECT_EQ(choice.reason.find("channels_last") != std::string::npos, kind == "unet");
  }
  NetworkShape shape;
  shape.prognostic = 2;
  shape.boundaries = SideKinds(6, SideKind::periodic);
  const Network network(params_of("unet", "float32"), shape, 3);
  EXPECT_EQ(choose_inference(network, network.params(), {}, {8, 8, 8}, false).layout,
            "channels_last");
}

TEST(InferenceChoice, OfALayoutChangesNoResult) {
  for (const std::string kind : {"unet", "fno"}) {
    const Network network = network_of(params_of(kind, "float32"));
    const at::Tensor input = at::randn({1, 2, 16, 24}, generator(7), at::TensorOptions(at::kFloat));
    std::vector<at::Tensor> results;
    for (const auto layout : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      network.impl().layout = layout;
      network.impl().forget_inference_copies();
      results.push_back(network.impl().infer(input));
    }
    EXPECT_GT(results[0].abs().max().item<double>(), 1e-3);
    EXPECT_LT((results[0] - results[1]).abs().max().item<double>(),
              1e-5 * results[0].abs().max().item<double>())
        << kind;
  }
}

}  // namespace understudy
