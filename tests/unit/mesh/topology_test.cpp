// Joints: the table of the cube's edges against itself and against the points of a cube.
#include "mesh/topology.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>
#include <set>
#include <stdexcept>
#include <tuple>

namespace mesh = understudy::mesh;
using mesh::Joint;
using mesh::Topology;

namespace {

using Point = std::array<double, 3>;

// The point of a panel at equiangular coordinates (-pi/4 to pi/4) on the cube of half side 1. Written
// from the panels' frames (normal, east, north), not from the table.
Point on_cube(int panel, double alpha, double beta) {
  static const std::array<std::array<Point, 3>, 6> frames{{{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
                                                           {{{0, 1, 0}, {-1, 0, 0}, {0, 0, 1}}},
                                                           {{{-1, 0, 0}, {0, -1, 0}, {0, 0, 1}}},
                                                           {{{0, -1, 0}, {1, 0, 0}, {0, 0, 1}}},
                                                           {{{0, 0, 1}, {0, 1, 0}, {-1, 0, 0}}},
                                                           {{{0, 0, -1}, {0, 1, 0}, {1, 0, 0}}}}};
  const auto& [normal, east, north] = frames.at(panel);
  Point x;
  for (int n = 0; n < 3; ++n)
    x[n] = normal[n] + std::tan(alpha) * east[n] + std::tan(beta) * north[n];
  return x;
}

// The point at `along` (-1 to 1, in the direction of growing index) of a panel's side.
Point on_side(int panel, int side, double along) {
  const double quarter = std::numbers::pi / 4, end = mesh::is_upper(side) ? quarter : -quarter;
  return mesh::side_axis(side) == 0 ? on_cube(panel, end, quarter * along)
                                    : on_cube(panel, quarter * along, end);
}

double distance(const Point& a, const Point& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

// Where one stands at a corner of a panel: on a side, at its lower or upper end.
struct AtCorner {
  int panel, side;
  bool upper_end;
  auto operator<=>(const AtCorner&) const = default;
};

// Across the side into the next panel, and on to that panel's other side at the same corner.
AtCorner turn(const Topology& cube, const AtCorner& from) {
  const Joint to = cube.across(from.panel, from.side);
  const bool end = from.upper_end != to.reversed;
  const int other_axis = 1 - mesh::side_axis(to.side);
  return {to.panel, 2 * other_axis + (end ? 1 : 0), mesh::is_upper(to.side)};
}

}  // namespace

TEST(Topology, AcrossIsAnInvolution) {
  const Topology cube = Topology::cubed_sphere();
  ASSERT_EQ(cube.panels(), 6);
  for (int panel = 0; panel < 6; ++panel)
    for (int side = mesh::x_lower; side <= mesh::y_upper; ++side) {
      const Joint there = cube.across(panel, side);
      ASSERT_TRUE(there.exists()) << panel << ' ' << mesh::side_name(side);
      const Joint back = cube.across(there.panel, there.side);
      EXPECT_EQ(back, (Joint{panel, static_cast<mesh::Side>(side), there.reversed}))
          << panel << ' ' << mesh::side_name(side);
    }
}

TEST(Topology, TheCubeHasTwelveEdgesEachMetTwice) {
  const Topology cube = Topology::cubed_sphere();
  std::map<std::set<std::pair<int, int>>, int> met;
  for (int panel = 0; panel < 6; ++panel) {
    std::set<int> neighbours;
    for (int side = mesh::x_lower; side <= mesh::y_upper; ++side) {
      const Joint there = cube.across(panel, side);
      ++met[{{panel, side}, {there.panel, there.side}}];
      neighbours.insert(there.panel);
    }
    EXPECT_EQ(neighbours.size(), 4u) << "panel " << panel << " touches four others";
    EXPECT_FALSE(neighbours.count(panel)) << panel;
    for (const int side : {mesh::z_lower, mesh::z_upper})
      EXPECT_FALSE(cube.across(panel, side).exists()) << "nothing above or below a panel";
  }
  EXPECT_EQ(met.size(), 12u);
  for (const auto& [edge, times] : met) EXPECT_EQ(times, 2);
}

TEST(Topology, AWalkRoundACornerClosesAfterThreeTurns) {
  const Topology cube = Topology::cubed_sphere();
  std::set<std::set<AtCorner>> walks;
  for (int panel = 0; panel < 6; ++panel)
    for (int side = mesh::x_lower; side <= mesh::y_upper; ++side)
      for (const bool upper_end : {false, true}) {
        const AtCorner start{panel, side, upper_end};
        const AtCorner second = turn(cube, start), third = turn(cube, second);
        EXPECT_EQ(turn(cube, third), start) << panel << ' ' << side << ' ' << upper_end;
        EXPECT_EQ((std::set{start.panel, second.panel, third.panel}).size(), 3u);
        walks.insert({start, second, third});
      }
  EXPECT_EQ(walks.size(), 16u) << "eight corners, each walked both ways";
}

TEST(Topology, JoinedSidesAreTheSamePointsOfTheCube) {
  const Topology cube = Topology::cubed_sphere();
  for (int panel = 0; panel < 6; ++panel)
    for (int side = mesh::x_lower; side <= mesh::y_upper; ++side) {
      const Joint there = cube.across(panel, side);
      for (const double along : {-1.0, -0.7, -0.1, 0.0, 0.4, 1.0}) {
        const Point here = on_side(panel, side, along);
        EXPECT_LT(distance(here, on_side(there.panel, there.side, there.reversed ? -along : along)),
                  1e-14)
            << panel << ' ' << mesh::side_name(side) << " at " << along;
      }
    }
}

TEST(Topology, APanelSeenFromOutsideIsRightHanded) {
  for (int panel = 0; panel < 6; ++panel) {
    const Point middle = on_cube(panel, 0, 0), x = on_cube(panel, 0.1, 0),
                y = on_cube(panel, 0, 0.1);
    Point a, b;
    for (int n = 0; n < 3; ++n) {
      a[n] = x[n] - middle[n];
      b[n] = y[n] - middle[n];
    }
    const double outward = (a[1] * b[2] - a[2] * b[1]) * middle[0] +
                           (a[2] * b[0] - a[0] * b[2]) * middle[1] +
                           (a[0] * b[1] - a[1] * b[0]) * middle[2];
    EXPECT_GT(outward, 0) << panel;
  }
}

TEST(Topology, ABoxIsJoinedToItselfAlongPeriodicAxes) {
  const Topology box = Topology::box({true, false, true});
  EXPECT_EQ(box.panels(), 1);
  EXPECT_EQ(box.across(0, mesh::x_lower), (Joint{0, mesh::x_upper, false}));
  EXPECT_EQ(box.across(0, mesh::x_upper), (Joint{0, mesh::x_lower, false}));
  EXPECT_FALSE(box.across(0, mesh::y_lower).exists());
  EXPECT_FALSE(box.across(0, mesh::y_upper).exists());
  EXPECT_EQ(box.across(0, mesh::z_upper), (Joint{0, mesh::z_lower, false}));
  EXPECT_TRUE(box.periodic(0));
  EXPECT_FALSE(box.periodic(1));
  EXPECT_TRUE(box.periodic(2));
  for (const int axis : {0, 1, 2}) EXPECT_FALSE(Topology::cubed_sphere().periodic(axis)) << axis;
  EXPECT_THROW(box.across(1, mesh::x_lower), std::out_of_range);
  EXPECT_THROW(box.across(0, 6), std::out_of_range);
}
