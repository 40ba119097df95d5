#include "surrogates/swap/state_error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/unit_scale.hpp"
#include "mesh/cell_measure.hpp"

namespace understudy::surrogates {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class Real>
double square_sum(const mesh::Grid& grid, const mesh::Array3<Real>& a, const mesh::Array3<Real>& b,
                  double weight_b) {
  return grid.comm().sum(mesh::sum_weighed_cells(
      "state error", grid, KOKKOS_LAMBDA(int k, int j, int i) {
        const double d =
            static_cast<double>(a(k, j, i)) - weight_b * static_cast<double>(b(k, j, i));
        return d * d;
      }));
}

}  // namespace

template <class Real>
double error_of(const mesh::State<Real>& state, const mesh::State<Real>& truth) {
  std::vector<double> misses;
  std::vector<core::SizedQuantity> sizes;
  const double cells = mesh::weight_of_cells(truth.grid());
  for (const auto& field : truth.fields()) {
    if (field.info.role != mesh::Role::prognostic) continue;
    double difference = 0, size = 0;
    for (int c = 0; c < field.info.components; ++c) {
      const auto x = state[field.info.name].component(c), y = field.component(c);
      difference += square_sum<Real>(truth.grid(), x, y, 1);
      size += square_sum<Real>(truth.grid(), y, y, 0);
    }
    misses.push_back(std::sqrt(difference / cells));
    sizes.push_back({field.info.name, field.info.unit, std::sqrt(size / cells)});
  }
  const auto scales = core::unit_scales(sizes);
  double sum = 0, count = 0, left_out = 0;
  for (std::size_t n = 0; n < misses.size(); ++n) {
    if (!(sizes[n].size > core::nothing * scales[n].size)) {
      left_out = std::isfinite(misses[n]) ? std::max(left_out, misses[n]) : infinity;
      continue;
    }
    count += 1;
    sum += misses[n] / sizes[n].size;
  }
  // A state of rest has no size to relate an error to: any is infinite.
  const double error = count > 0 ? sum / count : left_out > 0 ? infinity : 0;
  return std::isfinite(error) && std::isfinite(left_out) ? error : infinity;
}

template double error_of(const mesh::State<float>&, const mesh::State<float>&);
template double error_of(const mesh::State<double>&, const mesh::State<double>&);

}  // namespace understudy::surrogates
