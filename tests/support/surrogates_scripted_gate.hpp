// A gate whose scores a test dictates.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include "support/surrogates_synthetic.hpp"
#include "surrogates/swap/gates.hpp"

namespace understudy::tests {

using surrogates::Gate;
using surrogates::GateView;

/// What the gate says of a state at a time: f(window that ends or starts there, is it a prediction?).
using Script = std::function<double(long long window, bool prediction)>;

struct ScriptedGate : Gate<double> {
  explicit ScriptedGate(Script s) : script(std::move(s)) {}
  std::string name() const override { return "scripted"; }
  double score(const GateView<double>& view) override {
    ++calls;
    // Ranks other than 0 say something else: only rank 0 counts.
    if (!view.state.grid().comm().is_root()) return 1e9;
    return script(std::llround(view.state.time_s / window_s) - (view.before ? 1 : 0),
                  view.before != nullptr);
  }
  Script script;
  long long calls = 0;
};

}  // namespace understudy::tests
