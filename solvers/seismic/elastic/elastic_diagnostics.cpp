// Energies of the elastic solver, and what it derives from its state for outputs.
#include "core/error.hpp"
#include "mesh/loops.hpp"
#include "solvers/seismic/elastic/elastic_impl.hpp"

namespace understudy::solvers::seismic {
namespace {

using Weights = Kokkos::View<const double*, mesh::Memory>;

struct Energies {
  double kinetic = 0, strain = 0;
};

// Sum of v^2 / (2 b) over the points of a velocity, weighted by vertical row.
template <class Real>
double kinetic_sum(const mesh::Range3& range, const mesh::Array3<Real>& v,
                   const mesh::Array3<Real>& buoyancy, const Weights& weight, int vertical) {
  return mesh::sum_cells(
      "kinetic energy", range, KOKKOS_LAMBDA(int k, int j, int i) {
        const double speed = v(k, j, i);
        return 0.5 * weight(vertical == 1 ? j : k) * speed * speed / double(buoyancy(k, j, i));
      });
}

// Sum of r s / (4 mu) x 2 over the edges of a shear stress; fluids have none.
template <class Real>
double shear_sum(const mesh::Range3& range, const mesh::Array3<Real>& s,
                 const mesh::Array3<Real>& r, const mesh::Array3<Real>& mu, const Weights& weight,
                 int vertical) {
  return mesh::sum_cells(
      "shear energy", range, KOKKOS_LAMBDA(int k, int j, int i) {
        const double stiffness = mu(k, j, i);
        if (!(stiffness > 0)) return 0.0;
        return 0.5 * weight(vertical == 1 ? j : k) * double(s(k, j, i)) * double(r(k, j, i)) /
               stiffness;
      });
}

template <class Real>
struct NormalStresses {
  mesh::Array3<Real> s[3], r[3], lambda, mu;
  Weights weight;
  int dimension;

  KOKKOS_INLINE_FUNCTION double operator()(int k, int j, int i) const {
    double trace_s = 0, trace_r = 0, deviator = 0;
    for (int a = 0; a < dimension; ++a) {
      trace_s += s[a](k, j, i);
      trace_r += r[a](k, j, i);
    }
    for (int a = 0; a < dimension; ++a)
      deviator += (double(s[a](k, j, i)) - trace_s / dimension) *
                  (double(r[a](k, j, i)) - trace_r / dimension);
    const double shear = mu(k, j, i);
    const double bulk = double(lambda(k, j, i)) + 2 * shear / dimension;
    double energy = trace_s * trace_r / (dimension * dimension * bulk);
    if (shear > 0) energy += deviator / (2 * shear);
    return 0.5 * weight(dimension == 2 ? j : k) * energy;
  }
};

template <class Real>
mesh::Array3<Real> like(const mesh::BoxGrid& grid, const char* name) {
  return mesh::Array3<Real>(name, grid.extent(2), grid.extent(1), grid.extent(0));
}

template <class Real>
void add_to(const mesh::Range3& range, const mesh::Array3<Real>& a, const mesh::Array3<Real>& b,
            Real factor) {
  mesh::for_cells(
      "add", range, KOKKOS_LAMBDA(int k, int j, int i) { a(k, j, i) += factor * b(k, j, i); });
}

template <class Real>
void curl_2d(const mesh::BoxGrid& grid, const mesh::Array3<Real>& u, const mesh::Array3<Real>& v,
             const mesh::Array3<Real>& out) {
  const auto hx = Real(1 / grid.spacing(0)), hy = Real(1 / grid.spacing(1));
  mesh::for_cells(
      "curl", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        // Mean of the four edges around the cell.
        const Real dv = v(k, j, i + 1) + v(k, j + 1, i + 1) - v(k, j, i - 1) - v(k, j + 1, i - 1);
        const Real du = u(k, j + 1, i) + u(k, j + 1, i + 1) - u(k, j - 1, i) - u(k, j - 1, i + 1);
        out(k, j, i) = Real(0.25) * (dv * hx - du * hy);
      });
}

template <class Real>
void divergence(const mesh::BoxGrid& grid, const mesh::Array3<Real>& v, int axis,
                const mesh::Array3<Real>& out) {
  const auto h = Real(1 / grid.spacing(axis));
  const int di = axis == 0, dj = axis == 1, dk = axis == 2;
  mesh::for_cells(
      "divergence", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        out(k, j, i) += h * (v(k + dk, j + dj, i + di) - v(k, j, i));
      });
}

}  // namespace

