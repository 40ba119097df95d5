#include "apps/plan.hpp"

#include <stdexcept>

#include "apps/simulation/simulation_study.hpp"

namespace understudy::apps {

std::string planned(OpenStudy& open, const PlanOptions& options) {
  const auto* study = dynamic_cast<const SimulationStudy*>(open.study.get());
  if (!study) throw std::logic_error("plan: the app " + open.app->name + " is no simulation's");
  return planned(study->job(open.job), options);
}

}  // namespace understudy::apps
