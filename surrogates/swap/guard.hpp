// The guard: several gates and what they are held against. A state is trusted when for every gate
//
//     score <= threshold * combined,
//
// where `combined` makes the promise of a single threshold hold for all gates together
// (trust_reference.hpp). The verdict is that of the gate with the largest ratio of score to bound. Rank
// 0's verdict is every rank's. Gates that want the prediction's start (residual, disagreement) cost
// solver steps or network calls: they are asked only about states that the others trust. A gate whose
// own computation fails on a state (RunError) rejects it.
//
// A surrogate that does not restore the truth's constraints itself (network.constrain: false) is judged by
// a copy of its prediction on which they are restored, so that a boundary value that the model has never
// seen shows; what goes on is the prediction as the model made it. Feeding back what constrain() makes of
// it would be another model than the trained one: with bodies in a flow constrain() changes the solver's
// own states, too, a little, and window after window that damps a reduced model.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "surrogates/swap/gates.hpp"

namespace understudy::surrogates {

struct Verdict {
  double ratio = 0;  ///< the largest score / bound; <= 1: trusted
  std::string gate;  ///< whose it is
  double score = 0, bound = 0;
  std::string failure{};  ///< there is no score: what went wrong instead
  bool trusted() const { return ratio <= 1; }
  /// In [0, 1]: 1 for a score of 0, 1/2 at the bound.
  double trust() const { return 1 / (1 + ratio); }
  /// "distance 0.31, bound 0.24"
  std::string text() const;
};

template <class Real>
class Guard {
 public:
  /// `bounds`: one a gate, thresholds times combined; 0: nothing is trusted. `constrainer`: whose
  /// constraints are restored on what is judged; null: predictions have them.
  Guard(std::vector<std::unique_ptr<Gate<Real>>> gates, std::vector<double> bounds,
        Measurer<Real> measurer, std::shared_ptr<solvers::Stepper<Real>> constrainer = nullptr);

  /// By the gates that judge any state. Collective.
  Verdict judge_input(const mesh::State<Real>& state);
  /// By all gates. `before`: the state that it was predicted from. Collective.
  Verdict judge(const mesh::State<Real>& prediction, const mesh::State<Real>& before);
  /// What each gate says of a prediction, in order; without `before` of a state, and 0 for gates that want
  /// it.
  std::vector<double> scores(const mesh::State<Real>& state, const mesh::State<Real>* before);
  std::vector<std::string> names() const;
  const std::vector<double>& bounds() const { return bounds_; }

 private:
  enum class Ask { input, prediction, all };
  std::vector<double> scores_of(const mesh::State<Real>& state, const mesh::State<Real>* before,
                                Ask ask);
  /// The prediction, or its copy with the constraints restored.
  const mesh::State<Real>& judged(const mesh::State<Real>& prediction);
  Verdict verdict_of(const mesh::State<Real>& state, const std::vector<double>& scores) const;

  std::vector<std::unique_ptr<Gate<Real>>> gates_;
  std::vector<double> bounds_;
  Measurer<Real> measurer_;
  std::shared_ptr<solvers::Stepper<Real>> constrainer_;
  std::optional<mesh::State<Real>> copy_;
};

extern template class Guard<float>;
extern template class Guard<double>;

}  // namespace understudy::surrogates
