// A dataset's values: for training, and as states to start from.
#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy::surrogates {

using mesh::H5Shape;
using mesh::Hdf5File;

std::vector<int> DatasetReader::samples_of(const std::string& split) const {
  std::vector<int> found;
  for (std::size_t n = 0; n < samples_.size(); ++n)
    if (samples_[n].split == split) found.push_back(static_cast<int>(n));
  return found;
}

std::string DatasetReader::hash() const {
  std::string text = core::format("{}|{}|{}|{}\n", info_.name, layout::fields_text(info_.fields),
                                  layout::cells_text(info_.grid), info_.window_s);
  for (const SampleInfo& sample : samples_) {
    text +=
        core::format("{}|{}|{}|{}|{}|{}", sample.name, sample.split, sample.frames,
                     sample.provenance.deck_hash, sample.provenance.version, sample.provenance.git);
    for (const NamedValue& p : sample.parameters)
      text += core::format("|{}={} {}", p.name, p.value, p.unit);
    text += "\n";
  }
  return core::sha256(text).substr(0, 16);
}

double DatasetReader::cost_core_s() const {
  double cost = 0;
  for (const SampleInfo& sample : samples_) cost += sample.cost_core_s;
  return cost;
}

void DatasetReader::require(const DatasetInfo& expected) const {
  DatasetInfo wanted = expected;
  std::erase_if(wanted.fields, [](const auto& field) { return field.role == mesh::Role::history; });
  const std::string what = layout::first_difference(info_, wanted);
  if (!what.empty())
    throw core::UserError(
        core::format("dataset {} does not fit this run: it {}. Make it anew with "
                     "`generate`, or give the deck that made it.",
                     directory_.string(), what));
}

int DatasetReader::channels(mesh::Role role) const {
  return static_cast<int>(std::count_if(channels_.begin(), channels_.end(),
                                        [&](const Channel& c) { return c.role == role; }));
}

// Box of cells `block` of frames [first, first + count): [count, k, j, i].
template <class T>
std::vector<T> DatasetReader::read_block(int sample, const Channel& channel, long long first,
                                         long long count, const mesh::Range3& block) const {
  const Place& place = places_.at(sample);
  const int dimension = info_.grid.dimension();
  const Hdf5File file(place.file, mesh::H5Mode::read, core::Comm::self());
  H5Shape offset, lengths;
  if (channel.sample_varying) offset.push_back(place.trajectory), lengths.push_back(1);
  if (channel.time_varying) offset.push_back(first), lengths.push_back(count);
  auto slab = layout::block_of(block, dimension, offset, lengths);
  if (channel.vector) slab.offset.push_back(channel.component), slab.count.push_back(1);
  const std::size_t size = block.count();
  std::vector<T> stored(size * count), values(size * count);
  file.read(channel.dataset, stored.data(), slab);
  for (long long n = 0; n < count; ++n)
    layout::transpose(stored.data() + n * size, values.data() + n * size,
                      {block.size(0), block.size(1), block.size(2)}, false);
  return values;
}

std::vector<float> DatasetReader::prognostic(int sample, long long first, long long count) const {
  const long long frames = samples_.at(sample).frames;
  if (first < 0 || count < 1 || first + count > frames)
    throw core::UserError(core::format("{}: frames {} to {} were asked for; it has {}",
                                       places_.at(sample).file.string(), first, first + count - 1,
                                       frames));
  mesh::Range3 all;
  for (int axis = 0; axis < info_.grid.dimension(); ++axis)
    all.end[axis] = static_cast<int>(info_.grid.cells[axis]);
  const std::size_t size = all.count(), width = channels(mesh::Role::prognostic);
  std::vector<float> values(size * width * count);
  std::size_t c = 0;
  for (const Channel& channel : channels_) {
    if (channel.role != mesh::Role::prognostic) continue;
    const auto one = read_block<float>(sample, channel, first, count, all);
    for (long long n = 0; n < count; ++n)
      std::copy_n(one.data() + n * size, size, values.data() + (n * width + c) * size);
    ++c;
  }
  return values;
}

std::vector<float> DatasetReader::fixed(int sample) const {
  mesh::Range3 all;
  for (int axis = 0; axis < info_.grid.dimension(); ++axis)
    all.end[axis] = static_cast<int>(info_.grid.cells[axis]);
  std::vector<float> values;
  for (const Channel& channel : channels_) {
    if (channel.role != mesh::Role::fixed) continue;
    const auto one = read_block<float>(sample, channel, 0, 1, all);
    values.insert(values.end(), one.begin(), one.end());
  }
  return values;
}

template <class Real>
void DatasetReader::read_state(int sample, long long frame, mesh::State<Real>& state) const {
  const mesh::Grid& grid = state.grid();
  const mesh::Range3 local = grid.interior();
  for (const Channel& channel : channels_) {
    if (!state.has(channel.field)) continue;
    mesh::Range3 global;
    for (int axis = 0; axis < 3; ++axis) {
      global.begin[axis] = grid.offset(axis);
      global.end[axis] = grid.offset(axis) + grid.local_cells(axis);
    }
    const auto target = state[channel.field].component(channel.component);
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), target);
    auto place = [&](const Channel& from, const mesh::Range3& block, std::array<int, 3> start) {
      const auto values = read_block<Real>(sample, from, frame, 1, block);
      std::size_t n = 0;
      for (int k = 0; k < block.size(2); ++k)
        for (int j = 0; j < block.size(1); ++j)
          for (int i = 0; i < block.size(0); ++i)
            host(start[2] + k, start[1] + j, start[0] + i) = values[n++];
    };
    place(channel, global, local.begin);
    for (int axis = 0; axis < grid.dimension(); ++axis) {
      if (!mesh::staggered(channel.location, axis) || !grid.at_boundary(2 * axis + 1)) continue;
      const Channel closing = closing_of(sample, channel);
      if (closing.dataset.empty()) continue;
      mesh::Range3 face = global;
      face.begin[axis] = 0;
      face.end[axis] = 1;
      auto start = local.begin;
      start[axis] = local.end[axis];
      place(closing, face, start);
    }
    Kokkos::deep_copy(target, host);
  }
  state.time_s = places_.at(sample).start_s + static_cast<double>(frame) * info_.window_s;
}

template std::vector<float> DatasetReader::read_block(int, const Channel&, long long, long long,
                                                      const mesh::Range3&) const;
template void DatasetReader::read_state(int, long long, mesh::State<float>&) const;
template void DatasetReader::read_state(int, long long, mesh::State<double>&) const;

}  // namespace understudy::surrogates
