// Activations of jets, forward and backward (jet_kernels.hpp).
#include <Kokkos_Core.hpp>
#include <algorithm>

#include "pinn/engine/jet_formulas.hpp"
#include "pinn/engine/jet_kernels.hpp"
#include "pinn/engine/jet_loops.hpp"

namespace understudy::pinn {

namespace {

using namespace formulas;
using namespace loops;

// What slopes are formed from, for one element. tanh: its own value, which stands in z's place; sin: s and c;
// silu: z and t = tanh(z / 2). On the host a and b were filled for the block ahead (jet_functions.hpp).
template <Activation activation, bool ahead, class Real>
struct SlopeSource {
  const Real *z, *a, *b;
  template <int orders>
  KOKKOS_FORCEINLINE_FUNCTION Slopes<Real> at(long long i) const {
    if constexpr (activation == Activation::tanh)
      return tanh_slopes<orders>(z[i]);
    else if constexpr (activation == Activation::sin && ahead)
      return sin_slopes<orders>(a[i], b[i]);
    else if constexpr (activation == Activation::sin)
      return sin_slopes<orders>(Kokkos::sin(z[i]), Kokkos::cos(z[i]));
    else if constexpr (ahead)
      return silu_slopes<orders>(z[i], a[i]);
    else
      return silu_slopes<orders>(z[i], Kokkos::tanh(z[i] / 2));
  }
};

// The value channel on a device, first look.
template <Activation activation, class Real>
struct Value {
  Real *z, *y;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const {
    if constexpr (activation == Activation::tanh)
      z[i] = y[i] = Kokkos::tanh(z[i]);
    else if constexpr (activation == Activation::sin)
      y[i] = Kokkos::sin(z[i]);
    else
      y[i] = z[i] * (1 + Kokkos::tanh(z[i] / 2)) / 2;
  }
};

template <class Real>
struct Copy {
  const Real* from;
  Real* to;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const { to[i] = from[i]; }
};

template <class Real>
struct SiluValue {
  const Real *z, *t;
  Real* y;
  void operator()(const long long i) const { y[i] = z[i] * (1 + t[i]) / 2; }
};

template <class Source, int order, class Real>
struct Compose {
  Source source;
  const Real* z;  ///< the direction's first channel
  Real* y;
  long long stride;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const {
    const Slopes<Real> s = source.template at<order>(i);
    Real in[order + 1], out[order + 1];
    for (int j = 1; j <= order; ++j) in[j] = z[(j - 1) * stride + i];
    compose<order>(s, in, out);
    for (int j = 1; j <= order; ++j) y[(j - 1) * stride + i] = out[j];
  }
};

template <class Source, class Real>
struct ValueTransposed {
  Source source;
  Real* g;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const {
    g[i] *= source.template at<1>(i).s[1];
  }
};

template <class Source, int order, class Real>
struct ComposeTransposed {
  Source source;
  const Real* z;
  Real *g0, *g;  ///< of the value; of the direction's first channel
  long long stride;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const {
    const Slopes<Real> s = source.template at<order + 1>(i);
    Real in[order + 1], gy[order + 1], gz[order + 1];
    for (int j = 1; j <= order; ++j) in[j] = z[(j - 1) * stride + i];
    for (int j = 1; j <= order; ++j) gy[j] = g[(j - 1) * stride + i];
    g0[i] += compose_transposed<order>(s, in, gy, gz);
    for (int j = 1; j <= order; ++j) g[(j - 1) * stride + i] = gz[j];
  }
};

// The value channel of a block on the host.
template <Activation activation, class Real>
void host_value(const Ahead<Real>& ahead, long long count, Real* z, Real* y, bool first) {
  if constexpr (activation == Activation::tanh) {
    if (first) tanh_of(count, Real(1), z, z);
    on_host(0, count, Copy<Real>{z, y});
  } else if constexpr (activation == Activation::sin) {
    on_host(0, count, Copy<Real>{ahead.a, y});
  } else {
    on_host(0, count, SiluValue<Real>{z, ahead.a, y});
  }
}

template <Activation activation, class Real>
void activate_as(const JetTile& tile, int width, Real* z, Real* y, bool first) {
  const long long n = tile.points * width;
  if (tile.on_device) {
    if (activation == Activation::tanh && !first)
      run(tile, n, Copy<Real>{z, y});
    else
      run(tile, n, Value<activation, Real>{z, y});
    using Source = SlopeSource<activation, false, Real>;
    for_directions(tile, [&]<int order>(int channel) {
      run(tile, n, Compose<Source, order, Real>{{z, z, z}, z + channel * n, y + channel * n, n});
    });
    return;
  }
  Ahead<Real> ahead;
  for (long long begin = 0; begin < n; begin += block) {
    const long long count = std::min(block, n - begin);
    ahead.template fill<activation>(count, z + begin);
    host_value<activation>(ahead, count, z + begin, y + begin, first);
    using Source = SlopeSource<activation, true, Real>;
    for_directions(tile, [&]<int order>(int channel) {
      const long long at = channel * n + begin;
      on_host(0, count,
              Compose<Source, order, Real>{{z + begin, ahead.a, ahead.b}, z + at, y + at, n});
    });
  }
}

template <Activation activation, class Real>
void activate_transposed_as(const JetTile& tile, int width, const Real* z, Real* g) {
  const long long n = tile.points * width;
  if (tile.on_device) {
    using Source = SlopeSource<activation, false, Real>;
    run(tile, n, ValueTransposed<Source, Real>{{z, z, z}, g});
    for_directions(tile, [&]<int order>(int channel) {
      run(tile, n,
          ComposeTransposed<Source, order, Real>{
              {z, z, z}, z + channel * n, g, g + channel * n, n});
    });
    return;
  }
  Ahead<Real> ahead;
  for (long long begin = 0; begin < n; begin += block) {
    const long long count = std::min(block, n - begin);
    ahead.template fill<activation>(count, z + begin);
    using Source = SlopeSource<activation, true, Real>;
    const Source source{z + begin, ahead.a, ahead.b};
    on_host(0, count, ValueTransposed<Source, Real>{source, g + begin});
    for_directions(tile, [&]<int order>(int channel) {
      const long long at = channel * n + begin;
      on_host(0, count,
              ComposeTransposed<Source, order, Real>{source, z + at, g + begin, g + at, n});
    });
  }
}
}  // namespace

template <class Real>
void activate(const JetTile& tile, Activation activation, int width, Real* z, Real* y, bool first) {
  if (activation == Activation::tanh)
    activate_as<Activation::tanh>(tile, width, z, y, first);
  else if (activation == Activation::sin)
    activate_as<Activation::sin>(tile, width, z, y, first);
  else
    activate_as<Activation::silu>(tile, width, z, y, first);
}

template <class Real>
void activate_transposed(const JetTile& tile, Activation activation, int width, const Real* z,
                         Real* g) {
  if (activation == Activation::tanh)
    activate_transposed_as<Activation::tanh>(tile, width, z, g);
  else if (activation == Activation::sin)
    activate_transposed_as<Activation::sin>(tile, width, z, g);
  else
    activate_transposed_as<Activation::silu>(tile, width, z, g);
}

template void activate(const JetTile&, Activation, int, float*, float*, bool);
template void activate_transposed(const JetTile&, Activation, int, const float*, float*);
template void activate(const JetTile&, Activation, int, double*, double*, bool);
template void activate_transposed(const JetTile&, Activation, int, const double*, double*);

}  // namespace understudy::pinn
