// The predictor's sweep over the flow's scalar (sweeps.hpp).
#include "mesh/loops.hpp"
#include "solvers/flow/momentum_kernels.hpp"
#include "solvers/flow/sweeps.hpp"

namespace understudy::solvers::flow {

namespace {

template <class Real, int dim, bool upwind, bool eddy>
struct PredictScalar {
  Steps<Real> s;
  Real dt, now, old, kappa, inv_schmidt;
  const Real *u[dim], *c, *nu_t;
  Real *rate, *star;

  template <int b>
  KOKKOS_INLINE_FUNCTION Real along(const Index n) const {
    Real h = scalar_rate_along<b, upwind>(c, u[b], n, s, kappa);
    if constexpr (eddy) h += eddy_scalar_rate_along<b>(c, nu_t, n, s, inv_schmidt);
    return h;
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    Real h = along<0>(n) + along<1>(n);
    if constexpr (dim == 3) h += along<2>(n);
    star[n] = c[n] + dt * (now * h + old * rate[n]);
    rate[n] = h;
  }
};

template <int dim, bool upwind, bool eddy, class Real>
void predict(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step, const Velocity<Real>& u,
             const ScalarStep<Real>& scalar) {
  PredictScalar<Real, dim, upwind, eddy> f;
  f.s = Steps<Real>(grid);
  f.dt = step.dt;
  f.now = step.weight_now;
  f.old = step.weight_old;
  f.kappa = Real(scalar.diffusivity_m2_s);
  f.inv_schmidt = Real(1 / scalar.turbulent_schmidt);
  for (int a = 0; a < dim; ++a) f.u[a] = u[a].data();
  f.c = scalar.scalar.data();
  f.nu_t = scalar.eddy_viscosity.data();
  f.rate = scalar.rate.data();
  f.star = scalar.star.data();
  mesh::for_rows("predict scalar", grid.interior(), f);
}

template <bool upwind, class Real>
void predict_by(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step,
                const Velocity<Real>& u, const ScalarStep<Real>& scalar) {
  if (grid.dimension() == 2)
    predict<2, upwind, false>(grid, step, u, scalar);
  else if (scalar.eddy_viscosity.data())
    predict<3, upwind, true>(grid, step, u, scalar);
  else
    predict<3, upwind, false>(grid, step, u, scalar);
}

template <class Real, int dim, bool eddy>
struct LimitedStage {
  Steps<Real> s;
  Real dt, kappa, inv_schmidt, delta;
  Real keep, share;  // of c* as it is, and of the step
  GivenFaces given[dim];
  const Real *u[dim], *c, *nu_t;
  Real* star;

  template <int b>
  KOKKOS_INLINE_FUNCTION Real along(const Index n, const int face, const Real mu) const {
    const Index e = s.template step<b>();
    const Real mu_lower = slope(n - e), mu_upper = slope(n + e);
    const Real out = limited_flux(u[b][n + e], c, n + e, e, face + 1, given[b], mu, mu_upper);
    const Real in = limited_flux(u[b][n], c, n, e, face, given[b], mu_lower, mu);
    const Real laplace = (c[n + e] - c[n]) - (c[n] - c[n - e]);
    Real h = kappa * s.inv_h_sq[b] * laplace - (out - in) * s.inv_h[b];
    if constexpr (eddy) h += eddy_scalar_rate_along<b>(c, nu_t, n, s, inv_schmidt);
    return h;
  }
  KOKKOS_INLINE_FUNCTION Real slope(const Index n) const {
    return limiter_slope(outward_courant<dim>(u, n, s, dt), delta);
  }
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const Index n = s.at(k, j, i);
    const Real mu = slope(n);
    Real h = along<0>(n, i, mu) + along<1>(n, j, mu);
    if constexpr (dim == 3) h += along<2>(n, k, mu);
    const Real stepped = share * (c[n] + dt * h);
    star[n] = keep != 0 ? star[n] + stepped : stepped;
  }
};

template <int dim, bool eddy, class Real>
void limited_stage(const mesh::BoxGrid& grid, const LimitedScalarStage& stage,
                   const Velocity<Real>& u, const ScalarStep<Real>& scalar) {
  LimitedStage<Real, dim, eddy> f;
  f.s = Steps<Real>(grid);
  f.dt = Real(stage.dt_s);
  f.kappa = Real(scalar.diffusivity_m2_s);
  f.inv_schmidt = Real(1 / scalar.turbulent_schmidt);
  f.delta = Real(stage.dt_s * stage.diffusion_1_s);
  f.keep = Real(stage.second ? 1 : 0);
  f.share = Real(stage.second ? 0.5 : 1);
  for (int a = 0; a < dim; ++a) {
    f.u[a] = u[a].data();
    f.given[a] = stage.given[a];
  }
  f.c = scalar.scalar.data();
  f.nu_t = scalar.eddy_viscosity.data();
  f.star = scalar.star.data();
  mesh::for_rows("limited scalar", grid.interior(), f);
}

}  // namespace

