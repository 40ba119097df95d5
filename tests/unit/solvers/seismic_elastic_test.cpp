// The elastic solver: energy is conserved, source and receiver may change places, layers absorb, space agrees
// with the plane, and every message about a case that does not fit.
#include <gtest/gtest.h>

#include "mesh/box_grid.hpp"
#include "solvers/seismic/survey_plan.hpp"
#include "support/mesh_io_scratch.hpp"
#include "support/solvers_seismic_elastic.hpp"

namespace understudy::tests {
namespace {

// Two materials, water and rock among them, in a closed box; 1000 steps after the source has finished.
template <class Real>
double energy_drift(int order, bool surface, bool space) {
  ElasticCase c;
  c.order = order;
  c.closed = true;
  c.free_surface = surface;
  if (space)
    c.box = {{0, 0, -240}, {200, 210, 0}, {20, 21, 24}, {}};
  else
    c.box = {{0, -300}, {500, 0}, {50, 30}, {}};
  const double depth = space ? 50 : 70;
  c.model.kind = "layered";
  c.model.layers = {{0, 1800, 800, 1800}, {100, 1500, 0, 1000}, {160, 3500, 2000, 2500}};
  c.at = {103, 112, depth};
  c.frequency_hz = 15;
  c.end_s = 0.2;
  c.receivers = {{120, 100, 10}};
  ElasticRun<Real> run(c);
  run.solver.advance(run.state, c.steps() * c.step());
  const double first = run.solver.diagnostics(run.state)[2].value;
  EXPECT_GT(first, 0);
  run.solver.advance(run.state, 1000 * c.step());
  const auto last = run.solver.diagnostics(run.state);
  EXPECT_GT(last[0].value, 0.05 * first);
  EXPECT_GT(last[1].value, 0.05 * first);
  return std::abs(last[2].value / first - 1);
}

TEST(Elastic, EnergyIsConservedInAClosedBox) {
  for (const int order : {4, 8})
    for (const bool surface : {false, true}) {
      EXPECT_LT(energy_drift<double>(order, surface, false), 1e-12);
      EXPECT_LT(energy_drift<float>(order, surface, false), 1e-3);
      EXPECT_LT(energy_drift<double>(order, surface, true), 1e-12);
    }
}

// A force along a at A recorded along b at B is a force along b at B recorded along a at A.
void expect_reciprocal(ElasticCase c, const Position& first, const Position& second, int a, int b,
                       double bound = 1e-11) {
  const int dimension = c.box.dimension();
  const auto shoot = [&](const Position& from, const Position& to, int force, int component) {
    c.source.kind = "force";
    c.source.direction.assign(dimension, 0.0);
    c.source.direction[force] = 1;
    c.at = from;
    c.receivers = {to};
    return trace_of(traces_of<double>(c), component, 0);
  };
  const auto there = shoot(first, second, a, b), back = shoot(second, first, b, a);
  ASSERT_GT(largest(there), 0);
  EXPECT_LT(rel_l2(there, back), bound) << "force " << a << ", velocity " << b;
}

TEST(Elastic, SourceAndReceiverChangePlaces) {
  ElasticCase c;
  c.box = {{0, -300}, {500, 0}, {50, 30}, {}};
  c.model.kind = "layered";
  c.model.layers = {{0, 1800, 800, 1800}, {100, 3500, 2000, 2500}};
  c.free_surface = true;
  c.closed = true;
  c.end_s = 0.4;
  for (const int order : {4, 8}) {
    c.order = order;
    for (const int a : {0, 1})
      for (const int b : {0, 1}) {
        expect_reciprocal(c, {103, 0, 77}, {322, 0, 143}, a, b);
        expect_reciprocal(c, {103, 0, 0}, {322, 0, 4}, a, b);  // at the free surface
      }
  }
  c.box = {{0, 0, -240}, {200, 210, 0}, {20, 21, 24}, {}};
  c.end_s = 0.2;
  expect_reciprocal(c, {53, 62, 0}, {122, 131, 93}, 2, 0);
  expect_reciprocal(c, {53, 62, 33}, {122, 131, 93}, 1, 1);
  c = ElasticCase{};
  c.free_surface = true;
  expect_reciprocal(c, {103, 0, 77}, {322, 0, 143}, 0, 1, 1e-5);  // with layers
}

// Where a record ends while the source still emits, its last step is a longer record's, too.
TEST(Elastic, ARecordIsTheBeginningOfALongerOne) {
  ElasticCase c;
  c.box = {{0, -300}, {500, 0}, {50, 30}, {}};
  c.layer_cells = 10;
  ModellingSetup setup;
  setup.box = c.box;
  setup.seismic.equation = "elastic";
  setup.seismic.absorbing = c.setup().absorbing;
  setup.seismic.model = c.model;
  setup.seismic.wavelet.frequency_hz = c.frequency_hz;
  setup.seismic.survey.sources = {{{250, 150}, {}, 1}};
  setup.seismic.survey.receivers = {{{250, 150}, {}, 1}};
  setup.time.dt_s = c.step();
  const EarthModel model = make_earth_model(c.model, c.box, ".", 1, 0);
  const int steps = int(std::lround(c.delay() / c.step())) + 5;  // just after the peak
  std::vector<std::vector<double>> pressure, stress;
  for (const int recorded : {steps, 2 * steps}) {
    setup.time.end_s = recorded * c.step();
    const SurveyPlan plan = make_plan(setup, limits_of(model), false);
    ASSERT_EQ(plan.steps(), recorded);
    EXPECT_EQ(plan.geometry().wavelet.size(), std::size_t(recorded) + 1);
    const WaveGrid grid = c.grid(core::Comm::self());
    ElasticSolver<double> solver(c.setup(), model, grid);
    mesh::State<double> state(grid.padded, solver.fields());
    solver.begin_shot(plan.shot(0), state);
    solver.advance(state, steps * c.step());
    auto trace = trace_of(solver.traces(), 2, 0);
    trace.resize(std::size_t(steps) + 1);
    pressure.push_back(trace);
    const auto xx = state[stress_name(2, 0)].component();
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), xx);
    stress.emplace_back(host.data(), host.data() + host.size());
  }
  EXPECT_GT(std::abs(pressure[0].back()), 0);
  EXPECT_EQ(pressure[0], pressure[1]);
  EXPECT_EQ(stress[0], stress[1]);
}

