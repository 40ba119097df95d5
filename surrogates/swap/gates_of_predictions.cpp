// The gates that make predictions of their own: residual, disagreement.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/timers.hpp"
#include "mesh/cell_measure.hpp"
#include "surrogates/swap/gates.hpp"

namespace understudy::surrogates {

namespace {

template <class Real>
double squares_of(const mesh::Grid& grid, const mesh::Array3<Real>& a,
                  const mesh::Array3<Real>& b) {
  return mesh::sum_weighed_cells(
      "gate difference", grid, KOKKOS_LAMBDA(int k, int j, int i) {
        const double d = static_cast<double>(a(k, j, i)) - static_cast<double>(b(k, j, i));
        return d * d;
      });
}

// a - b - share * (b - c), squared.
template <class Real>
double squares_of_residual(const mesh::Grid& grid, const mesh::Array3<Real>& a,
                           const mesh::Array3<Real>& b, const mesh::Array3<Real>& c, double share) {
  return mesh::sum_weighed_cells(
      "gate residual", grid, KOKKOS_LAMBDA(int k, int j, int i) {
        const double x = static_cast<double>(a(k, j, i)), y = static_cast<double>(b(k, j, i));
        const double d = x - y - share * (y - static_cast<double>(c(k, j, i)));
        return d * d;
      });
}

double or_infinite(double score) {
  return std::isfinite(score) ? score : std::numeric_limits<double>::infinity();
}

template <class Real>
class ResidualGate : public Gate<Real> {
 public:
  explicit ResidualGate(const GateContext<Real>& c)
      : channels_(c.card.fields),
        truth_(c.truth),
        window_s_(c.window_s),
        share_(c.params.residual_fraction) {}
  std::string name() const override { return "residual"; }
  bool judges_input() const override { return false; }
  double score(const GateView<Real>& view) override {
    if (!view.before) return 0;
    const mesh::Grid& grid = view.state.grid();
    mesh::State<Real> ahead = view.state.clone();
    truth_->constrain(ahead);
    // The truth's own starting step is not the prediction's: both tendencies start from here.
    const mesh::State<Real> from = ahead.clone();
    truth_->advance(ahead, share_ * window_s_);
    double worst = 0;
    for (std::size_t c = 0; c < channels_.size(); ++c) {
      const FieldCard& channel = channels_[c];
      if (!has_scale(channels_, c)) continue;
      auto of = [&](const mesh::State<Real>& s) {
        return s[channel.name].component(channel.component);
      };
      const double sum = grid.comm().sum(
          squares_of_residual<Real>(grid, of(ahead), of(from), of(*view.before), share_));
      const double rms = std::sqrt(sum / mesh::weight_of_cells(grid));
      worst = std::max(worst, or_infinite(rms / (share_ * channel.increment_std)));
    }
    return worst;
  }

 private:
  std::vector<FieldCard> channels_;
  std::shared_ptr<solvers::Stepper<Real>> truth_;
  double window_s_, share_;
};

template <class Real>
class DisagreementGate : public Gate<Real> {
 public:
  explicit DisagreementGate(const GateContext<Real>& c)
      : channels_(c.card.fields), members_(c.members), window_s_(c.window_s) {
    if (members_.empty())
      throw core::UserError(
          "swap.gate: disagreement wants a model of several networks; training.members: 3 trains "
          "three, and without them it must not be in swap.gate.use");
  }
  std::string name() const override { return "disagreement"; }
  bool judges_input() const override { return false; }
  double score(const GateView<Real>& view) override {
    if (!view.before) return 0;
    const mesh::Grid& grid = view.state.grid();
    std::vector<double> squares(channels_.size(), 0.0);
    for (const auto& member : members_) {
      mesh::State<Real> other = view.before->clone();
      member->advance(other, window_s_);
      for (std::size_t c = 0; c < channels_.size(); ++c)
        squares[c] +=
            squares_of<Real>(grid, other[channels_[c].name].component(channels_[c].component),
                             view.state[channels_[c].name].component(channels_[c].component));
    }
    double worst = 0;
    const double count = mesh::weight_of_cells(grid) * static_cast<double>(members_.size());
    for (std::size_t c = 0; c < channels_.size(); ++c) {
      const double rms = std::sqrt(grid.comm().sum(squares[c]) / count);
      if (has_scale(channels_, c))
        worst = std::max(worst, or_infinite(rms / channels_[c].increment_std));
    }
    return worst;
  }

 private:
  std::vector<FieldCard> channels_;
  std::vector<std::shared_ptr<solvers::Stepper<Real>>> members_;
  double window_s_;
};

}  // namespace

template <class Real>
std::unique_ptr<Gate<Real>> make_residual_gate(const GateContext<Real>& context) {
  return std::make_unique<ResidualGate<Real>>(context);
}
template <class Real>
std::unique_ptr<Gate<Real>> make_disagreement_gate(const GateContext<Real>& context) {
  return std::make_unique<DisagreementGate<Real>>(context);
}

template std::unique_ptr<Gate<float>> make_residual_gate(const GateContext<float>&);
template std::unique_ptr<Gate<double>> make_residual_gate(const GateContext<double>&);
template std::unique_ptr<Gate<float>> make_disagreement_gate(const GateContext<float>&);
template std::unique_ptr<Gate<double>> make_disagreement_gate(const GateContext<double>&);

}  // namespace understudy::surrogates
