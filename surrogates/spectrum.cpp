#include "surrogates/spectrum.hpp"

#include <ATen/ATen.h>

#include <numbers>

#include "mesh/io/picture.hpp"

namespace understudy::surrogates {

namespace {

std::vector<double> row_spectrum(const mesh::Slice& slice, bool periodic) {
  at::Tensor rows = at::empty({slice.height, slice.width}, at::kDouble);
  std::copy(slice.values.begin(), slice.values.end(), rows.data_ptr<double>());
  rows = rows - rows.mean(1, true);
  double power = 1;
  if (!periodic) {
    const at::Tensor hann = at::hann_window(slice.width, false, at::kDouble);
    power = hann.square().mean().item<double>();
    rows = rows * hann;
  }
  at::Tensor energy = at::abs(at::fft_rfft(rows, {}, 1, "forward")).square().mean(0) / power;
  // All but the first and (even length) the last stand for two waves.
  const std::int64_t last = energy.size(0) - (slice.width % 2 == 0 ? 1 : 0);
  energy.slice(0, 1, last).mul_(2);
  energy = energy.contiguous();
  return {energy.data_ptr<double>(), energy.data_ptr<double>() + energy.numel()};
}

}  // namespace

template <class Real>
Spectrum compare_spectra(const mesh::State<Real>& truth, const mesh::State<Real>& replacement,
                         const std::string& field) {
  const mesh::Grid& grid = truth.grid();
  Spectrum result;
  result.time_s = truth.time_s;
  result.field = field;
  const int middle = grid.global_cells(2) / 2;
  for (const auto* state : {&truth, &replacement}) {
    auto& into = state == &truth ? result.truth : result.replacement;
    for (int c = 0; c < (*state)[field].info.components; ++c) {
      const auto slice = mesh::gather_slice(grid, (*state)[field].component(c), 2, middle);
      if (!grid.comm().is_root()) continue;
      const auto energy = row_spectrum(slice, grid.periodic(0));
      into.resize(energy.size());
      for (std::size_t n = 0; n < energy.size(); ++n) into[n] += energy[n];
    }
  }
  const double length = grid.upper(0) - grid.lower(0);
  for (std::size_t n = 0; n < result.truth.size(); ++n)
    result.wave_number_per_m.push_back(2 * std::numbers::pi * static_cast<double>(n) / length);
  return result;
}

template Spectrum compare_spectra(const mesh::State<float>&, const mesh::State<float>&,
                                  const std::string&);
template Spectrum compare_spectra(const mesh::State<double>&, const mesh::State<double>&,
                                  const std::string&);

}  // namespace understudy::surrogates
