#include "surrogates/fields/climatology.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/grid_shape.hpp"

namespace understudy::surrogates {

namespace {

constexpr std::size_t most_values = std::size_t(1) << 22;  // read at once

}  // namespace

template <class Real>
Climatology<Real>::Climatology(const DatasetReader& data, const mesh::State<Real>& like,
                               const ClimatologySpan& span)
    : data_(data),
      span_(span),
      samples_(data.samples_of("train")),
      by_lead_time_(span.by_lead_time),
      state_(like.clone()) {
  if (samples_.empty())
    throw core::UserError(
        core::format("dataset {}: no sample in the split train", data.directory().string()));
  cells_ = static_cast<std::size_t>(data.channels(mesh::Role::prognostic)) *
           static_cast<std::size_t>(like.grid().global_cell_count());
  for (const int sample : samples_) {
    const double frame = (span.start_s - data.time_s(sample, 0)) / span.window_s;
    first_frame_.push_back(std::llround(frame));
    const long long frames = data.samples()[sample].frames;
    by_lead_time_ = by_lead_time_ && std::abs(frame - std::round(frame)) < 1e-6 &&
                    first_frame_.back() >= 0 && first_frame_.back() + span.windows < frames;
    frames_ += frames;
  }
  loaded_ = -1;
}

template <class Real>
std::string Climatology<Real>::text() const {
  if (by_lead_time_)
    return core::format("the mean of {} training samples at the same time", samples_.size());
  return core::format("the mean of all {} frames of {} training samples", frames_, samples_.size());
}

// Frames into sums_, one after the other, or all into the first.
template <class Real>
void Climatology<Real>::add(int sample, long long first, long long count, bool one_mean) {
  const std::vector<float> values = data_.prognostic(sample, first, count);
  for (long long n = 0; n < count; ++n) {
    double* to = sums_.data() + (one_mean ? 0 : n) * static_cast<long long>(cells_);
    const float* from = values.data() + n * static_cast<long long>(cells_);
    for (std::size_t c = 0; c < cells_; ++c) to[c] += static_cast<double>(from[c]);
  }
}

template <class Real>
void Climatology<Real>::load(long long window) {
  const auto most = static_cast<long long>(std::max<std::size_t>(1, most_values / cells_));
  double count = static_cast<double>(frames_);
  if (by_lead_time_) {
    const long long windows = std::min(most, span_.windows + 1 - window);
    sums_.assign(cells_ * static_cast<std::size_t>(windows), 0);
    for (std::size_t n = 0; n < samples_.size(); ++n)
      add(samples_[n], first_frame_[n] + window, windows, false);
    count = static_cast<double>(samples_.size());
  } else {
    sums_.assign(cells_, 0);
    for (const int sample : samples_) {
      const long long frames = data_.samples()[sample].frames;
      for (long long first = 0; first < frames; first += most)
        add(sample, first, std::min(most, frames - first), true);
    }
  }
  for (double& value : sums_) value /= count;
  loaded_ = by_lead_time_ ? window : 0;
}

template <class Real>
const mesh::State<Real>& Climatology<Real>::at(long long window) {
  const auto frames = static_cast<long long>(sums_.size() / cells_);
  if (loaded_ < 0 || (by_lead_time_ && (window < loaded_ || window >= loaded_ + frames)))
    load(window);
  show(by_lead_time_ ? static_cast<std::size_t>(window - loaded_) : 0);
  return state_;
}

// This rank's cells of a frame of sums_ into the state.
template <class Real>
void Climatology<Real>::show(std::size_t frame) {
  const mesh::Grid& grid = state_.grid();
  const mesh::Range3 r = grid.interior();
  const double* from = sums_.data() + frame * cells_;
  const auto wide = static_cast<std::size_t>(grid.global_cells(0)),
             high = static_cast<std::size_t>(grid.global_cells(1));
  for (const mesh::FieldInfo& info : data_.info().fields) {
    if (info.role != mesh::Role::prognostic) continue;
    for (int c = 0; c < info.components; ++c) {
      const auto field = state_[info.name].component(c);
      const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field);
      for (int k = r.begin[2]; k < r.end[2]; ++k)
        for (int j = r.begin[1]; j < r.end[1]; ++j)
          for (int i = r.begin[0]; i < r.end[0]; ++i) {
            const auto gk = static_cast<std::size_t>(grid.offset(2) + k - r.begin[2]),
                       gj = static_cast<std::size_t>(grid.offset(1) + j - r.begin[1]),
                       gi = static_cast<std::size_t>(grid.offset(0) + i - r.begin[0]);
            host(k, j, i) = static_cast<Real>(from[(gk * high + gj) * wide + gi]);
          }
      Kokkos::deep_copy(field, host);
      from += grid.global_cell_count();
    }
  }
}

template class Climatology<float>;
template class Climatology<double>;

}  // namespace understudy::surrogates
