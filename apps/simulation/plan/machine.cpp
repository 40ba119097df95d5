#include "apps/simulation/plan/machine.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "apps/deck/deck_reader.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/rank_split.hpp"
#include "surrogates/network/network_blocks.hpp"

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

namespace {

constexpr int ghosts = 2;

// Blocks along each axis, as a grid is made of so many cells.
std::array<int, 3> split_of(const std::vector<long long>& cells, int ranks) {
  std::array<int, 3> all{1, 1, 1};
  for (std::size_t axis = 0; axis < cells.size() && axis < 3; ++axis)
    all[axis] = static_cast<int>(cells[axis]);
  long long most = 1;  // blocks of `ghosts` cells along every axis
  for (const int n : all) most *= std::max(1, n / ghosts);
  const int tried = static_cast<int>(std::min<long long>(ranks, most));
  const auto split =
      tried < ranks ? std::array<int, 3>{} : mesh::split_of_ranks(all, ranks, ghosts);
  if (split[0] == 0)
    throw core::UserError(core::format("plan: {} ranks find no room on {} cells; {} do (-n)", ranks,
                                       1LL * all[0] * all[1] * all[2],
                                       mesh::most_ranks(all, tried, ghosts)));
  return split;
}

// Of the largest block, cells along each axis.
std::array<double, 3> longest_of(const std::vector<long long>& cells,
                                 const std::array<int, 3>& split) {
  std::array<double, 3> length{1, 1, 1};
  for (std::size_t axis = 0; axis < cells.size() && axis < 3; ++axis) {
    const auto starts = mesh::block_starts(static_cast<int>(cells[axis]), split[axis]);
    for (std::size_t b = 1; b < starts.size(); ++b)
      length[axis] = std::max<double>(length[axis], starts[b] - starts[b - 1]);
  }
  return length;
}

}  // namespace

