// What must not matter to acoustic waves: exchanging source and receiver, how the grid and the shots are
// split over ranks and batches, which class computes them, and a stop in the middle. And what must stay:
// the energy in a closed box.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "mesh/io/checkpoint.hpp"
#include "solvers/seismic/acoustic/acoustic_solver.hpp"
#include "solvers/seismic/acoustic/survey_modelling.hpp"
#include "solvers/seismic/survey_run.hpp"
#include "support/scratch.hpp"
#include "support/solvers_seismic_case.hpp"

namespace understudy {
namespace {

using test::SeismicCase;
namespace seismic = solvers::seismic;

template <class Real>
std::vector<seismic::Gather> traces_of(const SeismicCase& c,
                                       const std::vector<seismic::Shot>& shots,
                                       const core::Comm& comm = core::Comm::self()) {
  seismic::AcousticSetup setup = c.setup();
  setup.shots = int(shots.size());
  std::shared_ptr<seismic::AcousticOperator<Real>> op =
      seismic::make_acoustic_operator<Real>(setup, comm);
  op->set_model(c.speed(), c.density());
  return seismic::AcousticShots<Real>(op, shots).model();
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::abs(v));
  return most;
}

// Both sides near zero would compare equal, too: so the size is asked for.
void expect_close(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  const double size = largest(a);
  EXPECT_GT(size, 0);
  for (std::size_t n = 0; n < a.size(); ++n) ASSERT_NEAR(a[n], b[n], tolerance * size) << n;
}

std::vector<SeismicCase> kinds() {
  std::vector<SeismicCase> all;
  for (const bool density : {false, true})
    for (const bool surface : {false, true}) {
      SeismicCase c;
      c.variable_density = density;
      c.free_surface = surface;
      if (density) c.cells = 56;  // wide enough blocks on four ranks
      all.push_back(c);
    }
  return all;
}

// The step is u_next = 2 u - u_before + k w with w symmetric outside the layers, and a source adds k s: so
// p / k is exchanged. With k = dt^2 c^2 at source and receiver (dt^2 rho c^2 for variable density) the
// pressure is symmetric as it stands: u = (..)^{-1} k delta, and k^{-1} (u_tt) - L u = delta.
TEST(SeismicAcousticInvariance, SourceAndReceiverMayBeExchanged) {
  for (SeismicCase c : kinds()) {
    SCOPED_TRACE(testing::Message()
                 << "density " << c.variable_density << ", free surface " << c.free_surface);
    c.samples = 120;
    auto shot = c.make_shots()[0];
    const seismic::Position a{87.3, 0, 61.9}, b{291.1, 0, 203.4};
    shot.source = a;
    shot.receivers = {b};
    const auto there = traces_of<double>(c, {shot})[0];
    shot.source = b;
    shot.receivers = {a};
    const auto back = traces_of<double>(c, {shot})[0];
    expect_close(there.values, back.values, 1e-12);
  }
}

TEST(SeismicAcousticInvariance, ABatchOfShotsIsItsShotsBitwise) {
  for (const SeismicCase& c : kinds()) {
    const auto shots = c.make_shots();
    const auto batch = traces_of<float>(c, shots);
    for (std::size_t s = 0; s < shots.size(); ++s) {
      EXPECT_EQ(batch[s].values, traces_of<float>(c, {shots[s]})[0].values);
      EXPECT_GT(largest(batch[s].values), 0);
    }
  }
}

template <class Real>
std::vector<double> stepped(seismic::AcousticSolver<Real>& solver, const SeismicCase& c,
                            const seismic::Shot& shot) {
  mesh::State<Real> state(solver.grid(), solver.fields());
  solver.begin_shot(shot, state);
  const int steps = (shot.samples - 1) * shot.record_every;
  solver.advance(state, (steps / 3) * c.dt_s());
  solver.advance(state, (steps - steps / 3) * c.dt_s());
  return solver.traces()[0].gather.values;
}

TEST(SeismicAcousticInvariance, TheStepperIsTheSurveyBitwise) {
  const auto world = core::Comm::world();
  for (const SeismicCase& c : kinds()) {
    const auto shot = c.make_shots()[0];
    seismic::AcousticSolver<double> solver(c.setup(), c.speed(), c.density(), world);
    const auto traces = stepped(solver, c, shot);
    EXPECT_EQ(traces, traces_of<double>(c, {shot}, world)[0].values);
    EXPECT_EQ(solver.traces()[0].gather.values, traces);  // asked for again
  }
}

TEST(SeismicAcousticInvariance, ARestartIsBitwiseTheUninterruptedRun) {
  const tests::Scratch scratch;
  for (const SeismicCase& c : kinds()) {
    SCOPED_TRACE(testing::Message()
                 << "density " << c.variable_density << ", free surface " << c.free_surface);
    const auto shot = c.make_shots()[0];
    const auto world = core::Comm::world();
    seismic::AcousticSolver<double> whole(c.setup(), c.speed(), c.density(), world);
    mesh::State<double> state(whole.grid(), whole.fields());
    whole.begin_shot(shot, state);
    whole.advance(state, 60 * c.dt_s());
    mesh::write_checkpoint(scratch / "state.h5", state, {});
    whole.advance(state, 50 * c.dt_s());
    const auto expected = whole.traces()[0].gather;

    seismic::AcousticSolver<double> second(c.setup(), c.speed(), c.density(), world);
    mesh::State<double> read(second.grid(), second.fields());
    mesh::read_checkpoint(scratch / "state.h5", read);
    second.resume_shot(shot);
    second.advance(read, 50 * c.dt_s());
    const auto resumed = second.traces()[0].gather;
    EXPECT_EQ(read.step, state.step);
    double most = 0;
    for (int m = 31; m <= 55; ++m)
      for (int r = 0; r < expected.receivers; ++r) {
        EXPECT_EQ(resumed.at(m, r), expected.at(m, r)) << m << " " << r;
        most = std::max(most, std::abs(expected.at(m, r)));
      }
    EXPECT_GT(most, 0);
  }
}

TEST(SeismicAcousticInvariance, TheSplitGridGivesTheSameTracesAndGradients) {
  const auto world = core::Comm::world();
  std::vector<SeismicCase> cases = kinds();
  SeismicCase cube;
  cube.dimension = 3;
  cube.cells = 26;
  cube.layer = 5;
  cube.order = 4;
  cube.samples = 25;
  cases.push_back(cube);
  for (const SeismicCase& c : cases) {
    std::vector<seismic::ShotGradient<double>> results;
    for (const auto& comm : {core::Comm::self(), world}) {
      std::shared_ptr<seismic::AcousticOperator<double>> op =
          seismic::make_acoustic_operator<double>(c.setup(), comm);
      op->set_model(c.speed(), c.density());
      seismic::AcousticShots<double> shots(op, c.make_shots());
      results.push_back(shots.gradient([](const auto& traces) { return traces; }, 4e9));
    }
    expect_close(results[0].traces[1].values, results[1].traces[1].values, 1e-12);
    expect_close(results[0].speed, results[1].speed, 1e-12);
    expect_close(results[0].illumination, results[1].illumination, 1e-12);
    expect_close(results[0].wavelet[0], results[1].wavelet[0], 1e-12);
  }
}

seismic::ModellingSetup survey(int ranks_per_shot, int shots_at_once) {
  const SeismicCase c;
  seismic::ModellingSetup setup;
  setup.box = c.box();
  setup.seismic.wavelet.frequency_hz = 20;
  setup.seismic.absorbing.width_cells = 8;
  setup.seismic.ranks_per_shot = ranks_per_shot;
  setup.seismic.shots_at_once = shots_at_once;
  setup.seismic.survey.sources = {{{43, 37}, {361, 37}, 5}};
  setup.seismic.survey.receivers = {{{23, 20}, {377, 30}, 9}};
  setup.time.end_s = 0.15;
  setup.time.record_every_s = 0.005;
  return setup;
}

// However shots are dealt, and whether or not they run out on some ranks.
TEST(SeismicAcousticInvariance, TheDealOfShotsDoesNotMatter) {
  const auto world = core::Comm::world();
  const SeismicCase c;
  const auto speed = c.speed();
  const auto [slow, fast] = std::minmax_element(speed.begin(), speed.end());
  const auto compute = [&](const seismic::ModellingSetup& setup, const core::Comm& comm) {
    const auto plan = seismic::make_plan(setup, {*slow, *fast}, false);
    seismic::SurveyModelling<double> modelling(setup, plan, comm);
    modelling.set_model(speed, {});
    const auto misfit = [](int shot, const seismic::Gather& traces) {
      seismic::TraceMisfit m{0, traces};
      for (auto& v : m.derivative.values) {
        m.value += 0.5 * (1 + shot) * v * v;
        v *= 1 + shot;
      }
      return m;
    };
    auto gradient = modelling.gradient(misfit, 4e9);
    EXPECT_NEAR(modelling.misfit(misfit), gradient.misfit, 1e-12 * gradient.misfit);
    auto traces = modelling.model();
    return std::pair{std::move(gradient), std::move(traces)};
  };
  const auto alone = compute(survey(1, 1), core::Comm::self());
  for (int ranks = 0; ranks <= world.size(); ++ranks) {
    if (ranks > 0 && world.size() % ranks != 0) continue;
    for (const int at_once : {1, 4}) {
      const auto dealt = compute(survey(ranks, at_once), world);
      EXPECT_NEAR(dealt.first.misfit, alone.first.misfit, 1e-12 * alone.first.misfit);
      expect_close(alone.first.speed, dealt.first.speed, 1e-12);
      expect_close(alone.first.illumination, dealt.first.illumination, 1e-12);
      ASSERT_EQ(dealt.second.size(), 5u);
      for (int s = 0; s < 5; ++s)
        expect_close(alone.second[s].values, dealt.second[s].values, 1e-12);
    }
  }
}

// A survey shot by the stepper, its waves looked at on their way or not, is the modelling's; and groups that
// have no shot of their own know it all the same.
TEST(SeismicAcousticInvariance, ASurveyOverTheStepperIsTheModellingBitwise) {
  const auto world = core::Comm::world();
  const SeismicCase c;
  const auto speed = c.speed();
  const auto [slow, fast] = std::minmax_element(speed.begin(), speed.end());
  for (const int shots : {1, 5}) {
    auto setup = survey(1, 1);
    setup.seismic.survey.sources.front().count = shots;
    const auto plan = seismic::make_plan(setup, {*slow, *fast}, false);
    seismic::SurveyModelling<double> modelling(setup, plan, world);
    modelling.set_model(speed, {});
    const auto expected = modelling.model();

    const seismic::ShotGroups groups(world, shots, 1);
    const auto stepper = std::make_shared<seismic::AcousticSolver<double>>(
        seismic::acoustic_setup(setup.seismic, plan, groups.box(setup.box)), speed,
        std::vector<double>{}, groups.group);
    seismic::SurveyRun<double> run(stepper, plan, groups);
    int looks = 0;
    const auto sets = run.run([&](int shot) {
      seismic::ShotWatch<double> watch;
      if (shot == 0) {
        watch.every_s = 0.02;
        watch.observers.push_back([&](const auto&) { ++looks; });
      }
      return watch;
    });
    ASSERT_EQ(sets.size(), 1u);
    EXPECT_EQ(sets[0].quantity, "pressure");
    EXPECT_EQ(sets[0].unit, "Pa");
    ASSERT_EQ(sets[0].shots.size(), std::size_t(shots));
    for (int s = 0; s < shots; ++s) {
      EXPECT_GT(largest(expected[s].values), 0);
      EXPECT_EQ(sets[0].shots[s].values, expected[s].values);
    }
    const bool first = groups.mine == 0;
    EXPECT_EQ(looks, first ? 1 + int(0.15 / 0.02) : 0);
    EXPECT_GT(run.cell_updates(), 0);
  }
}

TEST(SeismicAcousticInvariance, ASplitThatTheDeckAsksForIsTaken) {
  const auto world = core::Comm::world();
  auto setup = survey(world.size(), 1);
  setup.box.ranks = {1, world.size()};
  const SeismicCase c;
  const auto speed = c.speed();
  const auto [slow, fast] = std::minmax_element(speed.begin(), speed.end());
  const auto plan = seismic::make_plan(setup, {*slow, *fast}, false);
  seismic::SurveyModelling<double> modelling(setup, plan, world);
  modelling.set_model(speed, {});
  EXPECT_GT(largest(modelling.model()[4].values), 0);
}

TEST(SeismicAcousticInvariance, SplitsThatDoNotServeAreRefused) {
  const auto world = core::Comm::world();
  const auto error = [](const auto& action) -> std::string {
    try {
      action();
    } catch (const core::UserError& e) {
      return e.what();
    }
    return {};
  };
  const std::string source = error([&] {
    auto setup = survey(1, 1);
    setup.seismic.survey.source.kind = "force";
    setup.seismic.survey.source.direction = {0, 1};
    seismic::make_plan(setup, {1500, 2100}, false);
  });
  EXPECT_NE(source.find("seismic.source.kind force needs seismic.equation: elastic"),
            std::string::npos)
      << source;
  EXPECT_NE(error([&] {
              seismic::ShotGroups(world, 5, world.size() + 1);
            }).find("seismic.ranks_per_shot is"),
            std::string::npos);
  if (world.size() == 4) {
    EXPECT_NE(error([&] {
                seismic::ShotGroups(world, 5, 3);
              }).find("does not divide the 4 ranks of this run"),
              std::string::npos);
    SeismicCase c;
    c.cells = 16;
    auto setup = c.setup();
    setup.absorbing.width_cells = 8;
    setup.box.ranks = {4, 1};
    const std::string text = error([&] { seismic::make_acoustic_operator<double>(setup, world); });
    EXPECT_NE(text.find("too many ranks along x"), std::string::npos) << text;
    EXPECT_NE(text.find("seismic.ranks_per_shot"), std::string::npos) << text;
  }
}

// The leapfrog's energy in a closed box over 1000 steps after the source has gone silent.
TEST(SeismicAcousticInvariance, EnergyStaysInAClosedBox) {
  const auto world = core::Comm::world();
  for (SeismicCase c : kinds())
    for (const int order : {2, 4, 8}) {
      if (order != 8 && c.variable_density) continue;
      c.order = order;
      c.layer = 0;
      c.samples = 600;
      const auto shot = c.make_shots()[0];
      seismic::AcousticSetup setup = c.setup();
      seismic::AcousticSolver<double> solver(setup, c.speed(), c.density(), world);
      mesh::State<double> state(solver.grid(), solver.fields());
      auto silent = shot;
      const auto pulse = std::size_t(2 * 1.2 / c.frequency_hz / c.dt_s()) + 1;
      silent.wavelet.resize(std::min(silent.wavelet.size(), pulse));
      solver.begin_shot(silent, state);
      solver.advance(state, double(pulse + 1) * c.dt_s());
      const double start = solver.diagnostics(state)[0].value;
      EXPECT_GT(start, 0);
      double drift = 0;
      for (int n = 0; n < 10; ++n) {
        solver.advance(state, 100 * c.dt_s());
        drift = std::max(drift, std::abs(solver.diagnostics(state)[0].value / start - 1));
      }
      EXPECT_LT(drift, 1e-3);   // the bar
      EXPECT_LT(drift, 1e-11);  // the scheme's own
      if (world.is_root())
        std::printf("order %d, density %d, surface %d: energy drift %.1e over 1000 steps\n", order,
                    c.variable_density, c.free_surface, drift);
    }
}

TEST(SeismicAcousticInvariance, AnAdvanceThatIsNoMultipleOfTheStepIsRefused) {
  const SeismicCase c;
  seismic::AcousticSolver<double> solver(c.setup(), c.speed(), c.density(), core::Comm::world());
  mesh::State<double> state(solver.grid(), solver.fields());
  EXPECT_EQ(solver.stable_dt(state), c.dt_s());
  for (const double part : {0.4, 1.5}) {
    try {
      solver.advance(state, part * c.dt_s());
      ADD_FAILURE() << "taken: " << part;
    } catch (const core::UserError& e) {
      EXPECT_NE(std::string(e.what()).find("no multiple of the acoustic time step"),
                std::string::npos)
          << e.what();
    }
  }
}

}  // namespace
}  // namespace understudy
