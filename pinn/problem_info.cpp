#include "pinn/problem_info.hpp"

#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::pinn {

double whole_constant(const ProblemChoice& choice, const std::string& problem,
                      const std::string& constant) {
  const double value = choice.constants.at(constant);
  if (value != std::round(value))
    throw core::UserError(core::format("problem {}: constant '{}' is {}; it must be a whole number",
                                       problem, constant, value));
  return value;
}

double dividing_constant(const ProblemChoice& choice, const std::string& constant, double length) {
  constexpr double rounding = 1e-9;
  const double value = choice.constants.at(constant), parts = length / value;
  if (std::abs(parts - std::round(parts)) > rounding * parts)
    throw core::UserError(
        core::format("problem: constant '{}' is {}; it must divide {}, as {} does", constant, value,
                     length, length / std::ceil(parts)));
  return value;
}

}  // namespace understudy::pinn
