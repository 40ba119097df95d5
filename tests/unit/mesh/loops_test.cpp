// The loop vocabulary and State against plain host loops.
#include <gtest/gtest.h>

#include "mesh/box_grid.hpp"
#include "mesh/device_boxes.hpp"
#include "mesh/field.hpp"
#include "mesh/loops.hpp"

namespace mesh = understudy::mesh;

namespace {

mesh::Array3<double> numbered(int nk, int nj, int ni) {
  mesh::Array3<double> a("a", nk, nj, ni);
  mesh::for_cells(
      "number", {{0, 0, 0}, {ni, nj, nk}},
      KOKKOS_LAMBDA(int k, int j, int i) { a(k, j, i) = i + 100.0 * j + 10000.0 * k; });
  return a;
}

double negated_max(const mesh::Array3<double>& a, const mesh::Range3& r) {
  return mesh::max_cells("max", r, KOKKOS_LAMBDA(int k, int j, int i) { return -a(k, j, i); });
}

double plain_sum(const mesh::Array3<double>& a, const mesh::Range3& r) {
  return mesh::sum_cells("sum", r, KOKKOS_LAMBDA(int k, int j, int i) { return a(k, j, i); });
}

/// Adds 1 to a cell [k, j, i] of an array, by cells and by rows.
struct AddOne {
  double* a;
  long row_stride, plane;
  KOKKOS_INLINE_FUNCTION void operator()(int k, int j, int i) const {
    a[k * plane + j * row_stride + i] += 1;
  }
};
struct AddOneByRows {
  AddOne cell;
  KOKKOS_INLINE_FUNCTION void row(int k, int j, int begin, int end) const {
    double* line = cell.a + k * cell.plane + j * cell.row_stride;
    mesh::independent(begin, end, [=](int i) { line[i] += 1; });
  }
};
struct SumOfRow {
  AddOne cell;
  KOKKOS_INLINE_FUNCTION double row(int k, int j, int begin, int end) const {
    double sum = 0;
    for (int i = begin; i < end; ++i) sum += cell.a[k * cell.plane + j * cell.row_stride + i];
    return sum;
  }
};
struct ValueAt {
  AddOne cell;
  KOKKOS_INLINE_FUNCTION float operator()(int k, int j, int i) const {
    return float(cell.a[k * cell.plane + j * cell.row_stride + i]);
  }
};

}  // namespace

// A box that runs in place and one that is spread over the threads; rows longer than the lanes of a maximum.
TEST(Loops, RowsVisitEveryCellOfTheBoxOnce) {
  for (const int n : {5, 80}) {
    const mesh::Array3<double> a("a", 6, n, n);
    const AddOne add{a.data(), n, long(n) * n};
    const mesh::Range3 r{{1, 2, 1}, {n - 1, n, 5}};
    mesh::for_rows("cells", r, add);
    mesh::for_rows("rows", r, AddOneByRows{add});
    EXPECT_EQ(mesh::sum_rows("sum", r, SumOfRow{add}), 2.0 * double(r.count()));
    EXPECT_EQ(mesh::sum_rows("sum", {{0, 0, 0}, {n, n, 6}}, SumOfRow{add}),
              2.0 * double(r.count()));
    Kokkos::deep_copy(Kokkos::subview(a, 4, n - 1, n - 2), 7.0);  // the last cell of the box
    Kokkos::deep_copy(Kokkos::subview(a, 4, n - 1, n - 1), 9.0);  // beside it
    EXPECT_EQ(mesh::max_rows<float>("max", r, ValueAt{add}), 7.0);
    const mesh::Range3 empty{{1, 0, 0}, {1, 2, 2}};
    EXPECT_EQ(mesh::sum_rows("sum", empty, SumOfRow{add}), 0);
    EXPECT_EQ(mesh::max_rows<float>("max", empty, ValueAt{add}), 0);
  }
}

