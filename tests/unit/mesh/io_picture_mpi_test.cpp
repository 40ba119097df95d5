// Slices over ranks, and pictures read back from their PNG: orientation, range, colours, NaN, size.
#include "mesh/box_grid.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/io/picture.hpp"

#ifdef UNDERSTUDY_WITH_VTK
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPNGReader.h>
#endif

#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/atomic_file.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;
using tests::contains;
using tests::Scratch;
using tests::user_error;

GridParams volume() {
  GridParams params;
  params.lower_m = {0, 0, 0};
  params.upper_m = {1, 1, 1};
  params.cells = {12, 10, 9};
  return params;
}

TEST(GatherSlice, HoldsThePlaneOfEveryAxis) {
  const Comm comm = Comm::world();
  const GridParams params = volume();
  const auto grid = std::make_shared<const BoxGrid>(params, std::array<bool, 3>{}, comm);
  State<float> state(
      grid, {{.name = "p", .unit = "Pa", .location = Location::cell, .role = Role::prognostic}});
  tests::fill_with_places(state);
  for (int axis = 0; axis < 3; ++axis) {
    const int index = 6;
    const Slice slice = gather_slice(*grid, state["p"].component(), axis, index);
    if (!comm.is_root()) {
      EXPECT_TRUE(slice.values.empty());
      continue;
    }
    const int across = axis == 0 ? 1 : 0, up = axis == 2 ? 1 : 2;
    ASSERT_EQ(slice.width, params.cells[across]);
    ASSERT_EQ(slice.height, params.cells[up]);
    for (int n = 0; n < slice.height; ++n)
      for (int m = 0; m < slice.width; ++m) {
        std::array<int, 3> at{};
        at[axis] = index;
        at[across] = m;
        at[up] = n;
        ASSERT_EQ(slice.values[n * slice.width + m],
                  tests::place_value<float>(0, 0, at[2], at[1], at[0]));
      }
  }
  EXPECT_EQ(user_error([&] { gather_slice(*grid, state["p"].component(), 2, 9); }),
            "no plane 9 normal to z: the grid has 9 cells along it (0 to 8)");
}

TEST(GatherPicture, OfAVolumeIsAPlaneOfEveryAxis) {
  const Comm comm = Comm::world();
  const GridParams params = volume();
  const auto grid = std::make_shared<const BoxGrid>(params, std::array<bool, 3>{}, comm);
  State<double> state(
      grid, {{.name = "p", .unit = "Pa", .location = Location::cell, .role = Role::prognostic}});
  tests::fill_with_places(state);
  EXPECT_EQ(picture_normals(*grid), (std::vector<int>{2, 1, 0}));
  for (const int normal : picture_normals(*grid)) {
    const Slice picture = gather_picture(*grid, state["p"].component(), normal);
    EXPECT_EQ(picture.normal, normal);
    EXPECT_TRUE(picture.of_volume);
    const int middle = params.cells[normal] / 2;
    EXPECT_EQ(picture.values, gather_slice(*grid, state["p"].component(), normal, middle).values);
  }
  GridParams plane;
  plane.cells = {16, 8};
  EXPECT_EQ(picture_normals(BoxGrid(plane, std::array<bool, 3>{}, comm)), std::vector<int>{2});
  EXPECT_EQ(picture_normals(
                CubedSphereGrid(CubedSphereParams{.cells = 16, .radius_m = 2, .ranks = {}}, comm)),
            std::vector<int>{2});
}

