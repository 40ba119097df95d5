// Energy of fields over wave numbers, for the comparison of two states (private to surrogates/).
#pragma once

#include <vector>

#include "mesh/field.hpp"
#include "surrogates/comparison/comparison.hpp"

namespace understudy::surrogates {

/// One side's, on all ranks.
struct StateSpectrum {
  std::string field;  ///< "u + v"
  std::vector<double> wave_number_per_m, energy;
  double mean_square = 0;  ///< of the values, their mean included
};

/// Of each row along x, all rows of a volume: mean removed, Hann window where x is not periodic, discrete Fourier
/// transform; the squared magnitudes, mean over rows (each by what it measures, where cells are not alike) and
/// sum over components, one sided, so that their sum is the variance. Collective.
template <class Real>
StateSpectrum row_spectrum(const mesh::State<Real>& state, const std::string& field);

/// In a 2-D box periodic along both axes: over shells of |k|. Shell n holds the waves of the 2-D
/// discrete Fourier transform with n - 1/2 <= |k| / k1 < n + 1/2, k1 = 2 pi / the longer side; its
/// value is their mean square, so that the sum over shells is the variance of the waves in complete
/// shells (|k| up to the coarser axis's Nyquist wave number). Staggered fields are components of one
/// vector and are summed ("u + v": twice the kinetic energy per mass); others stand alone.
/// Elsewhere: row_spectrum of each prognostic field. None on a cubed sphere. Collective.
template <class Real>
std::vector<StateSpectrum> spectra(const mesh::State<Real>& state);

/// Both sides', which may be of different grids of one box: at the wave numbers of the truth; waves that the
/// replacement's grid does not carry have no energy there. Collective.
template <class Truth, class Real>
std::vector<Spectrum> compare_all_spectra(const mesh::State<Truth>& truth,
                                          const mesh::State<Real>& replacement);

}  // namespace understudy::surrogates
