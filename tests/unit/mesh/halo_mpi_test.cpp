// Halo exchange against global indices: every ghost that has a global cell must hold that cell's value,
// edges and corners included; ghosts beyond a non-periodic side must be untouched.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/halo.hpp"
#include "mesh/halo_transpose.hpp"

namespace mesh = understudy::mesh;
namespace core = understudy::core;

namespace {

constexpr double untouched = -7;

double value_of(int array, int x, int y, int z) { return array + 10.0 * x + 1e4 * y + 1e7 * z; }

template <class Real>
void check_exchange(const mesh::GridParams& params, const std::array<bool, 3>& periodic,
                    int width) {
  const auto grid = std::make_shared<mesh::BoxGrid>(params, periodic, core::Comm::world(), 2);
  std::vector<mesh::Array3<Real>> arrays;
  const mesh::Range3 inner = grid->interior();
  for (int n = 0; n < 2; ++n) {
    arrays.emplace_back("a", grid->extent(2), grid->extent(1), grid->extent(0));
    const auto host = Kokkos::create_mirror_view(arrays[n]);
    Kokkos::deep_copy(host, static_cast<Real>(untouched));
    for (int k = inner.begin[2]; k < inner.end[2]; ++k)
      for (int j = inner.begin[1]; j < inner.end[1]; ++j)
        for (int i = inner.begin[0]; i < inner.end[0]; ++i)
          host(k, j, i) =
              value_of(n, i - inner.begin[0] + grid->offset(0),
                       j - inner.begin[1] + grid->offset(1), k - inner.begin[2] + grid->offset(2));
    Kokkos::deep_copy(arrays[n], host);
  }
  mesh::Halo<Real> halo(grid);
  halo.exchange(arrays, width);

  for (int n = 0; n < 2; ++n) {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), arrays[n]);
    const mesh::Range3 all = grid->everything();
    for (int k = 0; k < all.end[2]; ++k)
      for (int j = 0; j < all.end[1]; ++j)
        for (int i = 0; i < all.end[0]; ++i) {
          const std::array<int, 3> local{i, j, k};
          std::array<int, 3> global;
          bool filled = true;
          for (int axis = 0; axis < 3; ++axis) {
            const int cells = grid->global_cells(axis);
            const int layer =
                std::max(inner.begin[axis] - local[axis], local[axis] - inner.end[axis] + 1);
            if (layer > width) filled = false;
            global[axis] = local[axis] - inner.begin[axis] + grid->offset(axis);
            if (grid->periodic(axis)) global[axis] = (global[axis] + cells) % cells;
            if (global[axis] < 0 || global[axis] >= cells) filled = false;
          }
          const double expected = filled ? value_of(n, global[0], global[1], global[2]) : untouched;
          ASSERT_EQ(host(k, j, i), static_cast<Real>(expected)) << i << ' ' << j << ' ' << k;
        }
  }
}

