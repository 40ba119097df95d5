#include "solvers/seismic/numerics/growth_guard.hpp"

#include <algorithm>
#include <cmath>

#include "core/format.hpp"

namespace understudy::solvers::seismic {

GrowthGuard::GrowthGuard(const AbsorbingParams& layer, std::span<const double> wavelet, double dt_s)
    : layer_(layer), dt_s_(dt_s), end_(static_cast<long long>(wavelet.size())) {
  double most = 0;
  for (const double value : wavelet) most = std::max(most, std::abs(value));
  while (end_ > 0 && std::abs(wavelet[std::size_t(end_ - 1)]) <= 1e-3 * most) --end_;
}

long long GrowthGuard::interval(long long steps) { return std::clamp(steps / 64, 25LL, 400LL); }

std::string GrowthGuard::advice() const {
  if (layer_.width_cells == 0) return "a smaller time.dt_s may help";
  return core::format(
      "the absorbing layer (seismic.absorbing: width_cells {}, reflection {:g}, loss {:g}) is not stable "
      "in this medium: a larger seismic.absorbing.loss makes it so, at the price of more reflection at "
      "grazing angles; another width_cells or reflection may, too",
      layer_.width_cells, layer_.reflection, layer_.loss);
}

std::string GrowthGuard::look(long long step, double energy) {
  const double time_s = double(step) * dt_s_;
  if (!std::isfinite(energy))
    return core::format("the waves are not finite at {:.6g} s (step {}); {}", time_s, step,
                        advice());
  if (!after_ || largest_ == 0) {
    largest_ = std::max(largest_, energy);
    after_ = step > end_;
    return {};
  }
  if (energy <= factor * largest_) return {};
  return core::format(
      "the waves grow with no source: at {:.6g} s (step {}) their energy is {:.3g} times its largest until "
      "the wavelet ended at {:.4g} s; {}",
      time_s, step, energy / largest_, double(end_) * dt_s_, advice());
}

}  // namespace understudy::solvers::seismic
