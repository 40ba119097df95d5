// What the tests of derivatives share, whatever the solver: random states that do not depend on the ranks, dot
// products, sums.
#pragma once

#include <cstdint>
#include <vector>

#include "core/sampling.hpp"
#include "mesh/field.hpp"
#include "solvers/differentiable_stepper.hpp"

namespace derivative_test {

using namespace understudy;

/// f(value, global number) of all points that this rank owns, in place.
template <class Real, class F>
void each_point(const mesh::Grid& grid, mesh::Location location, const mesh::Array4<Real>& data,
                const F& f) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), data);
  const mesh::Range3 r = grid.points(location), inner = grid.interior();
  for (int c = 0; c < data.extent_int(0); ++c)
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) {
          std::uint64_t number = c;
          const int at[3] = {i, j, k};
          for (const int axis : {2, 1, 0})
            number = number * (grid.global_cells(axis) + 1) + at[axis] - inner.begin[axis] +
                     grid.offset(axis);
          f(host(c, k, j, i), number);
        }
  Kokkos::deep_copy(data, host);
}

inline double random_value(std::uint64_t seed, std::uint64_t number) {
  core::SplitMix random(seed * 1000003 + number * 7919);
  random.bits();
  return 2 * random.uniform() - 1;
}

template <class Real>
void fill_random(const mesh::State<Real>& state, std::uint64_t seed, double size) {
  for (const auto& field : state.fields())
    if (field.info.role != mesh::Role::fixed)
      each_point<Real>(state.grid(), field.info.location, field.data,
                       [&](Real& value, std::uint64_t number) {
                         value = Real(size * random_value(seed, number));
                       }),
          ++seed;
}

/// Collective.
template <class Real>
double dot(const mesh::State<Real>& a, const mesh::State<Real>& b) {
  double sum = 0;
  for (const auto& field : a.fields()) {
    if (field.info.role == mesh::Role::fixed) continue;
    std::vector<double> values;
    each_point<Real>(a.grid(), field.info.location, field.data,
                     [&](Real& value, std::uint64_t) { values.push_back(double(value)); });
    std::size_t n = 0;
    each_point<Real>(a.grid(), field.info.location, b[field.info.name].data,
                     [&](Real& value, std::uint64_t) { sum += values[n++] * double(value); });
  }
  return a.grid().comm().sum(sum);
}

template <class Real>
double dot(const mesh::Grid& grid, const solvers::Controls<Real>& a,
           const solvers::Controls<Real>& b) {
  double sum = 0;
  for (const auto& [name, field] : a.fields) {
    std::vector<double> values;
    each_point<Real>(grid, mesh::Location::cell, field,
                     [&](Real& value, std::uint64_t) { values.push_back(double(value)); });
    std::size_t n = 0;
    each_point<Real>(grid, mesh::Location::cell, b.fields.at(name),
                     [&](Real& value, std::uint64_t) { sum += values[n++] * double(value); });
  }
  sum = grid.comm().sum(sum);
  for (const auto& [name, numbers] : a.numbers)
    for (std::size_t n = 0; n < numbers.size(); ++n) sum += numbers[n] * b.numbers.at(name)[n];
  return sum;
}

/// state += factor change, of prognostic and history fields.
template <class Real>
void add(const mesh::State<Real>& state, double factor, const mesh::State<Real>& change) {
  for (const auto& field : state.fields()) {
    if (field.info.role == mesh::Role::fixed) continue;
    std::vector<double> values;
    each_point<Real>(state.grid(), field.info.location, change[field.info.name].data,
                     [&](Real& value, std::uint64_t) { values.push_back(double(value)); });
    std::size_t n = 0;
    each_point<Real>(state.grid(), field.info.location, field.data,
                     [&](Real& value, std::uint64_t) { value += Real(factor * values[n++]); });
  }
}

}  // namespace derivative_test
