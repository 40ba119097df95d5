// Fields of a solution as files: VTK and PNG.

#include "apps/pinn/pinn_fields.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/io/vtk_writer.hpp"

namespace understudy::apps {

namespace {

// Points become the centres of cells: the writer's images hold cell values.
std::shared_ptr<const mesh::Grid> image_grid(const PinnFields& fields,
                                             const std::vector<int>& axes) {
  mesh::GridParams box;
  box.lower_m.clear();
  box.upper_m.clear();
  box.cells.clear();
  for (const int axis : axes) {
    const auto a = std::size_t(axis);
    const double half = fields.spacing[a] / 2;
    box.lower_m.push_back(fields.first[a] - half);
    box.upper_m.push_back(fields.coordinate(axis, fields.counts[a] - 1) + half);
    box.cells.push_back(fields.counts[a]);
  }
  if (axes.size() == 1) {  // a line is one row of cells, as high as they are wide
    const double half = fields.spacing[std::size_t(axes[0])] / 2;
    box.lower_m.push_back(-half);
    box.upper_m.push_back(half);
    box.cells.push_back(1);
  }
  return std::make_shared<const mesh::BoxGrid>(box, std::array<bool, 3>{false, false, false},
                                               core::Comm::self(), 1);
}

// `offset` and `stride` of the image's axes in `values`.
struct Block {
  std::size_t offset = 0;
  std::array<std::size_t, 3> stride{0, 0, 0};
};

mesh::CellField<double> cell_field(const mesh::Grid& g, const PinnQuantity& quantity,
                                   const Block& block) {
  mesh::Array3<double> values(quantity.name, g.extent(2), g.extent(1), g.extent(0));
  auto host = Kokkos::create_mirror_view(values);
  const mesh::Range3 r = g.interior();
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        host(k, j, i) =
            quantity
                .values[block.offset + block.stride[0] * (i - r.begin[0]) +
                        block.stride[1] * (j - r.begin[1]) + block.stride[2] * (k - r.begin[2])];
  Kokkos::deep_copy(values, host);
  return {quantity.name, quantity.unit, values};
}

}  // namespace

void write_pinn_vtk(const PinnJob& job, const PinnFields& fields) {
  const int time = fields.time_axis();
  std::vector<int> axes = fields.space();
  const bool series = time >= 0 && axes.size() > 1;
  if (!series) {
    axes.clear();
    for (int a = 0; a < int(fields.inputs.size()); ++a) axes.push_back(a);
  }
  if (axes.size() > 3) {
    core::log::warn("VTK images have three axes, the problem {}: fields.pvd is not written",
                    axes.size());
    return;
  }
  const auto grid = image_grid(fields, axes);
  std::vector<std::size_t> stride;
  std::size_t total = 1;
  for (const int n : fields.counts) {
    stride.push_back(total);
    total *= std::size_t(n);
  }
  mesh::VtkSeries files(job.out);
  const int moments = series ? fields.counts[std::size_t(time)] : 1;
  for (int n = 0; n < moments; ++n) {
    Block block;
    if (series) block.offset = stride[std::size_t(time)] * std::size_t(n);
    for (std::size_t a = 0; a < axes.size(); ++a) block.stride[a] = stride[std::size_t(axes[a])];
    std::vector<mesh::CellField<double>> written;
    for (const auto& quantity : fields.quantities)
      written.push_back(cell_field(*grid, quantity, block));
    files.write<double>(series ? fields.coordinate(time, n) : 0, *grid, written);
  }
}

void write_pinn_pictures(const PinnJob& job, const PinnFields& fields) {
  const auto all = views(fields);
  for (const auto& quantity : fields.quantities) {
    const auto values = drawn(quantity);
    for (std::size_t n = 0; n < all.size(); ++n)
      mesh::write_png(job.out / "pictures" /
                          (quantity.name + (all.size() > 1 ? core::format("_{}", n) : "") + ".png"),
                      slice(fields, values, all[n]), style(fields, quantity));
  }
}

}  // namespace understudy::apps
