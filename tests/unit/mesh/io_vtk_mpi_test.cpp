// The time series, read back with VTK's own readers: values at cell centres, the extents of the
// pieces and of the whole, units, times, precision; and the index over a restart.
#ifdef UNDERSTUDY_WITH_VTK
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkFieldData.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkStringArray.h>
#include <vtkUnstructuredGrid.h>
#include <vtkXMLDataElement.h>
#include <vtkXMLDataParser.h>
#include <vtkXMLImageDataReader.h>
#include <vtkXMLPImageDataReader.h>
#include <vtkXMLPUnstructuredGridReader.h>
#include <vtkXMLUnstructuredGridReader.h>

#include <cmath>

#include "core/atomic_file.hpp"
#include "core/format.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/halo.hpp"
#include "mesh/io/vtk_errors.hpp"
#include "mesh/io/vtk_writer.hpp"
#include "support/mesh_io_scratch.hpp"
#include "support/mesh_stretched_grid.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;
using tests::contains;
using tests::Scratch;

// Linear in place, so that the mean of two faces is the value at the centre.
double linear(double x, double y, double z) { return 3 + 2 * x - 5 * y + 7 * z; }

std::shared_ptr<const BoxGrid> make_grid(int dimension, bool periodic = false) {
  GridParams params;
  params.lower_m = {-1, 0, 10};
  params.upper_m = {2, 1, 12};
  params.cells = {30, 17, 12};
  params.lower_m.resize(dimension);
  params.upper_m.resize(dimension);
  params.cells.resize(dimension);
  return std::make_shared<const BoxGrid>(params, std::array<bool, 3>{false, periodic, false},
                                         Comm::world());
}

template <class Real>
State<Real> make_state(const std::shared_ptr<const BoxGrid>& grid) {
  std::vector<FieldInfo> fields{
      {.name = "u", .unit = "m/s", .location = Location::face_x, .role = Role::prognostic},
      {.name = "v", .unit = "m/s", .location = Location::face_y, .role = Role::prognostic},
      {.name = "p", .unit = "Pa", .location = Location::cell, .role = Role::prognostic},
      {.name = "old", .unit = "m/s", .location = Location::cell, .role = Role::history},
      {.name = "mask",
       .unit = "1",
       .location = Location::cell,
       .role = Role::fixed,
       .components = 2}};
  if (grid->dimension() == 3)
    fields.push_back(
        {.name = "w", .unit = "m/s", .location = Location::face_z, .role = Role::prognostic});
  State<Real> state(grid, fields);
  for (auto& field : state.fields()) {
    // Ghosts hold what no output may show, unless it is the closing face.
    Kokkos::deep_copy(field.data, Real(1e30));
    auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    const auto r = grid->points(field.info.location);
    const auto at = [&](int axis, int n) { return grid->coordinate(field.info.location, axis, n); };
    for (int c = 0; c < field.info.components; ++c)
      for (int k = r.begin[2]; k < r.end[2]; ++k)
        for (int j = r.begin[1]; j < r.end[1]; ++j)
          for (int i = r.begin[0]; i < r.end[0]; ++i)
            host(c, k, j, i) = static_cast<Real>(linear(at(0, i), at(1, j), at(2, k)) + 100 * c);
    Kokkos::deep_copy(field.data, host);
  }
  return state;
}

double number(vtkFieldData* data, const char* name) {
  auto* array = data->GetArray(name);
  return array != nullptr && array->GetNumberOfTuples() == 1 ? array->GetComponent(0, 0) : NAN;
}

std::string word(vtkFieldData* data, const char* name) {
  auto* array = vtkStringArray::SafeDownCast(data->GetAbstractArray(name));
  return array != nullptr && array->GetNumberOfValues() == 1 ? array->GetValue(0)
                                                             : std::string("none");
}

