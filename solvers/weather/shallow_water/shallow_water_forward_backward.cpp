// A forward-backward stage (time_schemes.hpp): the depth first, then the momentum under a surface that already has a
// share of the new depth. The surface at the faces is made a second time, with its ghosts; that is what a stage costs
// beside one of ssp_rk3.
#include "core/timers.hpp"
#include "mesh/loops.hpp"
#include "solvers/weather/shallow_water/shallow_water_kernels.hpp"
#include "solvers/weather/shallow_water/step_parts.hpp"

namespace understudy::solvers {

namespace shallow_water {

namespace {

// h = h_0 + dt L.
template <int order, class Real>
struct DepthUpdate {
  const Real *flux_x, *flux_y, *inverse_area, *before;
  Real* now;
  int wide, high;
  Real dt;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const long n = (long(k) * high + j) * wide + i, up = wide;
    now[n] =
        before[n] - dt * inverse_area[j * wide + i] *
                        (difference<order>(flux_x + n, 1L) + difference<order>(flux_y + n, up));
  }
};

// The surface of a mean of the new depth, the stage's own (which `surface` has) and the step's start.
template <class Real>
struct Blend {
  const Real *now, *before, *topography;
  Real* surface;
  int wide, high;
  Real next, current, start;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const long n = (long(k) * high + j) * wide + i;
    surface[n] =
        next * now[n] + current * surface[n] + start * before[n] + (next + start) * topography[n];
  }
};

// The surface at the faces below the cells along one axis.
template <int order, int axis, class Real>
struct SurfaceFaces {
  const Real *surface, *velocity[3], *topography;  // topography at the faces
  const Real* normal[3];                           // [panel, index along the axis]
  Real* result;
  int wide, high;
  Real gravity;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const long n = (long(k) * high + j) * wide + i, stride = axis == 0 ? 1 : wide;
    const int index = axis == 0 ? k * wide + i : k * high + j;
    Sides<Real> speed{0, 0};
    for (int c = 0; c < 3; ++c) {
      const Sides<Real> v = at_face<order>(velocity[c] + n, stride);
      speed.lower += normal[c][index] * v.lower;
      speed.upper += normal[c][index] * v.upper;
    }
    const Sides<Real> sides = at_face<order>(surface + n, stride);
    const Real depth = Real(0.5) * (sides.lower + sides.upper) - topography[n];
    result[n] = meet(speed, sides, depth, gravity).surface;
  }
};

// h v = (h v)_0 + dt L, under the blended surface.
template <int order, class Real>
struct MomentumUpdate {
  Direction<Real> x, y;
  const Real *inverse_area, *surface, *topography;  // [j, i]; the others of every cell
  const Real* radial[3];
  Real* now[3];
  const Real* before[3];
  int wide, high;
  Real dt, gravity;
  Real spin[3];  // 2 Omega
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const long n = (long(k) * high + j) * wide + i, up = wide;
    const int cell = j * wide + i, ix = k * wide + i, iy = k * high + j;
    const Real h = surface[n] - topography[n], per_area = inverse_area[cell];
    const Real slope_x = gravity * h * x.gradient[cell] * difference<order>(x.flux[4] + n, 1L);
    const Real slope_y = gravity * h * y.gradient[cell] * difference<order>(y.flux[4] + n, up);
    const Real rx = radial[0][n], ry = radial[1][n], rz = radial[2][n];
    const Real mx = now[0][n], my = now[1][n], mz = now[2][n];
    const Real f = spin[0] * rx + spin[1] * ry + spin[2] * rz;
    const Real turned[3] = {ry * mz - rz * my, rz * mx - rx * mz, rx * my - ry * mx};
    for (int c = 0; c < 3; ++c) {
      const Real out =
          difference<order>(x.flux[1 + c] + n, 1L) + difference<order>(y.flux[1 + c] + n, up);
      now[c][n] = before[c][n] + dt * (-per_area * out - slope_x * x.normal[c][ix] -
                                       slope_y * y.normal[c][iy] - f * turned[c]);
    }
  }
};

