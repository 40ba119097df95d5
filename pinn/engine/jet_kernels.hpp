// Elementwise work on the jets of one tile of points: arrays [channel, element], element = point x width,
// one channel after the other. On the host they run in the calling thread (tiles are the parallel
// work); on a device each is one range of its default execution space, complete on return.
//
// `orders`: of the directions (jet_spec.hpp); channels = 1 + their sum.
#pragma once

#include <vector>

#include "pinn/engine/jet_program.hpp"

namespace understudy::pinn {

struct JetTile {
  const std::vector<int>* orders;
  long long points;
  bool on_device;
  int channels() const {
    int sum = 1;
    for (const int order : *orders) sum += order;
    return sum;
  }
};

/// z[0] += bias, z: [point, width].
template <class Real>
void add_bias(const JetTile& tile, int width, const Real* bias, Real* z);
/// bias_gradient[w] += sum over points of g[0], g: [point, width]. On the host alone: a device has better
/// sums of its own.
template <class Real>
void sum_bias(long long points, int width, const Real* g, Real* bias_gradient);

/// y = s(z). `first`: z[0] holds z; with tanh it is left as tanh(z), which later calls (`first` false,
/// and the transpose) expect.
template <class Real>
void activate(const JetTile& tile, Activation activation, int width, Real* z, Real* y, bool first);
/// g (gradient of y) becomes the gradient of z, in place.
template <class Real>
void activate_transposed(const JetTile& tile, Activation activation, int width, const Real* z,
                         Real* g);

/// y = [cos z, sin z] along the width: y [channel, point, 2 width].
template <class Real>
void waves(const JetTile& tile, int width, const Real* z, Real* y);
/// gz += ..., the transpose.
template <class Real>
void waves_transposed(const JetTile& tile, int width, const Real* z, const Real* g, Real* gz);

/// y = h u + (1 - h) v.
template <class Real>
struct GateOperands {
  const Real *h, *u, *v;
};
template <class Real>
void gate(const JetTile& tile, int width, const GateOperands<Real>& in, Real* y);
template <class Real>
struct GateGradients {
  Real *h, *u, *v;  ///< added to, h only where add_h
  bool add_h;
};
template <class Real>
void gate_transposed(const JetTile& tile, int width, const GateOperands<Real>& in, const Real* g,
                     const GateGradients<Real>& out);

/// y = alpha h + (1 - alpha) x, alpha: one value in the arrays' memory.
template <class Real>
void mix(const JetTile& tile, int width, const Real* alpha, const Real* h, const Real* x, Real* y);
/// gh += alpha g, gx += (1 - alpha) g, galpha += sum g (h - x).
template <class Real>
struct MixGradients {
  Real *h, *x, *alpha;
};
template <class Real>
struct MixOperands {
  const Real *alpha, *h, *x;
};
template <class Real>
void mix_transposed(const JetTile& tile, int width, const MixOperands<Real>& in, const Real* g,
                    const MixGradients<Real>& out);

}  // namespace understudy::pinn