/// Largest difference of a component from linear() + shift over the image's cells.
double largest_error(vtkImageData* image, const char* name, int component, double shift) {
  auto* values = image->GetCellData()->GetArray(name);
  if (values == nullptr || values->GetNumberOfTuples() != image->GetNumberOfCells())
    return INFINITY;
  double worst = 0;
  for (vtkIdType cell = 0; cell < image->GetNumberOfCells(); ++cell) {
    double box[6];
    image->GetCellBounds(cell, box);
    const double wanted = linear((box[0] + box[1]) / 2, (box[2] + box[3]) / 2,
                                 image->GetDataDimension() == 3 ? (box[4] + box[5]) / 2 : 0.5);
    worst = std::max(worst, std::abs(values->GetComponent(cell, component) - wanted - shift));
  }
  return worst;
}

template <class Reader>
void expect_whole(const std::filesystem::path& file, int dimension, double tolerance) {
  vtkNew<Reader> reader;
  const VtkErrors errors(reader);
  reader->SetFileName(file.c_str());
  reader->Update();
  EXPECT_EQ(errors.text(), "");
  vtkImageData* image = reader->GetOutput();
  int extent[6];
  image->GetExtent(extent);
  EXPECT_EQ(std::vector<int>(extent, extent + 6),
            (std::vector<int>{0, 30, 0, 17, 0, dimension == 3 ? 12 : 0}));
  EXPECT_EQ(image->GetOrigin()[0], -1.0);
  EXPECT_NEAR(image->GetSpacing()[0], 0.1, 1e-15);
  EXPECT_EQ(image->GetCellData()->GetArray("vtkGhostType"), nullptr);
  for (const char* name : {"u", "v", "p", "mask_0"})
    EXPECT_LT(largest_error(image, name, 0, 0), tolerance) << name;
  EXPECT_LT(largest_error(image, "mask_1", 0, 100), tolerance);
  for (int c = 0; c < dimension; ++c)
    EXPECT_LT(largest_error(image, "velocity", c, 0), tolerance) << "velocity, component " << c;
  EXPECT_EQ(image->GetCellData()->GetArray("velocity")->GetNumberOfComponents(), 3);
  EXPECT_EQ(image->GetCellData()->GetArray("old"), nullptr) << "history is not for show";
}

template <class Real>
void round_trip(int dimension, double tolerance) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto grid = make_grid(dimension);
  const auto state = make_state<Real>(grid);
  VtkSeries series(scratch.path());
  series.write(0.25, *grid, cell_fields(state), {{"trust", 0.75}});
  comm.barrier();
  if (comm.is_root()) {
    if (comm.size() == 1)
      expect_whole<vtkXMLImageDataReader>(scratch / "fields/fields_000000.vti", dimension,
                                          tolerance);
    else
      expect_whole<vtkXMLPImageDataReader>(scratch / "fields/fields_000000.pvti", dimension,
                                           tolerance);
  }
  // Each rank's own piece: its extent is its block's, its type the run's precision.
  const auto piece = comm.size() == 1
                         ? scratch / "fields/fields_000000.vti"
                         : scratch / core::format("fields/fields_000000_r{:04}.vti", comm.rank());
  vtkNew<vtkXMLImageDataReader> reader;
  reader->SetFileName(piece.c_str());
  reader->Update();
  vtkImageData* image = reader->GetOutput();
  const Range3 block = grid->block(comm.rank());
  for (int axis = 0; axis < dimension; ++axis) {
    EXPECT_EQ(image->GetExtent()[2 * axis], block.begin[axis]);
    EXPECT_EQ(image->GetExtent()[2 * axis + 1], block.end[axis]);
  }
  EXPECT_EQ(image->GetNumberOfCells(), block.count());
  EXPECT_EQ(image->GetCellData()->GetArray("p")->GetDataType(),
            sizeof(Real) == 8 ? VTK_DOUBLE : VTK_FLOAT);
  EXPECT_EQ(number(image->GetFieldData(), "TimeValue"), 0.25);
  EXPECT_EQ(number(image->GetFieldData(), "trust"), 0.75);
  EXPECT_EQ(word(image->GetFieldData(), "unit:u"), "m/s");
  EXPECT_EQ(word(image->GetFieldData(), "unit:velocity"), "m/s");
  EXPECT_EQ(word(image->GetFieldData(), "unit:p"), "Pa");
}

