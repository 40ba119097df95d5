// Derived fields and diagnostics of the shallow-water equations.
#include <cmath>

#include "mesh/cell_measure.hpp"
#include "mesh/loops.hpp"
#include "solvers/weather/shallow_water/shallow_water_impl.hpp"

namespace understudy::solvers {

using namespace shallow_water;

namespace shallow_water {

namespace {

// Curl and divergence of a tangent field from its Cartesian components, sixth order.
template <class Real>
struct Derivatives {
  Components<mesh::Array3<Real>> velocity, radial;
  std::array<AxisMetric<Real>, 2> axis;

  KOKKOS_INLINE_FUNCTION Real slope(const int c, const int a, const int k, const int j,
                                    const int i) const {
    const Real* const q = &velocity[c](k, j, i);
    const long s = a == 0 ? 1 : long(velocity[c].extent(2));
    return (Real(45) * (q[s] - q[-s]) - Real(9) * (q[2 * s] - q[-2 * s]) + (q[3 * s] - q[-3 * s])) *
           Real(1.0 / 60) * axis[a].gradient(j, i);
  }
  KOKKOS_INLINE_FUNCTION Real divergence(const int k, const int j, const int i) const {
    Real sum = 0;
    for (int a = 0; a < 2; ++a)
      for (int c = 0; c < 3; ++c)
        sum += axis[a].centre_normal[c](k, a == 0 ? i : j) * slope(c, a, k, j, i);
    return sum;
  }
  KOKKOS_INLINE_FUNCTION Real vorticity(const int k, const int j, const int i) const {
    Real sum = 0;
    for (int a = 0; a < 2; ++a) {
      const int index = a == 0 ? i : j;
      for (int c = 0; c < 3; ++c) {
        const int d = (c + 1) % 3, e = (c + 2) % 3;
        const Real curl = axis[a].centre_normal[d](k, index) * slope(e, a, k, j, i) -
                          axis[a].centre_normal[e](k, index) * slope(d, a, k, j, i);
        sum += radial[c](k, j, i) * curl;
      }
    }
    return sum;
  }
};

template <class Real>
struct AbsoluteVorticity {
  Derivatives<Real> of;
  Real spin[3];
  KOKKOS_INLINE_FUNCTION Real operator()(const int k, const int j, const int i) const {
    return of.vorticity(k, j, i) + spin[0] * of.radial[0](k, j, i) +
           spin[1] * of.radial[1](k, j, i) + spin[2] * of.radial[2](k, j, i);
  }
};

template <class Real>
Derivatives<Real> derivatives(const typename ShallowWaterSolver<Real>::Impl& s) {
  return {{s.seen[1], s.seen[2], s.seen[3]}, s.metric.radial, s.metric.axis};
}

template <class Real>
AbsoluteVorticity<Real> absolute_vorticity(const typename ShallowWaterSolver<Real>::Impl& s) {
  AbsoluteVorticity<Real> f{derivatives<Real>(s), {}};
  const Vector3 axis = s.axis();
  for (int c = 0; c < 3; ++c) f.spin[c] = Real(2 * s.params.rotation_1_s * axis[c]);
  return f;
}

template <class Real>
double sum_of(const typename ShallowWaterSolver<Real>::Impl& s, auto f) {
  return s.grid->comm().sum(mesh::sum_weighed_cells("shallow water integral", *s.grid, f));
}

template <class Real>
double most_of(const typename ShallowWaterSolver<Real>::Impl& s, auto f) {
  return s.grid->comm().max(mesh::max_cells("shallow water extreme", s.grid->interior(), f));
}

// Differences from the exact solution, relative as in Williamson et al. 1992, equations 82 to 84.
template <class Real>
void add_errors(const typename ShallowWaterSolver<Real>::Impl& s, double time_s,
                std::vector<Diagnostic>& result) {
  const auto array = [&] {
    return mesh::Array3<Real>("exact", s.grid->extent(2), s.grid->extent(1), s.grid->extent(0));
  };
  std::array<mesh::Array3<Real>, 4> exact{array(), array(), array(), array()};
  std::array<typename mesh::Array3<Real>::host_mirror_type, 4> host;
  for (int q = 0; q < 4; ++q) host[q] = Kokkos::create_mirror_view(exact[q]);
  for (int k = 0; k < s.grid->extent(2); ++k)
    for (int j = 0; j < s.grid->extent(1); ++j)
      for (int i = 0; i < s.grid->extent(0); ++i) {
        const Vector3 at = s.tilt.to_case(s.grid->direction(k, j, i));
        host[0](k, j, i) = Real(s.start->depth(at, time_s));
        const Vector3 v = s.tilt.to_grid(s.start->velocity(at, time_s));
        for (int c = 0; c < 3; ++c) host[1 + c](k, j, i) = Real(v[c]);
      }
  for (int q = 0; q < 4; ++q) Kokkos::deep_copy(exact[q], host[q]);
  const auto h = s.now[0], h_exact = exact[0];
  const auto square = [](const mesh::Array3<Real>& a, const mesh::Array3<Real>& b) {
    return KOKKOS_LAMBDA(int k, int j, int i) {
      const double d = double(a(k, j, i)) - double(b(k, j, i));
      return d * d;
    };
  };
  const mesh::Array3<Real> zero = array();
  result.push_back(
      {"shallow_water.depth_rel_l2", "1",
       std::sqrt(sum_of<Real>(s, square(h, h_exact)) / sum_of<Real>(s, square(h_exact, zero)))});
  const double largest = most_of<Real>(
      s, KOKKOS_LAMBDA(int k, int j, int i) { return double(Kokkos::abs(h_exact(k, j, i))); });
  const double worst = most_of<Real>(
      s, KOKKOS_LAMBDA(int k, int j, int i) {
        return Kokkos::abs(double(h(k, j, i)) - double(h_exact(k, j, i)));
      });
  result.push_back({"shallow_water.depth_rel_linf", "1", worst / largest});
  if (s.start->wind_is_given()) return;
  double error = 0, norm = 0;
  for (int c = 0; c < 3; ++c) {
    error += sum_of<Real>(s, square(s.seen[1 + c], exact[1 + c]));
    norm += sum_of<Real>(s, square(exact[1 + c], zero));
  }
  if (norm > 0) result.push_back({"shallow_water.velocity_rel_l2", "1", std::sqrt(error / norm)});
}

}  // namespace

}  // namespace shallow_water

template <class Real>
std::vector<Diagnostic> ShallowWaterSolver<Real>::diagnostics(const mesh::State<Real>& state) {
  Impl& s = *impl_;
  s.load(state);
  const auto h = s.now[0], surface = s.seen[0], u = s.seen[1], v = s.seen[2], w = s.seen[3],
             ground = s.topography;
  const double gravity = s.params.gravity_m_s2;
  const auto absolute = absolute_vorticity<Real>(s);
  const auto relative = absolute.of;
  const auto speed2 = KOKKOS_LAMBDA(int k, int j, int i)->double {
    return double(u(k, j, i)) * u(k, j, i) + double(v(k, j, i)) * v(k, j, i) +
           double(w(k, j, i)) * w(k, j, i);
  };
  // Viscosity takes from what is conserved without it.
  const DiagnosticKind invariant =
      s.viscous() || s.start->wind_is_given() ? DiagnosticKind::bounded : DiagnosticKind::conserved;
  std::vector<Diagnostic> result;
  result.push_back({"shallow_water.mass", "m3",
                    sum_of<Real>(
                        s, KOKKOS_LAMBDA(int k, int j, int i) { return double(h(k, j, i)); }),
                    DiagnosticKind::conserved});
  result.push_back({"shallow_water.energy", "m5/s2",
                    sum_of<Real>(
                        s,
                        KOKKOS_LAMBDA(int k, int j, int i) {
                          const double top = surface(k, j, i), low = ground(k, j, i);
                          return h(k, j, i) * speed2(k, j, i) / 2 +
                                 gravity * (top * top - low * low) / 2;
                        }),
                    invariant});
  result.push_back({"shallow_water.potential_enstrophy", "m/s2",
                    sum_of<Real>(
                        s,
                        KOKKOS_LAMBDA(int k, int j, int i) {
                          const double a = absolute(k, j, i);
                          return h(k, j, i) > 0 ? a * a / (2 * double(h(k, j, i))) : 0.0;
                        }),
                    invariant});
  result.push_back(
      {"shallow_water.depth_least", "m",
       -most_of<Real>(s, KOKKOS_LAMBDA(int k, int j, int i) { return -double(h(k, j, i)); })});
  result.push_back(
      {"shallow_water.depth_most", "m",
       most_of<Real>(s, KOKKOS_LAMBDA(int k, int j, int i) { return double(h(k, j, i)); })});
  result.push_back({"shallow_water.speed_most", "m/s", std::sqrt(most_of<Real>(s, speed2))});
  result.push_back({"shallow_water.vorticity_least", "1/s",
                    -most_of<Real>(
                        s, KOKKOS_LAMBDA(int k, int j, int i) {
                          return -double(relative.vorticity(k, j, i));
                        })});
  result.push_back(
      {"shallow_water.vorticity_most", "1/s",
       most_of<Real>(
           s, KOKKOS_LAMBDA(int k, int j, int i) { return double(relative.vorticity(k, j, i)); })});
  result.push_back({"shallow_water.potential_vorticity_most", "1/(m s)",
                    most_of<Real>(
                        s,
                        KOKKOS_LAMBDA(int k, int j, int i) {
                          return h(k, j, i) > 0
                                     ? double(Kokkos::abs(absolute(k, j, i))) / h(k, j, i)
                                     : 0.0;
                        }),
                    s.start->wind_is_given() ? DiagnosticKind::free : DiagnosticKind::bounded});
  if (s.has_tracer()) {
    const auto q = s.tracer.seen;
    result.push_back(
        {"shallow_water.tracer_mass", "m3",
         sum_of<Real>(
             s, KOKKOS_LAMBDA(int k, int j,
                              int i) { return double(h(k, j, i)) * double(q(k, j, i)); }),
         DiagnosticKind::conserved});
    result.push_back(
        {"shallow_water.tracer_least", "1",
         -most_of<Real>(s, KOKKOS_LAMBDA(int k, int j, int i) { return -double(q(k, j, i)); })});
    result.push_back({"shallow_water.tracer_most", "1",
                      most_of<Real>(
                          s, KOKKOS_LAMBDA(int k, int j, int i) { return double(q(k, j, i)); }),
                      DiagnosticKind::bounded});
  }
  if (s.start->exact()) add_errors<Real>(s, state.time_s, result);
  return result;
}

template <class Real>
std::vector<std::string> ShallowWaterSolver<Real>::derived_names() const {
  return {"surface_height", "vorticity", "potential_vorticity",
          "divergence",     "wind_east", "wind_north"};
}

template <class Real>
mesh::CellField<Real> ShallowWaterSolver<Real>::derive(const mesh::State<Real>& state,
                                                       const std::string& name) {
  Impl& s = *impl_;
  s.load(state);
  const mesh::Array3<Real> out(name, s.grid->extent(2), s.grid->extent(1), s.grid->extent(0));
  const auto absolute = absolute_vorticity<Real>(s);
  const auto of = absolute.of;
  const auto h = s.now[0], surface = s.seen[0];
  const auto fill = [&](const char* unit, auto f) {
    mesh::for_cells(
        "derived shallow water", s.grid->interior(),
        KOKKOS_LAMBDA(int k, int j, int i) { out(k, j, i) = f(k, j, i); });
    return mesh::CellField<Real>{name, unit, out};
  };
  if (name == "surface_height")
    return fill("m", KOKKOS_LAMBDA(int k, int j, int i) { return surface(k, j, i); });
  if (name == "vorticity")
    return fill("1/s", KOKKOS_LAMBDA(int k, int j, int i) { return of.vorticity(k, j, i); });
  if (name == "divergence")
    return fill("1/s", KOKKOS_LAMBDA(int k, int j, int i) { return of.divergence(k, j, i); });
  if (name == "potential_vorticity")
    return fill(
        "1/(m s)", KOKKOS_LAMBDA(int k, int j, int i) {
          const Real d = h(k, j, i);
          return absolute(k, j, i) / (d > 0 ? d : Real(1));
        });
  if (name != "wind_east" && name != "wind_north") return Stepper<Real>::derive(state, name);
  const bool east = name == "wind_east";
  const Components<mesh::Array3<Real>> velocity = of.velocity, radial = of.radial;
  return fill(
      "m/s", KOKKOS_LAMBDA(int k, int j, int i) {
        const Real x = radial[0](k, j, i), y = radial[1](k, j, i), z = radial[2](k, j, i);
        const Real flat = Kokkos::sqrt(x * x + y * y), per = flat > 0 ? Real(1) / flat : Real(0);
        const Real u = velocity[0](k, j, i), v = velocity[1](k, j, i), w = velocity[2](k, j, i);
        return east ? (x * v - y * u) * per : -(x * u + y * v) * z * per + w * flat;
      });
}

template std::vector<Diagnostic> ShallowWaterSolver<float>::diagnostics(const mesh::State<float>&);
template std::vector<Diagnostic> ShallowWaterSolver<double>::diagnostics(
    const mesh::State<double>&);
template std::vector<std::string> ShallowWaterSolver<float>::derived_names() const;
template std::vector<std::string> ShallowWaterSolver<double>::derived_names() const;
template mesh::CellField<float> ShallowWaterSolver<float>::derive(const mesh::State<float>&,
                                                                  const std::string&);
template mesh::CellField<double> ShallowWaterSolver<double>::derive(const mesh::State<double>&,
                                                                    const std::string&);

}  // namespace understudy::solvers
