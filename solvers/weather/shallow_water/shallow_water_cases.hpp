// Initial states of the shallow-water equations, their topography, and their exact solutions where there are.
// All are given in the frame of the rotation axis; a case that is tilted is turned as a whole, about the
// y axis of the grid, so that the equator of its flow crosses edges and corners of the panels.
//
//   rest                 a fluid at rest over the mountain of williamson_5: nothing may move
//   williamson_1         Williamson et al. 1992, case 1: a cosine bell carried by a solid-body rotation
//   williamson_2         case 2: a steady zonal flow in geostrophic balance                       (exact)
//   williamson_5         case 5: a zonal flow over an isolated mountain
//   williamson_6         case 6: Rossby-Haurwitz wave of number 4
//   solid_body           Laeuter, Handorf, Dethloff 2005, example 3: an unsteady solid-body rotation, not
//                        aligned with the axis, over topography                                   (exact)
//   galewsky             Galewsky, Scott, Polvani 2004: a jet at 45 N in balance, and what perturbs it
//   random               waves of random phase, in linear balance: decaying turbulence
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/cubed_sphere_grid.hpp"
#include "solvers/weather/shallow_water/shallow_water_params.hpp"

namespace understudy::solvers {

using mesh::Vector3;

/// In the case's frame, whose z axis is that of the rotation. Host only.
class ShallowWaterCase {
 public:
  virtual ~ShallowWaterCase() = default;
  /// Depth h of the fluid (m) and velocity (m/s, Cartesian, tangent) at a unit vector and a time (s).
  virtual double depth(const Vector3& at, double time_s) const = 0;
  virtual Vector3 velocity(const Vector3& at, double time_s) const = 0;
  virtual double topography(const Vector3&) const { return 0; }  ///< m
  virtual bool exact() const {
    return false;
  }  ///< depth and velocity solve the equations at any time
  virtual bool wind_is_given() const { return false; }  ///< the depth alone is advanced
};

struct CaseEntry {
  const char *name, *help;
};
const std::vector<CaseEntry>& shallow_water_cases();
std::unique_ptr<ShallowWaterCase> make_shallow_water_case(const ShallowWaterParams& params,
                                                          double radius_m);

/// Start of a passive tracer, in the case's frame: two `cosine_bells` or `slotted_cylinders` on the equator, between
/// 0.1 and 1 (Lauritzen, Skamarock, Prather, Taylor 2012, section 2.3), or the sine of the `latitude`.
double initial_tracer(const std::string& name, const Vector3& at);

/// The turn between the grid's frame and the case's.
class Tilt {
 public:
  explicit Tilt(double degrees);
  Vector3 to_case(const Vector3& grid) const;
  Vector3 to_grid(const Vector3& other) const;

 private:
  double cosine_, sine_;
};

}  // namespace understudy::solvers