// A slow bed under a free surface guides waves that grow in a perfectly matched layer by itself.
TEST(Elastic, LayersTakeTheEnergyAway) {
  for (const bool surface : {false, true})
    for (const int order : {4, 8}) {
      ElasticCase c;
      c.order = order;
      c.free_surface = surface;
      c.model.kind = "layered";
      c.model.layers = {{0, 1800, 800, 1800}, {100, 3500, 2000, 2500}};
      c.at = {500, 0, 50};
      c.end_s = 0.3;
      ElasticRun<double> run(c);
      run.solver.advance(run.state, c.steps() * c.step());
      const double first = run.solver.diagnostics(run.state)[2].value;
      run.solver.advance(run.state, 4000 * c.step());
      EXPECT_LT(run.solver.diagnostics(run.state)[2].value, 1e-7 * first);
    }
}

// Sets a velocity to a Gaussian of x and height, the same along y in 3-D.
void set_pulse(mesh::State<double>& state, int component, double amplitude) {
  const mesh::BoxGrid& g = mesh::as_box(state.grid(), "this test");
  const int up = g.dimension() - 1;
  auto& field = state[velocity_name(component)];
  auto host = Kokkos::create_mirror_view(field.data);
  for (int k = 0; k < g.extent(2); ++k)
    for (int j = 0; j < g.extent(1); ++j)
      for (int i = 0; i < g.extent(0); ++i) {
        const std::array<int, 3> index{i, j, k};
        const double x = g.coordinate(field.info.location, 0, i) - 203;
        const double height = g.coordinate(field.info.location, up, index[up]) + 41;
        host(0, k, j, i) = amplitude * std::exp(-(x * x + height * height) / (2 * 30.0 * 30.0));
      }
  Kokkos::deep_copy(field.data, host);
}

