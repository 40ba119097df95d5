#include "solvers/flow/buoyancy.hpp"

#include "mesh/loops.hpp"

namespace understudy::solvers::flow {

namespace {

struct Offset {
  int k, j, i;
  explicit Offset(int axis) : k(axis == 2), j(axis == 1), i(axis == 0) {}
};

}  // namespace

Buoyancy::Buoyancy(const FlowScalarParams& params) : from(params.buoyancy_from) {
  for (std::size_t axis = 0; axis < params.buoyancy_m_s2.size(); ++axis)
    per_unit_m_s2[axis] = params.buoyancy_m_s2[axis];
}

bool Buoyancy::empty() const {
  return per_unit_m_s2[0] == 0 && per_unit_m_s2[1] == 0 && per_unit_m_s2[2] == 0;
}

template <class Real>
void add_buoyancy(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step,
                  const Buoyancy& buoyancy, const mesh::Array3<Real>& scalar,
                  const std::array<Velocity<Real>, 2>& rate_star) {
  const Real weight = step.dt * step.weight_now, from = Real(buoyancy.from);
  for (int a = 0; a < grid.dimension(); ++a) {
    const Real b = Real(buoyancy.per_unit_m_s2[a]);
    if (b == 0) continue;
    const Offset e(a);
    const auto c = scalar, rate = rate_star[0][a], star = rate_star[1][a];
    mesh::for_cells(
        "buoyancy", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
          const Real push = b * (Real(0.5) * (c(k, j, i) + c(k - e.k, j - e.j, i - e.i)) - from);
          rate(k, j, i) += push;
          star(k, j, i) += weight * push;
        });
  }
}

template <class Real>
Velocity<Real> with_buoyancy(const mesh::BoxGrid& grid, const Buoyancy& buoyancy,
                             const mesh::Array3<Real>& scalar, const Velocity<Real>& force) {
  if (buoyancy.empty()) return force;
  Velocity<Real> sum;
  const Real from = Real(buoyancy.from);
  for (int a = 0; a < grid.dimension(); ++a) {
    sum[a] = mesh::Array3<Real>("push", grid.extent(2), grid.extent(1), grid.extent(0));
    if (force[a].data()) Kokkos::deep_copy(sum[a], force[a]);
    const Real b = Real(buoyancy.per_unit_m_s2[a]);
    const Offset e(a);
    const auto c = scalar, to = sum[a];
    mesh::for_cells(
        "buoyancy", grid.points(static_cast<mesh::Location>(a + 1)),
        KOKKOS_LAMBDA(int k, int j, int i) {
          to(k, j, i) += b * (Real(0.5) * (c(k, j, i) + c(k - e.k, j - e.j, i - e.i)) - from);
        });
  }
  return sum;
}

template <class Real>
double scalar_flux(const mesh::BoxGrid& grid, int side, double diffusivity_m2_s,
                   const mesh::Array3<Real>& scalar) {
  const int axis = mesh::side_axis(side);
  const bool upper = mesh::is_upper(side);
  double sum = 0;
  if (grid.at_boundary(side)) {
    mesh::Range3 row = grid.interior();
    if (upper)
      row.begin[axis] = row.end[axis] - 1;
    else
      row.end[axis] = row.begin[axis] + 1;
    const Offset e(axis);
    const int out = upper ? 1 : -1;
    const auto c = scalar;
    sum = mesh::sum_cells(
        "scalar flux", row, KOKKOS_LAMBDA(int k, int j, int i) {
          return static_cast<double>(c(k + out * e.k, j + out * e.j, i + out * e.i) - c(k, j, i));
        });
  }
  const double h = grid.spacing(axis);
  return grid.comm().sum(sum) * diffusivity_m2_s * grid.cell_volume() / (h * h);
}

template void add_buoyancy(const mesh::BoxGrid&, const StepCoefficients<float>&, const Buoyancy&,
                           const mesh::Array3<float>&, const std::array<Velocity<float>, 2>&);
template void add_buoyancy(const mesh::BoxGrid&, const StepCoefficients<double>&, const Buoyancy&,
                           const mesh::Array3<double>&, const std::array<Velocity<double>, 2>&);
template Velocity<float> with_buoyancy(const mesh::BoxGrid&, const Buoyancy&,
                                       const mesh::Array3<float>&, const Velocity<float>&);
template Velocity<double> with_buoyancy(const mesh::BoxGrid&, const Buoyancy&,
                                        const mesh::Array3<double>&, const Velocity<double>&);
template double scalar_flux(const mesh::BoxGrid&, int, double, const mesh::Array3<float>&);
template double scalar_flux(const mesh::BoxGrid&, int, double, const mesh::Array3<double>&);

}  // namespace understudy::solvers::flow
