// `network.kind: local`: what a cell becomes in a window depends on its neighbourhood alone. `layers`
// convolutions of 3 x 3 cells with `width` channels between them, each padded by what the sides are, so that
// a cell sees `layers` cells in each direction; every layer but the first and the last adds to what it gets.
//
//   h_1 = act(C_1 x),  h_n = h_(n-1) + act(C_n h_(n-1)),  output = C_layers h_(layers-1)
//
// The last layer starts at zero: an untrained network is persistence. Any number of cells, 2-D only. In a
// window of 50 s diffusion reaches sqrt(4 D t) = 3 cells of the deck's grid, and no pooling is needed to see
// so far; patterns that travel farther in a window are out of its sight.
#include <ATen/ATen.h>

#include <cmath>
#include <string>

#include "core/error.hpp"
#include "core/format.hpp"
#include "examples/gray_scott/local_network.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_padding.hpp"

namespace gray_scott {

namespace {

namespace surrogates = understudy::surrogates;

class LocalNetwork : public surrogates::Architecture {
 public:
  LocalNetwork(const surrogates::NetworkParams& params, const surrogates::NetworkShape& shape)
      : sides_(shape.boundaries), activation_(params.activation), layers_(params.layers) {
    for (int n = 0; n < layers_; ++n) {
      const int in = n == 0 ? shape.inputs() : params.width;
      const bool last = n == layers_ - 1;
      const int out = last ? shape.prognostic : params.width;
      const std::string name = understudy::core::format("layer{}", n);
      // Keeps the variance through the activation (He et al. 2015).
      weights_.push_back({.name = name + ".weight",
                          .shape = {out, in, 3, 3},
                          .bound = last ? 0 : std::sqrt(6.0 / (9 * in))});
      weights_.push_back({.name = name + ".bias", .shape = {out}});
    }
  }

  std::vector<surrogates::WeightSpec> weights() const override { return weights_; }

  at::Tensor forward(const at::Tensor& input, const std::vector<at::Tensor>& w) const override {
    at::Tensor h = input;
    for (int n = 0; n < layers_; ++n) {
      const at::Tensor y =
          at::conv2d(surrogates::pad_sides(h, sides_), w.at(2 * n), w.at(2 * n + 1));
      if (n == layers_ - 1) return y;
      const at::Tensor active = surrogates::activate(activation_, y);
      h = n == 0 ? active : h + active;
    }
    return h;
  }

  double operations(const std::vector<long long>& cells) const override {
    double a_cell = 0;
    for (const auto& spec : weights_) a_cell += 2.0 * double(spec.count());
    return a_cell * double(cells.at(0)) * double(cells.at(1));
  }

  at::MemoryFormat layout() const override { return at::MemoryFormat::ChannelsLast; }

 private:
  surrogates::SideKinds sides_;
  std::string activation_;
  int layers_;
  std::vector<surrogates::WeightSpec> weights_;
};

std::unique_ptr<surrogates::Architecture> make_local(const surrogates::NetworkParams& params,
                                                     const surrogates::NetworkShape& shape) {
  if (shape.boundaries.size() != 4)
    throw understudy::core::UserError("network.kind: local serves 2-D grids only");
  return std::make_unique<LocalNetwork>(params, shape);
}

}  // namespace

void add_local_network() {
  surrogates::add_network(
      {.name = "local", .help = "3 x 3 convolutions on all cells: sees `layers` cells around each"},
      make_local);
}

}  // namespace gray_scott
