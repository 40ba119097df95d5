// How far one array is from another that is held for true: mean absolute error, relative L2, and the
// structural similarity of images (SSIM; Wang, Bovik, Sheikh and Simoncelli 2004, IEEE Trans. Image
// Process. 13, eq. 13) in the form in which OpenFWI (Deng et al. 2022) and InversionNet report it: values
// scaled to [0, 1] by the stated range; local means, variances and covariance under a Gaussian window of
// 11 x 11 points with standard deviation 1.5, weights summing to 1 (population moments, not
// sample-corrected); C1 = 0.01^2, C2 = 0.03^2; the mean over all points of the image. Beyond the borders
// the image is continued by zeros, as theirs is (not cut to the window's inside, as Wang et al. did):
// numbers are comparable with the published ones.
#pragma once

#include <span>

namespace understudy::surrogates {

/// What -1 and 1 (or 0 and 1) stand for, in the arrays' unit.
struct ValueRange {
  double lowest = -1, highest = 1;
};

/// Mean of |a - b| with both scaled so that the range is [-1, 1]. a, b [any], of one length.
double mean_absolute_error(std::span<const float> a, std::span<const float> b, ValueRange range);

/// |a - b|_2 / |b|_2, as given (not scaled); infinite where b is zero and a is not.
double relative_l2(std::span<const float> a, std::span<const float> b);

/// SSIM of two images [rows, columns] whose values are scaled so that the range is [0, 1]; 1 for equal
/// images.
double structural_similarity(std::span<const float> a, std::span<const float> b, long long rows,
                             ValueRange range);

}  // namespace understudy::surrogates
