#include <format>
#include <system_error>

#include "core/error.hpp"
#include "core/log.hpp"
#include "surrogates/dataset_layout.hpp"

namespace understudy::surrogates {

namespace {

using mesh::H5Block;
using mesh::H5Shape;

H5Shape global_shape(const mesh::GridParams& grid, H5Shape leading) {
  for (const long long cells : grid.cells) leading.push_back(static_cast<std::uint64_t>(cells));
  return leading;
}

void write_dimensions(mesh::Hdf5File& file, const DatasetInfo& dataset, const SampleInfo& sample,
                      double start_s) {
  const int dimension = dataset.grid.dimension();
  std::vector<std::string> names;
  std::vector<double> times;
  for (long long n = 0; n < sample.frames; ++n)
    times.push_back(start_s + static_cast<double>(n) * dataset.window_s);
  file.create_group("dimensions");
  file.put("dimensions/time", times, {times.size()});
  file.set_attribute("dimensions/time", "sample_varying", false);
  for (int axis = 0; axis < dimension; ++axis) {
    const long long cells = dataset.grid.cells[axis];
    const double lower = dataset.grid.lower_m[axis];
    const double spacing = (dataset.grid.upper_m[axis] - lower) / static_cast<double>(cells);
    std::vector<double> centres;
    for (long long i = 0; i < cells; ++i)
      centres.push_back(lower + spacing * (static_cast<double>(i) + 0.5));
    names.push_back(layout::axis_names[axis]);
    const std::string path = "dimensions/" + names.back();
    file.put(path, centres, {centres.size()});
    file.set_attribute(path, "sample_varying", false);
    file.set_attribute(path, "time_varying", false);
  }
  file.set_attribute("dimensions", "spatial_dims", names);
}

void write_boundaries(mesh::Hdf5File& file, const DatasetInfo& dataset) {
  file.create_group("boundary_conditions");
  for (std::size_t side = 0; side < dataset.boundaries.size(); ++side) {
    const int axis = mesh::side_axis(static_cast<int>(side));
    const std::string path =
        std::string("boundary_conditions/") + mesh::side_name(static_cast<int>(side));
    file.create_group(path);
    file.set_attribute(path, "associated_dims", std::vector<std::string>{layout::axis_names[axis]});
    file.set_attribute(path, "associated_fields", std::vector<std::string>{});
    file.set_attribute(path, "bc_type", layout::well_name(dataset.boundaries[side]));
    file.set_attribute(path, "kind", to_string(dataset.boundaries[side]));
    file.set_attribute(path, "sample_varying", false);
    file.set_attribute(path, "time_varying", false);
    std::vector<bool> mask(dataset.grid.cells[axis], false);
    mask[mesh::is_upper(static_cast<int>(side)) ? mask.size() - 1 : 0] = true;
    file.put(path + "/mask", mask, {mask.size()});
  }
}

void write_header(mesh::Hdf5File& file, const DatasetInfo& dataset, const SampleInfo& sample) {
  std::vector<std::string> names;
  for (const NamedValue& parameter : sample.parameters) names.push_back(parameter.name);
  file.set_attribute("", "dataset_name", dataset.name);
  file.set_attribute("", "grid_type", "cartesian");
  file.set_attribute("", "n_spatial_dims", dataset.grid.dimension());
  file.set_attribute("", "n_trajectories", 1);
  file.set_attribute("", "simulation_parameters", names);
  file.set_attribute("", "window_s", dataset.window_s);
  file.set_attribute("", "lower_m", dataset.grid.lower_m);
  file.set_attribute("", "upper_m", dataset.grid.upper_m);
  for (const auto& [key, value] : sample.provenance.as_map())
    file.set_attribute("", "provenance." + key, value);
  file.create_group("scalars");
  file.set_attribute("scalars", "field_names", names);
  for (const NamedValue& parameter : sample.parameters) {
    const std::string path = "scalars/" + parameter.name;
    file.set_attribute("", parameter.name, parameter.value);
    file.put(path, std::vector<double>{parameter.value}, {1});
    file.set_attribute(path, "sample_varying", true);
    file.set_attribute(path, "time_varying", false);
    file.set_attribute(path, "units", parameter.unit);
  }
}

void create_fields(mesh::Hdf5File& file, const DatasetInfo& dataset, const SampleInfo& sample,
                   mesh::H5Type type) {
  const int dimension = dataset.grid.dimension();
  const auto frames = static_cast<std::uint64_t>(sample.frames);
  std::vector<std::string> names;
  file.create_group("t0_fields");
  file.create_group("closing_faces");
  for (const mesh::FieldInfo& field : dataset.fields) {
    const bool fixed = field.role == mesh::Role::fixed;
    const int axis = layout::closing_axis(field, dataset.boundaries, dimension);
    for (int c = 0; c < field.components; ++c) {
      names.push_back(layout::channel_name(field, c));
      const std::string path = "t0_fields/" + names.back();
      mesh::H5Layout chunks;
      chunks.chunk = global_shape(dataset.grid, fixed ? H5Shape{1} : H5Shape{1, 1});
      file.create_dataset(
          path, type, global_shape(dataset.grid, fixed ? H5Shape{1} : H5Shape{1, frames}), chunks);
      file.set_attribute(path, "dim_varying", std::vector<bool>(dimension, true));
      file.set_attribute(path, "sample_varying", true);
      file.set_attribute(path, "time_varying", !fixed);
      file.set_attribute(path, "units", field.unit);
      file.set_attribute(path, "location", mesh::to_string(field.location));
      file.set_attribute(path, "role", fixed ? "fixed" : "prognostic");
      file.set_attribute(path, "description", field.description);
      file.set_attribute(path, "field", field.name);
      file.set_attribute(path, "component", c);
      if (axis < 0 || fixed) continue;
      H5Shape shape = global_shape(dataset.grid, {1, frames});
      shape[2 + axis] = 1;
      file.create_dataset("closing_faces/" + names.back(), type, shape, mesh::H5Layout{});
    }
  }
  file.set_attribute("t0_fields", "field_names", names);
  for (const char* group : {"t1_fields", "t2_fields"}) {
    file.create_group(group);
    file.set_attribute(group, "field_names", std::vector<std::string>{});
  }
}

// Has the file the sample's deck, fields and frames? Says what differs, "" if nothing.
std::string difference(const std::filesystem::path& path, const DatasetInfo& dataset,
                       const SampleInfo& sample) {
  const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
  if (!file.has_attribute("", "cost_core_s")) return "is not complete";
  if (!file.has_attribute("", "provenance.deck_hash") ||
      file.attribute<std::string>("", "provenance.deck_hash") != sample.provenance.deck_hash)
    return "was made by another deck";
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
  return "";
}

}  // namespace

std::filesystem::path sample_path(const std::filesystem::path& directory,
                                  const SampleInfo& sample) {
  return directory / sample.split / (sample.name + ".hdf5");
}

bool sample_is_complete(const std::filesystem::path& directory, const DatasetInfo& dataset,
                        const SampleInfo& sample, const core::Comm& comm) {
  char complete = 0;
  if (comm.is_root()) {
    const auto path = sample_path(directory, sample);
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
      std::string why;
      try {
        why = difference(path, dataset, sample);
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
  void write_channel(const mesh::Field<Real>& field, int component, long long frame);
};

template <class Real>
void SampleWriter<Real>::Impl::open(double start_s) {
  std::string error;
  if (grid->comm().is_root()) {
    std::error_code code;
    std::filesystem::create_directories(path.parent_path(), code);
    if (code)
      error =
          std::format("cannot make the folder {}: {}", path.parent_path().string(), code.message());
  }
  grid->comm().template throw_together<core::UserError>(error);
  file = std::make_unique<mesh::Hdf5File>(temporary, mesh::H5Mode::create, grid->comm());
  write_header(*file, dataset, sample);
  write_dimensions(*file, dataset, sample, start_s);
  write_boundaries(*file, dataset);
  create_fields(*file, dataset, sample,
                dataset.keep_precision ? mesh::h5_type<Real>() : mesh::H5Type::float32);
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
  mesh::Range3 global = local;
  for (int axis = 0; axis < 3; ++axis) {
    global.begin[axis] = grid->offset(axis);
    global.end[axis] = grid->offset(axis) + grid->local_cells(axis);
  }
  const auto at = static_cast<std::uint64_t>(frame);
  const H5Shape offset = fixed ? H5Shape{0} : H5Shape{0, at};
  const H5Shape count = fixed ? H5Shape{1} : H5Shape{1, 1};

  buffer.clear();
  for (int i = local.begin[0]; i < local.end[0]; ++i)
    for (int j = local.begin[1]; j < local.end[1]; ++j)
      for (int k = local.begin[2]; k < local.end[2]; ++k) buffer.push_back(host(k, j, i));
  file->write("t0_fields/" + name, buffer.data(),
              layout::block_of(global, dimension, offset, count));

  const int axis = layout::closing_axis(field.info, dataset.boundaries, dimension);
  if (axis < 0 || fixed) return;
  H5Block block = H5Block::none();
  plane.clear();
  if (grid->at_boundary(2 * axis + 1)) {
    mesh::Range3 face = local;
    face.begin[axis] = local.end[axis];
    face.end[axis] = local.end[axis] + 1;
    for (int i = face.begin[0]; i < face.end[0]; ++i)
      for (int j = face.begin[1]; j < face.end[1]; ++j)
        for (int k = face.begin[2]; k < face.end[2]; ++k) plane.push_back(host(k, j, i));
    global.begin[axis] = 0;
    global.end[axis] = 1;
    block = layout::block_of(global, dimension, offset, count);
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
    throw core::UserError(std::format("{}: {} frames were announced, but there are more",
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
    throw core::UserError(std::format("{}: {} frames were announced, but {} were written",
                                      self.path.string(), self.sample.frames, self.written));
  self.file->set_attribute("", "cost_core_s", cost_core_s);
  self.file->close();
  std::string error;
  if (self.grid->comm().is_root()) {
    std::error_code code;
    std::filesystem::rename(self.temporary, self.path, code);
    if (code)
      error = std::format("cannot rename {} to {}: {}", self.temporary.string(), self.path.string(),
                          code.message());
  }
  self.grid->comm().template throw_together<core::UserError>(error);
  self.file.reset();
}

template class SampleWriter<float>;
template class SampleWriter<double>;

}  // namespace understudy::surrogates
