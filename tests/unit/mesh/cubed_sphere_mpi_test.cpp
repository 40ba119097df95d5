// The cubed sphere: where cells lie, what they measure, and what its ghosts hold.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "mesh/cell_measure.hpp"
#include "mesh/cubed_sphere_halo.hpp"

namespace mesh = understudy::mesh;
namespace core = understudy::core;

namespace {

std::shared_ptr<const mesh::CubedSphereGrid> sphere(int cells, int ghosts, double radius = 2) {
  return std::make_shared<mesh::CubedSphereGrid>(mesh::CubedSphereParams{cells, radius, {}},
                                                 core::Comm::world(), ghosts);
}

double smooth(const mesh::Vector3& p) {
  return std::exp(0.5 * p[0]) * std::cos(2 * p[1]) + p[2] * p[2] * p[0];
}

/// The largest error of the ghosts of a smooth function.
double ghost_error(int cells, int order, int ghosts) {
  const auto grid = sphere(cells, ghosts);
  mesh::Array3<double> a("a", grid->extent(2), grid->extent(1), grid->extent(0));
  const auto host = Kokkos::create_mirror_view(a);
  const mesh::Range3 inner = grid->interior();
  Kokkos::deep_copy(host, std::nan(""));
  for (int k = 0; k < 6; ++k)
    for (int j = inner.begin[1]; j < inner.end[1]; ++j)
      for (int i = inner.begin[0]; i < inner.end[0]; ++i)
        host(k, j, i) = smooth(grid->direction(k, j, i));
  Kokkos::deep_copy(a, host);
  mesh::CubedSphereHalo<double> halo(grid, order);
  halo.exchange({a});
  Kokkos::deep_copy(host, a);
  double worst = 0;
  for (int k = 0; k < 6; ++k)
    for (int j = 0; j < grid->extent(1); ++j)
      for (int i = 0; i < grid->extent(0); ++i) {
        const double error = std::abs(host(k, j, i) - smooth(grid->direction(k, j, i)));
        worst = std::isnan(error) ? INFINITY : std::max(worst, error);
      }
  return grid->comm().max(worst);
}

}  // namespace

TEST(CubedSphere, PanelsLieAsTheTopologySays) {
  const auto topology = mesh::Topology::cubed_sphere();
  constexpr double quarter = std::numbers::pi / 4;
  for (int panel = 0; panel < 6; ++panel)
    for (int side = 0; side < 4; ++side) {
      const mesh::Joint joint = topology.across(panel, side);
      for (const double along : {-0.7, -0.2, 0.5}) {
        const auto point = [&](int p, int s, double a) {
          const double end = mesh::is_upper(s) ? quarter : -quarter;
          return mesh::side_axis(s) == 0 ? mesh::panel_direction(p, end, a)
                                         : mesh::panel_direction(p, a, end);
        };
        const auto mine = point(panel, side, along);
        const auto theirs = point(joint.panel, joint.side, joint.reversed ? -along : along);
        for (int c = 0; c < 3; ++c) EXPECT_NEAR(mine[c], theirs[c], 1e-15);
      }
    }
}

TEST(CubedSphere, DirectionsAreFoundAgain) {
  for (int panel = 0; panel < 6; ++panel)
    for (const double alpha : {-0.6, 0.1, 0.75})
      for (const double beta : {-0.78, 0.0, 0.4}) {
        const mesh::PanelPoint at = mesh::locate_panel(mesh::panel_direction(panel, alpha, beta));
        EXPECT_EQ(at.panel, panel);
        EXPECT_NEAR(at.alpha, alpha, 1e-15);
        EXPECT_NEAR(at.beta, beta, 1e-15);
      }
  const auto pole = mesh::longitude_latitude(mesh::panel_direction(4, 0, 0));
  EXPECT_NEAR(pole.latitude, std::numbers::pi / 2, 1e-15);
  const auto east = mesh::longitude_latitude(mesh::panel_direction(1, 0, 0));
  EXPECT_NEAR(east.longitude, std::numbers::pi / 2, 1e-15);
}