TEST(GatherPicture, OfASphereIsAMap) {
  const Comm comm = Comm::world();
  const int n = 16;
  const auto grid = std::make_shared<const CubedSphereGrid>(
      CubedSphereParams{.cells = n, .radius_m = 2, .ranks = {}}, comm);
  State<double> state(grid, {{.name = "p", .unit = "Pa"}});
  const auto host = Kokkos::create_mirror_view(state["p"].data);
  const Range3 r = grid->interior();
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const Vector3 x = grid->direction(k, j, i);
        host(0, k, j, i) = x[0] + 10 * x[1] + 100 * x[2];
      }
  Kokkos::deep_copy(state["p"].data, host);
  const Slice map = gather_picture(*grid, state["p"].component());
  if (!comm.is_root()) {
    EXPECT_TRUE(map.values.empty());
    return;
  }
  ASSERT_EQ(map.width, 512);  // 8 pixels a cell: 4 n = 64 is narrower than 480
  ASSERT_EQ(map.height, 256);
  EXPECT_TRUE(map.is_map);
  double worst = 0;
  for (int y = 0; y < map.height; ++y)
    for (int x = 0; x < map.width; ++x) {
      const double pi = std::numbers::pi;
      const Vector3 to =
          direction_of({(x + 0.5) * 2 * pi / map.width - pi, (y + 0.5) * pi / map.height - pi / 2});
      worst = std::max(
          worst, std::abs(map.values[y * map.width + x] - (to[0] + 10 * to[1] + 100 * to[2])));
    }
  // Interpolated: the error is of second order in the step, where the nearest cell's is of first.
  EXPECT_LT(worst, 101 * 0.5 * std::pow(std::numbers::pi / 2 / n, 2));
}

TEST(GatherSlice, OfAPlaneIsThePlane) {
  GridParams params;
  params.cells = {16, 8};
  const auto grid = std::make_shared<const BoxGrid>(params, std::array<bool, 3>{}, Comm::world());
  State<double> state(
      grid, {{.name = "p", .unit = "Pa", .location = Location::cell, .role = Role::prognostic}});
  tests::fill_with_places(state);
  const Slice slice = gather_slice(*grid, state["p"].component(), 2, 0);
  if (Comm::world().is_root()) {
    EXPECT_EQ(slice.values[3 * 16 + 5], tests::place_value<double>(0, 0, 0, 3, 5));
  }
  EXPECT_EQ(user_error([&] { gather_slice(*grid, state["p"].component(), 1, 0); }),
            "no slices normal to axis 1 on a 2-D grid");
}

#ifdef UNDERSTUDY_WITH_VTK

using Pixel = std::array<int, 3>;

struct Image {
  int width = 0, height = 0;
  vtkNew<vtkPNGReader> reader;

  explicit Image(const std::filesystem::path& path) {
    reader->SetFileName(path.c_str());
    reader->Update();
    width = reader->GetOutput()->GetDimensions()[0];
    height = reader->GetOutput()->GetDimensions()[1];
  }
  /// Row 0 at the top, as a viewer shows it; VTK counts from the bottom.
  Pixel at(int x, int row) {
    const auto* pixel =
        static_cast<unsigned char*>(reader->GetOutput()->GetScalarPointer(x, height - 1 - row, 0));
    return {pixel[0], pixel[1], pixel[2]};
  }
};

TEST(Picture, PutsUpperRowsAtTheTop) {
  const Scratch scratch;
  if (!Comm::world().is_root()) return;
  // Lower row from -1 to 1, upper row: zero, infinity, nothing.
  const Slice slice{3, 2, {-1, 0, 1, 0, std::numeric_limits<double>::infinity(), NAN}};
  write_png(scratch / "a.png", slice, {.colour_map = "coolwarm", .pixels_per_cell = 2});
  Image image(scratch / "a.png");
  ASSERT_EQ(image.width, 6);
  ASSERT_EQ(image.height, 4);
  const auto near = [](const Pixel& a, const Pixel& b) {
    return std::abs(a[0] - b[0]) <= 2 && std::abs(a[1] - b[1]) <= 2 && std::abs(a[2] - b[2]) <= 2;
  };
  const Pixel blue{59, 76, 192}, red{180, 4, 38}, grey{127, 127, 127};
  EXPECT_TRUE(near(image.at(0, 3), blue));  // -1, bottom left
  EXPECT_TRUE(near(image.at(5, 3), red));
  EXPECT_EQ(image.at(4, 2), image.at(5, 3)) << "the four pixels of a cell are alike";
  const Pixel middle = image.at(0, 0);  // zero: the light middle of a diverging map
  EXPECT_EQ(middle, image.at(2, 3));
  EXPECT_GT(middle[0], 210);
  EXPECT_LT(std::abs(middle[0] - middle[2]), 8);
  EXPECT_TRUE(near(image.at(3, 0), red));   // +infinity is beyond the range
  EXPECT_TRUE(near(image.at(4, 0), grey));  // NaN
}

