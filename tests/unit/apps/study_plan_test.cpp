// The arithmetic of `plan`: counts of a deck, rates that are given, totals by hand.
#include "apps/simulation/plan/study_plan.hpp"

#include <gtest/gtest.h>

#include "apps/flow/flow.hpp"
#include "apps/simulation/plan/machine.hpp"
#include "apps/simulation/plan/plan_text.hpp"
#include "apps/simulation/simulation_study.hpp"
#include "core/error.hpp"
#include "support/apps_cli.hpp"

namespace understudy::apps {
namespace {

surrogates::TrainingParams two_phases() {
  surrogates::TrainingParams training;
  training.epochs = 10;
  training.batch = 4;
  training.unroll = {1, 3};
  training.unroll_fractions = {0.45};
  training.validate_every = 4;
  training.rollout_windows = 5;
  training.rollout_starts = 2;
  training.skip_windows = 1;
  return training;
}

TEST(StudyWork, CountsEpochsBatchesAndRollouts) {
  const auto work = training_work({}, two_phases(), {.train = 3, .valid = 2, .test = 1}, 12);
  ASSERT_EQ(work.phases.size(), 2u);
  // Epochs 0 to 4 begin before 0.45 of the whole; 3 samples of 11 frames have 30 and 24 sequences.
  EXPECT_EQ(work.phases[0].epochs, 5);
  EXPECT_EQ(work.phases[0].batches, 7);
  EXPECT_EQ(work.phases[0].batch, 4);
  EXPECT_EQ(work.phases[1].unroll, 3);
  EXPECT_EQ(work.phases[1].epochs, 5);
  EXPECT_EQ(work.phases[1].batches, 6);
  EXPECT_EQ(work.validations, 3);  // after epochs 4, 8 and 10
  EXPECT_EQ(work.starts, 4);
  EXPECT_EQ(work.rollout_windows, 5);
  EXPECT_EQ(work.frames, 55);
}

TEST(StudyWork, WithoutHeldOutSamplesTheLastOneIsAndOfOneTheLastFifth) {
  const auto several = training_work({}, two_phases(), {.train = 3}, 12);
  EXPECT_EQ(several.phases[0].batches, 5);  // 20 sequences
  EXPECT_EQ(several.starts, 2);
  const auto one = training_work({}, two_phases(), {.train = 1}, 12);
  EXPECT_EQ(one.frames, 11);
  EXPECT_EQ(one.phases[0].batches, 1);  // 8 of 11 frames have 7 sequences
  EXPECT_EQ(one.rollout_windows, 2);
  EXPECT_EQ(one.starts, 1);
}

TEST(StudyWork, DynamicModesTakeOneEpoch) {
  surrogates::NetworkParams network;
  network.kind = "dmd";
  const auto work = training_work(network, two_phases(), {.train = 3, .valid = 1}, 12);
  EXPECT_TRUE(work.closed_form);
  ASSERT_EQ(work.phases.size(), 1u);
  EXPECT_EQ(work.phases[0].epochs, 1);
  EXPECT_EQ(work.validations, 1);
}

TEST(StudyWork, PoliciesLeaveTheirShareToTheNetwork) {
  surrogates::SwapParams swap;
  swap.policy = "never";
  EXPECT_EQ(network_share(swap, 10, 1), 0);
  swap.policy = "always";
  EXPECT_EQ(network_share(swap, 10, 1), 1);
  swap.lead_windows = 2;
  swap.policy = "gate";
  EXPECT_NEAR(network_share(swap, 10, 1), 0.8, 1e-9);
  swap.policy = "schedule";
  swap.physics_every = 4;  // windows 5 and 9 beside the first two
  EXPECT_NEAR(network_share(swap, 10, 1), 0.6, 1e-9);
  swap.to_s = 8;
  EXPECT_NEAR(network_share(swap, 10, 1), 0.5, 1e-9);
}

TEST(StudyWork, IsReadOffADeck) {
  JobOptions options;
  options.verb = "plan";
  options.deck = tests::deck("cavity");
  options.settings = {"time.end_s=10",
                      "time.window_s=0.5",
                      "time.output_every=4",
                      "ensemble.parameters=[{key: flow.reynolds, from: 10, to: 1000, count: 5}]",
                      "ensemble.spin_up_s=2",
                      "ensemble.windows=8",
                      "ensemble.validation=[1]",
                      "ensemble.test=[2]",
                      "training.members=3",
                      "swap.policy=always",
                      "compare.windows=6",
                      "compare.spin_up_s=1",
                      "contenders=[{name: other, settings: [training.epochs=7]}]"};
  const auto work = study_work(simulation_job(options, make_flow), 2);
  EXPECT_TRUE(work.learns);
  EXPECT_EQ(work.run.windows, 20);
  EXPECT_EQ(work.run.outputs, 6);
  EXPECT_EQ(work.run.by_network, 1);
  EXPECT_EQ(work.samples.train, 3);
  EXPECT_EQ(work.generate.members, 5);
  EXPECT_EQ(work.generate.windows, 12);
  EXPECT_EQ(work.generate.frames, 9);
  EXPECT_EQ(work.generate.groups, 2);
  EXPECT_EQ(work.generate.ranks_each, 1);
  ASSERT_EQ(work.trainings.size(), 2u);
  EXPECT_EQ(work.trainings[0].networks, 3);
  EXPECT_EQ(work.trainings[1].networks, 1);
  EXPECT_EQ(work.trainings[1].name, "other");
  // 3 x 9 states; rollouts of the test sample over 8 windows, from one start: there is room for no other.
  EXPECT_EQ(work.calibration.states, 27);
  EXPECT_EQ(work.calibration.held_out, 1);
  EXPECT_EQ(work.calibration.windows, 8);
  EXPECT_EQ(work.compare.spin_up, 2);
  EXPECT_EQ(work.compare.windows, 6);
  const auto with = [&](const std::vector<std::string>& more) {
    auto other = options;
    other.settings.insert(other.settings.end(), more.begin(), more.end());
    return study_work(simulation_job(other, make_flow), 2).calibration;
  };
  // Every third of 27 frames; from frame 1 on three of each sample.
  EXPECT_EQ(with({"swap.gate.calibration.reference_frames=10"}).states, 9);
  EXPECT_EQ(with({"swap.gate.calibration.reference_frames=10", "training.skip_windows=1"}).states,
            9);
  EXPECT_EQ(with({"swap.gate.calibration.windows=5", "swap.gate.calibration.starts=3"}).windows,
            15);
  // Without held-out samples the last one is: four are trained on.
  const auto last = with({"ensemble.validation=[]", "ensemble.test=[]"});
  EXPECT_EQ(last.samples, 4);
  EXPECT_EQ(last.states, 36);
  EXPECT_EQ(last.held_out, 1);

  options.settings = {"time.end_s=10"};
  EXPECT_FALSE(study_work(simulation_job(options, make_flow), 1).learns);
}

// Round numbers: every total below is computed in the comment beside it.
StudyWork round_work() {
  StudyWork work;
  work.learns = true;
  work.samples = {.train = 4, .valid = 1};
  work.generate = {.members = 5, .windows = 10, .frames = 8, .groups = 2, .ranks_each = 1};
  TrainingWork training;
  training.phases = {{.unroll = 1, .epochs = 10, .batches = 3, .batch = 4}};
  training.validations = 2;
  training.starts = 3;
  training.rollout_windows = 5;
  training.frames = 40;
  work.trainings = {training};
  work.run = {.windows = 100, .outputs = 11, .by_network = 0};
  work.compare = {
      .spin_up = 4, .warm_up = 2, .windows = 20, .block = 10, .repeats = 3, .by_network = 1};
  return work;
}

SimulationRates simulation(double window_s) {
  SimulationRates rates;
  rates.cells = {64, 32};
  rates.setup_s = 1;
  rates.window_s = window_s;
  rates.memory_bytes = 1000;
  rates.state_bytes = 100;
  return rates;
}

StudyRates round_rates() {
  StudyRates rates;
  rates.members = {{0, simulation(1)}, {2, simulation(3)}, {4, simulation(3)}};
  rates.run = rates.compared = simulation(2);
  rates.classical = {simulation(0.5)};
  rates.frames = {.write_s = 0.5, .statistics_s = 0.125, .bytes = 10};
  rates.outputs = {.write_s = 1, .bytes = 7, .checkpoint_bytes = 100};
  TrainingRates training;
  training.phases = {{1, 0.5}};
  training.setup_s = 2;
  training.frame_s = 0.1;
  training.validation_s = 0.2;
  training.last_validations = 2;
  training.threads = 4;
  training.model_bytes = 30;
  training.checkpoint_bytes = 60;
  training.memory_bytes = 5000;
  rates.trainings = {training};
  rates.calls = {{.window_s = core::Maybe<double>::of(0.1), .cells = {64, 32}}};
  rates.program_bytes = 10;
  return rates;
}

TEST(StudyPlan, GenerateIsRoundsOfTheMeanMember) {
  // Members cost 1 + 10 T + 8 x 0.5 with T = 1, 2, 3, 3, 3: 15, 25, 35, 35, 35, in the mean 29.
  EXPECT_NEAR(member_wall_s(round_work().generate, round_rates()), 29, 1e-9);
  // Three rounds of two groups, then 2 samples a rank x 8 frames x 0.125.
  EXPECT_NEAR(generate_wall_s(round_work(), round_rates(), 2), 3 * 29 + 2, 1e-9);
}

TEST(StudyPlan, TrainingIsSetUpEpochsAndRollouts) {
  const auto work = round_work().trainings[0];
  const auto rates = round_rates().trainings[0];
  // 2 + 0.1 x 40 = 6; 10 x 3 x 4 x 0.5 = 60; a validation of 3 x 5 x 0.2 = 3, two within and two after.
  EXPECT_NEAR(training_wall_s(work, rates, 1), 6 + 60 + 6 + 6, 1e-9);
  // Two ranks: 2 sequences and 2 rollouts of one.
  EXPECT_NEAR(training_wall_s(work, rates, 2), 6 + 30 + 4 + 4, 1e-9);
  auto limited = work;
  limited.max_time_s = 20;
  EXPECT_NEAR(training_wall_s(limited, rates, 1), 6 + 20 + 6, 1e-9);
}

TEST(StudyPlan, VerbsAndBreakEven) {
  const auto plan = plan_study(round_work(), round_rates(), {.ranks = 1, .cores_a_rank = 2});
  ASSERT_EQ(plan.verbs.size(), 5u);
  const auto &generate = plan.verbs[0], &train = plan.verbs[1], &compare = plan.verbs[2],
             &study = plan.verbs[3], &run = plan.verbs[4];
  EXPECT_EQ(generate.verb, "generate");
  EXPECT_NEAR(generate.wall_s, 3 * 29 + 4, 1e-9);
  EXPECT_NEAR(generate.core_s, 2 * generate.wall_s, 1e-9);
  EXPECT_NEAR(generate.disk_bytes, 400, 1e-9);
  EXPECT_NEAR(generate.memory_bytes, 1010, 1e-9);
  EXPECT_NEAR(train.wall_s, 78, 1e-9);
  EXPECT_NEAR(train.core_s, 78 * 4, 1e-9);  // its own threads
  EXPECT_NEAR(train.disk_bytes, 90, 1e-9);
  EXPECT_NEAR(train.memory_bytes, 5010, 1e-9);
  // Three made and one more beside the classical run, which is made, too: 3 + 1 + 1. Spin-up 4 x 2, warm-up
  // 2 x (2 + 0.1 + 0.5), windows 20 x (2 + 0.1) + 20 x (2 + 0.5), repeats 3 x 20 x (2 + 0.1 + 0.5).
  EXPECT_NEAR(compare.wall_s, 5 + 8 + 2 * 2.6 + 42 + 50 + 3 * 20 * 2.6, 1e-9);
  EXPECT_NEAR(compare.memory_bytes, 10 + 3000 + 23 * 100 + 1000 + 11 * 100, 1e-9);
  EXPECT_NEAR(study.wall_s, generate.wall_s + train.wall_s + compare.wall_s, 1e-9);
  EXPECT_NEAR(study.memory_bytes, compare.memory_bytes, 1e-9);
  EXPECT_NEAR(run.wall_s, 1 + 100 * 2 + 11, 1e-9);
  EXPECT_NEAR(run.disk_bytes, 177, 1e-9);
  // 5 members x 29 s x 2 cores and 78 s x 4 threads, over 20 x (2 - 0.1) s x 2 cores.
  EXPECT_NEAR(plan.made_for_core_s, 290 + 312, 1e-9);
  ASSERT_TRUE(plan.break_even_runs.known);
  EXPECT_NEAR(plan.break_even_runs.value, 602 / 76.0, 1e-9);
  EXPECT_NEAR(plan.break_even_of_run.value, 602 / 380.0, 1e-9);
}

TEST(StudyPlan, WhatCannotBeToldHasItsReason) {
  auto work = round_work();
  auto rates = round_rates();
  rates.calls[0].window_s.value = 3;
  EXPECT_NE(plan_study(work, rates, {}).break_even_runs.reason.find("never pays back"),
            std::string::npos);
  rates.calls[0].window_s = core::Maybe<double>::none("it fails");
  EXPECT_EQ(plan_study(work, rates, {}).break_even_runs.reason, "it fails");
  work.learns = false;
  const auto alone = plan_study(work, rates, {});
  ASSERT_EQ(alone.verbs.size(), 1u);
  EXPECT_NE(alone.break_even_runs.reason.find("no section `ensemble`"), std::string::npos);
}

TEST(StudyPlan, CalibrationIsOfTrainAndOfAGatedModelsCost) {
  auto work = round_work();
  work.gated = true;
  work.calibration = {.samples = 2, .states = 10, .held_out = 3, .windows = 20};
  auto rates = round_rates();
  rates.calibration = {
      .state_sample_s = 1, .state_s = 0.2, .rollout_sample_s = 0.5, .window_s = 0.1};
  const auto plan = plan_study(work, rates, {});
  const double calibration_s = 2 + 2 + 1.5 + 2;
  EXPECT_NEAR(plan.verbs[1].wall_s, 78 + calibration_s, 1e-9);
  EXPECT_NEAR(plan.made_for_core_s, 145 + 312 + calibration_s, 1e-9);
}

TEST(StudyPlan, SetUpTimesAreReadOffTwoNumbersOfFrames) {
  TrainingRates rates;
  set_setup_rates(rates, {100, 7}, {50, 5}, false);
  EXPECT_NEAR(rates.frame_s, 0.04, 1e-9);
  EXPECT_NEAR(rates.setup_s, 3, 1e-9);
  EXPECT_EQ(rates.frame_square_s, 0);
  // a n + b n^2 with a = 0.02, b = 0.0001
  set_setup_rates(rates, {100, 3}, {50, 1.25}, true);
  EXPECT_NEAR(rates.frame_s, 0.02, 1e-12);
  EXPECT_NEAR(rates.frame_square_s, 0.0001, 1e-12);
  EXPECT_EQ(rates.setup_s, 0);
  // Noise makes nothing negative.
  set_setup_rates(rates, {100, 1}, {50, 2}, false);
  EXPECT_EQ(rates.frame_s, 0);
  EXPECT_EQ(rates.setup_s, 1);
  set_setup_rates(rates, {100, 1}, {50, 2}, true);
  EXPECT_EQ(rates.frame_square_s, 0);
  EXPECT_NEAR(rates.frame_s, 0.01, 1e-9);
}

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
