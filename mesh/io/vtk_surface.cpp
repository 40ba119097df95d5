#include "mesh/io/vtk_surface.hpp"

#include <vtkCellArray.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkXMLPolyDataWriter.h>

#include <algorithm>

#include "mesh/io/vtk_arrays.hpp"

namespace understudy::mesh {

namespace {

void add_unit(vtkFieldData* data, const SurfaceColumn& column) {
  vtkNew<vtkStringArray> unit;
  unit->SetName(("unit:" + column.name).c_str());
  unit->InsertNextValue(column.unit);
  data->AddArray(unit);
}

}  // namespace

std::string surface_text(const Surface& surface, double time_s) {
  vtkNew<vtkPoints> points;
  points->SetDataTypeToDouble();
  for (const auto& x : surface.points) points->InsertNextPoint(x[0], x[1], x[2]);
  vtkNew<vtkCellArray> cells;
  const auto pieces = vtkIdType(surface.points.size()) / surface.corners;
  for (vtkIdType n = 0; n < pieces; ++n) {
    cells->InsertNextCell(surface.corners);
    for (int corner = 0; corner < surface.corners; ++corner)
      cells->InsertCellPoint(n * surface.corners + corner);
  }
  vtkNew<vtkPolyData> data;
  data->SetPoints(points);
  if (surface.corners == 1)
    data->SetVerts(cells);
  else if (surface.corners == 2)
    data->SetLines(cells);
  else
    data->SetPolys(cells);
  vtk::add_number(data->GetFieldData(), "TimeValue", time_s);
  vtkDataSetAttributes* values = data->GetCellData();
  if (surface.corners == 1) values = data->GetPointData();
  for (const auto& column : surface.columns) {
    auto array = vtk::make_array<double>(column.name, column.components, pieces, column.unit);
    std::copy(column.values.begin(), column.values.end(), array->GetPointer(0));
    values->AddArray(array);
    add_unit(data->GetFieldData(), column);
  }
  if (!surface.names.empty()) {
    vtkNew<vtkStringArray> names;
    names->SetName("name");
    for (const std::string& name : surface.names) names->InsertNextValue(name);
    values->AddArray(names);
  }
  vtkNew<vtkXMLPolyDataWriter> writer;
  writer->SetInputData(data);
  return vtk::text_of(writer);
}

}  // namespace understudy::mesh
