// Drag of unresolved gravity waves as a process on columns (gravity_wave_kernels.hpp has equations and sources).
// A point of the process is a whole column of n levels:
//   in   source_flux (Pa, of both directions together), u_0 ... u_(n-1) (m/s), buoyancy_0 ... (1/s),
//        rho_0 ... (kg/m3), upwards from the source
//   out  drag_0 ... (m/s2)
#pragma once

#include "core/params.hpp"
#include "solvers/point_process.hpp"
#include "solvers/weather/processes/gravity_wave_kernels.hpp"

namespace understudy::solvers {

inline constexpr const char* gravity_wave_process = "gravity_wave_drag";

struct GravityWaveParams {
  /// "alexander_dunkerton": breaking; "holton_lindzen": damped by radiation
  std::string scheme = "alexander_dunkerton";
  double source_flux_Pa = 3e-3;
  /// "gaussian": exp(-ln 2 (c/width)^2) (Alexander and Dunkerton, eq. 17); "pair": c = +-phase_speed_m_s
  std::string spectrum = "gaussian";
  double spectrum_width_m_s = 32, largest_speed_m_s = 100, speed_step_m_s = 2;
  double phase_speed_m_s = 32;
  double wavelength_m = 300e3;
  double amplitude_m2_s2 = 0.4;  ///< B_m
  void describe(core::ParamVisitor& v);
};

/// The levels of a column: heights (m) of their centres, evenly spaced, upwards from the source.
struct WaveColumn {
  std::vector<double> height_m;
  double dz_m = 0, scale_height_m = 0;
};

/// Radiative damping (1/s) at a height: Holton and Lindzen (1972), eq. 9. 1/21 a day at 17 km to 1/7 a day from
/// 30 km on.
double radiative_damping(double height_m);

template <class Real>
weather::WaveSpectrum<Real> wave_spectrum(const GravityWaveParams& params,
                                          const WaveColumn& column);

/// Fills out [column, n] from in [column, 1 + 3 n].
template <class Real>
PointCall<Real> gravity_wave_drag(const GravityWaveParams& params, const WaveColumn& column);

/// The process's columns for n levels, inputs and outputs.
std::vector<core::Column> gravity_wave_inputs(int levels);
std::vector<core::Column> gravity_wave_outputs(int levels);

}  // namespace understudy::solvers