TEST(VtkSeries, PlaneInDouble) { round_trip<double>(2, 1e-13); }
TEST(VtkSeries, VolumeInDouble) { round_trip<double>(3, 1e-12); }
TEST(VtkSeries, VolumeInSingle) { round_trip<float>(3, 2e-5); }

TEST(VtkSeries, ParallelReaderGivesAnyPieceAndTheFieldData) {
  const Comm comm = Comm::world();
  if (comm.size() == 1) GTEST_SKIP() << "one rank writes no parallel header";
  const Scratch scratch;
  const auto grid = make_grid(3);
  VtkSeries series(scratch.path());
  series.write(0.5, *grid, cell_fields(make_state<double>(grid)), {{"trust", 0.75}});
  comm.barrier();
  vtkNew<vtkXMLPImageDataReader> reader;
  reader->SetFileName((scratch / "fields/fields_000000.pvti").c_str());
  reader->UpdateInformation();
  const int wanted[6] = {7, 23, 2, 15, 3, 9};  // across the pieces' borders
  static_cast<vtkAlgorithm*>(reader)->UpdateExtent(wanted);
  vtkImageData* image = reader->GetOutput();
  EXPECT_EQ(image->GetExtent()[0], 7);
  EXPECT_EQ(image->GetExtent()[3], 15);
  EXPECT_LT(largest_error(image, "u", 0, 0), 1e-12);
  EXPECT_EQ(number(image->GetFieldData(), "TimeValue"), 0.5);
  EXPECT_EQ(number(image->GetFieldData(), "trust"), 0.75);
  EXPECT_EQ(word(image->GetFieldData(), "unit:w"), "m/s");
}

TEST(VtkSeries, CellFieldsLeaveTheStateAlone) {
  const auto grid = make_grid(2, true);
  const auto state = make_state<double>(grid);
  const auto before = state.clone();
  const auto fields = cell_fields(state);
  for (std::size_t n = 0; n < state.fields().size(); ++n) {
    const auto a = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state.fields()[n].data);
    const auto b =
        Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), before.fields()[n].data);
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(a.data()[i], b.data()[i]);
  }
  // Across the periodic side the upper face of the last cell is the lower face of the first.
  const auto v = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), fields[1].data);
  ASSERT_EQ(fields[1].name, "v");
  const auto r = grid->interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j) {
    const int global = j - grid->ghosts(1) + grid->offset(1);
    const double x = grid->coordinate(Location::face_y, 0, r.begin[0]);
    const double y = grid->coordinate(Location::face_y, 1, j);
    const double upper =
        global + 1 == grid->global_cells(1) ? grid->lower(1) : y + grid->spacing(1);
    const double z = grid->coordinate(Location::face_y, 2, 0);
    EXPECT_NEAR(v(0, j, r.begin[0]), (linear(x, y, z) + linear(x, upper, z)) / 2, 1e-13);
  }
}

constexpr double earth_m = 6.37122e6;

// What a field of the sphere is at a place (in radii): no symmetry of the cube leaves it as it is.
double on_sphere(const Vector3& x, int component) {
  return 1 + 2 * x[0] - 3 * x[1] + 5 * x[2] + 10 * component;
}

