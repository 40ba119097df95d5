#include "surrogates/swap/guard.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/timers.hpp"

namespace understudy::surrogates {

namespace {

double ratio_of(double score, double bound) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (!std::isfinite(score) || bound <= 0) return infinity;
  return score / bound;
}

}  // namespace

std::string Verdict::text() const {
  if (!failure.empty()) return core::format("{}: {}", gate, failure);
  if (bound <= 0) return gate + ": the calibration leaves no window to the surrogate";
  return core::format("{} {:.4g}, bound {:.4g}", gate, score, bound);
}

template <class Real>
Guard<Real>::Guard(std::vector<std::unique_ptr<Gate<Real>>> gates, std::vector<double> bounds,
                   Measurer<Real> measurer, std::shared_ptr<solvers::Stepper<Real>> constrainer)
    : gates_(std::move(gates)),
      bounds_(std::move(bounds)),
      measurer_(std::move(measurer)),
      constrainer_(std::move(constrainer)) {
  bounds_.resize(gates_.size(), 1.0);
}

template <class Real>
std::vector<double> Guard<Real>::scores(const mesh::State<Real>& state,
                                        const mesh::State<Real>* before) {
  return scores_of(before ? judged(state) : state, before, Ask::all);
}

template <class Real>
const mesh::State<Real>& Guard<Real>::judged(const mesh::State<Real>& prediction) {
  if (!constrainer_) return prediction;
  const core::ScopedTimer region("gate");
  if (copy_)
    copy_->copy_from(prediction);
  else
    copy_ = prediction.clone();
  constrainer_->constrain(*copy_);
  return *copy_;
}

template <class Real>
std::vector<double> Guard<Real>::scores_of(const mesh::State<Real>& state,
                                           const mesh::State<Real>* before, Ask ask) {
  const core::ScopedTimer region("gate");
  const StateMeasures measures = measurer_(state);
  const GateView<Real> view{state, before, measures};
  std::vector<double> scores;
  // A state with values that are not numbers is not put through solvers and networks.
  const bool finite = std::all_of(measures.fluctuation.begin(), measures.fluctuation.end(),
                                  [](double value) { return std::isfinite(value); });
  for (const auto& gate : gates_) {
    const bool on_input = gate->judges_input();
    const bool asked =
        ask == Ask::all ? before || on_input : (ask == Ask::input ? on_input : !on_input);
    double score = finite ? 0 : std::numeric_limits<double>::infinity();
    if (finite && asked) try {
        score = gate->score(view);
      } catch (const core::RunError& error) {
        core::log::info("gate {}: {}", gate->name(), error.what());
        score = std::numeric_limits<double>::infinity();
      }
    scores.push_back(score);
  }
  return scores;
}

template <class Real>
Verdict Guard<Real>::verdict_of(const mesh::State<Real>& state,
                                const std::vector<double>& scores) const {
  Verdict verdict;
  std::size_t worst = 0;
  for (std::size_t n = 0; n < gates_.size(); ++n)
    if (ratio_of(scores[n], bounds_[n]) > ratio_of(scores[worst], bounds_[worst])) worst = n;
  struct {
    double ratio, score;
    std::size_t worst;
  } root{ratio_of(scores[worst], bounds_[worst]), scores[worst], worst};
  state.grid().comm().broadcast(&root, sizeof root);
  verdict.ratio = root.ratio;
  verdict.score = root.score;
  verdict.bound = bounds_[root.worst];
  verdict.gate = gates_[root.worst]->name();
  return verdict;
}

template <class Real>
Verdict Guard<Real>::judge_input(const mesh::State<Real>& state) {
  return verdict_of(state, scores_of(state, nullptr, Ask::input));
}

template <class Real>
Verdict Guard<Real>::judge(const mesh::State<Real>& prediction, const mesh::State<Real>& before) {
  const mesh::State<Real>& state = judged(prediction);
  auto scores = scores_of(state, &before, Ask::input);
  const Verdict cheap = verdict_of(state, scores);
  const bool costly = std::any_of(gates_.begin(), gates_.end(),
                                  [](const auto& gate) { return !gate->judges_input(); });
  if (!costly || !cheap.trusted()) return cheap;
  const auto more = scores_of(state, &before, Ask::prediction);
  for (std::size_t n = 0; n < scores.size(); ++n) scores[n] = std::max(scores[n], more[n]);
  return verdict_of(state, scores);
}

template <class Real>
std::vector<std::string> Guard<Real>::names() const {
  std::vector<std::string> names;
  for (const auto& gate : gates_) names.push_back(gate->name());
  return names;
}

template class Guard<float>;
template class Guard<double>;

}  // namespace understudy::surrogates
