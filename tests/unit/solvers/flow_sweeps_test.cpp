// The sweeps against plain host loops over global formulas, on random fields, 2-D and 3-D.
#include <random>

#include "mesh/box_grid.hpp"
#include "solvers/flow/derived.hpp"
#include "solvers/flow/sweeps.hpp"
#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;
using solvers::flow::Velocity;

struct Host {
  mesh::HostArray3<double> a;
  double operator()(std::array<int, 3> at, int axis_1 = 0, int steps_1 = 0, int axis_2 = 0,
                    int steps_2 = 0) const {
    at[axis_1] += steps_1;
    at[axis_2] += steps_2;
    return a(at[2], at[1], at[0]);
  }
};

class Sweeps : public testing::TestWithParam<int> {
 protected:
  Sweeps() : random(7), dimension(GetParam()) {
    mesh::GridParams box;
    box.lower_m.assign(dimension, 0.0);
    box.upper_m = {1.0, 0.7};
    box.cells = {7, 6};
    if (dimension == 3) {
      box.upper_m.push_back(1.3);
      box.cells.push_back(5);
    }
    grid = std::make_shared<mesh::BoxGrid>(box, std::array<bool, 3>{true, true, true},
                                           core::Comm::self());
    for (int axis = 0; axis < dimension; ++axis) {
      u[axis] = noise(hu[axis]);
      rate[axis] = noise(hrate[axis]);
      star[axis] = noise(hstar[axis]);
    }
    p = noise(hp);
  }
  mesh::Array3<double> noise(Host& host) {
    mesh::Array3<double> a("a", grid->extent(2), grid->extent(1), grid->extent(0));
    host.a = mesh::HostArray3<double>("h", grid->extent(2), grid->extent(1), grid->extent(0));
    std::uniform_real_distribution<double> values(-1, 1);
    for (std::size_t n = 0; n < host.a.size(); ++n) host.a.data()[n] = values(random);
    const auto mirror = Kokkos::create_mirror_view(a);
    Kokkos::deep_copy(mirror, host.a);
    Kokkos::deep_copy(a, mirror);
    return a;
  }
  template <class Check>
  void for_interior(const Check& check) {
    const mesh::Range3 r = grid->interior();
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) check(std::array<int, 3>{i, j, k});
  }
  // Flux of u_a through the face a half step along b (side +1 or -1) from the point.
  double flux(int a, int b, int side, const std::array<int, 3>& at, bool upwind) const {
    const int lower = side > 0 ? 0 : -1;
    // Carrier: u_b at both neighbours along a of that face.
    const double carrier = 0.5 * (hu[b](at, b, lower + 1) + hu[b](at, a, -1, b, lower + 1));
    const double q[4] = {hu[a](at, b, lower - 1), hu[a](at, b, lower), hu[a](at, b, lower + 1),
                         hu[a](at, b, lower + 2)};
    if (!upwind) return carrier * 0.5 * (q[1] + q[2]);
    return carrier > 0 ? carrier * (-q[0] + 5 * q[1] + 2 * q[2]) / 6
                       : carrier * (-q[3] + 5 * q[2] + 2 * q[1]) / 6;
  }
  double momentum(int a, const std::array<int, 3>& at, double nu, bool upwind) const {
    double sum = 0;
    for (int b = 0; b < dimension; ++b) {
      const double h = grid->spacing(b);
      sum -= (flux(a, b, 1, at, upwind) - flux(a, b, -1, at, upwind)) / h;
      sum += nu * (hu[a](at, b, 1) - 2 * hu[a](at) + hu[a](at, b, -1)) / (h * h);
    }
    return sum;
  }
  std::mt19937 random;
  int dimension;
  std::shared_ptr<const mesh::BoxGrid> grid;
  Velocity<double> u, rate, star;
  std::array<Host, 3> hu, hrate, hstar;
  mesh::Array3<double> p;
  Host hp;
};

class Sweeps3D : public Sweeps {};

Host to_host(const mesh::Array3<double>& a) {
  Host host{mesh::HostArray3<double>("h", a.extent(0), a.extent(1), a.extent(2))};
  Kokkos::deep_copy(host.a, a);
  return host;
}

