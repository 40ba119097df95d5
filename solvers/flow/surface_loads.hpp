// Pressure and friction on the bodies' surfaces, from a state alone, at the pieces of body_surface.hpp. With d1
// and d2 = d1 + h the distances along the normal n of two places in the fluid (linear interpolation):
//     friction   t = mu du/dn, without its part along n; du/dn at the wall of the parabola through u = 0 there and
//                u(d1), u(d2)
//     pressure   p of the parabola through p(d1), p(d2) whose slope at the wall is that of the momentum equation
//                there, dp/dn = mu d2(u.n)/dn2 + rho (g + f + b (c - c0)).n, u.n ~ d^2 near the wall; c of the
//                line through c(d1), c(d2)
// Second order in h. The molecular viscosity alone counts.
// Forces are the sums of (-p n + t) x area: they are another quadrature than that of the forcing
// (body_forcing.hpp), and both meet as the grid is refined.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "core/expression.hpp"
#include "mesh/field.hpp"
#include "solvers/flow/body_surface.hpp"

namespace understudy::solvers::flow {

struct SurfaceLoad {
  double pressure = 0;               ///< Pa
  std::array<double, 3> friction{};  ///< Pa
};

/// Of one body or all: N (2-D: N/m), and N m about a point (2-D: N, its z component).
struct SurfaceForces {
  std::array<double, 3> pressure{}, friction{}, moment{};
  double largest_friction = 0;  ///< Pa
};

/// What the fluid is and what pushes it, per mass.
struct SurfaceMedium {
  double density_kg_m3, viscosity_m2_s;
  std::array<double, 3> acceleration_m_s2{};
  std::vector<core::Expression> force_m_s2{};  ///< by axis; empty: none
  std::array<double, 3> buoyancy_m_s2{};       ///< for a unit of the scalar
  double buoyancy_from = 0;                    ///< the scalar that is not pushed
};

template <class Real>
class SurfaceLoads {
 public:
  /// Collective.
  SurfaceLoads(const Bodies& bodies, std::shared_ptr<const mesh::BoxGrid> grid);
  /// In 2-D in the order of the surfaces, body after body, anticlockwise about each from its lowest x on, and how far
  /// (m) along the surface that is.
  const std::vector<SurfacePiece>& pieces() const { return pieces_; }
  const std::vector<double>& along_m() const { return along_m_; }
  /// One a piece, the same on all ranks. Ghosts are valid. A formula that is not finite on the surface: RunError
  /// (at the start UserError). Collective.
  std::vector<SurfaceLoad> at(const mesh::State<Real>& state, const SurfaceMedium& medium) const;
  /// Sums over the pieces of a body (< 0: of all).
  SurfaceForces forces(const std::vector<SurfaceLoad>& loads, int body,
                       const mesh::Point& moment_point) const;

 private:
  std::shared_ptr<const mesh::BoxGrid> grid_;
  double h_;
  std::vector<SurfacePiece> pieces_;
  std::vector<double> along_m_;
};

}  // namespace understudy::solvers::flow
