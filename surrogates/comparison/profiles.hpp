// Mean and variance of each component of the prognostic fields along one axis of a box: over time and over the other
// axes,
//
//     mean(b) = sum w q / sum w,     variance(b) = sum w (q - mean(b))^2 / sum w
//
// over all samples and all cells of bin b, the layer of cells with that index along the axis; w is the cell's
// measure. Values stand at their own locations: a staggered one counts for the cell whose index it has, so that on
// the axis along which it is staggered its bins lie on the cells' lower faces, and the closing face is left out. Where
// the state has a field `mask` (1 fluid, 0 body), bodies' cells are left out, and a bin of nothing else is NaN.
//
// Sums are taken about the first sample's mean of each bin, in double precision whatever the state's, so that a small
// variance about a large mean is not lost. Each rank sums its own block into the bins that it holds; only these are
// summed over ranks. Boxes over terrain are averaged along their own layers.
#pragma once

#include <string>
#include <vector>

#include "mesh/field.hpp"

namespace understudy::surrogates {

struct ProfileSetup {
  int axis = -1;      ///< 0: x, 1: y, 2: z; < 0: none
  double from_s = 0;  ///< after the common start: windows that end before are left out
  /// Is window n (from 1) one of those that are averaged over?
  bool takes(long long n, double window_s) const {
    constexpr double round_off = 1e-9;  // of the window's end
    return axis >= 0 && n > 0 && static_cast<double>(n) * window_s >= from_s * (1 - round_off);
  }
};

/// Of one component; [bin] by global index along the axis. NaN where bodies fill the bin.
struct ProfileMoments {
  std::vector<double> mean, variance;
};

/// Of one component of a field on both sides.
struct Profile {
  std::string field, name, unit;  ///< name: "u"; of a field q of several components "q_0", "q_1"...
  std::vector<double> at_m = {}, weight = {};  ///< [bin]: where it lies, what it weighs
  ProfileMoments truth = {}, replacement = {};
  bool judged =
      true;  ///< of a field that is not zero but for round-off in the truth (ErrorSeries::judged)

  /// ||replacement - truth|| / ||truth|| over the bins by their weight; NaN where the truth's is zero but for
  /// round-off (core/unit_scale.hpp) beside its root mean square, or the field is not judged.
  double mean_rel_l2() const;
  double variance_rel_l2() const;
};

/// One side's sums.
template <class Real>
class ProfileSums {
 public:
  /// Of states like this one, whose mask it takes. UserError where its grid is no box. Collective.
  ProfileSums(const mesh::State<Real>& like, int axis);

  /// One sample. Collective.
  void add(const mesh::State<Real>& state);
  long long samples() const { return samples_; }
  /// Both sides' profiles, of as many samples each; empty where there is none. Collective.
  static std::vector<Profile> profiles(const ProfileSums& truth, const ProfileSums& replacement);

 private:
  // Of one component; [bin] by global index, of this rank's cells.
  struct Component {
    std::string field, name, unit;
    int index = 0;
    std::vector<double> at_m;
    std::vector<double> shift;  ///< of all ranks
    std::vector<double> weight{}, sum{}, square{};
  };
  struct Sums {
    std::vector<double> weight, sum, square;
  };
  Sums sums_of(const mesh::Array3<Real>& values, const std::vector<double>& shift) const;
  std::vector<double> positions(mesh::Location location) const;
  Sums reduced(const Component& component) const;
  static ProfileMoments moments(const Component& component, const Sums& sums);

  const mesh::Grid& grid_;
  int axis_;
  mesh::Array3<Real> mask_{};  ///< empty: no bodies
  std::vector<Component> components_;
  long long samples_ = 0;
};

extern template class ProfileSums<float>;
extern template class ProfileSums<double>;

}  // namespace understudy::surrogates
