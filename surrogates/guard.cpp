#include "surrogates/guard.hpp"

#include <algorithm>
#include <cmath>
#include <format>
#include <limits>

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
  if (bound <= 0) return gate + ": the calibration leaves no window to the surrogate";
  return std::format("{} {:.4g}, bound {:.4g}", gate, score, bound);
}

template <class Real>
Guard<Real>::Guard(std::vector<std::unique_ptr<Gate<Real>>> gates, std::vector<double> bounds,
                   Measurer<Real> measurer)
    : gates_(std::move(gates)), bounds_(std::move(bounds)), measurer_(std::move(measurer)) {
  bounds_.resize(gates_.size(), 1.0);
}

template <class Real>
std::vector<double> Guard<Real>::scores(const mesh::State<Real>& state,
                                        const mesh::State<Real>* before) {
  const core::Region region("gate");
  const StateMeasures measures = measurer_(state);
  const GateView<Real> view{state, before, measures};
  std::vector<double> scores;
  // A state with values that are not numbers is not put through solvers and networks.
  const bool finite = std::all_of(measures.fluctuation.begin(), measures.fluctuation.end(),
                                  [](double value) { return std::isfinite(value); });
  for (const auto& gate : gates_) {
    if (!finite)
      scores.push_back(std::numeric_limits<double>::infinity());
    else
      scores.push_back(before || gate->judges_input() ? gate->score(view) : 0);
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
  return verdict_of(state, scores(state, nullptr));
}

template <class Real>
Verdict Guard<Real>::judge(const mesh::State<Real>& state, const mesh::State<Real>& before) {
  return verdict_of(state, scores(state, &before));
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
