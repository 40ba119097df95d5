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

}  // namespace

template <class Real>
void predict_scalar(const mesh::BoxGrid& grid, const StepCoefficients<Real>& step,
                    const Velocity<Real>& u, const ScalarStep<Real>& scalar) {
  step.upwind ? predict_by<true>(grid, step, u, scalar) : predict_by<false>(grid, step, u, scalar);
}

template void predict_scalar(const mesh::BoxGrid&, const StepCoefficients<float>&,
                             const Velocity<float>&, const ScalarStep<float>&);
template void predict_scalar(const mesh::BoxGrid&, const StepCoefficients<double>&,
                             const Velocity<double>&, const ScalarStep<double>&);

}  // namespace understudy::solvers::flow
