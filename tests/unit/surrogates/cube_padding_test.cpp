// Ghost cells across the edges of a cubed sphere's panels: those of the cells that lie there, by geometry; the same
// on a turned sphere; their gradient. Vectors in the panels' frames.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "mesh/cubed_sphere_grid.hpp"
#include "surrogates/network/torch_cube_padding.hpp"

namespace understudy {

using namespace surrogates;
using mesh::Vector3;

namespace {

constexpr std::int64_t n = 8;
constexpr double pi = std::numbers::pi;

double angle(double index) { return (index + 0.5) * (pi / 2 / n) - pi / 4; }
int index_of(double a) { return static_cast<int>(std::lround((a + pi / 4) / (pi / 2 / n) - 0.5)); }

struct Place {
  int panel;
  std::int64_t j, i;
};
// The cell whose panel holds the direction; of the continuation of `panel`, with -1 and n for ghosts.
Place cell_at(const Vector3& to) {
  const auto at = mesh::locate_panel(to);
  return {at.panel, index_of(at.beta), index_of(at.alpha)};
}

at::Tensor numbered() {
  return at::arange(6 * n * n, at::TensorOptions(at::kFloat)).view({6, 1, n, n}) + 1;
}

Vector3 turned(const Vector3& x, bool about_z) {
  return about_z ? Vector3{-x[1], x[0], x[2]} : Vector3{x[0], -x[2], x[1]};
}

// Cells of all panels carried along by a quarter turn of the sphere.
at::Tensor turned(const at::Tensor& cells, bool about_z) {
  at::Tensor result = at::empty_like(cells);
  for (int p = 0; p < 6; ++p)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t i = 0; i < n; ++i) {
        const Place to =
            cell_at(turned(mesh::panel_direction(p, angle(double(i)), angle(double(j))), about_z));
        result.select(0, to.panel)
            .select(1, to.j)
            .select(1, to.i)
            .copy_(cells.select(0, p).select(1, j).select(1, i));
      }
  return result;
}

}  // namespace

TEST(CubePadding, GhostsAreTheCellsAcrossTheEdges) {
  const at::Tensor cells = numbered();
  const at::Tensor padded = CubePadding().pad(cells);
  ASSERT_EQ(padded.sizes(), (std::vector<std::int64_t>{6, 1, n + 2, n + 2}));
  for (int p = 0; p < 6; ++p)
    for (std::int64_t j = -1; j <= n; ++j)
      for (std::int64_t i = -1; i <= n; ++i) {
        const bool out_x = i < 0 || i >= n, out_y = j < 0 || j >= n;
        if (out_x && out_y) continue;
        const Place at = cell_at(mesh::panel_direction(p, angle(double(i)), angle(double(j))));
        ASSERT_EQ(padded[p][0][j + 1][i + 1].item<float>(),
                  cells[at.panel][0][at.j][at.i].item<float>())
            << "panel " << p << ", " << j << ", " << i;
      }
  for (int p = 0; p < 6; ++p)
    EXPECT_EQ(padded[p][0][0][0].item<float>(),
              (padded[p][0][0][1].item<float>() + padded[p][0][1][0].item<float>()) / 2);
}

TEST(CubePadding, OfATurnedSphereIsTurned) {
  const at::Tensor cells = numbered();
  const CubePadding padding;
  for (const bool about_z : {true, false}) {
    const at::Tensor before = padding.pad(cells), after = padding.pad(turned(cells, about_z));
    for (int p = 0; p < 6; ++p) {
      const auto to = mesh::locate_panel(turned(mesh::panel_direction(p, 0, 0), about_z)).panel;
      for (std::int64_t j = -1; j <= n; ++j)
        for (std::int64_t i = -1; i <= n; ++i) {
          const auto at = mesh::in_panel(
              to, turned(mesh::panel_direction(p, angle(double(i)), angle(double(j))), about_z));
          ASSERT_EQ(after[to][0][index_of(at.beta) + 1][index_of(at.alpha) + 1].item<float>(),
                    before[p][0][j + 1][i + 1].item<float>())
              << "panel " << p << ", " << j << ", " << i;
        }
    }
  }
}

TEST(CubePadding, GradientIsTheTranspose) {
  const at::Tensor x = at::randn({12, 3, n, n}).requires_grad_(true);
  const at::Tensor v = at::randn({12, 3, n + 2, n + 2});
  const CubePadding padding;
  const at::Tensor product = (padding.pad(x) * v).sum();
  product.backward();
  const at::Tensor direction = at::randn({12, 3, n, n});
  const double by_gradient = (x.grad() * direction).sum().item<double>();
  const double by_linearity = (padding.pad(direction) * v).sum().item<double>();
  EXPECT_NEAR(by_gradient, by_linearity, 1e-3 * std::abs(by_linearity) + 1e-3);
}

TEST(PanelFrames, TheRadialDirectionIsTheSameInAllPanels) {
  // A scalar, then a vector: the radial direction by its Cartesian components.
  at::Tensor x = at::empty({2, 4, 6, n, n});
  for (int p = 0; p < 6; ++p)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t i = 0; i < n; ++i) {
        const Vector3 to = mesh::panel_direction(p, angle(double(i)), angle(double(j)));
        for (int c = 0; c < 4; ++c)
          x.select(1, c).select(1, p).select(1, j).select(1, i).fill_(c == 0 ? p : to[c - 1]);
      }
  const PanelFrames frames(4, {1});
  const at::Tensor local = frames.to_panels(x);
  ASSERT_EQ(local.sizes(), (std::vector<std::int64_t>{12, 4, n, n}));
  for (int p = 0; p < 12; ++p) {
    EXPECT_EQ(local[p][0][0][0].item<float>(), float(p % 6)) << "a scalar stays";
    EXPECT_TRUE(at::allclose(local[p].narrow(0, 1, 3), local[0].narrow(0, 1, 3), 1e-6, 1e-6)) << p;
  }
  EXPECT_TRUE(at::equal(frames.from_panels(local), x));
}

}  // namespace understudy
