// The last part of a training: a quasi-Newton method in double precision on points that stay the same
// (torch_lbfgs_refinement.hpp).
#include <ATen/ATen.h>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "pinn/sampling.hpp"
#include "pinn/training/torch_lbfgs_refinement.hpp"
#include "pinn/training/torch_trainer.hpp"

namespace understudy::pinn {

#ifdef UNDERSTUDY_WITH_PETSC
void PinnTrainer::run_refinement(const Phase& phase) {
  Model precise(setup_of(model_->setup().problem, at::kDouble));
  precise.assign(model_->gathered(), model_->gathered_fixed());
  PointPlan plan = plan_of(model_->setup().problem);
  plan.options = precise.options();
  const bool same_points = s_.weighting.kind == "self_adaptive";
  if (!same_points) {
    if (s_.optimiser.lbfgs_points > 0) plan.sampling.interior = s_.optimiser.lbfgs_points;
    plan.sampling.resample_every = 0;
    plan.seed = derived_seed(s_.seed, 3, phase_);
  }
  plan.chunks = 0;  // weights that move with the loss would hide its descent
  PointSource source(plan);
  TensorList pools;
  points_->save(pools);
  source.restore(pools);
  RefinementTask task{precise, source.at(0), *losses_, sharing_, s_.optimiser.lbfgs_iterations, {}};
  int signal = 0;
  task.go_on = [&](const RefinementProgress& p) {
    signal = core::stop_signal(task_.comm);
    if (p.iteration > 0 && p.iteration % s_.record_every == 0) {
      HistoryLine line;
      line.loss = p.loss;
      line.losses = p.losses;
      line.weights = losses_->weights();
      line.step = taken_ + p.iteration;
      line.phase = "lbfgs";
      line.window = phase.window;
      line.wall_s = elapsed_s();
      line.parameters = precise.parameters();
      if (task_.progress && task_.comm.is_root()) task_.progress(line);
      history_.push_back(std::move(line));
    }
    const double end_s = s_.optimiser.max_time_s * (phase.window + 1) / s_.curriculum.windows;
    return signal == 0 && (s_.optimiser.max_time_s <= 0 || elapsed_s() < end_s);
  };
  const RefinementResult found = refine(task);
  if (signal != 0)  // the checkpoint before the finish stands
    throw core::Interrupted(core::format("training stopped by signal {} in its last part", signal),
                            signal);
  core::log::info("lbfgs: loss {:.4g} after {} iterations; {}", found.loss, found.iterations,
                  found.reason);
  model_->assign(precise.gathered(), precise.gathered_fixed());
  model_->keep_bounds();
  taken_ += found.iterations;
  HistoryLine line;
  const auto values = losses_->values(losses_->evaluate(precise, source.at(0), false));
  line.losses = values;
  line.loss = losses_->total(values);
  line.weights = losses_->weights();
  line.phase = "lbfgs";
  record(std::move(line), true);
}
#else
void PinnTrainer::run_refinement(const Phase&) {}  // check_settings has refused it
#endif

}  // namespace understudy::pinn
