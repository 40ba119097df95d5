#include "mesh/field.hpp"

#include <stdexcept>

namespace understudy::mesh {

namespace {

template <class Fields>
auto& find(Fields& fields, const std::string& name) {
  for (auto& field : fields)
    if (field.info.name == name) return field;
  std::string known;
  for (const auto& field : fields) known += (known.empty() ? "" : ", ") + field.info.name;
  throw std::out_of_range("no field '" + name + "' in this state; it has " + known);
}

}  // namespace

template <class Real>
State<Real>::State(std::shared_ptr<const Grid> grid, const std::vector<FieldInfo>& fields)
    : grid_(std::move(grid)) {
  for (const FieldInfo& info : fields)
    fields_.push_back({info, Array4<Real>(info.name, info.components, grid_->extent(2),
                                          grid_->extent(1), grid_->extent(0))});
}

template <class Real>
Field<Real>& State<Real>::operator[](const std::string& name) {
  return find(fields_, name);
}

template <class Real>
const Field<Real>& State<Real>::operator[](const std::string& name) const {
  return find(fields_, name);
}

template <class Real>
bool State<Real>::has(const std::string& name) const {
  for (const auto& field : fields_)
    if (field.info.name == name) return true;
  return false;
}

template <class Real>
State<Real> State<Real>::clone() const {
  State copy = *this;
  for (auto& field : copy.fields_) {
    const auto source = field.data;
    field.data =
        Array4<Real>(Kokkos::view_alloc(Kokkos::WithoutInitializing, field.info.name),
                     source.extent(0), source.extent(1), source.extent(2), source.extent(3));
    Kokkos::deep_copy(field.data, source);
  }
  return copy;
}

template <class Real>
void State<Real>::copy_from(const State& other) {
  for (std::size_t n = 0; n < fields_.size(); ++n)
    Kokkos::deep_copy(fields_[n].data, other.fields_.at(n).data);
  time_s = other.time_s;
  step = other.step;
  scalars = other.scalars;
}

template class State<float>;
template class State<double>;

}  // namespace understudy::mesh
