#include "mesh/io/vtk_image.hpp"

#include <vtkImageData.h>
#include <vtkPointData.h>
#include <vtkXMLImageDataWriter.h>

#include <array>

namespace understudy::mesh::vtk {

namespace {

/// What VTK calls an extent: first and last point per axis.
std::array<int, 6> extent_of(const Range3& cells, int dimension) {
  std::array<int, 6> extent{};
  for (int axis = 0; axis < dimension; ++axis) {
    extent[2 * axis] = cells.begin[axis];
    extent[2 * axis + 1] = cells.end[axis];
  }
  return extent;
}

template <class Real>
vtkSmartPointer<vtkImageData> make_image(const BoxGrid& grid,
                                         const std::vector<CellField<Real>>& fields,
                                         const Moment& moment, const Corners<Real>* corners) {
  auto image = vtkSmartPointer<vtkImageData>::New();
  image->SetOrigin(grid.lower(0), grid.lower(1), grid.lower(2));
  image->SetSpacing(grid.spacing(0), grid.spacing(1), grid.spacing(2));
  auto extent = extent_of(grid.block(grid.comm().rank()), grid.dimension());
  image->SetExtent(extent.data());
  const auto velocity = box_velocity_names(grid.dimension());
  if (corners != nullptr)
    add_point_data(image->GetPointData(), *corners, fields, velocity);
  else
    add_cell_data(image->GetCellData(), grid, fields, velocity);
  add_field_data(image->GetFieldData(), fields, velocity, moment);
  return image;
}

std::string text(const std::array<int, 6>& extent) {
  return core::format("{} {} {} {} {} {}", extent[0], extent[1], extent[2], extent[3], extent[4],
                      extent[5]);
}

}  // namespace

template <class Real>
std::string piece(const BoxGrid& grid, const std::vector<CellField<Real>>& fields,
                  const Moment& moment, const Corners<Real>* corners) {
  vtkNew<vtkXMLImageDataWriter> writer;
  writer->SetInputData(make_image(grid, fields, moment, corners));
  return text_of(writer);
}

template <class Real>
std::string parallel_header(const BoxGrid& grid, const std::vector<CellField<Real>>& fields,
                            const std::function<std::string(int)>& file_of, bool points) {
  const int dimension = grid.dimension();
  const Range3 all{{0, 0, 0}, {grid.global_cells(0), grid.global_cells(1), grid.global_cells(2)}};
  std::string out = core::format(
      "<?xml version=\"1.0\"?>\n"
      "<VTKFile type=\"PImageData\" version=\"0.1\" byte_order=\"LittleEndian\">\n"
      "  <PImageData WholeExtent=\"{}\" GhostLevel=\"0\" Origin=\"{} {} {}\" "
      "Spacing=\"{} {} {}\">\n",
      text(extent_of(all, dimension)), grid.lower(0), grid.lower(1), grid.lower(2), grid.spacing(0),
      grid.spacing(1), grid.spacing(2));
  out += data_header(fields, box_velocity_names(dimension), points);
  for (int rank = 0; rank < grid.comm().size(); ++rank)
    out += core::format("    <Piece Extent=\"{}\" Source=\"{}\"/>\n",
                        text(extent_of(grid.block(rank), dimension)), escaped(file_of(rank)));
  return out + "  </PImageData>\n</VTKFile>\n";
}

template std::string piece(const BoxGrid&, const std::vector<CellField<float>>&, const Moment&,
                           const Corners<float>*);
template std::string piece(const BoxGrid&, const std::vector<CellField<double>>&, const Moment&,
                           const Corners<double>*);
template std::string parallel_header(const BoxGrid&, const std::vector<CellField<float>>&,
                                     const std::function<std::string(int)>&, bool);
template std::string parallel_header(const BoxGrid&, const std::vector<CellField<double>>&,
                                     const std::function<std::string(int)>&, bool);

}  // namespace understudy::mesh::vtk
