#include "surrogates/fields/model_modes.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "mesh/cell_measure.hpp"
#include "mesh/loops.hpp"
#include "surrogates/fields/block_moves.hpp"
#include "surrogates/fields/state_packing.hpp"
#include "surrogates/fields/torch_relative_error.hpp"
#include "surrogates/network/torch_autoencoder.hpp"
#include "surrogates/network/torch_pod.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;

// All normalised: modes [mode, channel, z, y, x], the others [channel, z, y, x]. Weights of the cells [z, y, x], or
// undefined.
struct Parts {
  Tensor truth, mean, modes, sum, weights;
};

// Channels of all ranks on rank 0's host, [channel, z, y, x].
Tensor gathered(const std::shared_ptr<const mesh::Grid>& grid, const Channels& local) {
  Kokkos::fence("packed");
  Channels whole = local;
  if (grid->comm().size() > 1) {
    if (grid->comm().is_root())
      whole = Channels("whole modes", local.extent(0), grid->global_cells(2), grid->global_cells(1),
                       grid->global_cells(0));
    BlockMoves(grid->comm(), boxes_of(*grid), boxes_on_root(*grid), local.extent_int(0))
        .run(local, whole);
  }
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), whole);
  Tensor values = at::empty(
      {host.extent_int(0), host.extent_int(1), host.extent_int(2), host.extent_int(3)}, at::kFloat);
  std::copy_n(host.data(), host.size(), values.data_ptr<float>());
  return values;
}

Channels block_of(const mesh::Grid& grid, int channels) {
  return Channels("modes", channels, grid.local_cells(2), grid.local_cells(1), grid.local_cells(0));
}

// The state's channels, normalised.
template <class Real>
Tensor packed(const ModelCard& card, const mesh::State<Real>& state) {
  const auto grid = state.shared_grid();
  const int channels = static_cast<int>(card.fields.size());
  const Channels local = block_of(*grid, channels);
  for (int c = 0; c < channels; ++c)
    pack_channel(state[card.fields[c].name].component(card.fields[c].component),
                 {local, c, card.fields[c], *grid});
  return gathered(grid, local);
}

// The cells' measures over their mean, [z, y, x]; undefined where they are alike.
Tensor weights_of(const std::shared_ptr<const mesh::Grid>& grid) {
  const auto measure = grid->cell_measure().of_each;
  if (measure.size() == 0) return {};
  const double mean = mesh::weight_of_cells(*grid) / static_cast<double>(grid->global_cell_count());
  const Channels local = block_of(*grid, 1);
  const int gi = grid->ghosts(0), gj = grid->ghosts(1), gk = grid->ghosts(2);
  mesh::for_cells(
      "cell weights", grid->interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        local(0, k - gk, j - gj, i - gi) = static_cast<float>(measure(k, j, i) / mean);
      });
  return gathered(grid, local).squeeze(0);
}

Parts parts_of(const AutoencoderArchitecture& a, const std::vector<Tensor>& w,
               const Tensor& truth) {
  Tensor mean = w[AutoencoderArchitecture::mean];  // [channel, (z,) y, x]
  const bool plane = mean.dim() == 3;
  const Tensor z = a.encode((plane ? truth.squeeze(1) : truth).unsqueeze(0), w);
  Tensor modes = a.decode_modes(z, w).squeeze(0);  // [mode, channel, (z,) y, x]
  if (plane) {
    mean = mean.unsqueeze(1);
    modes = modes.unsqueeze(2);
  }
  return {truth, mean, modes, mean + modes.sum(0), {}};
}

