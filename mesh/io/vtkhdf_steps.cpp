#include "mesh/io/vtkhdf_steps.hpp"

#include <algorithm>

#include "mesh/io/corner_values.hpp"
#include "mesh/io/velocity_vector.hpp"

namespace understudy::mesh::vtkhdf {

template <class Real>
Step<Real>::Step(double time_s, const BoxGrid& grid, const std::vector<CellField<Real>>& fields,
                 VtkData data, const std::map<std::string, double>& scalars)
    : grid_(grid), fields_(fields), points_(data == VtkData::points), numbers_(scalars) {
  numbers_["TimeValue"] = time_s;  // the name that .vti files have for it
  if (points_) corners_ = corner_values(grid, fields);
  for (std::size_t n = 0; n < fields.size(); ++n)
    arrays_.push_back({fields[n].name, fields[n].unit, {n}});
  const auto velocity = velocity_of(fields, box_velocity_names(grid.dimension()));
  if (velocity.empty()) return;
  ArrayInfo vector{"velocity", velocity[0]->unit, {}};
  for (const auto* part : velocity)
    vector.parts.push_back(static_cast<std::size_t>(part - fields.data()));
  arrays_.push_back(std::move(vector));
}

template <class Real>
int Step<Real>::count(int axis) const {
  const bool exists = axis < grid_.dimension();
  const bool ends = grid_.offset(axis) + grid_.local_cells(axis) == grid_.global_cells(axis);
  return grid_.local_cells(axis) + (points_ && exists && ends ? 1 : 0);
}

template <class Real>
H5Shape Step<Real>::shape(const ArrayInfo& array) const {
  H5Shape all;
  for (int axis = grid_.dimension() - 1; axis >= 0; --axis)
    all.push_back(static_cast<std::uint64_t>(grid_.global_cells(axis) + (points_ ? 1 : 0)));
  if (array.components() > 1) all.push_back(array.components());
  return all;
}

template <class Real>
H5Block Step<Real>::block(const ArrayInfo& array, std::uint64_t n) const {
  H5Block mine{{n}, {1}};
  for (int axis = grid_.dimension() - 1; axis >= 0; --axis) {
    mine.offset.push_back(static_cast<std::uint64_t>(grid_.offset(axis)));
    mine.count.push_back(static_cast<std::uint64_t>(count(axis)));
  }
  if (array.components() > 1) {
    mine.offset.push_back(0);
    mine.count.push_back(array.components());
  }
  return mine;
}

template <class Real>
std::vector<Real> Step<Real>::values(const ArrayInfo& array) const {
  const int counts[3] = {count(0), count(1), count(2)};
  const std::size_t stride = array.components();
  std::vector<Real> out(stride * static_cast<std::size_t>(1LL * counts[0] * counts[1] * counts[2]));
  const auto put = [&](std::size_t component, const auto& at) {
    Real* to = out.data() + component;
    for (int k = 0; k < counts[2]; ++k)
      for (int j = 0; j < counts[1]; ++j)
        for (int i = 0; i < counts[0]; ++i, to += stride) *to = at(k, j, i);
  };
  for (std::size_t c = 0; c < array.parts.size(); ++c) {
    if (points_) {
      const Real* corners = corners_[array.parts[c]].data();
      const std::size_t wide = grid_.local_cells(0) + 1, high = grid_.local_cells(1) + 1;
      put(c, [&](int k, int j, int i) { return corners[(k * high + j) * wide + i]; });
    } else {
      const auto host =
          Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), fields_[array.parts[c]].data);
      const auto first = grid_.interior().begin;
      put(c, [&](int k, int j, int i) { return host(first[2] + k, first[1] + j, first[0] + i); });
    }
  }
  return out;
}

template <class Real>
std::uint64_t Step<Real>::bytes() const {
  constexpr std::uint64_t chunk = 4 << 20, bookkeeping = 1 << 16;
  std::uint64_t all = bookkeeping * (1 + numbers_.size());
  for (const ArrayInfo& array : arrays_) {
    std::uint64_t one = sizeof(Real);
    for (const auto length : shape(array)) one *= length;
    all += one + std::min(one, chunk) + one / 64 + bookkeeping;  // the last chunk may hang over
  }
  return all;
}

template class Step<float>;
template class Step<double>;

}  // namespace understudy::mesh::vtkhdf