template <int order, class Real>
void update_depth(const typename ShallowWaterSolver<Real>::Impl& s, double dt_s) {
  mesh::for_rows(
      "shallow water depth", s.grid->interior(),
      DepthUpdate<order, Real>{s.faces[0][0].data(), s.faces[1][0].data(),
                               s.metric.inverse_area.data(), s.before[0].data(), s.now[0].data(),
                               s.grid->extent(0), s.grid->extent(1), Real(dt_s)});
}

template <class Real>
void blend(const typename ShallowWaterSolver<Real>::Impl& s, const ForwardBackwardStage& stage) {
  mesh::for_rows("shallow water blended surface", s.grid->interior(),
                 Blend<Real>{s.now[0].data(), s.before[0].data(), s.topography.data(),
                             s.seen[0].data(), s.grid->extent(0), s.grid->extent(1),
                             Real(stage.next), Real(stage.current), Real(stage.start)});
}

template <int order, int axis, class Real>
void surface_faces(const typename ShallowWaterSolver<Real>::Impl& s) {
  SurfaceFaces<order, axis, Real> f{};
  f.surface = s.seen[0].data();
  for (int c = 0; c < 3; ++c) {
    f.velocity[c] = s.seen[1 + c].data();
    f.normal[c] = s.metric.axis[axis].face_normal[c].data();
  }
  f.topography = s.face_topography[axis].data();
  f.result = s.faces[axis][4].data();
  f.wide = s.grid->extent(0);
  f.high = s.grid->extent(1);
  f.gravity = Real(s.params.gravity_m_s2);
  mesh::Range3 range = s.grid->interior();
  range.begin[axis] -= widening<order>;
  range.end[axis] += widening<order> + 1;
  mesh::for_rows(axis == 0 ? "shallow water x surface" : "shallow water y surface", range, f);
}

template <int order, class Real>
void update_momentum(const typename ShallowWaterSolver<Real>::Impl& s, double dt_s) {
  MomentumUpdate<order, Real> f{};
  f.x = direction<Real>(s, 0);
  f.y = direction<Real>(s, 1);
  f.inverse_area = s.metric.inverse_area.data();
  f.surface = s.seen[0].data();
  f.topography = s.topography.data();
  const Vector3 axis = s.axis();
  for (int c = 0; c < 3; ++c) {
    f.radial[c] = s.metric.radial[c].data();
    f.now[c] = s.now[1 + c].data();
    f.before[c] = s.before[1 + c].data();
    f.spin[c] = Real(2 * s.params.rotation_1_s * axis[c]);
  }
  f.wide = s.grid->extent(0);
  f.high = s.grid->extent(1);
  f.dt = Real(dt_s);
  f.gravity = Real(s.params.gravity_m_s2);
  mesh::for_rows("shallow water momentum", s.grid->interior(), f);
}

}  // namespace

}  // namespace shallow_water

using namespace shallow_water;

template <class Real>
template <int order>
void ShallowWaterSolver<Real>::Impl::forward_backward_stage(const ForwardBackwardStage& stage,
                                                            double dt_s) {
  const double part_s = stage.dt * dt_s;
  pass_faces<order>();
  if (viscous()) add_viscosity();
  {
    const core::ScopedTimer region("update");
    update_depth<order, Real>(*this, part_s);
    edges.reconcile(order, {faces[0][0], faces[1][0]}, now[0], metric.inverse_area, part_s);
    if (!start->wind_is_given()) blend<Real>(*this, stage);
  }
  if (!start->wind_is_given()) {
    halo.exchange({seen[0]});
    {
      const core::ScopedTimer region("faces");
      surface_faces<order, 0, Real>(*this);
      surface_faces<order, 1, Real>(*this);
    }
    const core::ScopedTimer region("update");
    update_momentum<order, Real>(*this, part_s);
  }
  see();
  fill_ghosts();
}

template <class Real>
void ShallowWaterSolver<Real>::Impl::forward_backward_step(double dt_s) {
  for (const ForwardBackwardStage& each : forward_backward_stages) {
    if (params.order == 3) forward_backward_stage<3>(each, dt_s);
    if (params.order == 5) forward_backward_stage<5>(each, dt_s);
    if (params.order == 7) forward_backward_stage<7>(each, dt_s);
  }
}

template void ShallowWaterSolver<float>::Impl::forward_backward_step(double);
template void ShallowWaterSolver<double>::Impl::forward_backward_step(double);

}  // namespace understudy::solvers
