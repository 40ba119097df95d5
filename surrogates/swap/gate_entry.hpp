// A gate that a deck may name: the line of a table of gates. Ours stand in apps/simulation/gate_catalog.cpp;
// a physics brings its own beside them (Physics::own_gates), as examples/gray_scott does.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "surrogates/swap/gates.hpp"

namespace understudy::surrogates {

template <class Real>
using MakeGate = std::function<std::unique_ptr<Gate<Real>>(const GateContext<Real>&)>;

struct GateEntry {
  std::string name;  ///< in swap.gate.use; the made gate's name() is the same
  std::string help;  ///< one line for `list`
  MakeGate<float> make_float;
  MakeGate<double> make_double;
  /// Cheap: calibrated with every model, so that later decks may use it. Others are where the deck that
  /// calibrates uses them.
  bool always_calibrated = false;

  template <class Real>
  std::unique_ptr<Gate<Real>> make(const GateContext<Real>& context) const {
    if constexpr (std::is_same_v<Real, float>)
      return make_float(context);
    else
      return make_double(context);
  }
};

/// Of a class template: Own<Real> derives from Gate<Real> and is constructed from a GateContext<Real>.
template <template <class> class Own>
GateEntry gate_entry(std::string name, std::string help) {
  return {
      std::move(name), std::move(help),
      [](const GateContext<float>& context) { return std::make_unique<Own<float>>(context); },
      [](const GateContext<double>& context) { return std::make_unique<Own<double>>(context); }};
}

}  // namespace understudy::surrogates