// The coordinates are those of least squares at the cells' own points, weighed: closing faces are not packed.
Parts parts_of(const PodArchitecture& a, const std::vector<Tensor>& w, const Tensor& truth,
               const Tensor& weights) {
  auto at_cells = [&](const Tensor& points) {  // [n, point] -> [n, channel, z, y, x]
    std::vector<Tensor> channels;
    for (const ChannelPoints& c : a.points().channels) {
      const Tensor all = points.narrow(1, c.offset, c.count())
                             .view({points.size(0), c.points[2], c.points[1], c.points[0]});
      channels.push_back(
          all.narrow(1, 0, truth.size(1)).narrow(2, 0, truth.size(2)).narrow(3, 0, truth.size(3)));
    }
    return at::stack(channels, 1);
  };
  const Tensor mean = at_cells(w[PodArchitecture::mean].unsqueeze(0)).squeeze(0);
  const Tensor modes = at_cells(w[PodArchitecture::modes]);
  const Tensor rows = modes.flatten(1).to(at::kDouble);
  const Tensor by = weighed(modes, weights).flatten(1).to(at::kDouble);
  const Tensor gram = at::mm(by, rows.t());
  const Tensor wanted = at::mv(by, (truth - mean).flatten().to(at::kDouble));
  const Tensor c = at::linalg_solve(gram, wanted).to(at::kFloat);
  const Tensor parts = modes * c.view({-1, 1, 1, 1, 1});
  return {truth, mean, parts, mean + parts.sum(0), {}};
}

// The middle plane of [z, y, x].
mesh::Slice slice_of(const Tensor& values, double factor, double offset) {
  const Tensor plane =
      (values.select(0, values.size(0) / 2).to(at::kDouble) * factor + offset).contiguous();
  mesh::Slice slice;
  slice.height = static_cast<int>(plane.size(0));
  slice.width = static_cast<int>(plane.size(1));
  slice.values.assign(plane.const_data_ptr<double>(),
                      plane.const_data_ptr<double>() + plane.numel());
  return slice;
}

ChannelModes channel_of(const Parts& parts, const FieldCard& field, std::int64_t c, int most) {
  const Tensor truth = parts.truth.select(0, c), sum = parts.sum.select(0, c);
  // A constant channel is no business of the modes.
  const double std = field.constant ? 0 : field.std;
  ChannelModes channel;
  channel.field = field.name;
  channel.unit = field.unit;
  channel.truth = slice_of(truth, std, field.mean);
  channel.mean = slice_of(parts.mean.select(0, c), std, field.mean);
  channel.sum = slice_of(sum, std, field.mean);
  for (std::int64_t m = 0; m < std::min<std::int64_t>(most, parts.modes.size(0)); ++m)
    channel.modes.push_back(slice_of(parts.modes.select(0, m).select(0, c), std, 0));
  const Tensor by = parts.weights.defined() ? parts.weights.sqrt() : parts.weights;
  const double size = weighed(truth * std + field.mean, by).norm().item<double>();
  channel.rel_l2 = size > 0 ? weighed((sum - truth) * std, by).norm().item<double>() / size : 0;
  return channel;
}

}  // namespace

template <class Real>
ModeDecomposition decompose(const FieldModel& model, const mesh::State<Real>& state, int most) {
  const c10::InferenceMode no_autograd;
  const Network::Impl& impl = model.network->impl();
  const auto* autoencoder = dynamic_cast<const AutoencoderArchitecture*>(impl.architecture.get());
  const auto* pod = dynamic_cast<const PodArchitecture*>(impl.architecture.get());
  if (!autoencoder && !pod) return {};
  const Tensor truth = packed(model.card, state), weights = weights_of(state.shared_grid());
  if (!state.grid().comm().is_root()) return {};
  const auto w = slices(impl.flat, impl.specs);
  Parts parts = autoencoder ? parts_of(*autoencoder, w, truth) : parts_of(*pod, w, truth, weights);
  parts.weights = weights;
  ModeDecomposition result;
  result.modes = static_cast<int>(parts.modes.size(0));
  for (std::size_t c = 0; c < model.card.fields.size(); ++c)
    result.channels.push_back(
        channel_of(parts, model.card.fields[c], static_cast<std::int64_t>(c), most));
  return result;
}

template ModeDecomposition decompose(const FieldModel&, const mesh::State<float>&, int);
template ModeDecomposition decompose(const FieldModel&, const mesh::State<double>&, int);

}  // namespace understudy::surrogates
