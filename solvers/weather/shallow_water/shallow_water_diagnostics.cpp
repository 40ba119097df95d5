// Derived fields and diagnostics of the shallow-water equations.
#include <array>
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

/// What is summed up or looked for; one functor for each, for a device's sake.
template <class Real>
struct SquareOfDifference {
  mesh::Array3<Real> a, b;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    const double d = double(a(k, j, i)) - double(b(k, j, i));
    return d * d;
  }
};

template <class Real>
struct Product {
  mesh::Array3<Real> a, b;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    return double(a(k, j, i)) * double(b(k, j, i));
  }
};

/// sign a.
template <class Real>
struct Signed {
  mesh::Array3<Real> a;
  double sign;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    return sign * double(a(k, j, i));
  }
};

template <class Real>
struct SquareOfSpeed {
  Components<mesh::Array3<Real>> v;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    double sum = 0;
    for (int c = 0; c < 3; ++c) sum += double(v[c](k, j, i)) * double(v[c](k, j, i));
    return sum;
  }
};

template <class Real>
struct EnergyDensity {
  SquareOfSpeed<Real> speed;
  mesh::Array3<Real> depth, surface, ground;
  double gravity;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    const double top = double(surface(k, j, i)), low = double(ground(k, j, i));
    return double(depth(k, j, i)) * speed(k, j, i) / 2 + gravity * (top * top - low * low) / 2;
  }
};

template <class Real>
struct SignedVorticity {
  Derivatives<Real> of;
  double sign;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    return sign * double(of.vorticity(k, j, i));
  }
};

/// |zeta + f| / h to the power 1, or 2 with h / 2: potential vorticity, and the enstrophy's density.
template <class Real>
struct PotentialVorticity {
  AbsoluteVorticity<Real> absolute;
  mesh::Array3<Real> depth;
  bool enstrophy;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    const double h = double(depth(k, j, i)), a = double(absolute(k, j, i));
    if (!(h > 0)) return 0;
    return enstrophy ? a * a / (2 * h) : Kokkos::fabs(a) / h;
  }
};

enum class Quantity { surface, vorticity, divergence, potential_vorticity, east, north };

template <class Real>
struct DerivedQuantity {
  Quantity what;
  AbsoluteVorticity<Real> absolute;
  mesh::Array3<Real> depth, surface, out;
  KOKKOS_INLINE_FUNCTION Real wind(const int k, const int j, const int i) const {
    const auto& n = absolute.of.radial;
    const auto& v = absolute.of.velocity;
    const Real x = n[0](k, j, i), y = n[1](k, j, i), z = n[2](k, j, i);
    const Real flat = Kokkos::sqrt(x * x + y * y), per = flat > 0 ? Real(1) / flat : Real(0);
    if (what == Quantity::east) return (x * v[1](k, j, i) - y * v[0](k, j, i)) * per;
    return flat * v[2](k, j, i) - (x * v[0](k, j, i) + y * v[1](k, j, i)) * z * per;
  }
  KOKKOS_INLINE_FUNCTION Real value(const int k, const int j, const int i) const {
    if (what == Quantity::surface) return surface(k, j, i);
    if (what == Quantity::vorticity) return absolute.of.vorticity(k, j, i);
    if (what == Quantity::divergence) return absolute.of.divergence(k, j, i);
    if (what != Quantity::potential_vorticity) return wind(k, j, i);
    const Real h = depth(k, j, i);
    return absolute(k, j, i) / (h > 0 ? h : Real(1));
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    out(k, j, i) = value(k, j, i);
  }
};

