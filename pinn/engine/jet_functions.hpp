// Elementary functions of arrays, vectorised on the host: GNU's vector mathematics library where the
// platform has it (errors up to 4 units in the last place), else one at a time.
#pragma once

namespace understudy::pinn {

/// y = tanh(scale z), [n]; y may be z.
template <class Real>
void tanh_of(long long n, Real scale, const Real* z, Real* y);
/// s = sin z, c = cos z, [n].
template <class Real>
void sin_cos_of(long long n, const Real* z, Real* s, Real* c);

/// to = from, [n], past the caches where the processor can: for what is not read again soon.
template <class Real>
void store_past_caches(long long n, const Real* from, Real* to);

}  // namespace understudy::pinn