TEST(CubedSphere, CellsAddUpToTheSphereToSixthOrder) {
  double previous = 0;
  for (const int cells : {16, 32, 64}) {
    const auto grid = sphere(cells, 3, 3.0);
    const double exact = 4 * std::numbers::pi * 9;
    const double error = std::abs(mesh::weight_of_cells(*grid) / exact - 1);
    if (previous > 0) {
      EXPECT_GT(std::log2(previous / error), 5.5) << cells;
    }
    previous = error;
  }
  EXPECT_LT(previous, 1e-8);
}

TEST(CubedSphere, FaceLengthsAreTheirOwnDerivativeOfArcs) {
  // Along an edge of a panel the angle that its great circle spans is known.
  const double span = 2 * std::asin(1 / std::sqrt(3.0));
  double sum = 0;
  constexpr int pieces = 2000;
  for (int n = 0; n < pieces; ++n) {
    const double beta = ((n + 0.5) / pieces - 0.5) * std::numbers::pi / 2;
    sum += mesh::face_length(1, std::numbers::pi / 4, beta) * std::numbers::pi / 2 / pieces;
  }
  EXPECT_NEAR(sum, span, 1e-6);
}

TEST(CubedSphere, GhostsAreInterpolatedToTheirOrder) {
  for (const int order : {3, 5, 7}) {
    const double coarse = ghost_error(24, order, order), fine = ghost_error(48, order, order);
    const double measured = std::log2(coarse / fine);
    if (core::Comm::world().is_root())
      std::printf("ghosts of order %d: %.2e at 24 cells, %.2e at 48, order %.2f\n", order, coarse,
                  fine, measured);
    EXPECT_GT(measured, order + 0.5);
  }
}

TEST(CubedSphere, WeightsOfAGhostAddUpToOneAndAreBounded) {
  constexpr int n = 20;
  constexpr double step = std::numbers::pi / 2 / n;
  for (int panel = 0; panel < 6; ++panel)
    for (int j = -5; j < n + 5; ++j)
      for (int i = -5; i < n + 5; ++i) {
        const bool inside = i >= 0 && i < n && j >= 0 && j < n;
        if (inside) continue;
        double sum = 0, size = 0;
        for (const auto& term :
             mesh::ghost_terms(n, 5, panel, (i + 0.5) * step - std::numbers::pi / 4,
                               (j + 0.5) * step - std::numbers::pi / 4)) {
          EXPECT_GE(term.cell, 0);
          EXPECT_LT(term.cell, 6 * n * n);
          sum += term.weight;
          size += std::abs(term.weight);
        }
        EXPECT_NEAR(sum, 1, 1e-12);
        EXPECT_LT(size, 2.0) << panel << ' ' << j << ' ' << i;
      }
}

TEST(CubedSphere, GhostsOfFirstOrderMakeNoNewExtremes) {
  for (int j = -3; j < 23; ++j)
    for (int i = -3; i < 23; ++i)
      for (const auto& term :
           mesh::ghost_terms(20, 1, 4, (i + 0.5) * std::numbers::pi / 40 - std::numbers::pi / 4,
                             (j + 0.5) * std::numbers::pi / 40 - std::numbers::pi / 4))
        EXPECT_GE(term.weight, 0);
}

TEST(CubedSphere, TooFewCellsAreRefused) {
  try {
    mesh::CubedSphereHalo<double> halo(sphere(12, 5), 7);
    FAIL() << "no error";
  } catch (const core::UserError& error) {
    EXPECT_STREQ(
        error.what(),
        "grid.cells: 12 along an edge are too few for ghosts of order 7; at least 16 are needed");
  }
}

TEST(CubedSphere, RanksThatDoNotFitAreRefusedWithTheNearestThatDo) {
  if (core::Comm::world().size() < 4) GTEST_SKIP() << "needs ranks that do not fit";
  try {
    sphere(12, 7);
    FAIL() << "no error";
  } catch (const core::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("Use fewer ranks (1 would do)"), std::string::npos)
        << error.what();
  }
}
