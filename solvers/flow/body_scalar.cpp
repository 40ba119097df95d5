#include "solvers/flow/body_scalar.hpp"

namespace understudy::solvers::flow {

template <class Real>
BodyScalar<Real>::BodyScalar(const Bodies& bodies, const FlowScalarParams& params)
    : value_(Real(params.body_value)), empty_(bodies.empty() || !params.enabled) {
  if (!empty_) list_ = interpolated<Real>(bodies.find_scalar(params.at_bodies == "fixed"));
}

template <class Real>
void BodyScalar<Real>::impose(const mesh::Array3<Real>& c) const {
  const InterpolatedList<Real> list = list_;
  const Real body = value_;
  Real* const values = c.data();
  const Kokkos::RangePolicy<mesh::Exec> points(0, list.index.extent(0));
  Kokkos::parallel_for(
      "scalar targets", points, KOKKOS_LAMBDA(const int n) {
        Real sum = body;
        for (int m = 0; m < 16; ++m) sum += list.weight(n, m) * (values[list.stencil(n, m)] - body);
        list.target(n) = sum;
      });
  Kokkos::parallel_for(
      "impose scalar", points,
      KOKKOS_LAMBDA(const int n) { values[list.index(n)] = list.target(n); });
}

template class BodyScalar<float>;
template class BodyScalar<double>;

}  // namespace understudy::solvers::flow
