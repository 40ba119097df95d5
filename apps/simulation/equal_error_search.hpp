// The search for classical runs of one method that enclose the replacement's error: gentler factors where the
// deck's cannot be made, coarser runs while all are better, finer ones while all are worse.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "apps/simulation/classical_run.hpp"

namespace understudy::apps {

/// `from` behind `to`.
template <class Real>
void append(ClassicalRunList<Real>& to, ClassicalRunList<Real> from) {
  for (auto& run : from) to.push_back(std::move(run));
}

/// Further cases of one method, from what was made so far. Collective. What it is given outlives it.
template <class Real>
class EqualErrorSearch {
 public:
  EqualErrorSearch(const SimulationJob& job, bool spectral, const mesh::State<Real>& initial,
                   const ClassicalSetup& setup)
      : job_(job), spectral_(spectral), initial_(initial), setup_(setup) {}

  std::vector<surrogates::ClassicalPoint> refused;

  /// What can be made of the deck's cases of this method.
  ClassicalRunList<Real> first(std::vector<ClassicalCase>& cases);
  /// Coarser while all are better than the target, finer while all are worse; empty when it is enclosed.
  ClassicalRunList<Real> next(const ClassicalRunList<Real>& made);

 private:
  static constexpr int most_rounds = 3;

  ClassicalRunList<Real> prepare(std::vector<ClassicalCase>& cases);
  ClassicalRunList<Real> refuse_all(const std::vector<ClassicalCase>& cases,
                                    const std::string& reason);
  ClassicalRunList<Real> tried(double factor);
  ClassicalRunList<Real> between(double made, double asked, bool whole = false);

  const SimulationJob& job_;
  const bool spectral_;
  const mesh::State<Real>& initial_;
  const ClassicalSetup& setup_;
  std::vector<std::string> tried_;  ///< names of all cases so far
  double coarsest_ = 1;
  int rounds_ = 0;
  bool stuck_ = false;  ///< something coarser was refused: no use in going on
};

extern template class EqualErrorSearch<float>;
extern template class EqualErrorSearch<double>;

}  // namespace understudy::apps
