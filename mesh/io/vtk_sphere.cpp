#include "mesh/io/vtk_sphere.hpp"

#include <vtkCellArray.h>
#include <vtkCellType.h>
#include <vtkPoints.h>
#include <vtkUnstructuredGrid.h>
#include <vtkXMLUnstructuredGridWriter.h>

namespace understudy::mesh::vtk {

namespace {

const std::vector<std::string> velocity_names{"velocity_0", "velocity_1", "velocity_2"};

vtkSmartPointer<vtkUnstructuredGrid> make_surface(const CubedSphereGrid& grid) {
  const Range3 cells = grid.interior();
  const vtkIdType wide = cells.size(0) + 1, high = cells.size(1) + 1;
  vtkNew<vtkPoints> points;
  points->SetDataTypeToDouble();
  points->Allocate(grid.panels() * wide * high);
  vtkNew<vtkCellArray> quads;
  quads->AllocateExact(vtkIdType(cells.count()), 4 * vtkIdType(cells.count()));
  for (int k = 0; k < grid.panels(); ++k) {
    for (int j = cells.begin[1]; j <= cells.end[1]; ++j)
      for (int i = cells.begin[0]; i <= cells.end[0]; ++i) {
        const Vector3 to = panel_direction(k, grid.lower_side(0, i), grid.lower_side(1, j));
        points->InsertNextPoint(grid.radius() * to[0], grid.radius() * to[1],
                                grid.radius() * to[2]);
      }
    for (vtkIdType j = 0; j + 1 < high; ++j)
      for (vtkIdType i = 0; i + 1 < wide; ++i) {
        const vtkIdType first = (k * high + j) * wide + i;
        const vtkIdType corners[4] = {first, first + 1, first + wide + 1, first + wide};
        quads->InsertNextCell(4, corners);
      }
  }
  auto surface = vtkSmartPointer<vtkUnstructuredGrid>::New();
  surface->SetPoints(points);
  surface->SetCells(VTK_QUAD, quads);
  return surface;
}

}  // namespace

template <class Real>
std::string piece(const CubedSphereGrid& grid, const std::vector<CellField<Real>>& fields,
                  const Moment& moment) {
  const auto surface = make_surface(grid);
  add_cell_data(surface->GetCellData(), grid, fields, velocity_names);
  add_field_data(surface->GetFieldData(), fields, velocity_names, moment);
  vtkNew<vtkXMLUnstructuredGridWriter> writer;
  writer->SetInputData(surface);
  return text_of(writer);
}

template <class Real>
std::string parallel_header(const CubedSphereGrid& grid, const std::vector<CellField<Real>>& fields,
                            const std::function<std::string(int)>& file_of) {
  std::string out =
      "<?xml version=\"1.0\"?>\n"
      "<VTKFile type=\"PUnstructuredGrid\" version=\"0.1\" byte_order=\"LittleEndian\">\n"
      "  <PUnstructuredGrid GhostLevel=\"0\">\n"
      "    <PPoints>\n"
      "      <PDataArray type=\"Float64\" Name=\"Points\" NumberOfComponents=\"3\"/>\n"
      "    </PPoints>\n";
  out += data_header(fields, velocity_names);
  for (int rank = 0; rank < grid.comm().size(); ++rank)
    out += core::format("    <Piece Source=\"{}\"/>\n", escaped(file_of(rank)));
  return out + "  </PUnstructuredGrid>\n</VTKFile>\n";
}

template std::string piece(const CubedSphereGrid&, const std::vector<CellField<float>>&,
                           const Moment&);
template std::string piece(const CubedSphereGrid&, const std::vector<CellField<double>>&,
                           const Moment&);
template std::string parallel_header(const CubedSphereGrid&, const std::vector<CellField<float>>&,
                                     const std::function<std::string(int)>&);
template std::string parallel_header(const CubedSphereGrid&, const std::vector<CellField<double>>&,
                                     const std::function<std::string(int)>&);

}  // namespace understudy::mesh::vtk