State<double> sphere_state(const std::shared_ptr<const CubedSphereGrid>& grid) {
  State<double> state(
      grid, {{.name = "depth", .unit = "m"}, {.name = "velocity", .unit = "m/s", .components = 3}});
  for (auto& field : state.fields()) {
    const auto host = Kokkos::create_mirror_view(field.data);
    Kokkos::deep_copy(host, 1e30);  // ghosts are not for show
    const auto r = grid->interior();
    for (int c = 0; c < field.info.components; ++c)
      for (int k = r.begin[2]; k < r.end[2]; ++k)
        for (int j = r.begin[1]; j < r.end[1]; ++j)
          for (int i = r.begin[0]; i < r.end[0]; ++i)
            host(c, k, j, i) = on_sphere(grid->direction(k, j, i), c);
    Kokkos::deep_copy(field.data, host);
  }
  return state;
}

// Centres of the quadrilaterals are nearly those of the cells: to the square of a cell's width.
void expect_surface(vtkUnstructuredGrid* surface, long long cells, double tolerance) {
  ASSERT_EQ(surface->GetNumberOfCells(), cells);
  auto* depth = surface->GetCellData()->GetArray("depth");
  auto* velocity = surface->GetCellData()->GetArray("velocity");
  ASSERT_NE(depth, nullptr);
  ASSERT_NE(velocity, nullptr);
  ASSERT_EQ(velocity->GetNumberOfComponents(), 3);
  ASSERT_NE(surface->GetCellData()->GetArray("velocity_2"), nullptr);
  double worst = 0, radius_error = 0;
  long long inside_out = 0;
  for (vtkIdType cell = 0; cell < cells; ++cell) {
    vtkIdType count = 0;
    const vtkIdType* corners = nullptr;
    surface->GetCellPoints(cell, count, corners);
    ASSERT_EQ(count, 4);
    std::array<Vector3, 4> at{};
    Vector3 middle{};
    for (int n = 0; n < 4; ++n) {
      surface->GetPoint(corners[n], at[n].data());
      radius_error =
          std::max(radius_error, std::abs(std::hypot(at[n][0], at[n][1], at[n][2]) / earth_m - 1));
      for (int c = 0; c < 3; ++c) middle[c] += at[n][c] / 4;
    }
    const double length = std::hypot(middle[0], middle[1], middle[2]);
    for (double& x : middle) x /= length;
    worst = std::max(worst, std::abs(depth->GetComponent(cell, 0) - on_sphere(middle, 0)));
    for (int c = 0; c < 3; ++c)
      worst = std::max(worst, std::abs(velocity->GetComponent(cell, c) - on_sphere(middle, c)));
    // The diagonals' cross product points outwards.
    Vector3 a{}, b{};
    for (int c = 0; c < 3; ++c) {
      a[c] = at[2][c] - at[0][c];
      b[c] = at[3][c] - at[1][c];
    }
    const Vector3 normal{a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2],
                         a[0] * b[1] - a[1] * b[0]};
    if (normal[0] * middle[0] + normal[1] * middle[1] + normal[2] * middle[2] <= 0) ++inside_out;
  }
  EXPECT_LT(worst, tolerance);
  EXPECT_LT(radius_error, 1e-14);
  EXPECT_EQ(inside_out, 0);
}

TEST(VtkSeries, SphereIsASurfaceOfQuadrilaterals) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto grid = std::make_shared<const CubedSphereGrid>(
      CubedSphereParams{.cells = 24, .radius_m = earth_m, .ranks = {}}, comm);
  VtkSeries series(scratch.path());
  series.write(0.25, *grid, cell_fields(sphere_state(grid)), {{"trust", 0.75}});
  comm.barrier();
  const double tolerance = 0.01;  // of values of 1 to 30 whose change from cell to cell is 0.4
  const auto piece = comm.size() == 1
                         ? scratch / "fields/fields_000000.vtu"
                         : scratch / core::format("fields/fields_000000_r{:04}.vtu", comm.rank());
  vtkNew<vtkXMLUnstructuredGridReader> reader;
  const VtkErrors errors(reader);
  reader->SetFileName(piece.c_str());
  reader->Update();
  EXPECT_EQ(errors.text(), "");
  expect_surface(reader->GetOutput(), grid->interior().count(), tolerance);
  EXPECT_EQ(number(reader->GetOutput()->GetFieldData(), "TimeValue"), 0.25);
  EXPECT_EQ(number(reader->GetOutput()->GetFieldData(), "trust"), 0.75);
  EXPECT_EQ(word(reader->GetOutput()->GetFieldData(), "unit:depth"), "m");
  EXPECT_EQ(word(reader->GetOutput()->GetFieldData(), "unit:velocity"), "m/s");
  if (comm.is_root() && comm.size() > 1) {
    vtkNew<vtkXMLPUnstructuredGridReader> whole;
    const VtkErrors of_whole(whole);
    whole->SetFileName((scratch / "fields/fields_000000.pvtu").c_str());
    whole->Update();
    EXPECT_EQ(of_whole.text(), "");
    expect_surface(whole->GetOutput(), 6 * 24 * 24, tolerance);
  }
}

