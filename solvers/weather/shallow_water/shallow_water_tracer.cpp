// The passive tracer of a ShallowWaterSolver (tracer_kernels.hpp).
#include "solvers/weather/shallow_water/tracer_kernels.hpp"

#include "core/timers.hpp"
#include "mesh/cell_measure.hpp"
#include "mesh/loops.hpp"
#include "solvers/weather/shallow_water/shallow_water_impl.hpp"

namespace understudy::solvers {

namespace shallow_water {

namespace {

template <int order, class Real>
struct TracerFaces {
  const Real* q;
  const Real* fluid;
  Real* flux;
  int wide, high;
  long stride;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const long n = (long(k) * high + j) * wide + i;
    flux[n] = carried_flux<order>(q + n, stride, fluid[n]);
  }
};

template <int order, class Real>
struct TracerUpdate {
  const Real *x, *y, *inverse_area, *before;
  Real* now;
  int wide, high;
  Real a, b, dt;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const long n = (long(k) * high + j) * wide + i;
    const Real out = difference<order>(x + n, 1L) + difference<order>(y + n, long(wide));
    now[n] = a * before[n] + b * (now[n] - dt * inverse_area[j * wide + i] * out);
  }
};

// Extremes of five by five cells.
template <class Real>
struct Extremes {
  mesh::Array3<Real> q, least, most;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    Real low = q(k, j, i), high = low;
    for (int m = -2; m <= 2; ++m)
      for (int n = -2; n <= 2; ++n) {
        const Real value = q(k, j + m, i + n);
        low = value < low ? value : low;
        high = value > high ? value : high;
      }
    least(k, j, i) = low;
    most(k, j, i) = high;
  }
};

// What clipping takes from a cell; and the room that it has then, up or down.
template <class Real>
struct Clip {
  mesh::Array3<Real> carried, depth, least, most;
  KOKKOS_INLINE_FUNCTION double value(const int k, const int j, const int i) const {
    return double(carried(k, j, i)) / double(depth(k, j, i));
  }
  KOKKOS_INLINE_FUNCTION double clipped(const int k, const int j, const int i) const {
    const double q = value(k, j, i), low = double(least(k, j, i)), high = double(most(k, j, i));
    return q < low ? low : q > high ? high : q;
  }
};

template <class Real>
struct Taken {
  Clip<Real> clip;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    return double(clip.depth(k, j, i)) * (clip.value(k, j, i) - clip.clipped(k, j, i));
  }
};

template <class Real>
struct Room {
  Clip<Real> clip;
  bool up;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    const double q = clip.clipped(k, j, i);
    return double(clip.depth(k, j, i)) *
           (up ? double(clip.most(k, j, i)) - q : q - double(clip.least(k, j, i)));
  }
};

}  // namespace

}  // namespace shallow_water

using namespace shallow_water;

template <class Real>
void ShallowWaterSolver<Real>::Impl::bound_tracer() {
  const core::ScopedTimer region("tracer");
  Kokkos::deep_copy(mesh::Exec(), tracer.around, tracer.seen);
  bounding_halo->exchange({tracer.around});
  mesh::for_cells("extremes of the tracer", grid->interior(),
                  Extremes<Real>{tracer.around, tracer.least, tracer.most});
}

template <class Real>
template <int order>
void ShallowWaterSolver<Real>::Impl::tracer_stage(const Stage& stage, double dt_s) {
  const core::ScopedTimer region("tracer");
  const int wide = grid->extent(0), high = grid->extent(1);
  for (int axis = 0; axis < 2; ++axis) {
    mesh::Range3 range = grid->interior();
    range.begin[axis] -= widening<order>;
    range.end[axis] += widening<order> + 1;
    mesh::for_rows("tracer faces", range,
                   TracerFaces<order, Real>{tracer.seen.data(), faces[axis][0].data(),
                                            tracer.flux[axis].data(), wide, high,
                                            axis == 0 ? 1L : long(wide)});
  }
  mesh::for_rows("tracer update", grid->interior(),
                 TracerUpdate<order, Real>{tracer.flux[0].data(), tracer.flux[1].data(),
                                           metric.inverse_area.data(), tracer.before.data(),
                                           tracer.now.data(), wide, high, Real(stage.start),
                                           Real(stage.current), Real(stage.dt * dt_s)});
  edges.reconcile(order, tracer.flux, tracer.now, metric.inverse_area,
                  stage.current * stage.dt * dt_s);
}

template <class Real>
void ShallowWaterSolver<Real>::Impl::see_tracer() {
  const auto q = tracer.seen, content = tracer.now, depth = now[0];
  mesh::for_cells(
      "tracer", grid->interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { q(k, j, i) = content(k, j, i) / depth(k, j, i); });
}

template <class Real>
void ShallowWaterSolver<Real>::Impl::clip_tracer() {
  const core::ScopedTimer region("tracer");
  const Clip<Real> clip{tracer.now, now[0], tracer.least, tracer.most};
  const auto total = [&](const auto& f) {
    return grid->comm().sum(mesh::sum_weighed_cells("tracer's mass", *grid, f));
  };
  const double taken = total(Taken<Real>{clip});
  const bool up = taken > 0;
  const double room = total(Room<Real>{clip, up});
  const double share = room > 0 ? Kokkos::fmin(1.0, Kokkos::fabs(taken) / room) : 0;
  const auto content = tracer.now, depth = now[0];
  mesh::for_cells(
      "clip tracer", grid->interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        const double q = clip.clipped(k, j, i);
        const double end = double(up ? clip.most(k, j, i) : clip.least(k, j, i));
        content(k, j, i) = Real(double(depth(k, j, i)) * (q + share * (end - q)));
      });
  see_tracer();
  halo.exchange({tracer.seen});
}

template void ShallowWaterSolver<float>::Impl::bound_tracer();
template void ShallowWaterSolver<double>::Impl::bound_tracer();
template void ShallowWaterSolver<float>::Impl::clip_tracer();
template void ShallowWaterSolver<double>::Impl::clip_tracer();
template void ShallowWaterSolver<float>::Impl::see_tracer();
template void ShallowWaterSolver<double>::Impl::see_tracer();
template void ShallowWaterSolver<float>::Impl::tracer_stage<3>(const Stage&, double);
template void ShallowWaterSolver<float>::Impl::tracer_stage<5>(const Stage&, double);
template void ShallowWaterSolver<float>::Impl::tracer_stage<7>(const Stage&, double);
template void ShallowWaterSolver<double>::Impl::tracer_stage<3>(const Stage&, double);
template void ShallowWaterSolver<double>::Impl::tracer_stage<5>(const Stage&, double);
template void ShallowWaterSolver<double>::Impl::tracer_stage<7>(const Stage&, double);

}  // namespace understudy::solvers
