#include "solvers/flow/body_scalar.hpp"

namespace understudy::solvers::flow {

namespace {

using Span = Kokkos::RangePolicy<mesh::Exec>;

template <class Real, int dim>
struct AddDivergence {
  Steps<Real> s;
  Real dt_now;
  const Real *u[dim], *c;
  Real *rate, *star;
  Kokkos::View<int*, mesh::Memory> cells;
  KOKKOS_INLINE_FUNCTION void operator()(const int m) const {
    const Index n = cells(m);
    const Real source = c[n] * divergence<dim>(u, n, s);
    if (rate != nullptr) rate[n] += source;
    star[n] += dt_now * source;
  }
};

template <int dim, class Real>
void add_divergence(const Steps<Real>& s, const Kokkos::View<int*, mesh::Memory>& cells,
                    const StepCoefficients<Real>& step, const Velocity<Real>& u,
                    const ScalarStep<Real>& scalar) {
  AddDivergence<Real, dim> f;
  f.s = s;
  f.cells = cells;
  f.dt_now = step.dt * step.weight_now;
  for (int a = 0; a < dim; ++a) f.u[a] = u[a].data();
  f.c = scalar.scalar.data();
  f.rate = scalar.rate.data();
  f.star = scalar.star.data();
  Kokkos::parallel_for("advective scalar", Span(0, cells.extent(0)), f);
}

}  // namespace

template <class Real>
BodyScalar<Real>::BodyScalar(const Bodies& bodies, const mesh::BoxGrid& grid,
                             const FlowScalarParams& params)
    : steps_(grid),
      dimension_(grid.dimension()),
      value_(Real(params.body_value)),
      bounded_(params.limited() && params.at_bodies == "insulated"),
      empty_(bodies.empty() || !params.enabled) {
  if (empty_) return;
  list_ = interpolated<Real>(bodies.find_scalar(params.at_bodies == "fixed"));
  if (params.limited() && params.at_bodies == "fixed")
    beside_ = interpolated<Real>(bodies.find_scalar_bounds());
  buried_ = to_device<decltype(buried_)>("buried cells", bodies.buried_cells());
}

template <class Real>
void BodyScalar<Real>::make_advective(const StepCoefficients<Real>& step, const Velocity<Real>& u,
                                      const ScalarStep<Real>& scalar) const {
  if (empty_) return;
  dimension_ == 2 ? add_divergence<2>(steps_, buried_, step, u, scalar)
                  : add_divergence<3>(steps_, buried_, step, u, scalar);
}

template <class Real>
void BodyScalar<Real>::impose(const mesh::Array3<Real>& c) const {
  const InterpolatedList<Real> list = list_;
  const Real body = value_;
  const bool bounded = bounded_;
  Real* const values = c.data();
  const Span points(0, list.index.extent(0));
  Kokkos::parallel_for(
      "scalar targets", points, KOKKOS_LAMBDA(const int n) {
        Real sum = body;
        Real least = Kokkos::reduction_identity<Real>::min(),
             most = Kokkos::reduction_identity<Real>::max();
        for (int m = 0; m < 16; ++m) {
          const Real weight = list.weight(n, m), value = values[list.stencil(n, m)];
          sum += weight * (value - body);
          if (weight == 0) continue;
          least = value < least ? value : least;
          most = value > most ? value : most;
        }
        if (bounded) sum = sum < least ? least : sum > most ? most : sum;
        list.target(n) = sum;
      });
  Kokkos::parallel_for(
      "impose scalar", points,
      KOKKOS_LAMBDA(const int n) { values[list.index(n)] = list.target(n); });
}

template <class Real>
void BodyScalar<Real>::keep_base(const mesh::Array3<Real>& star, bool second) const {
  const InterpolatedList<Real> list = beside_;
  if (list.index.extent(0) == 0) return;
  const Real* const values = star.data();
  Kokkos::parallel_for(
      "scalar's base at bodies", Span(0, list.index.extent(0)),
      KOKKOS_LAMBDA(const int n) { list.target(n) = second ? values[list.index(n)] : Real(0); });
}

template <class Real>
void BodyScalar<Real>::bound(const ScalarStep<Real>& scalar, bool second) const {
  const InterpolatedList<Real> list = beside_;
  if (list.index.extent(0) == 0) return;
  const Real body = value_, share = Real(second ? 0.5 : 1);
  const int neighbours = 2 * dimension_;
  const Real* const c = scalar.scalar.data();
  Real* const star = scalar.star.data();
  Kokkos::parallel_for(
      "bound scalar at bodies", Span(0, list.index.extent(0)), KOKKOS_LAMBDA(const int n) {
        const Real here = c[list.index(n)], base = list.target(n);
        Real least = here < body ? here : body, most = here < body ? body : here;
        for (int m = 0; m < neighbours; ++m) {
          const Real weight = list.weight(n, m), there = c[list.stencil(n, m)];
          if (weight == 0) continue;
          const Real value = weight == Real(1) ? there : Real(0.5) * (here + there);
          least = value < least ? value : least;
          most = value > most ? value : most;
        }
        const Real stepped = star[list.index(n)], lowest = base + share * least,
                   highest = base + share * most;
        star[list.index(n)] = stepped < lowest ? lowest : stepped > highest ? highest : stepped;
      });
}

template class BodyScalar<float>;
template class BodyScalar<double>;

}  // namespace understudy::solvers::flow
