// A dataset's values: for training, and as states to start from.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/fields/dataset/dataset_layout.hpp"
#include "surrogates/fields/dataset/sample_files.hpp"

namespace understudy::surrogates {

using mesh::H5Shape;
using mesh::Hdf5File;

namespace layout {

std::string fields_text(const std::vector<mesh::FieldInfo>& fields) {
  std::string text;
  for (const auto& field : fields)
    text += core::format("{}{} [{}] at {}", text.empty() ? "" : ", ", field.name, field.unit,
                         mesh::to_string(field.location));
  return text;
}

std::string cells_text(const mesh::GridParams& grid) { return mesh::shape_text(grid); }

namespace {

bool same_box(const mesh::GridParams& a, const mesh::GridParams& b) {
  if (a.lower_m.size() != b.lower_m.size()) return false;
  for (std::size_t axis = 0; axis < a.lower_m.size(); ++axis) {
    const double slack = 1e-9 * (a.upper_m[axis] - a.lower_m[axis]);
    if (std::abs(a.lower_m[axis] - b.lower_m[axis]) > slack ||
        std::abs(a.upper_m[axis] - b.upper_m[axis]) > slack)
      return false;
  }
  return true;
}

}  // namespace

std::string first_difference(const DatasetInfo& found, const DatasetInfo& wanted) {
  if (found.fields.size() != wanted.fields.size())
    return core::format("has the fields {}; wanted are {}", fields_text(found.fields),
                        fields_text(wanted.fields));
  for (std::size_t n = 0; n < found.fields.size(); ++n) {
    const auto &a = found.fields[n], &b = wanted.fields[n];
    if (a.name != b.name || a.unit != b.unit || a.location != b.location || a.role != b.role ||
        a.components != b.components)
      return core::format("has the fields {}; wanted are {}", fields_text(found.fields),
                          fields_text(wanted.fields));
  }
  if (found.grid.is_sphere() != wanted.grid.is_sphere())
    return core::format("has a {}; wanted is a {}", found.grid.is_sphere() ? "cubed sphere" : "box",
                        wanted.grid.is_sphere() ? "cubed sphere" : "box");
  if (std::abs(found.grid.radius_m - wanted.grid.radius_m) > 1e-9 * wanted.grid.radius_m)
    return core::format("has a sphere of radius {} m; wanted is grid.radius_m: {}",
                        found.grid.radius_m, wanted.grid.radius_m);
  if (found.grid.cells != wanted.grid.cells)
    return core::format("has a grid of {} cells; wanted are {}", cells_text(found.grid),
                        cells_text(wanted.grid));
  if (!same_box(found.grid, wanted.grid)) return "has another box (grid.lower_m, grid.upper_m)";
  if (found.boundaries != wanted.boundaries)
    return core::format("has the sides {}; wanted are {}", to_string(found.boundaries),
                        to_string(wanted.boundaries));
  if (std::abs(found.window_s - wanted.window_s) > 1e-6 * wanted.window_s)
    return core::format("has frames every {} s; wanted is time.window_s: {}", found.window_s,
                        wanted.window_s);
  return "";
}

}  // namespace layout

mesh::Range3 DatasetReader::all_cells() const { return layout::whole(info_.grid); }

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
  if (what.empty()) return;
  const bool own = !samples_.front().provenance.deck_hash.empty();
  throw core::UserError(core::format(
      "dataset {} does not fit this run: it {}. {}", directory_.string(), what,
      own ? "Make it anew with `generate`, or give the deck that made it."
          : "It was not made by this program. A deck trains on its own simulations (`generate` with another "
            "--out makes them) or on files with exactly the wanted fields, grid and sides in the layout of "
            "docs/foreign_files.md; a program of yours trains on any fields through the library "
            "(docs/library.md, \"whole fields\")."));
}

