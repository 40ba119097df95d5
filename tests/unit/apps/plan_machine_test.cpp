// A plan for other ranks and other machines: blocks, what leaves a node, rates that are scaled, machine files.
#include "apps/simulation/plan/machine.hpp"

#include <gtest/gtest.h>

#include "apps/simulation/plan/plan_text.hpp"
#include "core/error.hpp"
#include "support/apps_cli.hpp"
#include "support/apps_plan_rates.hpp"

namespace understudy::apps {
namespace {

TEST(PlanMachine, BlocksHaveGhostsBesideTheirCuts) {
  const auto whole = block_of({64, 32}, 1);
  EXPECT_EQ(whole.cells, 2048);
  EXPECT_EQ(whole.cuts, 0);
  const auto halved = block_of({64, 32}, 2);
  EXPECT_EQ(halved.cells, 64 * (16 + 4));  // rows stay whole
  EXPECT_EQ(halved.surface, 2 * 64);
  EXPECT_EQ(halved.cuts, 2);
  // Blocks begin at multiples of two cells: 50 along y are cut to 12, 14, 12 and 12.
  EXPECT_EQ(block_of({64, 50}, 4).cells, 64 * (14 + 4));
  try {
    block_of({8, 8}, 1000);
    FAIL();
  } catch (const core::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("1000 ranks find no room"), std::string::npos);
  }
}

TEST(PlanMachine, WhatLeavesANodeIsCountedByNeighbours) {
  const auto inside = leaving_node({64, 64}, 4, 4);
  EXPECT_EQ(inside.messages, 0);
  EXPECT_EQ(inside.bytes, 0);
  // Each a node of its own: all of it leaves.
  const auto alone = leaving_node({64, 64}, 4, 1);
  EXPECT_EQ(alone.messages, 1);
  EXPECT_EQ(alone.bytes, 1);
  // Four blocks along y, two on a node: each sends a half to the other node.
  const auto rows = leaving_node({64, 64}, 4, 2);
  EXPECT_EQ(rows.messages, 0.5);
  EXPECT_EQ(rows.bytes, 1);
  // 8 x 8 blocks along y and z, two rows of 8 on a node: one of a rank's four sides, of 16 ranks.
  const auto planes = leaving_node({64, 64, 64}, 64, 16);
  EXPECT_NEAR(planes.messages, 0.25, 1e-12);
  EXPECT_NEAR(planes.bytes, 4, 1e-12);
}

Machine round_machine(int ranks) {
  return {.name = "m",
          .source = "s",
          .ranks = ranks,
          .cores = 8,
          .memory_gb = 1,
          .bandwidth_gb_s = 10.0 * ranks,
          .peak_gflop_s = 50.0 * ranks,
          .network_latency_us = 1000,
          .network_gb_s = 2,
          .disk_gb_s = 1e-8};
}

TEST(PlanMachine, TimesAreScaledByBandwidthArithmeticAndMessages) {
  StudyRates measured = round_rates();
  for (SimulationRates* of : {&measured.run, &measured.compared}) {
    of->ranks = 2;
    of->sent = {.messages = 10, .bytes = 1e6, .collectives = 5, .collective_bytes = 1e5};
  }
  measured.trainings[0].weights = 1e6;
  const Machine machine = round_machine(2), single = round_machine(1);
  Elsewhere to{.machine = &machine,
               .here = {.bandwidth_b_s = 5e9, .flop_s = 25e9},
               .ranks = 2,
               .ranks_each = 1};
  const StudyRates there = rates_elsewhere(measured, to);
  // Twice the bandwidth a rank; the two ranks of a node send nothing over the network.
  EXPECT_NEAR(there.run.window_s, 1, 1e-12);
  EXPECT_EQ(there.trainings[0].phases[0].sum_s, 0);
  // On two nodes 10 messages of a millisecond, 1 MB over 2 GB/s, 5 collectives to the other and back, their 0.1 MB
  // twice.
  to.machine = &single;
  const StudyRates apart = rates_elsewhere(measured, to);
  EXPECT_NEAR(apart.run.window_s, 1 + 0.01 + 0.0005 + 0.01 + 0.0001, 1e-12);
  EXPECT_NEAR(apart.members[1].second.window_s, 1.5, 1e-9);
  // 4 MB of gradients, twice over 2 GB/s, in two buckets, each there and back.
  EXPECT_NEAR(apart.trainings[0].phases[0].sum_s, 0.004 + 0.004, 1e-12);
  EXPECT_NEAR(there.run.setup_s, 0.5, 1e-9);
  EXPECT_NEAR(there.members[1].second.window_s, 1.5, 1e-9);
  EXPECT_NEAR(there.trainings[0].phases[0].sequence_s, 0.25, 1e-9);
  EXPECT_NEAR(there.trainings[0].frame_s, 0.05, 1e-9);
  EXPECT_NEAR(there.calls[0].window_s.value, 0.05, 1e-9);
  EXPECT_NEAR(there.frames.write_s, 1, 1e-9);
  EXPECT_NEAR(there.outputs.write_s, 0.7, 1e-9);

  // Without a machine, more ranks like these: by their blocks alone.
  measured.run.ranks = 1;
  const StudyRates more = rates_elsewhere(
      measured, Elsewhere{.machine = nullptr, .here = {}, .ranks = 2, .ranks_each = 1});
  EXPECT_NEAR(more.run.window_s, 2 * (64.0 * 20) / 2048, 1e-9);
  EXPECT_NEAR(more.members[0].second.window_s, 1, 1e-9);
}

TEST(PlanMachine, ADeckWithoutAStudyIsScaledByItsRun) {
  StudyRates measured = round_rates();
  measured.members.clear();
  measured.compared = {};
  measured.classical.clear();
  measured.calls.clear();
  measured.trainings.clear();
  measured.run.ranks = 1;
  const StudyRates more = rates_elsewhere(
      measured, Elsewhere{.machine = nullptr, .here = {}, .ranks = 2, .ranks_each = 2});
  EXPECT_NEAR(more.run.window_s, 2 * (64.0 * 20) / 2048, 1e-9);
  EXPECT_TRUE(more.compared.cells.empty());
}

TEST(PlanMachine, CallsAndCalibrationShareTheRanksWhereTheNetworkServesBlocks) {
  StudyRates measured = round_rates();
  measured.calibration = {
      .state_sample_s = 1, .state_s = 0.2, .rollout_sample_s = 0.5, .window_s = 0.1};
  const Elsewhere four{.machine = nullptr, .here = {}, .ranks = 4, .ranks_each = 1};
  // Called on whole fields, it takes what it took.
  const StudyRates whole = rates_elsewhere(measured, four);
  EXPECT_NEAR(whole.calls[0].window_s.value, 0.1, 1e-12);
  EXPECT_NEAR(whole.calibration.window_s, 0.1, 1e-12);
  // On blocks a quarter: four of 64 x 8 cells.
  measured.calls[0].block_multiple = 8;
  const StudyRates blocks = rates_elsewhere(measured, four);
  EXPECT_NEAR(blocks.calls[0].window_s.value, 0.025, 1e-12);
  for (const auto& [there, here] : {std::pair{blocks.calibration.state_sample_s, 1.0},
                                    {blocks.calibration.state_s, 0.2},
                                    {blocks.calibration.rollout_sample_s, 0.5},
                                    {blocks.calibration.window_s, 0.1}})
    EXPECT_NEAR(there, here / 4, 1e-12);
  // Blocks begin at multiples of 5 cells: 32 along y are cut to 10, 10, 5 and 7.
  measured.calls[0].block_multiple = 5;
  EXPECT_NEAR(rates_elsewhere(measured, four).calls[0].window_s.value, 0.1 * 10 / 32, 1e-12);
  // Where there are fewer multiples than blocks, the field is gathered.
  measured.calls[0].block_multiple = 64;
  EXPECT_NEAR(rates_elsewhere(measured, four).calls[0].window_s.value, 0.1, 1e-12);

  // Measured on two ranks: half the block there, and its messages, which go over the network between nodes alone.
  measured.calls[0] = {.window_s = core::Maybe<double>::of(0.1),
                       .ranks = 2,
                       .sent = {.messages = 4, .bytes = 1e6, .collectives = 3},
                       .cells = {64, 32},
                       .block_multiple = 1};
  const Machine node = round_machine(4), single = round_machine(1);
  Elsewhere to{.machine = &node,
               .here = {.bandwidth_b_s = 10e9, .flop_s = 50e9},
               .ranks = 2,
               .ranks_each = 1};
  EXPECT_NEAR(rates_elsewhere(measured, to).calls[0].window_s.value, 0.1, 1e-12);
  to.machine = &single;
  EXPECT_NEAR(rates_elsewhere(measured, to).calls[0].window_s.value, 0.1 + 0.004 + 0.0005 + 0.006,
              1e-12);
  // Gathered, rank 0 sends the field to another node.
  measured.calls[0].block_multiple = 0;
  EXPECT_NEAR(rates_elsewhere(measured, to).calls[0].window_s.value, 0.1 + 0.004 + 0.0005 + 0.006,
              1e-12);
}

TEST(PlanMachine, CallsOnBlocksHereAndGatheredThereOrTheOtherWayRound) {
  StudyRates measured = round_rates();
  // 32 cells along y are two blocks of 16 on two ranks, and too few for four.
  measured.calls[0] = {.window_s = core::Maybe<double>::of(0.1),
                       .ranks = 2,
                       .sent = {.messages = 4, .bytes = 1e6, .collectives = 3},
                       .cells = {64, 32},
                       .block_multiple = 16,
                       .channels = 3};
  const Machine single = round_machine(1);
  Elsewhere to{.machine = &single,
               .here = {.bandwidth_b_s = 10e9, .flop_s = 50e9},
               .ranks = 4,
               .ranks_each = 1};
  // Twice the cells; rank 0 sends three messages with three quarters of 3 channels of 64 x 32 floats, over 2 GB/s;
  // three collectives go up and down two rounds of nodes.
  const CallRates gathered = rates_elsewhere(measured, to).calls[0];
  EXPECT_EQ(gathered.sent.messages, 3);
  EXPECT_EQ(gathered.sent.bytes, 18432);
  EXPECT_NEAR(gathered.window_s.value, 0.2 + 0.003 + 18432 / 2e9 + 0.012, 1e-12);
  EXPECT_FALSE(network_messages_missing(measured.calls[0], {64, 32}, 4));

  measured.calls[0].ranks = 4;
  to.ranks = 2;
  const CallRates blocks = rates_elsewhere(measured, to).calls[0];
  EXPECT_EQ(blocks.sent.messages, 0);
  EXPECT_EQ(blocks.sent.bytes, 0);
  EXPECT_NEAR(blocks.window_s.value, 0.05 + 0.006, 1e-12);
  EXPECT_TRUE(network_messages_missing(measured.calls[0], {64, 32}, 2));
  const auto text = [&](int ranks) {
    return plan_text(
        round_work(), measured, plan_study(round_work(), measured, {.ranks = ranks}),
        {.deck = "d", .ranks = ranks, .machine = &single, .here = {}, .pilot_ranks = 4});
  };
  EXPECT_NE(text(2).find("messages of the network are not in it: the pilot's 4 ranks gather its "
                         "field, 2 ranks call it on blocks"),
            std::string::npos)
      << text(2);
  EXPECT_EQ(text(4).find("messages of the network"), std::string::npos) << text(4);
  // One rank sends none, which the plan says already.
  measured.calls[0].ranks = 1;
  EXPECT_FALSE(network_messages_missing(measured.calls[0], {64, 32}, 2));
}

TEST(PlanMachine, ShippedFilesAreReadAndOthersRefused) {
  namespace fs = std::filesystem;
  int count = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(UNDERSTUDY_SOURCE_DIR) / "machines")) {
    SCOPED_TRACE(entry.path().string());
    const Machine machine = read_machine(entry.path());
    EXPECT_GT(machine.bandwidth_gb_s, 1);
    EXPECT_GT(machine.source.size(), 40u);
    ++count;
  }
  EXPECT_EQ(count, 3);

  const tests::Scratch scratch;
  const std::string good =
      tests::slurp(fs::path(UNDERSTUDY_SOURCE_DIR) / "machines/h200_node.yaml");
  const auto message = [&](const std::string& text) -> std::string {
    tests::spit(scratch / "machine.yaml", text);
    try {
      read_machine(scratch / "machine.yaml");
    } catch (const core::UserError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(good), "");
  const auto without = [&](const std::string& key) {
    const auto at = good.find("\n" + key + ":");
    return good.substr(0, at) + good.substr(good.find('\n', at + 1));
  };
  EXPECT_NE(message(without("bandwidth_gb_s")).find("bandwidth_gb_s is missing"),
            std::string::npos);
  EXPECT_NE(message(without("name")).find("name: is required"), std::string::npos);
  EXPECT_NE(message(good + "speed: 3\n").find("speed"), std::string::npos);
  EXPECT_NE(message("app: flow\n").find("ranks is missing"), std::string::npos);
}

}  // namespace
}  // namespace understudy::apps
