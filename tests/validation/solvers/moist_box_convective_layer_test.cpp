// A dry boundary layer over warm ground (convective_layer.yaml, coarser): what the bulk formula lets in is in the
// air, and the layer it fills is mixed and as deep as encroachment has it, h = sqrt(2 Q / (rho cp dtheta/dz)), or a
// little deeper by entrainment (Stull 1988, section 11.2).
#include <algorithm>

#include "solvers/weather/moist_box/base_state.hpp"
#include "support/solvers_moist_box.hpp"

namespace {

using namespace moist_test;

TEST(ConvectiveLayer, IsAsDeepAsItsHeatMakesIt) {
  MoistBoxParams params;
  params.base.profile = "stable";
  params.base.wind_m_s = {"5", "0"};
  params.surface = {0.002, 0.005, 0, "306", 1};
  params.diffusion.model = "smagorinsky";
  params.rayleigh.depth_m = 600;
  params.initial.noise_k = 0.1;
  const mesh::GridParams box{{0, 0, 0}, {2400, 2400, 2000}, {12, 12, 40}, {}};
  Case<double> c(params, box);
  const auto base = solvers::moist::make_base(params, *c.grid, ".");
  const mesh::Range3 r = c.grid->interior();
  const double dz = c.grid->spacing(2), cp = params.air.heat_capacity_j_kg_k;
  const auto profile = [&] {
    const auto theta = c.values("theta");
    std::vector<double> mean(r.size(2), 0);
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i)
          mean[k - r.begin[2]] += theta(k, j, i) / (r.size(0) * r.size(1));
    return mean;
  };
  const auto start = profile();
  double came = 0, last = c.diagnostic("surface_heat_w_m2");
  for (int n = 0; n < 60; ++n) {
    c.solver.advance(c.state, 60);
    const double now = c.diagnostic("surface_heat_w_m2");
    came += 60 * (last + now) / 2;
    last = now;
  }
  const auto end = profile();
  double heat = 0;
  int mixed = 0;  // levels warmer than the base
  for (int k = 0; k < r.size(2); ++k) {
    const int l = k + r.begin[2];
    heat += base.rho_d[l] * cp * base.exner[l] * (end[k] - start[k]) * dz;
    if (mixed == k && end[k] > 0.05) ++mixed;
  }
  const double rho_cp = base.rho_d[r.begin[2]] * cp;
  EXPECT_NEAR(heat, came, 0.05 * came);
  const double gradient = 300 * 1e-4 / 9.81, encroached = std::sqrt(2 * came / (rho_cp * gradient));
  std::printf("heat %.4g of %.4g J/m2, layer %.0f m, by encroachment %.0f m\n", heat, came,
              mixed * dz, encroached);
  EXPECT_GT(mixed * dz, 0.85 * encroached);
  EXPECT_LT(mixed * dz, 1.2 * encroached);
  // Mixed: theta varies little between a quarter and three quarters of it, where the base varies by 1 K.
  const int low = mixed / 4, high = 3 * mixed / 4;
  const double rises = base.theta[r.begin[2] + high] - base.theta[r.begin[2] + low];
  EXPECT_LT(std::abs(end[high] - end[low] + rises), 0.25 * rises);
  EXPECT_GT(c.diagnostic("w_max_m_s"), 1);
}

}  // namespace
