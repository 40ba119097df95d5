// What the tests of mesh/io share: a folder of their own, the text of an expected UserError, and
// fields whose values tell their global place.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/error.hpp"
#include "mesh/field.hpp"
#include "support/scratch.hpp"

namespace understudy::tests {

/// The message of the UserError that `action` must throw; empty (and a failure) if it throws none.
template <class Action>
std::string user_error(const Action& action) {
  try {
    action();
  } catch (const core::UserError& e) {
    return e.what();
  }
  ADD_FAILURE() << "no UserError";
  return {};
}

inline testing::AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "'" << text << "' does not contain '" << part << "'";
}

/// A number that only this place of this field has, exact in single precision.
template <class Real>
Real place_value(int field, int component, long long k, long long j, long long i) {
  return static_cast<Real>(field * 100003 + component * 50021 + k * 1009 + j * 37 + i) + Real(0.25);
}

/// Calls f(value, component, global k, j, i) for every point of the field on this rank, and copies
/// back.
template <class Real, class F>
void for_places(const mesh::Grid& grid, mesh::Field<Real>& field, const F& f) {
  auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
  const auto r = grid.points(field.info.location);
  for (int c = 0; c < field.info.components; ++c)
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i)
          f(host(c, k, j, i), c, k - grid.ghosts(2) + grid.offset(2),
            j - grid.ghosts(1) + grid.offset(1), i - grid.ghosts(0) + grid.offset(0));
  Kokkos::deep_copy(field.data, host);
}

template <class Real>
void fill_with_places(mesh::State<Real>& state) {
  int n = 0;
  for (auto& field : state.fields()) {
    for_places(state.grid(), field, [&](Real& value, int c, int k, int j, int i) {
      value = place_value<Real>(n, c, k, j, i);
    });
    ++n;
  }
}

/// Points of this rank whose value is not that of fill_with_places, bit by bit.
template <class Real>
long long wrong_places(mesh::State<Real>& state) {
  long long wrong = 0;
  int n = 0;
  for (auto& field : state.fields()) {
    for_places(state.grid(), field, [&](Real& value, int c, int k, int j, int i) {
      if (value != place_value<Real>(n, c, k, j, i)) ++wrong;
    });
    ++n;
  }
  return wrong;
}

}  // namespace understudy::tests
