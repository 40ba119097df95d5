#include "solvers/assimilation/trajectory.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/step_schedule.hpp"

namespace understudy::solvers::assimilation {

namespace {

template <class Real>
double bytes_of(const mesh::State<Real>& state) {
  double bytes = 0;
  for (const auto& field : state.fields())
    bytes += static_cast<double>(field.data.size()) * sizeof(Real);
  return bytes;
}

template <class Real>
const mesh::State<Real>& required(const TrajectorySetup& setup, const mesh::State<Real>& like) {
  require_samples(setup.observations, like, setup.time);
  return like;
}

constexpr double plenty_mb = 1e12;  // of one interval's tape: what it takes is counted afterwards

template <class Real>
DifferentiableStepper<Real>& derivative_of(Stepper<Real>& stepper) {
  auto* found = differentiable(stepper);
  if (!found)
    throw core::UserError(core::format(
        "assimilation: '{}' has no adjoint, from which gradients are computed", stepper.name()));
  return *found;
}

}  // namespace

template <class Real>
ObservedTrajectory<Real>::ObservedTrajectory(const TrajectorySetup& setup,
                                             const mesh::State<Real>& like)
    : setup_(setup),
      operator_(mesh::as_box(like.shared_grid(), "assimilation"), required(setup, like),
                setup.observations, setup.time),
      present_(like.clone()),
      steps_(setup.time.count, 0) {}

template <class Real>
void ObservedTrajectory<Real>::note_steps(int interval, long long steps) {
  if (steps_[interval] == 0) steps_[interval] = steps;
  cost_.steps += steps;
  if (steps != steps_[interval]) ++cost_.shortened;
}

template <class Real>
double ObservedTrajectory<Real>::misfit_and_slopes() {
  const auto& samples = setup_.observations.samples;
  const std::vector<double> values = operator_.values();
  std::vector<double> slopes(values.size());
  double sum = 0;
  for (std::size_t n = 0; n < values.size(); ++n) {
    const Sample& s = samples[n];
    const double off = (values[n] - s.value) / s.deviation;
    slopes[n] = off / s.deviation;
    sum += 0.5 * off * off;
    if (!std::isfinite(sum) || !std::isfinite(slopes[n]))
      throw core::RunError(core::format(
          "assimilation: the misfit is not finite at {}: {} is {:.6g} at t = {:.6g} s, and {:.6g} with a "
          "deviation of {:.6g} was measured",
          s.where.empty() ? core::format("sample {}", n + 1) : s.where,
          setup_.observations.fields[s.field], values[n], s.time_s, s.value, s.deviation));
  }
  operator_.set_slopes(slopes);
  return sum;
}

// One evaluation's course and its way back.
template <class Real>
struct ObservedTrajectory<Real>::Sweep {
  ObservedTrajectory& own;
  Stepper<Real>& stepper;
  DifferentiableStepper<Real>& derivative;
  const mesh::State<Real>& start;
  mesh::State<Real>& adjoint;
  Controls<Real>& gradient;
  std::vector<std::unique_ptr<AdvanceTape<Real>>> tapes;
  int observed = -1;  ///< the last node that was
  double misfit = 0;

