#include "pinn/classical_methods/acoustic_waves.hpp"

#include <cmath>
#include <vector>

namespace understudy::pinn {

namespace {

constexpr double courant = 0.25;  // errors in time then are below those in space
constexpr int frames_wanted = 240;

}  // namespace

double initial_pressure(const AcousticShot& shot, double x, double z) {
  const double dx = (x - shot.centre_m[0]) / shot.radius_m,
               dz = (z - shot.centre_m[1]) / shot.radius_m;
  return std::exp(-(dx * dx + dz * dz) / 2);
}

Lattice acoustic_waves(const AcousticShot& shot,
                       const std::function<double(double, double)>& speed) {
  const double h = shot.spacing_m;
  const int cells = int(std::lround(shot.side_m / h));
  const int margin = int(std::ceil(shot.fastest_m_s * shot.duration_s / 2 / h)) + 4;
  const int n = cells + 1 + 2 * margin;
  const int most_steps = int(std::ceil(shot.duration_s * shot.fastest_m_s / (courant * h)));
  const int every = std::max(1, most_steps / frames_wanted);
  const int frames = (most_steps + every - 1) / every + 1;
  const int steps = (frames - 1) * every;
  const double dt = shot.duration_s / steps;
  const auto size = std::size_t(n) * std::size_t(n);
  std::vector<double> now(size), before(size), factor(size);
  const auto place = [&](int i, int k) { return std::size_t(k) * std::size_t(n) + std::size_t(i); };
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < n; ++i) {
      const double x = (i - margin) * h, z = (k - margin) * h;
      now[place(i, k)] = initial_pressure(shot, x, z);
      factor[place(i, k)] = std::pow(speed(x, z) * dt / h, 2);
    }
  Lattice waves;
  waves.axes = {{{0, h, cells + 1}, {0, h, cells + 1}, {0, dt * every, frames}}};
  const auto keep = [&] {
    for (int k = 0; k <= cells; ++k)
      for (int i = 0; i <= cells; ++i)
        waves.values.push_back(float(now[place(i + margin, k + margin)]));
  };
  const auto laplacian = [&](std::size_t c) {
    const auto along = [&](std::size_t s) {
      return (-(now[c - 2 * s] + now[c + 2 * s]) + 16 * (now[c - s] + now[c + s]) - 30 * now[c]) /
             12;
    };
    return along(1) + along(std::size_t(n));
  };
  keep();
  for (int step = 0; step < steps; ++step) {
    std::vector<double>& next = before;
    for (int k = 2; k < n - 2; ++k)
      for (int i = 2; i < n - 2; ++i) {
        const std::size_t c = place(i, k);
        const double change = factor[c] * laplacian(c);
        // At rest at first: p(-dt) = p(dt).
        next[c] = step == 0 ? now[c] + change / 2 : 2 * now[c] - before[c] + change;
      }
    std::swap(now, before);
    if ((step + 1) % every == 0) keep();
  }
  return waves;
}

}  // namespace understudy::pinn
