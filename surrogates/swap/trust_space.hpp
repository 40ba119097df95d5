// The space in which the distance of a state to the training data is measured.
//
// A state's features are, for each prognostic channel, the means over the blocks of a coarse lattice and
// the rms of what they leave out (state_measures.hpp), in units of the channel's standard deviation in
// training, and the parameters that the network is told, in units of theirs times `parameter_weight`.
// Block means are scaled so that the squared distance of two states is the mean over channels and
// blocks of their squared difference.
//
// Of the training features f_n a proper orthogonal decomposition (Lumley 1967; Sirovich 1987, "Turbulence
// and the dynamics of coherent structures", sec. 2) keeps the modes with `kept_variance` of the
// variance. With y = B (f - mean),
//
//     distance^2 = mean over the k nearest training points of |y - y_n|^2  +  |f - mean|^2 - |y|^2:
//
// how far from anything seen within the space of what varies in training, and how far out of that space.
// Computed on the host in double precision; F features and N points cost 2 F M + 3 N M operations for M
// modes.
#pragma once

#include <string>
#include <vector>

#include "surrogates/fields/model.hpp"
#include "surrogates/fields/state_measures.hpp"

namespace understudy::surrogates {

inline constexpr double kept_variance = 0.9999;
inline constexpr double parameter_weight = 0.1;

struct TrustSpace {
  int features = 0, modes = 0, points = 0;
  std::vector<double> mean;      ///< [feature]
  std::vector<double> basis;     ///< [mode, feature], orthonormal rows
  std::vector<double> training;  ///< [point, mode]
  /// Infinity where a feature is not finite. `k` is cut to the number of points.
  double distance(const std::vector<double>& f, int k) const;
};

/// `f`: [point][feature], all of one length. UserError for none.
TrustSpace fit_trust_space(const std::vector<std::vector<double>>& f);

/// The features of a state. `parameters`: in the order of the card.
std::vector<double> features_of(const StateMeasures& measures, const ModelCard& card,
                                const std::vector<double>& parameters);

}  // namespace understudy::surrogates
