#include "pinn/engine/jet_kernels.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>

#include "pinn/engine/jet_formulas.hpp"
#include "pinn/engine/jet_functions.hpp"

namespace understudy::pinn {

namespace {

using namespace formulas;

// Elements that one pass over the directions covers: every channel of a block stays in the first cache.
constexpr long long block = 1024;

// f(i) for i in [begin, end), independent of each other.
template <class F>
void on_host(long long begin, long long end, F f) {
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#elif defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#endif
  for (long long i = begin; i < end; ++i) f(i);
}

// Runs passes, functors of one element, one after the other: all of them over one block, then the next.
template <class... Passes>
void run(const JetTile& tile, long long elements, const Passes&... passes) {
  if (tile.on_device) {
    (Kokkos::parallel_for("pinn_jets", Kokkos::RangePolicy<>(0, elements), passes), ...);
    Kokkos::fence("pinn_jets");
    return;
  }
  for (long long begin = 0; begin < elements; begin += block)
    (on_host(begin, std::min(begin + block, elements), passes), ...);
}

// Calls pass.template operator()<order>(first channel) for every direction.
template <class Pass>
void for_directions(const JetTile& tile, const Pass& pass) {
  int channel = 1;
  for (const int order : *tile.orders) {
    if (order == 1) pass.template operator()<1>(channel);
    if (order == 2) pass.template operator()<2>(channel);
    if (order == 3) pass.template operator()<3>(channel);
    if (order == 4) pass.template operator()<4>(channel);
    channel += order;
  }
}

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

// Functions of a block's values, ahead of the passes over its directions.
template <class Real>
struct Ahead {
  Real a[block], b[block];
  template <Activation activation>
  void fill(long long count, const Real* z) {
    if constexpr (activation == Activation::sin) sin_cos_of(count, z, a, b);
    if constexpr (activation == Activation::silu) tanh_of(count, Real(0.5), z, a);
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
      y0[o] = c, y0[o + width] = s;
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

template <class Real>
struct GateValue {
  GateOperands<Real> in;
  Real* y;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const {
    y[i] = in.v[i] + in.h[i] * (in.u[i] - in.v[i]);
  }
};

template <int order, class Real>
struct Gate {
  GateOperands<Real> in;
  Real* y;
  long long first, stride;  ///< the direction's first channel, as an offset
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const {
    Real h[order + 1], d[order + 1], p[order + 1];
    h[0] = in.h[i], d[0] = in.u[i] - in.v[i];
    for (int j = 1; j <= order; ++j) {
      const long long o = first + (j - 1) * stride + i;
      h[j] = in.h[o], d[j] = in.u[o] - in.v[o];
    }
    product<order>(h, d, p);
    for (int j = 1; j <= order; ++j) {
      const long long o = first + (j - 1) * stride + i;
      y[o] = in.v[o] + p[j];
    }
  }
};

template <class Real>
struct GateValueTransposed {
  GateOperands<Real> in;
  const Real* g;
  GateGradients<Real> out;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const {
    const Real gd = g[i] * in.h[i];
    out.h[i] = (out.add_h ? out.h[i] : 0) + g[i] * (in.u[i] - in.v[i]);
    out.u[i] += gd;
    out.v[i] += g[i] - gd;
  }
};

template <int order, class Real>
struct GateTransposed {
  GateOperands<Real> in;
  const Real* g;
  GateGradients<Real> out;
  long long first, stride;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const {
    Real h[order + 1], d[order + 1], gy[order + 1], gh[order + 1], gd[order + 1];
    h[0] = in.h[i], d[0] = in.u[i] - in.v[i], gy[0] = 0;
    for (int j = 1; j <= order; ++j) {
      const long long o = first + (j - 1) * stride + i;
      h[j] = in.h[o], d[j] = in.u[o] - in.v[o], gy[j] = g[o];
    }
    product_transposed<order>(d, gy, gh);
    product_transposed<order>(h, gy, gd);
    out.h[i] += gh[0], out.u[i] += gd[0], out.v[i] -= gd[0];
    for (int j = 1; j <= order; ++j) {
      const long long o = first + (j - 1) * stride + i;
      out.h[o] = (out.add_h ? out.h[o] : 0) + gh[j];
      out.u[o] += gd[j], out.v[o] += gy[j] - gd[j];
    }
  }
};

template <class Real>
struct Mix {
  const Real *alpha, *h, *x;
  Real* y;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const {
    y[i] = x[i] + alpha[0] * (h[i] - x[i]);
  }
};

template <class Real>
struct MixTransposed {
  const Real *alpha, *g;
  Real *gh, *gx;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const {
    gh[i] += alpha[0] * g[i];
    gx[i] += (1 - alpha[0]) * g[i];
  }
};

template <class Real>
struct MixSum {
  const Real *g, *h, *x;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i, Real& sum) const {
    sum += g[i] * (h[i] - x[i]);
  }
};

template <class Real>
struct Assign {
  const Real* from;
  Real* to;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const { *to += from[i]; }
};

template <class Real>
struct AddBias {
  const Real* bias;
  Real* z;
  int width;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long i) const { z[i] += bias[i % width]; }
};

template <class Real>
struct SumColumn {
  const Real* g;
  Real* sum;
  long long points;
  int width;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(const long long w) const {
    Real total = 0;
    for (long long p = 0; p < points; ++p) total += g[p * width + w];
    sum[w] += total;
  }
};

}  // namespace

template <class Real>
void add_bias(const JetTile& tile, int width, const Real* bias, Real* z) {
  if (tile.on_device) return run(tile, tile.points * width, AddBias<Real>{bias, z, width});
  for (long long p = 0; p < tile.points; ++p) {
    Real* row = z + p * width;
    on_host(0, width, [&](long long w) { row[w] += bias[w]; });
  }
}

template <class Real>
void sum_bias(const JetTile& tile, int width, const Real* g, Real* bias_gradient) {
  if (tile.on_device)
    return run(tile, width, SumColumn<Real>{g, bias_gradient, tile.points, width});
  for (long long p = 0; p < tile.points; ++p) {
    const Real* row = g + p * width;
    on_host(0, width, [&](long long w) { bias_gradient[w] += row[w]; });
  }
}

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

template <class Real>
void gate(const JetTile& tile, int width, const GateOperands<Real>& in, Real* y) {
  const long long n = tile.points * width;
  run(tile, n, GateValue<Real>{in, y});
  for_directions(tile, [&]<int order>(int channel) {
    run(tile, n, Gate<order, Real>{in, y, channel * n, n});
  });
}

template <class Real>
void gate_transposed(const JetTile& tile, int width, const GateOperands<Real>& in, const Real* g,
                     const GateGradients<Real>& out) {
  const long long n = tile.points * width;
  run(tile, n, GateValueTransposed<Real>{in, g, out});
  for_directions(tile, [&]<int order>(int channel) {
    run(tile, n, GateTransposed<order, Real>{in, g, out, channel * n, n});
  });
}

template <class Real>
void mix(const JetTile& tile, int width, const Real* alpha, const Real* h, const Real* x, Real* y) {
  run(tile, tile.channels() * tile.points * width, Mix<Real>{alpha, h, x, y});
}

template <class Real>
void mix_transposed(const JetTile& tile, int width, const MixOperands<Real>& in, const Real* g,
                    const MixGradients<Real>& out) {
  const long long n = tile.channels() * tile.points * width;
  run(tile, n, MixTransposed<Real>{in.alpha, g, out.h, out.x});
  const MixSum<Real> pass{g, in.h, in.x};
  Real sum = 0;
  if (!tile.on_device) {
    for (long long i = 0; i < n; ++i) pass(i, sum);
    *out.alpha += sum;
    return;
  }
  Kokkos::View<Real, Kokkos::DefaultExecutionSpace> total("mix_alpha");
  Kokkos::parallel_reduce("pinn_mix", Kokkos::RangePolicy<>(0, n), pass, total);
  run(tile, 1, Assign<Real>{total.data(), out.alpha});
}

#define UNDERSTUDY_JET_KERNELS(Real)                                                         \
  template void add_bias(const JetTile&, int, const Real*, Real*);                           \
  template void sum_bias(const JetTile&, int, const Real*, Real*);                           \
  template void activate(const JetTile&, Activation, int, Real*, Real*, bool);               \
  template void activate_transposed(const JetTile&, Activation, int, const Real*, Real*);    \
  template void waves(const JetTile&, int, const Real*, Real*);                              \
  template void waves_transposed(const JetTile&, int, const Real*, const Real*, Real*);      \
  template void gate(const JetTile&, int, const GateOperands<Real>&, Real*);                 \
  template void gate_transposed(const JetTile&, int, const GateOperands<Real>&, const Real*, \
                                const GateGradients<Real>&);                                 \
  template void mix(const JetTile&, int, const Real*, const Real*, const Real*, Real*);      \
  template void mix_transposed(const JetTile&, int, const MixOperands<Real>&, const Real*,   \
                               const MixGradients<Real>&);
UNDERSTUDY_JET_KERNELS(float)
UNDERSTUDY_JET_KERNELS(double)
#undef UNDERSTUDY_JET_KERNELS

}  // namespace understudy::pinn
