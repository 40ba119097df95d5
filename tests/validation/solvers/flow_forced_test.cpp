// Forced, braked and random flows in periodic boxes:
//   - Kolmogorov flow's laminar solution u = A sin(y) / (nu + lambda) (Meshalkin & Sinai 1961), second
//     order in space;
//   - the energy budget dE/dt = -dissipation + injection - drag loss of forced 2-D turbulence, closed
//     by the diagnostics to the error of the time scheme;
//   - the random velocity: solenoidal, of the speed and spectrum asked for.
#include <cstdio>
#include <numbers>

#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

constexpr double pi = std::numbers::pi;

FlowParams periodic(double viscosity) {
  FlowParams params;
  params.viscosity_m2_s = viscosity;
  set_sides(params, {"periodic", "periodic", "periodic", "periodic"});
  return params;
}

mesh::GridParams box(int cells, double side = 2 * pi) {
  return {{0, 0}, {side, side}, {cells, cells}, {}};
}

double laminar_error(int cells, const std::string& force) {
  constexpr double nu = 0.5, drag = 0.5;
  FlowParams params = periodic(nu);
  params.force_m_s2 = {force, "0"};
  params.rayleigh_friction_1_s = drag;
  params.initial.velocity_m_s = {"sin(y)", "0"};  // A = nu + drag
  Case<double> c(params, box(cells));
  c.solver.advance(c.state, 8);
  return rms_error<double>(c.state, "u", [](double, double y, double) { return std::sin(y); });
}

TEST(KolmogorovFlow, LaminarSolutionIsReachedToSecondOrder) {
  double last = 0;
  for (const int cells : {16, 32, 64}) {
    const double error = laminar_error(cells, "sin(y)");
    std::printf("%4d cells: error %.4e, order %.2f\n", cells, error, std::log2(last / error));
    if (last > 0) {
      EXPECT_GE(std::log2(last / error), 1.95);
    }
    last = error;
  }
  EXPECT_LT(last, 5e-4);
}

// dv/dt = cos(t) everywhere: a force that varies in time acts at the middle of each step.
TEST(ExternalForce, InTimeIsSecondOrder) {
  double last = 0;
  for (const double dt : {0.2, 0.1, 0.05}) {
    FlowParams params = periodic(1e-3);
    params.force_m_s2 = {"0", "cos(t)"};
    params.max_dt_s = dt;
    Case<double> c(params, box(8));
    c.solver.advance(c.state, 1);
    const double error =
        rms_error<double>(c.state, "v", [](double, double, double) { return std::sin(1.0); });
    if (last > 0) {
      EXPECT_NEAR(std::log2(last / error), 2, 0.2);
    }
    last = error;
  }
}

// Uniform flow under drag alone falls as e^(-lambda t).
TEST(ExternalForce, DragBrakesExponentially) {
  FlowParams params = periodic(1e-3);
  params.rayleigh_friction_1_s = 0.5;
  params.max_dt_s = 0.01;
  params.initial.velocity_m_s = {"1", "0"};
  Case<double> c(params, box(8));
  c.solver.advance(c.state, 2);
  EXPECT_LT(rms_error<double>(c.state, "u", [](double, double, double) { return std::exp(-1.0); }),
            1e-5);
}

struct Budget {
  double dissipated = 0, injected = 0, dragged = 0, gained = 0;
  double gap() const { return std::abs(gained + dissipated + dragged - injected); }
};

Budget budget(double cfl) {
  FlowParams params = periodic(1e-3);
  params.cfl = cfl;
  params.force_m_s2 = {"0.5 * sin(4 * y)", "0"};
  params.acceleration_m_s2 = {0.01, 0};
  params.rayleigh_friction_1_s = 0.1;
  params.density_kg_m3 = 2;
  params.initial.random.spectrum = "peak";
  params.initial.random.rms_m_s = 0.7;
  params.initial.random.peak_wave_number_1_m = 4;
  Case<double> c(params, box(64));
  constexpr int parts = 200;
  constexpr double end = 2;
  Budget b;
  const double first = c.diagnostic("kinetic_energy");
  for (int n = 0; n <= parts; ++n) {
    const double weight = (n == 0 || n == parts ? 0.5 : 1) * end / parts;  // trapezoidal rule
    b.dissipated += weight * c.diagnostic("dissipation");
    b.injected += weight * c.diagnostic("injection");
    b.dragged += weight * c.diagnostic("drag_loss");
    if (n < parts) c.solver.advance(c.state, end / parts);
  }
  b.gained = c.diagnostic("kinetic_energy") - first;
  return b;
}

