// Cheaper classical runs of a case: the same solver on coarser grids, started from the restricted state
// of the fine one. Their cost and error make the curve on which the equal-error speed-up is read.
#pragma once

#include <vector>

#include "apps/job.hpp"
#include "surrogates/comparison.hpp"

namespace understudy::apps {

/// Fills the prognostic fields of `coarse` from `fine`, whose cells are `factor` times as many along
/// each axis: cell values by the mean, face values by the mean over the face, so that the discrete
/// divergence of the restriction is that of the fine field. One rank. Ghosts are constrain()'s.
template <class Real>
void restrict_state(const mesh::State<Real>& fine, int factor, mesh::State<Real>& coarse);

struct ClassicalSetup {
  long long windows = 0;
  int warm_up_windows = 2;
  std::vector<long long> factors;
};

/// Runs truth and coarse runs side by side from `initial`; the error of each is the mean over windows
/// and prognostic fields of the relative L2 difference to the truth, as for the replacement. Runs whose
/// grid does not divide or does not carry the case are left out, with a warning. One rank only: on
/// more, none are made.
template <class Real>
std::vector<surrogates::ClassicalPoint> run_classical(const StudyDeck& deck, const core::Comm& comm,
                                                      const mesh::State<Real>& initial,
                                                      const ClassicalSetup& setup);

}  // namespace understudy::apps
