// The bounds of the scalar beside bodies of a fixed value, against a plain search of the neighbours.
#include "mesh/box_grid.hpp"
#include "solvers/flow/body_scalar.hpp"
#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

constexpr double radius = 0.5, body_value = 0.25;
constexpr std::array<std::array<int, 2>, 4> neighbours{{{0, -1}, {0, 1}, {-1, 0}, {1, 0}}};

// Half a cylinder that stands on the lower side along y, periodic along x.
struct HalfCylinder {
  std::shared_ptr<const mesh::BoxGrid> grid =
      std::make_shared<mesh::BoxGrid>(mesh::GridParams{{-1, 0}, {1, 1}, {20, 10}, {}},
                                      std::array<bool, 3>{true, false, true}, core::Comm::self());
  solvers::flow::Bodies bodies{{mesh::BodyParams{}}, grid, "."};

  // Beyond the lower side the body is its mirror image.
  bool solid(int j, int i) const {
    const double x = grid->coordinate(mesh::Location::cell, 0, i),
                 y = grid->coordinate(mesh::Location::cell, 1, j);
    return x * x + y * y <= radius * radius;
  }
  bool across(int j) const {
    const mesh::Range3 r = grid->interior();
    return j < r.begin[1] || j >= r.end[1];
  }
  bool beside(int j, int i) const {
    return !solid(j, i) &&
           (solid(j, i - 1) || solid(j, i + 1) || solid(j - 1, i) || solid(j + 1, i));
  }
};

mesh::HostArray3<double> on_host(const mesh::Array3<double>& a) {
  return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), a);
}

mesh::Array3<double> array_of(const mesh::BoxGrid& grid,
                              const std::function<double(int, int)>& value) {
  mesh::Array3<double> a("values", grid.extent(2), grid.extent(1), grid.extent(0));
  const auto host = Kokkos::create_mirror_view(a);
  for (int k = 0; k < grid.extent(2); ++k)
    for (int j = 0; j < grid.extent(1); ++j)
      for (int i = 0; i < grid.extent(0); ++i) host(k, j, i) = value(j, i);
  Kokkos::deep_copy(a, host);
  return a;
}

TEST(BodyScalar, FindsTheFluidBesideABody) {
  const HalfCylinder c;
  const auto points = c.bodies.find_scalar_bounds();
  const mesh::Range3 r = c.grid->interior();
  std::size_t n = 0;
  int across = 0;
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      if (!c.beside(j, i)) continue;
      ASSERT_LT(n, points.index.size());
      const int row = c.grid->extent(0), index = (r.begin[2] * c.grid->extent(1) + j) * row + i;
      ASSERT_EQ(points.index[n], index);
      for (int m = 0; m < 4; ++m) {
        const auto [dj, di] = neighbours[m];
        EXPECT_EQ(points.stencil[n][m], index + dj * row + di);
        const double weight = c.across(j + dj) ? 0.5 : c.solid(j + dj, i + di) ? 0 : 1;
        EXPECT_EQ(points.weight[n][m], weight) << j << " " << i << " " << m;
        across += weight == 0.5;
      }
      ++n;
    }
  EXPECT_EQ(n, points.index.size());
  EXPECT_EQ(across, 2);  // at the body's two feet
}

TEST(BodyScalar, StaysBetweenItsNeighboursAndTheBody) {
  const HalfCylinder c;
  solvers::FlowScalarParams params;
  params.enabled = true;
  params.at_bodies = "fixed";
  params.body_value = body_value;
  const solvers::flow::BodyScalar<double> scalar(c.bodies, *c.grid, params);
  const auto old = [](int j, int i) { return 1 + 0.01 * ((7 * i + 3 * j) % 11); };
  const auto before = [](int j, int i) { return 0.1 * i + j; };
  for (const bool second : {false, true})
    for (const double beyond : {-100.0, 100.0}) {
      solvers::flow::ScalarStep<double> step;
      step.scalar = array_of(*c.grid, old);
      step.star = array_of(*c.grid, before);
      scalar.keep_base(step.star, second);
      Kokkos::deep_copy(step.star, beyond);
      scalar.bound(step, second);
      const auto star = on_host(step.star);
      const mesh::Range3 r = c.grid->interior();
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) {
          double expected = beyond;
          if (c.beside(j, i)) {
            double most = old(j, i);  // all are above the body's value
            for (const auto& [dj, di] : neighbours)
              if (c.across(j + dj))
                most = std::max(most, 0.5 * (old(j, i) + old(j + dj, i + di)));
              else if (!c.solid(j + dj, i + di))
                most = std::max(most, old(j + dj, i + di));
            expected = beyond < 0 ? body_value : most;
            if (second) expected = before(j, i) + 0.5 * expected;
          }
          EXPECT_DOUBLE_EQ(star(r.begin[2], j, i), expected) << j << " " << i;
        }
    }
}

// What lies between them is left as it is, to the last bit; and so are insulated bodies.
TEST(BodyScalar, LeavesWhatIsWithinTheBounds) {
  const HalfCylinder c;
  solvers::FlowScalarParams params;
  params.enabled = true;
  params.body_value = 0;
  for (const std::string at_bodies : {"fixed", "insulated"}) {
    params.at_bodies = at_bodies;
    const solvers::flow::BodyScalar<double> scalar(c.bodies, *c.grid, params);
    solvers::flow::ScalarStep<double> step;
    step.scalar = array_of(*c.grid, [](int, int) { return 1.0; });
    step.star = array_of(*c.grid, [](int, int) { return 0.3; });
    scalar.keep_base(step.star, true);
    const double stepped = at_bodies == "fixed" ? 0.3 + 0.5 * 0.7 : 100;
    Kokkos::deep_copy(step.star, stepped);
    scalar.bound(step, true);
    const auto star = on_host(step.star);
    for (int j = 0; j < c.grid->extent(1); ++j)
      for (int i = 0; i < c.grid->extent(0); ++i) EXPECT_EQ(star(0, j, i), stepped);
  }
}

}  // namespace
