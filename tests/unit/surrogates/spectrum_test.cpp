// Energy spectra of two states.
#include "surrogates/comparison/spectrum.hpp"
#include "mesh/box_grid.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace understudy::surrogates {

namespace {

constexpr double pi = std::numbers::pi;

std::vector<mesh::FieldInfo> fields() {
  using mesh::Location, mesh::Role;
  return {{.name = "u", .unit = "m/s", .location = Location::face_x, .role = Role::prognostic},
          {.name = "v", .unit = "m/s", .location = Location::face_y, .role = Role::prognostic},
          {.name = "p", .unit = "Pa", .location = Location::cell, .role = Role::prognostic}};
}

template <class Value>
void fill(mesh::State<double>& state, const std::string& name, const Value& value) {
  const auto& field = state[name];
  const auto host = Kokkos::create_mirror_view(field.data);
  const auto& grid = mesh::as_box(state.grid(), "this test");
  const auto at = field.info.location;
  const mesh::Range3 r = grid.interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i)
      host(0, 0, j, i) = value(grid.coordinate(at, 0, i), grid.coordinate(at, 1, j));
  Kokkos::deep_copy(field.data, host);
}

std::shared_ptr<const mesh::Grid> box(bool periodic_y) {
  return std::make_shared<const mesh::BoxGrid>(
      mesh::GridParams{{0, 0}, {2 * pi, 2 * pi}, {32, 24}, {}},
      std::array<bool, 3>{true, periodic_y, false}, core::Comm::self());
}

}  // namespace

// Waves of known wave vector fall into their shells, and the components of a vector add up.
TEST(SurrogatesSpectrum, ShellsOfAPeriodicBoxHoldTheirWaves) {
  const auto grid = box(true);
  mesh::State<double> truth(grid, fields()), other(grid, fields());
  fill(truth, "u", [](double x, double y) { return 5 + 2 * std::cos(3 * x + 4 * y + 0.3); });
  fill(truth, "v", [](double x, double) { return 3 * std::sin(5 * x); });
  fill(other, "v", [](double, double y) { return std::sin(7 * y); });
  fill(truth, "p", [](double x, double y) { return std::sin(x) * std::sin(y); });
  const auto spectra = compare_all_spectra(truth, other);
  ASSERT_EQ(spectra.size(), 2u);
  EXPECT_EQ(spectra[0].field, "u + v");
  EXPECT_EQ(spectra[1].field, "p");
  // Complete shells up to the coarser axis's Nyquist wave number, 12.
  ASSERT_EQ(spectra[0].truth.size(), 13u);
  for (std::size_t n = 0; n < 13; ++n) {
    EXPECT_NEAR(spectra[0].wave_number_per_m[n], static_cast<double>(n), 1e-12);
    // |(3, 4)| = |(5, 0)| = 5: 2^2 / 2 + 3^2 / 2; the mean is left out.
    EXPECT_NEAR(spectra[0].truth[n], n == 5 ? 6.5 : 0, 1e-12) << n;
    EXPECT_NEAR(spectra[0].replacement[n], n == 7 ? 0.5 : 0, 1e-12) << n;
    EXPECT_NEAR(spectra[1].truth[n], n == 1 ? 0.25 : 0, 1e-12) << n;  // |(1, 1)| rounds to 1
  }
}

TEST(SurrogatesSpectrum, IsAlongXWhereASideIsNotPeriodic) {
  const auto grid = box(false);
  mesh::State<double> truth(grid, fields()), other(grid, fields());
  fill(truth, "u", [](double x, double y) { return y * std::cos(3 * x); });
  const auto spectra = compare_all_spectra(truth, other);
  ASSERT_EQ(spectra.size(), 3u);
  EXPECT_EQ(spectra[0].field, "u");
  EXPECT_EQ(spectra[0].truth.size(), 17u);
  for (std::size_t n = 0; n < 17; ++n) EXPECT_EQ(spectra[0].truth[n] > 1e-9, n == 3) << n;
}

}  // namespace understudy::surrogates