template <class Real>
double ElasticSolver<Real>::kinetic_energy(const mesh::State<Real>& state) const {
  const Impl& m = *impl_;
  const mesh::BoxGrid& grid = *m.grid.padded;
  const int vertical = m.dimension - 1;
  double kinetic = 0;
  for (int a = 0; a < m.dimension; ++a) {
    mesh::Range3 points = grid.interior();
    if (a == vertical && m.grid.free_surface() && grid.at_boundary(2 * a + 1)) ++points.end[a];
    kinetic +=
        kinetic_sum(points, state[velocity_name(a)].component(), m.medium.buoyancy[a],
                    a == vertical ? m.sweeps->face_weight() : m.sweeps->cell_weight(), vertical);
  }
  return grid.comm().sum(kinetic * grid.cell_volume());
}

// The strain energy at the velocities' time is half of s(before) : S : s(after), which the leapfrog
// conserves together with the kinetic energy; s(before) = s(after) - dt C grad v.
template <class Real>
std::vector<Diagnostic> ElasticSolver<Real>::diagnostics(const mesh::State<Real>& state) {
  const Impl& m = *impl_;
  const mesh::BoxGrid& grid = *m.grid.padded;
  const int dimension = m.dimension, vertical = dimension - 1;
  const Weights cells = m.sweeps->cell_weight(), faces = m.sweeps->face_weight();
  const mesh::Range3 range = grid.interior();

  ElasticArrays<Real> arrays = m.arrays(state);
  std::vector<mesh::Array3<Real>> before;
  for (int c = 0; c < stress_count(dimension); ++c) {
    before.push_back(like<Real>(grid, "stress before"));
    Kokkos::deep_copy(before.back(), state[stress_name(dimension, c)].component());
    arrays.stress[c] = before.back().data();
  }
  m.sweeps->stress(arrays, -m.setup.dt_s, false);

  const double kinetic = kinetic_energy(state);
  double strain = 0;
  NormalStresses<Real> normal;
  for (int a = 0; a < dimension; ++a) {
    normal.s[a] = state[stress_name(dimension, a)].component();
    normal.r[a] = before[a];
  }
  normal.lambda = m.medium.lambda;
  normal.mu = m.medium.mu;
  normal.weight = cells;
  normal.dimension = dimension;
  strain += mesh::sum_cells("normal energy", range, normal);
  for (int a = 0; a < dimension; ++a)
    for (int b = a + 1; b < dimension; ++b) {
      const int c = shear_index(dimension, a, b);
      strain += shear_sum(range, state[stress_name(dimension, c)].component(), before[c],
                          m.medium.mu_edge[c], b == vertical ? faces : cells, vertical);
    }
  strain = grid.comm().sum(strain * grid.cell_volume());
  const char* unit = dimension == 2 ? "J/m" : "J";
  return {{"seismic.kinetic_energy", unit, kinetic, DiagnosticKind::free},
          {"seismic.strain_energy", unit, strain, DiagnosticKind::free},
          {"seismic.total_energy", unit, kinetic + strain, DiagnosticKind::free}};
}

template <class Real>
std::vector<std::string> ElasticSolver<Real>::derived_names() const {
  if (impl_->dimension == 2) return {"pressure", "divergence", "curl"};
  return {"pressure", "divergence"};
}

template <class Real>
mesh::CellField<Real> ElasticSolver<Real>::derive(const mesh::State<Real>& state,
                                                  const std::string& name) {
  const mesh::BoxGrid& grid = *impl_->grid.padded;
  const int dimension = impl_->dimension;
  mesh::CellField<Real> field{name, name == "pressure" ? "Pa" : "1/s", like<Real>(grid, "derived")};
  if (name == "pressure") {
    for (int a = 0; a < dimension; ++a)
      add_to(grid.interior(), field.data, state[stress_name(dimension, a)].component(),
             Real(-1.0 / dimension));
  } else if (name == "divergence") {
    for (int a = 0; a < dimension; ++a)
      divergence(grid, state[velocity_name(a)].component(), a, field.data);
  } else if (name == "curl" && dimension == 2) {
    curl_2d(grid, state[velocity_name(0)].component(), state[velocity_name(1)].component(),
            field.data);
  } else {
    return Stepper<Real>::derive(state, name);
  }
  return field;
}

template double ElasticSolver<float>::kinetic_energy(const mesh::State<float>&) const;
template double ElasticSolver<double>::kinetic_energy(const mesh::State<double>&) const;
template std::vector<Diagnostic> ElasticSolver<float>::diagnostics(const mesh::State<float>&);
template std::vector<Diagnostic> ElasticSolver<double>::diagnostics(const mesh::State<double>&);
template std::vector<std::string> ElasticSolver<float>::derived_names() const;
template std::vector<std::string> ElasticSolver<double>::derived_names() const;
template mesh::CellField<float> ElasticSolver<float>::derive(const mesh::State<float>&,
                                                             const std::string&);
template mesh::CellField<double> ElasticSolver<double>::derive(const mesh::State<double>&,
                                                               const std::string&);

}  // namespace understudy::solvers::seismic
