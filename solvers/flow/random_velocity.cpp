#include "solvers/flow/random_velocity.hpp"

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"

namespace understudy::solvers::flow {

namespace {

constexpr double two_pi = 2 * std::numbers::pi;
using Complex = std::complex<double>;

// Of wave vector (kx, ky), kx >= 0: independent of every other one's.
Complex gaussian(unsigned long long seed, int kx, int ky) {
  core::SplitMix random(seed * 0x9E3779B97F4A7C15ull +
                        static_cast<unsigned long long>(kx) * 0xD1B54A32D192ED03ull +
                        static_cast<unsigned long long>(ky + (1 << 20)) * 0x8CB92BA72F3D8DD7ull);
  random.bits();
  const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
  return std::polar(radius, two_pi * random.uniform());
}

// Standard deviation of a mode of psi; without its scale but for matern.
double spread(const FlowRandomParams& p, double k, double area_m2) {
  const double ratio = k / p.peak_wave_number_1_m;
  if (p.spectrum == "peak") return std::sqrt(k * std::exp(-2 * ratio * ratio));
  if (p.spectrum == "mcwilliams") return 1 / std::sqrt(k * (1 + std::pow(ratio, 4)));
  const double tau = p.matern_wave_number_1_m;
  return std::sqrt(2 * p.matern_scale / area_m2) *
         std::pow(k * k + tau * tau, -0.5 * p.matern_exponent) / (k * k);
}

// psi's coefficients, [kx][ky + most_y], of the half plane of wave vectors.
class Modes {
 public:
  Modes(const FlowRandomParams& p, unsigned long long seed, const mesh::BoxGrid& grid)
      : cells_{grid.global_cells(0), grid.global_cells(1)} {
    const double length[2] = {grid.upper(0) - grid.lower(0), grid.upper(1) - grid.lower(1)};
    const double cut =
        2.0 / 3 * std::numbers::pi * std::min(cells_[0] / length[0], cells_[1] / length[1]);
    for (int a = 0; a < 2; ++a) most_[a] = static_cast<int>(cut * length[a] / two_pi);
    c_.assign((most_[0] + 1) * row(), 0);
    double speed_squared = 0;
    for (int kx = 0; kx <= most_[0]; ++kx)
      for (int ky = kx == 0 ? 1 : -most_[1]; ky <= most_[1]; ++ky) {
        const double k = two_pi * std::hypot(kx / length[0], ky / length[1]);
        if (k > cut) continue;
        Complex& c = at(kx, ky);
        c = spread(p, k, length[0] * length[1]) * gaussian(seed, kx, ky);
        speed_squared += 0.5 * k * k * std::norm(c);
      }
    if (p.rms_m_s > 0 && speed_squared > 0)
      for (Complex& c : c_) c *= p.rms_m_s / std::sqrt(speed_squared);
    for (int a = 0; a < 2; ++a)
      for (int n = 0; n < cells_[a]; ++n)
        wave_[a].push_back(std::polar(1.0, two_pi * n / cells_[a]));
  }

  /// psi at the corners (first_i + n, j) for n = 0 ... count - 1, global numbers.
  std::vector<double> psi(int j, int first_i, int count) const {
    std::vector<Complex> along(most_[0] + 1);
    for (int kx = 0; kx <= most_[0]; ++kx)
      for (int ky = -most_[1]; ky <= most_[1]; ++ky)
        along[kx] += c_[kx * row() + ky + most_[1]] * wave(1, ky, j);
    std::vector<double> result(count, 0);
    for (int n = 0; n < count; ++n)
      for (int kx = 0; kx <= most_[0]; ++kx)
        result[n] += (along[kx] * wave(0, kx, first_i + n)).real();
    return result;
  }

 private:
  std::size_t row() const { return 2 * most_[1] + 1; }
  Complex& at(int kx, int ky) { return c_[kx * row() + ky + most_[1]]; }
  const Complex& wave(int axis, int k, int n) const {
    const long long turns = static_cast<long long>(k) * n % cells_[axis];
    return wave_[axis][turns < 0 ? turns + cells_[axis] : turns];
  }
  int cells_[2], most_[2];
  std::vector<Complex> c_, wave_[2];
};

}  // namespace

void check_random_velocity(const FlowRandomParams& params, const mesh::BoxGrid& grid) {
  if (params.spectrum == "none") return;
  if (grid.dimension() != 2 || !grid.periodic(0) || !grid.periodic(1))
    throw core::UserError(core::format(
        "flow.initial.random.spectrum: '{}' makes a random velocity in a 2-D box that is periodic "
        "along x and y; this one is {}; use none, or initial.noise_m_s",
        params.spectrum, grid.dimension() == 2 ? "not periodic" : "3-D"));
}

template <class Real>
void add_random_velocity(const FlowRandomParams& params, unsigned long long seed,
                         const mesh::State<Real>& state) {
  if (params.spectrum == "none") return;
  const mesh::BoxGrid& grid = mesh::as_box(state.grid(), "a random velocity");
  const Modes modes(params, seed, grid);
  const auto u = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state["u"].component());
  const auto v = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state["v"].component());
  const mesh::Range3 r = grid.interior();
  const int count = r.size(0), k = r.begin[2];
  auto lower = modes.psi(grid.offset(1), grid.offset(0), count + 1);
  for (int j = 0; j < r.size(1); ++j) {
    auto upper = modes.psi(grid.offset(1) + j + 1, grid.offset(0), count + 1);
    for (int i = 0; i < count; ++i) {
      u(k, r.begin[1] + j, r.begin[0] + i) +=
          static_cast<Real>((upper[i] - lower[i]) / grid.spacing(1));
      v(k, r.begin[1] + j, r.begin[0] + i) -=
          static_cast<Real>((lower[i + 1] - lower[i]) / grid.spacing(0));
    }
    lower = std::move(upper);
  }
  Kokkos::deep_copy(state["u"].component(), u);
  Kokkos::deep_copy(state["v"].component(), v);
}

template void add_random_velocity(const FlowRandomParams&, unsigned long long,
                                  const mesh::State<float>&);
template void add_random_velocity(const FlowRandomParams&, unsigned long long,
                                  const mesh::State<double>&);

}  // namespace understudy::solvers::flow
