// What a recorded advance of acoustic waves left behind: the fields it began with, the shot that it emitted, and
// of each step (u_{n+1} - 2 u_n + u_{n-1}) / k, the one field that the derivative with respect to the speed needs.
// Where these do not fit they are computed again (step_schedule.hpp). The waves being linear, derivatives with
// respect to states and source need none of it. Private to solvers/seismic/acoustic.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "solvers/differentiable_stepper.hpp"
#include "solvers/seismic/acoustic/acoustic_shots.hpp"
#include "solvers/step_schedule.hpp"

namespace understudy::solvers::seismic {

/// Where an advance began.
struct WaveMark {
  long long step = 0;
  double time_s = 0;
};

/// A step of the equation, and what the shot emits; `shot` null: none is loaded.
template <class Real>
void wave_step(AcousticOperator<Real>& op, AcousticShots<Real>* shot, WaveFields<Real>& fields,
               long long n, Real* kept) {
  if (shot != nullptr)
    shot->step(fields, n, kept);
  else
    op.forward(fields, kept);
}

template <class Real>
class AcousticTape : public AdvanceTape<Real> {
 public:
  using Shot = std::shared_ptr<AcousticShots<Real>>;

  /// Collective.
  AcousticTape(std::shared_ptr<AcousticOperator<Real>> op, double limit_bytes,
               const std::string& key);

  long long steps() const override { return steps_; }
  double bytes() const override;
  long long recomputed() const override { return recomputed_; }

  void begin(const WaveFields<Real>& fields, const WaveMark& mark, long long steps,
             const Shot& shot);
  /// Where step n of the advance that is recorded leaves its field; null: nowhere, there is no room.
  Real* recording(long long n) { return whole_ ? place(n) : nullptr; }

  const WaveFields<Real>& start() const { return start_; }
  const WaveMark& mark() const { return mark_; }
  AcousticShots<Real>* shot() const { return shot_.get(); }
  /// Every step's field is there.
  bool whole() const { return whole_; }
  /// The field that comes n-th in memory: of step n where the tape is whole.
  Real* place(long long n);
  StepSchedule schedule() const { return {static_cast<int>(steps_), memory_}; }
  /// Step n once more, from what `fields` are before it.
  void replay(WaveFields<Real>& fields, long long n, Real* kept);

 private:
  std::shared_ptr<AcousticOperator<Real>> op_;
  ReversalMemory memory_;
  WaveFields<Real> start_;
  WaveMark mark_;
  Shot shot_;
  std::vector<Kokkos::View<Real*, mesh::Memory>> kept_;
  bool whole_ = true;
  long long steps_ = 0, recomputed_ = 0;
};

}  // namespace understudy::solvers::seismic
