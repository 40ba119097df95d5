// The verb `calibrate` of simulations: thresholds of the gates of a trained model.

#include "apps/simulation/calibration.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "apps/study/model_folder.hpp"
#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::apps::verbs {

void calibrate(SimulationJob& job, Summary& summary) {
  if (!std::filesystem::exists(job.dataset()))
    throw core::UserError(core::format("no dataset in {}; `understudy generate {}` makes one",
                                       job.dataset().string(), job.tree.name));
  read_card(job.model());
  open_output(job);
  calibrate_model(job, summary);
}

}  // namespace understudy::apps::verbs
