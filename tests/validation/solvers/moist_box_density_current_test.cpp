// Density current (Straka et al. 1993), 100 m, K = 75 m2/s, 900 s, for both cold bubbles in use: -15 K of the
// temperature, theirs (theta' about -16.6 K), and -15 K of theta. Right half of the box: its left side mirrors.
#include "support/solvers_moist_box.hpp"

namespace {

using namespace moist_test;

const mesh::GridParams right_half{{0, 0}, {25600, 6400}, {256, 64}, {}};

TEST(DensityCurrent, TemperatureVariant) {
  MoistBoxParams params = straka("temperature");
  params.sides[0] = "wall";
  Case<double> c(params, right_half);
  const double mass = c.diagnostic("mass");
  c.solver.advance(c.state, 900);
  // Straka et al. 1993, table IV, reference solution: front 15537 m, theta' least -9.77 K.
  EXPECT_NEAR(front_m(c), 15537, 0.03 * 15537);
  EXPECT_NEAR(c.diagnostic("theta_min_k"), -9.77, 0.05 * 9.77);
  // CM1 r21.1 at 100 m: u 34.9, w 14.0 and -16.1 m/s.
  EXPECT_NEAR(c.diagnostic("u_max_m_s"), 34.9, 0.05 * 34.9);
  EXPECT_NEAR(c.diagnostic("w_min_m_s"), -16.1, 0.05 * 16.1);
  EXPECT_NEAR(c.diagnostic("mass"), mass, 1e-13 * mass);
}

TEST(DensityCurrent, ThetaVariant) {
  MoistBoxParams params = straka("theta");
  params.sides[0] = "wall";
  Case<double> c(params, right_half);
  c.solver.advance(c.state, 900);
  // CM1 r21.1 at 100 m: front 15129 m, theta' least -9.16 K; papers have about 14.75 km.
  EXPECT_NEAR(front_m(c), 15129, 0.03 * 15129);
  EXPECT_NEAR(front_m(c), 14750, 0.03 * 14750);
  EXPECT_NEAR(c.diagnostic("theta_min_k"), -9.16, 0.05 * 9.16);
}

// Largest difference between theta' and its mirror image round the middle, which has moved by `shift` cells.
double asymmetry(const Case<double>& c, int shift) {
  const auto theta = c.values("theta");
  const mesh::Range3 r = c.grid->interior();
  const int n = r.size(0);
  double worst = 0;
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = 0; i < n; ++i) {
      const int mirrored = ((2 * shift - 1 - i) % n + n) % n;
      worst = std::max(worst,
                       std::abs(theta(0, j, r.begin[0] + i) - theta(0, j, r.begin[0] + mirrored)));
    }
  return worst;
}

TEST(DensityCurrent, HeadsMirrorEachOther) {
  const mesh::GridParams whole{{-25600, 0}, {25600, 6400}, {256, 32}, {}};
  Case<double> at_rest(straka("temperature"), whole);
  at_rest.solver.advance(at_rest.state, 900);
  EXPECT_LT(asymmetry(at_rest, 128), 1e-9);
  EXPECT_GT(asymmetry(at_rest, 100), 1);  // round another middle
}

// Distance of the outermost point of the lowest level with theta' <= -1 K from the middle, to the right or left;
// the middle has moved by `shift` cells.
double head_m(const Case<double>& c, int shift, bool right) {
  const auto theta = c.values("theta");
  const mesh::Range3 r = c.grid->interior();
  const int n = r.size(0);
  const auto at = [&](int distance) {
    const int i = right ? shift + distance : shift - 1 - distance;
    return theta(0, r.begin[1], r.begin[0] + (i % n + n) % n);
  };
  int m = n / 2 - 2;
  while (m > 0 && at(m) > -1) --m;
  return c.grid->spacing(0) * (m + 0.5 + (-1 - at(m)) / (at(m + 1) - at(m)));
}

// In a wind the upwind fluxes see other speeds on both sides: the heads differ by the scheme's error (0.1% at
// 100 m, 0.04% at 50 m).
TEST(DensityCurrent, HeadsInAWind) {
  const mesh::GridParams whole{{-25600, 0}, {25600, 6400}, {512, 64}, {}};
  MoistBoxParams params = straka("temperature");
  params.base.wind_m_s = {"20"};
  Case<double> c(params, whole);
  c.solver.advance(c.state, 900);
  const int shift = 256 + 180;  // 18000 m
  EXPECT_NEAR(head_m(c, shift, true), head_m(c, shift, false), 50);
  EXPECT_NEAR(head_m(c, shift, true), 15537, 0.03 * 15537);
  EXPECT_NEAR(c.diagnostic("theta_min_k"), -9.77, 0.05 * 9.77);
}

}  // namespace