// Motion that does not change along y is that of the plane, until the sides along y are felt.
TEST(Elastic, SpaceAgreesWithThePlane) {
  for (const int order : {4, 8}) {
    ElasticCase plane, space;
    plane.box = {{0, -300}, {400, 0}, {40, 30}, {}};
    space.box = {{0, 0, -300}, {400, 600, 0}, {40, 60, 30}, {}};
    std::vector<mesh::HostArray3<double>> found;
    for (ElasticCase* c : {&plane, &space}) {
      c->model.kind = "layered";
      c->model.layers = {{0, 1800, 800, 1800}, {50, 3000, 1600, 2500}};
      c->order = order;
      c->closed = true;
      c->free_surface = true;
      c->dt_s = 1e-3;
      ElasticRun<double> run(*c);
      const int up = c->box.dimension() - 1;
      set_pulse(run.state, 0, 1);
      set_pulse(run.state, up, 0.5);
      run.solver.advance(run.state, 40 * c->dt_s);
      for (const int a : {0, up}) {
        const auto v = run.state[velocity_name(a)].component();
        mesh::HostArray3<double> host("v", v.extent(0), v.extent(1), v.extent(2));
        Kokkos::deep_copy(host, v);
        found.push_back(host);
      }
    }
    const int g = order / 2, middle = g + 30;
    for (int a = 0; a < 2; ++a) {
      double difference = 0, largest = 0;
      for (int k = g; k <= g + 30; ++k)  // the surface's own row, too
        for (int i = g; i < g + 40; ++i) {
          const double flat = found[a](0, k, i), deep = found[2 + a](k, middle, i);
          difference = std::max(difference, std::abs(flat - deep));
          largest = std::max(largest, std::abs(flat));
        }
      EXPECT_GT(largest, 0.05);
      EXPECT_LT(difference, 1e-8 * largest);
    }
  }
}

TEST(Elastic, DerivedFieldsOfAKnownMotion) {
  ElasticCase c;
  ElasticRun<double> run(c);
  const mesh::Grid& g = run.state.grid();
  const auto fill = [&](const char* name, double dx, double dy, auto value) {
    auto host = Kokkos::create_mirror_view(run.state[name].data);
    for (int j = 0; j < g.extent(1); ++j)
      for (int i = 0; i < g.extent(0); ++i) host(0, 0, j, i) = value((i + dx) * 10, (j + dy) * 10);
    Kokkos::deep_copy(run.state[name].data, host);
  };
  fill("velocity_x", 0, 0.5, [](double x, double y) { return 2 * x - 5 * y; });
  fill("velocity_y", 0.5, 0, [](double x, double y) { return 7 * x + 3 * y; });
  fill("stress_xx", 0.5, 0.5, [](double, double) { return -4.0; });
  fill("stress_yy", 0.5, 0.5, [](double, double) { return -6.0; });
  const auto at = [&](const char* name) {
    const auto field = run.solver.derive(run.state, name);
    return Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data)(0, 30, 40);
  };
  EXPECT_NEAR(at("divergence"), 5, 1e-9);
  EXPECT_NEAR(at("curl"), 12, 1e-9);
  EXPECT_NEAR(at("pressure"), 5, 1e-12);
  EXPECT_THROW(run.solver.derive(run.state, "vorticity"), std::out_of_range);
  EXPECT_EQ(run.solver.derived_names(),
            (std::vector<std::string>{"pressure", "divergence", "curl"}));
}

TEST(Elastic, FieldsThatOutputsAndCheckpointsSee) {
  ElasticCase c;
  ElasticRun<double> run(c);
  std::vector<std::string> shown, kept;
  for (const auto& f : run.solver.fields())
    (f.role == mesh::Role::prognostic ? shown : kept).push_back(f.name);
  EXPECT_EQ(shown,
            (std::vector<std::string>{"velocity_x", "velocity_y", "stress_xx", "stress_yy"}));
  EXPECT_EQ(kept.size(), 1u + 8u);  // shear stress, memory
  EXPECT_EQ(run.state["stress_xy"].info.unit, "Pa");
  run.solver.advance(run.state, 40 * c.step());
  run.solver.constrain(run.state);
  for (const auto& f : run.state.fields()) {
    if (!f.info.name.starts_with("layer_")) continue;
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), f.data);
    for (std::size_t n = 0; n < host.size(); ++n) ASSERT_EQ(host.data()[n], 0);
  }
}

