// The atmosphere at rest: profiles of theta and water over height, with the pressure in hydrostatic balance,
// d exner/dz = -g / (cp theta_rho), theta_rho = theta (1 + qv Rv/Rd) / (1 + qv + qc), integrated by a
// Runge-Kutta scheme of fourth order in steps of 10 m or less from the height 0. The solver carries departures
// from it only, so that the air at rest stays at rest to the last bit. Host only.
//
//   weisman_klemp   Weisman & Klemp 1982, eqs. 1 and 2, as CM1 has them
//   saturated       Bryan & Fritsch 2002: constant wet equivalent potential temperature and total water
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "solvers/weather/moist_box/moist_air.hpp"
#include "solvers/weather/moist_box/moist_box_params.hpp"

namespace understudy::solvers::moist {

Air<double> air_of(const MoistBoxAirParams& params);

/// What is given at a height, once exner is known there.
struct AirAt {
  double theta_k = 300, qv = 0, qc = 0;
};

/// Values at the middles of the levels, by array index along the vertical, ghosts included; or at cells.
struct BaseState {
  std::vector<double> theta, theta_m, qv, qc;  ///< K, K (theta (1 + qv Rv/Rd)), kg/kg
  std::vector<double> exner, pressure, rho_d;  ///< 1, Pa, kg/m3 of dry air
  std::vector<double> u, v;                    ///< m/s
  /// By level only: upwind-biased value and slope of theta_m at the lower face of each level, as upwind_flux has
  /// them: what W carries is W face - |W| slope.
  std::vector<double> face, slope;
};

/// UserError: soundings, formulas, water where moisture is none, a lid above which there is no pressure left.
BaseState make_base(const MoistBoxParams& params, const mesh::BoxGrid& grid,
                    const std::string& directory);

/// The same at cells of these heights (m): exner by cubic Hermite interpolation between the integration's points,
/// 2 m apart, all else from the profile at the height itself.
BaseState make_base_at(const MoistBoxParams& params, const mesh::BoxGrid& grid,
                       const std::vector<double>& heights_m, const std::string& directory);

/// Temperature (K) of saturated air of a wet equivalent potential temperature at a pressure.
double saturated_temperature(const Air<double>& air, double theta_e_k, double pressure_pa,
                             double total);

}  // namespace understudy::solvers::moist