TEST(ForcedTurbulence, EnergyBudgetCloses) {
  const Budget b = budget(0.2);
  std::printf("gained %.6f injected %.6f dissipated %.6f dragged %.6f gap %.2e\n", b.gained,
              b.injected, b.dissipated, b.dragged, b.gap());
  // Each part matters, or the sum would say nothing of it.
  const double whole = b.dissipated + b.dragged + std::abs(b.injected);
  for (const double part : {b.dissipated, b.dragged, std::abs(b.injected)})
    EXPECT_GT(part, 0.01 * whole);
  EXPECT_LT(b.gap(), 1e-4 * whole);
}

double speed_squared(Case<double>& c) {  // mean of |u|^2
  const double side = c.grid->upper(0) - c.grid->lower(0);
  return 2 * c.diagnostic("kinetic_energy") / (side * side);
}

TEST(RandomVelocity, HasTheSpeedAskedForAndNoDivergence) {
  for (const char* spectrum : {"peak", "mcwilliams"}) {
    FlowParams params = periodic(1e-3);
    params.initial.random.spectrum = spectrum;
    params.initial.random.rms_m_s = 1.5;
    params.initial.random.peak_wave_number_1_m = 4;
    params.initial.noise_seed = 3;
    Case<double> c(params, box(128));
    EXPECT_NEAR(std::sqrt(speed_squared(c)), 1.5, 0.03) << spectrum;
    EXPECT_LT(c.diagnostic("divergence_norm"), 1e-11) << spectrum;
    EXPECT_NEAR(c.diagnostic("momentum_x"), 0, 1e-10) << spectrum;
    // Mean square vorticity over that of velocity: about the square of the energy's wave number.
    const double k =
        std::sqrt(2 * c.diagnostic("enstrophy") / (2 * c.diagnostic("kinetic_energy")));
    EXPECT_GT(k, 3.0) << spectrum;
    EXPECT_LT(k, 13.0) << spectrum;
    params.initial.noise_seed = 4;
    Case<double> other(params, box(128));
    const auto a = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), c.state["u"].data);
    const auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), other.state["u"].data);
    EXPECT_GT(std::abs(a(0, 0, 10, 10) - b(0, 0, 10, 10)), 1e-3) << spectrum;
  }
}

// The vorticity's variance over many realisations is that of N(0, sigma2 (-Laplace + tau^2)^-alpha).
TEST(RandomVelocity, MaternVorticityHasItsVariance) {
  FlowParams params = periodic(1e-3);
  auto& r = params.initial.random;
  r.spectrum = "matern";
  r.matern_scale = std::pow(7, 1.5);
  r.matern_wave_number_1_m = 7;
  r.matern_exponent = 2.5;
  double expected = 0;
  for (int kx = -20; kx <= 20; ++kx)
    for (int ky = -20; ky <= 20; ++ky)
      if (kx != 0 || ky != 0)
        expected += r.matern_scale * std::pow(4 * pi * pi * (kx * kx + ky * ky) + 49, -2.5);
  double mean = 0;
  constexpr int realisations = 200;
  for (int n = 0; n < realisations; ++n) {
    params.initial.noise_seed = n;
    Case<double> c(params, box(64, 1));
    mean += 2 * c.diagnostic("enstrophy") / realisations;
  }
  std::printf("vorticity variance %.4e, expected %.4e\n", mean, expected);
  EXPECT_NEAR(mean / expected, 1, 0.1);
}

TEST(RandomVelocity, OfOneSeedIsTheSameOnFinerGrids) {
  FlowParams params = periodic(1e-3);
  params.initial.random.spectrum = "peak";
  params.initial.random.rms_m_s = 1;
  params.initial.random.peak_wave_number_1_m = 3;
  Case<double> coarse(params, box(64)), fine(params, box(192));
  // Every third row of faces of the fine grid lies on the coarse one's.
  const auto a = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), coarse.state["u"].data);
  const auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), fine.state["u"].data);
  double worst = 0;
  for (int j = 0; j < 64; ++j)
    for (int i = 0; i < 64; ++i)
      worst = std::max(worst, std::abs(a(0, 0, j + 2, i + 2) - b(0, 0, 3 * j + 3, 3 * i + 2)));
  EXPECT_LT(worst, 0.03);
}

TEST(FlowMessages, OfForceAndRandomVelocity) {
  FlowParams params = periodic(1e-3);
  params.force_m_s2 = {"1"};
  EXPECT_NE(user_error([&] { Case<double> c(params, box(16)); }).find("flow.force_m_s2"),
            std::string::npos);
  params = periodic(1e-3);
  params.initial.random.spectrum = "peak";
  params.initial.random.rms_m_s = params.initial.random.peak_wave_number_1_m = 1;
  set_sides(params, {"periodic", "periodic", "wall", "wall"});
  EXPECT_NE(user_error([&] {
              Case<double> c(params, box(16));
            }).find("periodic along x and y; this one is not periodic"),
            std::string::npos);
}

}  // namespace