TEST_P(Sweeps, PredictVelocity) {
  for (const bool upwind : {false, true}) {
    for (int a = 0; a < dimension; ++a) Kokkos::deep_copy(rate[a], hrate[a].a);
    solvers::flow::StepCoefficients<double> n;
    n.dt = 0.01;
    n.weight_now = 1.4;
    n.weight_old = -0.4;
    n.viscosity = 0.02;
    n.inv_density = 0.5;
    n.acceleration = {0.1, 0.2, 0.3};
    n.upwind = upwind;
    solvers::flow::predict_velocity<double>(*grid, n, u, p, {}, rate, star);
    for (int a = 0; a < dimension; ++a) {
      const Host now = to_host(rate[a]), after = to_host(star[a]);
      for_interior([&](const std::array<int, 3>& at) {
        const double h = momentum(a, at, 0.02, upwind);
        const double push = 0.5 * (hp(at) - hp(at, a, -1)) / grid->spacing(a);
        EXPECT_NEAR(now(at), h, 1e-12 * 100);
        EXPECT_NEAR(after(at),
                    hu[a](at) + 0.01 * (1.4 * h - 0.4 * hrate[a](at) - push + n.acceleration[a]),
                    1e-12);
      });
    }
  }
}

TEST_P(Sweeps, ScalarRightSideAndCorrection) {
  Host hc, hold, hout;
  const auto c = noise(hc), old = noise(hold), out = noise(hout);
  solvers::flow::StepCoefficients<double> n;
  n.dt = 0.01;
  n.weight_now = 1.5;
  n.weight_old = -0.5;
  solvers::flow::predict_scalar<double>(*grid, n, u, {c, old, out, 0.03});
  const Host after = to_host(out);
  solvers::flow::pressure_right_side<double>(*grid, 0.02, u, p);
  const Host b = to_host(p);
  for_interior([&](const std::array<int, 3>& at) {
    double h = 0, divergence = 0;
    for (int axis = 0; axis < dimension; ++axis) {
      const double d = grid->spacing(axis);
      h -= (hu[axis](at, axis, 1) * 0.5 * (hc(at) + hc(at, axis, 1)) -
            hu[axis](at) * 0.5 * (hc(at) + hc(at, axis, -1))) /
           d;
      h += 0.03 * (hc(at, axis, 1) - 2 * hc(at) + hc(at, axis, -1)) / (d * d);
      divergence += (hu[axis](at, axis, 1) - hu[axis](at)) / d;
    }
    EXPECT_NEAR(after(at), hc(at) + 0.01 * (1.5 * h - 0.5 * hold(at)), 1e-12);
    EXPECT_NEAR(b(at), -divergence / 0.02, 1e-10);
  });
  Kokkos::deep_copy(p, hp.a);
  solvers::flow::correct<double>(*grid, {0.02, 3.0, c}, star, u, p);
  const Host pressure = to_host(p);
  for (int a = 0; a < dimension; ++a) {
    const Host corrected = to_host(u[a]);
    for_interior([&](const std::array<int, 3>& at) {
      EXPECT_NEAR(corrected(at), hstar[a](at) - 0.02 * (hc(at) - hc(at, a, -1)) / grid->spacing(a),
                  1e-12);
      EXPECT_NEAR(pressure(at), hp(at) + 3 * hc(at), 1e-12);
    });
  }
}

TEST_P(Sweeps, Norms) {
  double courant = 0, squares = 0, largest = 0;
  for_interior([&](const std::array<int, 3>& at) {
    double sum = 0, divergence = 0;
    for (int a = 0; a < dimension; ++a) {
      sum += std::abs(hu[a](at)) / grid->spacing(a);
      divergence += (hu[a](at, a, 1) - hu[a](at)) / grid->spacing(a);
    }
    courant = std::max(courant, sum);
    squares += divergence * divergence;
    largest = std::max(largest, std::abs(divergence));
  });
  EXPECT_NEAR(solvers::flow::max_cfl_rate_1_s(*grid, u), courant, 1e-12);
  EXPECT_NEAR(solvers::flow::divergence_norms(*grid, u)[0], squares, 1e-9);
  EXPECT_NEAR(solvers::flow::divergence_norms(*grid, u)[1], largest, 1e-12);
}

