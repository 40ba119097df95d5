// What a deck says of a shallow-water run (section shallow_water).
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::solvers {

/// What changes Galewsky's jet before it starts.
struct JetPerturbation {
  double height_m = 120;  ///< 0: none
  double latitude_deg = 45;
  double longitude_deg = 0;
  double width_longitude = 1.0 / 3;  ///< radians
  double width_latitude = 1.0 / 15;  ///< radians
  long long seed = 0;                ///< > 0: height, place and widths are drawn around these
  void describe(core::ParamVisitor& v);
};

/// Decaying turbulence from random waves.
struct RandomFlow {
  long long seed = 1;
  double speed_m_s = 40;                             ///< root mean square
  long long lowest_degree = 6, highest_degree = 12;  ///< of the spherical harmonics
  void describe(core::ParamVisitor& v);
};

/// Height of the ground from a file.
struct TopographyFile {
  std::string file;  ///< NetCDF, from the deck's folder on; empty: the case's own
  std::string variable = "topography";
  void describe(core::ParamVisitor& v);
};

struct ShallowWaterParams {
  std::string start = "williamson_2";  ///< shallow_water_cases.hpp
  double tilt_deg = 0;  ///< of the rotation axis, and of the whole case with it, to the grid
  double gravity_m_s2 = 9.80616;
  double rotation_1_s = 7.292e-5;
  long long order = 5;                    ///< of the interpolation to the faces: 3, 5, 7
  std::string time_scheme = "ssp_rk104";  ///< time_schemes.hpp
  double step_fraction = 0.9;             ///< of the largest stable time step
  double max_dt_s = 0;                    ///< 0: no bound
  double viscosity_m2_s = 0;
  double hyperviscosity_m4_s = 0;
  std::string tracer = "none";  ///< a passive tracer's start: shallow_water_cases.hpp
  TopographyFile topography;
  JetPerturbation perturbation;
  RandomFlow random;
  void describe(core::ParamVisitor& v);
};

/// Largest (|u| + c) dt / step, summed over both axes, at which linear waves do not grow (von Neumann).
double largest_stable_cfl(long long order, const std::string& time_scheme);
/// Largest dt times the rate of decay at which the time scheme is stable.
double largest_stable_decay(const std::string& time_scheme);

}  // namespace understudy::solvers
