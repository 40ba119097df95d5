// Samples of a state's fields at points in space and time, as a linear function of the states at the ends of
// equal intervals of time, and its exact transpose.
//
//   value = sum over the two ends of the sample's interval of  weight in time x
//           sum over the 2^d nearest points of the field   of  weight in space x field there
//
// Weights are those of linear interpolation, from where a field lives (faces or cells); between the last such
// point and a side of the box, at most half a cell, the line through the last two points goes on. What boundary
// conditions give beyond is not read: every value that is read is owned by some rank, so that the transpose needs
// no boundary conditions, and each rank adds its own parts.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/field.hpp"

namespace understudy::solvers::assimilation {

struct Sample {
  std::array<double, 3> point_m{};
  double time_s = 0;
  int field = 0;  ///< of Observations::fields
  double value = 0;
  double deviation = 1;    ///< standard deviation of its error, in the field's unit
  std::string where = {};  ///< "FILE, line 3", for messages
};

struct Observations {
  std::vector<std::string> fields;  ///< of one component each
  std::vector<Sample> samples;      ///< the same on every rank
};

/// Equal intervals from time 0 on.
struct TimeIntervals {
  double step_s = 0;
  int count = 0;
  double end_s() const { return step_s * count; }
};

/// UserError naming the first sample that lies outside the box or the time span, inside a body (fixed field
/// `mask` at 0), whose value is not finite or whose deviation is not above 0, with what would be valid. Collective.
template <class Real>
void require_samples(const Observations& observations, const mesh::State<Real>& state,
                     const TimeIntervals& time);

/// A sparse matrix by lists of rows: target[row] += sum of weight x source over the row's entries.
struct WeightedSums {
  std::vector<int> first;  ///< [list], and the end: its first row
  Kokkos::View<int*, mesh::Memory> target, begin, source;
  Kokkos::View<double*, mesh::Memory> weight;
};

template <class Real>
class ObservationOperator {
 public:
  /// Samples as require_samples() lets them pass.
  ObservationOperator(std::shared_ptr<const mesh::BoxGrid> grid, const mesh::State<Real>& like,
                      const Observations& observations, const TimeIntervals& time);

  std::size_t count() const { return count_; }
  /// Of values(), before a sweep.
  void clear();
  /// Adds what the state at the end of interval `node` - 1 (node 0: the start) gives to the values. Not
  /// collective.
  void observe(int node, const mesh::State<Real>& state);
  /// All samples' values, the same on every rank. Collective.
  std::vector<double> values() const;

  /// dJ/d(value) of every sample, for add_transposed().
  void set_slopes(std::span<const double> slopes);
  /// adjoint += dJ/d(state at that node), on points that this rank owns. Not collective.
  void add_transposed(int node, const mesh::State<Real>& adjoint) const;

 private:
  int list(int node, int field) const { return node * static_cast<int>(fields_.size()) + field; }

  std::vector<std::string> fields_;
  std::size_t count_;
  std::shared_ptr<const mesh::BoxGrid> grid_;
  WeightedSums forward_, transposed_;                    ///< lists by node and field
  Kokkos::View<double*, mesh::Memory> values_, slopes_;  ///< [sample]; values_: this rank's parts
};

extern template class ObservationOperator<float>;
extern template class ObservationOperator<double>;

}  // namespace understudy::solvers::assimilation