struct DerivedEntry {
  const char *name, *unit;
  Quantity what;
};
constexpr std::array derived_quantities{
    DerivedEntry{"surface_height", "m", Quantity::surface},
    DerivedEntry{"vorticity", "1/s", Quantity::vorticity},
    DerivedEntry{"potential_vorticity", "1/(m s)", Quantity::potential_vorticity},
    DerivedEntry{"divergence", "1/s", Quantity::divergence},
    DerivedEntry{"wind_east", "m/s", Quantity::east},
    DerivedEntry{"wind_north", "m/s", Quantity::north}};

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
  const mesh::Array3<Real> zero = array();
  using Square = SquareOfDifference<Real>;
  result.push_back({"shallow_water.depth_rel_l2", "1",
                    std::sqrt(sum_of<Real>(s, Square{s.now[0], exact[0]}) /
                              sum_of<Real>(s, Square{exact[0], zero}))});
  const double worst = std::sqrt(most_of<Real>(s, Square{s.now[0], exact[0]}));
  const double largest = std::sqrt(most_of<Real>(s, Square{exact[0], zero}));
  result.push_back({"shallow_water.depth_rel_linf", "1", worst / largest});
  if (s.start->wind_is_given()) return;
  double error = 0, norm = 0;
  for (int c = 0; c < 3; ++c) {
    error += sum_of<Real>(s, Square{s.seen[1 + c], exact[1 + c]});
    norm += sum_of<Real>(s, Square{exact[1 + c], zero});
  }
  if (norm > 0) result.push_back({"shallow_water.velocity_rel_l2", "1", std::sqrt(error / norm)});
}

}  // namespace

}  // namespace shallow_water

template <class Real>
std::vector<Diagnostic> ShallowWaterSolver<Real>::diagnostics(const mesh::State<Real>& state) {
  Impl& s = *impl_;
  s.load(state);
  const auto absolute = absolute_vorticity<Real>(s);
  const mesh::Array3<Real> h = s.now[0];
  const SquareOfSpeed<Real> speed{absolute.of.velocity};
  const EnergyDensity<Real> energy{speed, h, s.seen[0], s.topography, s.params.gravity_m_s2};
  // Viscosity takes from what is conserved without it.
  const bool given = s.start->wind_is_given();
  const DiagnosticKind invariant =
      s.viscous() || given ? DiagnosticKind::bounded : DiagnosticKind::conserved;
  std::vector<Diagnostic> result;
  const auto add = [&](const char* name, const char* unit, double value,
                       DiagnosticKind kind = DiagnosticKind::free) {
    result.push_back({std::string("shallow_water.") + name, unit, value, kind});
  };
  add("mass", "m3", sum_of<Real>(s, Signed<Real>{h, 1}), DiagnosticKind::conserved);
  add("energy", "m5/s2", sum_of<Real>(s, energy), invariant);
  add("potential_enstrophy", "m/s2", sum_of<Real>(s, PotentialVorticity<Real>{absolute, h, true}),
      invariant);
  add("depth_least", "m", -most_of<Real>(s, Signed<Real>{h, -1}));
  add("depth_most", "m", most_of<Real>(s, Signed<Real>{h, 1}));
  add("speed_most", "m/s", std::sqrt(most_of<Real>(s, speed)));
  add("vorticity_least", "1/s", -most_of<Real>(s, SignedVorticity<Real>{absolute.of, -1}));
  add("vorticity_most", "1/s", most_of<Real>(s, SignedVorticity<Real>{absolute.of, 1}));
  add("potential_vorticity_most", "1/(m s)",
      most_of<Real>(s, PotentialVorticity<Real>{absolute, h, false}),
      given ? DiagnosticKind::free : DiagnosticKind::bounded);
  if (s.has_tracer()) {
    const mesh::Array3<Real> q = s.tracer.seen;
    add("tracer_mass", "m3", sum_of<Real>(s, Product<Real>{h, q}), DiagnosticKind::conserved);
    add("tracer_least", "1", -most_of<Real>(s, Signed<Real>{q, -1}));
    add("tracer_most", "1", most_of<Real>(s, Signed<Real>{q, 1}), DiagnosticKind::bounded);
  }
  if (s.start->exact()) add_errors<Real>(s, state.time_s, result);
  return result;
}

template <class Real>
std::vector<std::string> ShallowWaterSolver<Real>::derived_names() const {
  std::vector<std::string> names;
  for (const auto& entry : derived_quantities) names.emplace_back(entry.name);
  return names;
}

template <class Real>
mesh::CellField<Real> ShallowWaterSolver<Real>::derive(const mesh::State<Real>& state,
                                                       const std::string& name) {
  Impl& s = *impl_;
  for (const auto& entry : derived_quantities) {
    if (name != entry.name) continue;
    s.load(state);
    const mesh::Array3<Real> out(name, s.grid->extent(2), s.grid->extent(1), s.grid->extent(0));
    mesh::for_cells(
        "derived shallow water", s.grid->interior(),
        DerivedQuantity<Real>{entry.what, absolute_vorticity<Real>(s), s.now[0], s.seen[0], out});
    return {name, entry.unit, out};
  }
  return Stepper<Real>::derive(state, name);
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
