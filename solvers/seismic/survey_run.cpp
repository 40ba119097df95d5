#include "solvers/seismic/survey_run.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/log.hpp"

namespace understudy::solvers::seismic {

std::size_t SurveyTraces::shot_size() const {
  return std::size_t(plan_.samples) * plan_.survey.receivers.size();
}

void SurveyTraces::add_quantity(const std::string& name, const std::string& unit) {
  quantities_.push_back(
      {name, unit, std::vector<double>(shot_size() * std::size_t(plan_.shots()), 0.0)});
}

void SurveyTraces::put(int shot, const std::vector<Traces>& traces) {
  for (std::size_t q = 0; q < traces.size(); ++q) {
    if (quantities_.size() <= q) add_quantity(traces[q].quantity, traces[q].unit);
    if (groups_.group.is_root())
      std::copy_n(traces[q].gather.values.begin(), shot_size(),
                  quantities_[q].values.begin() + std::ptrdiff_t(std::size_t(shot) * shot_size()));
  }
}

// A group without shots has not met the quantities; rank 0 has.
void SurveyTraces::share_quantities() {
  std::string mine;
  for (const auto& q : quantities_) mine += q.name + "\n" + q.unit + "\n";
  const std::string text = groups_.world.broadcast(mine);
  if (!quantities_.empty()) return;
  std::size_t begin = 0;
  const auto next = [&] {
    const std::size_t end = text.find('\n', begin);
    const std::string word = text.substr(begin, end - begin);
    begin = end + 1;
    return word;
  };
  while (begin < text.size()) {
    const std::string name = next(), unit = next();
    add_quantity(name, unit);
  }
}

std::vector<GatherSet> SurveyTraces::whole() {
  share_quantities();
  std::vector<GatherSet> sets;
  for (auto& q : quantities_) {
    groups_.world.sum(std::span<double>(q.values));
    GatherSet set = plan_.geometry();
    set.quantity = q.name;
    set.unit = q.unit;
    for (int s = 0; s < plan_.shots(); ++s)
      std::copy_n(q.values.begin() + std::ptrdiff_t(std::size_t(s) * shot_size()), shot_size(),
                  set.shots[std::size_t(s)].values.begin());
    sets.push_back(std::move(set));
  }
  return sets;
}

template <class Real>
SurveyRun<Real>::SurveyRun(std::shared_ptr<WaveStepper<Real>> stepper, const SurveyPlan& plan,
                           const ShotGroups& groups)
    : stepper_(std::move(stepper)),
      plan_(plan),
      groups_(groups),
      state_(stepper_->grid(), stepper_->fields()) {}

template <class Real>
std::vector<GatherSet> SurveyRun<Real>::run(const Watch& watch) {
  SurveyTraces traces(plan_, groups_);
  double cell_updates = 0;
  for (const int shot : groups_.shots) {
    cell_updates += shoot(shot, watch ? watch(shot) : ShotWatch<Real>{});
    traces.put(shot, stepper_->traces());
  }
  auto sets = traces.whole();
  cell_updates_ = groups_.world.sum(groups_.group.is_root() ? cell_updates : 0.0);
  wall_s_ = groups_.world.max(wall_s_);
  return sets;
}

// Whole windows in the loop, which shows them to the observers; what is left of the shot after them.
template <class Real>
double SurveyRun<Real>::shoot(int shot, const ShotWatch<Real>& watch) {
  stepper_->begin_shot(plan_.shot(shot), state_);
  int steps = plan_.steps();
  if (watch.every_s > 0)
    steps = int(std::clamp(std::round(watch.every_s / plan_.dt_s), 1.0, double(plan_.steps())));
  RunLoop<Real> loop{
      .stepper = *stepper_, .time = {}, .observers = watch.observers, .progress_title = ""};
  loop.time.window_s = steps * plan_.dt_s;
  loop.time.end_s = loop.time.window_s * (plan_.steps() / steps);
  loop.time.max_abs_value = std::numeric_limits<double>::max();
  const auto result = loop.run(state_);
  wall_s_ += result.advance_wall_s;
  const int rest = plan_.steps() % steps;
  if (rest > 0) stepper_->advance(state_, rest * plan_.dt_s);
  check_contract(state_, std::numeric_limits<double>::max());
  if (groups_.group.is_root()) core::log::info("shot {} of {} done", shot + 1, plan_.shots());
  return result.cell_updates;
}

template class SurveyRun<float>;
template class SurveyRun<double>;

}  // namespace understudy::solvers::seismic
