#include "surrogates/grid_sampling.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"

namespace understudy::surrogates {

namespace {

// The points of one axis that make up a value between them.
struct Stencil {
  int first = 0, count = 1;
  std::array<double, 4> weight{1, 0, 0, 0};
};

// `at`: position in units of the spacing, from the first of `points`; both from array index `begin`.
Stencil stencil_at(double at, int points, int begin) {
  const double nearest = std::round(at);
  if (points == 1 || (std::abs(at - nearest) < 1e-9 && nearest >= 0 && nearest < points))
    return {begin + (points == 1 ? 0 : static_cast<int>(nearest)), 1, {1, 0, 0, 0}};
  Stencil s;
  s.count = std::min(points, 4);
  const int low = std::clamp(static_cast<int>(std::floor(at)) - 1, 0, points - s.count);
  for (int m = 0; m < s.count; ++m) {
    s.weight[m] = 1;
    for (int n = 0; n < s.count; ++n)
      if (n != m) s.weight[m] *= (at - low - n) / (m - n);
  }
  s.first = begin + low;
  return s;
}

// One stencil for each point of `to` along an axis, by array index.
std::vector<Stencil> stencils(const mesh::Grid& from, const mesh::Grid& to, mesh::Location location,
                              int axis) {
  const mesh::Range3 source = from.points(location), target = to.points(location);
  std::vector<Stencil> all(target.end[axis]);
  const double first = from.coordinate(location, axis, source.begin[axis]);
  for (int n = target.begin[axis]; n < target.end[axis]; ++n) {
    const double at = axis < from.dimension()
                          ? (to.coordinate(location, axis, n) - first) / from.spacing(axis)
                          : 0;
    all[n] = stencil_at(at, source.size(axis), source.begin[axis]);
  }
  return all;
}

// Calls act(component, k, j, i, value) for every point of `range` of the grid `to`.
template <class Real, class Act>
void for_samples(const mesh::Field<Real>& field, const mesh::Grid& from, const mesh::Grid& to,
                 const mesh::Range3& range, const Act& act) {
  if (from.comm().size() > 1 || to.comm().size() > 1)
    throw core::UserError("states on two grids are compared on one rank only; run on one rank");
  const auto values = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
  std::array<std::vector<Stencil>, 3> along;
  for (int axis = 0; axis < 3; ++axis) along[axis] = stencils(from, to, field.info.location, axis);
  for (int c = 0; c < field.info.components; ++c)
    for (int k = range.begin[2]; k < range.end[2]; ++k)
      for (int j = range.begin[1]; j < range.end[1]; ++j)
        for (int i = range.begin[0]; i < range.end[0]; ++i) {
          const Stencil &x = along[0][i], &y = along[1][j], &z = along[2][k];
          double value = 0;
          for (int kk = 0; kk < z.count; ++kk)
            for (int jj = 0; jj < y.count; ++jj)
              for (int ii = 0; ii < x.count; ++ii)
                value += z.weight[kk] * y.weight[jj] * x.weight[ii] *
                         static_cast<double>(values(c, z.first + kk, y.first + jj, x.first + ii));
          act(c, k, j, i, value);
        }
}

}  // namespace

template <class From, class To>
void sample(const mesh::State<From>& from, mesh::State<To>& to) {
  for (auto& field : to.fields()) {
    if (field.info.role != mesh::Role::prognostic) continue;
    const auto result = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    for_samples(
        from[field.info.name], from.grid(), to.grid(), to.grid().points(field.info.location),
        [&](int c, int k, int j, int i, double v) { result(c, k, j, i) = static_cast<To>(v); });
    Kokkos::deep_copy(field.data, result);
  }
}

template <class Reference, class Real>
std::vector<double> error_against(const mesh::State<Reference>& reference,
                                  const mesh::State<Real>& state) {
  std::vector<double> errors;
  for (const auto& field : reference.fields()) {
    if (field.info.role != mesh::Role::prognostic) continue;
    const auto own =
        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state[field.info.name].data);
    double miss = 0, size = 0;
    for_samples(field, reference.grid(), state.grid(), state.grid().interior(),
                [&](int c, int k, int j, int i, double value) {
                  const double difference = static_cast<double>(own(c, k, j, i)) - value;
                  miss += difference * difference;
                  size += value * value;
                });
    errors.push_back(size > 0 ? std::sqrt(miss / size) : 0);
  }
  return errors;
}

template void sample(const mesh::State<float>&, mesh::State<float>&);
template void sample(const mesh::State<float>&, mesh::State<double>&);
template void sample(const mesh::State<double>&, mesh::State<float>&);
template void sample(const mesh::State<double>&, mesh::State<double>&);
template std::vector<double> error_against(const mesh::State<float>&, const mesh::State<float>&);
template std::vector<double> error_against(const mesh::State<float>&, const mesh::State<double>&);
template std::vector<double> error_against(const mesh::State<double>&, const mesh::State<float>&);
template std::vector<double> error_against(const mesh::State<double>&, const mesh::State<double>&);

}  // namespace understudy::surrogates
