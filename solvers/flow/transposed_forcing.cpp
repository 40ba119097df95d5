#include "solvers/flow/transposed_forcing.hpp"

#include <map>
#include <vector>

namespace understudy::solvers::flow {

namespace {

using Span = Kokkos::RangePolicy<mesh::Exec>;
using Indices = Kokkos::View<int*, mesh::Memory>;

template <class Real>
void take(const Indices& points, Real* const values, const Kokkos::View<Real*, mesh::Memory>& out) {
  Kokkos::parallel_for(
      "take forced", Span(0, points.extent(0)), KOKKOS_LAMBDA(const int n) {
        out(n) = values[points(n)];
        values[points(n)] = 0;
      });
}

template <class Real>
void clear(const Indices& points, Real* const values) {
  Kokkos::parallel_for(
      "clear solid", Span(0, points.extent(0)),
      KOKKOS_LAMBDA(const int n) { values[points(n)] = 0; });
}

template <class Real>
void shift(const Indices& points, Real* const values, const Real by) {
  Kokkos::parallel_for(
      "shift buried", Span(0, points.extent(0)),
      KOKKOS_LAMBDA(const int n) { values[points(n)] += by; });
}

template <class Real>
struct GiveBack {
  Indices read, start, from;
  Kokkos::View<Real*, mesh::Memory> weight, by_forced;
  Real* values;
  KOKKOS_INLINE_FUNCTION void operator()(const int n) const {
    Real sum = 0;
    for (int m = start(n); m < start(n + 1); ++m) sum += weight(m) * by_forced(from(m));
    values[read(n)] += sum;
  }
};

}  // namespace

template <class Real>
typename TransposedForcing<Real>::List TransposedForcing<Real>::turned(
    const ForcedPointLists<Real>& lists, const int component) {
  const int* const first = lists.first_interface + component;
  const int* const first_solid = lists.first_solid + component;
  const auto stencil =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, lists.interface.stencil);
  const auto weights =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, lists.interface.weight);
  std::map<int, std::vector<std::pair<int, Real>>> summands;
  for (int n = first[0]; n < first[1]; ++n)
    for (int m = 0; m < 16; ++m)
      if (weights(n, m) != 0) summands[stencil(n, m)].emplace_back(n - first[0], weights(n, m));
  std::vector<int> read, start{0}, from;
  std::vector<Real> weight;
  for (const auto& [point, list_of_point] : summands) {
    read.push_back(point);
    for (const auto& [forced, by] : list_of_point) {
      from.push_back(forced);
      weight.push_back(by);
    }
    start.push_back(static_cast<int>(from.size()));
  }
  using Values = Kokkos::View<Real*, mesh::Memory>;
  return {Indices(Kokkos::subview(lists.solid, std::pair(first_solid[0], first_solid[1]))),
          Indices(Kokkos::subview(lists.interface.index, std::pair(first[0], first[1]))),
          Values("derivatives of forced values", std::size_t(first[1] - first[0])),
          to_device<Indices>("points read", read),
          to_device<Indices>("starts", start),
          to_device<Indices>("forced values", from),
          to_device<Values>("weights", weight)};
}

template <class Real>
TransposedForcing<Real>::TransposedForcing(const BodyForcing<Real>& forcing,
                                           const mesh::BoxGrid& grid)
    : dimension_(grid.dimension()) {
  if (forcing.empty()) return;
  for (int c = 0; c < dimension_; ++c) lists_[c] = turned(forcing.forced(), c);
}

template <class Real>
void TransposedForcing<Real>::apply(const Velocity<Real>& a) const {
  for (int c = 0; c < dimension_; ++c) {
    const List& list = lists_[c];
    Real* const values = a[c].data();
    clear(list.solid, values);
    take<Real>(list.forced, values, list.by_forced);
    Kokkos::parallel_for(
        "give back", Span(0, list.read.extent(0)),
        GiveBack<Real>{list.read, list.start, list.from, list.weight, list.by_forced, values});
  }
}

template <class Real>
void BodyForcing<Real>::shift_buried(const mesh::Array3<Real>& a, double by) const {
  for (const Share& share : shares_) shift(share.buried, a.data(), Real(by));
}

template void BodyForcing<float>::shift_buried(const mesh::Array3<float>&, double) const;
template void BodyForcing<double>::shift_buried(const mesh::Array3<double>&, double) const;
template class TransposedForcing<float>;
template class TransposedForcing<double>;

}  // namespace understudy::solvers::flow
