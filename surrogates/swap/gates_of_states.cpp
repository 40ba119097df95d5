// The gates that judge a state by itself: range, diagnostics, distance.
#include <algorithm>
#include <cmath>
#include <limits>

#include "surrogates/swap/gates.hpp"

namespace understudy::surrogates {

double beyond(double value, double lowest, double highest) {
  if (!std::isfinite(value)) return std::numeric_limits<double>::infinity();
  const double middle = 0.5 * (lowest + highest);
  const double size = std::max(std::abs(lowest), std::abs(highest));
  const double half = std::max({0.5 * (highest - lowest), narrowest * size, 1e-30});
  return std::max(0.0, std::abs(value - middle) / half - 1);
}

namespace {

template <class Real>
class RangeGate : public Gate<Real> {
 public:
  explicit RangeGate(const GateContext<Real>& c) : card_(c.card) {
    for (std::size_t n = 0; n < card_.parameters.size(); ++n) {
      const ParameterCard& p = card_.parameters[n];
      of_parameters_ = std::max(of_parameters_, beyond(c.parameters.at(n), p.lowest, p.highest));
    }
  }
  std::string name() const override { return "range"; }
  double score(const GateView<Real>& view) override {
    double worst = of_parameters_;
    for (std::size_t c = 0; c < card_.fields.size(); ++c) {
      const FieldCard& field = card_.fields[c];
      for (const double value : {view.measures.lowest[c], view.measures.highest[c]})
        worst = std::max(worst, beyond(value, field.lowest, field.highest));
    }
    return worst;
  }

 private:
  ModelCard card_;
  double of_parameters_ = 0;
};

template <class Real>
class DiagnosticsGate : public Gate<Real> {
 public:
  explicit DiagnosticsGate(const GateContext<Real>& c) : truth_(c.truth), reference_(c.reference) {}
  std::string name() const override { return "diagnostics"; }
  double score(const GateView<Real>& view) override {
    const auto now = truth_->diagnostics(view.state);
    double worst = 0;
    bool conserved = false;
    for (const auto& d : now) {
      conserved |= d.kind == solvers::DiagnosticKind::conserved;
      for (const DiagnosticRange& r : reference_->diagnostics)
        if (r.name == d.name) worst = std::max(worst, of_range(d, r));
    }
    if (!conserved || !view.before) return worst;
    const auto then = truth_->diagnostics(*view.before);
    for (std::size_t n = 0; n < now.size() && n < then.size(); ++n)
      for (const DiagnosticRange& r : reference_->diagnostics)
        if (r.name == now[n].name && now[n].kind == solvers::DiagnosticKind::conserved)
          worst = std::max(worst, beyond(now[n].value - then[n].value, -drift(r), drift(r)));
    return worst;
  }

 private:
  static double of_range(const solvers::Diagnostic& d, const DiagnosticRange& r) {
    if (d.kind == solvers::DiagnosticKind::bounded && std::isfinite(d.value) &&
        d.value < 0.5 * (r.lowest + r.highest))
      return 0;
    return beyond(d.value, r.lowest, r.highest);
  }
  // Of a quantity that training keeps to rounding, a thousandth is no drift.
  static double drift(const DiagnosticRange& r) {
    return std::max(r.change, 1e-3 * std::max(std::abs(r.lowest), std::abs(r.highest)));
  }
  std::shared_ptr<solvers::Stepper<Real>> truth_;
  std::shared_ptr<const TrustReference> reference_;
};

template <class Real>
class DistanceGate : public Gate<Real> {
 public:
  explicit DistanceGate(const GateContext<Real>& c)
      : card_(c.card),
        reference_(c.reference),
        parameters_(c.parameters),
        neighbours_(c.params.neighbours) {}
  std::string name() const override { return "distance"; }
  double score(const GateView<Real>& view) override {
    return reference_->space.distance(features_of(view.measures, card_, parameters_), neighbours_);
  }

 private:
  ModelCard card_;
  std::shared_ptr<const TrustReference> reference_;
  std::vector<double> parameters_;
  int neighbours_;
};

}  // namespace

template <class Real>
std::unique_ptr<Gate<Real>> make_range_gate(const GateContext<Real>& context) {
  return std::make_unique<RangeGate<Real>>(context);
}
template <class Real>
std::unique_ptr<Gate<Real>> make_diagnostics_gate(const GateContext<Real>& context) {
  return std::make_unique<DiagnosticsGate<Real>>(context);
}
template <class Real>
std::unique_ptr<Gate<Real>> make_distance_gate(const GateContext<Real>& context) {
  return std::make_unique<DistanceGate<Real>>(context);
}

template std::unique_ptr<Gate<float>> make_range_gate(const GateContext<float>&);
template std::unique_ptr<Gate<double>> make_range_gate(const GateContext<double>&);
template std::unique_ptr<Gate<float>> make_diagnostics_gate(const GateContext<float>&);
template std::unique_ptr<Gate<double>> make_diagnostics_gate(const GateContext<double>&);
template std::unique_ptr<Gate<float>> make_distance_gate(const GateContext<float>&);
template std::unique_ptr<Gate<double>> make_distance_gate(const GateContext<double>&);

}  // namespace understudy::surrogates
