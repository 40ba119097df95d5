#include "pinn/classical_methods/travel_times.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::pinn {

namespace {

constexpr double far = 1e30;
constexpr int most_sweeps = 400;
constexpr double converged = 1e-13;

// T's derivative along an axis is `slope` tau - `offset`; `sign`: that of T's growth away from the
// neighbour it leans on.
struct OneSided {
  double slope = 0, offset = 0, sign = 0;
};

}  // namespace

double VelocityModel::operator()(double x, double z) const {
  const double dx = (x - anomaly_x_m) / anomaly_radius_m, dz = (z - anomaly_z_m) / anomaly_radius_m;
  return surface_m_s + gradient_1_s * z + anomaly_m_s * std::exp(-(dx * dx + dz * dz) / 2);
}

ArrivalTimes::ArrivalTimes(const Section& section,
                           const std::function<double(double, double)>& velocity,
                           std::array<double, 2> source_m)
    : section_(section),
      source_(source_m),
      source_slowness_(1 / velocity(source_m[0], source_m[1])),
      nx_(int(std::lround(section.width_m / section.spacing_m)) + 1),
      nz_(int(std::lround(section.depth_m / section.spacing_m)) + 1) {
  if (source_[0] < 0 || source_[0] > section.width_m || source_[1] < 0 ||
      source_[1] > section.depth_m)
    throw core::UserError(
        core::format("a source at ({}, {}) m lies outside of the section, {} m x {} m", source_[0],
                     source_[1], section.width_m, section.depth_m));
  const double h = section_.spacing_m;
  tau_.assign(std::size_t(nx_) * std::size_t(nz_), far);
  held_.assign(tau_.size(), 0);
  slowness_.resize(tau_.size());
  for (int k = 0; k < nz_; ++k)
    for (int i = 0; i < nx_; ++i) {
      const std::size_t n = std::size_t(k) * std::size_t(nx_) + std::size_t(i);
      slowness_[n] = 1 / velocity(i * h, k * h);
      // The corners of the source's cell: the velocity between them and the source is its own.
      if (std::abs(i * h - source_[0]) < h * (1 - 1e-9) &&
          std::abs(k * h - source_[1]) < h * (1 - 1e-9)) {
        held_[n] = 1;
        tau_[n] = 1;
      }
    }
  sweep();
}

double ArrivalTimes::free_time(double x, double z) const {
  return source_slowness_ * std::hypot(x - source_[0], z - source_[1]);
}

double ArrivalTimes::update(int i, int k) {
  const double h = section_.spacing_m, x = i * h, z = k * h;
  const double t0 = free_time(x, z);
  const double square = source_slowness_ * source_slowness_;
  const double slow = slowness_[std::size_t(k) * std::size_t(nx_) + std::size_t(i)];
  const auto lean = [&](double below, double above, double t_below, double t_above,
                        double gradient) {
    OneSided side;
    if (below >= far && above >= far) return side;
    side.sign = t_below <= t_above ? 1 : -1;
    side.slope = gradient + side.sign * t0 / h;
    side.offset = side.sign * t0 / h * (side.sign > 0 ? below : above);
    return side;
  };
  const auto at = [&](int ii, int kk, double& value, double& time) {
    const bool inside = ii >= 0 && ii < nx_ && kk >= 0 && kk < nz_;
    value = inside ? tau(ii, kk) : far;
    time = value < far ? value * free_time(ii * h, kk * h) : far;
  };
  double w, e, n, s, tw, te, tn, ts;
  at(i - 1, k, w, tw);
  at(i + 1, k, e, te);
  at(i, k - 1, n, tn);
  at(i, k + 1, s, ts);
  const std::array<OneSided, 2> side{lean(w, e, tw, te, square * (x - source_[0]) / t0),
                                     lean(n, s, tn, ts, square * (z - source_[1]) / t0)};
  double best = far;
  const double a = side[0].slope * side[0].slope + side[1].slope * side[1].slope;
  const double b = side[0].slope * side[0].offset + side[1].slope * side[1].offset;
  const double c = side[0].offset * side[0].offset + side[1].offset * side[1].offset - slow * slow;
  if (side[0].sign != 0 && side[1].sign != 0 && b * b - a * c >= 0) {
    const double both = (b + std::sqrt(b * b - a * c)) / a;
    // The wave must come from both neighbours.
    if (side[0].sign * (side[0].slope * both - side[0].offset) >= 0 &&
        side[1].sign * (side[1].slope * both - side[1].offset) >= 0)
      best = both;
  }
  if (best >= far)
    for (const auto& one : side)
      if (one.sign != 0 && one.sign * one.slope > 0)
        best = std::min(best, (one.sign * slow + one.offset) / one.slope);
  const double before = tau(i, k);
  if (best < before) tau(i, k) = best;
  return before - std::min(before, best);
}

void ArrivalTimes::sweep() {
  double fell = far;
  while (fell > converged && sweeps_ < most_sweeps) {
    fell = 0;
    for (int order = 0; order < 4; ++order, ++sweeps_)
      for (int kk = 0; kk < nz_; ++kk)
        for (int ii = 0; ii < nx_; ++ii) {
          const int i = order % 2 ? nx_ - 1 - ii : ii, k = order / 2 ? nz_ - 1 - kk : kk;
          if (!held_[std::size_t(k) * std::size_t(nx_) + std::size_t(i)])
            fell = std::max(fell, update(i, k));
        }
  }
  if (fell > converged)
    throw core::RunError(core::format("the arrival times did not settle in {} sweeps", sweeps_));
}

double ArrivalTimes::time(double x, double z) const {
  const double h = section_.spacing_m;
  const int i = std::clamp(int(std::floor(x / h)), 0, nx_ - 2);
  const int k = std::clamp(int(std::floor(z / h)), 0, nz_ - 2);
  const double a = x / h - i, b = z / h - k;
  return free_time(x, z) * ((1 - b) * ((1 - a) * tau(i, k) + a * tau(i + 1, k)) +
                            b * ((1 - a) * tau(i, k + 1) + a * tau(i + 1, k + 1)));
}

std::vector<std::array<double, 2>> ArrivalTimes::ray(double x, double z) const {
  const double h = section_.spacing_m;
  std::vector<std::array<double, 2>> path{{x, z}};
  const auto slope = [&](double at_x, double at_z, bool along_x) {
    const double from = std::clamp((along_x ? at_x : at_z) - h, 0.0,
                                   (along_x ? section_.width_m : section_.depth_m) - 2 * h);
    return along_x ? time(from + 2 * h, at_z) - time(from, at_z)
                   : time(at_x, from + 2 * h) - time(at_x, from);
  };
  const int most = 4 * (nx_ + nz_);
  for (int n = 0; n < most && std::hypot(x - source_[0], z - source_[1]) > 2 * h; ++n) {
    const double tx = slope(x, z, true), tz = slope(x, z, false), norm = std::hypot(tx, tz);
    x = std::clamp(x - h * tx / norm, 0.0, section_.width_m);
    z = std::clamp(z - h * tz / norm, 0.0, section_.depth_m);
    path.push_back({x, z});
  }
  path.push_back({source_[0], source_[1]});
  return path;
}

}  // namespace understudy::pinn
