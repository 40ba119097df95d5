// What the cells of a dataset's samples measure, and whether its files are still those that were opened.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/cell_weights.hpp"
#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy::surrogates {

bool DatasetReader::has_measures(int sample) const {
  const auto file = open(sample);
  if (!file->exists(layout::measures)) return false;
  file->require_shape(layout::measures, layout::global_shape(info_.grid, {}), "x, y, (z)");
  return true;
}

std::vector<double> DatasetReader::read_measures(int sample, const mesh::Range3& cells) const {
  Channel channel;
  channel.dataset = layout::measures;
  channel.sample_varying = channel.time_varying = false;
  auto values = read_block<double>(sample, channel, 0, 1, cells);
  if (!std::ranges::all_of(values, [](double v) { return std::isfinite(v) && v > 0; }))
    throw core::UserError(
        core::format("{}: {} has a value that is not above 0; all cells measure something",
                     places_.at(sample).file.string(), layout::measures));
  return values;
}

std::vector<double> DatasetReader::cell_measures(int sample) const {
  return has_measures(sample) ? read_measures(sample, all_cells())
                              : mesh::cell_measures(info_.grid);
}

namespace {

// Values of a box out of those of the whole, [(z,) y, x] both.
std::vector<double> cut_out(const std::vector<double>& whole, const mesh::Range3& all,
                            const mesh::Range3& box) {
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(box.count()));
  for (int k = box.begin[2]; k < box.end[2]; ++k)
    for (int j = box.begin[1]; j < box.end[1]; ++j) {
      const auto row = whole.begin() + (1LL * k * all.size(1) + j) * all.size(0);
      values.insert(values.end(), row + box.begin[0], row + box.end[0]);
    }
  return values;
}

}  // namespace

double DatasetReader::measures_bytes(double cells, double own) {
  return 2 * sizeof(double) * std::max(own, std::min<double>(cells, measures_at_once));
}

// The mean is summed over parts along the outermost axis, in the order of the whole: its bits are those of
// mesh::cell_weights(). In the file z varies fastest, so that every part goes through all of it: few parts.
std::vector<float> DatasetReader::cell_weights(int sample, const mesh::Range3& cells) const {
  // Of a cubed sphere, which nobody cuts.
  if (!has_measures(sample)) return mesh::cell_weights(mesh::cell_measures(info_.grid));
  const mesh::Range3 all = all_cells();
  const int axis = all.size(2) > 1 ? 2 : 1;
  const long long step = std::max(1LL, measures_at_once * all.size(axis) / all.count());
  double sum = 0;
  std::vector<double> measures;
  for (long long first = 0; first < all.size(axis); first += step) {
    mesh::Range3 part = all;
    part.begin[axis] = static_cast<int>(first);
    part.end[axis] = static_cast<int>(std::min<long long>(first + step, all.size(axis)));
    measures = std::vector<double>();  // before there are others
    measures = read_measures(sample, part);
    for (const double measure : measures) sum += measure;
  }
  const double mean = sum / static_cast<double>(all.count());
  measures = step < all.size(axis) ? read_measures(sample, cells) : cut_out(measures, all, cells);
  std::vector<float> weights;
  weights.reserve(measures.size());
  for (const double measure : measures) weights.push_back(static_cast<float>(measure / mean));
  return weights;
}

void DatasetReader::require_unchanged(int sample) const {
  const Place& place = places_.at(sample);
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(place.file, error);
  if (error)
    throw core::UserError(core::format("dataset {}: {} vanished while it was being read ({})",
                                       directory_.string(), place.file.string(), error.message()));
  const auto written = std::filesystem::last_write_time(place.file, error);
  if (bytes == place.bytes && written == place.written) return;
  throw core::UserError(core::format(
      "dataset {}: {} changed while it was being read ({}); what was read of it before no longer fits it",
      directory_.string(), place.file.string(),
      bytes != place.bytes ? core::format("it had {} bytes and has {}", place.bytes, bytes)
                           : "it was written anew"));
}

}  // namespace understudy::surrogates
