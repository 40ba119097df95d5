// What an inversion may change of its start, and whether the start obeys the bounds.
#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/seismic/inversion/inversion.hpp"
#include "solvers/seismic/numerics/stability.hpp"

namespace understudy::solvers::seismic {

bool is_kept(const InversionSetup& setup, std::size_t n) {
  const mesh::GridParams& box = setup.box;
  const int vertical = box.dimension() - 1;
  std::size_t stride = 1;
  for (int a = 0; a < vertical; ++a) stride *= std::size_t(box.cells[a]);
  const double rows = double(box.cells[vertical]);
  const double depth = (box.upper_m[vertical] - box.lower_m[vertical]) / rows *
                       (rows - 0.5 - double(n / stride % std::size_t(box.cells[vertical])));
  return depth < setup.params.keep_above_depth_m;
}

void require_start(const InversionSetup& setup) {
  const auto& p = setup.params;
  for (std::size_t n = 0; n < setup.start.size(); ++n) {
    const double c = setup.start[n];
    if (is_kept(setup, n) || (c >= p.lower_m_s && c <= p.upper_m_s)) continue;
    const auto range = std::minmax_element(setup.start.begin(), setup.start.end());
    throw core::UserError(core::format(
        "inversion: the bounds [{:.6g}, {:.6g}] m/s (lower_m_s, upper_m_s) exclude the start, which is "
        "{:.6g} m/s in cell {} and lies between {:.6g} and {:.6g} m/s{}",
        p.lower_m_s, p.upper_m_s, c, n, *range.first, *range.second, speed_mistake(*range.first)));
  }
}

}  // namespace understudy::solvers::seismic
