// Surfaces of lines and triangles, read back with VTK's own reader.
#ifdef UNDERSTUDY_WITH_VTK
#include <gtest/gtest.h>
#include <vtkCellData.h>
#include <vtkFieldData.h>
#include <vtkNew.h>
#include <vtkPolyData.h>
#include <vtkStringArray.h>
#include <vtkXMLPolyDataReader.h>

#include <algorithm>

#include "mesh/io/vtk_surface.hpp"
#include "mesh/io/vtk_writer.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::mesh {
namespace {

Surface two_pieces(int corners) {
  Surface surface{.corners = corners};
  for (int n = 0; n < 2 * corners; ++n)
    surface.points.push_back({0.5 * n, 1.0 * (n % 2), corners == 3 ? 0.25 * n : 0});
  surface.columns = {{"pressure", "Pa", 1, {3, 4}}, {"friction", "Pa", 3, {1, 2, 3, 4, 5, 6}}};
  return surface;
}

TEST(VtkSurface, ComesBackAsItWasWritten) {
  for (const int corners : {2, 3}) {
    const tests::Scratch scratch;
    VtkSeries series(scratch.path(), "surface");
    const Surface surface = two_pieces(corners);
    series.write_whole(0.5, core::Comm::world(), "vtp", [&] { return surface_text(surface, 0.5); });
    series.write_whole(1, core::Comm::world(), "vtp", [&] { return surface_text(surface, 1); });
    vtkNew<vtkXMLPolyDataReader> reader;
    reader->SetFileName((scratch / "surface/surface_000000.vtp").c_str());
    reader->Update();
    vtkPolyData* data = reader->GetOutput();
    ASSERT_EQ(data->GetNumberOfCells(), 2);
    EXPECT_EQ(corners == 2 ? data->GetNumberOfLines() : data->GetNumberOfPolys(), 2);
    for (vtkIdType n = 0; n < data->GetNumberOfPoints(); ++n)
      for (int a = 0; a < 3; ++a) EXPECT_EQ(data->GetPoint(n)[a], surface.points[n][a]);
    EXPECT_EQ(data->GetCellData()->GetArray("pressure")->GetComponent(1, 0), 4);
    EXPECT_EQ(data->GetCellData()->GetArray("friction")->GetComponent(1, 2), 6);
    auto* unit =
        vtkStringArray::SafeDownCast(data->GetFieldData()->GetAbstractArray("unit:friction"));
    ASSERT_NE(unit, nullptr);
    EXPECT_EQ(unit->GetValue(0), "Pa");
    EXPECT_EQ(data->GetFieldData()->GetArray("TimeValue")->GetComponent(0, 0), 0.5);
    EXPECT_TRUE(std::filesystem::exists(scratch / "surface/surface_000001.vtp"));
    EXPECT_TRUE(std::filesystem::exists(scratch / "surface.pvd"));
  }
}

TEST(VtkSurface, AFolderThatCannotBeWrittenIsAnError) {
  const tests::Scratch scratch;
  VtkSeries series("/proc/nowhere", "surface");
  EXPECT_TRUE(tests::contains(tests::user_error([&] {
                                series.write_whole(0, core::Comm::world(), "vtp",
                                                   [] { return surface_text(two_pieces(3), 0); });
                              }),
                              "/proc/nowhere"));
}

}  // namespace
}  // namespace understudy::mesh
#endif
