// The gates that judge a state by itself: range, diagnostics, distance.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/unit_scale.hpp"
#include "surrogates/swap/gates.hpp"

namespace understudy::surrogates {

double beyond(double value, double lowest, double highest, double scale) {
  if (!std::isfinite(value)) return std::numeric_limits<double>::infinity();
  const double middle = 0.5 * (lowest + highest);
  const double size = std::max({std::abs(lowest), std::abs(highest), scale});
  const double half = std::max(0.5 * (highest - lowest), narrowest * size);
  return half > 0 ? std::max(0.0, std::abs(value - middle) / half - 1) : 0.0;
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
    scales_ = channel_scales(card_.fields);
    for (std::size_t n = 0; n < scales_.size(); ++n) {
      const FieldCard& field = card_.fields[n];
      if (!field.constant && field.highest - field.lowest > core::nothing * scales_[n])
        scales_[n] = 0;
    }
  }
  std::string name() const override { return "range"; }
  double score(const GateView<Real>& view) override {
    double worst = of_parameters_;
    for (std::size_t c = 0; c < card_.fields.size(); ++c) {
      const FieldCard& field = card_.fields[c];
      for (const double value : {view.measures.lowest[c], view.measures.highest[c]})
        worst = std::max(worst, beyond(value, field.lowest, field.highest, scales_[c]));
    }
    return worst;
  }

 private:
  ModelCard card_;
  std::vector<double> scales_;  ///< [channel]: of those that do not vary; 0: the envelope's own
  double of_parameters_ = 0;
};

template <class Real>
class DiagnosticsGate : public Gate<Real> {
 public:
  explicit DiagnosticsGate(const GateContext<Real>& c) : truth_(c.truth), reference_(c.reference) {}
  std::string name() const override { return "diagnostics"; }
  double score(const GateView<Real>& view) override {
    const auto now = truth_->diagnostics(view.state);
    if (!known_) find_ranges(now);
    double worst = 0;
    bool conserved = false;
    for (std::size_t n = 0; n < now.size() && n < ranges_.size(); ++n) {
      conserved |= now[n].kind == solvers::DiagnosticKind::conserved;
      if (ranges_[n]) worst = std::max(worst, of_range(now[n], *ranges_[n], scales_[n]));
    }
    if (!conserved || !view.before) return worst;
    const auto then = truth_->diagnostics(*view.before);
    for (std::size_t n = 0; n < now.size() && n < then.size() && n < ranges_.size(); ++n)
      if (ranges_[n] && now[n].kind == solvers::DiagnosticKind::conserved) {
        const double most = drift(*ranges_[n], scales_[n]);
        worst = std::max(worst, beyond(now[n].value - then[n].value, -most, most));
      }
    return worst;
  }

 private:
  // The reference's range of each diagnostic, and the scale of those that did not vary.
  void find_ranges(const std::vector<solvers::Diagnostic>& now) {
    known_ = true;
    std::vector<core::SizedQuantity> sizes;
    for (const auto& d : now) {
      const auto at = std::ranges::find(reference_->diagnostics, d.name, &DiagnosticRange::name);
      ranges_.push_back(at == reference_->diagnostics.end() ? nullptr : &*at);
      const DiagnosticRange* r = ranges_.back();
      sizes.push_back(
          {d.name, d.unit, r ? std::max(std::abs(r->lowest), std::abs(r->highest)) : 0});
    }
    const auto units = core::unit_scales(sizes);
    for (std::size_t n = 0; n < now.size(); ++n) {
      const double scale = units[n].size;
      const bool flat =
          ranges_[n] && ranges_[n]->highest - ranges_[n]->lowest <= core::nothing * scale;
      scales_.push_back(flat ? scale : 0);
    }
  }
  static double of_range(const solvers::Diagnostic& d, const DiagnosticRange& r, double scale) {
    if (d.kind == solvers::DiagnosticKind::bounded && std::isfinite(d.value) &&
        d.value < 0.5 * (r.lowest + r.highest))
      return 0;
    return beyond(d.value, r.lowest, r.highest, scale);
  }
  // Of a quantity that training keeps to rounding, a thousandth is no drift.
  static double drift(const DiagnosticRange& r, double scale) {
    return std::max(r.change, 1e-3 * std::max({std::abs(r.lowest), std::abs(r.highest), scale}));
  }
  std::shared_ptr<solvers::Stepper<Real>> truth_;
  std::shared_ptr<const TrustReference> reference_;
  bool known_ = false;
  std::vector<const DiagnosticRange*> ranges_;  ///< [diagnostic]; null: the reference has none
  std::vector<double> scales_;                  ///< [diagnostic]: as the range gate's
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
