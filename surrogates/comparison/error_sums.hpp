// The sums that a comparison's errors are made of, window by window (private to surrogates/).
#pragma once

#include <string>
#include <vector>

#include "surrogates/comparison/comparison.hpp"

namespace understudy::surrogates {

template <class Real>
class ErrorSums {
 public:
  explicit ErrorSums(const mesh::State<Real>& initial);
  /// Of one window's end; `mean`: climatology's state, null where there is none. Collective.
  void add(const mesh::State<Real>& truth, const mesh::State<Real>& other,
           const mesh::State<Real>* mean);
  /// The first field's error now: "q error 0.012"; empty without fields.
  std::string text() const;
  /// Relative to the truth's norm at the time; what is zero all the time, to the largest of its unit.
  std::vector<ErrorSeries> series() const;

 private:
  // Sums of squares by window: replacement's, initial state's and climatology's difference to the truth, and the
  // truth itself.
  struct Field {
    std::string name, unit;
    std::vector<double> miss = {}, still = {}, mean = {}, size = {};
  };
  const mesh::State<Real>& initial_;
  double cells_;  ///< what all cells weigh
  std::vector<Field> fields_;
};

extern template class ErrorSums<float>;
extern template class ErrorSums<double>;

}  // namespace understudy::surrogates
