// Sums weighed by the cells' measures, and what asks for a box on a grid that is none.
#include "mesh/cell_measure.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "mesh/box_grid.hpp"
#include "support/mesh_stretched_grid.hpp"

namespace mesh = understudy::mesh;
namespace core = understudy::core;

namespace {

mesh::BoxGrid box(const std::array<bool, 3>& periodic) {
  return {mesh::GridParams{{0, 1}, {3, 2}, {24, 16}, {}}, periodic, core::Comm::world()};
}

// Sums of 1 / (3 + i + 7 j) over local indices, on this rank.
double weighed(const mesh::Grid& grid) {
  return mesh::sum_weighed_cells(
      "weighed", grid, KOKKOS_LAMBDA(int, int j, int i) { return 1.0 / (3 + i + 7 * j); });
}
double plain(const mesh::Grid& grid) {
  return mesh::sum_cells(
      "plain", grid.interior(), KOKKOS_LAMBDA(int, int j, int i) { return 1.0 / (3 + i + 7 * j); });
}
double area(const mesh::Grid& grid) {
  return grid.comm().sum(
      mesh::sum_weighed_cells("area", grid, KOKKOS_LAMBDA(int, int, int) { return 1.0; }));
}

}  // namespace

TEST(CellMeasure, IsLeftOutOfSumsInAUniformBox) {
  const mesh::BoxGrid grid = box({true, true, true});
  EXPECT_TRUE(grid.cell_measure().uniform());
  EXPECT_EQ(grid.cell_measure().of_all, 0.125 * 0.0625);
  EXPECT_EQ(weighed(grid), plain(grid)) << "bitwise";
  EXPECT_EQ(mesh::weight_of_cells(grid), 24 * 16);
}

TEST(CellMeasure, WeighsTheCellsOfAStretchedGrid) {
  const mesh_test::StretchedGrid grid(23, 17, core::Comm::world());
  const double expected = 17 * 23 * 24 / 2;
  EXPECT_DOUBLE_EQ(area(grid), expected);
  EXPECT_DOUBLE_EQ(mesh::weight_of_cells(grid), expected);
  const mesh::Range3 r = grid.interior();
  double sum = 0;
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i)
      sum += (grid.offset(0) + i - r.begin[0] + 1) / (3.0 + i + 7 * j);
  EXPECT_NEAR(weighed(grid), sum, 1e-12 * sum);
  EXPECT_GT(weighed(grid), plain(grid));
}

TEST(Grid, TakesItsSidesFromTheTopology) {
  const mesh::BoxGrid grid = box({true, false, true});
  const auto dims = grid.rank_dims(), at = grid.rank_coords();
  EXPECT_EQ(grid.panels(), 1);
  EXPECT_TRUE(grid.periodic(0));
  EXPECT_FALSE(grid.periodic(1));
  EXPECT_FALSE(grid.at_boundary(mesh::x_lower));
  EXPECT_FALSE(grid.at_boundary(mesh::x_upper));
  EXPECT_GE(grid.neighbour(mesh::x_lower), 0);
  EXPECT_EQ(grid.at_boundary(mesh::y_lower), at[1] == 0);
  EXPECT_EQ(grid.at_boundary(mesh::y_upper), at[1] == dims[1] - 1);
  EXPECT_EQ(grid.neighbour(mesh::y_upper) < 0, at[1] == dims[1] - 1);
  EXPECT_FALSE(grid.at_boundary(mesh::z_upper)) << "a plane has no side along z";
}

TEST(Grid, SaysWhereAValueLies) {
  const mesh::BoxGrid grid = box({true, true, true});
  const int i = grid.interior().begin[0] + 3, j = grid.interior().begin[1] + 2;
  const auto x = grid.position(mesh::Location::face_x, 0, j, i);
  EXPECT_EQ(x[0], grid.coordinate(mesh::Location::face_x, 0, i));
  EXPECT_EQ(x[1], grid.coordinate(mesh::Location::face_x, 1, j));
  EXPECT_DOUBLE_EQ(x[0], 0.125 * (grid.offset(0) + 3));
  EXPECT_DOUBLE_EQ(x[1], 1 + 0.0625 * (grid.offset(1) + 2.5));
}

TEST(Grid, AsABoxOrAnErrorThatNamesWhatNeedsOne) {
  const auto grid = std::make_shared<const mesh::BoxGrid>(box({true, true, true}));
  const std::shared_ptr<const mesh::Grid> any = grid;
  EXPECT_EQ(&mesh::as_box(*any, "a test"), grid.get());
  EXPECT_EQ(mesh::as_box(any, "a test"), grid);
  const std::shared_ptr<const mesh::Grid> other =
      std::make_shared<const mesh_test::StretchedGrid>(24, 16, core::Comm::world());
  try {
    mesh::as_box(other, "an energy spectrum");
    FAIL() << "accepted";
  } catch (const core::UserError& error) {
    EXPECT_STREQ(error.what(),
                 "an energy spectrum needs a uniform box; this run's grid is another");
  }
}
