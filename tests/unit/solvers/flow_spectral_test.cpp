// The spectral flow solver's parts: carried modes and shifts, diagnostics and derived quantities against formulas,
// its start from a finer state, looks between steps, and what it refuses.
#include <cstring>
#include <numbers>

#include "solvers/flow/derived.hpp"
#include "solvers/flow/flow_plan.hpp"
#include "solvers/flow/spectral_box.hpp"
#include "support/solvers_spectral_case.hpp"

namespace {

using namespace flow_test;

constexpr double pi = std::numbers::pi;

class Spectral : public SpectralSuite {};

std::shared_ptr<const mesh::BoxGrid> periodic_grid(const mesh::GridParams& box) {
  return std::make_shared<mesh::BoxGrid>(box, std::array<bool, 3>{true, true, true},
                                         core::Comm::world());
}

TEST_F(Spectral, CarriesTheModesThatProductsDoNotAliasInto) {
  // 3 K < n: a product has modes up to 2 K, which fall onto 2 K - n < -K.
  for (const auto& [cells, most] :
       {std::pair{8, 2}, std::pair{9, 2}, std::pair{10, 3}, std::pair{64, 21}, std::pair{96, 31}}) {
    const solvers::flow::SpectralBox<double> box(*periodic_grid(cube_of(cells)), 1);
    EXPECT_EQ(box.most(0), most) << cells;
    EXPECT_EQ(box.most(1), most) << cells;
    EXPECT_LT(3 * box.most(0), cells);
    EXPECT_EQ(box.rows(), 2 * most + 1);
    EXPECT_EQ(box.count(), (2 * most + 1) * (most + 1));
  }
}

// Within what rounds up at the edges: 33 of 32 + 1 columns, 22 of 21.3.
TEST_F(Spectral, StartsInTheMemoryThatAPlanSays) {
  for (const auto& grid :
       {periodic_grid(cube_of(64)), periodic_grid({{0, 1, -1}, {2, 4, 3}, {48, 48, 48}, {}})}) {
    const solvers::flow::SpectralBox<double> box(*grid, 1);
    const double taken = static_cast<double>(sizeof(double) * box.values().front().size() +
                                             2 * sizeof(double) * box.whole().front().size() +
                                             2 * sizeof(double) * box.make("modes").size());
    const double said = solvers::spectral_start_bytes(*grid, sizeof(double));
    EXPECT_NEAR(said, taken, 0.06 * taken);
    EXPECT_EQ(solvers::spectral_start_bytes(*grid, sizeof(float)), said / 2);
  }
}

// A field on faces is read and written without loss, and is the field's at the centres in between.
TEST_F(Spectral, ShiftsByHalfACellExactly) {
  const auto grid = periodic_grid({{0, 1, -1}, {2, 4, 3}, {16, 12, 10}, {}});
  solvers::flow::SpectralBox<double> box(*grid, 1);
  const auto wave = [](double x, double y, double z) {
    return 0.3 + std::sin(pi * x * 3 + 0.2) * std::cos(2 * pi / 3 * (y - 1) * 2) +
           0.7 * std::cos(pi / 2 * (z + 1) * 3 + pi * x);
  };
  for (const auto at : {mesh::Location::face_x, mesh::Location::face_y, mesh::Location::face_z}) {
    mesh::Array3<double> field("field", grid->extent(2), grid->extent(1), grid->extent(0));
    mesh::Array3<double> back("back", grid->extent(2), grid->extent(1), grid->extent(0));
    const mesh::Range3 r = grid->interior();
    const auto each = [&](const auto& f) {
      for (int k = r.begin[2]; k < r.end[2]; ++k)
        for (int j = r.begin[1]; j < r.end[1]; ++j)
          for (int i = r.begin[0]; i < r.end[0]; ++i) f(k, j, i);
    };
    const auto value = [&](mesh::Location l, int k, int j, int i) {
      return wave(grid->coordinate(l, 0, i), grid->coordinate(l, 1, j), grid->coordinate(l, 2, k));
    };
    each([&](int k, int j, int i) { field(k, j, i) = value(at, k, j, i); });
    const auto modes = box.make("modes");
    box.read(field, at, modes);
    EXPECT_NEAR(modes(0).real(), 0.3, 1e-13);
    box.write(modes, at, back);
    each([&](int k, int j, int i) { EXPECT_NEAR(back(k, j, i), field(k, j, i), 1e-13); });
    box.write(modes, mesh::Location::cell, back);
    each([&](int k, int j, int i) {
      EXPECT_NEAR(back(k, j, i), value(mesh::Location::cell, k, j, i), 1e-13);
    });
  }
}

// u = -cos x sin y, v = sin x cos y with a mean: all integrals and derivatives are known.
TEST_F(Spectral, DiagnosticsAreThoseOfTheFormulas) {
  constexpr double nu = 0.05, drag = 0.2, rho = 2, area = 4 * pi * pi;
  FlowParams params = periodic_flow(nu);
  params.density_kg_m3 = rho;
  params.rayleigh_friction_1_s = drag;
  params.force_m_s2 = {"3 * cos(x) * sin(y)", "0"};
  params.acceleration_m_s2 = {0.25, 0};
  params.initial.velocity_m_s = {"0.5 - cos(x) * sin(y)", "sin(x) * cos(y)"};
  SpectralCase<double> c(params, cube_of(12));
  const double mean_square = 0.25 + 0.25 + 0.25, tolerance = 1e-12 * area;
  EXPECT_NEAR(c.diagnostic("kinetic_energy"), 0.5 * rho * mean_square * area, tolerance);
  EXPECT_NEAR(c.diagnostic("enstrophy"), 0.5 * area, tolerance);  // omega = 2 cos x cos y
  EXPECT_NEAR(c.diagnostic("divergence_norm"), 0, 1e-13);
  EXPECT_NEAR(c.diagnostic("momentum_x"), rho * 0.5 * area, tolerance);
  EXPECT_NEAR(c.diagnostic("momentum_y"), 0, tolerance);
  EXPECT_NEAR(c.diagnostic("dissipation"), rho * nu * area, tolerance);
  EXPECT_NEAR(c.diagnostic("injection"), rho * area * (0.25 * 0.5 - 3 * 0.25), tolerance);
  EXPECT_NEAR(c.diagnostic("drag_loss"), rho * drag * mean_square * area, tolerance);
}

// A divergence that is there is seen: constrain() takes it off, and what is not carried.
TEST_F(Spectral, ConstrainTakesOffDivergenceAndWhatIsNotCarried) {
  FlowParams params = periodic_flow(0.05);
  params.initial.velocity_m_s = {"sin(y)", "0"};
  SpectralCase<double> c(params, cube_of(12));
  const mesh::State<double> clean = c.state.clone();
  const auto u = c.state["u"].component();
  const mesh::Range3 r = c.grid->interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      const double x = c.grid->coordinate(mesh::Location::face_x, 0, i);
      const double y = c.grid->coordinate(mesh::Location::face_x, 1, j);
      u(0, j, i) += 0.1 * std::sin(2 * x) + 0.2 * std::cos(4 * y);
    }
  // du/dx = 0.2 cos 2x, rms 0.2 / sqrt 2; cos 4y is not carried on 12 cells (K = 3).
  EXPECT_NEAR(c.diagnostic("divergence_norm"), 0.2 / std::sqrt(2), 1e-13);
  c.solver.constrain(c.state);
  EXPECT_LT(rms_difference(c.state, clean, "u"), 1e-13);
  EXPECT_LT(rms_difference(c.state, clean, "v"), 1e-13);
}

