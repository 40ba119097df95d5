// The table of networks: ours, what follows from a kind, and one that a program adds.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

const std::vector<std::string> ours{"unet", "fno", "conv_autoencoder", "pod", "dmd", "correction"};

NetworkParams of_kind(const std::string& kind) {
  NetworkParams params;
  params.kind = kind;
  return params;
}

NetworkShape shape_2d() {
  NetworkShape shape;
  shape.prognostic = 2;
  shape.boundaries = tests::carrier_boundaries(true);
  shape.cells = {8, 6};
  return shape;
}

/// One factor for all channels.
class Scale : public Architecture {
 public:
  std::vector<WeightSpec> weights() const override {
    return {{.name = "factor", .shape = {1}, .bound = -1}};
  }
  at::Tensor forward(const at::Tensor& input, const std::vector<at::Tensor>& w) const override {
    return input * w.at(0);
  }
  double operations(const std::vector<long long>&) const override { return 1; }
};

std::unique_ptr<Architecture> make_scale(const NetworkParams&, const NetworkShape&) {
  return std::make_unique<Scale>();
}

}  // namespace

TEST(NetworkKinds, OursStandFirstAndSayWhatTheyAre) {
  auto names = network_kind_names();
  ASSERT_GE(names.size(), ours.size());
  names.resize(ours.size());
  EXPECT_EQ(names, ours);
  for (const auto& kind : network_kinds()) EXPECT_FALSE(kind.help.empty()) << kind.name;
  for (const std::string kind : {"pod", "dmd"}) {
    EXPECT_TRUE(is_latent(of_kind(kind))) << kind;
    EXPECT_TRUE(has_one_grid(of_kind(kind))) << kind;
    EXPECT_FALSE(predicts_state(of_kind(kind))) << kind;
  }
  EXPECT_TRUE(predicts_state(of_kind("conv_autoencoder")));
  EXPECT_TRUE(has_one_grid(of_kind("conv_autoencoder")));
  EXPECT_TRUE(is_imported(of_kind("imported")) && has_one_grid(of_kind("imported")));
  EXPECT_FALSE(is_imported(of_kind("unet")) || is_latent(of_kind("imported")));
  for (const std::string kind : {"unet", "fno", "mlp"}) {
    EXPECT_FALSE(is_latent(of_kind(kind)) || has_one_grid(of_kind(kind))) << kind;
    EXPECT_FALSE(predicts_state(of_kind(kind))) << kind;
  }
}

TEST(NetworkKinds, ATakenNameIsRefused) {
  for (const auto& name : ours) {
    const auto text = error_text([&] { add_network({.name = name, .help = "again"}, make_scale); });
    EXPECT_NE(text.find("'" + name + "' cannot be added"), std::string::npos) << text;
    EXPECT_NE(text.find("unet, fno, conv_autoencoder, pod, dmd"), std::string::npos) << text;
  }
  for (const NetworkKind& kind :
       {NetworkKind{.name = "mlp", .help = ""}, NetworkKind{.name = "", .help = ""},
        NetworkKind{.name = "own_modes", .help = "", .latent = true},
        NetworkKind{.name = "own_correction", .help = "", .corrects = true},
        NetworkKind{.name = "own_program", .help = "", .program = true}})
    EXPECT_THROW(add_network(kind, make_scale), core::UserError) << kind.name;
}

TEST(NetworkKinds, AnAddedOneIsMadeAndNamed) {
  add_network({.name = "test_scale", .help = "one factor", .predicts_state = true}, make_scale);
  EXPECT_EQ(network_kind_names().back(), "test_scale");
  const Network network(of_kind("test_scale"), shape_2d(), 1);
  EXPECT_EQ(network.weight_count(), 1);
  const at::Tensor input = at::full({1, 2, 6, 8}, 3.0, at::kFloat);
  EXPECT_EQ(network.impl().infer(input).sum().item<double>(), 3.0 * 2 * 6 * 8);
  EXPECT_TRUE(predicts_state(of_kind("test_scale")));
  EXPECT_FALSE(has_one_grid(of_kind("test_scale")));
  EXPECT_THROW(add_network({.name = "test_scale", .help = "again"}, make_scale), core::UserError);

  const auto text = error_text([] { make_architecture(of_kind("unett"), shape_2d()); });
  for (const char* part :
       {"'unett' is unknown", "pod, dmd, correction, imported, test_scale", "mlp for points"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

}  // namespace understudy
