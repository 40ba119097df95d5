// Gates: each gives a window a score, the larger the less the surrogate is to be trusted. What a score is
// held against comes from calibration (trust_reference.hpp), so a score needs no absolute meaning; it must
// only tell good windows from bad ones (split conformal prediction turns any score into a bound:
// Angelopoulos & Bates 2021, "A gentle introduction to conformal prediction and distribution-free
// uncertainty quantification", arXiv:2107.07511).
//
//   range         values within what training saw: how far the lowest and highest value of a channel lie
//                 beyond its training envelope, in half-widths of it (0: within), largest of the channels
//                 and of the parameters that the network is told. Infinite where a value is not finite.
//   diagnostics   the same for each of the truth's diagnostics, over training frames and one-window
//                 predictions from them (bounded quantities: the upper side only), and for conserved ones
//                 the change over the window beside the largest in training. An envelope narrower than
//                 `narrowest` of its middle counts as so wide.
//   distance      to the k nearest training states in the space of trust_space.hpp; what is unlike training
//                 lies far from it (nearest neighbours of features: Sun, Ming, Zhu & Li 2022, "Out-of-
//                 distribution detection with deep nearest neighbors", ICML, arXiv:2204.06507; the features
//                 here are the state's own, not a network's)
//   residual      the truth advances the prediction by a fraction of a window; its tendency beside the
//                 prediction's own, (state - before) / window: rms over cells of the difference, in units
//                 of the rms change in training, largest of the channels
//   disagreement  other networks of the same kind, trained from other seeds, predict the same window: rms
//                 of their deviation from the prediction, in the same units (deep ensembles: Lakshminarayanan,
//                 Pritzel & Blundell 2017, "Simple and scalable predictive uncertainty estimation using deep
//                 ensembles", NeurIPS; the deviation is from the network that stands in, not from the mean)
//
// A channel or a diagnostic that was zero in training, or did not vary, has no envelope of its own: it is
// held against `narrowest` of the others of its unit (core/unit_scale.hpp), and left out where those are
// zero, too.
//
// range, diagnostics and distance judge any state, and so the simulation's own before the surrogate is
// asked; the others need a prediction. Scores are the same on all ranks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "solvers/stepper.hpp"
#include "surrogates/fields/state_measures.hpp"
#include "surrogates/swap/gate_params.hpp"
#include "surrogates/swap/trust_reference.hpp"

namespace understudy::surrogates {

/// What a gate judges.
template <class Real>
struct GateView {
  const mesh::State<Real>& state;
  const mesh::State<Real>* before;  ///< the state that `state` was predicted from; null: none was
  const StateMeasures& measures;    ///< of `state`
};

template <class Real>
class Gate {
 public:
  virtual ~Gate() = default;
  virtual std::string name() const = 0;
  /// Can it judge a state that nothing was predicted for?
  virtual bool judges_input() const { return true; }
  /// >= 0, infinite where nothing can be trusted. Collective.
  virtual double score(const GateView<Real>& view) = 0;
};

/// What gates are made from.
template <class Real>
struct GateContext {
  ModelCard card;
  std::shared_ptr<const TrustReference> reference;
  GateParams params;
  double window_s = 0;
  std::vector<double> parameters;  ///< of the run, in the order of the card
  std::shared_ptr<solvers::Stepper<Real>> truth;
  std::vector<std::shared_ptr<solvers::Stepper<Real>>> members;  ///< beside the surrogate itself
};

template <class Real>
std::unique_ptr<Gate<Real>> make_range_gate(const GateContext<Real>& context);
template <class Real>
std::unique_ptr<Gate<Real>> make_diagnostics_gate(const GateContext<Real>& context);
template <class Real>
std::unique_ptr<Gate<Real>> make_distance_gate(const GateContext<Real>& context);
template <class Real>
std::unique_ptr<Gate<Real>> make_residual_gate(const GateContext<Real>& context);
/// UserError without members.
template <class Real>
std::unique_ptr<Gate<Real>> make_disagreement_gate(const GateContext<Real>& context);

/// How far a value lies beyond [lowest, highest], in half-widths; 0 within. An envelope narrower than
/// `narrowest` times its larger end, or times `scale`, counts as so wide; 0 for one without any width.
/// Infinite for a value that is not finite.
inline constexpr double narrowest = 0.01;
double beyond(double value, double lowest, double highest, double scale = 0);

}  // namespace understudy::surrogates