template <class Real>
void expect_cells(SpectralCase<Real>& c, const std::string& name, const Exact& exact) {
  const auto field = c.solver.derive(c.state, name);
  EXPECT_EQ(field.name, name);
  EXPECT_EQ(field.unit, solvers::flow::derived_unit(name));
  const mesh::Range3 r = c.grid->interior();
  double worst = 0;
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const auto at = mesh::Location::cell;
        worst =
            std::max(worst, std::abs(field.data(k, j, i) - exact(c.grid->coordinate(at, 0, i),
                                                                 c.grid->coordinate(at, 1, j),
                                                                 c.grid->coordinate(at, 2, k))));
      }
  EXPECT_LT(worst, 1e-13) << name;
}

TEST_F(Spectral, DerivedQuantitiesAreExactInTwoDimensions) {
  FlowParams params = periodic_flow(0.05);
  params.initial.velocity_m_s = {"-cos(x) * sin(y)", "sin(x) * cos(y)"};
  SpectralCase<double> c(params, cube_of(12));
  expect_cells(c, "vorticity",
               [](double x, double y, double) { return 2 * std::cos(x) * std::cos(y); });
  expect_cells(c, "divergence", [](double, double, double) { return 0.0; });
  expect_cells(c, "q_criterion",
               [](double x, double y, double) { return std::cos(x + y) * std::cos(x - y); });
  expect_cells(c, "speed", [](double x, double y, double) {
    return std::hypot(std::cos(x) * std::sin(y), std::sin(x) * std::cos(y));
  });
  EXPECT_THROW(c.solver.derive(c.state, "helicity"), std::out_of_range);
}

