// Private to mesh/geometry/geometry*.cpp: the analytic shapes. Points and lengths in m.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "mesh/geometry/geometry.hpp"

namespace understudy::mesh::shapes {

/// Circle of the x-y plane, infinite along z.
std::unique_ptr<Body> cylinder(const Point& center, double radius);
std::unique_ptr<Body> sphere(const Point& center, double radius);
/// `half`: half lengths; infinity along z for a prism. `angle`: clockwise about z, rad.
std::unique_ptr<Body> box(const Point& center, const Point& half, double angle);

/// NACA four-digit section, infinite along z; `center` is mid-chord, `angle` nose-up (clockwise),
/// rad.
std::unique_ptr<Body> naca(const Point& center, const std::string& digits, double chord,
                           double angle);
/// What is wrong with the digits; empty if nothing is.
std::string naca_problem(const std::string& digits);

}  // namespace understudy::mesh::shapes
