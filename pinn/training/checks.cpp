// What settings ask of a problem.
#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "pinn/settings_fit.hpp"
#include "pinn/training/torch_trainer.hpp"

namespace understudy::pinn {

void check_settings(const TrainingTask& task) {
  const Settings& s = task.settings;
  const Problem& p = *task.problem;
  const auto refuse = [&](const std::string& why) {
    throw core::UserError(core::format("problem {}: {}", p.name, why));
  };
  require_fit(p, s);
  if (!s.curriculum.stages.empty() && !task.remake)
    refuse("curriculum.stages change its constants, and it cannot be made anew here");
  if (s.weighting.kind == "self_adaptive" &&
      (s.sampling.resample_every > 0 || s.sampling.adapt_every > 0))
    refuse(
        "weighting.kind self_adaptive keeps a weight for every point; give sampling.resample_every: 0 "
        "and sampling.adapt_every: 0");
  if (s.sampling.adapt_every > 0 &&
      std::none_of(p.terms.begin(), p.terms.end(), [](const Term& term) {
        return term.kind == Term::Kind::interior && !term.region.points.defined();
      }))
    refuse("sampling.adapt_every moves the points of interior terms, and it has none");
#ifndef UNDERSTUDY_WITH_PETSC
  if (s.optimiser.lbfgs_iterations > 0)
    refuse("optimiser.lbfgs_iterations needs PETSc, which this build does not have; give 0");
#endif
}

}  // namespace understudy::pinn
