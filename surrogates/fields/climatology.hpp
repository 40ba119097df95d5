// Climatology, the least that a forecast must beat beside persistence: the mean of a dataset's training samples.
//
// Where every training sample has a frame at each compared time, the mean is over the samples at that time (the
// members of an ensemble of weather at the same lead time); elsewhere (shorter samples, another spin-up) it is over
// all frames of all training samples. It knows nothing of the run's parameters.
#pragma once

#include <string>
#include <vector>

#include "mesh/field.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::surrogates {

/// Times start_s + n window_s, n = 0...windows.
struct ClimatologySpan {
  double start_s = 0, window_s = 0;
  long long windows = 0;
  /// false: the mean over all frames, which are then read once, wherever the samples begin and end.
  bool by_lead_time = true;
};

template <class Real>
class Climatology {
 public:
  /// `like`: fields and grid. UserError when the dataset has no sample in the split train, or damaged ones.
  Climatology(const DatasetReader& data, const mesh::State<Real>& like,
              const ClimatologySpan& span);

  /// Prognostic fields at the cells' own points; ghosts and closing faces are not set. Frames are read as they are
  /// asked for, best in order. Every rank reads for itself.
  const mesh::State<Real>& at(long long window);

  bool by_lead_time() const { return by_lead_time_; }
  /// "the mean of 20 training samples at the same time"
  std::string text() const;

 private:
  void load(long long window);
  void add(int sample, long long first, long long count, bool one_mean);
  void show(std::size_t frame);

  const DatasetReader& data_;
  ClimatologySpan span_;
  std::vector<int> samples_;
  std::vector<long long> first_frame_;  ///< [sample]: that of window 0
  bool by_lead_time_ = true;
  long long frames_ = 0;      ///< that the mean over all is of
  std::size_t cells_ = 0;     ///< of the whole grid, times channels
  long long loaded_ = 0;      ///< first window in sums_
  std::vector<double> sums_;  ///< [window, channel, k, j, i] of the whole grid, divided
  mesh::State<Real> state_;
};

extern template class Climatology<float>;
extern template class Climatology<double>;

}  // namespace understudy::surrogates
