// A vortex is carried out through the outflow side: how much of it comes back. The reference is the
// same flow in a box twice as long, where the side is still far away.
//   u = 1 + dpsi/dy, v = -dpsi/dx, psi = A exp(-r^2 / (2 s^2)), A = 0.15, s = 0.4: largest speed of
// the vortex 0.23 of the stream's.
#include <algorithm>
#include <cstdio>

#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

Case<double> make(double length) {
  FlowParams params;
  params.viscosity_m2_s = 2e-3;
  set_sides(params, {"inflow", "outflow", "slip", "slip"});
  params.boundaries.side[mesh::x_lower].velocity_m_s = {"1", "0"};
  params.initial.velocity_m_s = {"1 - 0.15 * y / 0.16 * exp(-(x^2 + y^2) / 0.32)",
                                 "0.15 * x / 0.16 * exp(-(x^2 + y^2) / 0.32)"};
  params.max_dt_s = 0.02;
  return {params, {{-2, -2}, {-2 + length, 2}, {static_cast<int>(16 * length), 64}, {}}};
}

// Largest difference of the two velocities over the cells of the shorter box.
double difference(const Case<double>& a, const Case<double>& b) {
  double largest = 0;
  for (const char* name : {"u", "v"}) {
    const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), a.state[name].data);
    const auto y = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), b.state[name].data);
    const mesh::Range3 r = a.grid->interior();
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        largest = std::max(largest, std::abs(x(0, 0, j, i) - y(0, 0, j, i)));
  }
  return largest;
}

TEST(Outflow, VortexLeavesTheBox) {
  Case<double> box = make(4), twice = make(8);
  constexpr double vortex = 0.15 / 0.4 * 0.60653;  // its largest speed, at r = s
  std::printf("largest difference to the flow in a box twice as long, over the vortex' speed\n");
  double during = 0, after = 0;
  for (int n = 1; n <= 8; ++n) {
    box.solver.advance(box.state, 0.5);
    twice.solver.advance(twice.state, 0.5);
    const double d = difference(box, twice) / vortex;
    std::printf("  t = %3.1f: %.4f%s\n", 0.5 * n, d, n == 4 ? "  (the centre is at the side)" : "");
    during = std::max(during, d);
    if (n == 8) after = d;
  }
  EXPECT_LE(during, 0.12);
  EXPECT_LE(after, 0.01);
}

}  // namespace