// A moment tensor is a pair of forces: xy is the same as yx, and a fluid feels no shear of it.
TEST(Elastic, MomentsOfEveryKind) {
  ElasticCase c;
  c.box = {{0, -400}, {400, 0}, {40, 40}, {}};
  c.at = {203, 0, 197};
  c.receivers = {{300, 0, 300}, {106, 0, 300}};
  c.source.kind = "moment";
  c.source.moment = {1, 1, 0};
  const auto isotropic = traces_of<double>(c);
  c.source = {};
  const auto explosion = traces_of<double>(c);
  EXPECT_LT(rel_l2(trace_of(isotropic, 0, 0), trace_of(explosion, 0, 0)), 1e-14);
  // Shear: couples Mxy, by four forces a metre from the point.
  c.source.kind = "moment";
  c.source.moment = {0, 0, 1};
  const auto found = trace_of(traces_of<double>(c), 0, 0);
  std::vector<double> couples(found.size(), 0.0);
  c.source.kind = "force";
  c.source.moment.clear();
  const auto add = [&](double dx, double up, double fx, double fy) {
    c.at = {203 + dx, 0, 197 - up};
    c.source.direction = {fx, fy};
    const auto one = trace_of(traces_of<double>(c), 0, 0);
    for (std::size_t n = 0; n < one.size(); ++n) couples[n] += 0.5 * one[n];
  };
  // f_a = -dM_ab/dx_b: moment xy pulls towards +x above the point and towards +y to its right.
  add(0, 1, 1, 0);
  add(0, -1, -1, 0);
  add(1, 0, 0, 1);
  add(-1, 0, 0, -1);
  EXPECT_LT(rel_l2(found, couples), 0.01);
}

std::string error_of(const ElasticCase& c) {
  return user_error([&] { ElasticRun<double> run(c); });
}

TEST(Elastic, CasesThatDoNotFit) {
  ElasticCase c;
  c.order = 2;
  EXPECT_TRUE(contains(user_error([&] {
                         const WaveGrid grid = c.grid();
                         ElasticSolver<double>(c.setup(),
                                               make_earth_model(c.model, c.box, ".", 1, 0), grid);
                       }),
                       "seismic.order: is 2; the elastic solver has orders 4 and 8"));
  c = ElasticCase{};
  c.model.s_speed = "none";
  EXPECT_TRUE(contains(error_of(c),
                       "seismic.equation: elastic needs an S speed; set "
                       "seismic.model.s_speed: ratio"));
  c = ElasticCase{};
  c.model.density = "none";
  EXPECT_TRUE(contains(error_of(c),
                       "elastic needs a density; set seismic.model.density to constant or "
                       "gardner"));
  c = ElasticCase{};
  c.dt_s = 0.01;
  EXPECT_TRUE(contains(error_of(c),
                       "time.dt_s is 0.01 s; the elastic solver of order 8 needs a step above "
                       "0 and of at most 0.00183"));
  c = ElasticCase{};
  EXPECT_TRUE(contains(user_error([&] {
                         ElasticCase other = c;
                         other.box.cells[0] = 90;
                         ElasticSolver<double>(
                             c.setup(), make_earth_model(c.model, other.box, ".", 1, 0), c.grid());
                       }),
                       "the model has 90 cells along x, but the grid has 100"));
  c.free_surface = true;
  c.box = {{0, -100}, {1000, 0}, {100, 10}, {}};
  EXPECT_TRUE(contains(error_of(c),
                       "the block of rank 0 has 30 cells along y, but the free surface's "
                       "differences and the absorbing layer need 33"));
  c = ElasticCase{};
  ElasticRun<double> run(c);
  EXPECT_TRUE(contains(user_error([&] { run.solver.advance(run.state, 10.5 * c.step()); }),
                       "is no multiple of the elastic solver's time step"));
}

}  // namespace
}  // namespace understudy::tests
