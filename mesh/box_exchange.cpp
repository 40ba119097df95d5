#include "mesh/box_exchange.hpp"

#include <algorithm>

namespace understudy::mesh {

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

/// Calls copy(row) with the place of every row of `r`, components outermost, as buffers have them.
template <class Real, class Copy>
void for_rows_of(const BoxView<Real>& view, const Range3& r, int components, const Copy& copy) {
  if (r.count() == 0) return;
  for (int c = 0; c < components; ++c)
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        copy(view.data + c * view.component + k * view.plane + j * view.row + r.begin[0]);
}

}  // namespace

template <class Real>
BoxExchange<Real>::BoxExchange(const core::Comm& comm, const std::vector<Range3>& from,
                               const std::vector<Range3>& to, int components)
    : comm_(comm), components_(components) {
  const int me = comm.rank();
  for (int q = 0; q < comm.size(); ++q) {
    const Range3 out = common_part(from[me], to[q]), in = common_part(to[me], from[q]);
    const auto values_out = static_cast<std::size_t>(out.count() * components);
    const auto values_in = static_cast<std::size_t>(in.count() * components);
    send_parts_.push_back({out, sent_});
    receive_parts_.push_back({in, received_});
    send_offsets_.push_back(sent_ * sizeof(Real));
    receive_offsets_.push_back(received_ * sizeof(Real));
    send_bytes_.push_back(values_out * sizeof(Real));
    receive_bytes_.push_back(values_in * sizeof(Real));
    sent_ += values_out;
    received_ += values_in;
    if (q == me || values_out == 0) continue;
    ++messages_;
    bytes_ += static_cast<long long>(send_bytes_.back());
  }
}

template <class Real>
void BoxExchange<Real>::run(const BoxView<const Real>& from, const BoxView<Real>& to) {
  send_.resize(sent_);
  receive_.resize(received_);
  for (const Part& part : send_parts_) {
    Real* out = send_.data() + part.offset;
    const int wide = part.box.size(0);
    for_rows_of(from, part.box, components_, [&](const Real* row) {
      std::copy_n(row, wide, out);
      out += wide;
    });
  }
  comm_.all_to_all(send_.data(), send_bytes_, send_offsets_, receive_.data(), receive_bytes_,
                   receive_offsets_);
  for (const Part& part : receive_parts_) {
    const Real* in = receive_.data() + part.offset;
    const int wide = part.box.size(0);
    for_rows_of(to, part.box, components_, [&](Real* row) {
      std::copy_n(in, wide, row);
      in += wide;
    });
  }
}

template <class Real>
void BoxExchange<Real>::release() {
  send_ = std::vector<Real>();
  receive_ = std::vector<Real>();
}

template class BoxExchange<float>;
template class BoxExchange<double>;

}  // namespace understudy::mesh
