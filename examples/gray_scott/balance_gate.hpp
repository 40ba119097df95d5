// A gate of the model's own: is the balance of substance kept? Diffusion in a periodic box and the reaction,
// which turns U into V, leave the mean of U + V as it is, so that only feed and removal change it:
//
//   d/dt mean(U + V) = F (1 - mean U) - (F + k) mean V
//
// The score is the size of (change over the window) - (the right side's integral over it by the trapezoidal
// rule of the window's two ends), dimensionless, 0 in a steady balance. A network knows nothing of the
// balance, and one whose spots fade or fill the box breaks it.
//
// Limits: two wrongs that cancel in the means are not seen, nor where the substance is. The rule's own error
// is in the score; the calibration, which sees it in good windows, leaves room for it.
#pragma once

#include <cmath>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "solvers/stepper.hpp"
#include "surrogates/swap/gates.hpp"

namespace gray_scott {

template <class Real>
class BalanceGate : public understudy::surrogates::Gate<Real> {
 public:
  /// UserError when the model was not told F and k.
  explicit BalanceGate(const understudy::surrogates::GateContext<Real>& context)
      : truth_(context.truth),
        window_s_(context.window_s),
        feed_1_s_(parameter(context, "gray_scott.feed_1_s")),
        kill_1_s_(parameter(context, "gray_scott.kill_1_s")) {}

  std::string name() const override { return "balance"; }
  /// A change has two ends.
  bool judges_input() const override { return false; }
  double score(const understudy::surrogates::GateView<Real>& view) override {
    if (view.before == nullptr) return 0;
    const Means then = means(*view.before), now = means(view.state);
    const double fed = 0.5 * window_s_ * (supply(then) + supply(now));
    return std::abs(now.u + now.v - then.u - then.v - fed);
  }

 private:
  struct Means {
    double u = 0, v = 0;
  };

  static double parameter(const understudy::surrogates::GateContext<Real>& context,
                          const std::string& name) {
    for (std::size_t n = 0; n < context.card.parameters.size(); ++n)
      if (context.card.parameters[n].name == name) return context.parameters.at(n);
    throw understudy::core::UserError("the gate balance wants " + name +
                                      ", which this model was not told; train it anew");
  }

  // The same on all ranks, as a score must be.
  Means means(const understudy::mesh::State<Real>& state) const {
    Means all;
    for (const auto& d : truth_->diagnostics(state)) {
      if (d.name == "gray_scott.u_mean") all.u = d.value;
      if (d.name == "gray_scott.v_mean") all.v = d.value;
    }
    return all;
  }

  /// d/dt mean(U + V), 1/s.
  double supply(const Means& m) const {
    return feed_1_s_ * (1 - m.u) - (feed_1_s_ + kill_1_s_) * m.v;
  }

  std::shared_ptr<understudy::solvers::Stepper<Real>> truth_;
  double window_s_, feed_1_s_, kill_1_s_;
};

}  // namespace gray_scott