// Every point of the arrays holds the value of its global place (beyond sides of the box, too), as an exchange
// leaves it: its product with y is that of the owners' values with what y's ghosts give back.
void check_give_back(const mesh::GridParams& params, const std::array<bool, 3>& periodic) {
  const auto grid = std::make_shared<mesh::BoxGrid>(params, periodic, core::Comm::world(), 2);
  const mesh::Range3 all = grid->everything(), inner = grid->interior();
  std::vector<mesh::Array3<double>> arrays;
  double whole = 0, owned = 0;
  const auto each = [&](int n, const auto& f) {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), arrays[n]);
    for (int k = 0; k < all.end[2]; ++k)
      for (int j = 0; j < all.end[1]; ++j)
        for (int i = 0; i < all.end[0]; ++i) {
          const std::array<int, 3> local{i, j, k};
          int place = n;
          bool own = true;
          for (int axis = 0; axis < 3; ++axis) {
            const int cells = grid->global_cells(axis);
            int global = local[axis] - inner.begin[axis] + grid->offset(axis);
            const bool inside = local[axis] >= inner.begin[axis] && local[axis] < inner.end[axis];
            const bool beyond = global < 0 || global >= cells;
            if (grid->periodic(axis)) global = (global + cells) % cells;
            own = own && (inside || (beyond && axis < grid->dimension() && !grid->periodic(axis)));
            place = 7 * place + global + 2;
          }
          f(host(k, j, i), double(place % 23 - 11), own);
        }
    Kokkos::deep_copy(arrays[n], host);
  };
  for (int n = 0; n < 2; ++n) {
    arrays.emplace_back("a", grid->extent(2), grid->extent(1), grid->extent(0));
    int count = grid->comm().rank();
    each(n, [&](double& y, double x, bool) {
      y = (count += 3) % 17 - 8;
      whole += x * y;
    });
  }
  mesh::HaloTranspose<double>(grid).give_back(arrays);
  for (int n = 0; n < 2; ++n)
    each(n, [&](double& y, double x, bool own) {
      owned += x * y;
      if (!own) {
        EXPECT_EQ(y, 0);
      }
    });
  EXPECT_EQ(grid->comm().sum(whole), grid->comm().sum(owned));
  EXPECT_NE(grid->comm().sum(whole), 0);
}

mesh::GridParams box(std::vector<long long> cells) {
  mesh::GridParams params;
  params.cells = std::move(cells);
  params.lower_m.assign(params.cells.size(), 0);
  params.upper_m.assign(params.cells.size(), 1);
  return params;
}

}  // namespace

TEST(Halo, Plane) {
  check_exchange<double>(box({21, 18}), {false, false, true}, 2);
  check_exchange<double>(box({21, 18}), {true, false, true}, 2);
  check_exchange<double>(box({21, 18}), {true, true, true}, 1);
}

TEST(Halo, WhatGhostsGiveBackIsTheTranspose) {
  check_give_back(box({21, 18}), {false, false, true});
  check_give_back(box({21, 18}), {true, false, true});
  check_give_back(box({11, 12, 13}), {false, true, false});
  check_give_back(box({8, 9, 10}), {true, true, true});
}

TEST(Halo, Volume) {
  check_exchange<double>(box({11, 12, 13}), {false, true, false}, 2);
  check_exchange<float>(box({11, 12, 13}), {true, true, true}, 2);
}

TEST(Halo, SplitAlongX) {
  auto params = box({24, 16});
  params.ranks = {core::Comm::world().size(), 1};
  check_exchange<double>(params, {true, true, true}, 2);
  check_exchange<double>(params, {false, true, true}, 2);
}

TEST(Grid, BlocksTileTheBox) {
  const mesh::BoxGrid grid(box({37, 29, 14}), {false, false, false}, core::Comm::world());
  long long cells = 0;
  for (int rank = 0; rank < grid.comm().size(); ++rank) cells += grid.block(rank).count();
  EXPECT_EQ(cells, grid.global_cell_count());
  const mesh::Range3 mine = grid.block(grid.comm().rank());
  for (int axis = 0; axis < 3; ++axis) {
    EXPECT_EQ(mine.begin[axis], grid.offset(axis));
    EXPECT_EQ(mine.size(axis), grid.local_cells(axis));
  }
  EXPECT_EQ(grid.global_points(mesh::Location::face_x, 0), 38);
  EXPECT_EQ(grid.global_points(mesh::Location::face_x, 1), 29);
}

TEST(Grid, RefusesMoreRanksThanCellsAllow) {
  auto params = box({8, 4});
  params.ranks = {1, core::Comm::world().size()};
  if (core::Comm::world().size() < 4) {
    EXPECT_NO_THROW(mesh::BoxGrid(params, {true, true, true}, core::Comm::world()));
    return;
  }
  try {
    mesh::BoxGrid grid(params, {true, true, true}, core::Comm::world());
    FAIL() << "accepted";
  } catch (const core::UserError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("4 ranks on 8 x 4 cells"), std::string::npos) << text;
    EXPECT_NE(text.find("Use fewer ranks"), std::string::npos) << text;
  }
}
