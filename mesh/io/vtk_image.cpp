#include "mesh/io/vtk_image.hpp"

#include <vtkAOSDataArrayTemplate.h>
#include <vtkCellData.h>
#include <vtkDoubleArray.h>
#include <vtkFieldData.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkStringArray.h>
#include <vtkXMLImageDataWriter.h>

#include <array>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/io/vtk_errors.hpp"

namespace understudy::mesh::vtk {

namespace {

template <class Real>
using HostArray = typename Array3<Real>::host_mirror_type;

/// What VTK calls an extent: first and last point per axis.
std::array<int, 6> extent_of(const Range3& cells, int dimension) {
  std::array<int, 6> extent{};
  for (int axis = 0; axis < dimension; ++axis) {
    extent[2 * axis] = cells.begin[axis];
    extent[2 * axis + 1] = cells.end[axis];
  }
  return extent;
}

/// u, v, w in the order of the axes; empty where the fields hold no velocity.
template <class Real>
std::vector<const CellField<Real>*> velocity_of(const std::vector<CellField<Real>>& fields,
                                                int dimension) {
  std::vector<const CellField<Real>*> components;
  for (const char* name : {"u", "v", "w"})
    for (const auto& field : fields)
      if (field.name == name) components.push_back(&field);
  const bool whole = static_cast<int>(components.size()) == dimension &&
                     components[0]->name == "u" && components[1]->name == "v";
  return whole ? components : std::vector<const CellField<Real>*>();
}

template <class Real>
vtkSmartPointer<vtkAOSDataArrayTemplate<Real>> make_array(const std::string& name, int components,
                                                          vtkIdType count) {
  auto array = vtkSmartPointer<vtkAOSDataArrayTemplate<Real>>::New();
  array->SetName(name.c_str());
  array->SetNumberOfComponents(components);
  array->SetNumberOfTuples(count);
  array->Fill(0);
  return array;
}

/// Interior values of one component, in VTK's order (x fastest).
template <class Real>
void fill(vtkAOSDataArrayTemplate<Real>* array, int component, const BoxGrid& grid,
          const HostArray<Real>& values) {
  const Range3 cells = grid.interior();
  const int stride = array->GetNumberOfComponents();
  Real* to = array->GetPointer(component);
  for (int k = cells.begin[2]; k < cells.end[2]; ++k)
    for (int j = cells.begin[1]; j < cells.end[1]; ++j)
      for (int i = cells.begin[0]; i < cells.end[0]; ++i, to += stride) *to = values(k, j, i);
}

void add_number(vtkFieldData* data, const std::string& name, double value) {
  vtkNew<vtkDoubleArray> array;
  array->SetName(name.c_str());
  array->InsertNextValue(value);
  data->AddArray(array);
}

template <class Real>
void add_field_data(vtkFieldData* data, const std::vector<CellField<Real>>& fields, int dimension,
                    const Moment& moment) {
  add_number(data, "TimeValue", moment.time_s);  // the name that ParaView looks for
  for (const auto& [name, value] : moment.scalars) add_number(data, name, value);
  const auto add_unit = [&](const std::string& name, const std::string& unit) {
    vtkNew<vtkStringArray> array;
    array->SetName(("unit:" + name).c_str());
    array->InsertNextValue(unit);
    data->AddArray(array);
  };
  for (const auto& field : fields) add_unit(field.name, field.unit);
  if (const auto velocity = velocity_of(fields, dimension); !velocity.empty())
    add_unit("velocity", velocity[0]->unit);
}

template <class Real>
vtkSmartPointer<vtkImageData> make_image(const BoxGrid& grid,
                                         const std::vector<CellField<Real>>& fields,
                                         const Moment& moment) {
  auto image = vtkSmartPointer<vtkImageData>::New();
  image->SetOrigin(grid.lower(0), grid.lower(1), grid.lower(2));
  image->SetSpacing(grid.spacing(0), grid.spacing(1), grid.spacing(2));
  auto extent = extent_of(grid.block(grid.comm().rank()), grid.dimension());
  image->SetExtent(extent.data());
  const auto velocity = velocity_of(fields, grid.dimension());
  auto vectors = make_array<Real>("velocity", 3, velocity.empty() ? 0 : image->GetNumberOfCells());
  for (const auto& field : fields) {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    auto array = make_array<Real>(field.name, 1, image->GetNumberOfCells());
    fill<Real>(array, 0, grid, host);
    image->GetCellData()->AddArray(array);
    for (std::size_t c = 0; c < velocity.size(); ++c)
      if (velocity[c] == &field) fill<Real>(vectors, static_cast<int>(c), grid, host);
  }
  if (!velocity.empty()) {
    image->GetCellData()->AddArray(vectors);
    image->GetCellData()->SetActiveVectors("velocity");
  }
  add_field_data(image->GetFieldData(), fields, grid.dimension(), moment);
  return image;
}

std::string escaped(const std::string& text) {
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

std::string text(const std::array<int, 6>& extent) {
  return core::format("{} {} {} {} {} {}", extent[0], extent[1], extent[2], extent[3], extent[4],
                      extent[5]);
}

}  // namespace

template <class Real>
std::string piece(const BoxGrid& grid, const std::vector<CellField<Real>>& fields,
                  const Moment& moment) {
  vtkNew<vtkXMLImageDataWriter> writer;
  const VtkErrors errors(writer);
  writer->SetInputData(make_image(grid, fields, moment));
  writer->SetDataModeToAppended();
  writer->EncodeAppendedDataOff();
  writer->SetCompressorTypeToLZ4();
  writer->WriteToOutputStringOn();
  if (writer->Write() != 1 || !errors.text().empty())
    throw core::UserError("VTK could not write a piece: " + errors.text());
  return writer->GetOutputString();
}

template <class Real>
std::string parallel_header(const BoxGrid& grid, const std::vector<CellField<Real>>& fields,
                            const std::function<std::string(int)>& file_of) {
  const int dimension = grid.dimension();
  const char* type = sizeof(Real) == 8 ? "Float64" : "Float32";
  const Range3 all{{0, 0, 0}, {grid.global_cells(0), grid.global_cells(1), grid.global_cells(2)}};
  std::string out = core::format(
      "<?xml version=\"1.0\"?>\n"
      "<VTKFile type=\"PImageData\" version=\"0.1\" byte_order=\"LittleEndian\">\n"
      "  <PImageData WholeExtent=\"{}\" GhostLevel=\"0\" Origin=\"{} {} {}\" "
      "Spacing=\"{} {} {}\">\n",
      text(extent_of(all, dimension)), grid.lower(0), grid.lower(1), grid.lower(2), grid.spacing(0),
      grid.spacing(1), grid.spacing(2));
  const bool vectors = !velocity_of(fields, dimension).empty();
  out += core::format("    <PCellData{}>\n", vectors ? " Vectors=\"velocity\"" : "");
  for (const auto& field : fields)
    out += core::format("      <PDataArray type=\"{}\" Name=\"{}\"/>\n", type, escaped(field.name));
  if (vectors)
    out += core::format(
        "      <PDataArray type=\"{}\" Name=\"velocity\" NumberOfComponents=\"3\"/>\n", type);
  out += "    </PCellData>\n";
  for (int rank = 0; rank < grid.comm().size(); ++rank)
    out += core::format("    <Piece Extent=\"{}\" Source=\"{}\"/>\n",
                        text(extent_of(grid.block(rank), dimension)), escaped(file_of(rank)));
  return out + "  </PImageData>\n</VTKFile>\n";
}

template std::string piece(const BoxGrid&, const std::vector<CellField<float>>&, const Moment&);
template std::string piece(const BoxGrid&, const std::vector<CellField<double>>&, const Moment&);
template std::string parallel_header(const BoxGrid&, const std::vector<CellField<float>>&,
                                     const std::function<std::string(int)>&);
template std::string parallel_header(const BoxGrid&, const std::vector<CellField<double>>&,
                                     const std::function<std::string(int)>&);

}  // namespace understudy::mesh::vtk
