// The state of the moist box at time 0.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/expression.hpp"
#include "core/format.hpp"
#include "solvers/weather/moist_box/moist_box_impl.hpp"

namespace understudy::solvers {

namespace {

// Noise by global index, so that it does not depend on the ranks: splitmix64 (Steele et al. 2014).
double noise(unsigned long long seed, unsigned long long index) {
  unsigned long long z = (seed + 1) * 0x9E3779B97F4A7C15ull + index * 0xD1B54A32D192ED03ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  z ^= z >> 31;
  return 2 * (static_cast<double>(z >> 11) * 0x1.0p-53) - 1;
}

// (1 + cos(pi L)) / 2 at a point, 0 beyond L = 1.
double shape_of(const MoistBoxBubbleParams& bubble, const std::array<double, 3>& x) {
  double squared = 0;
  for (std::size_t a = 0; a < bubble.center_m.size(); ++a)
    if (bubble.radius_m[a] > 0)
      squared += std::pow((x[a] - bubble.center_m[a]) / bubble.radius_m[a], 2);
  return squared < 1 ? 0.5 * (1 + std::cos(std::numbers::pi * std::sqrt(squared))) : 0;
}

struct Disturbance {
  double theta_k = 0, temperature_k = 0;
};

// theta and vapour at the base's pressure of air that the disturbance of theta leaves saturated and as buoyant
// as dry air (Bryan & Fritsch 2002, eqs. 25 and 26).
moist::AirAt saturated_air(const moist::Air<double>& air, const moist::AirAt& base, double exner,
                           double pressure, double theta_k) {
  const double total = base.qv + base.qc, ratio = air.rv / air.rd;
  const double wanted = base.theta_k * (1 + base.qv * ratio) / (1 + total) * (1 + theta_k / 300);
  moist::AirAt at = base;
  for (int n = 0; n < 50; ++n) {
    at.qv = std::min(moist::saturation_ratio(air, at.theta_k * exner, pressure), total);
    at.theta_k = wanted * (1 + total) / (1 + at.qv * ratio);
  }
  at.qc = total - at.qv;
  return at;
}

struct InitialAir {
  const MoistBoxParams& params;
  const moist::Air<double>& air;
  const moist::BaseState& base;
  core::Expression theta, temperature;
  std::string fault;

  double formula(const core::Expression& text, const char* key, const std::array<double, 3>& x,
                 bool slice) {
    const double value = slice ? text(x[0], 0, x[1], 0) : text(x[0], x[1], x[2], 0);
    if (!std::isfinite(value) && fault.empty())
      fault = core::format("moist_box.initial.{}: '{}' is {} at ({:.6g}, {:.6g}, {:.6g}) m", key,
                           text.text(), value, x[0], slice ? 0 : x[1], slice ? x[1] : x[2]);
    return value;
  }
  /// At x, where the base has its values of that index.
  moist::AirAt at(const std::array<double, 3>& x, std::size_t level, bool slice, double random) {
    const moist::AirAt rest{base.theta[level], base.qv[level], base.qc[level]};
    Disturbance sum{formula(theta, "theta_k", x, slice) + params.initial.noise_k * random,
                    formula(temperature, "temperature_k", x, slice)};
    for (const auto& bubble : params.initial.bubbles)
      (bubble.quantity == "theta" ? sum.theta_k : sum.temperature_k) +=
          bubble.amplitude_k * shape_of(bubble, x);
    const double theta_k = sum.theta_k + sum.temperature_k / base.exner[level];
    if (theta_k == 0) return rest;
    if (params.initial.keep_saturated)
      return saturated_air(air, rest, base.exner[level], base.pressure[level], theta_k);
    return {rest.theta_k + theta_k, rest.qv, rest.qc};
  }
};

}  // namespace

template <class Real>
void MoistBoxSolver<Real>::initialise(mesh::State<Real>& state) {
  Impl& m = *impl_;
  const mesh::BoxGrid& grid = *m.grid;
  const int up = m.dim() - 1;
  state.time_s = 0;
  state.step = 0;
  state.scalars.clear();
  const auto arrays = m.arrays_of(state);
  const auto host_of = [](const auto& a) {
    return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), a);
  };
  for (auto& field : state.fields()) Kokkos::deep_copy(field.data, Real(0));
  const auto theta = host_of(arrays.theta), rho = host_of(arrays.rho), u = host_of(arrays.u);
  const auto v = host_of(up == 2 ? arrays.v : arrays.u);
  std::vector<decltype(host_of(arrays.theta))> water;
  for (const auto& q : arrays.water) water.push_back(host_of(q));
  InitialAir initial{m.params,
                     m.air,
                     m.base,
                     core::Expression(m.params.initial.theta_k),
                     core::Expression(m.params.initial.temperature_k),
                     {}};
  const mesh::Range3 r = grid.interior();
  const auto seed = static_cast<unsigned long long>(m.params.initial.noise_seed);
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const std::size_t cell = (std::size_t(k) * grid.extent(1) + j) * grid.extent(0) + i;
        const std::size_t level = m.mapped() ? cell : std::size_t(up == 1 ? j : k);
        const unsigned long long global =
            (1ull * (k - r.begin[2] + grid.offset(2)) * grid.global_cells(1) + j - r.begin[1] +
             grid.offset(1)) *
                grid.global_cells(0) +
            i - r.begin[0] + grid.offset(0);
        auto x = grid.position(mesh::Location::cell, k, j, i);
        if (m.mapped()) x[up] = m.metric.map.height_m[cell];
        const moist::AirAt at = initial.at(x, level, up == 1, noise(seed, global));
        // The base's pressure: rho theta_m is the base's.
        const double factor = 1 + at.qv * m.air.rv / m.air.rd, own = at.theta_k * factor;
        theta(k, j, i) = Real(at.theta_k - m.base.theta[level]);
        // Air that is not disturbed is the base's to the last bit.
        const bool rests = at.theta_k == m.base.theta[level] && at.qv == m.base.qv[level];
        rho(k, j, i) =
            rests ? Real(0) : Real(m.base.rho_d[level] * (m.base.theta_m[level] - own) / own);
        // At the faces' height: the mean of both sides where levels slope.
        const auto wind = [&](const std::vector<double>& speed, std::size_t beside) {
          return Real(m.mapped() ? (speed[cell] + speed[cell - beside]) / 2 : speed[level]);
        };
        u(k, j, i) = wind(m.base.u, 1);
        if (up == 2) v(k, j, i) = wind(m.base.v, grid.extent(0));
        if (!water.empty()) {
          water[0](k, j, i) = Real(at.qv);
          water[1](k, j, i) = Real(at.qc);
        }
      }
  grid.comm().template throw_on_all_ranks<core::UserError>(initial.fault);
  Kokkos::deep_copy(arrays.theta, theta);
  Kokkos::deep_copy(arrays.rho, rho);
  Kokkos::deep_copy(arrays.u, u);
  if (up == 2) Kokkos::deep_copy(arrays.v, v);
  for (std::size_t n = 0; n < water.size(); ++n) Kokkos::deep_copy(arrays.water[n], water[n]);
  m.fill_ghosts(state);
  m.check_time_step(state);
}

template void MoistBoxSolver<float>::initialise(mesh::State<float>&);
template void MoistBoxSolver<double>::initialise(mesh::State<double>&);

}  // namespace understudy::solvers
