#include "solvers/flow/flow_tape.hpp"

namespace understudy::solvers::flow {

namespace {

double array_bytes(const mesh::BoxGrid& grid, std::size_t real_bytes) {
  return static_cast<double>(real_bytes) * grid.extent(0) * grid.extent(1) * grid.extent(2);
}

}  // namespace

// A state to start from and one to compute with are there in any case.
template <class Real>
FlowTape<Real>::FlowTape(std::shared_ptr<const mesh::BoxGrid> grid,
                         const std::vector<mesh::FieldInfo>& fields, double limit_bytes,
                         const std::string& key)
    : grid_(std::move(grid)), start_(grid_, fields) {
  // The largest block's, so that all ranks keep the same steps.
  const double array = grid_->comm().max(array_bytes(*grid_, sizeof(Real)));
  const double state = array * static_cast<double>(fields.size());
  memory_ = {limit_bytes, array * grid_->dimension(), state, key, 2 * state};
  [[maybe_unused]] const StepSchedule least(1, memory_);
}

template <class Real>
double FlowTape<Real>::bytes() const {
  return memory_.snapshot_bytes + static_cast<double>(kept_.size()) * memory_.step_bytes;
}

template <class Real>
void FlowTape<Real>::begin(const mesh::State<Real>& state) {
  start_.copy_from(state);
  marks_.clear();
  whole_ = true;
}

template <class Real>
void FlowTape<Real>::put(int n, const Velocity<Real>& u) {
  if (n >= static_cast<int>(kept_.size())) {
    Velocity<Real> more;
    for (int a = 0; a < grid_->dimension(); ++a)
      more[a] = mesh::Array3<Real>(Kokkos::view_alloc(Kokkos::WithoutInitializing, "kept velocity"),
                                   u[a].extent(0), u[a].extent(1), u[a].extent(2));
    kept_.push_back(more);
  }
  for (int a = 0; a < grid_->dimension(); ++a) Kokkos::deep_copy(kept_[n][a], u[a]);
}

template <class Real>
void FlowTape<Real>::keep(const Velocity<Real>& u, const FlowStepMark& mark) {
  marks_.push_back(mark);
  if (!whole_) return;
  const double left = memory_.limit_bytes - memory_.fixed_bytes;
  whole_ = static_cast<double>(marks_.size()) * memory_.step_bytes <= left;
  if (whole_)
    put(static_cast<int>(marks_.size()) - 1, u);
  else
    kept_.clear();
}

template class FlowTape<float>;
template class FlowTape<double>;

}  // namespace understudy::solvers::flow
