#include "surrogates/comparison/error_sums.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/format.hpp"
#include "core/unit_scale.hpp"
#include "mesh/cell_measure.hpp"

namespace understudy::surrogates {

namespace {

// Sum of squares of a - b over the cells of all components, each by its measure; of a alone without b.
template <class Real>
double square_sum(const mesh::Grid& grid, const mesh::Field<Real>& a, const mesh::Field<Real>* b) {
  double total = 0;
  for (int c = 0; c < a.info.components; ++c) {
    const auto x = a.component(c);
    if (b) {
      const auto y = b->component(c);
      total += mesh::sum_weighed_cells(
          "difference", grid, KOKKOS_LAMBDA(int k, int j, int i) {
            const double d = static_cast<double>(x(k, j, i)) - static_cast<double>(y(k, j, i));
            return d * d;
          });
    } else {
      total += mesh::sum_weighed_cells(
          "norm", grid, KOKKOS_LAMBDA(int k, int j, int i) {
            return static_cast<double>(x(k, j, i)) * static_cast<double>(x(k, j, i));
          });
    }
  }
  return grid.comm().sum(total);
}

constexpr double no_error = std::numeric_limits<double>::quiet_NaN();

double relative(double miss, double size) {
  return size > 0 ? std::sqrt(miss / size) : miss > 0 ? no_error : 0;
}

}  // namespace

template <class Real>
ErrorSums<Real>::ErrorSums(const mesh::State<Real>& initial)
    : initial_(initial), cells_(mesh::weight_of_cells(initial.grid())) {
  for (const auto& field : initial.fields())
    if (field.info.role == mesh::Role::prognostic)
      fields_.push_back({field.info.name, field.info.unit});
}

template <class Real>
void ErrorSums<Real>::add(const mesh::State<Real>& truth, const mesh::State<Real>& other,
                          const mesh::State<Real>* mean) {
  const mesh::Grid& grid = initial_.grid();
  for (Field& field : fields_) {
    const auto& of_truth = truth[field.name];
    field.miss.push_back(square_sum(grid, other[field.name], &of_truth));
    field.still.push_back(square_sum(grid, initial_[field.name], &of_truth));
    if (mean) field.mean.push_back(square_sum(grid, (*mean)[field.name], &of_truth));
    field.size.push_back(square_sum<Real>(grid, of_truth, nullptr));
  }
}

template <class Real>
std::string ErrorSums<Real>::text() const {
  if (fields_.empty()) return "";
  const Field& first = fields_.front();
  return core::format("{} error {:.3g}", first.name,
                      relative(first.miss.back(), first.size.back()));
}

template <class Real>
std::vector<ErrorSeries> ErrorSums<Real>::series() const {
  std::vector<core::SizedQuantity> sizes;
  for (const Field& field : fields_)
    sizes.push_back(
        {field.name, field.unit, std::sqrt(*std::ranges::max_element(field.size) / cells_)});
  const auto scales = core::unit_scales(sizes);
  std::vector<ErrorSeries> result;
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const Field& field = fields_[f];
    ErrorSeries error{field.name, field.unit, {}, {}};
    const bool zero = !(sizes[f].size > core::nothing * scales[f].size);
    const double scale = scales[f].size * scales[f].size * cells_;
    if (zero) error.relative_to = scale > 0 ? "the norm of " + scales[f].of : ErrorSeries::none;
    const auto errors = [&](const std::vector<double>& misses) {
      std::vector<double> values;
      for (std::size_t n = 0; n < misses.size(); ++n)
        values.push_back(zero && scale == 0 ? no_error
                                            : relative(misses[n], zero ? scale : field.size[n]));
      return values;
    };
    error.rel_l2 = errors(field.miss);
    error.persistence = errors(field.still);
    error.climatology = errors(field.mean);
    result.push_back(std::move(error));
  }
  return result;
}

template class ErrorSums<float>;
template class ErrorSums<double>;

}  // namespace understudy::surrogates
