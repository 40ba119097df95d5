// Energy of a field over wave numbers along x, for the comparison of two states (private to
// surrogates/).
#pragma once

#include "mesh/field.hpp"
#include "surrogates/comparison.hpp"

namespace understudy::surrogates {

/// Of each row along x: mean removed, Hann window where x is not periodic, discrete Fourier
/// transform; the squared magnitudes, mean over rows (and components), one sided, so that their sum
/// is the variance. Collective; on rank 0 only.
template <class Real>
Spectrum compare_spectra(const mesh::State<Real>& truth, const mesh::State<Real>& replacement,
                         const std::string& field);

}  // namespace understudy::surrogates
