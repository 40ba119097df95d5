#include "solvers/seismic/acoustic/acoustic_tape.hpp"

namespace understudy::solvers::seismic {

// Fields to start from and to compute with are there in any case, and so are two sums of the derivative.
template <class Real>
AcousticTape<Real>::AcousticTape(std::shared_ptr<AcousticOperator<Real>> op, double limit_bytes,
                                 const std::string& key)
    : op_(std::move(op)), start_(op_->make_fields()) {
  // The largest block's, so that all ranks keep the same steps.
  const core::Comm& comm = op_->grid().padded->comm();
  const double array = comm.max(static_cast<double>(op_->size() * sizeof(Real)));
  const double fields = comm.max(static_cast<double>(start_.bytes()));
  memory_ = {limit_bytes, array, fields, key, 2 * fields + 2 * array};
  [[maybe_unused]] const StepSchedule least(1, memory_);
}

template <class Real>
double AcousticTape<Real>::bytes() const {
  return memory_.snapshot_bytes + static_cast<double>(kept_.size()) * memory_.step_bytes;
}

template <class Real>
void AcousticTape<Real>::begin(const WaveFields<Real>& fields, const WaveMark& mark,
                               long long steps, const Shot& shot) {
  start_.copy_from(fields);
  mark_ = mark;
  steps_ = steps;
  shot_ = shot;
  const double left = memory_.limit_bytes - memory_.fixed_bytes;
  whole_ = static_cast<double>(steps) * memory_.step_bytes <= left;
  if (!whole_) kept_.clear();
}

// Zero to begin with: ghosts, which no step writes, are multiplied by changes of 0.
template <class Real>
Real* AcousticTape<Real>::place(long long n) {
  while (static_cast<long long>(kept_.size()) <= n) kept_.emplace_back("kept step", op_->size());
  return kept_[static_cast<std::size_t>(n)].data();
}

template <class Real>
void AcousticTape<Real>::replay(WaveFields<Real>& fields, long long n, Real* kept) {
  wave_step(*op_, shot_.get(), fields, mark_.step + n, kept);
  ++recomputed_;
}

template class AcousticTape<float>;
template class AcousticTape<double>;

}  // namespace understudy::solvers::seismic
