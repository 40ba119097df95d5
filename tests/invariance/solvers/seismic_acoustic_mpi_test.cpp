// What must not matter to acoustic waves: exchanging source and receiver, how the grid is split over ranks
// and shots into batches, which class computes them, and a stop in the middle. And what must stay: the
// energy in a closed box.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "mesh/io/checkpoint.hpp"
#include "solvers/seismic/acoustic/acoustic_solver.hpp"
#include "support/scratch.hpp"
#include "support/solvers_seismic_case.hpp"
#include "support/solvers_seismic_closeness.hpp"

namespace understudy {
namespace {

using tests::expect_close;
using tests::largest;
using tests::SeismicCase;
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
