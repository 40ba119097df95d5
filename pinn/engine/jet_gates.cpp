// Gates of jets, u h + v (1 - h), forward and backward (jet_kernels.hpp).
#include <Kokkos_Core.hpp>

#include "pinn/engine/jet_formulas.hpp"
#include "pinn/engine/jet_kernels.hpp"
#include "pinn/engine/jet_loops.hpp"

namespace understudy::pinn {

namespace {

using namespace formulas;
using namespace loops;

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
    h[0] = in.h[i];
    d[0] = in.u[i] - in.v[i];
    for (int j = 1; j <= order; ++j) {
      const long long o = first + (j - 1) * stride + i;
      h[j] = in.h[o];
      d[j] = in.u[o] - in.v[o];
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
    h[0] = in.h[i];
    d[0] = in.u[i] - in.v[i];
    gy[0] = 0;
    for (int j = 1; j <= order; ++j) {
      const long long o = first + (j - 1) * stride + i;
      h[j] = in.h[o];
      d[j] = in.u[o] - in.v[o];
      gy[j] = g[o];
    }
    product_transposed<order>(d, gy, gh);
    product_transposed<order>(h, gy, gd);
    out.h[i] += gh[0];
    out.u[i] += gd[0];
    out.v[i] -= gd[0];
    for (int j = 1; j <= order; ++j) {
      const long long o = first + (j - 1) * stride + i;
      out.h[o] = (out.add_h ? out.h[o] : 0) + gh[j];
      out.u[o] += gd[j];
      out.v[o] += gy[j] - gd[j];
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
void sum_bias(long long points, int width, const Real* g, Real* bias_gradient) {
  for (long long p = 0; p < points; ++p) {
    const Real* row = g + p * width;
    on_host(0, width, [&](long long w) { bias_gradient[w] += row[w]; });
  }
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
template void add_bias(const JetTile&, int, const float*, float*);
template void sum_bias(long long, int, const float*, float*);
template void gate(const JetTile&, int, const GateOperands<float>&, float*);
template void gate_transposed(const JetTile&, int, const GateOperands<float>&, const float*,
                              const GateGradients<float>&);
template void mix(const JetTile&, int, const float*, const float*, const float*, float*);
template void mix_transposed(const JetTile&, int, const MixOperands<float>&, const float*,
                             const MixGradients<float>&);
template void add_bias(const JetTile&, int, const double*, double*);
template void sum_bias(long long, int, const double*, double*);
template void gate(const JetTile&, int, const GateOperands<double>&, double*);
template void gate_transposed(const JetTile&, int, const GateOperands<double>&, const double*,
                              const GateGradients<double>&);
template void mix(const JetTile&, int, const double*, const double*, const double*, double*);
template void mix_transposed(const JetTile&, int, const MixOperands<double>&, const double*,
                             const MixGradients<double>&);

}  // namespace understudy::pinn
