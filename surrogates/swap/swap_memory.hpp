// What a swap remembers from window to window, in the state's scalars, so that checkpoints have it
// (private to surrogates/). A scalar that is not there is 0, and 0 is not kept: what never swaps leaves
// no trace.
#pragma once

#include "mesh/field.hpp"

namespace understudy::surrogates::memory {

inline constexpr const char* surrogate_was_last = "swap.surrogate_was_last";
inline constexpr const char* windows_to_hold = "swap.windows_to_hold";
inline constexpr const char* windows_in_a_row = "swap.windows_in_a_row";
inline constexpr const char* last_ratio = "swap.last_ratio";

template <class Real>
double get(const mesh::State<Real>& state, const char* name) {
  const auto at = state.scalars.find(name);
  return at == state.scalars.end() ? 0 : at->second;
}

template <class Real>
void set(mesh::State<Real>& state, const char* name, double value) {
  if (value == 0)
    state.scalars.erase(name);
  else
    state.scalars[name] = value;
}

}  // namespace understudy::surrogates::memory
