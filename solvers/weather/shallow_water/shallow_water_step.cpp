// One Runge-Kutta step of the shallow-water equations.
#include "core/timers.hpp"
#include "mesh/loops.hpp"
#include "solvers/weather/shallow_water/shallow_water_kernels.hpp"
#include "solvers/weather/shallow_water/step_parts.hpp"

namespace understudy::solvers {

namespace shallow_water {

namespace {

// What faces see, as plain pointers; arrays of extents [6, high, wide].
template <class Real>
struct Seen {
  const Real* surface;
  const Real* velocity[3];
};

// The fluxes through the faces below the cells along one axis.
template <int order, int axis, class Real>
struct Faces {
  Seen<Real> seen;
  const Real* topography;  // at the faces
  const Real* length;      // [j, i]
  const Real* normal[3];   // [panel, index along the axis]
  Real* flux[face_values];
  int wide, high;
  Real gravity;
  bool wind_is_given;

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const long n = (long(k) * high + j) * wide + i, stride = axis == 0 ? 1 : wide;
    const int index = axis == 0 ? k * wide + i : k * high + j;
    const Real nx = normal[0][index], ny = normal[1][index], nz = normal[2][index];
    const Sides<Real> x = at_face<order>(seen.velocity[0] + n, stride);
    const Sides<Real> y = at_face<order>(seen.velocity[1] + n, stride);
    const Sides<Real> z = at_face<order>(seen.velocity[2] + n, stride);
    const Sides<Real> surface = at_face<order>(seen.surface + n, stride);
    const Sides<Real> speed{nx * x.lower + ny * y.lower + nz * z.lower,
                            nx * x.upper + ny * y.upper + nz * z.upper};
    const Real ground = topography[n];
    const Real depth = Real(0.5) * (surface.lower + surface.upper) - ground;
    FaceFlow<Real> flow = meet(speed, surface, depth, gravity);
    if (wind_is_given) flow.speed = Real(0.5) * (speed.lower + speed.upper);
    const bool up = flow.speed > 0;
    const Real mass =
        length[j * wide + i] * flow.speed * ((up ? surface.lower : surface.upper) - ground);
    flux[0][n] = mass;
    flux[1][n] = mass * (up ? x.lower : x.upper);
    flux[2][n] = mass * (up ? y.lower : y.upper);
    flux[3][n] = mass * (up ? z.lower : z.upper);
    flux[4][n] = flow.surface;
  }
};

// U = a U_0 + b (U + dt L).
template <int order, bool wind_is_given, class Real>
struct Update {
  Direction<Real> x, y;
  const Real* inverse_area;  // [j, i]
  const Real* radial[3];
  Real* now[conserved];
  const Real* before[conserved];
  int wide, high;
  Real a, b, dt, gravity;
  Real spin[3];  // 2 Omega

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const long n = (long(k) * high + j) * wide + i;
    const int cell = j * wide + i, ix = k * wide + i, iy = k * high + j;
    const long up = wide;
    const Real per_area = inverse_area[cell];
    const Real h = now[0][n];
    now[0][n] =
        a * before[0][n] +
        b * (h - dt * per_area *
                     (difference<order>(x.flux[0] + n, 1L) + difference<order>(y.flux[0] + n, up)));
    if constexpr (wind_is_given) return;
    const Real slope_x = gravity * h * x.gradient[cell] * difference<order>(x.flux[4] + n, 1L);
    const Real slope_y = gravity * h * y.gradient[cell] * difference<order>(y.flux[4] + n, up);
    const Real rx = radial[0][n], ry = radial[1][n], rz = radial[2][n];
    const Real mx = now[1][n], my = now[2][n], mz = now[3][n];
    const Real f = spin[0] * rx + spin[1] * ry + spin[2] * rz;
    const Real turned[3] = {ry * mz - rz * my, rz * mx - rx * mz, rx * my - ry * mx};
    for (int c = 0; c < 3; ++c) {
      const Real out =
          difference<order>(x.flux[1 + c] + n, 1L) + difference<order>(y.flux[1 + c] + n, up);
      const Real rate =
          -per_area * out - slope_x * x.normal[c][ix] - slope_y * y.normal[c][iy] - f * turned[c];
      now[1 + c][n] = a * before[1 + c][n] + b * (now[1 + c][n] + dt * rate);
    }
  }
};

template <int order, int axis, class Real>
void run_faces(const typename ShallowWaterSolver<Real>::Impl& s) {
  Faces<order, axis, Real> f{};
  f.seen.surface = s.seen[0].data();
  for (int c = 0; c < 3; ++c) {
    f.seen.velocity[c] = s.seen[1 + c].data();
    f.normal[c] = s.metric.axis[axis].face_normal[c].data();
  }
  f.topography = s.face_topography[axis].data();
  f.length = s.metric.axis[axis].face.data();
  for (int q = 0; q < face_values; ++q) f.flux[q] = s.faces[axis][q].data();
  f.wide = s.grid->extent(0);
  f.high = s.grid->extent(1);
  f.gravity = Real(s.params.gravity_m_s2);
  f.wind_is_given = s.start->wind_is_given();
  mesh::Range3 range = s.grid->interior();
  range.begin[axis] -= widening<order>;
  range.end[axis] += widening<order> + 1;
  mesh::for_rows(axis == 0 ? "shallow water x faces" : "shallow water y faces", range, f);
}

template <int order, bool wind_is_given, class Real>
void run_update(const typename ShallowWaterSolver<Real>::Impl& s, const Stage& stage, double dt_s) {
  Update<order, wind_is_given, Real> f{};
  f.x = direction<Real>(s, 0);
  f.y = direction<Real>(s, 1);
  f.inverse_area = s.metric.inverse_area.data();
  for (int c = 0; c < 3; ++c) f.radial[c] = s.metric.radial[c].data();
  for (int q = 0; q < conserved; ++q) {
    f.now[q] = s.now[q].data();
    f.before[q] = s.before[q].data();
  }
  f.wide = s.grid->extent(0);
  f.high = s.grid->extent(1);
  f.a = Real(stage.start);
  f.b = Real(stage.current);
  f.dt = Real(stage.dt * dt_s);
  f.gravity = Real(s.params.gravity_m_s2);
  const Vector3 axis = s.axis();
  for (int c = 0; c < 3; ++c) f.spin[c] = Real(2 * s.params.rotation_1_s * axis[c]);
  mesh::for_rows("shallow water update", s.grid->interior(), f);
}

// Momentum made tangent and divided by the depth.
template <class Real>
struct See {
  const Real* now[conserved];
  const Real* topography;
  const Real* radial[3];
  Real* seen[conserved];
  int wide, high;
  bool wind_is_given;

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const long n = (long(k) * high + j) * wide + i;
    const Real h = now[0][n];
    seen[0][n] = h + topography[n];
    if (wind_is_given) return;
    const Real m[3] = {now[1][n], now[2][n], now[3][n]};
    const Real r[3] = {radial[0][n], radial[1][n], radial[2][n]};
    const Real outward = m[0] * r[0] + m[1] * r[1] + m[2] * r[2], per_depth = Real(1) / h;
    for (int c = 0; c < 3; ++c) seen[1 + c][n] = (m[c] - outward * r[c]) * per_depth;
  }
};

}  // namespace

}  // namespace shallow_water

