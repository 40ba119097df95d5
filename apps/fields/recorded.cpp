#include "apps/fields/recorded.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/box_grid.hpp"

namespace understudy::apps {

std::shared_ptr<const mesh::Grid> grid_of(const surrogates::DatasetReader& data,
                                          const core::Comm& comm) {
  const surrogates::DatasetInfo& info = data.info();
  const auto refuse = [&](const std::string& what) {
    throw core::UserError(
        core::format("dataset {}: {}; app: fields takes uniform boxes of two or three axes",
                     data.directory().string(), what));
  };
  if (info.grid.is_sphere()) refuse("its grid is a cubed sphere");
  const int dimension = info.grid.dimension();
  if (dimension < 2 || dimension > 3) refuse(core::format("its grid has {} axes", dimension));
  if (data.has_measures(0)) refuse("its cells do not measure alike (cell_measures)");
  std::array<bool, 3> periodic{};
  for (int axis = 0; axis < dimension; ++axis)
    periodic[static_cast<std::size_t>(axis)] =
        info.boundaries.at(2 * static_cast<std::size_t>(axis)) == surrogates::SideKind::periodic;
  return std::make_shared<const mesh::BoxGrid>(info.grid, periodic, comm);
}

std::string component_name(const mesh::FieldInfo& field, int component) {
  if (field.components == 1) return field.name;
  if (field.components <= 3) return core::format("{}_{}", field.name, "xyz"[component]);
  return core::format("{}_{}", field.name, component);
}

std::vector<std::string> channel_names(const std::vector<mesh::FieldInfo>& fields,
                                       mesh::Role role) {
  std::vector<std::string> names;
  for (const auto& field : fields)
    for (int c = 0; field.role == role && c < field.components; ++c)
      names.push_back(component_name(field, c));
  return names;
}

std::vector<mesh::CellField<float>> shown_fields(const mesh::State<float>& state) {
  auto shown = mesh::cell_fields(state);
  std::size_t n = 0;
  for (const auto& field : state.fields())
    for (int c = 0; c < field.info.components; ++c, ++n)
      shown.at(n).name = component_name(field.info, c);
  return shown;
}

std::string frames_text(const surrogates::DatasetReader& data, const std::string& split) {
  const auto samples = data.samples_of(split);
  long long frames = 0;
  for (const int n : samples) frames += data.samples()[static_cast<std::size_t>(n)].frames;
  return core::format("{} {} ({} frames)", samples.size(), split, frames);
}

Recorded::Recorded(const surrogates::DatasetReader& data, std::shared_ptr<const mesh::Grid> grid,
                   int sample)
    : data_(data), grid_(std::move(grid)), sample_(sample), halo_(grid_) {}

solvers::AdvanceReport Recorded::advance(mesh::State<float>& state, double duration_s) {
  const double window_s = data_.info().window_s;
  const double start_s = data_.time_s(sample_, 0);
  read(std::llround((state.time_s + duration_s - start_s) / window_s), state);
  solvers::AdvanceReport report;
  report.steps = std::max(1LL, std::llround(duration_s / window_s));
  report.cell_updates = static_cast<double>(report.steps * grid_->global_cell_count());
  state.step += report.steps;
  return report;
}

void Recorded::read(long long frame, mesh::State<float>& state) {
  const auto& sample = data_.samples().at(static_cast<std::size_t>(sample_));
  if (frame < 0 || frame >= sample.frames)
    throw core::UserError(core::format("dataset {}: {} has the frames 0 to {}, and {} is asked for",
                                       data_.directory().string(), sample.name, sample.frames - 1,
                                       frame));
  data_.read_state(sample_, frame, state);
  constrain(state);
}

void Recorded::constrain(mesh::State<float>& state) {
  std::vector<mesh::Array3<float>> arrays;
  for (const auto& field : state.fields())
    for (int c = 0; c < field.info.components; ++c) arrays.push_back(field.component(c));
  halo_.exchange(arrays);
  Kokkos::fence("recorded frame");
}

}  // namespace understudy::apps