int DatasetReader::channels(mesh::Role role) const {
  return static_cast<int>(std::count_if(channels_.begin(), channels_.end(),
                                        [&](const Channel& c) { return c.role == role; }));
}

DatasetReader DatasetReader::keeping_open(std::size_t most) const {
  DatasetReader reader = *this;
  reader.kept_ = std::make_shared<SampleFiles>(most);
  return reader;
}

DatasetReader DatasetReader::every(long long stride) const {
  DatasetReader reader = *this;
  reader.stride_ = stride_ * stride;
  reader.info_.window_s *= static_cast<double>(stride);
  for (std::size_t n = 0; n < samples_.size(); ++n) {
    const long long kept = (samples_[n].frames - 1) / stride + 1;
    if (kept < 2)
      throw core::UserError(core::format(
          "{}: {} has {} frames, of which a stride of {} leaves {}; at least 2 are wanted: a stride of {} or less",
          places_[n].file.string(), samples_[n].name, samples_[n].frames, stride, kept,
          samples_[n].frames - 1));
    reader.samples_[n].frames = kept;
  }
  return reader;
}

long long DatasetReader::files_opened() const { return kept_ ? kept_->opened() : 0; }

std::shared_ptr<const Hdf5File> DatasetReader::open(int sample) const {
  const auto& path = places_.at(sample).file;
  if (kept_) return kept_->open(path);
  return std::make_shared<const Hdf5File>(path, mesh::H5Mode::read, core::Comm::self());
}

// Box of cells `block` of frames [first, first + count): [count, k, j, i].
template <class T>
std::vector<T> DatasetReader::read_block(int sample, const Channel& channel, long long first,
                                         long long count, const mesh::Range3& block) const {
  return read_part<T>(*open(sample), channel, {sample, first, count, block});
}

template <class T>
std::vector<T> DatasetReader::read_part(const Hdf5File& file, const Channel& channel,
                                        const Part& part) const {
  const Place& place = places_.at(part.sample);
  const std::vector<int> axes = layout::axes_of(info_.grid);
  H5Shape offset, lengths;
  if (channel.sample_varying) {
    offset.push_back(place.trajectory);
    lengths.push_back(1);
  }
  const std::size_t time_axis = offset.size();
  const bool apart = channel.time_varying && stride_ > 1;  // frame by frame
  const long long at_once = apart ? 1 : part.count;
  if (channel.time_varying) {
    offset.push_back(0);
    lengths.push_back(at_once);
  }
  auto slab = layout::block_of(part.block, axes, offset, lengths);
  for (const std::uint64_t place_on_axis : channel.last) {
    slab.offset.push_back(place_on_axis);
    slab.count.push_back(1);
  }
  const std::size_t size = part.block.count();
  std::vector<T> stored(size * part.count), values(size * part.count);
  for (long long n = 0; n < part.count; n += at_once) {
    if (channel.time_varying) slab.offset[time_axis] = (part.first + n) * stride_;
    file.read(channel.dataset, stored.data() + n * size, slab);
  }
  for (long long n = 0; n < part.count; ++n)
    layout::transpose(stored.data() + n * size, values.data() + n * size,
                      {part.block.size(0), part.block.size(1), part.block.size(2)}, axes, false);
  return values;
}

void DatasetReader::require_frames(int sample, long long first, long long count) const {
  const long long frames = samples_.at(sample).frames;
  if (first < 0 || count < 1 || first + count > frames)
    throw core::UserError(core::format("{}: frames {} to {} were asked for; it has {}",
                                       places_.at(sample).file.string(), first, first + count - 1,
                                       frames));
}

std::vector<float> DatasetReader::prognostic(int sample, long long first, long long count) const {
  return prognostic(sample, first, count, all_cells());
}

