#include "surrogates/training/model_verdict.hpp"

#include <algorithm>

#include "core/format.hpp"

namespace understudy::surrogates {

std::string verdict_on(const std::vector<ValidatedError>& errors, const VerdictWords& words) {
  std::string large, trivial;
  bool is_trivial = false;
  for (const ValidatedError& e : errors) {
    if (!(e.rel_l2 < bad_error))
      large += core::format("{}{:.0f}%{}", large.empty() ? "" : ", ", 100 * std::min(e.rel_l2, 1e6),
                            e.name.empty() ? "" : " in " + e.name);
    if (e.better_than_trivial) continue;
    is_trivial = true;
    trivial +=
        core::format("{}{}", trivial.empty() ? (e.name.empty() ? "" : " in ") : ", ", e.name);
  }
  if (large.empty() && !is_trivial) return "";
  std::string text = core::format("this model is bad: {}, ", words.samples);
  if (!large.empty()) text += core::format("{} is {}", words.error, large);
  if (is_trivial)
    text += core::format("{}it is no better than {}{}", large.empty() ? "" : "; ", words.trivial,
                         trivial);
  return text;
}

}  // namespace understudy::surrogates
