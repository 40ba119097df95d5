// The U-Net on the panels of a cubed sphere: shapes, persistence, what reaches across edges, and what is refused.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "surrogates/network/torch_network.hpp"

namespace understudy {

using namespace surrogates;

namespace {

constexpr std::int64_t n = 8;

}  // namespace

TEST(CubedUNet, StepsPanelsAndStartsAsPersistence) {
  NetworkParams params;
  params.width = 8;
  params.levels = 1;
  params.patch = 2;
  NetworkShape shape;
  shape.prognostic = 4;
  shape.fixed = 1;
  shape.boundaries = SideKinds(4, SideKind::joint);
  shape.cells = {n, n, 6};
  shape.vectors = {1};
  shape.locations.assign(4, mesh::Location::cell);
  const Network network(params, shape, 3);
  const at::Tensor input = at::randn({2, 5, 6, n, n});
  const auto weights = slices(network.impl().flat, network.impl().specs);
  const at::Tensor out = network.impl().architecture->forward(input, weights);
  EXPECT_EQ(out.sizes(), (std::vector<std::int64_t>{2, 4, 6, n, n}));
  EXPECT_EQ(out.abs().max().item<float>(), 0) << "an untrained network is persistence";
  // With weights that are not zero every cell is reached, and all panels' edges.
  network.impl().flat.uniform_(-0.3, 0.3);
  const at::Tensor before = network.impl().architecture->forward(input, weights);
  at::Tensor poked = input.clone();
  poked[0][0][0][3][n - 1] += 1;  // beside the edge of panel 1
  const at::Tensor change =
      (network.impl().architecture->forward(poked, weights) - before).abs().amax({1, 3, 4});
  EXPECT_GT(change[0][1].item<float>(), 0) << "panel 1 sees it";
  EXPECT_EQ(change[1].max().item<float>(), 0) << "the other of the batch does not";
}

TEST(CubedUNet, OtherNetworksAndSizesAreRefusedByName) {
  const SideKinds joints(4, SideKind::joint);
  const auto error_of = [&](const NetworkParams& params, std::vector<long long> cells) {
    try {
      require_size(params, joints, cells);
    } catch (const core::UserError& e) {
      return std::string(e.what());
    }
    return std::string("none");
  };
  NetworkParams params;
  params.levels = 2;
  EXPECT_EQ(error_of(params, {24, 24, 6}), "none");
  EXPECT_NE(error_of(params, {20, 20, 6})
                .find("20 cells along x, which ends at other panels, are "
                      "not a multiple of patch x 2^levels = 2 x 2^2 = 8"),
            std::string::npos);
  params.kind = "fno";
  EXPECT_EQ(error_of(params, {24, 24, 6}),
            "network.kind: fno does not know the panels of a cubed sphere; unet, pod, dmd do");
}

}  // namespace understudy