std::vector<float> DatasetReader::prognostic(int sample, long long first, long long count,
                                             const mesh::Range3& cells) const {
  require_frames(sample, first, count);
  const std::size_t size = cells.count(), width = channels(mesh::Role::prognostic);
  std::vector<float> values(size * width * count);
  const auto file = open(sample);
  std::size_t c = 0;
  for (const Channel& channel : channels_) {
    if (channel.role != mesh::Role::prognostic) continue;
    const auto one = read_part<float>(*file, channel, {sample, first, count, cells});
    for (long long n = 0; n < count; ++n)
      std::copy_n(one.data() + n * size, size, values.data() + (n * width + c) * size);
    ++c;
  }
  return values;
}

std::vector<float> DatasetReader::prognostic_channel(int sample, int channel, long long first,
                                                     long long count,
                                                     const mesh::Range3& cells) const {
  require_frames(sample, first, count);
  for (const Channel& one : channels_)
    if (one.role == mesh::Role::prognostic && channel-- == 0)
      return read_block<float>(sample, one, first, count, cells);
  return {};
}

std::vector<float> DatasetReader::fixed(int sample) const { return fixed(sample, all_cells()); }

std::vector<float> DatasetReader::fixed(int sample, const mesh::Range3& cells) const {
  std::vector<float> values;
  for (const Channel& channel : channels_) {
    if (channel.role != mesh::Role::fixed) continue;
    const auto one = read_block<float>(sample, channel, 0, 1, cells);
    values.insert(values.end(), one.begin(), one.end());
  }
  return values;
}

double DatasetReader::time_s(int sample, long long frame) const {
  return places_.at(sample).start_s + static_cast<double>(frame) * info_.window_s;
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
  state.time_s = time_s(sample, frame);
}

// Frames as flat vectors, closing faces included.

DatasetReader::Channel DatasetReader::closing_of(int sample, const Channel& channel) const {
  Channel closing = channel;
  closing.dataset = "closing_faces/" + channel.dataset.substr(channel.dataset.find('/') + 1);
  if (!open(sample)->exists(closing.dataset)) closing.dataset.clear();
  return closing;
}

FlatLayout DatasetReader::layout(const mesh::Range3& cells) const {
  std::vector<mesh::Location> locations;
  for (const Channel& channel : channels_)
    if (channel.role == mesh::Role::prognostic) locations.push_back(channel.location);
  const mesh::Range3 all = all_cells();
  std::vector<long long> lengths = mesh::shape_of(info_.grid);
  SideKinds sides = info_.boundaries;
  for (int axis = 0; axis < static_cast<int>(lengths.size()); ++axis) {
    lengths[axis] = cells.size(axis);
    if (cells.end[axis] != all.end[axis]) sides.at(2 * axis) = SideKind::periodic;  // none closes
  }
  return {lengths, sides, locations};
}

std::vector<float> DatasetReader::points(int sample, long long first, long long count,
                                         const mesh::Range3& cells) const {
  const FlatLayout where = layout(cells);
  const std::array<int, 3> n{cells.size(0), cells.size(1), cells.size(2)};
  const auto inner = prognostic(sample, first, count, cells);
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
      mesh::Range3 face = cells;
      face.begin[axis] = 0;
      face.end[axis] = 1;
      const Channel closing = closing_of(sample, channel);
      std::vector<float> values;
      if (!closing.dataset.empty()) values = read_block<float>(sample, closing, first, count, face);
      std::size_t v = 0;
      for (long long f = 0; f < count; ++f)
        for (int k = 0; k < face.size(2); ++k)
          for (int j = 0; j < face.size(1); ++j)
            for (int i = 0; i < face.size(0); ++i) {
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

template std::vector<float> DatasetReader::read_block(int, const Channel&, long long, long long,
                                                      const mesh::Range3&) const;
template std::vector<double> DatasetReader::read_block(int, const Channel&, long long, long long,
                                                       const mesh::Range3&) const;
template void DatasetReader::read_state(int, long long, mesh::State<float>&) const;
template void DatasetReader::read_state(int, long long, mesh::State<double>&) const;

}  // namespace understudy::surrogates
