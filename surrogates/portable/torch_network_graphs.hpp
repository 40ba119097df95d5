// The networks of surrogates/network/ as graphs (private to surrogates/): the same formulas as there, with the
// weights by their names. All on the cells of the model's grid, in normalised values.
#pragma once

#include <map>
#include <string>

#include "surrogates/network/torch_network.hpp"
#include "surrogates/portable/torch_graph.hpp"

namespace understudy::surrogates {

/// A network, and the graph that it is written into.
struct NetworkToGraph {
  Graph& graph;
  const NetworkParams& params;
  const NetworkShape& shape;
  std::map<std::string, at::Tensor> weights;

  NetworkToGraph(Graph& to, const Network& network);
  Value weight(const std::string& name) const;
  const at::Tensor& values(const std::string& name) const { return weights.at(name); }
  /// A constant that is made from weights, or belongs to the grid.
  Value constant(const std::string& name, const at::Tensor& value) const {
    return graph.constant(name, value);
  }
};

/// What a network is given.
struct GraphInputs {
  Value state;       ///< [batch, prognostic, (z,) y, x]
  Value fixed;       ///< [batch, fixed, (z,) y, x], or nothing
  Value parameters;  ///< [batch, parameter], or nothing
};

/// [batch, inputs, (z,) y, x]: the parameters are constant channels.
Value channels_of(const GraphInputs& inputs);

/// -> increment or state [batch, prognostic, (z,) y, x].
Value unet_graph(const NetworkToGraph& network, const GraphInputs& inputs);
Value fno_graph(const NetworkToGraph& network, const GraphInputs& inputs);
Value autoencoder_graph(const NetworkToGraph& network, const GraphInputs& inputs);
/// z [batch, r] -> z one window later; `q` [batch, parameter] or nothing.
Value latent_graph(const NetworkToGraph& network, const Value& z, const Value& q);

/// One ghost cell on every side of [batch, channel, (z,) y, x], by what the side is (torch_padding.hpp).
Value pad_sides(const Value& x, const SideKinds& sides);
/// [batch, channel, (z,) y, x] with the cells at the upper sides repeated up to the next multiples.
Value extended(const Value& x, std::int64_t multiple);
/// The first `cells` along each axis, (z,) y, x.
Value cut_to(const Value& x, const std::vector<std::int64_t>& cells);

}  // namespace understudy::surrogates
