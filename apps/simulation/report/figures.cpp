#include "apps/simulation/report/figures.hpp"

#include <cmath>

#include "apps/report/report_format.hpp"
#include "core/format.hpp"

namespace understudy::apps::report {

std::string rounded(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return number(value);
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) + 1 - digits);
  return number(unit < 1 ? value : std::round(value / unit) * unit, unit < 1 ? digits : 15);
}

std::string figure(double value, const surrogates::Scatter& scatter, bool at_most) {
  const int digits = scatter.digits(value);
  std::string text = (at_most ? "at most " : "") + rounded(value, digits);
  if (scatter.repeats < 2 || digits == 3) return text;
  return text +
         core::format(" ({} to {})", rounded(scatter.lowest, 2),
                      std::isfinite(scatter.highest) ? rounded(scatter.highest, 2) : "never");
}

std::string scatter_text(const surrogates::Scatter& scatter) {
  if (scatter.repeats < 2) return "1 timed run, whose scatter is not known";
  return core::format("{} to {} in {} timed runs", rounded(scatter.lowest, 3),
                      std::isfinite(scatter.highest) ? rounded(scatter.highest, 3) : "never",
                      scatter.repeats);
}

}  // namespace understudy::apps::report
