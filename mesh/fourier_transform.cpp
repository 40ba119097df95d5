#include "mesh/fourier_transform.hpp"

#include "mesh/linear_solver/fftw_plan.hpp"

namespace understudy::mesh {

namespace {

template <class Real>
typename detail::Fftw<Real>::Complex* fftw(
    const Kokkos::View<Kokkos::complex<Real>*, Kokkos::HostSpace>& modes) {
  return reinterpret_cast<typename detail::Fftw<Real>::Complex*>(modes.data());
}

}  // namespace

// Kokkos aligns its memory to 64 bytes, so that a plan made for one array fits them all.
template <class Real>
struct FourierTransform<Real>::Plans {
  detail::FftwPlan<Real> forward, inverse;
};

template <class Real>
FourierTransform<Real>::FourierTransform(const std::array<int, 3>& cells, int dimension)
    : points_(1UL * cells[0] * cells[1] * cells[2]),
      modes_(1UL * (cells[0] / 2 + 1) * cells[1] * cells[2]),
      plans_(std::make_unique<Plans>()) {
  using F = detail::Fftw<Real>;
  const std::array<int, 3> slowest_first{cells[2], cells[1], cells[0]};
  const int* n = slowest_first.data() + 3 - dimension;
  const Values values = make_values("values to plan with");
  const Modes modes = make_modes("modes to plan with");
  plans_->forward =
      detail::FftwPlan<Real>(F::r2c(dimension, n, values.data(), fftw<Real>(modes), FFTW_ESTIMATE));
  plans_->inverse =
      detail::FftwPlan<Real>(F::c2r(dimension, n, fftw<Real>(modes), values.data(), FFTW_ESTIMATE));
}

template <class Real>
FourierTransform<Real>::~FourierTransform() = default;
template <class Real>
FourierTransform<Real>::FourierTransform(FourierTransform&&) noexcept = default;

template <class Real>
void FourierTransform<Real>::forward(const std::vector<Values>& values,
                                     const std::vector<Modes>& modes, int count) const {
  for_host(count, [&](const int n) {
    detail::Fftw<Real>::run_r2c(plans_->forward.get(), values[n].data(), fftw<Real>(modes[n]));
  });
}

template <class Real>
void FourierTransform<Real>::inverse(const std::vector<Modes>& modes,
                                     const std::vector<Values>& values, int count) const {
  for_host(count, [&](const int n) {
    detail::Fftw<Real>::run_c2r(plans_->inverse.get(), fftw<Real>(modes[n]), values[n].data());
  });
}

template class FourierTransform<float>;
template class FourierTransform<double>;

}  // namespace understudy::mesh
