// Restriction and prolongation between nested boxes, on any number of ranks.
#include "mesh/nested_grids.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "mesh/halo.hpp"
#include "mesh/loops.hpp"

namespace understudy::mesh {
namespace {

constexpr double two_pi = 2 * std::numbers::pi;

// Split like `like`, where that is given.
std::shared_ptr<const BoxGrid> box(const std::vector<long long>& cells, bool periodic,
                                   const BoxGrid* like = nullptr) {
  GridParams params;
  params.cells = cells;
  for (std::size_t axis = 0; like && axis < cells.size(); ++axis)
    params.ranks.push_back(like->rank_dims()[axis]);
  params.lower_m.assign(cells.size(), 0.0);
  params.upper_m.assign(cells.size(), 1.0);
  params.upper_m.back() = 0.5;
  return std::make_shared<const BoxGrid>(params, std::array{periodic, periodic, periodic},
                                         core::Comm::world());
}

std::vector<FieldInfo> fields(int dimension) {
  std::vector<FieldInfo> list;
  for (int axis = 0; axis < dimension; ++axis)
    list.push_back({.name = std::string(1, "uvw"[axis]),
                    .unit = "m/s",
                    .location = static_cast<Location>(axis + 1)});
  list.push_back({.name = "p", .unit = "Pa"});
  return list;
}

// A velocity without divergence whose fluxes through faces are known, as means over faces: differences of a
// stream function (a vector potential along z) at the faces' edges, and a mean flow.
double potential(double x, double y) {
  return std::sin(two_pi * (x + 4 * y)) / two_pi +
         0.3 * std::cos(two_pi * (2 * x - 2 * y)) / two_pi;
}

void fill(const State<double>& state) {
  const auto& grid = dynamic_cast<const BoxGrid&>(state.grid());
  for (const auto& field : state.fields()) {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    const Range3 r = grid.points(field.info.location);
    const double hx = grid.spacing(0), hy = grid.spacing(1);
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) {
          const auto [x, y, z] = grid.position(field.info.location, k, j, i);
          double value = 0;
          if (field.info.name == "u")
            value = (potential(x, y + hy / 2) - potential(x, y - hy / 2)) / hy + 0.7;
          else if (field.info.name == "v")
            value = -(potential(x + hx / 2, y) - potential(x - hx / 2, y)) / hx;
          else if (field.info.name == "p")
            value = std::sin(two_pi * (x - 2 * y));
          host(0, k, j, i) = value;
        }
    Kokkos::deep_copy(field.data, host);
  }
}

void fill_ghosts(const std::shared_ptr<const BoxGrid>& grid, const State<double>& state) {
  std::vector<Array3<double>> arrays;
  for (const auto& field : state.fields()) arrays.push_back(field.component());
  Halo<double>(grid).exchange(arrays);
}

double largest_difference(const State<double>& a, const State<double>& b) {
  double largest = 0;
  for (const auto& field : a.fields()) {
    const auto x = field.component(), y = b[field.info.name].component();
    largest = std::max(largest, max_cells(
                                    "difference", a.grid().points(field.info.location),
                                    KOKKOS_LAMBDA(int k, int j, int i) {
                                      return Kokkos::abs(x(k, j, i) - y(k, j, i));
                                    }));
  }
  return a.grid().comm().max(largest);
}

double largest_divergence(const BoxGrid& grid, const State<double>& state) {
  const auto u = state["u"].component(), v = state["v"].component();
  const auto w = grid.dimension() == 3 ? state["w"].component() : u;
  const double x = 1 / grid.spacing(0), y = 1 / grid.spacing(1),
               z = grid.dimension() == 3 ? 1 / grid.spacing(2) : 0;
  const double largest = max_cells(
      "divergence", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        double sum = (u(k, j, i + 1) - u(k, j, i)) * x + (v(k, j + 1, i) - v(k, j, i)) * y;
        if (z > 0) sum += (w(k + 1, j, i) - w(k, j, i)) * z;
        return Kokkos::abs(sum);
      });
  return grid.comm().max(largest);
}

struct Case {
  std::vector<long long> fine, coarse;
  bool periodic;
};

