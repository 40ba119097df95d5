#include "solvers/seismic/acoustic/acoustic_derivative.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "core/denormals.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/loops.hpp"

namespace understudy::solvers::seismic {

namespace {

// Steps between two looks at what goes back: what is not finite stays so.
constexpr long long look_every = 25;

template <class Real>
double count_not_finite(const mesh::BoxGrid& grid, const mesh::Array4<Real>& values) {
  return mesh::sum_cells(
      "not finite", grid.interior(), KOKKOS_LAMBDA(const int k, const int j, const int i) {
        return Kokkos::isfinite(values(0, k, j, i)) ? 0.0 : 1.0;
      });
}

template <class Real>
mesh::Array3<Real> component(const mesh::Array4<Real>& field) {
  return Kokkos::subview(field, 0, Kokkos::ALL, Kokkos::ALL, Kokkos::ALL);
}

}  // namespace

template <class Real>
std::vector<ControlInfo> AcousticDerivative<Real>::controls() const {
  return {
      {"source_scale", "1", "change of a factor, 1, on the source's wavelet", 1, 0},
      {"speed", "m/s",
       "speed of the waves in each cell, those of the absorbing layer included; the layer's damping does "
       "not follow it",
       0, 1}};
}

template <class Real>
Controls<Real> AcousticDerivative<Real>::make_controls(
    const std::vector<std::string>& fields) const {
  const mesh::BoxGrid& grid = *op_->grid().padded;
  Controls<Real> made;
  made.numbers["source_scale"].assign(1, 0.0);
  for (const std::string& name : fields) {
    if (name != "speed")
      throw std::out_of_range("acoustic waves have no control field '" + name +
                              "'; they have speed");
    made.fields[name] = mesh::Array4<Real>(name, 1, grid.extent(2), grid.extent(1), grid.extent(0));
  }
  return made;
}

template <class Real>
mesh::State<Real> AcousticDerivative<Real>::make_adjoint() const {
  return State(solver_.grid(), solver_.fields());
}

template <class Real>
std::unique_ptr<AdvanceTape<Real>> AcousticDerivative<Real>::make_tape(
    double memory_limit_mb, const std::string& key) const {
  return std::make_unique<Tape>(op_, 1e6 * memory_limit_mb, key);
}

template <class Real>
AdvanceReport AcousticDerivative<Real>::advance_recorded(State& state, double duration_s,
                                                         AdvanceTape<Real>& tape) {
  return solver_.advance(state, duration_s, &dynamic_cast<Tape&>(tape));
}

template <class Real>
void AcousticDerivative<Real>::require_given(const State& adjoint) const {
  const mesh::BoxGrid& grid = *op_->grid().padded;
  for (const auto& field : adjoint.fields())
    if (grid.comm().sum(count_not_finite(grid, field.data)) > 0)
      throw core::RunError(core::format(
          "the derivative with respect to {} is not finite, as it was given", field.info.name));
}

template <class Real>
void AcousticDerivative<Real>::require_finite(const WaveFields<Real>& fields, const Tape& tape,
                                              long long n) const {
  if (n % look_every != 0) return;
  const mesh::BoxGrid& grid = *op_->grid().padded;
  if (grid.comm().sum(count_not_finite(grid, fields.now)) == 0) return;
  throw core::RunError(core::format(
      "the derivative with respect to pressure is not finite at step {}, time {:.6g} s: it "
      "grew without bound on its way back; a shorter time may help",
      tape.mark().step + n, tape.mark().time_s + double(n) * op_->setup().dt_s));
}

template <class Real>
void AcousticDerivative<Real>::backward(Tape& tape, const Back& back) const {
  if (tape.whole()) {
    for (long long n = tape.steps() - 1; n >= 0; --n) back(n, tape.place(n));
    return;
  }
  WaveFields<Real> present = op_->make_fields();
  std::vector<WaveFields<Real>> stored;
  int kept_from = 0;
  StepSchedule::Actions actions;
  actions.advance = [&](int begin, int end, bool keep) {
    if (keep) kept_from = begin;
    for (int n = begin; n < end; ++n)
      tape.replay(present, n, keep ? tape.place(n - begin) : nullptr);
  };
  actions.store = [&](int slot) {
    while (static_cast<int>(stored.size()) <= slot) stored.push_back(op_->make_fields());
    stored[slot].copy_from(present);
  };
  actions.restore = [&](int slot) { present.copy_from(slot < 0 ? tape.start() : stored[slot]); };
  actions.turn = [] {};
  actions.reverse = [&](int begin, int end) {
    for (int n = end - 1; n >= begin; --n) back(n, tape.place(n - kept_from));
  };
  present.copy_from(tape.start());
  tape.schedule().run(actions);
}

template <class Real>
void AcousticDerivative<Real>::advance_adjoint(AdvanceTape<Real>& tape, State& adjoint,
                                               Controls<Real>& gradient) {
  const core::FlushDenormals flush;
  Tape& taken = dynamic_cast<Tape&>(tape);
  AcousticShots<Real>* shot = taken.shot();
  const auto speed = gradient.fields.find("speed");
  const bool of_speed = speed != gradient.fields.end();
  require_given(adjoint);
  WaveSums<Real> sums;
  if (of_speed) sums = {op_->make_array("gradient"), op_->make_array("illumination")};
  WaveFields<Real> fields = solver_.of(adjoint);
  op_->enter_adjoint(fields);
  if (shot) shot->begin_adjoint();
  const auto back = [&](long long n, const Real* kept) {
    if (shot)
      shot->step_adjoint(fields, taken.mark().step + n, kept, sums);
    else
      op_->backward(fields, kept, sums);
    require_finite(fields, taken, n);
  };
  if (of_speed)
    backward(taken, back);
  else
    for (long long n = taken.steps() - 1; n >= 0; --n) back(n, nullptr);
  op_->leave_adjoint(fields);
  solver_.put_back(fields, adjoint);
  if (of_speed) op_->add_speed_slopes(sums, component(speed->second));
  const auto scale = gradient.numbers.find("source_scale");
  if (shot && scale != gradient.numbers.end()) scale->second.at(0) += shot->amplitude_slope();
}

template <class Real>
void AcousticDerivative<Real>::advance_tangent(AdvanceTape<Real>& tape, State& tangent,
                                               const Controls<Real>& change) {
  const core::FlushDenormals flush;
  Tape& taken = dynamic_cast<Tape&>(tape);
  const auto scale = change.numbers.find("source_scale");
  const double factor = scale == change.numbers.end() ? 0 : scale->second.at(0);
  const auto speed = change.fields.find("speed");
  std::optional<mesh::Array3<Real>> dk;
  if (speed != change.fields.end()) {
    const mesh::Array3<const Real> dc = component(speed->second);
    dk = op_->perturbation(dc);
  }
  std::optional<WaveFields<Real>> present;  // of steps that are computed again
  if (dk && !taken.whole()) {
    present = op_->make_fields();
    present->copy_from(taken.start());
  }
  WaveFields<Real> fields = solver_.of(tangent);
  op_->clear_unread(fields);
  for (long long n = 0; n < taken.steps(); ++n) {
    op_->forward(fields, nullptr);
    if (factor != 0 && taken.shot()) taken.shot()->emit(fields, taken.mark().step + n, factor);
    if (!dk) continue;
    Real* kept = taken.place(present ? 0 : n);
    if (present) taken.replay(*present, n, kept);
    op_->vary(fields, *dk, kept);
  }
  op_->clear_unread(fields);
  solver_.put_back(fields, tangent);
}

// The pressures stay, the layers' variables become zero.
template <class Real>
void AcousticDerivative<Real>::constrain_adjoint(double, State& adjoint, Controls<Real>&) {
  require_given(adjoint);
  op_->clear_unread(solver_.of(adjoint));
  solver_.constrain(adjoint);
}

template <class Real>
void AcousticDerivative<Real>::constrain_tangent(double, State& tangent, const Controls<Real>&) {
  op_->clear_unread(solver_.of(tangent));
  solver_.constrain(tangent);
}

template class AcousticDerivative<float>;
template class AcousticDerivative<double>;

}  // namespace understudy::solvers::seismic
