// Moves values between two ways of splitting the same global index box over ranks (grid's blocks,
// slabs, columns, all on one rank): every rank sends each other rank the part of its old box that lies in the
// other's new box. Host memory.
#pragma once

#include <vector>

#include "core/comm.hpp"
#include "mesh/grid.hpp"

namespace understudy::mesh {

/// Values of one box: of component c, index (k, j, i), counted from the box's begin, at
/// data[c * component + k * plane + j * row + i].
template <class Real>
struct BoxView {
  Real* data = nullptr;
  long row = 0, plane = 0, component = 0;
};

template <class Real>
class BoxExchange {
 public:
  /// `from` and `to`: the box of every rank, by rank; each set covers the same global box once. A rank without cells
  /// has a box that ends where it begins.
  BoxExchange(const core::Comm& comm, const std::vector<Range3>& from,
              const std::vector<Range3>& to, int components = 1);
  /// Collective. The buffers, as large as this rank's boxes, are made by the first run and stay for the next ones.
  void run(const BoxView<const Real>& from, const BoxView<Real>& to);
  /// Frees the buffers until the next run.
  void release();

  /// What one run() sends from here to other ranks.
  long long messages() const { return messages_; }
  long long bytes() const { return bytes_; }

 private:
  struct Part {
    Range3 box;          ///< counted from the begin of this rank's own box
    std::size_t offset;  ///< in values, into the buffer
  };
  core::Comm comm_;
  int components_;
  long long messages_ = 0, bytes_ = 0;
  std::size_t sent_ = 0, received_ = 0;  ///< values, to and from all ranks, this one among them
  std::vector<Part> send_parts_, receive_parts_;
  std::vector<std::size_t> send_bytes_, send_offsets_, receive_bytes_, receive_offsets_;
  std::vector<Real> send_, receive_;
};

extern template class BoxExchange<float>;
extern template class BoxExchange<double>;

}  // namespace understudy::mesh
