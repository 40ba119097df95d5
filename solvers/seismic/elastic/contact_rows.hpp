// Where a fluid touches a solid the tangential velocity jumps and the shear stress is 0. Differences across
// such a contact would take the jump for a strain, and by their transpose push the fluid sideways: motion
// that stays at the contact, whatever the spacing, and grows in absorbing layers. So the difference of a
// velocity that makes a shear stress reaches only as far as there is solid on both sides, with the
// coefficients of the order that this leaves (2 next to the contact), and the shear stress acts on the
// velocities by minus the transpose of that, in the weights of surface_closure.hpp near a free surface:
// summation by parts, and with it the conservation of energy, hold for contacts of any shape (Kreiss and
// Scherer 1974). Rows of a sparse matrix hold what this changes of the plain differences.
// Private to the elastic solver.
#pragma once

#include <array>

#include "solvers/seismic/elastic/elastic_kernels.hpp"
#include "solvers/seismic/numerics/wave_grid.hpp"

namespace understudy::solvers::seismic {

/// target += dt * stiffness or buoyancy * sum of weight * source, one row a target.
template <class Real>
struct ContactRows {
  int rows = 0;
  Kokkos::View<int*, mesh::Memory> first;                        ///< [rows + 1] into the entries
  Kokkos::View<int*, mesh::Memory> target_component, component;  ///< [rows], [entries]
  Kokkos::View<Offset*, mesh::Memory> target, source;            ///< indices [rows], [entries]
  Kokkos::View<Real*, mesh::Memory> weight;                      ///< 1/m, [entries]
};

template <class Real>
struct Contacts {
  ContactRows<Real> stress;    ///< shear stresses from velocities
  ContactRows<Real> velocity;  ///< velocities from shear stresses
  bool none() const { return stress.rows == 0 && velocity.rows == 0; }
};

/// What the contacts' rows need to know of the differences: the dense rows near a free surface and the
/// weights of the vertical rows [local vertical index] of cells and of faces.
struct ContactSetup {
  int radius = 4;
  int surface_rows = 0;  ///< dense rows on this rank; 0: none
  SurfaceDifferences surface;
  std::vector<double> cell_weight, face_weight;
};

template <class Real>
Contacts<Real> make_contacts(const WaveGrid& grid, const SolidMap& solid,
                             const ContactSetup& setup);

template <class Real>
struct ContactStress {
  ContactRows<Real> m;
  Real* v[3];
  Real* s[6];
  const Real* mu_edge[6];
  Real dt;
  KOKKOS_INLINE_FUNCTION void operator()(int r) const {
    Real sum = 0;
    for (int e = m.first(r); e < m.first(r + 1); ++e)
      sum += m.weight(e) * v[m.component(e)][m.source(e)];
    const int c = m.target_component(r);
    const Offset n = m.target(r);
    s[c][n] += dt * mu_edge[c][n] * sum;
  }
};

template <class Real>
struct ContactVelocity {
  ContactRows<Real> m;
  Real* v[3];
  Real* s[6];
  const Real* buoyancy[3];
  Real dt;
  KOKKOS_INLINE_FUNCTION void operator()(int r) const {
    Real sum = 0;
    for (int e = m.first(r); e < m.first(r + 1); ++e)
      sum += m.weight(e) * s[m.component(e)][m.source(e)];
    const int a = m.target_component(r);
    const Offset n = m.target(r);
    v[a][n] += dt * buoyancy[a][n] * sum;
  }
};

}  // namespace understudy::solvers::seismic
