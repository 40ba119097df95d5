// Sine and cosine of jets side by side, forward and backward (jet_kernels.hpp).
#include <Kokkos_Core.hpp>
#include <algorithm>

#include "pinn/engine/jet_formulas.hpp"
#include "pinn/engine/jet_kernels.hpp"
#include "pinn/engine/jet_loops.hpp"

namespace understudy::pinn {

namespace {

using namespace formulas;
using namespace loops;

// Both waves of an element: cos(z) has the slopes of sin at (c, -s).
template <int order, class Real>
struct Waves {
  const Real *z0, *z;
  Real *y0, *y;
  long long stride_in, stride_out;
  int width;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const {
    const long long point = i / width;
    apply(i, point * 2 * width + i - point * width, Kokkos::sin(z0[i]), Kokkos::cos(z0[i]));
  }
  KOKKOS_FORCEINLINE_FUNCTION void apply(long long i, long long o, Real s, Real c) const {
    if constexpr (order == 0) {
      y0[o] = c;
      y0[o + width] = s;
    } else {
      Real in[order + 1], out[order + 1];
      for (int j = 1; j <= order; ++j) in[j] = z[(j - 1) * stride_in + i];
      compose<order>(sin_slopes<order>(c, -s), in, out);
      for (int j = 1; j <= order; ++j) y[(j - 1) * stride_out + o] = out[j];
      compose<order>(sin_slopes<order>(s, c), in, out);
      for (int j = 1; j <= order; ++j) y[(j - 1) * stride_out + o + width] = out[j];
    }
  }
};

template <int order, class Real>
struct WavesTransposed {
  const Real *z0, *z, *g0, *g;
  Real *gz0, *gz;
  long long stride_in, stride_out;
  int width;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const {
    const long long point = i / width;
    apply(i, point * 2 * width + i - point * width, Kokkos::sin(z0[i]), Kokkos::cos(z0[i]));
  }
  KOKKOS_FORCEINLINE_FUNCTION void apply(long long i, long long o, Real s, Real c) const {
    if constexpr (order == 0) {
      gz0[i] += c * g0[o + width] - s * g0[o];
    } else {
      Real in[order + 1], gc[order + 1], gs[order + 1], a[order + 1], b[order + 1];
      for (int j = 1; j <= order; ++j) {
        in[j] = z[(j - 1) * stride_in + i];
        gc[j] = g[(j - 1) * stride_out + o];
        gs[j] = g[(j - 1) * stride_out + o + width];
      }
      gz0[i] += compose_transposed<order>(sin_slopes<order + 1>(c, -s), in, gc, a);
      gz0[i] += compose_transposed<order>(sin_slopes<order + 1>(s, c), in, gs, b);
      for (int j = 1; j <= order; ++j) gz[(j - 1) * stride_in + i] += a[j] + b[j];
    }
  }
};

// A pass of waves over all elements; on the host with the functions of a row's block ahead.
template <class Pass, class Real>
void run_waves(const JetTile& tile, const Ahead<Real>* ahead, long long begin, long long count,
               const Pass& pass) {
  if (tile.on_device) return run(tile, tile.points * pass.width, pass);
  const long long point = begin / pass.width, o = point * 2 * pass.width + begin % pass.width;
  on_host(0, count, [&](long long i) { pass.apply(begin + i, o + i, ahead->a[i], ahead->b[i]); });
}

// f(begin, count, functions ahead) for every part of a row of width elements; once for all on a device.
template <class Real, class F>
void for_rows(const JetTile& tile, int width, const Real* z, const F& f) {
  if (tile.on_device) return f(0, 0, static_cast<const Ahead<Real>*>(nullptr));
  Ahead<Real> ahead;
  for (long long point = 0; point < tile.points; ++point)
    for (long long w = 0; w < width; w += block) {
      const long long begin = point * width + w, count = std::min<long long>(block, width - w);
      ahead.template fill<Activation::sin>(count, z + begin);
      f(begin, count, &ahead);
    }
}
}  // namespace

template <class Real>
void waves(const JetTile& tile, int width, const Real* z, Real* y) {
  const long long n = tile.points * width;
  for_rows(tile, width, z, [&](long long begin, long long count, const Ahead<Real>* ahead) {
    run_waves(tile, ahead, begin, count, Waves<0, Real>{z, z, y, y, n, 2 * n, width});
    for_directions(tile, [&]<int order>(int channel) {
      run_waves(tile, ahead, begin, count,
                Waves<order, Real>{z, z + channel * n, y, y + channel * 2 * n, n, 2 * n, width});
    });
  });
}

template <class Real>
void waves_transposed(const JetTile& tile, int width, const Real* z, const Real* g, Real* gz) {
  const long long n = tile.points * width;
  for_rows(tile, width, z, [&](long long begin, long long count, const Ahead<Real>* ahead) {
    run_waves(tile, ahead, begin, count,
              WavesTransposed<0, Real>{z, z, g, g, gz, gz, n, 2 * n, width});
    for_directions(tile, [&]<int order>(int channel) {
      run_waves(tile, ahead, begin, count,
                WavesTransposed<order, Real>{z, z + channel * n, g, g + channel * 2 * n, gz,
                                             gz + channel * n, n, 2 * n, width});
    });
  });
}

template void waves(const JetTile&, int, const float*, float*);
template void waves_transposed(const JetTile&, int, const float*, const float*, float*);
template void waves(const JetTile&, int, const double*, double*);
template void waves_transposed(const JetTile&, int, const double*, const double*, double*);

}  // namespace understudy::pinn
