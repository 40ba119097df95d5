// What the cells of a dataset's samples measure.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/cell_weights.hpp"
#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy::surrogates {

using mesh::Hdf5File;

std::vector<double> DatasetReader::cell_measures(int sample) const {
  const std::filesystem::path& path = places_.at(sample).file;
  {
    const Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
    if (!file.exists(layout::measures)) return mesh::cell_measures(info_.grid);
    file.require_shape(layout::measures, layout::global_shape(info_.grid, {}), "x, y, (z)");
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

}  // namespace understudy::surrogates
