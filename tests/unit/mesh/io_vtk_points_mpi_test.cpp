// Values at corners of cells: means of the cells that meet there, over ranks and across periodic sides, as point
// data of a series that VTK's own readers read; units where VTK keeps them; points with names.
#ifdef UNDERSTUDY_WITH_VTK
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkImageData.h>
#include <vtkInformation.h>
#include <vtkInformationStringKey.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPolyData.h>
#include <vtkStringArray.h>
#include <vtkXMLImageDataReader.h>
#include <vtkXMLPImageDataReader.h>
#include <vtkXMLPolyDataReader.h>

#include <cmath>

#include "core/atomic_file.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/io/corner_values.hpp"
#include "mesh/io/vtk_errors.hpp"
#include "mesh/io/vtk_surface.hpp"
#include "mesh/io/vtk_writer.hpp"
#include "support/mesh_io_scratch.hpp"
#include "support/mesh_vtk_fields.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;
using tests::contains;
using tests::Scratch;

using Sides = std::array<bool, 3>;

std::shared_ptr<const BoxGrid> make_grid(int dimension, const Sides& periodic) {
  return tests::odd_box(dimension, 12, periodic);
}

// Of a cell by its global place; nothing smooth.
double at_cell(int k, int j, int i, int field) {
  return std::sin(1.0 + 7 * i + 13 * j * j + 29 * k + 100 * field);
}

// What the corner of global indices must have.
double at_corner(const BoxGrid& grid, int k, int j, int i, int field) {
  double sum = 0;
  int count = 0;
  const std::array<int, 3> corner{i, j, k};
  for (int n = 0; n < 8; ++n) {
    std::array<int, 3> cell{};
    bool there = true;
    for (int axis = 0; axis < 3; ++axis) {
      if (axis >= grid.dimension()) {
        there = there && (n >> axis & 1) == 0;
        continue;
      }
      cell[axis] = corner[axis] - (n >> axis & 1);
      const int cells = grid.global_cells(axis);
      if (grid.periodic(axis)) cell[axis] = (cell[axis] + cells) % cells;
      there = there && cell[axis] >= 0 && cell[axis] < cells;
    }
    if (!there) continue;
    sum += at_cell(cell[2], cell[1], cell[0], field);
    ++count;
  }
  return sum / count;
}

template <class Real>
std::vector<CellField<Real>> make_fields(const BoxGrid& grid) {
  return tests::fields_of<Real>(grid, {"u", "v", "w", "p"}, at_cell);
}

template <class Real>
void expect_corners(int dimension, const Sides& periodic, double tolerance) {
  const auto grid = make_grid(dimension, periodic);
  const auto fields = make_fields<Real>(*grid);
  const auto corners = corner_values(*grid, fields);
  ASSERT_EQ(corners.size(), fields.size());
  const std::array<int, 3> wide{grid->local_cells(0) + 1, grid->local_cells(1) + 1,
                                dimension == 3 ? grid->local_cells(2) + 1 : 1};
  for (std::size_t f = 0; f < fields.size(); ++f) {
    ASSERT_EQ(corners[f].size(), std::size_t(wide[0]) * wide[1] * wide[2]);
    std::size_t n = 0;
    for (int k = 0; k < wide[2]; ++k)
      for (int j = 0; j < wide[1]; ++j)
        for (int i = 0; i < wide[0]; ++i, ++n)
          ASSERT_NEAR(corners[f][n],
                      at_corner(*grid, k + grid->offset(2), j + grid->offset(1),
                                i + grid->offset(0), int(f)),
                      tolerance)
              << f << ": " << k << ", " << j << ", " << i;
  }
  // The ghosts of the fields are not touched.
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), fields[0].data);
  EXPECT_EQ(host(0, 0, 0), Real(1e30));
}

TEST(CornerValues, AreMeansOfTheCellsThatMeet) {
  expect_corners<double>(2, {false, false, false}, 1e-14);
  expect_corners<double>(3, {false, false, false}, 1e-14);
  expect_corners<float>(3, {false, false, false}, 1e-6);
}

TEST(CornerValues, GoOnAcrossPeriodicSides) {
  expect_corners<double>(2, {true, false, false}, 1e-14);
  expect_corners<double>(2, {true, true, false}, 1e-14);
  expect_corners<double>(3, {false, true, true}, 1e-14);
  expect_corners<double>(3, {true, true, true}, 1e-14);
}

template <class Reader>
void expect_points(const std::filesystem::path& file, const BoxGrid& grid) {
  vtkNew<Reader> reader;
  const VtkErrors errors(reader);
  reader->SetFileName(file.c_str());
  reader->Update();
  EXPECT_EQ(errors.text(), "");
  vtkImageData* image = reader->GetOutput();
  ASSERT_EQ(image->GetNumberOfPoints(), 13 * 10 * (grid.dimension() == 3 ? 9 : 1));
  EXPECT_EQ(image->GetCellData()->GetNumberOfArrays(), 0);
  auto* p = image->GetPointData()->GetArray("p");
  auto* velocity = image->GetPointData()->GetArray("velocity");
  ASSERT_NE(p, nullptr);
  ASSERT_NE(velocity, nullptr);
  double worst = 0;
  for (vtkIdType n = 0; n < image->GetNumberOfPoints(); ++n) {
    const int i = int(n % 13), j = int(n / 13 % 10), k = int(n / 130);
    worst = std::max(worst, std::abs(p->GetComponent(n, 0) - at_corner(grid, k, j, i, 3)));
    for (int c = 0; c < grid.dimension(); ++c)
      worst = std::max(worst, std::abs(velocity->GetComponent(n, c) - at_corner(grid, k, j, i, c)));
  }
  EXPECT_LT(worst, 1e-14);
}

