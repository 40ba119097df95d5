#include "solvers/flow/derived.hpp"

#include <stdexcept>

#include "mesh/loops.hpp"
#include "solvers/flow/derived_kernels.hpp"

namespace understudy::solvers::flow {

namespace {

enum class Quantity { vorticity, vorticity_x, vorticity_y, vorticity_z, q, divergence, speed };

template <class Real, int dim, Quantity quantity>
struct Point {
  Steps<Real> s;
  const Real* u[3];
  KOKKOS_INLINE_FUNCTION Real operator()(const Index n) const {
    if constexpr (quantity == Quantity::vorticity) {
      if constexpr (dim == 2)
        return cell_vorticity<0, 1, 1>(u[0], u[1], n, s);
      else
        return Kokkos::sqrt(vorticity_squared<dim>(u, n, s));
    } else if constexpr (quantity == Quantity::vorticity_x) {
      return cell_vorticity<1, 2, 1>(u[1], u[2], n, s);
    } else if constexpr (quantity == Quantity::vorticity_y) {
      return cell_vorticity<2, 0, 1>(u[2], u[0], n, s);
    } else if constexpr (quantity == Quantity::vorticity_z) {
      return cell_vorticity<0, 1, 1>(u[0], u[1], n, s);
    } else if constexpr (quantity == Quantity::q) {
      return q_criterion<dim>(u, n, s);
    } else if constexpr (quantity == Quantity::divergence) {
      return flow::divergence<dim>(u, n, s);
    } else {
      return Kokkos::sqrt(speed_squared<dim>(u, n, s));
    }
  }
};

template <class Real, int dim, Quantity quantity>
void fill(const mesh::BoxGrid& grid, const Velocity<Real>& u, const mesh::Array3<Real>& out) {
  const Point<Real, dim, quantity> point{Steps<Real>(grid),
                                         {u[0].data(), u[1].data(), u[2].data()}};
  mesh::for_cells(
      "derived", grid.interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { out(k, j, i) = point(point.s.at(k, j, i)); });
}

template <class Real, int dim>
bool fill_by_name(const mesh::BoxGrid& grid, const Velocity<Real>& u, const std::string& name,
                  const mesh::Array3<Real>& out) {
  if (name == "vorticity")
    fill<Real, dim, Quantity::vorticity>(grid, u, out);
  else if (name == "q_criterion")
    fill<Real, dim, Quantity::q>(grid, u, out);
  else if (name == "divergence")
    fill<Real, dim, Quantity::divergence>(grid, u, out);
  else if (name == "speed")
    fill<Real, dim, Quantity::speed>(grid, u, out);
  else if (dim == 3 && name == "vorticity_x")
    fill<Real, dim, Quantity::vorticity_x>(grid, u, out);
  else if (dim == 3 && name == "vorticity_y")
    fill<Real, dim, Quantity::vorticity_y>(grid, u, out);
  else if (dim == 3 && name == "vorticity_z")
    fill<Real, dim, Quantity::vorticity_z>(grid, u, out);
  else
    return false;
  return true;
}

template <class Real>
struct Pointers {
  const Real* u[3];
};

template <class Real, int dim>
FlowIntegrals sums(const mesh::BoxGrid& grid, const Velocity<Real>& u) {
  const Steps<Real> s(grid);
  const Pointers<Real> q{{u[0].data(), u[1].data(), u[2].data()}};
  FlowIntegrals r;
  const mesh::Range3 cells = grid.interior();
  r.speed_squared = mesh::sum_cells(
      "energy", cells, KOKKOS_LAMBDA(int k, int j, int i) {
        return static_cast<double>(speed_squared<dim>(q.u, s.at(k, j, i), s));
      });
  r.vorticity_squared = mesh::sum_cells(
      "enstrophy", cells, KOKKOS_LAMBDA(int k, int j, int i) {
        return static_cast<double>(vorticity_squared<dim>(q.u, s.at(k, j, i), s));
      });
  for (int a = 0; a < dim; ++a)
    r.momentum[a] = mesh::sum_cells(
        "momentum", cells,
        KOKKOS_LAMBDA(int k, int j, int i) { return static_cast<double>(q.u[a][s.at(k, j, i)]); });
  r.divergence_squared = divergence_norms(grid, u)[0];
  return r;
}

}  // namespace

std::vector<std::string> derived_quantities(int dimension) {
  std::vector<std::string> names{"vorticity", "q_criterion", "divergence", "speed"};
  if (dimension == 3) names.insert(names.end(), {"vorticity_x", "vorticity_y", "vorticity_z"});
  return names;
}

std::string derived_unit(const std::string& name) {
  return name == "speed" ? "m/s" : name == "q_criterion" ? "1/s2" : "1/s";
}

template <class Real>
mesh::Array3<Real> derived_quantity(const mesh::BoxGrid& grid, const Velocity<Real>& u,
                                    const std::string& name) {
  mesh::Array3<Real> out("derived", grid.extent(2), grid.extent(1), grid.extent(0));
  const bool known = grid.dimension() == 2 ? fill_by_name<Real, 2>(grid, u, name, out)
                                           : fill_by_name<Real, 3>(grid, u, name, out);
  if (!known) throw std::out_of_range("no derived field '" + name + "' of the flow");
  return out;
}

template <class Real>
FlowIntegrals integrate(const mesh::BoxGrid& grid, const Velocity<Real>& u) {
  FlowIntegrals r = grid.dimension() == 2 ? sums<Real, 2>(grid, u) : sums<Real, 3>(grid, u);
  std::array<double, 6> all{r.speed_squared, r.vorticity_squared, r.divergence_squared,
                            r.momentum[0],   r.momentum[1],       r.momentum[2]};
  grid.comm().sum(std::span<double>(all));
  for (double& value : all) value *= grid.cell_volume();
  return {all[0], all[1], {all[3], all[4], all[5]}, all[2]};
}

template <class Real>
double integrate(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a) {
  const double mine = mesh::sum_cells(
      "integral", grid.interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { return static_cast<double>(a(k, j, i)); });
  return grid.comm().sum(mine) * grid.cell_volume();
}

template <class Real>
double integrate_product(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a,
                         const mesh::Array3<Real>& b) {
  const double mine = mesh::sum_cells(
      "integral", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        return static_cast<double>(a(k, j, i)) * static_cast<double>(b(k, j, i));
      });
  return grid.comm().sum(mine) * grid.cell_volume();
}

template mesh::Array3<float> derived_quantity(const mesh::BoxGrid&, const Velocity<float>&,
                                              const std::string&);
template mesh::Array3<double> derived_quantity(const mesh::BoxGrid&, const Velocity<double>&,
                                               const std::string&);
template FlowIntegrals integrate(const mesh::BoxGrid&, const Velocity<float>&);
template FlowIntegrals integrate(const mesh::BoxGrid&, const Velocity<double>&);
template double integrate(const mesh::BoxGrid&, const mesh::Array3<float>&);
template double integrate(const mesh::BoxGrid&, const mesh::Array3<double>&);
template double integrate_product(const mesh::BoxGrid&, const mesh::Array3<float>&,
                                  const mesh::Array3<float>&);
template double integrate_product(const mesh::BoxGrid&, const mesh::Array3<double>&,
                                  const mesh::Array3<double>&);

}  // namespace understudy::solvers::flow
