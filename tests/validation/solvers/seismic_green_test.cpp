// Acoustic waves of a point source in a homogeneous medium against Green's function convolved with the
// wavelet (Morse and Feshbach 1953, section 7.3; a free surface by the image of the source): relative L2
// error of every trace below 1% with order 8 at 8 points per wavelength. The wavelength is that of the
// highest frequency of the Ricker wavelet (5% of the spectrum's peak, 2.4 f); time steps are small enough
// (a fifth of the largest) for the leapfrog's own dispersion not to matter.
#include <gtest/gtest.h>

#include "support/solvers_seismic_homogeneous.hpp"

namespace understudy {
namespace {

using tests::HomogeneousCase;

constexpr double wanted = 0.01;

HomogeneousCase at_points_per_wavelength(double points) {
  HomogeneousCase c;
  c.spacing_m = 10;
  c.speed_m_s = 2000;
  c.frequency_hz = c.speed_m_s / (points * c.spacing_m) / 2.4;
  c.step = 0.2;
  return c;
}

template <class Real>
void expect_green(const HomogeneousCase& c, const std::string& name) {
  const auto errors = tests::trace_errors(c, tests::modelled<Real>(c));
  for (std::size_t r = 0; r < errors.size(); ++r) {
    EXPECT_LT(errors[r], wanted) << name << ", receiver " << r;
    std::printf("%s: receiver %zu at %.0f m: %.4f%%\n", name.c_str(), r,
                tests::distance(c.source, c.receivers[r]), 100 * errors[r]);
  }
}

HomogeneousCase plane() {
  HomogeneousCase c = at_points_per_wavelength(8);
  c.lower_m = {0, -800};
  c.upper_m = {800, 0};
  c.end_s = 0.6;
  // On the grid, and between its points.
  c.source = {205, 0, 405};
  c.receivers = {{505, 0, 405}, {405, 0, 605}, {505.7, 0, 403.1}, {643.2, 0, 188.4}, {11, 0, 777}};
  return c;
}

TEST(SeismicGreen, TwoDimensions) { expect_green<double>(plane(), "2-D"); }

TEST(SeismicGreen, TwoDimensionsWithASourceBetweenGridPoints) {
  HomogeneousCase c = plane();
  c.source = {207.9, 0, 401.6};
  expect_green<double>(c, "2-D, source off the grid");
}

TEST(SeismicGreen, TwoDimensionsInSinglePrecision) {
  expect_green<float>(plane(), "2-D, single precision");
}

TEST(SeismicGreen, TwoDimensionsByTheEquationOfVariableDensity) {
  HomogeneousCase c = plane();
  c.source = {207.9, 0, 401.6};
  c.density_kg_m3 = 1850;
  expect_green<double>(c, "2-D, variable density");
}

TEST(SeismicGreen, BelowAFreeSurfaceItIsThatOfTheImageToo) {
  for (const double density : {0.0, 1850.0}) {
    HomogeneousCase c = plane();
    c.free_surface = true;
    c.source = {207.9, 0, 33.3};
    c.receivers = {{505, 0, 45}, {505.7, 0, 203.1}, {205.2, 0, 188.4}, {410.4, 0, 21.7}};
    c.density_kg_m3 = density;
    expect_green<double>(c, "2-D, free surface");
  }
}

TEST(SeismicGreen, ThreeDimensions) {
  HomogeneousCase c = at_points_per_wavelength(8);
  c.lower_m = {0, 0, -360};
  c.upper_m = {400, 360, 0};
  c.layer = 12;
  c.step = 0.3;
  c.end_s = 0.3;
  c.source = {107.9, 121.6, 183.1};
  c.receivers = {{205, 205, 205}, {305.7, 203.1, 151.2}, {355, 125, 183}};
  expect_green<float>(c, "3-D");
}

}  // namespace
}  // namespace understudy
