// Steady incompressible flow in a rectangle, the classical way: Chebyshev collocation of velocity and
// pressure and Newton's method.
//
//   u u_x + v u_y + p_x - nu (u_xx + u_yy) = 0,   u v_x + v v_y + p_y - nu (v_xx + v_yy) = 0,
//   u_x + v_y = 0,                                u and v given on the whole boundary.
//
// Velocities are polynomials of degree N along each axis through the Gauss-Lobatto points, the pressure one
// of degree N - 2 through the inner of these points, which leaves no spurious pressure but the constant
// (Canuto et al. 2007, section 3.5; Botella 1997, Computers & Fluids 26); its mean over the inner points
// is 0. The error falls faster than any power of N for smooth flows, as a power where the boundary values
// jump. One linear system of 3 (N - 1)^2 + 1 unknowns, dense, a Newton step: N up to about 60.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

namespace understudy::pinn {

/// A part of the flow that is known in closed form and is no polynomial (singular at a corner: Botella & Peyret
/// 1998), so that polynomials stand for the rest alone. Empty: none.
struct KnownFlow {
  struct Derivatives {
    double u, v, u_x, u_y, v_x, v_y, u_laplacian, v_laplacian, p_x, p_y;
  };
  /// u, v, p at a point; not finite where the point has none.
  std::function<std::array<double, 3>(double x, double y, double viscosity)> values = {};
  /// At points {x, y} inside.
  std::function<std::vector<Derivatives>(const std::vector<std::array<double, 2>>& points,
                                         double viscosity)>
      derivatives = {};
};

struct RectangleFlow {
  double left = 0, right = 1, bottom = 0, top = 1;
  double viscosity = 1;
  /// u and v at a point of the boundary. Where they jump at a corner, either value serves.
  std::function<std::array<double, 2>(double x, double y)> boundary = {};
  KnownFlow known = {};
};

/// u, v, p as polynomials, and what is known.
class SpectralFlow {
 public:
  /// Newton's method from `start` (null: rest inside) until the residual is at rounding. RunError when it does not converge.
  SpectralFlow(const RectangleFlow& flow, int degree, const SpectralFlow* start = nullptr);

  /// u, v, p; the boundary's u and v where the known part has no value.
  std::array<double, 3> at(double x, double y) const;
  int degree() const { return degree_; }

 private:
  struct System;
  /// Points, ascending, and the barycentric weights of the polynomial through them.
  struct Axis {
    explicit Axis(std::vector<double> points);
    std::vector<double> points, weights;
  };
  RectangleFlow flow_;
  int degree_;
  Axis x_, y_;                 ///< [N + 1]
  Axis inner_x_, inner_y_;     ///< [N - 1]
  std::vector<double> u_, v_;  ///< [N + 1][N + 1], y fastest
  std::vector<double> p_;      ///< [N - 1][N - 1], y fastest
};

/// For viscosities at which Newton's method does not converge from rest: coarse and viscous first.
/// `viscosities`: on the way to flow.viscosity, falling.
std::shared_ptr<const SpectralFlow> solve_in_stages(RectangleFlow flow, int degree,
                                                    const std::vector<double>& viscosities);

}  // namespace understudy::pinn
