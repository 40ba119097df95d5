// A sample's frames, written as a run makes them.
#include <system_error>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "mesh/cell_measure.hpp"
#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy::surrogates {

namespace {

using layout::global_shape;
using mesh::H5Block;
using mesh::H5Shape;

bool has_deck_of(const SampleInfo& sample, const mesh::Hdf5File& file, const SameDeck& same) {
  const auto has = [&](const char* name, const auto& test) {
    return file.has_attribute("", name) && test(file.attribute<std::string>("", name));
  };
  return has("provenance.deck_hash",
             [&](const std::string& hash) { return hash == sample.provenance.deck_hash; }) ||
         (same && has("provenance.deck", same));
}

// Has the file the sample's deck, fields and frames? Says what differs, "" if nothing.
std::string difference(const std::filesystem::path& path, const DatasetInfo& dataset,
                       const SampleInfo& sample, const SameDeck& same) {
  const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
  if (!file.has_attribute("", "cost_core_s")) return "is not complete";
  if (!has_deck_of(sample, file, same)) return "was made by another deck";
  for (const mesh::FieldInfo& field : dataset.fields)
    for (int c = 0; c < field.components; ++c) {
      const std::string name = "t0_fields/" + layout::channel_name(field, c);
      if (!file.exists(name)) return "has no " + name;
      const H5Shape wanted =
          global_shape(dataset.grid, field.role == mesh::Role::fixed
                                         ? H5Shape{1}
                                         : H5Shape{1, static_cast<std::uint64_t>(sample.frames)});
      if (file.shape(name) != wanted) return "has another number of frames or cells";
    }
  const auto git = file.attribute<std::string>("", "provenance.git");
  if (git != sample.provenance.git)
    core::log::warn("{} is kept, but version {} made it and this is {}; remove it to make it anew",
                    path.string(), git, sample.provenance.git);
  return "";
}

// Values of a range of cells in a file's order of axes (dataset_layout.hpp).
template <class View, class Value>
void append(const View& from, const mesh::Range3& cells, bool sphere, std::vector<Value>& to) {
  if (sphere) {
    for (int k = cells.begin[2]; k < cells.end[2]; ++k)
      for (int j = cells.begin[1]; j < cells.end[1]; ++j)
        for (int i = cells.begin[0]; i < cells.end[0]; ++i) to.push_back(from(k, j, i));
    return;
  }
  for (int i = cells.begin[0]; i < cells.end[0]; ++i)
    for (int j = cells.begin[1]; j < cells.end[1]; ++j)
      for (int k = cells.begin[2]; k < cells.end[2]; ++k) to.push_back(from(k, j, i));
}

}  // namespace

std::filesystem::path sample_path(const std::filesystem::path& directory,
                                  const SampleInfo& sample) {
  return directory / sample.split / (sample.name + ".hdf5");
}

bool sample_is_complete(const std::filesystem::path& directory, const DatasetInfo& dataset,
                        const SampleInfo& sample, const core::Comm& comm, const SameDeck& same) {
  char complete = 0;
  if (comm.is_root()) {
    const auto path = sample_path(directory, sample);
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
      std::string why;
      try {
        why = difference(path, dataset, sample, same);
      } catch (const core::UserError& error) {
        why = error.what();
      }
      complete = why.empty();
      if (!complete) core::log::warn("{} will be made anew: it {}", path.string(), why);
    }
  }
  comm.broadcast(static_cast<void*>(&complete), sizeof complete);
  return complete != 0;
}

template <class Real>
struct SampleWriter<Real>::Impl {
  DatasetInfo dataset;
  SampleInfo sample;
  std::shared_ptr<const mesh::Grid> grid;
  std::filesystem::path path, temporary;
  std::unique_ptr<mesh::Hdf5File> file;
  std::vector<Real> buffer, plane;
  long long written = 0;

  void open(double start_s);
  void write_measures();
  mesh::Range3 owned() const;
  void write_channel(const mesh::Field<Real>& field, int component, long long frame);
};

template <class Real>
void SampleWriter<Real>::Impl::open(double start_s) {
  const core::Comm& comm = grid->comm();
  comm.on_root<core::UserError>([&] { core::make_folder(path.parent_path()); });
  // All ranks write each attribute together: its value must be one.
  sample.provenance = core::broadcast_from_root(sample.provenance, comm);
  file = std::make_unique<mesh::Hdf5File>(temporary, mesh::H5Mode::create, comm);
  layout::write_schema(
      *file, dataset, sample,
      {start_s, dataset.keep_precision ? mesh::h5_type<Real>() : mesh::H5Type::float32});
  write_measures();
}

// This rank's cells in the whole grid.
template <class Real>
mesh::Range3 SampleWriter<Real>::Impl::owned() const {
  mesh::Range3 cells;
  for (int axis = 0; axis < 3; ++axis) {
    cells.begin[axis] = grid->offset(axis);
    cells.end[axis] = grid->offset(axis) + grid->local_cells(axis);
  }
  return cells;
}

