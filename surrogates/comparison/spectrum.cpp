#include "surrogates/comparison/spectrum.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "mesh/box_grid.hpp"
#include "mesh/cell_measure.hpp"
#include "mesh/io/picture.hpp"

namespace understudy::surrogates {

namespace {

at::Tensor tensor_of(const mesh::Slice& slice) {
  at::Tensor tensor = at::empty({slice.height, slice.width}, at::kDouble);
  std::copy(slice.values.begin(), slice.values.end(), tensor.data_ptr<double>());
  return tensor;
}

// What cells measure, where they are not alike; empty elsewhere.
mesh::Array3<double> measures(const mesh::Grid& grid) {
  const auto measure = grid.cell_measure().of_each;
  if (measure.size() == 0) return {};
  const mesh::Array3<double> copy("row weights", grid.extent(2), grid.extent(1), grid.extent(0));
  Kokkos::deep_copy(copy, measure);
  return copy;
}

// What the rows of layer k measure, [row, 1]; undefined where cells are alike. On rank 0; collective.
at::Tensor row_weights(const mesh::Grid& grid, const mesh::Array3<double>& measure, int k) {
  if (measure.size() == 0) return {};
  const mesh::Slice slice = mesh::gather_slice(grid, measure, 2, k);
  return grid.comm().is_root() ? tensor_of(slice).mean(1, true) : at::Tensor{};
}

// Sums over rows, each by its weight.
struct RowSums {
  at::Tensor energy = {};
  double square = 0, weight = 0;
};

void add_rows(const mesh::Slice& slice, bool periodic, const at::Tensor& weights, RowSums& sums) {
  const at::Tensor values = tensor_of(slice);
  const at::Tensor by = weights.defined() ? weights : at::ones({slice.height, 1}, at::kDouble);
  sums.weight += by.sum().item<double>();
  sums.square += (values.square().mean(1, true) * by).sum().item<double>();
  at::Tensor rows = values - values.mean(1, true);
  double power = 1;
  if (!periodic) {
    const at::Tensor hann = at::hann_window(slice.width, false, at::kDouble);
    power = hann.square().mean().item<double>();
    rows = rows * hann;
  }
  const at::Tensor energy =
      (at::abs(at::fft_rfft(rows, {}, 1, "forward")).square() * by).sum(0) / power;
  // All but the first and (even length) the last stand for two waves.
  const std::int64_t last = energy.size(0) - (slice.width % 2 == 0 ? 1 : 0);
  energy.slice(0, 1, last).mul_(2);
  sums.energy = sums.energy.defined() ? sums.energy + energy : energy;
}

struct Shells {
  double side_m[2] = {1, 1};
  double first_1_m = 0;   ///< wave number of shell 1
  std::size_t count = 0;  ///< shell 0 (the mean, left out) included
};

Shells shells_of(const mesh::BoxGrid& grid) {
  Shells s;
  for (int axis = 0; axis < 2; ++axis) s.side_m[axis] = grid.upper(axis) - grid.lower(axis);
  s.first_1_m = 2 * std::numbers::pi / std::max(s.side_m[0], s.side_m[1]);
  const double most = std::numbers::pi / std::max(grid.spacing(0), grid.spacing(1));
  s.count = static_cast<std::size_t>(std::floor(most / s.first_1_m + 1e-9)) + 1;
  return s;
}

void add_shells(const mesh::Slice& slice, const Shells& shells, StateSpectrum& spectrum) {
  std::vector<double>& into = spectrum.energy;
  const at::Tensor plane = tensor_of(slice);
  spectrum.mean_square += plane.square().mean().item<double>();
  const at::Tensor waves = at::fft_fft(at::fft_rfft(plane, {}, 1, "forward"), {}, 0, "forward");
  const at::Tensor power = at::abs(waves).square().contiguous();
  const double* values = power.data_ptr<double>();
  const auto columns = power.size(1), rows = power.size(0);
  for (std::int64_t m = 0; m < rows; ++m)
    for (std::int64_t n = 0; n < columns; ++n) {
      const auto ky = static_cast<double>(m <= rows / 2 ? m : m - rows);
      const double k = 2 * std::numbers::pi *
                       std::hypot(static_cast<double>(n) / shells.side_m[0], ky / shells.side_m[1]);
      const auto shell = static_cast<std::size_t>(std::llround(k / shells.first_1_m));
      if (shell == 0 || shell >= shells.count) continue;
      // All but the first column and (even length) the last stand for two waves.
      const bool once = n == 0 || (slice.width % 2 == 0 && n == columns - 1);
      into[shell] += (once ? 1 : 2) * values[m * columns + n];
    }
}

// What rank 0 has.
void share(const mesh::Grid& grid, StateSpectrum& spectrum) {
  grid.comm().broadcast(spectrum.energy.data(), spectrum.energy.size() * sizeof(double));
  grid.comm().broadcast(&spectrum.mean_square, sizeof spectrum.mean_square);
}

// The shells of some fields together.
template <class Real>
StateSpectrum shell_spectrum(const mesh::State<Real>& state,
                             const std::vector<std::string>& fields) {
  const mesh::BoxGrid& grid = mesh::as_box(state.grid(), "an energy spectrum");
  const Shells shells = shells_of(grid);
  StateSpectrum result;
  for (const auto& field : fields) result.field += (result.field.empty() ? "" : " + ") + field;
  result.energy.assign(shells.count, 0);
  for (const auto& field : fields)
    for (int c = 0; c < state[field].info.components; ++c) {
      const auto slice = mesh::gather_slice(grid, state[field].component(c), 2, 0);
      if (grid.comm().is_root()) add_shells(slice, shells, result);
    }
  share(grid, result);
  for (std::size_t n = 0; n < result.energy.size(); ++n)
    result.wave_number_per_m.push_back(static_cast<double>(n) * shells.first_1_m);
  return result;
}

}  // namespace

template <class Real>
StateSpectrum row_spectrum(const mesh::State<Real>& state, const std::string& field) {
  const mesh::BoxGrid& grid = mesh::as_box(state.grid(), "an energy spectrum");
  const auto waves = static_cast<std::size_t>(grid.global_cells(0) / 2 + 1);
  StateSpectrum result;
  result.field = field;
  result.energy.assign(waves, 0);
  const auto measure = measures(grid);
  // A layer at a time: no rank holds a volume.
  for (int c = 0; c < state[field].info.components; ++c) {
    RowSums sums;
    for (int k = 0; k < grid.global_cells(2); ++k) {
      const at::Tensor weights = row_weights(grid, measure, k);
      const auto slice = mesh::gather_slice(grid, state[field].component(c), 2, k);
      if (grid.comm().is_root()) add_rows(slice, grid.periodic(0), weights, sums);
    }
    if (!grid.comm().is_root()) continue;
    for (std::size_t n = 0; n < waves; ++n)
      result.energy[n] += sums.energy[static_cast<std::int64_t>(n)].item<double>() / sums.weight;
    result.mean_square += sums.square / sums.weight;
  }
  share(grid, result);
  const double length = grid.upper(0) - grid.lower(0);
  for (std::size_t n = 0; n < waves; ++n)
    result.wave_number_per_m.push_back(2 * std::numbers::pi * static_cast<double>(n) / length);
  return result;
}

template <class Real>
std::vector<StateSpectrum> spectra(const mesh::State<Real>& state) {
  const mesh::Grid& grid = state.grid();
  if (grid.panels() > 1) return {};  // waves on a sphere are no rows of cells
  const bool shells = grid.dimension() == 2 && grid.periodic(0) && grid.periodic(1);
  std::vector<StateSpectrum> all;
  std::vector<std::string> vector, others;
  for (const auto& field : state.fields())
    if (field.info.role == mesh::Role::prognostic)
      (field.info.location == mesh::Location::cell ? others : vector).push_back(field.info.name);
  if (shells && !vector.empty()) all.push_back(shell_spectrum(state, vector));
  if (!shells)
    for (const auto& name : vector) all.push_back(row_spectrum(state, name));
  for (const auto& name : others)
    all.push_back(shells ? shell_spectrum(state, {name}) : row_spectrum(state, name));
  return all;
}

template <class Truth, class Real>
std::vector<Spectrum> compare_all_spectra(const mesh::State<Truth>& truth,
                                          const mesh::State<Real>& replacement) {
  std::vector<Spectrum> both;
  const auto others = spectra(replacement);
  for (StateSpectrum& one : spectra(truth)) {
    const auto other = std::ranges::find(others, one.field, &StateSpectrum::field);
    if (other == others.end()) continue;
    Spectrum spectrum;
    spectrum.time_s = truth.time_s;
    spectrum.field = one.field;
    spectrum.replacement = other->energy;
    spectrum.replacement.resize(one.energy.size(), 0);
    spectrum.truth_square = one.mean_square;
    spectrum.wave_number_per_m = std::move(one.wave_number_per_m);
    spectrum.truth = std::move(one.energy);
    both.push_back(std::move(spectrum));
  }
  return both;
}

template StateSpectrum row_spectrum(const mesh::State<float>&, const std::string&);
template StateSpectrum row_spectrum(const mesh::State<double>&, const std::string&);
template std::vector<StateSpectrum> spectra(const mesh::State<float>&);
template std::vector<StateSpectrum> spectra(const mesh::State<double>&);
template std::vector<Spectrum> compare_all_spectra(const mesh::State<float>&,
                                                   const mesh::State<float>&);
template std::vector<Spectrum> compare_all_spectra(const mesh::State<float>&,
                                                   const mesh::State<double>&);
template std::vector<Spectrum> compare_all_spectra(const mesh::State<double>&,
                                                   const mesh::State<float>&);
template std::vector<Spectrum> compare_all_spectra(const mesh::State<double>&,
                                                   const mesh::State<double>&);

}  // namespace understudy::surrogates
