#include "solvers/seismic/numerics/stability.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/seismic/numerics/differences.hpp"

namespace understudy::solvers::seismic {

namespace {

std::vector<double> spacings(const mesh::GridParams& grid) {
  std::vector<double> h;
  for (int axis = 0; axis < grid.dimension(); ++axis)
    h.push_back((grid.upper_m[axis] - grid.lower_m[axis]) / double(grid.cells[axis]));
  return h;
}

}  // namespace

double largest_dt_s(const Sampling& s, const mesh::GridParams& grid) {
  double sum = 0;
  for (const double h : spacings(grid)) sum += 1 / (h * h);
  return with_radius(s.order, [&](auto radius) {
    constexpr int R = decltype(radius)::value;
    const double staggered = staggered_difference_norm<R>();
    const double norm =
        s.scheme == Scheme::acoustic ? second_difference_norm<R>() : 4 * staggered * staggered;
    return 2 / (s.fastest_m_s * std::sqrt(sum * norm));
  });
}

double needed_points(const Sampling& s) {
  if (s.points_per_wavelength > 0) return s.points_per_wavelength;
  return s.order == 2 ? 8 : s.order == 4 ? 5 : 3;
}

double finest_frequency_hz(const Sampling& s, const mesh::GridParams& grid) {
  const auto h = spacings(grid);
  return s.slowest_m_s / (needed_points(s) * *std::max_element(h.begin(), h.end()));
}

std::string speed_mistake(double slowest_m_s) {
  if (slowest_m_s >= 10) return "";
  return core::format(
      ". A speed of {:.4g} m/s looks like km/s: seismic.model.file.speed_unit: km/s converts a file's, and a "
      "deck's own are in m/s",
      slowest_m_s);
}

double choose_dt_s(const Sampling& s, const mesh::GridParams& grid, double wanted_s,
                   double record_s) {
  const double largest = largest_dt_s(s, grid), finest = finest_frequency_hz(s, grid);
  if (s.highest_hz > finest)
    throw core::UserError(core::format(
        "the wavelet has frequencies up to {:.4g} Hz, and this grid carries up to {:.4g} Hz ({:.3g} "
        "points per wavelength at order {} and {:.6g} m/s): lower seismic.wavelet.frequency_hz, use "
        "more grid.cells, or a higher seismic.order (largest stable time.dt_s: {:.4g} s){}",
        s.highest_hz, finest, needed_points(s), s.order, s.slowest_m_s, largest,
        speed_mistake(s.slowest_m_s)));
  if (wanted_s == 0) {
    if (record_s <= 0) return 0.9 * largest;
    return record_s / std::ceil(record_s / (0.9 * largest) * (1 - 1e-12));
  }
  if (wanted_s > largest)
    throw core::UserError(core::format(
        "time.dt_s is {:.6g} s, over the largest stable step {:.6g} s (speed {:.6g} m/s, order {}); "
        "the finest frequency that the grid carries is {:.4g} Hz",
        wanted_s, largest, s.fastest_m_s, s.order, finest));
  const double steps = record_s / wanted_s;
  if (record_s > 0 && std::abs(steps - std::round(steps)) > 1e-6 * steps)
    throw core::UserError(core::format(
        "time.record_every_s ({:.6g} s) is no multiple of time.dt_s ({:.6g} s); {:.6g} s would be",
        record_s, wanted_s, std::max(1.0, std::round(steps)) * wanted_s));
  return record_s > 0 ? record_s / std::round(steps) : wanted_s;
}

}  // namespace understudy::solvers::seismic
