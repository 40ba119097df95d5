#include "apps/simulation/plan/machine.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "apps/deck/deck_reader.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/rank_split.hpp"

namespace understudy::apps {

void Machine::describe(core::ParamVisitor& v) {
  v.text("name", name, "what a plan calls it");
  v.text("source", source, "where the numbers come from");
  v.integer("ranks", ranks, {.at_least = 1, .at_most = 100000}, "ranks that a node takes");
  v.integer("cores", cores, {.at_least = 1, .at_most = 1000000},
            "cores that a node is counted as in core-hours");
  v.real("memory_gb", memory_gb, {.above = 0}, "GB", "memory in which fields and networks lie");
  v.real("bandwidth_gb_s", bandwidth_gb_s, {.above = 0}, "GB/s",
         "memory bandwidth of STREAM's triad, or of the data sheet where none was measured");
  v.real("peak_gflop_s", peak_gflop_s, {.above = 0}, "Gflop/s", "single precision, of matrices");
  v.real("network_latency_us", network_latency_us, {.at_least = 0}, "us",
         "of a message from node to node");
  v.real("network_gb_s", network_gb_s, {.above = 0}, "GB/s", "that a node sends");
  v.real("disk_gb_s", disk_gb_s, {.above = 0}, "GB/s", "that a node writes");
  v.require(!name.empty(), "name", "is required: what a plan calls the machine");
  v.require(!source.empty(), "source",
            "is required: where the numbers come from, so that others can judge them");
}

Machine read_machine(const std::filesystem::path& path) {
  const DeckTree tree = DeckTree::read(path);
  // No number has a default: one that is left out would be taken for this machine's.
  for (const char* key : {"ranks", "cores", "memory_gb", "bandwidth_gb_s", "peak_gflop_s",
                          "network_latency_us", "network_gb_s", "disk_gb_s"})
    if (!tree.root.find(key))
      throw core::UserError(
          core::format("{}: {} is missing; a machine file says every number (docs/planning.md)",
                       tree.name, key));
  Machine machine;
  read_deck(tree, machine);
  return machine;
}

BlockSize block_of(const std::vector<long long>& cells, int ranks) {
  std::array<int, 3> all{1, 1, 1};
  for (std::size_t axis = 0; axis < cells.size() && axis < 3; ++axis)
    all[axis] = static_cast<int>(cells[axis]);
  constexpr int ghosts = 2;
  long long most = 1;  // blocks of `ghosts` cells along every axis
  for (const int n : all) most *= std::max(1, n / ghosts);
  const int tried = static_cast<int>(std::min<long long>(ranks, most));
  const auto split =
      tried < ranks ? std::array<int, 3>{} : mesh::split_of_ranks(all, ranks, ghosts);
  if (split[0] == 0)
    throw core::UserError(core::format("plan: {} ranks find no room on {} cells; {} do (-n)", ranks,
                                       1LL * all[0] * all[1] * all[2],
                                       mesh::most_ranks(all, tried, ghosts)));
  std::array<double, 3> length{};
  for (int axis = 0; axis < 3; ++axis) length[axis] = std::ceil(double(all[axis]) / split[axis]);
  BlockSize block{1, 0, 0};
  for (int axis = 0; axis < 3; ++axis) {
    const bool cut = split[axis] > 1;
    block.cells *= length[axis] + (cut ? 2 * ghosts : 0);
    if (!cut) continue;
    block.cuts += 2;
    block.surface += 2 * length[0] * length[1] * length[2] / length[axis];
  }
  return block;
}

namespace {

constexpr double giga = 1e9;

double ratio(double there, double here) { return here > 0 ? there / here : 0; }

// Of a simulation on `ranks` there.
SimulationRates simulation_there(const SimulationRates& measured, int ranks, const Elsewhere& to) {
  SimulationRates rates = measured;
  rates.ranks = ranks;
  const BlockSize before = block_of(measured.cells, measured.ranks),
                  after = block_of(measured.cells, ranks);
  const double load = after.cells / before.cells;
  double slower = load;
  if (to.machine)
    slower *= to.here.bandwidth_b_s / (to.machine->bandwidth_gb_s * giga / to.machine->ranks);
  for (double* time : {&rates.setup_s, &rates.window_s, &rates.look_s}) *time *= slower;
  rates.memory_bytes *= load;
  rates.state_bytes *= load;
  rates.messages *= ratio(after.cuts, before.cuts);
  rates.message_bytes *= ratio(after.surface, before.surface);
  if (!to.machine || ranks == 1) return rates;
  const double latency_s = 1e-6 * to.machine->network_latency_us;
  // All ranks of a node send at once; a collective passes through its ranks in rounds.
  rates.window_s += rates.messages * latency_s +
                    rates.message_bytes * to.machine->ranks / (to.machine->network_gb_s * giga) +
                    rates.collectives * latency_s * std::ceil(std::log2(double(ranks)));
  return rates;
}

double write_there(double measured_s, double bytes, const Machine* machine) {
  return machine ? bytes / (machine->disk_gb_s * giga) : measured_s;
}

}  // namespace

StudyRates rates_elsewhere(const StudyRates& measured, const Elsewhere& to) {
  StudyRates rates = measured;
  for (auto& [number, member] : rates.members) member = simulation_there(member, to.ranks_each, to);
  rates.run = simulation_there(measured.run, to.ranks, to);
  rates.compared = simulation_there(measured.compared, to.ranks, to);
  for (auto& run : rates.classical) run = simulation_there(run, to.ranks, to);
  const Machine* machine = to.machine;
  rates.frames.write_s = write_there(measured.frames.write_s, measured.frames.bytes, machine);
  rates.frames.read_s = write_there(measured.frames.read_s, measured.frames.bytes, machine);
  rates.frames.statistics_s =
      write_there(measured.frames.statistics_s, measured.frames.bytes, machine);
  rates.outputs.write_s = write_there(measured.outputs.write_s, measured.outputs.bytes, machine);
  if (!machine) return rates;
  const double slower = to.here.flop_s / (machine->peak_gflop_s * giga / machine->ranks);
  for (TrainingRates& training : rates.trainings) {
    for (PhaseRates& phase : training.phases) phase.sequence_s *= slower;
    for (double* time :
         {&training.setup_s, &training.frame_s, &training.frame_square_s, &training.validation_s})
      *time *= slower;
    training.threads = 0;  // a rank holds its part of the node
  }
  // A network's calls and what a simulation does to its states: by the smaller gain.
  const double bandwidth_slower =
      to.here.bandwidth_b_s / (machine->bandwidth_gb_s * giga / machine->ranks);
  CalibrationRates& c = rates.calibration;
  for (double* time : {&c.state_sample_s, &c.state_s, &c.rollout_sample_s, &c.window_s})
    *time *= std::max(slower, bandwidth_slower);
  for (CallRates& call : rates.calls) call.window_s.value *= slower;
  return rates;
}

}  // namespace understudy::apps
