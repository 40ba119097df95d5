// A closed surface from an STL file (ASCII or binary) as a Body, through VTK: the triangles'
// corners are merged, the surface is checked to be closed, its orientation made consistent and
// outward, and the distance taken by vtkImplicitPolyDataDistance (exact to the triangles; sign by
// angle-weighted normals, Baerentzen, Aanaes 2005). Part of builds with VTK.
#pragma once

#include <filesystem>
#include <memory>

#include "mesh/geometry/geometry.hpp"

namespace understudy::mesh {

/// The file's points are multiplied by `scale` and moved by `origin` (m). UserError when the file
/// is missing, is not STL, holds no triangles, or its surface is not closed: with the number of
/// open edges (one triangle) and of edges that more than two triangles share.
std::unique_ptr<Body> make_stl_body(const std::filesystem::path& file, double scale,
                                    const Point& origin);

}  // namespace understudy::mesh