// Of an ABC flow, whose vorticity is its velocity.
TEST_F(Spectral, DerivedQuantitiesAreExactInThreeDimensions) {
  FlowParams params = periodic_flow(0.05, 3);
  params.initial.velocity_m_s = {"sin(z) + 0.5 * cos(y)", "0.8 * sin(x) + cos(z)",
                                 "0.5 * sin(y) + 0.8 * cos(x)"};
  SpectralCase<double> c(params, cube_of(8, 3));
  const auto u = [](double, double y, double z) { return std::sin(z) + 0.5 * std::cos(y); };
  const auto v = [](double x, double, double z) { return 0.8 * std::sin(x) + std::cos(z); };
  const auto w = [](double x, double y, double) { return 0.5 * std::sin(y) + 0.8 * std::cos(x); };
  const auto size = [&](double x, double y, double z) {
    return std::hypot(u(x, y, z), v(x, y, z), w(x, y, z));
  };
  expect_cells(c, "vorticity_x", u);
  expect_cells(c, "vorticity_y", v);
  expect_cells(c, "vorticity_z", w);
  expect_cells(c, "vorticity", size);
  expect_cells(c, "speed", size);
  // -(du/dy dv/dx + du/dz dw/dx + dv/dz dw/dy); the diagonal is zero.
  expect_cells(c, "q_criterion", [](double x, double y, double z) {
    return -(-0.5 * std::sin(y) * 0.8 * std::cos(x) + std::cos(z) * -0.8 * std::sin(x) +
             -std::sin(z) * 0.5 * std::cos(y));
  });
}

// The carried modes of a finer state: what interpolation at points would alias is left out.
template <class Fine, class Real>
void starts_from_finer(double tolerance) {
  FlowParams params = periodic_flow(0.05);
  params.initial.velocity_m_s = {"1 + cos(2 * x) * sin(3 * y)", "-2 / 3 * sin(2 * x) * cos(3 * y)"};
  FlowParams more = params;
  more.initial.velocity_m_s = {"1 + cos(2 * x) * sin(3 * y) + 0.5 * cos(21 * y)",
                               "-2 / 3 * sin(2 * x) * cos(3 * y) + 0.5 * sin(10 * x)"};
  SpectralCase<Fine> fine(more, {{0, 0}, {2 * pi, 2 * pi}, {72, 66}, {}});
  const mesh::GridParams coarse{{0, 0}, {2 * pi, 2 * pi}, {24, 20}, {}};
  SpectralCase<Real> exact(params, coarse), c(params, coarse);
  for (auto& field : c.state.fields()) Kokkos::deep_copy(field.data, Real(7));
  c.solver.start_from(fine.state, c.state);
  for (const char* name : {"u", "v"})
    EXPECT_LT(rms_difference(c.state, exact.state, name), tolerance) << name;
  EXPECT_LT(rms_difference(c.state, exact.state, "p"), 4 * tolerance);
}

TEST_F(Spectral, StartsFromTheModesOfAFinerState) {
  starts_from_finer<double, double>(1e-13);
  starts_from_finer<double, float>(1e-6);
  starts_from_finer<float, double>(1e-6);
  starts_from_finer<float, float>(1e-6);
}