const std::vector<Case> cases{
    {{64, 32}, {32, 16}, true},
    {{96, 64}, {24, 16}, true},
    {{128, 256}, {16, 32}, false},
    {{64, 48}, {32, 16}, false},
    {{40, 20, 24}, {20, 20, 12}, true},
    {{48, 48, 48}, {12, 12, 16}, false},
    // One factor along all axes, for which rows are compiled, and one for which they are not.
    {{40, 40, 48}, {20, 20, 24}, true},
    {{96, 48, 40}, {24, 12, 10}, false},
    {{96, 96}, {32, 32}, false}};

TEST(NestedGrids, RestrictionUndoesProlongation) {
  for (const Case& c : cases) {
    const auto fine = box(c.fine, c.periodic), coarse = box(c.coarse, c.periodic, fine.get());
    State<double> whole(fine, fields(fine->dimension())), part(coarse, fields(fine->dimension())),
        back = part.clone();
    fill(part);
    fill_ghosts(coarse, part);
    const NestedGrids<double> nested(fine, coarse);
    nested.prolong(part, whole);
    nested.restrict(whole, back);
    EXPECT_LT(largest_difference(part, back), 1e-13);
  }
}

TEST(NestedGrids, NoDivergenceComesIn) {
  for (const Case& c : cases) {
    const auto fine = box(c.fine, c.periodic), coarse = box(c.coarse, c.periodic, fine.get());
    State<double> whole(fine, fields(fine->dimension())), part(coarse, fields(fine->dimension()));
    fill(part);
    fill_ghosts(coarse, part);
    const NestedGrids<double> nested(fine, coarse);
    ASSERT_LT(largest_divergence(*coarse, part), 1e-11);
    nested.prolong(part, whole);
    EXPECT_LT(largest_divergence(*fine, whole), 1e-10);
    fill(whole);
    fill_ghosts(fine, whole);
    nested.restrict(whole, part);
    fill_ghosts(coarse, part);
    EXPECT_LT(largest_divergence(*coarse, part), 1e-11);
  }
}

// Fluxes through faces of two grids, each exact: restriction takes one to the other, and prolongation's error falls
// with the fourth power of the spacing.
TEST(NestedGrids, ProlongationIsOfFourthOrder) {
  for (const bool periodic : {true, false}) {
    double before = 0;
    for (const long long n : {32, 64, 128}) {
      const auto fine = box({4 * n, 4 * n}, periodic), coarse = box({n, n}, periodic, fine.get());
      State<double> whole(fine, fields(2)), part(coarse, fields(2)), exact = whole.clone();
      fill(exact);
      const NestedGrids<double> nested(fine, coarse);
      nested.restrict(exact, part);
      fill_ghosts(coarse, part);
      nested.prolong(part, whole);
      const double error = largest_difference(exact, whole);
      if (before > 0) {
        EXPECT_GT(std::log2(before / error), 3.7) << n << " " << periodic;
      }
      before = error;
    }
    EXPECT_LT(before, 2e-4);
  }
}

int allocations = 0;

// A corrected window prolongs: what is in between is made once.
TEST(NestedGrids, ProlongationAllocatesOnce) {
  for (const Case& c : cases) {
    const auto fine = box(c.fine, c.periodic), coarse = box(c.coarse, c.periodic, fine.get());
    State<double> whole(fine, fields(fine->dimension())), part(coarse, fields(fine->dimension()));
    fill(part);
    fill_ghosts(coarse, part);
    const NestedGrids<double> nested(fine, coarse);
    Kokkos::Tools::Experimental::set_allocate_data_callback(
        [](const Kokkos::Tools::SpaceHandle, const char*, const void*, const std::uint64_t) {
          ++allocations;
        });
    allocations = 0;
    nested.prolong(part, whole);
    EXPECT_GT(allocations, 0);
    allocations = 0;
    nested.prolong(part, whole);
    nested.restrict(whole, part);
    EXPECT_EQ(allocations, 0);
    Kokkos::Tools::Experimental::set_allocate_data_callback(nullptr);
  }
}

TEST(NestedGrids, SaysWhatDoesNotFit) {
  const auto message = [](const std::vector<long long>& fine,
                          const std::vector<long long>& coarse) {
    try {
      NestedGrids<double>(box(fine, true), box(coarse, true));
    } catch (const core::UserError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  EXPECT_NE(message({64, 64}, {24, 32}).find("24 cells along x are not 64 divided by"),
            std::string::npos);
  EXPECT_NE(message({160, 160}, {10, 10}).find("whole number from 1 to 8"), std::string::npos);
}

}  // namespace
}  // namespace understudy::mesh
