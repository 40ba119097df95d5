#include "mesh/geometry/stl_surface.hpp"

#include <vtkCleanPolyData.h>
#include <vtkFeatureEdges.h>
#include <vtkImplicitPolyDataDistance.h>
#include <vtkNew.h>
#include <vtkPolyData.h>
#include <vtkPolyDataNormals.h>
#include <vtkSTLReader.h>
#include <vtkTransform.h>
#include <vtkTransformPolyDataFilter.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "core/error.hpp"
#include "core/file_kind.hpp"
#include "core/format.hpp"
#include "mesh/io/vtk_errors.hpp"

namespace understudy::mesh {

using core::UserError;

namespace {

// VTK takes a file for binary where a twentieth of its first 256 bytes is no text, and then makes room for as many
// triangles as bytes 80 to 83 say.
void require_room_for_triangles(const std::filesystem::path& file) {
  constexpr std::size_t header_bytes = 84, triangle_bytes = 50;
  std::array<char, 256> start{};
  std::ifstream in(file, std::ios::binary);
  in.read(start.data(), start.size());
  const auto length = static_cast<std::size_t>(in.gcount());
  // Not as a chain of ==: GCC 14 at -O3 with -mprefer-vector-width=512 miscounts it (line feeds among its chars).
  const std::string_view line_ends_and_tabs = "\n\r\t";
  std::size_t binary = 0;
  for (const char c : std::string_view(start.data(), length))
    if (static_cast<signed char>(c) < ' ' && line_ends_and_tabs.find(c) == std::string_view::npos)
      ++binary;
  if (length == 0 || double(binary) / double(length) < 0.05) return;
  std::uint32_t triangles = 0;
  std::memcpy(&triangles, &start[header_bytes - 4], 4);
  std::error_code error;
  const auto held = std::filesystem::file_size(file, error);
  if (!error && held < header_bytes + triangle_bytes * std::uintmax_t(triangles))
    throw UserError(core::format(
        "{}: not an STL file, or a truncated one: {} bytes, and a binary one of {} triangles (bytes 80 "
        "to 83) has {}",
        file.string(), held, triangles, header_bytes + triangle_bytes * std::uintmax_t(triangles)));
}

vtkSmartPointer<vtkPolyData> read(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error))
    throw UserError(core::format("{}: no such STL file", file.string()));
  if (const std::string kind = core::kind_of_file(file); !kind.empty())
    throw UserError(core::format("{}: is no STL file, {}", file.string(), kind));
  require_room_for_triangles(file);
  vtkNew<vtkSTLReader> reader;
  const VtkErrors errors(reader);
  reader->SetFileName(file.c_str());
  reader->MergingOff();  // done below, with a tolerance
  reader->Update();
  vtkSmartPointer<vtkPolyData> surface = reader->GetOutput();
  if (!errors.text().empty())
    throw UserError(core::format("{}: not a readable STL file: {}", file.string(), errors.text()));
  if (surface->GetNumberOfPolys() == 0)
    throw UserError(core::format("{}: not an STL file, or one without triangles", file.string()));
  for (vtkIdType n = 0; n < surface->GetNumberOfPoints(); ++n) {
    const double* x = surface->GetPoint(n);
    if (!std::isfinite(x[0] + x[1] + x[2]))
      throw UserError(
          core::format("{}: corner {} of triangle {} is not finite", file.string(), n % 3, n / 3));
  }
  return surface;
}

/// Corners that lie within a millionth of the surface's size are one point; triangles that collapse
/// thereby are dropped.
vtkSmartPointer<vtkPolyData> cleaned(vtkPolyData* surface) {
  vtkNew<vtkCleanPolyData> clean;
  clean->SetInputData(surface);
  clean->SetTolerance(1e-6);
  clean->ConvertPolysToLinesOff();
  clean->ConvertLinesToPointsOff();
  clean->Update();
  return clean->GetOutput();
}

long long edges(vtkPolyData* surface, bool boundary) {
  vtkNew<vtkFeatureEdges> features;
  features->SetInputData(surface);
  features->FeatureEdgesOff();
  features->ManifoldEdgesOff();
  features->SetBoundaryEdges(boundary);
  features->SetNonManifoldEdges(!boundary);
  features->Update();
  return features->GetOutput()->GetNumberOfLines();
}

void require_closed(vtkPolyData* surface, const std::filesystem::path& file) {
  if (surface->GetNumberOfPolys() == 0)
    throw UserError(core::format(
        "{}: every triangle has corners closer than a millionth of the surface's size: it has no area",
        file.string()));
  const long long open = edges(surface, true), shared = edges(surface, false);
  if (open == 0 && shared == 0) return;
  throw UserError(core::format(
      "{}: the surface is not closed: of its {} triangles, {} edges belong to one triangle only "
      "and {} to more than two. A body needs a watertight surface (each edge between exactly two "
      "triangles).",
      file.string(), static_cast<long long>(surface->GetNumberOfPolys()), open, shared));
}

/// Scaled, moved, and with all triangles seen counter-clockwise from outside.
vtkSmartPointer<vtkPolyData> placed(vtkPolyData* surface, double scale, const Point& origin) {
  vtkNew<vtkTransform> transform;
  transform->Translate(origin.data());
  transform->Scale(scale, scale, scale);
  vtkNew<vtkTransformPolyDataFilter> move;
  move->SetInputData(surface);
  move->SetTransform(transform);
  vtkNew<vtkPolyDataNormals> orient;
  orient->SetInputConnection(move->GetOutputPort());
  orient->ConsistencyOn();
  orient->AutoOrientNormalsOn();
  orient->SplittingOff();
  orient->Update();
  return orient->GetOutput();
}

class StlBody : public Body {
 public:
  explicit StlBody(vtkPolyData* surface) {
    distance_->SetInput(surface);
    double box[6];
    surface->GetBounds(box);
    for (int axis = 0; axis < 3; ++axis) {
      bounds_[0][axis] = box[2 * axis];
      bounds_[1][axis] = box[2 * axis + 1];
    }
  }
  double distance(const Point& x) const override {
    return distance_->EvaluateFunction(x[0], x[1], x[2]);
  }
  std::array<Point, 2> bounds() const override { return bounds_; }

 private:
  vtkNew<vtkImplicitPolyDataDistance> distance_;
  std::array<Point, 2> bounds_;
};

}  // namespace

std::unique_ptr<Body> make_stl_body(const std::filesystem::path& file, double scale,
                                    const Point& origin) {
  const auto surface = cleaned(read(file));
  require_closed(surface, file);
  return std::make_unique<StlBody>(placed(surface, scale, origin));
}

}  // namespace understudy::mesh