std::vector<std::pair<double, std::string>> index_of(const std::filesystem::path& file) {
  vtkNew<vtkXMLDataParser> parser;
  parser->SetFileName(file.c_str());
  EXPECT_EQ(parser->Parse(), 1);
  std::vector<std::pair<double, std::string>> entries;
  auto* collection = parser->GetRootElement()->FindNestedElementWithName("Collection");
  for (int n = 0; n < collection->GetNumberOfNestedElements(); ++n) {
    auto* entry = collection->GetNestedElement(n);
    double time = NAN;
    entry->GetScalarAttribute("timestep", time);
    entries.emplace_back(time, entry->GetAttribute("file"));
  }
  return entries;
}

TEST(VtkSeries, IndexNamesTimesAndGoesOnAfterARestart) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto grid = make_grid(2);
  const auto fields = cell_fields(make_state<float>(grid));
  {
    VtkSeries series(scratch.path());
    for (const double time : {0.0, 0.1, 0.1 + 0.1 + 0.1, 0.5}) series.write(time, *grid, fields);
  }
  comm.barrier();
  const auto before = index_of(scratch / "fields.pvd");
  ASSERT_EQ(before.size(), 4u);
  EXPECT_EQ(before[2].first, 0.1 + 0.1 + 0.1);  // to the last bit
  for (const auto& [time, file] : before)
    EXPECT_TRUE(std::filesystem::exists(scratch / file)) << file;
  comm.barrier();
  VtkSeries series(scratch.path());
  series.truncate_after(0.3);
  series.write(0.4, *grid, fields);
  comm.barrier();
  const auto after = index_of(scratch / "fields.pvd");
  ASSERT_EQ(after.size(), 4u);
  EXPECT_EQ(after[2], before[2]);
  EXPECT_EQ(after[3].first, 0.4);
  EXPECT_EQ(after[3].second, before[3].second) << "the place of the dropped time is taken";
}

TEST(VtkSeries, RefusesAGridThatIsNoBox) {
  const Scratch scratch;
  const auto grid = std::make_shared<const mesh_test::StretchedGrid>(12, 8, Comm::world());
  const State<double> state(grid, {{"p", "Pa"}});
  VtkSeries series(scratch.path());
  EXPECT_EQ(tests::user_error([&] { series.write(0, *grid, cell_fields(state)); }),
            "a series of .vti files needs a uniform box; this run's grid is another");
}

TEST(VtkSeries, DamagedIndexIsNamed) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  if (comm.is_root())
    core::write_file(scratch / "fields.pvd",
                     "<DataSet timestep=\"soon\" part=\"0\" file=\"a.vti\"/>\n");
  comm.barrier();
  VtkSeries series(scratch.path());
  EXPECT_EQ(tests::user_error([&] { series.truncate_after(1); }),
            (scratch / "fields.pvd").string() +
                ": 'soon' is not a time; remove the file to begin a new series");
}

}  // namespace
}  // namespace understudy::mesh

#endif  // UNDERSTUDY_WITH_VTK
