// Values by their number, fetched from whichever rank has them: for patterns that are no slabs of blocks
// (ghosts of a cubed sphere). The pattern is agreed upon once; a fetch is then one message a pair of ranks.
#pragma once

#include <functional>
#include <vector>

#include "core/comm.hpp"
#include "mesh/array.hpp"

namespace understudy::mesh {

/// A list of indices where kernels read it.
Kokkos::View<int*, Memory> device_list(const std::vector<int>& host);

template <class Real>
class IndexExchange {
 public:
  /// Who has a value, and where in its arrays there: flat, from the first value of an array of [k, j, i].
  struct Home {
    int rank;
    long long index;
  };
  /// `wanted`: what this rank wants, by numbers that `home` knows on every rank alike. Numbers may come twice. Collective.
  IndexExchange(const core::Comm& comm, const std::vector<long long>& wanted,
                const std::function<Home(long long)>& home);

  std::size_t wanted() const { return count_; }
  /// Fills `values` [n, array] with the wanted values of each array, n in the order of `wanted`. Arrays are
  /// contiguous. Collective.
  void fetch(const std::vector<Array3<const Real>>& arrays,
             const Kokkos::View<Real**, Kokkos::LayoutRight, Memory>& values);

 private:
  using Indices = Kokkos::View<int*, Memory>;
  using Buffer = Kokkos::View<Real*, Memory>;
  struct Peer {
    int rank;
    Indices send;     ///< flat indices of what that rank wants of ours
    Indices receive;  ///< places in `values` of what we want of it
    Buffer out, in;
    typename Buffer::host_mirror_type host_out, host_in;
  };
  core::Comm comm_;
  std::size_t count_;
  Indices own_from_, own_to_;  ///< what this rank has itself
  std::vector<Peer> peers_;
};

extern template class IndexExchange<float>;
extern template class IndexExchange<double>;

}  // namespace understudy::mesh