// A block of a device's threads has 256 of them where the box has as many cells, whatever its shape, along i
// first; and never more layers along k than a GPU takes.
TEST(Loops, ADevicesTilesFitTheBox) {
  const std::vector<std::pair<mesh::Range3, std::array<int, 3>>> cases{
      {{{0, 0, 0}, {100, 100, 100}}, {32, 4, 2}}, {{{3, 3, 0}, {103, 103, 1}}, {64, 4, 1}},
      {{{2, 0, 0}, {3, 500, 1}}, {1, 256, 1}},    {{{2, 0, 0}, {3, 8, 100}}, {1, 8, 32}},
      {{{0, 0, 5}, {1, 1, 500}}, {1, 1, 64}},     {{{0, 5, 0}, {500, 6, 1}}, {64, 1, 1}},
      {{{0, 0, 0}, {1, 1, 1}}, {1, 1, 1}}};
  for (const auto& [range, tile] : cases) EXPECT_EQ(mesh::detail::device_tile(range), tile);
}

/// Counts visits, by axis and copy, in one array.
struct CountVisits {
  mesh::Array4<double> visits;
  KOKKOS_INLINE_FUNCTION void operator()(int k, int j, int i, int axis, int copy) const {
    Kokkos::atomic_add(&visits(2 * copy + axis, k, j, i), 1.0);
  }
};

TEST(Loops, BoxesOfOneLaunchAreWalkedWhole) {
  mesh::detail::BoxList boxes;
  boxes.add(0, {{0, 0, 0}, {2, 3, 4}});
  boxes.add(1, {{1, 1, 1}, {1, 3, 4}});  // empty
  boxes.add(1, {{1, 2, 3}, {5, 3, 4}});
  EXPECT_EQ(boxes.count, 2);
  EXPECT_EQ(boxes.cells(), 24 + 4);
  for (const bool wide : {false, true}) {
    const mesh::Array4<double> visits("visits", 4, 4, 3, 5);
    if (wide)
      mesh::detail::number_boxes<long long>("boxes", boxes, 2, CountVisits{visits});
    else
      mesh::detail::device_for_boxes("boxes", boxes, 2, CountVisits{visits});
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), visits);
    for (int copy = 0; copy < 2; ++copy)
      for (int k = 0; k < 4; ++k)
        for (int j = 0; j < 3; ++j)
          for (int i = 0; i < 5; ++i) {
            EXPECT_EQ(host(2 * copy, k, j, i), i < 2 ? 1 : 0);
            EXPECT_EQ(host(2 * copy + 1, k, j, i), i >= 1 && j == 2 && k == 3 ? 1 : 0);
          }
  }
}

TEST(Loops, VisitEveryIndexOnce) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), numbered(3, 5, 17));
  for (int k = 0; k < 3; ++k)
    for (int j = 0; j < 5; ++j)
      for (int i = 0; i < 17; ++i) EXPECT_EQ(host(k, j, i), i + 100.0 * j + 10000.0 * k);
}

TEST(Loops, ReduceOverASubBox) {
  const auto a = numbered(4, 6, 9);
  const mesh::Range3 r{{2, 1, 1}, {7, 5, 3}};
  double sum = 0;
  for (int k = 1; k < 3; ++k)
    for (int j = 1; j < 5; ++j)
      for (int i = 2; i < 7; ++i) sum += i + 100.0 * j + 10000.0 * k;
  EXPECT_EQ(plain_sum(a, r), sum);
  EXPECT_EQ(negated_max(a, r), -(2 + 100.0 + 10000.0));
}

TEST(Loops, EmptyBoxIsNeutral) {
  const auto a = numbered(2, 2, 2);
  const mesh::Range3 empty{{1, 0, 0}, {1, 2, 2}};
  EXPECT_EQ(plain_sum(a, empty), 0);
  EXPECT_EQ(negated_max(a, empty), -std::numeric_limits<double>::infinity());
}

TEST(State, ClonesAndNamesMissingFields) {
  const auto grid = std::make_shared<mesh::BoxGrid>(
      mesh::GridParams{}, std::array{true, true, true}, understudy::core::Comm::self());
  mesh::State<double> state(grid, {{"u", "m/s"}, {"p", "Pa"}});
  Kokkos::deep_copy(state["u"].data, 3.0);
  const auto copy = state.clone();
  Kokkos::deep_copy(state["u"].data, 4.0);
  EXPECT_EQ(plain_sum(copy["u"].component(), grid->interior()), 3.0 * 64 * 64);
  state.copy_from(copy);
  EXPECT_EQ(plain_sum(state["u"].component(), grid->interior()), 3.0 * 64 * 64);
  try {
    state["w"];
    FAIL();
  } catch (const std::out_of_range& error) {
    EXPECT_NE(std::string(error.what()).find("'w'"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("u, p"), std::string::npos);
  }
}
