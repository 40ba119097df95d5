// Private to mesh/io/vtk_*.cpp: what the pieces of every kind of grid share. Part of builds with VTK.
#pragma once

#include <vtkAOSDataArrayTemplate.h>
#include <vtkCellData.h>
#include <vtkDataSetAttributes.h>
#include <vtkDoubleArray.h>
#include <vtkFieldData.h>
#include <vtkInformation.h>
#include <vtkInformationStringKey.h>
#include <vtkNew.h>
#include <vtkStringArray.h>
#include <vtkXMLWriter.h>

#include <map>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/cell_field.hpp"
#include "mesh/io/velocity_vector.hpp"
#include "mesh/io/vtk_errors.hpp"

namespace understudy::mesh::vtk {

/// What a file says besides its fields.
struct Moment {
  double time_s;
  std::map<std::string, double> scalars;
};

template <class Real>
using HostArray = typename Array3<Real>::host_mirror_type;

/// Its unit is VTK's information key UNITS_LABEL of the array.
template <class Real>
vtkSmartPointer<vtkAOSDataArrayTemplate<Real>> make_array(const std::string& name, int components,
                                                          vtkIdType count,
                                                          const std::string& unit = "") {
  auto array = vtkSmartPointer<vtkAOSDataArrayTemplate<Real>>::New();
  array->SetName(name.c_str());
  array->SetNumberOfComponents(components);
  array->SetNumberOfTuples(count);
  array->Fill(0);
  if (!unit.empty()) array->GetInformation()->Set(vtkDataArray::UNITS_LABEL(), unit.c_str());
  return array;
}

/// Interior values of one component, in VTK's order (x fastest).
template <class Real>
void fill(vtkAOSDataArrayTemplate<Real>* array, int component, const Grid& grid,
          const HostArray<Real>& values) {
  const Range3 cells = grid.interior();
  const int stride = array->GetNumberOfComponents();
  Real* to = array->GetPointer(component);
  for (int k = cells.begin[2]; k < cells.end[2]; ++k)
    for (int j = cells.begin[1]; j < cells.end[1]; ++j)
      for (int i = cells.begin[0]; i < cells.end[0]; ++i, to += stride) *to = values(k, j, i);
}

/// All fields, `count` values each, and the velocity of the named components as one vector. `put(n, array, c)`
/// fills component c of an array with the values of field n.
template <class Real, class Put>
void add_data(vtkDataSetAttributes* data, const std::vector<CellField<Real>>& fields,
              const std::vector<std::string>& velocity_names, vtkIdType count, const Put& put) {
  const auto velocity = velocity_of(fields, velocity_names);
  auto vectors = make_array<Real>("velocity", 3, velocity.empty() ? 0 : count,
                                  velocity.empty() ? "" : velocity[0]->unit);
  for (std::size_t n = 0; n < fields.size(); ++n) {
    auto array = make_array<Real>(fields[n].name, 1, count, fields[n].unit);
    put(n, array.Get(), 0);
    data->AddArray(array);
    for (std::size_t c = 0; c < velocity.size(); ++c)
      if (velocity[c] == &fields[n]) put(n, vectors.Get(), static_cast<int>(c));
  }
  if (velocity.empty()) return;
  data->AddArray(vectors);
  data->SetActiveVectors("velocity");
}

/// Of the cells.
template <class Real>
void add_cell_data(vtkCellData* data, const Grid& grid, const std::vector<CellField<Real>>& fields,
                   const std::vector<std::string>& velocity_names) {
  add_data(data, fields, velocity_names, vtkIdType(grid.interior().count()),
           [&](std::size_t n, vtkAOSDataArrayTemplate<Real>* array, int component) {
             fill<Real>(array, component, grid,
                        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), fields[n].data));
           });
}

/// Values [field][corner] of the fields (corner_values.hpp).
template <class Real>
using Corners = std::vector<std::vector<Real>>;

/// Of the corners.
template <class Real>
void add_point_data(vtkDataSetAttributes* data, const Corners<Real>& corners,
                    const std::vector<CellField<Real>>& fields,
                    const std::vector<std::string>& velocity_names) {
  const auto count = vtkIdType(corners.empty() ? 0 : corners.front().size());
  add_data(data, fields, velocity_names, count,
           [&](std::size_t n, vtkAOSDataArrayTemplate<Real>* array, int component) {
             const int stride = array->GetNumberOfComponents();
             Real* to = array->GetPointer(component);
             for (const Real value : corners[n]) {
               *to = value;
               to += stride;
             }
           });
}

inline void add_number(vtkFieldData* data, const std::string& name, double value) {
  vtkNew<vtkDoubleArray> array;
  array->SetName(name.c_str());
  array->InsertNextValue(value);
  data->AddArray(array);
}

template <class Real>
void add_field_data(vtkFieldData* data, const std::vector<CellField<Real>>& fields,
                    const std::vector<std::string>& velocity_names, const Moment& moment) {
  add_number(data, "TimeValue", moment.time_s);  // the name that ParaView looks for
  for (const auto& [name, value] : moment.scalars) add_number(data, name, value);
  const auto add_unit = [&](const std::string& name, const std::string& unit) {
    vtkNew<vtkStringArray> array;
    array->SetName(("unit:" + name).c_str());
    array->InsertNextValue(unit);
    data->AddArray(array);
  };
  for (const auto& field : fields) add_unit(field.name, field.unit);
  if (const auto velocity = velocity_of(fields, velocity_names); !velocity.empty())
    add_unit("velocity", velocity[0]->unit);
}

inline std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

/// The <PCellData> of a parallel header, or with `points` its <PPointData>.
template <class Real>
std::string data_header(const std::vector<CellField<Real>>& fields,
                        const std::vector<std::string>& velocity_names, bool points = false) {
  const char* kind = points ? "PPointData" : "PCellData";
  const char* type = sizeof(Real) == 8 ? "Float64" : "Float32";
  const auto velocity = velocity_of(fields, velocity_names);
  std::string out =
      core::format("    <{}{}>\n", kind, velocity.empty() ? "" : " Vectors=\"velocity\"");
  const auto add = [&](const std::string& name, const std::string& unit, const char* components) {
    out += core::format("      <PDataArray type=\"{}\" Name=\"{}\"{}", type, escaped(name),
                        components);
    if (unit.empty())
      out += "/>\n";
    else
      out += core::format(
          "><InformationKey name=\"UNITS_LABEL\" location=\"vtkDataArray\">{}</InformationKey>"
          "</PDataArray>\n",
          escaped(unit));
  };
  for (const auto& field : fields) add(field.name, field.unit, "");
  if (!velocity.empty()) add("velocity", velocity[0]->unit, " NumberOfComponents=\"3\"");
  return out + core::format("    </{}>\n", kind);
}

/// What the writer makes of its input: appended to the XML in binary, compressed. UserError.
inline std::string text_of(vtkXMLWriter* writer) {
  const VtkErrors errors(writer);
  writer->SetDataModeToAppended();
  writer->EncodeAppendedDataOff();
  writer->SetCompressorTypeToLZ4();
  writer->WriteToOutputStringOn();
  if (writer->Write() != 1 || !errors.text().empty())
    throw core::UserError("VTK could not write a piece: " + errors.text());
  return writer->GetOutputString();
}

}  // namespace understudy::mesh::vtk
