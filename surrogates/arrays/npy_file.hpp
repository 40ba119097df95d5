// Arrays in NumPy's files (.npy, format versions 1 to 3; float32, float64 or whole numbers of either byte
// order, in C order; they become float32), and pairs from them, as OpenFWI's public data have them: data<n>.npy [500, 5, 1000, 70] (shot gathers) and
// model<n>.npy [500, 1, 70, 70] (velocity), sample by sample. Axes of length 1 behind the first may be
// there or not.
//
// Decimation: of the input's axis `decimated_axis` every `stride`-th value is kept. That alone folds what
// lies above the new Nyquist frequency; with `low_pass` the axis is filtered first, by a sinc at 0.9 of
// the new Nyquist frequency under a Hann window of 8 strides either side (ends: the last value
// continued). A 15 Hz Ricker wavelet has less than 1e-5 of its peak spectrum above 62.5 Hz: gathers of
// 1000 samples at 1 ms lose nothing by a stride of 4 or 8, with or without the filter.
//
// Errors: core::UserError naming the file: missing, no .npy file, another type or order, truncated, another
// shape than expected, a value that is not finite.
#pragma once

#include <filesystem>
#include <vector>

#include "surrogates/arrays/pair_dataset.hpp"

namespace understudy::surrogates {

struct NpyArray {
  std::vector<long long> shape;  ///< slowest axis first
  std::vector<float> values;     ///< row-major
};

/// The samples [first, first + count) along the first axis; count < 0: to the end.
NpyArray read_npy(const std::filesystem::path& file, long long first = 0, long long count = -1);

/// Which files make a dataset. File n of `inputs` and of `outputs` hold the same samples.
struct NpyPairs {
  std::vector<std::filesystem::path> inputs, outputs;
  long long samples = 0;    ///< of all files, from the first on; 0: all
  int decimated_axis = -1;  ///< of one input sample (1: time of [shot, time, receiver]); < 0: none
  long long stride = 1;
  bool low_pass = false;
  /// Samples of each split, from the first on in that order; those behind them are left. Where there are fewer
  /// than all three together they are the splits' proportions, with one sample at least of each that is above
  /// 0. All 0: everything is for training.
  long long training = 0, validation = 0, test = 0;
  long long split_samples() const { return training + validation + test; }
};

/// `info`: names, units, axes and ranges of both sides; the shapes after decimation, against which the
/// files are checked. The headers of all files are looked at first: UserError also where the values have no
/// room in memory, and where there are fewer samples than splits.
PairDataset read_npy_pairs(const NpyPairs& from, const PairInfo& info);

}  // namespace understudy::surrogates
