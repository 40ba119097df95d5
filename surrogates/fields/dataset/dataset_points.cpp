// A dataset's frames as flat vectors, closing faces included.
#include <algorithm>
#include <array>

#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy::surrogates {

using mesh::Hdf5File;

DatasetReader::Channel DatasetReader::closing_of(int sample, const Channel& channel) const {
  Channel closing = channel;
  closing.dataset = "closing_faces/" + channel.dataset.substr(channel.dataset.find('/') + 1);
  const Hdf5File file(places_.at(sample).file, mesh::H5Mode::read, core::Comm::self());
  if (!file.exists(closing.dataset)) closing.dataset.clear();
  return closing;
}

PointLayout DatasetReader::layout() const {
  std::vector<mesh::Location> locations;
  for (const Channel& channel : channels_)
    if (channel.role == mesh::Role::prognostic) locations.push_back(channel.location);
  return {info_.grid.cells, info_.boundaries, locations};
}

std::vector<float> DatasetReader::points(int sample, long long first, long long count) const {
  const PointLayout where = layout();
  const auto& cells = info_.grid.cells;
  std::array<int, 3> n{1, 1, 1};
  for (std::size_t axis = 0; axis < cells.size(); ++axis) n[axis] = static_cast<int>(cells[axis]);
  const auto inner = prognostic(sample, first, count);
  std::vector<float> all(static_cast<std::size_t>(where.count * count));
  std::size_t c = 0;
  for (const Channel& channel : channels_) {
    if (channel.role != mesh::Role::prognostic) continue;
    const ChannelPoints& points = where.channels[c];
    const long long size = 1LL * n[0] * n[1] * n[2];
    auto place = [&](long long frame, int k, int j, int i) -> float& {
      return all[frame * where.count + points.offset +
                 (k * points.points[1] + j) * points.points[0] + i];
    };
    for (long long f = 0; f < count; ++f)
      for (int k = 0; k < n[2]; ++k)
        for (int j = 0; j < n[1]; ++j)
          std::copy_n(
              inner.data() + (f * where.channels.size() + c) * size + (1LL * k * n[1] + j) * n[0],
              n[0], &place(f, k, j, 0));
    for (int axis = 0; axis < info_.grid.dimension(); ++axis) {
      if (points.points[axis] == n[axis]) continue;
      mesh::Range3 face;
      for (int other = 0; other < 3; ++other) face.end[other] = other == axis ? 1 : n[other];
      const Channel closing = closing_of(sample, channel);
      std::vector<float> values;
      if (!closing.dataset.empty()) values = read_block<float>(sample, closing, first, count, face);
      std::size_t v = 0;
      for (long long f = 0; f < count; ++f)
        for (int k = 0; k < face.end[2]; ++k)
          for (int j = 0; j < face.end[1]; ++j)
            for (int i = 0; i < face.end[0]; ++i) {
              const int dk = axis == 2 ? n[2] : 0, dj = axis == 1 ? n[1] : 0,
                        di = axis == 0 ? n[0] : 0;
              place(f, k + dk, j + dj, i + di) =
                  values.empty()
                      ? place(f, k + dk - (axis == 2), j + dj - (axis == 1), i + di - (axis == 0))
                      : values[v++];
            }
    }
    ++c;
  }
  return all;
}

}  // namespace understudy::surrogates