  void observe(int node) {
    if (node != observed + 1) return;
    own.operator_.observe(node, own.present_);
    observed = node;
  }
  template <class F>
  AdvanceReport advanced(int interval, const F& advance_once) const {
    try {
      return advance_once();
    } catch (const core::RunError& error) {  // thrown on all ranks alike
      throw core::RunError(core::format("assimilation: in step {} of {}: {}", interval + 1,
                                        own.setup_.time.count, error.what()));
    }
  }
  void advance(int begin, int end, bool keep) {
    for (int n = begin; n < end; ++n) {
      const bool again = n < observed;
      if (keep)
        while (static_cast<int>(tapes.size()) <= n - begin)
          tapes.push_back(derivative.make_tape(own.tape_limit_mb_, own.setup_.key));
      const double step_s = own.setup_.time.step_s;
      const AdvanceReport report = advanced(n, [&] {
        return keep ? derivative.advance_recorded(own.present_, step_s, *tapes[n - begin])
                    : stepper.advance(own.present_, step_s);
      });
      if (again)
        ++own.cost_.recomputed;
      else
        own.note_steps(n, report.steps);
      observe(n + 1);
    }
  }
  void store(int slot) {
    while (static_cast<int>(own.stored_.size()) <= slot)
      own.stored_.push_back(std::make_unique<mesh::State<Real>>(own.present_.clone()));
    own.stored_[slot]->copy_from(own.present_);
  }
  void restore(int slot) { own.present_.copy_from(slot < 0 ? start : *own.stored_[slot]); }
  void reverse(int begin, int end) {
    for (int n = end - 1; n >= begin; --n) {
      own.operator_.add_transposed(n + 1, adjoint);
      try {
        derivative.advance_adjoint(*tapes[n - begin], adjoint, gradient);
      } catch (const core::RunError& error) {  // thrown on all ranks alike
        throw core::RunError(core::format("assimilation: on the way back over step {} of {}: {}",
                                          n + 1, own.setup_.time.count, error.what()));
      }
    }
  }
  void run(const StepSchedule& schedule) {
    own.present_.copy_from(start);
    observe(0);
    schedule.run({.advance = [this](int begin, int end, bool keep) { advance(begin, end, keep); },
                  .store = [this](int slot) { store(slot); },
                  .restore = [this](int slot) { restore(slot); },
                  .reverse = [this](int begin, int end) { reverse(begin, end); },
                  .turn = [this] { misfit = own.misfit_and_slopes(); }});
    own.operator_.add_transposed(0, adjoint);
  }
};

template <class Real>
double ObservedTrajectory<Real>::evaluate(Stepper<Real>& stepper, const mesh::State<Real>& start,
                                          mesh::State<Real>& adjoint, Controls<Real>& gradient) {
  auto& derivative = derivative_of(stepper);
  const core::Comm& comm = start.grid().comm();
  cost_ = {};
  if (tape_bytes_ == 0) {
    // The first interval takes the most steps where a scheme without history starts by small ones.
    present_.copy_from(start);
    const auto tape = derivative.make_tape(plenty_mb, setup_.key);
    derivative.advance_recorded(present_, setup_.time.step_s, *tape);
    tape_bytes_ = comm.max(tape->bytes());
  }
  // The same on every rank: start, present and adjoint are there in any case.
  const double state_bytes = comm.max(bytes_of(start));
  // A tape of more steps than the first interval's computes some of them again: two states it has in any case.
  tape_limit_mb_ = 1e-6 * (tape_bytes_ + 2 * state_bytes);
  const StepSchedule schedule(setup_.time.count, {.limit_bytes = 1e6 * setup_.memory_limit_mb,
                                                  .step_bytes = tape_bytes_,
                                                  .snapshot_bytes = state_bytes,
                                                  .key = setup_.key,
                                                  .fixed_bytes = 3 * state_bytes});
  for (auto& field : adjoint.fields()) Kokkos::deep_copy(field.data, Real(0));
  operator_.clear();
  Sweep sweep{*this, stepper, derivative, start, adjoint, gradient, {}, -1, 0};
  sweep.run(schedule);
  return sweep.misfit;
}

template <class Real>
std::vector<double> ObservedTrajectory<Real>::predict(Stepper<Real>& stepper,
                                                      const mesh::State<Real>& start) {
  operator_.clear();
  present_.copy_from(start);
  operator_.observe(0, present_);
  for (int n = 0; n < setup_.time.count; ++n) {
    stepper.advance(present_, setup_.time.step_s);
    operator_.observe(n + 1, present_);
  }
  return operator_.values();
}

template class ObservedTrajectory<float>;
template class ObservedTrajectory<double>;

}  // namespace understudy::solvers::assimilation