TEST_F(Spectral, AStateThatHasNotItsModesIsRefused) {
  const FlowParams params = periodic_flow(0.05);
  SpectralCase<double> c(params, {{0, 0}, {1, 2}, {16, 24}, {}});
  const auto refusal = [&]<class Other>(Other, const mesh::GridParams& box) {
    SpectralCase<Other> from(params, box);
    return user_error([&] { c.solver.start_from(from.state, c.state); });
  };
  const auto expect = [&](const mesh::GridParams& box, const std::string& part) {
    for (const std::string& text : {refusal(0.0, box), refusal(0.0F, box)})
      EXPECT_EQ(text.substr(0, part.size()), part);
  };
  EXPECT_EQ(refusal(0.0, {{0, 0}, {1, 2}, {16, 24}, {}}), "");
  EXPECT_EQ(refusal(0.0F, {{0, 0}, {1, 2}, {32, 24}, {}}), "");
  EXPECT_EQ(refusal(0.0, {{3, -1}, {4, 1}, {16, 24}, {}}), "") << "elsewhere, of the same size";
  expect({{0, 0}, {1, 2}, {32, 20}, {}},
         "grid.cells: a spectral method on 24 cells along y cannot take its modes from a state on "
         "20");
  expect({{0, 0}, {1.5, 2}, {32, 24}, {}},
         "grid.lower_m, grid.upper_m: a spectral method in a box of 1 m along x cannot take its "
         "modes from a state in one of 1.5 m");
  SpectralCase<double> cube(periodic_flow(0.05, 3), cube_of(24, 3));
  EXPECT_EQ(user_error([&] { c.solver.start_from(cube.state, c.state); }),
            "grid.cells: a state in 3-D cannot be the start of a spectral method in 2-D");
}

TEST_F(Spectral, LooksBetweenStepsChangeNothing) {
  FlowParams params = periodic_flow(0.01);
  params.force_m_s2 = {"sin(2 * y) * cos(t)", "0"};
  params.initial.velocity_m_s = {"sin(y)", "cos(x) + 0.3 * sin(2 * x)"};
  SpectralCase<double> plain(params, cube_of(16)), watched(params, cube_of(16));
  int looks = 0;
  double time_s = 0;
  watched.solver.watch_steps([&](const mesh::State<double>& state) {
    ++looks;
    EXPECT_GT(state.time_s, time_s);
    time_s = state.time_s;
    for (const auto& d : watched.solver.diagnostics(state)) EXPECT_TRUE(std::isfinite(d.value));
    watched.solver.derive(state, "vorticity");
    watched.solver.stable_dt(state);
  });
  const auto report = plain.solver.advance(plain.state, 1);
  watched.solver.advance(watched.state, 1);
  EXPECT_EQ(looks, report.steps);
  EXPECT_GT(looks, 3);
  for (const char* name : {"u", "v", "p"})
    EXPECT_EQ(rms_difference(plain.state, watched.state, name), 0) << name;
}

TEST_F(Spectral, TheStepIsBoundByWhatMovesPushesAndDamps) {
  FlowParams params = periodic_flow(0);
  params.cfl = 0.4;
  const double h = 2 * pi / 16;
  SpectralCase<double> rest(params, cube_of(16));
  EXPECT_GE(rest.solver.stable_dt(rest.state), 1e29) << "nothing moves";
  params.acceleration_m_s2 = {2, 0};
  SpectralCase<double> pushed(params, cube_of(16));  // dt (dt 2) / h = cfl
  EXPECT_NEAR(pushed.solver.stable_dt(pushed.state), std::sqrt(0.4 * h / 2), 1e-12);
  params.acceleration_m_s2 = {};
  params.initial.velocity_m_s = {"3", "-1"};
  SpectralCase<double> moving(params, cube_of(16));
  EXPECT_NEAR(moving.solver.stable_dt(moving.state), 0.4 * h / 4, 1e-12);
  params.max_dt_s = 0.001;
  SpectralCase<double> bound(params, cube_of(16));
  EXPECT_EQ(bound.solver.stable_dt(bound.state), 0.001);
  params = periodic_flow(1);
  params.rayleigh_friction_1_s = 3;
  SpectralCase<double> damped(params, cube_of(16));  // K = 5 along both axes
  EXPECT_NEAR(damped.solver.stable_dt(damped.state), 2.0 / 53, 1e-12);
}

// One value is enough: the transform spreads it over all modes. Without viscosity nothing else bounds the step.
template <class Real>
void stops_at(Real value, int dimension) {
  FlowParams params = periodic_flow(0, dimension);
  params.initial.velocity_m_s =
      dimension == 2 ? std::vector<std::string>{"1", "0"} : std::vector<std::string>{"1", "0", "0"};
  SpectralCase<Real> c(params, cube_of(8, dimension));
  EXPECT_GT(c.solver.advance(c.state, 0.1).steps, 0);
  const auto u = c.state["u"].component();
  const auto from = c.grid->interior().begin;
  u(from[2], from[1] + 3, from[0] + 2) = value;
  EXPECT_EQ(c.solver.stable_dt(c.state), 0);
  std::string text = "no error";
  try {
    c.solver.advance(c.state, 0.1);
  } catch (const core::RunError& error) {
    text = error.what();
  }
  EXPECT_NE(text.find("the stable time step fell to 0 s"), std::string::npos) << text;
}

