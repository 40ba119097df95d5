// What the convolutional absorbing layer sends back, with the deck's own layer (20 cells, target 1e-4):
// the difference from a run whose side lies far beyond, largest over time, of the direct wave's peak at
// the receiver. Bars: 1e-3 at normal incidence, 1e-2 at 60 degrees (after Komatitsch and Martin 2007, whose
// figures 4 to 6 show no visible reflection at grazing incidence).
#include <gtest/gtest.h>

#include "support/solvers_seismic_homogeneous.hpp"

namespace understudy {
namespace {

using tests::HomogeneousCase;

// The upper x side of the box is the one under test; the others are as far as the reference's.
template <class Real>
double reflection(HomogeneousCase c, double beyond_m) {
  const auto near = tests::modelled<Real>(c);
  c.upper_m[0] += beyond_m;
  const auto far = tests::modelled<Real>(c);
  double difference = 0, direct = 0;
  for (std::size_t n = 0; n < near.values.size(); ++n) {
    difference = std::max(difference, std::abs(near.values[n] - far.values[n]));
    direct = std::max(direct, std::abs(far.values[n]));
  }
  return difference / direct;
}

// Ricker of 15 Hz at 2000 m/s on cells of 10 m: 5.6 points for its shortest wave, the layer 1.5 wavelengths.
HomogeneousCase plane() {
  HomogeneousCase c;
  c.frequency_hz = 15;
  c.end_s = 0.6;
  c.lower_m = {-600, -1400};
  c.upper_m = {300, 0};
  return c;
}

// Source and receiver `distance_m` from the side; the reflected wave meets it at `degrees`.
double at_angle(HomogeneousCase c, double distance_m, double degrees) {
  const double along = 2 * distance_m * std::tan(degrees * std::numbers::pi / 180);
  const double middle = -c.lower_m.back() / 2;
  c.source = {c.upper_m[0] - distance_m, 0, middle - along / 2};
  c.receivers = {{c.upper_m[0] - distance_m - (degrees == 0 ? 100 : 0), 0, middle + along / 2}};
  return reflection<double>(c, 600);
}

TEST(SeismicLayer, NormalIncidence) {
  for (const int order : {2, 4, 8})
    for (const double density : {0.0, 1850.0}) {
      HomogeneousCase c = plane();
      c.order = order;
      c.density_kg_m3 = density;
      if (order == 2) c.frequency_hz = 10;  // what its grid carries
      const double r = at_angle(c, 100, 0);
      EXPECT_LT(r, 1e-3);
      std::printf("order %d, density %g, normal incidence: %.2e\n", order, density, r);
    }
}

TEST(SeismicLayer, SixtyDegrees) {
  for (const double density : {0.0, 1850.0})
    for (const double distance : {30.0, 100.0}) {
      HomogeneousCase c = plane();
      c.density_kg_m3 = density;
      const double r = at_angle(c, distance, 60);
      EXPECT_LT(r, 1e-2);
      std::printf("density %g, 60 degrees, %g m from the layer: %.2e\n", density, distance, r);
    }
}

TEST(SeismicLayer, ThreeDimensions) {
  HomogeneousCase c;
  c.frequency_hz = 15;
  c.end_s = 0.35;
  c.lower_m = {-200, -200, -600};
  c.upper_m = {100, 200, 0};
  // Other sides and the reference's are alike: only the near one differs.
  c.source = {40, 0, 200};
  c.receivers = {{-40, 0, 200}};
  const double normal = reflection<float>(c, 250);
  EXPECT_LT(normal, 1e-3);
  c.receivers = {{40, 0, 200 + 2 * 60 * std::tan(std::numbers::pi / 3)}};
  const double slant = reflection<float>(c, 250);
  EXPECT_LT(slant, 1e-2);
  std::printf("3-D: normal incidence %.2e, 60 degrees %.2e\n", normal, slant);
}

}  // namespace
}  // namespace understudy
