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

#include <cmath>
#include <system_error>

#include "core/error.hpp"
#include "core/file_kind.hpp"
#include "core/format.hpp"
#include "mesh/io/vtk_errors.hpp"

namespace understudy::mesh {

using core::UserError;

namespace {

vtkSmartPointer<vtkPolyData> read(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error))
    throw UserError(core::format("{}: no such STL file", file.string()));
  if (const std::string kind = core::kind_of_file(file); !kind.empty())
    throw UserError(core::format("{}: is no STL file, {}", file.string(), kind));
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
