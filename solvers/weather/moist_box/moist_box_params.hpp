// What a deck's `moist_box:` section holds. Every key, default, bound, unit and help text is written once, in
// the describe() members (moist_box_params.cpp). In formulas z is the height (m), in slices, too; y is 0
// there.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "solvers/weather/processes/bin_grid.hpp"
#include "solvers/weather/processes/kessler.hpp"

namespace understudy::solvers {

/// Constants of the air. The defaults are those of the processes (solvers/weather/processes/moist_constants.hpp).
struct MoistBoxAirParams {
  double gravity_m_s2 = 9.81;
  double gas_constant_j_kg_k = 287.04;   ///< of dry air
  double heat_capacity_j_kg_k = 1005.7;  ///< of dry air at constant pressure
  void describe(core::ParamVisitor& v);
  double kappa() const { return gas_constant_j_kg_k / heat_capacity_j_kg_k; }
  double gamma() const { return 1 / (1 - kappa()); }
};

/// The atmosphere at rest that the run departs from: a function of height in hydrostatic balance.
struct MoistBoxBaseParams {
  std::string profile =
      "uniform_theta";  ///< uniform_theta, stable, isothermal, weisman_klemp, saturated, file
  double surface_pressure_pa = 1e5;   ///< at the height 0
  double theta_k = 300;               ///< uniform_theta; stable: at the height 0
  double stability_1_s = 0.01;        ///< stable: Brunt-Vaisala frequency
  double temperature_k = 250;         ///< isothermal
  double largest_vapour = 0.014;      ///< weisman_klemp: of the boundary layer, kg/kg
  double theta_e_k = 320;             ///< saturated: wet equivalent potential temperature
  double total_water = 0.02;          ///< saturated, kg/kg
  std::string file;                   ///< file: a sounding
  std::vector<std::string> wind_m_s;  ///< formulas of z, x and in 3-D y component; empty: at rest
  void describe(core::ParamVisitor& v);
};

/// A disturbance amplitude (1 + cos(pi L)) / 2 where L < 1, with L the distance from the centre over the
/// radius of each axis. The pressure is left alone: the density answers.
struct MoistBoxBubbleParams {
  std::string quantity = "theta";  ///< theta, temperature
  double amplitude_k = 2;
  std::vector<double> center_m, radius_m;  ///< one number an axis; radius 0: as far as the box
  void describe(core::ParamVisitor& v);
};

struct MoistBoxInitialParams {
  std::vector<MoistBoxBubbleParams> bubbles;
  std::string theta_k = "0";        ///< a formula of x, y, z, added
  std::string temperature_k = "0";  ///< the same of the temperature
  double noise_k = 0;               ///< amplitude of a random disturbance of theta
  long long noise_seed = 1;
  bool keep_saturated = false;  ///< saturated base: vapour stays at saturation, buoyancy as if dry
  void describe(core::ParamVisitor& v);
};

struct MoistBoxDiffusionParams {
  std::string model = "none";  ///< none, constant, smagorinsky
  double viscosity_m2_s = 0;   ///< constant
  double constant = 0.18;      ///< smagorinsky
  double prandtl = 1;          ///< viscosity over the diffusivity of theta and water
  void describe(core::ParamVisitor& v);
};

/// Layers below the lid and along the sides that damp departures from the base: rate sin^2(pi/2 s / depth), s
/// the distance into the layer.
struct MoistBoxRayleighParams {
  double depth_m = 0;  ///< 0: none
  double rate_1_s = 0.01;
  double x_sides_m = 0, y_sides_m = 0;  ///< width of the layers at both sides; 0: none
  double sides_rate_1_s = 0.01;
  void describe(core::ParamVisitor& v);
};

/// The ground, and how levels follow it (level_map.hpp).
struct MoistBoxTerrainParams {
  std::string height_m;  ///< a formula of x and y; empty: the grid's lower end
  double decay_m = 0;    ///< 0: linearly up to the lid; else the scale of an exponential decay
  void describe(core::ParamVisitor& v);
};

/// Levels over flat ground; even where neither is given.
struct MoistBoxLevelParams {
  std::vector<double> heights_m;  ///< of their faces, ground and lid included
  double lowest_m = 0;            ///< thickness of the lowest; the others grow by one factor
  void describe(core::ParamVisitor& v);
};

/// Fluxes between the ground and the lowest level by bulk formulas (surface_kernels.hpp).
struct MoistBoxSurfaceParams {
  double drag_coefficient = 0, heat_coefficient = 0, vapour_coefficient = 0;
  std::string theta_k;        ///< potential temperature of the surface, a formula of x and y
  double least_wind_m_s = 0;  ///< of gusts, added to the wind's square
  void describe(core::ParamVisitor& v);
  bool exchanges() const {
    return drag_coefficient > 0 || heat_coefficient > 0 || vapour_coefficient > 0;
  }
};

struct MoistBoxParams {
  MoistBoxAirParams air;
  MoistBoxBaseParams base;
  MoistBoxInitialParams initial;
  MoistBoxTerrainParams terrain;
  MoistBoxLevelParams levels;
  std::string moisture = "none";      ///< none, cloud (qv, qc), rain (qv, qc, qr), bins (qv, drops)
  std::string microphysics = "none";  ///< none, saturation, kessler, bins
  KesslerParams kessler;
  BinParams bins;
  std::string heat_capacities = "dry";                       ///< dry, moist
  std::array<std::string, 2> sides{"periodic", "periodic"};  ///< along x, y: periodic, wall
  double coriolis_1_s = 0;                                   ///< f-plane, 3-D
  int advection_order = 5;                                   ///< 5, 3
  double cfl = 0.9;                                          ///< bound of dt sum |u_a| / h_a
  double max_dt_s = 0;                                       ///< 0: none
  double time_step_s = 0;                                    ///< 0: chosen from the state
  int acoustic_steps = 6;                                    ///< most acoustic steps in a step
  double off_centring = 0.1;                                 ///< of the implicit vertical acoustics
  double divergence_damping = 0.1;
  MoistBoxDiffusionParams diffusion;
  MoistBoxRayleighParams rayleigh;
  MoistBoxSurfaceParams surface;
  void describe(core::ParamVisitor& v);
};

}  // namespace understudy::solvers
