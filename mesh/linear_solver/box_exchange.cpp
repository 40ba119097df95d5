#include "mesh/linear_solver/box_exchange.hpp"

#include <algorithm>

namespace understudy::mesh::detail {

namespace {

/// The common part of two boxes, counted from the begin of `a`; empty boxes have zero sizes.
Range3 common_part(const Range3& a, const Range3& b) {
  Range3 r;
  for (int axis = 0; axis < 3; ++axis) {
    const int begin = std::max(a.begin[axis], b.begin[axis]);
    const int end = std::max(begin, std::min(a.end[axis], b.end[axis]));
    r.begin[axis] = begin - a.begin[axis];
    r.end[axis] = end - a.begin[axis];
  }
  return r;
}

}  // namespace

template <class Real>
BoxExchange<Real>::BoxExchange(const core::Comm& comm, const std::vector<Range3>& from,
                               const std::vector<Range3>& to)
    : comm_(comm) {
  const int me = comm.rank();
  std::size_t sent = 0, received = 0;
  for (int q = 0; q < comm.size(); ++q) {
    const Range3 out = common_part(from[me], to[q]), in = common_part(to[me], from[q]);
    send_parts_.push_back({out, sent});
    receive_parts_.push_back({in, received});
    send_offsets_.push_back(sent * sizeof(Real));
    receive_offsets_.push_back(received * sizeof(Real));
    send_bytes_.push_back(out.count() * sizeof(Real));
    receive_bytes_.push_back(in.count() * sizeof(Real));
    sent += out.count();
    received += in.count();
  }
  send_.resize(sent);
  receive_.resize(received);
}

template <class Real>
void BoxExchange<Real>::run(const BoxView<const Real>& from, const BoxView<Real>& to) {
  for (const Part& part : send_parts_) {
    Real* out = send_.data() + part.offset;
    const Range3& r = part.box;
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j, out += r.size(0))
        std::copy_n(from.data + k * from.plane + j * from.row + r.begin[0], r.size(0), out);
  }
  comm_.all_to_all(send_.data(), send_bytes_, send_offsets_, receive_.data(), receive_bytes_,
                   receive_offsets_);
  for (const Part& part : receive_parts_) {
    const Real* in = receive_.data() + part.offset;
    const Range3& r = part.box;
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j, in += r.size(0))
        std::copy_n(in, r.size(0), to.data + k * to.plane + j * to.row + r.begin[0]);
  }
}

template class BoxExchange<float>;
template class BoxExchange<double>;

}  // namespace understudy::mesh::detail