// Where cells are not alike.
template <class Real>
void SampleWriter<Real>::Impl::write_measures() {
  const mesh::CellMeasure measure = grid->cell_measure();
  if (measure.uniform()) return;
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), measure.of_each);
  std::vector<double> values;
  append(host, grid->interior(), dataset.grid.is_sphere(), values);
  file->create_dataset<double>(layout::measures, global_shape(dataset.grid, {}));
  file->set_attribute(layout::measures, "units", grid->dimension() == 3 ? "m3" : "m2");
  file->write(layout::measures, values.data(),
              layout::block_of(owned(), layout::axes_of(dataset.grid), {}, {}));
}

template <class Real>
void SampleWriter<Real>::Impl::write_channel(const mesh::Field<Real>& field, int component,
                                             long long frame) {
  const int dimension = grid->dimension();
  const bool fixed = field.info.role == mesh::Role::fixed;
  const std::string name = layout::channel_name(field.info, component);
  const auto host =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.component(component));
  const mesh::Range3 local = grid->interior();
  mesh::Range3 global = owned();
  const auto at = static_cast<std::uint64_t>(frame);
  const H5Shape offset = fixed ? H5Shape{0} : H5Shape{0, at};
  const H5Shape count = fixed ? H5Shape{1} : H5Shape{1, 1};

  buffer.clear();
  const std::vector<int> axes = layout::axes_of(dataset.grid);
  append(host, local, dataset.grid.is_sphere(), buffer);
  file->write("t0_fields/" + name, buffer.data(), layout::block_of(global, axes, offset, count));

  const int axis = layout::closing_axis(field.info, dataset.boundaries, dimension);
  if (axis < 0 || fixed) return;
  H5Block block = H5Block::none();
  plane.clear();
  if (grid->at_boundary(2 * axis + 1)) {
    mesh::Range3 face = local;
    face.begin[axis] = local.end[axis];
    face.end[axis] = local.end[axis] + 1;
    append(host, face, false, plane);
    global.begin[axis] = 0;
    global.end[axis] = 1;
    block = layout::block_of(global, axes, offset, count);
  }
  file->write("closing_faces/" + name, plane.data(), block);
}

template <class Real>
SampleWriter<Real>::SampleWriter(const std::filesystem::path& directory, const DatasetInfo& dataset,
                                 const SampleInfo& sample, std::shared_ptr<const mesh::Grid> grid)
    : impl_(std::make_unique<Impl>()) {
  impl_->dataset = dataset;
  impl_->sample = sample;
  impl_->grid = std::move(grid);
  std::erase_if(impl_->dataset.fields,
                [](const auto& field) { return field.role == mesh::Role::history; });
  impl_->path = sample_path(directory, sample);
  impl_->temporary = impl_->path.string() + ".partial";
}

template <class Real>
SampleWriter<Real>::SampleWriter(SampleWriter&&) noexcept = default;

template <class Real>
SampleWriter<Real>::~SampleWriter() {
  if (!impl_ || !impl_->file) return;
  impl_->file.reset();
  std::error_code ignored;
  if (impl_->grid->comm().is_root()) std::filesystem::remove(impl_->temporary, ignored);
}

template <class Real>
void SampleWriter<Real>::write(const mesh::State<Real>& state) {
  Impl& self = *impl_;
  if (!self.file) self.open(state.time_s);
  if (self.written >= self.sample.frames)
    throw core::UserError(core::format("{}: {} frames were announced, but there are more",
                                       self.path.string(), self.sample.frames));
  for (const mesh::FieldInfo& info : self.dataset.fields) {
    if (info.role == mesh::Role::fixed && self.written > 0) continue;
    for (int c = 0; c < info.components; ++c) self.write_channel(state[info.name], c, self.written);
  }
  ++self.written;
}

template <class Real>
void SampleWriter<Real>::finish(double cost_core_s) {
  Impl& self = *impl_;
  if (self.written != self.sample.frames)
    throw core::UserError(core::format("{}: {} frames were announced, but {} were written",
                                       self.path.string(), self.sample.frames, self.written));
  const core::Comm& comm = self.grid->comm();
  comm.broadcast(&cost_core_s, sizeof cost_core_s);
  self.file->set_attribute("", "cost_core_s", cost_core_s);
  self.file->close();
  comm.on_root<core::UserError>([&] {
    std::error_code code;
    std::filesystem::rename(self.temporary, self.path, code);
    if (code)
      throw core::UserError(core::format("cannot rename {} to {}: {}", self.temporary.string(),
                                         self.path.string(), code.message()));
  });
  self.file.reset();
}

template class SampleWriter<float>;
template class SampleWriter<double>;

}  // namespace understudy::surrogates
