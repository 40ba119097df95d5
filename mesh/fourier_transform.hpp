// Real-to-complex Fourier transforms of whole 2-D and 3-D arrays by FFTW (Frigo & Johnson 2005), for
// pseudo-spectral solvers in periodic boxes:
//
//     forward   c_k = sum over x of f_x exp(-2 pi i sum_a k_a x_a / n_a)        (not divided by the points)
//     inverse   f_x = sum over k of c_k exp(+2 pi i sum_a k_a x_a / n_a)
//
// Arrays are contiguous and of the host: values [z][y][x], modes [z][y][nx / 2 + 1] with k_x from 0 to nx / 2
// and, along y and z, 0, 1, ... n - 1, where k > n / 2 stands for k - n. One rank has the whole array. Several
// fields are transformed at once, one a host thread; a single one by one thread. Plans are estimated, not
// measured: measured ones differ from run to run, and with them the round-off.
#pragma once

#include <Kokkos_Core.hpp>

#include <array>
#include <memory>
#include <vector>

#include "mesh/loops.hpp"

namespace understudy::mesh {

/// f(n) for every 0 <= n < count, over the host's threads.
template <class F>
void for_host(int count, const F& f) {
  using Host = Kokkos::DefaultHostExecutionSpace;
  if (count == 1 || Host().concurrency() == 1) {
    for (int n = 0; n < count; ++n) f(n);
    return;
  }
  Kokkos::parallel_for("host loop",
                       Kokkos::RangePolicy<Host, Kokkos::Schedule<Kokkos::Static>>(0, count), f);
  Host().fence("host loop");
}

template <class Real>
class FourierTransform {
 public:
  using Complex = Kokkos::complex<Real>;
  using Values = Kokkos::View<Real*, Kokkos::HostSpace>;
  using Modes = Kokkos::View<Complex*, Kokkos::HostSpace>;

  /// cells: along x, y, z; z is 1 in 2-D.
  FourierTransform(const std::array<int, 3>& cells, int dimension);
  ~FourierTransform();
  FourierTransform(FourierTransform&&) noexcept;

  std::size_t points() const { return points_; }
  std::size_t modes() const { return modes_; }
  Values make_values(const char* name) const { return Values(name, points_); }
  Modes make_modes(const char* name) const { return Modes(name, modes_); }

  /// The first `count` of `values` [points] into as many of `modes` [modes], made by the two above.
  void forward(const std::vector<Values>& values, const std::vector<Modes>& modes, int count) const;
  /// The other way; what was in `modes` is lost.
  void inverse(const std::vector<Modes>& modes, const std::vector<Values>& values, int count) const;

 private:
  struct Plans;
  std::size_t points_, modes_;
  std::unique_ptr<Plans> plans_;
};

extern template class FourierTransform<float>;
extern template class FourierTransform<double>;

}  // namespace understudy::mesh