template <class Real>
void limited_scalar_stage(const mesh::BoxGrid& grid, const LimitedScalarStage& stage,
                          const Velocity<Real>& u, const ScalarStep<Real>& scalar) {
  if (grid.dimension() == 2)
    limited_stage<2, false>(grid, stage, u, scalar);
  else if (scalar.eddy_viscosity.data())
    limited_stage<3, true>(grid, stage, u, scalar);
  else
    limited_stage<3, false>(grid, stage, u, scalar);
}

template <class Real>
void keep_half(const mesh::BoxGrid& grid, const mesh::Array3<Real>& c,
               const mesh::Array3<Real>& star, const mesh::Array3<Real>& source) {
  mesh::for_rows(
      "half of the scalar", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        const Real old = c(k, j, i);
        c(k, j, i) = star(k, j, i);
        star(k, j, i) = Real(0.5) * (source.data() != nullptr ? old + source(k, j, i) : old);
      });
}

template <class Real>
void scale_into(const mesh::BoxGrid& grid, Real factor, const mesh::Array3<Real>& from,
                const mesh::Array3<Real>& to) {
  mesh::for_rows(
      "scale", grid.interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { to(k, j, i) = factor * from(k, j, i); });
}

template <class Real>
void add(const mesh::BoxGrid& grid, const mesh::Array3<Real>& from, const mesh::Array3<Real>& to) {
  mesh::for_rows(
      "add", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) { to(k, j, i) += from(k, j, i); });
}

template <class Real>
void predict_scalar(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step,
                    const Velocity<Real>& u, const ScalarStep<Real>& scalar) {
  scalar.upwind ? predict_by<true>(grid, step, u, scalar)
                : predict_by<false>(grid, step, u, scalar);
}

template void limited_scalar_stage(const mesh::BoxGrid&, const LimitedScalarStage&,
                                   const Velocity<float>&, const ScalarStep<float>&);
template void limited_scalar_stage(const mesh::BoxGrid&, const LimitedScalarStage&,
                                   const Velocity<double>&, const ScalarStep<double>&);
template void scale_into(const mesh::BoxGrid&, float, const mesh::Array3<float>&,
                         const mesh::Array3<float>&);
template void scale_into(const mesh::BoxGrid&, double, const mesh::Array3<double>&,
                         const mesh::Array3<double>&);
template void add(const mesh::BoxGrid&, const mesh::Array3<float>&, const mesh::Array3<float>&);
template void add(const mesh::BoxGrid&, const mesh::Array3<double>&, const mesh::Array3<double>&);
template void keep_half(const mesh::BoxGrid&, const mesh::Array3<float>&,
                        const mesh::Array3<float>&, const mesh::Array3<float>&);
template void keep_half(const mesh::BoxGrid&, const mesh::Array3<double>&,
                        const mesh::Array3<double>&, const mesh::Array3<double>&);
template void predict_scalar(const mesh::BoxGrid&, const StepCoefficients<float>&,
                             const Velocity<float>&, const ScalarStep<float>&);
template void predict_scalar(const mesh::BoxGrid&, const StepCoefficients<double>&,
                             const Velocity<double>&, const ScalarStep<double>&);

}  // namespace understudy::solvers::flow
