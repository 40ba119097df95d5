// What SubModel knows of its model (private to surrogates/): how it is loaded and watched, and the numbers
// that its kernels need in a memory space.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <mutex>
#include <string>
#include <type_traits>
#include <vector>

#include "surrogates/points/torch_point_model.hpp"
#include "surrogates/sub_model/sub_model.hpp"
#include "surrogates/sub_model/sub_model_kernels.hpp"

namespace understudy::sub_model {

/// LibTorch, HDF5 and our kernels: one call at a time in a process. Not held while physics runs, nor while
/// ranks wait for each other.
std::mutex& turn();

/// What of a folder a change shows in, without reading it.
struct Stamp {
  struct File {
    long long inode, size, modified_ns, changed_ns;
    bool operator==(const File&) const = default;
  };
  std::vector<File> files;
  bool operator==(const Stamp&) const = default;
};

template <class Memory>
ColumnStatistics<Memory> columns_on(const std::vector<surrogates::ColumnCard>& cards,
                                    double slack) {
  const std::size_t n = cards.size();
  ColumnStatistics<Memory> c;
  const auto fill = [&](auto& view, const char* label, const auto& value) {
    view = Vector<double, Memory>(label, n);
    const auto host = Kokkos::create_mirror_view(view);
    for (std::size_t f = 0; f < n; ++f) host(f) = value(cards[f]);
    Kokkos::deep_copy(view, host);
  };
  // The same relative tolerance for a column of one value, and for float batches of double data.
  const auto margin = [slack](const auto& k) {
    return slack * (k.highest - k.lowest) +
           1e-7 * std::max(std::abs(k.lowest), std::abs(k.highest));
  };
  fill(c.mean, "mean", [](const auto& k) { return k.mean; });
  fill(c.std, "std", [](const auto& k) { return k.std; });
  fill(c.lowest, "lowest", [&](const auto& k) { return k.lowest - margin(k); });
  fill(c.highest, "highest", [&](const auto& k) { return k.highest + margin(k); });
  return c;
}

// The model as one memory space needs it.
template <class Memory>
struct OnMemory {
  ColumnStatistics<Memory> inputs, outputs;
  Tests<Memory> tests;
};

template <class Memory>
OnMemory<Memory> on_memory(const surrogates::PointModel& model, const SubModelOptions& options) {
  OnMemory<Memory> on;
  on.inputs = columns_on<Memory>(model.card.inputs, options.gate.range_slack);
  on.outputs = columns_on<Memory>(model.card.outputs, 0);
  if (options.policy != SubModelPolicy::gate) return on;
  on.tests.range = options.gate.range;
  on.tests.distance = options.gate.distance;
  if (options.gate.distance)
    on.tests.tree = surrogates::NeighbourTree<Memory>(
        model.reference, static_cast<int>(model.card.inputs.size()), model.card.gate.neighbours,
        static_cast<float>(model.card.gate.distance));
  return on;
}

/// Replaced as a whole, or not at all.
struct LoadedModel {
  surrogates::PointModel model;
  Stamp stamp;
  OnMemory<Kokkos::DefaultExecutionSpace::memory_space> device;
  OnMemory<Kokkos::HostSpace> host;

  template <class Memory>
  const OnMemory<Memory>& on() const {
    if constexpr (std::is_same_v<Memory, Kokkos::HostSpace>)
      return host;
    else
      return device;
  }
};

/// Reads the folder. UserError on every rank where any fails, columns or gate do not fit the model, or
/// ranks see different ones. Collective.
LoadedModel load(const SubModelOptions& options);
/// UserError where the folder no longer holds the loaded model.
void require_unchanged(LoadedModel& loaded, const SubModelOptions& options);

}  // namespace understudy::sub_model
