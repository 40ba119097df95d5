#include "apps/simulation/plan/simulation_pilot.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/memory.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"

namespace understudy::apps {

core::Interrupted plan_stopped(int signal) {
  return {core::format("the plan was stopped by signal {}; nothing of it is left", signal), signal};
}

void stop_plan_if_asked(const core::Comm& comm) {
  if (const int signal = core::stop_signal(comm)) throw plan_stopped(signal);
}

SentRates SentSince::per(double parts) const {
  const auto most = [&](long long mine) { return static_cast<double>(comm_.max(mine)) / parts; };
  return {most(sent_.messages), most(sent_.bytes), most(sent_.collectives),
          most(sent_.collective_bytes)};
}

namespace {

// A stretch of the simulation.
struct Piece {
  double simulated_s = 0, wall_s = 0, steps = 0, cell_updates = 0;
  SentRates sent{};

  void add(const Piece& other) {
    simulated_s += other.simulated_s;
    wall_s += other.wall_s;
    steps += other.steps;
    cell_updates += other.cell_updates;
    sent.messages += other.sent.messages;
    sent.bytes += other.sent.bytes;
    sent.collectives += other.sent.collectives;
    sent.collective_bytes += other.sent.collective_bytes;
  }
};

template <class Real>
Piece advance(const Simulation<Real>& simulation, double duration_s, const core::Comm& comm,
              double max_abs_value) {
  auto& state = *simulation.state;
  Kokkos::fence("before a timed piece");
  comm.barrier();
  SentSince sent(comm);
  sent.start();
  const core::Stopwatch stopwatch;
  const auto report = simulation.stepper->advance(state, duration_s);
  Kokkos::fence("after a timed piece");
  sent.stop();
  Piece piece{.simulated_s = duration_s, .wall_s = comm.max(stopwatch.seconds())};
  piece.steps = static_cast<double>(report.steps);
  piece.cell_updates = report.cell_updates;
  piece.sent = sent.per(1);
  solvers::check_contract(state, max_abs_value);
  stop_plan_if_asked(comm);
  return piece;
}

// How much of a window is advanced at a time: all of it where several fit into the time.
double piece_s(double window_s, double dt_s, double wall_of_step_s, double seconds) {
  constexpr double pieces = 6;
  const double steps = std::max(1.0, std::ceil(window_s / dt_s * (1 - 1e-9)));
  const double affordable =
      wall_of_step_s > 0 ? std::floor(seconds / pieces / wall_of_step_s) : steps;
  return affordable >= steps ? window_s : window_s / steps * std::max(1.0, affordable);
}

template <class Real>
double state_bytes(const mesh::State<Real>& state) {
  double bytes = 0;
  for (const auto& field : state.fields())
    bytes += sizeof(Real) * static_cast<double>(field.data.size());
  return bytes;
}

template <class Real>
void look(SimulationRates& rates, const Simulation<Real>& simulation, double max_abs_value,
          const core::Comm& comm) {
  constexpr int looks = 2;
  for (int n = 0; n < looks; ++n) {
    comm.barrier();
    const core::Stopwatch stopwatch;
    simulation.stepper->diagnostics(*simulation.state);
    solvers::check_contract(*simulation.state, max_abs_value);
    Kokkos::fence("looked");
    rates.look_s = comm.max(stopwatch.seconds());  // of the last: memory is there
  }
}

}  // namespace

template <class Real>
SimulationPilot<Real> pilot_simulation(const std::string& name, const SimulationDeck& deck,
                                       const core::Comm& comm, const PilotLimits& limits) {
  SimulationPilot<Real> pilot;
  SimulationRates& rates = pilot.rates;
  rates.name = name;
  rates.cells = deck.grid().cells;
  rates.ranks = comm.size();
  const double held = core::peak_memory_bytes();
  comm.barrier();
  const core::Stopwatch making;
  pilot.simulation = make_simulation<Real>(deck, comm);
  rates.setup_s = comm.max(making.seconds());
  auto& state = *pilot.simulation.state;
  auto& stepper = *pilot.simulation.stepper;

  const double window_s = deck.time.window_s, limit = deck.time.max_abs_value;
  const double end_s = window_s * static_cast<double>(std::max(1LL, limits.windows));
  const double stable_s = stepper.stable_dt(state);
  const double dt_s = stable_s > 0 ? std::min(window_s, stable_s) : window_s;
  const double step_s = piece_s(window_s, dt_s, 1, 0);  // one step of a window
  double advanced_s = step_s;
  // The first step has no history and touches memory for the first time.
  Piece step = advance(pilot.simulation, step_s, comm, limit);
  if (advanced_s + step_s <= end_s * (1 + 1e-9)) {
    step = advance(pilot.simulation, step_s, comm, limit);
    advanced_s += step_s;
  }
  std::vector<Piece> pieces;
  const double length_s = piece_s(window_s, step_s, step.wall_s, limits.seconds);
  double spent_s = 0;
  while (advanced_s + length_s <= end_s * (1 + 1e-9) || pieces.empty()) {
    pieces.push_back(advance(pilot.simulation, length_s, comm, limit));
    advanced_s += length_s;
    spent_s += pieces.back().wall_s;
    if (pilot.frames.size() == 3) {
      std::rotate(pilot.frames.begin(), pilot.frames.begin() + 1, pilot.frames.end());
      pilot.frames.back().copy_from(state);
    } else {
      pilot.frames.push_back(state.clone());
    }
    if (spent_s >= limits.seconds && pieces.size() >= 2) break;
  }
  Piece settled;
  for (std::size_t n = pieces.size() / 2; n < pieces.size(); ++n) settled.add(pieces[n]);
  const double windows = settled.simulated_s / window_s;
  rates.window_s = settled.wall_s / windows;
  rates.steps = settled.steps / windows;
  rates.cell_updates = settled.cell_updates / windows;
  rates.sent = {settled.sent.messages / windows, settled.sent.bytes / windows,
                settled.sent.collectives / windows, settled.sent.collective_bytes / windows};
  rates.state_bytes = comm.max(state_bytes(state));
  rates.memory_bytes = deck.physics->memory_bytes(*stepper.grid(), sizeof(Real));
  // A physics that does not say: what the process has taken meanwhile, its state at least.
  if (!(rates.memory_bytes > 0))
    rates.memory_bytes = std::max(core::peak_memory_bytes() - held, 2 * rates.state_bytes);
  rates.memory_bytes = comm.max(rates.memory_bytes);
  look(rates, pilot.simulation, limit, comm);
  return pilot;
}

template SimulationPilot<float> pilot_simulation(const std::string&, const SimulationDeck&,
                                                 const core::Comm&, const PilotLimits&);
template SimulationPilot<double> pilot_simulation(const std::string&, const SimulationDeck&,
                                                  const core::Comm&, const PilotLimits&);

}  // namespace understudy::apps