// Linear velocity fields: the discrete gradients are exact, so are the models' formulas.
TEST_P(Sweeps3D, EddyViscosityAndDerivedOfLinearFlow) {
  const double g[3][3] = {{0.3, -0.7, 0.2}, {0.5, 0.4, -0.1}, {0.6, -0.2, -0.7}};
  for (int a = 0; a < 3; ++a) {
    const auto host = Kokkos::create_mirror_view(u[a]);
    for (int k = 0; k < grid->extent(2); ++k)
      for (int j = 0; j < grid->extent(1); ++j)
        for (int i = 0; i < grid->extent(0); ++i) {
          const auto at = static_cast<mesh::Location>(a + 1);
          host(k, j, i) = g[a][0] * grid->coordinate(at, 0, i) +
                          g[a][1] * grid->coordinate(at, 1, j) +
                          g[a][2] * grid->coordinate(at, 2, k);
        }
    Kokkos::deep_copy(u[a], host);
  }
  double s_sq = 0, sd_sq = 0, trace = 0, g2[3][3]{};
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b) {
      s_sq += 0.25 * (g[a][b] + g[b][a]) * (g[a][b] + g[b][a]);
      for (int c = 0; c < 3; ++c) g2[a][b] += g[a][c] * g[c][b];
    }
  for (int a = 0; a < 3; ++a) trace += g2[a][a] / 3;
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b)
      sd_sq += std::pow(0.5 * (g2[a][b] + g2[b][a]) - (a == b ? trace : 0), 2);
  const double delta_sq = std::pow(grid->cell_volume(), 2.0 / 3);
  mesh::Array3<double> nu_t("nu_t", grid->extent(2), grid->extent(1), grid->extent(0));
  solvers::flow::eddy_viscosity<double>(*grid, false, 0.17, u, nu_t);
  EXPECT_NEAR(to_host(nu_t)({3, 3, 3}), 0.17 * 0.17 * delta_sq * std::sqrt(2 * s_sq), 1e-12);
  EXPECT_NEAR(to_host(nu_t)({1, 7, 6}), 0.17 * 0.17 * delta_sq * std::sqrt(2 * s_sq), 1e-12);
  solvers::flow::eddy_viscosity<double>(*grid, true, 0.5, u, nu_t);
  EXPECT_NEAR(
      to_host(nu_t)({3, 3, 3}),
      0.25 * delta_sq * std::pow(sd_sq, 1.5) / (std::pow(s_sq, 2.5) + std::pow(sd_sq, 1.25)),
      1e-12);
  const auto value = [&](const char* name) {
    return to_host(solvers::flow::derived_quantity(*grid, u, name))({4, 4, 4});
  };
  const double w[3] = {g[2][1] - g[1][2], g[0][2] - g[2][0], g[1][0] - g[0][1]};
  EXPECT_NEAR(value("vorticity_x"), w[0], 1e-12);
  EXPECT_NEAR(value("vorticity_y"), w[1], 1e-12);
  EXPECT_NEAR(value("vorticity_z"), w[2], 1e-12);
  EXPECT_NEAR(value("vorticity"), std::sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2]), 1e-12);
  EXPECT_NEAR(value("q_criterion"), -0.5 * 3 * trace, 1e-12);
  EXPECT_NEAR(value("divergence"), g[0][0] + g[1][1] + g[2][2], 1e-12);
  EXPECT_THROW(value("helicity"), std::out_of_range);
}

TEST_P(Sweeps3D, EddyDiffusionOfTheScalar) {
  Host hc, hnu, hrate_c, hout;
  const auto c = noise(hc), nu_t = noise(hnu), rate_c = noise(hrate_c), out = noise(hout);
  for (int axis = 0; axis < 3; ++axis) Kokkos::deep_copy(u[axis], 0.0);
  solvers::flow::StepCoefficients<double> n;
  n.dt = 0.01;
  constexpr double schmidt = 0.7, kappa = 0.03;
  solvers::flow::predict_scalar<double>(*grid, n, u, {c, rate_c, out, kappa, nu_t, schmidt});
  const Host rate_after = to_host(rate_c);
  for_interior([&](const std::array<int, 3>& at) {
    double h = 0;
    for (int axis = 0; axis < 3; ++axis)
      for (const int side : {-1, 1}) {
        const double diffusivity = kappa + 0.5 * (hnu(at) + hnu(at, axis, side)) / schmidt;
        h += diffusivity * (hc(at, axis, side) - hc(at)) / std::pow(grid->spacing(axis), 2);
      }
    EXPECT_NEAR(rate_after(at), h, 1e-10);
  });
}

INSTANTIATE_TEST_SUITE_P(Dimensions, Sweeps, testing::Values(2, 3));
INSTANTIATE_TEST_SUITE_P(Dimensions, Sweeps3D, testing::Values(3));

}  // namespace