BlockSize block_of(const std::vector<long long>& cells, int ranks) {
  const auto split = split_of(cells, ranks);
  const auto length = longest_of(cells, split);
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

Leaving leaving_node(const std::vector<long long>& cells, int ranks, int ranks_of_node) {
  if (ranks <= ranks_of_node) return {};
  const auto split = split_of(cells, ranks);
  const auto length = longest_of(cells, split);
  const BlockSize block = block_of(cells, ranks);
  const std::array<int, 3> stride{1, split[0], split[0] * split[1]};
  std::vector<double> of_node((ranks + ranks_of_node - 1) / ranks_of_node, 0.0);
  double most_cuts = 0;
  for (int rank = 0; rank < ranks; ++rank) {
    double cuts = 0;
    for (int axis = 0; axis < 3; ++axis) {
      if (split[axis] == 1) continue;
      const int place = rank / stride[axis] % split[axis];
      for (const int step : {-1, 1}) {
        const int next = (place + step + split[axis]) % split[axis];
        if ((rank + (next - place) * stride[axis]) / ranks_of_node == rank / ranks_of_node)
          continue;
        ++cuts;
        of_node[rank / ranks_of_node] += length[0] * length[1] * length[2] / length[axis];
      }
    }
    most_cuts = std::max(most_cuts, cuts);
  }
  return {most_cuts / block.cuts, *std::ranges::max_element(of_node) / block.surface};
}

namespace {

constexpr double giga = 1e9;

double ratio(double there, double here) { return here > 0 ? there / here : 0; }

int nodes_of(const Machine& machine, int ranks) {
  return (ranks + machine.ranks - 1) / machine.ranks;
}

// What passes between nodes. Messages within a node are copies in its memory, and are in the measured time.
double between_nodes_s(const SentRates& sent, const Leaving& leaving, const Machine& machine,
                       int ranks) {
  const int nodes = nodes_of(machine, ranks);
  if (nodes == 1) return 0;
  const double latency_s = 1e-6 * machine.network_latency_us, rate = machine.network_gb_s * giga;
  // A collective goes up and down a tree of nodes; gathers are taken to join the ranks of a node first, too.
  return sent.messages * leaving.messages * latency_s + sent.bytes * leaving.bytes / rate +
         2 * sent.collectives * latency_s * std::ceil(std::log2(double(nodes))) +
         2 * sent.collective_bytes / rate;
}

// As many messages as the block has cuts, of as many bytes as they have cells.
SentRates sent_there(const SentRates& sent, const BlockSize& before, const BlockSize& after) {
  SentRates there = sent;
  there.messages *= ratio(after.cuts, before.cuts);
  there.bytes *= ratio(after.surface, before.surface);
  return there;
}

// Of a simulation on `ranks` there.
SimulationRates simulation_there(const SimulationRates& measured, int ranks, const Elsewhere& to) {
  if (measured.cells.empty()) return measured;  // the deck has no such part
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
  rates.sent = sent_there(measured.sent, before, after);
  if (to.machine)
    rates.window_s += between_nodes_s(
        rates.sent, leaving_node(measured.cells, ranks, to.machine->ranks), *to.machine, ranks);
  return rates;
}

// Cells of the largest block that a network is called on; all of them where it is called on whole fields.
struct CallBlock {
  double cells = 1;
  bool on_blocks = false;
};

CallBlock call_block(const CallRates& call, const std::vector<long long>& grid, int ranks) {
  CallBlock whole;
  for (const long long n : call.cells) whole.cells *= static_cast<double>(n);
  if (ranks == 1 || call.block_multiple == 0) return whole;
  const auto split = split_of(grid, ranks);
  const std::vector<int> blocks(split.begin(),
                                split.begin() + static_cast<std::ptrdiff_t>(call.cells.size()));
  if (!surrogates::why_not_aligned(call.cells, blocks, call.block_multiple, "").empty())
    return whole;
  CallBlock block{.cells = 1, .on_blocks = true};
  for (std::size_t axis = 0; axis < call.cells.size(); ++axis) {
    const auto starts =
        surrogates::aligned_starts(call.cells[axis], blocks[axis], call.block_multiple);
    long long longest = 0;
    for (std::size_t b = 1; b < starts.size(); ++b)
      longest = std::max(longest, starts[b] - starts[b - 1]);
    block.cells *= static_cast<double>(longest);
  }
  return block;
}

// By how much a call on `to.ranks` is dearer for the cells that it sees, and what it sends there.
double call_load(CallRates& call, const std::vector<long long>& grid, const Elsewhere& to) {
  const CallBlock before = call_block(call, grid, call.ranks),
                  after = call_block(call, grid, to.ranks);
  // Rank 0 sends the field out to all others.
  const auto others = [](int ranks) { return ranks - 1.0; };
  if (after.on_blocks && before.on_blocks) {
    call.sent = sent_there(call.sent, block_of(grid, call.ranks), block_of(grid, to.ranks));
  } else if (after.on_blocks) {
    call.sent.messages = call.sent.bytes = 0;  // network_messages_missing()
  } else if (before.on_blocks) {
    call.sent.messages = others(to.ranks);
    call.sent.bytes = sizeof(float) * static_cast<double>(call.channels) * after.cells *
                      others(to.ranks) / to.ranks;
  } else {
    call.sent.messages *= ratio(others(to.ranks), others(call.ranks));
    call.sent.bytes *= ratio(others(to.ranks) / to.ranks, others(call.ranks) / call.ranks);
  }
  call.ranks = to.ranks;
  return after.cells / before.cells;
}

double call_between_nodes_s(const CallRates& call, const std::vector<long long>& grid,
                            const Machine& machine) {
  const int ranks = call.ranks;
  if (call_block(call, grid, ranks).on_blocks)
    return between_nodes_s(call.sent, leaving_node(grid, ranks, machine.ranks), machine, ranks);
  const double share = double(ranks - machine.ranks) / std::max(1, ranks - 1);
  return between_nodes_s(call.sent, {share, share}, machine, ranks);
}

// Summing the gradients of all ranks, after every batch; a bucket of 2^19 is a sum (torch_gradient_buckets.hpp).
double gradient_sum_s(double weights, const Machine& machine, int ranks) {
  constexpr double bucket = 1 << 19;
  return between_nodes_s(
      {.collectives = std::ceil(weights / bucket), .collective_bytes = sizeof(float) * weights}, {},
      machine, ranks);
}

double write_there(double measured_s, double bytes, const Machine* machine) {
  return machine ? bytes / (machine->disk_gb_s * giga) : measured_s;
}

}  // namespace

bool network_messages_missing(const CallRates& call, const std::vector<long long>& grid,
                              int ranks) {
  return call.ranks > 1 && !call_block(call, grid, call.ranks).on_blocks &&
         call_block(call, grid, ranks).on_blocks;
}

StudyRates rates_elsewhere(const StudyRates& measured, const Elsewhere& to) {
  StudyRates rates = measured;
  for (auto& [number, member] : rates.members) member = simulation_there(member, to.ranks_each, to);
  rates.run = simulation_there(measured.run, to.ranks, to);
  rates.compared = simulation_there(measured.compared, to.ranks, to);
  for (auto& run : rates.classical) run = simulation_there(run, to.ranks, to);
  const Machine* machine = to.machine;
  rates.frames.write_s = write_there(measured.frames.write_s, measured.frames.bytes, machine);
  rates.frames.statistics_s =
      write_there(measured.frames.statistics_s, measured.frames.bytes, machine);
  rates.outputs.write_s = write_there(measured.outputs.write_s, measured.outputs.bytes, machine);
  const std::vector<long long>& grid = measured.compared.cells;
  const double slower =
      machine ? to.here.flop_s / (machine->peak_gflop_s * giga / machine->ranks) : 1;
  std::vector<double> loads;
  for (CallRates& call : rates.calls) {
    loads.push_back(call_load(call, grid, to));
    call.window_s.value *= loads.back() * slower;
    if (machine && call.window_s.known)
      call.window_s.value += call_between_nodes_s(call, grid, *machine);
  }
  // The calibration's calls are those of the first network, with what the simulation does to their states: by the
  // smaller gain.
  const double bandwidth_slower =
      machine ? to.here.bandwidth_b_s / (machine->bandwidth_gb_s * giga / machine->ranks) : 1;
  CalibrationRates& c = rates.calibration;
  for (double* time : {&c.state_sample_s, &c.state_s, &c.rollout_sample_s, &c.window_s})
    *time *= (loads.empty() ? 1 : loads.front()) * std::max(slower, bandwidth_slower);
  if (!machine) return rates;
  for (TrainingRates& training : rates.trainings) {
    for (PhaseRates& phase : training.phases) {
      phase.sequence_s *= slower;
      phase.sum_s = gradient_sum_s(training.weights, *machine, to.ranks);
    }
    for (double* time :
         {&training.setup_s, &training.frame_s, &training.frame_square_s, &training.validation_s})
      *time *= slower;
    training.threads = 0;  // a rank holds its part of the node
  }
  return rates;
}

}  // namespace understudy::apps
