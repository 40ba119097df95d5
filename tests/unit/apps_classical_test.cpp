// Restriction to a coarser grid: exact for linear fields, and as divergence-free as the fine field.
#include <gtest/gtest.h>

#include <cmath>

#include "apps/classical.hpp"

namespace understudy::apps {
namespace {

mesh::GridParams box(long long nx, long long ny) {
  mesh::GridParams params;
  params.lower_m = {0, 0};
  params.upper_m = {2, 1};
  params.cells = {nx, ny};
  return params;
}

const std::vector<mesh::FieldInfo> fields{
    {"u", "m/s", mesh::Location::face_x, mesh::Role::prognostic, "", 1},
    {"v", "m/s", mesh::Location::face_y, mesh::Role::prognostic, "", 1},
    {"p", "Pa", mesh::Location::cell, mesh::Role::prognostic, "", 1}};

mesh::State<double> state_on(const mesh::GridParams& params) {
  return {std::make_shared<const mesh::Grid>(params, std::array<bool, 3>{}, core::Comm::self()),
          fields};
}

template <class F>
void fill(mesh::State<double>& state, const std::string& name, F f) {
  auto& field = state[name];
  const auto host = Kokkos::create_mirror_view(field.data);
  const auto& grid = state.grid();
  const auto r = grid.points(field.info.location);
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i)
      host(0, 0, j, i) =
          f(grid.coordinate(field.info.location, 0, i), grid.coordinate(field.info.location, 1, j));
  Kokkos::deep_copy(field.data, host);
}

TEST(Restriction, LinearFieldsAreExact) {
  auto fine = state_on(box(24, 12)), coarse = state_on(box(8, 4));
  const auto line = [](double x, double y) { return 1 + 2 * x - 3 * y; };
  for (const char* name : {"u", "v", "p"}) fill(fine, name, line);
  restrict_state(fine, 3, coarse);
  for (const char* name : {"u", "v", "p"}) {
    const auto& field = coarse[name];
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    const auto r = coarse.grid().points(field.info.location);
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        EXPECT_NEAR(host(0, 0, j, i),
                    line(coarse.grid().coordinate(field.info.location, 0, i),
                         coarse.grid().coordinate(field.info.location, 1, j)),
                    1e-12)
            << name << " " << i << " " << j;
  }
}

TEST(Restriction, KeepsTheVelocityDivergenceFree) {
  auto fine = state_on(box(32, 16)), coarse = state_on(box(16, 8));
  // Differences of a stream function over a face are discretely divergence-free.
  const auto psi = [](double x, double y) { return std::sin(3 * x) * std::cos(2 * y); };
  const double h = fine.grid().spacing(1), g = fine.grid().spacing(0);
  fill(fine, "u", [&](double x, double y) { return (psi(x, y + h / 2) - psi(x, y - h / 2)) / h; });
  fill(fine, "v", [&](double x, double y) { return -(psi(x + g / 2, y) - psi(x - g / 2, y)) / g; });
  restrict_state(fine, 2, coarse);
  const auto u = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), coarse["u"].data);
  const auto v = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), coarse["v"].data);
  const auto r = coarse.grid().interior();
  double largest = 0;
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      largest = std::max(largest, std::abs(u(0, 0, j, i)));
      EXPECT_NEAR((u(0, 0, j, i + 1) - u(0, 0, j, i)) / coarse.grid().spacing(0) +
                      (v(0, 0, j + 1, i) - v(0, 0, j, i)) / coarse.grid().spacing(1),
                  0, 1e-12);
    }
  EXPECT_GT(largest, 0.5);
}

}  // namespace
}  // namespace understudy::apps
