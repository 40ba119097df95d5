// What the cells of a dataset's samples measure, and whether its files are still those that were opened.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/cell_weights.hpp"
#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy::surrogates {

std::vector<double> DatasetReader::cell_measures(int sample) const {
  const std::filesystem::path& path = places_.at(sample).file;
  {
    const auto file = open(sample);
    if (!file->exists(layout::measures)) return mesh::cell_measures(info_.grid);
    file->require_shape(layout::measures, layout::global_shape(info_.grid, {}), "x, y, (z)");
  }
  Channel channel;
  channel.dataset = layout::measures;
  channel.sample_varying = channel.time_varying = false;
  auto values = read_block<double>(sample, channel, 0, 1, layout::whole(info_.grid));
  if (!std::ranges::all_of(values, [](double v) { return std::isfinite(v) && v > 0; }))
    throw core::UserError(
        core::format("{}: {} has a value that is not above 0; all cells measure something",
                     path.string(), layout::measures));
  return values;
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
