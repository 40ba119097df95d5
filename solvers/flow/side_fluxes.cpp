#include "solvers/flow/side_fluxes.hpp"

#include <span>
#include <type_traits>

#include "mesh/loops.hpp"
#include "solvers/flow/les_kernels.hpp"

namespace understudy::solvers::flow {

namespace {

template <int axis>
using Axis = std::integral_constant<int, axis>;

template <int dim, class F>
void for_axes(const F& f) {
  f(Axis<0>{});
  f(Axis<1>{});
  if constexpr (dim == 3) f(Axis<2>{});
}

// This rank holds cells beside that side, and it is one.
bool has_side(const mesh::BoxGrid& grid, int axis, bool upper) {
  return grid.at_boundary(2 * axis + (upper ? 1 : 0));
}

// The free velocity points of a component: no face that lies on a side.
mesh::Range3 free_points(const mesh::BoxGrid& grid, int component) {
  mesh::Range3 r = grid.interior();
  if (has_side(grid, component, false)) ++r.begin[component];
  return r;
}

template <class Real>
struct Fluid {
  Steps<Real> s;
  const Real *u[3], *p, *nu_t;
  Real nu;
  Fluid(const mesh::BoxGrid& grid, const FluxInputs<Real>& in)
      : s(grid),
        u{in.u[0].data(), in.u[1].data(), in.u[2].data()},
        p(in.p.data()),
        nu_t(in.eddy_viscosity.data()),
        nu(in.numbers.viscosity) {}
};

double area_across(const mesh::BoxGrid& grid, int axis) {
  return grid.cell_volume() / grid.spacing(axis);
}

// Fluxes of component a through lower b-faces of its control volumes, towards higher b.
template <int a, int b, bool upwind, class Real>
struct Convected {
  Fluid<Real> f;
  KOKKOS_INLINE_FUNCTION double operator()(int k, int j, int i) const {
    return double(momentum_flux<a, b, upwind>(f.u[a], f.u[b], f.s.at(k, j, i), f.s));
  }
};

template <int a, int b, class Real>
struct Viscous {
  Fluid<Real> f;
  KOKKOS_INLINE_FUNCTION double operator()(int k, int j, int i) const {
    const Index n = f.s.at(k, j, i), e = f.s.template step<b>();
    Real stress = f.nu * (f.u[a][n] - f.u[a][n - e]) * f.s.inv_h[b];
    if (f.nu_t != nullptr) stress += eddy_stress<a, b>(f.u[a], f.u[b], f.nu_t, n, f.s);
    return double(stress);
  }
};

template <int a, class Real>
struct Pushed {
  Fluid<Real> f;
  KOKKOS_INLINE_FUNCTION double operator()(int k, int j, int i) const {
    return double(f.p[f.s.at(k, j, i) - f.s.template step<a>()]);
  }
};

template <int a, int b, bool upwind, class Real>
void add_side(const mesh::BoxGrid& grid, const Fluid<Real>& f, bool upper, SideMomentum& sum) {
  mesh::Range3 row = free_points(grid, a);
  if (upper) row.begin[b] = row.end[b];
  row.end[b] = row.begin[b] + 1;
  const double area = (upper ? -1 : 1) * area_across(grid, b);
  sum.convected[a] += area * mesh::sum_cells("convected", row, Convected<a, b, upwind, Real>{f});
  sum.viscous[a] -= area * mesh::sum_cells("viscous", row, Viscous<a, b, Real>{f});
  if constexpr (a == b)
    sum.pressure[a] += area * mesh::sum_cells("pressure", row, Pushed<a, Real>{f});
}

template <int dim, bool upwind, class Real>
SideMomentum momentum(const mesh::BoxGrid& grid, const FluxInputs<Real>& in) {
  const Fluid<Real> f(grid, in);
  SideMomentum sum;
  for_axes<dim>([&](auto of) {
    constexpr int a = decltype(of)::value;
    sum.free_points[a] = double(free_points(grid, a).count());
    for_axes<dim>([&](auto across) {
      constexpr int b = decltype(across)::value;
      for (const bool upper : {false, true})
        if (has_side(grid, b, upper)) add_side<a, b, upwind>(grid, f, upper, sum);
    });
  });
  return sum;
}

// The velocity component a at the middle of the lower b-face of cell n.
template <int a, int b, class Real>
KOKKOS_INLINE_FUNCTION Real at_side(const Fluid<Real>& f, const Index n) {
  if constexpr (a == b) return f.u[a][n];
  const Index ea = f.s.template step<a>(), eb = f.s.template step<b>();
  return Real(0.25) * (f.u[a][n] + f.u[a][n + ea] + f.u[a][n - eb] + f.u[a][n + ea - eb]);
}

// The gradient du_a/dx_b there; of the normal velocity that of the cell beside the side.
template <int a, int b, class Real>
KOKKOS_INLINE_FUNCTION Real across_side(const Fluid<Real>& f, const Index n, const bool upper) {
  const Index ea = f.s.template step<a>(), eb = f.s.template step<b>();
  if constexpr (a == b) {
    const Index in = upper ? n - eb : n;  // the cell in the box
    return (f.u[a][in + eb] - f.u[a][in]) * f.s.inv_h[b];
  }
  return Real(0.5) * (f.u[a][n] + f.u[a][n + ea] - f.u[a][n - eb] - f.u[a][n + ea - eb]) *
         f.s.inv_h[b];
}

// du_b/dx_a at the middle of the lower b-face of cell n, a != b.
template <int a, int b, class Real>
KOKKOS_INLINE_FUNCTION Real along_side(const Fluid<Real>& f, const Index n) {
  const Index ea = f.s.template step<a>();
  return Real(0.5) * (f.u[b][n + ea] - f.u[b][n - ea]) * f.s.inv_h[a];
}

template <int dim, int b, class Real>
struct Power {
  Fluid<Real> f;
  Real rho;
  bool upper;
  KOKKOS_INLINE_FUNCTION Real speed_squared(const Index n) const {
    Real sum = square(at_side<0, b>(f, n)) + square(at_side<1, b>(f, n));
    if constexpr (dim == 3) sum += square(at_side<2, b>(f, n));
    return sum;
  }
  // u.tau.e_b
  KOKKOS_INLINE_FUNCTION Real work(const Index n) const {
    Real sum = work_of<0>(n) + work_of<1>(n);
    if constexpr (dim == 3) sum += work_of<2>(n);
    return rho * f.nu * sum;
  }
  template <int a>
  KOKKOS_INLINE_FUNCTION Real work_of(const Index n) const {
    if constexpr (a == b) return Real(2) * f.u[b][n] * across_side<b, b>(f, n, upper);
    return at_side<a, b>(f, n) * (across_side<a, b>(f, n, upper) + along_side<a, b>(f, n));
  }
  KOKKOS_INLINE_FUNCTION static Real square(const Real x) { return x * x; }
};

template <int dim, class Real>
KOKKOS_INLINE_FUNCTION Real strain(const Fluid<Real>& f, const Index n) {
  Real g[3][3] = {};
  if constexpr (dim == 3) {
    velocity_gradient(f.u, n, f.s, g);
  } else {
    g[0][0] = gradient_at_cell<0, 0>(f.u[0], n, f.s);
    g[0][1] = gradient_at_cell<0, 1>(f.u[0], n, f.s);
    g[1][0] = gradient_at_cell<1, 0>(f.u[1], n, f.s);
    g[1][1] = gradient_at_cell<1, 1>(f.u[1], n, f.s);
  }
  return strain_squared(g);
}

template <int dim, int b, class Real>
struct EnergyThrough {
  Power<dim, b, Real> power;
  KOKKOS_INLINE_FUNCTION double operator()(int k, int j, int i) const {
    const Index n = power.f.s.at(k, j, i), e = power.f.s.template step<b>();
    const Index in = power.upper ? n - e : n, further = power.upper ? n - 2 * e : n + e;
    const Real p = Real(1.5) * power.f.p[in] - Real(0.5) * power.f.p[further];
    return double((p + Real(0.5) * power.rho * power.speed_squared(n)) * power.f.u[b][n]);
  }
};

template <int dim, int b, class Real>
struct WorkAt {
  Power<dim, b, Real> power;
  KOKKOS_INLINE_FUNCTION double operator()(int k, int j, int i) const {
    return double(power.work(power.f.s.at(k, j, i)));
  }
};

template <int dim, class Real>
struct Dissipated {
  Fluid<Real> f;
  KOKKOS_INLINE_FUNCTION double operator()(int k, int j, int i) const {
    const Index n = f.s.at(k, j, i);
    const Real nu = f.nu_t != nullptr ? f.nu + f.nu_t[n] : f.nu;
    return double(nu * strain<dim>(f, n));
  }
};

template <int dim, class Real>
SideEnergy energy(const mesh::BoxGrid& grid, const FluxInputs<Real>& in) {
  const Fluid<Real> f(grid, in);
  SideEnergy sum;
  for_axes<dim>([&](auto across) {
    constexpr int b = decltype(across)::value;
    for (const bool upper : {false, true}) {
      if (!has_side(grid, b, upper)) continue;
      mesh::Range3 row = grid.interior();
      if (upper) row.begin[b] = row.end[b];
      row.end[b] = row.begin[b] + 1;
      const Power<dim, b, Real> power{f, Real(in.density_kg_m3), upper};
      const double area = (upper ? -1 : 1) * area_across(grid, b);
      sum.in += area * mesh::sum_cells("energy in", row, EnergyThrough<dim, b, Real>{power});
      sum.side_power -= area * mesh::sum_cells("side power", row, WorkAt<dim, b, Real>{power});
    }
  });
  sum.dissipation = 2 * in.density_kg_m3 * grid.cell_volume() *
                    mesh::sum_cells("dissipation", grid.interior(), Dissipated<dim, Real>{f});
  return sum;
}

}  // namespace

template <class Real>
SideMomentum side_momentum(const mesh::BoxGrid& grid, const FluxInputs<Real>& in) {
  const bool upwind = in.numbers.upwind;
  SideMomentum sum = grid.dimension() == 2
                         ? (upwind ? momentum<2, true>(grid, in) : momentum<2, false>(grid, in))
                         : (upwind ? momentum<3, true>(grid, in) : momentum<3, false>(grid, in));
  std::array<double, 12> all{};
  for (std::size_t a = 0; a < 3; ++a) {
    all[a] = in.density_kg_m3 * sum.convected[a];
    all[3 + a] = sum.pressure[a];
    all[6 + a] = in.density_kg_m3 * sum.viscous[a];
    all[9 + a] = sum.free_points[a];
  }
  grid.comm().sum(std::span<double>(all));
  for (std::size_t a = 0; a < 3; ++a) {
    sum.convected[a] = all[a];
    sum.pressure[a] = all[3 + a];
    sum.viscous[a] = all[6 + a];
    sum.free_points[a] = all[9 + a];
  }
  return sum;
}

template <class Real>
SideEnergy side_energy(const mesh::BoxGrid& grid, const FluxInputs<Real>& in) {
  const SideEnergy mine = grid.dimension() == 2 ? energy<2>(grid, in) : energy<3>(grid, in);
  std::array<double, 3> all{mine.in, mine.side_power, mine.dissipation};
  grid.comm().sum(std::span<double>(all));
  return {all[0], all[1], all[2]};
}

template SideMomentum side_momentum(const mesh::BoxGrid&, const FluxInputs<float>&);
template SideMomentum side_momentum(const mesh::BoxGrid&, const FluxInputs<double>&);
template SideEnergy side_energy(const mesh::BoxGrid&, const FluxInputs<float>&);
template SideEnergy side_energy(const mesh::BoxGrid&, const FluxInputs<double>&);

}  // namespace understudy::solvers::flow
