// All shots of a survey, whatever computes them: their traces over groups of ranks (SurveyTraces), and
// shots one after the other through a WaveStepper (SurveyRun), looked at on their way.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "solvers/run_loop.hpp"
#include "solvers/seismic/survey_plan.hpp"
#include "solvers/seismic/wave_stepper.hpp"

namespace understudy::solvers::seismic {

/// The traces of a survey's shots, brought together from the groups that computed them.
class SurveyTraces {
 public:
  SurveyTraces(const SurveyPlan& plan, const ShotGroups& groups) : plan_(plan), groups_(groups) {}

  /// Of one shot of this group, [quantity]: the same quantities for every shot.
  void put(int shot, const std::vector<Traces>& traces);
  /// One set a quantity with the plan's geometry, whole on every rank. Collective over all groups.
  std::vector<GatherSet> whole();

 private:
  struct Quantity {
    std::string name, unit;
    std::vector<double>
        values;  ///< [shot, sample, receiver]; 0 where another group computes the shot
  };
  void add_quantity(const std::string& name, const std::string& unit);
  void share_quantities();
  std::size_t shot_size() const;

  const SurveyPlan& plan_;
  const ShotGroups& groups_;
  std::vector<Quantity> quantities_;
};

/// Who looks at a shot's waves, and how often.
template <class Real>
struct ShotWatch {
  double every_s = 0;  ///< rounded to whole steps; 0: after the whole shot
  std::vector<Observer<Real>> observers;
};

template <class Real>
class SurveyRun {
 public:
  using Watch = std::function<ShotWatch<Real>(int shot)>;

  /// `stepper` on the ranks of groups.group. Plan and groups must outlive the run.
  SurveyRun(std::shared_ptr<WaveStepper<Real>> stepper, const SurveyPlan& plan,
            const ShotGroups& groups);

  /// One set a quantity, whole on every rank. RunError where waves are not finite or grow with no source, when it
  /// shows (growth_guard.hpp). Collective over all
  /// groups.
  std::vector<GatherSet> run(const Watch& watch = {});
  double cell_updates() const { return cell_updates_; }  ///< of all groups; after run()
  double wall_s() const { return wall_s_; }              ///< of the slowest group; after run()

 private:
  double shoot(int shot, const ShotWatch<Real>& watch);  // cell updates

  std::shared_ptr<WaveStepper<Real>> stepper_;
  const SurveyPlan& plan_;
  const ShotGroups& groups_;
  mesh::State<Real> state_;
  double cell_updates_ = 0, wall_s_ = 0;
};

extern template class SurveyRun<float>;
extern template class SurveyRun<double>;

}  // namespace understudy::solvers::seismic