TEST_F(Spectral, StopsAtVelocitiesThatAreNotFinite) {
  for (const int dimension : {2, 3}) {
    stops_at<double>(std::nan(""), dimension);
    stops_at<double>(INFINITY, dimension);
    stops_at<float>(std::nanf(""), dimension);
    stops_at<float>(-INFINITY, dimension);
  }
}

TEST_F(Spectral, ItsStateIsTheFlowSolversWithoutHistory) {
  const FlowParams params = periodic_flow(0.01);
  SpectralCase<double> spectral(params, cube_of(8));
  Case<double> volumes(params, cube_of(8));
  std::vector<std::string> names;
  for (const auto& info : spectral.solver.fields()) {
    names.push_back(info.name);
    EXPECT_EQ(info.location, volumes.state[info.name].info.location) << info.name;
    EXPECT_EQ(info.unit, volumes.state[info.name].info.unit) << info.name;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"u", "v", "p"}));
  EXPECT_EQ(spectral.solver.derived_names(), volumes.solver.derived_names());
  std::vector<std::string> of_spectral, of_volumes;
  for (const auto& d : spectral.solver.diagnostics(spectral.state)) of_spectral.push_back(d.name);
  for (const auto& d : volumes.solver.diagnostics(volumes.state)) of_volumes.push_back(d.name);
  EXPECT_EQ(of_spectral, of_volumes);
}

std::string refusal(const FlowParams& params, const mesh::GridParams& box = cube_of(8)) {
  return user_error([&] { SpectralCase<double> c(params, box); });
}

TEST_F(Spectral, RefusesByKeyWhatItDoesNotServe) {
  const FlowParams good = periodic_flow(0.01);
  EXPECT_EQ(refusal(good), "");
  const auto expect = [&](const auto& change, const std::string& part,
                          const mesh::GridParams& box = cube_of(8)) {
    FlowParams params = box.dimension() == 3 ? periodic_flow(0.01, 3) : good;
    change(params);
    const std::string text = refusal(params, box);
    EXPECT_NE(text.find(part), std::string::npos) << text;
    EXPECT_NE(text.find("flow.discretisation"), std::string::npos) << text;
  };
  expect([](FlowParams& p) { set_sides(p, {"periodic", "periodic", "wall", "wall"}); },
         "flow.boundaries.y_lower.kind: is wall");
  expect([](FlowParams& p) { p.bodies = {mesh::BodyParams{}}; }, "flow.bodies: there are bodies");
  expect([](FlowParams& p) { p.les.model = "wale"; }, "flow.les.model: is wale", cube_of(8, 3));
  expect([](FlowParams& p) { p.scalar.enabled = true; }, "flow.scalar.enabled: is true");
  expect([](FlowParams& p) { p.convection = "upwind3"; }, "flow.convection: is upwind3");
  expect([](FlowParams& p) { p.pressure.method = "multigrid"; },
         "flow.pressure.method: is multigrid");
  expect([](FlowParams& p) { p.balance = true; }, "flow.balance: is true");
  expect([](FlowParams&) {}, "grid.cells: 3 along y", {{0, 0}, {1, 1}, {8, 3}, {}});
}

TEST_F(Spectral, HasNoAdjoint) {
  SpectralCase<double> c(periodic_flow(0.01), cube_of(8));
  EXPECT_NE(user_error([&] {
              solvers::differentiable<double>(c.solver);
            }).find("flow.discretisation: is spectral, which has no adjoint"),
            std::string::npos);
}

TEST_F(Spectral, APlanRefusesIt) {
  FlowParams params = periodic_flow(0.01);
  params.discretisation = "spectral";
  const auto grid = periodic_grid(cube_of(8));
  EXPECT_EQ(user_error([&] { solvers::plan_flow(params, grid, ".", 1); }), "");
  params.balance = true;
  EXPECT_NE(user_error([&] { solvers::plan_flow(params, grid, ".", 1); }).find("flow.balance"),
            std::string::npos);
}

TEST(FlowDiscretisation, FiniteVolumesAreNoSpectralMethod) {
  FlowParams params = periodic_flow(0.01);
  params.discretisation = "spectral";
  EXPECT_NE(user_error([&] {
              Case<double> c(params, cube_of(8));
            }).find("flow.discretisation: is spectral, and a FlowSolver is of finite volumes"),
            std::string::npos);
}

}  // namespace