TEST(Picture, BytesAreTheFile) {
  const Scratch scratch;
  if (!Comm::world().is_root()) return;
  const Slice slice{2, 1, {0, 1}};
  const std::string bytes = png_bytes(slice, {});
  write_png(scratch / "b.png", slice, {});
  EXPECT_EQ(bytes, core::read_file(scratch / "b.png"));
  EXPECT_EQ(bytes.substr(0, 8), "\x89PNG\r\n\x1a\n");
}

TEST(Picture, EndsOfEveryColourMap) {
  const Scratch scratch;
  if (!Comm::world().is_root()) return;
  const Slice slice{2, 1, {2, 5}};
  const auto ends = [&](const std::string& map) {
    write_png(scratch / "c.png", slice,
              {.colour_map = map, .lower = 2, .upper = 5, .pixels_per_cell = 1});
    Image image(scratch / "c.png");
    return std::array<Pixel, 2>{image.at(0, 0), image.at(1, 0)};
  };
  EXPECT_EQ(ends("viridis"),
            (std::array<Pixel, 2>{Pixel{0x44, 0x01, 0x54}, Pixel{0xfd, 0xe7, 0x25}}));
  EXPECT_EQ(ends("inferno"),
            (std::array<Pixel, 2>{Pixel{0x00, 0x00, 0x04}, Pixel{0xfc, 0xff, 0xa4}}));
}

TEST(Picture, ChoosesItsSize) {
  const Scratch scratch;
  if (!Comm::world().is_root()) return;
  const auto size = [&](int width, int height) {
    write_png(scratch / "d.png", {width, height, std::vector<double>(width * height, 1.0)}, {});
    const Image image(scratch / "d.png");
    return std::array<int, 2>{image.width, image.height};
  };
  EXPECT_EQ(size(256, 128), (std::array<int, 2>{768, 384}));
  EXPECT_EQ(size(800, 10), (std::array<int, 2>{800, 10}));
  EXPECT_EQ(size(2400, 1200), (std::array<int, 2>{1200, 600}));
}

TEST(Picture, ChoosesItsRange) {
  const Slice slice{3, 1, {-2, 1, NAN}};
  EXPECT_EQ(colour_range(slice, {}).lower, -2);
  EXPECT_EQ(colour_range(slice, {}).upper, 2);
  EXPECT_EQ(colour_range(slice, {.colour_map = "viridis"}).upper, 1);
  EXPECT_EQ(colour_range(slice, {.lower = 0, .upper = 9}).upper, 9);
  const Slice constant{1, 1, {4}};
  const auto range = colour_range(constant, {.colour_map = "viridis"});
  EXPECT_LT(range.lower, 4);
  EXPECT_GT(range.upper, 4);
}

TEST(Picture, SaysWhatIsWrong) {
  EXPECT_EQ(user_error([] { png_bytes({1, 1, {0}}, {.colour_map = "jet"}); }),
            "colour map 'jet' is unknown; there are coolwarm, viridis, inferno");
  EXPECT_EQ(user_error([] { png_bytes({}, {}); }),
            "a slice of 0 x 0 cells with 0 values makes no picture");
  EXPECT_TRUE(
      contains(user_error([] { write_png("/proc/none/a.png", {1, 1, {0}}, {}); }), "/proc/none"));
}

#endif  // UNDERSTUDY_WITH_VTK

}  // namespace
}  // namespace understudy::mesh
