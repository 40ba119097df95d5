// Viscosity and hyperviscosity of the shallow-water equations.
#include "core/timers.hpp"
#include "mesh/loops.hpp"
#include "solvers/weather/shallow_water/shallow_water_impl.hpp"
#include "solvers/weather/shallow_water/viscous_kernels.hpp"

namespace understudy::solvers {

namespace shallow_water {

namespace {

template <class Real>
using TwoTangents = std::array<Tangents<Real>, 2>;

template <class Real>
struct Diffuse {
  const Real* q;
  Real* flux;
  TwoTangents<Real> tangent;
  int axis, wide, high;
  Real factor;  // minus the viscosity over the step

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const long n = (long(k) * high + j) * wide + i;
    const long s = axis == 0 ? 1 : wide, t = axis == 0 ? wide : 1;
    const Real across = tangent[axis].face[axis == 0 ? i : j];
    const Real along = tangent[1 - axis].centre[axis == 0 ? j : i];
    flux[n] += factor * gradient_flux(q + n, s, t, across, along);
  }
};

template <class Real>
struct Laplacian {
  const Real* q;
  Real* result;
  const Real* inverse_area;
  TwoTangents<Real> tangent;
  int wide, high;
  Real per_step;

  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const long n = (long(k) * high + j) * wide + i, up = wide;
    const Real x = tangent[0].centre[i], y = tangent[1].centre[j];
    const Real sum = gradient_flux(q + n + 1, 1L, up, tangent[0].face[i + 1], y) -
                     gradient_flux(q + n, 1L, up, tangent[0].face[i], y) +
                     gradient_flux(q + n + up, up, 1L, tangent[1].face[j + 1], x) -
                     gradient_flux(q + n, up, 1L, tangent[1].face[j], x);
    result[n] = inverse_area[j * wide + i] * per_step * sum;
  }
};

template <class Real>
TwoTangents<Real> tangents(const SphereMetric<Real>& metric) {
  TwoTangents<Real> both{};
  for (int axis = 0; axis < 2; ++axis)
    both[axis] = {metric.axis[axis].face_tangent.data(), metric.axis[axis].centre_tangent.data()};
  return both;
}

}  // namespace

}  // namespace shallow_water

using namespace shallow_water;

template <class Real>
void ShallowWaterSolver<Real>::Impl::diffuse(const Arrays<Real>& values, double factor) {
  for (int axis = 0; axis < 2; ++axis) {
    mesh::Range3 range = grid->interior();
    range.begin[axis] -= int(params.order - 1) / 2;
    range.end[axis] += int(params.order - 1) / 2 + 1;
    for (int q = 0; q < conserved; ++q)
      mesh::for_rows("diffuse shallow water", range,
                     Diffuse<Real>{values[q].data(), faces[axis][q].data(), tangents(metric), axis,
                                   grid->extent(0), grid->extent(1), Real(-factor / grid->step())});
  }
}

template <class Real>
void ShallowWaterSolver<Real>::Impl::add_viscosity() {
  const core::ScopedTimer region("viscosity");
  const auto surface = seen[0], u = seen[1], v = seen[2], w = seen[3], bed = topography;
  const auto h = carried[0], mx = carried[1], my = carried[2], mz = carried[3];
  mesh::for_cells(
      "carried by viscosity", grid->everything(), KOKKOS_LAMBDA(int k, int j, int i) {
        const Real d = surface(k, j, i) - bed(k, j, i);
        h(k, j, i) = d;
        mx(k, j, i) = d * u(k, j, i);
        my(k, j, i) = d * v(k, j, i);
        mz(k, j, i) = d * w(k, j, i);
      });
  if (params.viscosity_m2_s > 0) diffuse(carried, params.viscosity_m2_s);
  if (params.hyperviscosity_m4_s > 0) {
    for (int q = 0; q < conserved; ++q)
      mesh::for_rows("Laplacian", grid->interior(),
                     Laplacian<Real>{carried[q].data(), smooth[q].data(),
                                     metric.inverse_area.data(), tangents(metric), grid->extent(0),
                                     grid->extent(1), Real(1 / grid->step())});
    halo.exchange(smooth);
    diffuse(smooth, -params.hyperviscosity_m4_s);
  }
}

template void ShallowWaterSolver<float>::Impl::add_viscosity();
template void ShallowWaterSolver<double>::Impl::add_viscosity();

}  // namespace understudy::solvers
