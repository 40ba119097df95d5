#include "solvers/weather/processes/gravity_waves.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/format.hpp"

namespace understudy::solvers {

void GravityWaveParams::describe(core::ParamVisitor& v) {
  v.choice("scheme", scheme, {"alexander_dunkerton", "holton_lindzen"},
           "how waves give up their momentum: breaking, or radiative damping");
  v.real("source_flux_Pa", source_flux_Pa, {.at_least = 0, .at_most = 1}, "Pa",
         "momentum flux of the waves of both directions together");
  v.choice("spectrum", spectrum, {"gaussian", "pair"},
           "phase speeds: a Gaussian, or one wave in each direction");
  v.real("spectrum_width_m_s", spectrum_width_m_s, {.above = 0}, "m/s",
         "phase speed at which the Gaussian has half of its height");
  v.real("largest_speed_m_s", largest_speed_m_s, {.above = 0}, "m/s", "end of the Gaussian");
  v.real("speed_step_m_s", speed_step_m_s, {.above = 0}, "m/s", "between waves of the Gaussian");
  v.real("phase_speed_m_s", phase_speed_m_s, {.above = 0}, "m/s", "of the pair");
  v.real("wavelength_m", wavelength_m, {.above = 0}, "m", "horizontal, of all waves");
  v.real("amplitude_m2_s2", amplitude_m2_s2, {.above = 0}, "m2/s2",
         "flux over density of a wave of the Gaussian's crest, which decides where it breaks");
  const double waves = 2 * largest_speed_m_s / speed_step_m_s;
  v.require(waves >= 2 && waves <= 10000, "speed_step_m_s",
            core::format("gives {:.4g} waves up to {} m/s; 2 to 10000 are possible", waves,
                         largest_speed_m_s));
}

double radiative_damping(double height_m) {
  const double part = std::clamp((height_m - 17e3) / 13e3, 0.0, 1.0);
  return (1 + 2 * part) / (21 * 86400);
}

namespace {

template <class Real>
Kokkos::View<Real*, mesh::Memory> row(const char* name, const std::vector<double>& values) {
  Kokkos::View<Real*, mesh::Memory> view(name, values.size());
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t n = 0; n < values.size(); ++n) host(n) = Real(values[n]);
  Kokkos::deep_copy(view, host);
  return view;
}

// A part of a row of a batch as a column: f(l).
template <class View>
struct Part {
  View view;
  int row, first;
  KOKKOS_FORCEINLINE_FUNCTION auto& operator()(const int l) const { return view(row, first + l); }
};

template <class Real>
void drag_of(const weather::WaveSpectrum<Real>& s, const bool breaking,
             const mesh::Points<const Real>& in, const mesh::Points<Real>& out) {
  using In = Part<mesh::Points<const Real>>;
  using Out = Part<mesh::Points<Real>>;
  const int n = s.levels;
  Kokkos::parallel_for(
      "gravity wave drag", Kokkos::RangePolicy<mesh::Exec>(0, in.extent(0)),
      KOKKOS_LAMBDA(const int row) {
        const In u{in, row, 1}, buoyancy{in, row, 1 + n}, rho{in, row, 1 + 2 * n};
        const Out drag{out, row, 0};
        if (breaking)
          weather::breaking_drag<Real>(s, in(row, 0), u, buoyancy, rho, drag);
        else
          weather::damped_drag<Real>(s, in(row, 0), u, buoyancy, rho, drag);
      });
}

void add_columns(std::vector<core::Column>& to, const char* name, const char* unit, int levels) {
  for (int l = 0; l < levels; ++l) to.push_back({core::format("{}_{}", name, l), unit});
}

}  // namespace

template <class Real>
weather::WaveSpectrum<Real> wave_spectrum(const GravityWaveParams& p, const WaveColumn& column) {
  std::vector<double> speed, share, damping;
  if (p.spectrum == "pair") {
    speed = {-p.phase_speed_m_s, p.phase_speed_m_s};
  } else {
    const int half = std::max(1, int(std::lround(p.largest_speed_m_s / p.speed_step_m_s)));
    for (int w = -half; w < half; ++w) speed.push_back(p.speed_step_m_s * (w + 0.5));
  }
  double sum = 0;
  for (const double c : speed) {
    const double x = p.spectrum == "pair" ? 0 : c / p.spectrum_width_m_s;
    share.push_back(std::exp(-std::numbers::ln2 * x * x));
    sum += share.back();
  }
  std::vector<double> amplitude(share);
  for (double& a : amplitude) a *= p.amplitude_m2_s2;
  for (double& part : share) part /= sum;
  for (const double z : column.height_m) damping.push_back(radiative_damping(z));
  weather::WaveSpectrum<Real> s;
  s.waves = int(speed.size());
  s.levels = int(column.height_m.size());
  s.dz = Real(column.dz_m);
  s.scale_height = Real(column.scale_height_m);
  s.speed = row<Real>("wave speed", speed);
  s.share = row<Real>("wave share", share);
  s.amplitude = row<Real>("wave amplitude", amplitude);
  s.wave_number = row<Real>(
      "wave number", std::vector<double>(speed.size(), 2 * std::numbers::pi / p.wavelength_m));
  s.damping = row<Real>("wave damping", damping);
  return s;
}

template <class Real>
PointCall<Real> gravity_wave_drag(const GravityWaveParams& params, const WaveColumn& column) {
  return [s = wave_spectrum<Real>(params, column), breaking = params.scheme != "holton_lindzen"](
             const mesh::Points<const Real>& in, const mesh::Points<Real>& out) {
    drag_of<Real>(s, breaking, in, out);
  };
}

std::vector<core::Column> gravity_wave_inputs(int levels) {
  std::vector<core::Column> columns{{"source_flux", "Pa"}};
  add_columns(columns, "u", "m/s", levels);
  add_columns(columns, "buoyancy", "1/s", levels);
  add_columns(columns, "rho", "kg/m3", levels);
  return columns;
}

std::vector<core::Column> gravity_wave_outputs(int levels) {
  std::vector<core::Column> columns;
  add_columns(columns, "drag", "m/s2", levels);
  return columns;
}

template weather::WaveSpectrum<float> wave_spectrum<float>(const GravityWaveParams&,
                                                           const WaveColumn&);
template weather::WaveSpectrum<double> wave_spectrum<double>(const GravityWaveParams&,
                                                             const WaveColumn&);
template PointCall<float> gravity_wave_drag<float>(const GravityWaveParams&, const WaveColumn&);
template PointCall<double> gravity_wave_drag<double>(const GravityWaveParams&, const WaveColumn&);

}  // namespace understudy::solvers
