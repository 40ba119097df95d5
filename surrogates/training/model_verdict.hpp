// What a validation says against a model: one rule for models of fields, of points and of arrays.
#pragma once

#include <string>
#include <vector>

namespace understudy::surrogates {

/// A relative L2 error of this much is bad.
inline constexpr double bad_error = 0.3;

/// Of one field or output, on samples that trained nothing.
struct ValidatedError {
  std::string name;  ///< may be empty where there is one output only
  double rel_l2 = 0;
  bool better_than_trivial = true;  ///< than what needs no model (VerdictWords::trivial)
};

struct VerdictWords {
  std::string samples;  ///< "on held-out points"
  std::string error;    ///< "its relative L2 error"
  std::string trivial;  ///< "a state that does not change"
};

/// "this model is bad: on held-out points, its relative L2 error is 45% in u; it is no better than their mean in
/// u, v": errors of `bad_error` or more (or that are no numbers), and what is no better than no model. Empty
/// where nothing is said against it.
std::string verdict_on(const std::vector<ValidatedError>& errors, const VerdictWords& words);

}  // namespace understudy::surrogates
