// What a SubModel keeps of the points that passed through it (private to surrogates/).
#pragma once

#include <Kokkos_Core.hpp>
#include <memory>
#include <vector>

#include "surrogates/sub_model/sub_model.hpp"

namespace understudy::sub_model {

/// One caller at a time. Rows that could be stored are taken evenly, every `store_every`-th over all
/// calls. A dataset that cannot be written is an error with policy collect, whose purpose it is, and
/// after which the call may be repeated: none of its rows are kept. With policy gate it is logged once
/// and ends the storing, until a flush() succeeds.
class PointStore {
 public:
  explicit PointStore(const SubModelOptions& options) : options_(options) {}

  /// [point, column], on the host; `cost_core_s` is what computing them took.
  template <class Real>
  void store(const Points<const Real, Kokkos::HostSpace>& in,
             const Points<const Real, Kokkos::HostSpace>& out, double cost_core_s) {
    if (failed_) return;
    std::vector<double> inputs, outputs;
    long long rows = 0, offered = offered_;
    for (std::size_t n = 0; n < in.extent(0); ++n) {
      if (offered++ % options_.store_every != 0) continue;
      if (stored_ + rows >= options_.store_at_most) break;
      ++rows;
      for (std::size_t f = 0; f < in.extent(1); ++f) inputs.push_back(double(in(n, f)));
      for (std::size_t o = 0; o < out.extent(1); ++o) outputs.push_back(double(out(n, o)));
    }
    append(inputs, outputs, rows, cost_core_s);
    offered_ = offered;
  }

  /// UserError when what is buffered cannot be written.
  void flush();
  long long stored() const { return stored_; }

 private:
  void append(const std::vector<double>& inputs, const std::vector<double>& outputs, long long rows,
              double cost_core_s);

  SubModelOptions options_;
  std::unique_ptr<surrogates::PointWriter> writer_;
  long long offered_ = 0, stored_ = 0;
  bool failed_ = false;
};

}  // namespace understudy::sub_model