using namespace shallow_water;

template <class Real>
void ShallowWaterSolver<Real>::Impl::see() {
  See<Real> f{};
  for (int q = 0; q < conserved; ++q) {
    f.now[q] = now[q].data();
    f.seen[q] = seen[q].data();
  }
  for (int c = 0; c < 3; ++c) f.radial[c] = metric.radial[c].data();
  f.topography = topography.data();
  f.wide = grid->extent(0);
  f.high = grid->extent(1);
  f.wind_is_given = start->wind_is_given();
  mesh::for_rows("shallow water velocity", grid->interior(), f);
}

template <class Real>
template <int order>
void ShallowWaterSolver<Real>::Impl::pass_faces() {
  const core::ScopedTimer region("faces");
  run_faces<order, 0, Real>(*this);
  run_faces<order, 1, Real>(*this);
}

template <class Real>
template <int order>
void ShallowWaterSolver<Real>::Impl::stage(const Stage& stage, double dt_s) {
  pass_faces<order>();
  if (viscous()) add_viscosity();
  {
    const core::ScopedTimer region("update");
    if (start->wind_is_given())
      run_update<order, true, Real>(*this, stage, dt_s);
    else
      run_update<order, false, Real>(*this, stage, dt_s);
    edges.reconcile(order, {faces[0][0], faces[1][0]}, now[0], metric.inverse_area,
                    stage.current * stage.dt * dt_s);
    if (has_tracer()) tracer_stage<order>(stage, dt_s);
    see();
    if (has_tracer()) see_tracer();
  }
  fill_ghosts();
}

template <class Real>
void ShallowWaterSolver<Real>::Impl::mix(const Array& start_values, const Array& current,
                                         const Stage& stage) {
  const Real p = Real(stage.keep_start), q = Real(stage.keep_current);
  mesh::for_cells(
      "start of the second half", grid->interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        start_values(k, j, i) = p * start_values(k, j, i) + q * current(k, j, i);
      });
}

template <class Real>
void ShallowWaterSolver<Real>::Impl::step(double dt_s) {
  for (int q = 0; q < conserved; ++q) Kokkos::deep_copy(mesh::Exec(), before[q], now[q]);
  if (has_tracer()) {
    Kokkos::deep_copy(mesh::Exec(), tracer.before, tracer.now);
    bound_tracer();
  }
  if (is_forward_backward(params.time_scheme)) {
    forward_backward_step(dt_s);
    return;
  }
  for (const Stage& each : stages) {
    if (params.order == 3) stage<3>(each, dt_s);
    if (params.order == 5) stage<5>(each, dt_s);
    if (params.order == 7) stage<7>(each, dt_s);
    if (each.keep_current == 0) continue;
    for (int c = 0; c < conserved; ++c) mix(before[c], now[c], each);
    if (has_tracer()) mix(tracer.before, tracer.now, each);
  }
  if (has_tracer()) clip_tracer();
}

template void ShallowWaterSolver<float>::Impl::pass_faces<3>();
template void ShallowWaterSolver<float>::Impl::pass_faces<5>();
template void ShallowWaterSolver<float>::Impl::pass_faces<7>();
template void ShallowWaterSolver<double>::Impl::pass_faces<3>();
template void ShallowWaterSolver<double>::Impl::pass_faces<5>();
template void ShallowWaterSolver<double>::Impl::pass_faces<7>();
template void ShallowWaterSolver<float>::Impl::step(double);
template void ShallowWaterSolver<double>::Impl::step(double);
template void ShallowWaterSolver<float>::Impl::see();
template void ShallowWaterSolver<double>::Impl::see();

}  // namespace understudy::solvers