TEST(VtkPoints, SeriesHasThemAsPointData) {
  const Comm comm = Comm::world();
  for (const int dimension : {2, 3}) {
    const Scratch scratch;
    const auto grid = make_grid(dimension, {true, false, false});
    VtkSeries series(scratch.path(), "fields", VtkData::points);
    series.write(0.25, *grid, make_fields<double>(*grid), {{"trust", 0.75}});
    comm.barrier();
    if (!comm.is_root()) continue;
    if (comm.size() == 1)
      expect_points<vtkXMLImageDataReader>(scratch / "fields/fields_000000.vti", *grid);
    else
      expect_points<vtkXMLPImageDataReader>(scratch / "fields/fields_000000.pvti", *grid);
  }
}

TEST(VtkPoints, ASphereHasNone) {
  const Scratch scratch;
  const auto grid = std::make_shared<const CubedSphereGrid>(
      CubedSphereParams{.cells = 8, .radius_m = 1, .ranks = {}}, Comm::world());
  const State<double> state(grid, {{.name = "depth", .unit = "m"}});
  VtkSeries series(scratch.path(), "fields", VtkData::points);
  EXPECT_TRUE(contains(tests::user_error([&] { series.write(0, *grid, cell_fields(state)); }),
                       "values at points need a box"));
}

std::string unit_of(vtkDataArray* array) {
  const char* unit =
      array != nullptr ? array->GetInformation()->Get(vtkDataArray::UNITS_LABEL()) : nullptr;
  return unit != nullptr ? unit : "none";
}

TEST(VtkUnits, StandAtTheArrays) {
  const Comm comm = Comm::world();
  for (const auto where : {VtkData::cells, VtkData::points}) {
    const Scratch scratch;
    const auto grid = make_grid(3, {false, false, false});
    VtkSeries series(scratch.path(), "fields", where);
    series.write(0, *grid, make_fields<double>(*grid));
    comm.barrier();
    if (!comm.is_root()) continue;
    vtkNew<vtkXMLImageDataReader> reader;
    reader->SetFileName((scratch / (comm.size() == 1 ? "fields/fields_000000.vti"
                                                     : "fields/fields_000000_r0000.vti"))
                            .c_str());
    reader->Update();
    vtkDataSetAttributes* data = reader->GetOutput()->GetCellData();
    if (where == VtkData::points) data = reader->GetOutput()->GetPointData();
    EXPECT_EQ(unit_of(data->GetArray("p")), "Pa");
    EXPECT_EQ(unit_of(data->GetArray("velocity")), "m/s");
    if (comm.size() == 1) continue;
    vtkNew<vtkXMLPImageDataReader> whole;
    whole->SetFileName((scratch / "fields/fields_000000.pvti").c_str());
    whole->Update();
    data = whole->GetOutput()->GetCellData();
    if (where == VtkData::points) data = whole->GetOutput()->GetPointData();
    EXPECT_EQ(unit_of(data->GetArray("p")), "Pa");
    EXPECT_EQ(unit_of(data->GetArray("velocity")), "m/s");
  }
}

TEST(VtkPoints, OfASurveyHaveNamesAndNumbers) {
  const Scratch scratch;
  if (!Comm::world().is_root()) return;
  Surface points{.corners = 1};
  points.points = {{1, 2, 0}, {3, 4, 0}};
  points.columns = {{"shot", "1", 1, {0, 1}}, {"depth", "m", 1, {10, 20.5}}};
  points.names = {"source 0", "source 1"};
  const auto path = scratch / "points.vtp";
  core::write_file(path, surface_text(points, 0));
  vtkNew<vtkXMLPolyDataReader> reader;
  reader->SetFileName(path.c_str());
  reader->Update();
  vtkPolyData* data = reader->GetOutput();
  ASSERT_EQ(data->GetNumberOfPoints(), 2);
  EXPECT_EQ(data->GetNumberOfVerts(), 2);
  EXPECT_EQ(data->GetPoint(1)[1], 4);
  EXPECT_EQ(data->GetCellData()->GetNumberOfArrays(), 0);
  EXPECT_EQ(data->GetPointData()->GetArray("depth")->GetComponent(1, 0), 20.5);
  EXPECT_EQ(unit_of(data->GetPointData()->GetArray("depth")), "m");
  auto* names = vtkStringArray::SafeDownCast(data->GetPointData()->GetAbstractArray("name"));
  ASSERT_NE(names, nullptr);
  EXPECT_EQ(names->GetValue(1), "source 1");
}

}  // namespace
}  // namespace understudy::mesh
#endif  // UNDERSTUDY_WITH_VTK
