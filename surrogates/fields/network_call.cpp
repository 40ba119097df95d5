#include "surrogates/fields/network_call.hpp"

#include <ATen/core/Tensor.h>

#include <array>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "mesh/grid_shape.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_view.hpp"

namespace understudy::surrogates {

namespace {

// First cell of each of the grid's blocks along an axis, and the end.
std::vector<long long> starts_of(const mesh::Grid& grid, int axis) {
  const auto dims = grid.rank_dims();
  const int stride = axis == 0 ? 1 : axis == 1 ? dims[0] : dims[0] * dims[1];
  std::vector<long long> starts;
  for (int b = 0; b < dims[axis]; ++b) starts.push_back(grid.block(b * stride).begin[axis]);
  starts.push_back(grid.global_cells(axis));
  return starts;
}

bool all_multiples(const std::vector<long long>& starts, long long multiple) {
  for (std::size_t b = 0; b + 1 < starts.size(); ++b)
    if (starts[b] % multiple != 0) return false;
  return true;
}

}  // namespace

NetworkCall::NetworkCall(std::shared_ptr<const mesh::Grid> grid, std::shared_ptr<Network> network,
                         const SideKinds& sides, const std::string& asked)
    : grid_(std::move(grid)), network_(std::move(network)) {
  cells_ = mesh::shape_of(*grid_);
  if (grid_->comm().size() > 1) choose_place(sides, asked);
  make_channels();
  prepare();
}

// What fails where the network is called is an error on all ranks.
void NetworkCall::prepare() const {
  std::string wrong;
  try {
    if (place_.on != "gathered" || grid_->comm().is_root())
      network_->impl().architecture->prepare();
  } catch (const core::UserError& error) {
    wrong = error.what();
  }
  grid_->comm().throw_on_all_ranks<core::UserError>(wrong);
}

void NetworkCall::gather(const std::string& reason) {
  place_ = {"gathered", reason};
  boxes_ = boxes_on_root(*grid_);
}

void NetworkCall::choose_place(const SideKinds& sides, const std::string& asked) {
  if (asked == "gathered") {
    gather("swap.inference asks for it");
    return;
  }
  const long long multiple = network_->block_multiple();
  std::string reason;
  if (multiple == 0) {
    reason = core::format("the network '{}' is called on whole fields{}", network_->params().kind,
                          grid_->panels() > 1 ? " on a cubed sphere" : "");
  } else {
    std::vector<int> blocks;
    for (int axis = 0; axis < grid_->dimension(); ++axis)
      blocks.push_back(grid_->rank_dims()[axis]);
    reason = why_not_aligned(cells_, blocks, multiple, network_->params().kind);
  }
  if (!reason.empty()) {
    if (asked == "blocks")
      throw core::UserError(core::format(
          "swap.inference: blocks: {}. With swap.inference: auto the field is gathered on rank 0 for the "
          "network.",
          reason));
    core::log::info("surrogate: the field is gathered on rank 0 for the network: {}", reason);
    gather(reason);
    return;
  }
  std::vector<std::vector<long long>> starts;
  bool moved = false;
  for (int axis = 0; axis < grid_->dimension(); ++axis) {
    starts.push_back(starts_of(*grid_, axis));
    if (all_multiples(starts.back(), multiple)) continue;
    starts.back() = aligned_starts(grid_->global_cells(axis), grid_->rank_dims()[axis], multiple);
    moved = true;
  }
  blocks_.emplace(grid_->comm(), starts, sides);
  if (moved) boxes_ = boxes_of(*blocks_);
  for (int axis = 0; axis < grid_->dimension(); ++axis) cells_[axis] = blocks_->cells(axis);
  place_ = {"blocks", moved
                          ? core::format("of the network's own, at multiples of {} cells", multiple)
                          : std::string("of the simulation")};
}

void NetworkCall::make_channels() {
  const NetworkShape& shape = network_->shape();
  const auto channels = [](const char* name, int count, const std::array<int, 3>& cells) {
    return Channels(name, count, cells[2], cells[1], cells[0]);
  };
  const std::array<int, 3> here{grid_->local_cells(0), grid_->local_cells(1),
                                grid_->local_cells(2)};
  local_input_ = channels("surrogate input", shape.inputs(), here);
  local_output_ = channels("surrogate output", shape.prognostic, here);
  input_ = local_input_;
  output_ = local_output_;
  if (!boxes_.empty()) {
    const Boxes of_grid = boxes_of(*grid_);
    there_.emplace(grid_->comm(), of_grid, boxes_, shape.inputs());
    back_.emplace(grid_->comm(), boxes_, of_grid, shape.prognostic);
  }
  if (!boxes_.empty() && boxes_[grid_->comm().rank()].count() > 0) {
    std::array<int, 3> there{1, 1, 1};
    for (std::size_t axis = 0; axis < cells_.size(); ++axis)
      there[axis] = static_cast<int>(cells_[axis]);
    input_ = channels("surrogate input of the call", shape.inputs(), there);
    output_ = channels("surrogate output of the call", shape.prognostic, there);
  }
  host_input_ = Kokkos::create_mirror_view(Kokkos::HostSpace(), input_);
  host_output_ = Kokkos::create_mirror_view(Kokkos::HostSpace(), output_);
}

void NetworkCall::move(BlockMoves& moves, const Channels& from, const Channels& to) {
  moves.run(from, to);
  if (!blocks_) return;
  blocks_->traffic().messages += moves.messages();
  blocks_->traffic().bytes += moves.bytes();
}

void NetworkCall::bring_input() {
  Kokkos::fence("packed");
  if (blocks_) traffic_before_ = blocks_->traffic();
  if (there_) move(*there_, local_input_, input_);
}

void NetworkCall::bring_output() {
  if (back_) move(*back_, output_, local_output_);
  if (blocks_) traffic_ = blocks_->traffic() - traffic_before_;
}

void NetworkCall::call() const {
  if (place_.on == "gathered" && !grid_->comm().is_root()) return;
  if (torch_serves<Channels::memory_space>()) {
    infer(input_, output_);
    return;
  }
  // This LibTorch cannot work where the fields are: the transfers are part of the call.
  Kokkos::deep_copy(host_input_, input_);
  infer(host_input_, host_output_);
  Kokkos::deep_copy(output_, host_output_);
}

// [channel, k, y, x] over the views' memory as [1, channel, (z or panel,) y, x].
template <class View>
void NetworkCall::infer(const View& from, const View& to) const {
  auto batch = [&](const at::Tensor& t) {
    return (grid_->dimension() == 2 && grid_->panels() == 1 ? t.squeeze(1) : t).unsqueeze(0);
  };
  const at::Tensor in = batch(tensor_of(from));
  at::Tensor out = batch(tensor_of(to));
  out.copy_(network_->impl().infer(in, blocks()));
  // Kokkos' global fence waits for the whole device, torch's stream included.
  Kokkos::fence("network");
}

}  // namespace understudy::surrogates
