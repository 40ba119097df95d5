// What a recorded advance of the flow left behind: every time step's size, the state it began with, and the
// velocity at the beginning of each step, the only thing besides that a step's derivative depends on. Where the
// velocities do not fit they are computed again (step_schedule.hpp). Private to solvers/flow.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "solvers/differentiable_stepper.hpp"
#include "solvers/flow/sweeps.hpp"
#include "solvers/step_schedule.hpp"

namespace understudy::solvers::flow {

/// A step that was taken.
struct FlowStepMark {
  double time_s;  ///< it began at
  double dt_s, dt_previous_s;
  long long step;
};

template <class Real>
class FlowTape : public AdvanceTape<Real> {
 public:
  /// Collective.
  FlowTape(std::shared_ptr<const mesh::BoxGrid> grid, const std::vector<mesh::FieldInfo>& fields,
           double limit_bytes, const std::string& key);

  long long steps() const override { return static_cast<long long>(marks_.size()); }
  double bytes() const override;
  long long recomputed() const override { return recomputed_; }

  void begin(const mesh::State<Real>& state);
  void keep(const Velocity<Real>& u, const FlowStepMark& mark);

  const mesh::State<Real>& start() const { return start_; }
  const FlowStepMark& mark(int n) const { return marks_[n]; }
  /// Every step's velocity is there.
  bool whole() const { return whole_; }
  const Velocity<Real>& kept(int n) const { return kept_[n]; }
  /// Writes the velocity that comes n-th in memory, for reversals in part.
  void put(int n, const Velocity<Real>& u);
  StepSchedule schedule() const { return {static_cast<int>(steps()), memory_}; }
  void count_recomputed(long long steps) { recomputed_ += steps; }

 private:
  std::shared_ptr<const mesh::BoxGrid> grid_;
  ReversalMemory memory_;
  mesh::State<Real> start_;
  std::vector<FlowStepMark> marks_;
  std::vector<Velocity<Real>> kept_;
  bool whole_ = true;
  long long recomputed_ = 0;
};

}  // namespace understudy::solvers::flow
