// The arithmetic of `plan`: counts of a deck, rates that are given, totals by hand.
#include "apps/simulation/plan/study_plan.hpp"

#include <gtest/gtest.h>

#include "apps/flow/flow.hpp"
#include "apps/simulation/contenders.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/plan/training_pilot.hpp"
#include "apps/simulation/simulation_study.hpp"
#include "core/error.hpp"
#include "support/apps_cli.hpp"
#include "support/apps_plan_rates.hpp"

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
  auto many = two_phases();
  many.rollout_starts = 50;  // six rollouts of 5 windows begin at different frames of 11
  EXPECT_EQ(training_work({}, many, {.train = 3, .valid = 2}, 12).starts, 12);
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

// Before members are simulated for hours.
TEST(StudyWork, MembersThatAreTooShortToTrainOnAreRefused) {
  const auto said = [](const std::string& values, int windows, const std::string& unroll,
                       const std::string& contenders = "[]") -> std::string {
    JobOptions options;
    options.verb = "study";
    options.deck = tests::deck("cavity");
    options.settings = {"ensemble.parameters=[{key: flow.reynolds, values: " + values + "}]",
                        "ensemble.windows=" + std::to_string(windows), "training.unroll=" + unroll,
                        "training.unroll_fractions=[0.5]", "contenders=" + contenders};
    const SimulationJob job = simulation_job(options, make_flow);
    try {
      require_training_frames(job);
      require_contender_frames(job);
    } catch (const core::UserError& error) {
      return error.what();
    }
    return "";
  };
  const auto expect = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  // One member of 12 frames: 9 of them are a sequence of 8 windows.
  expect(said("[100]", 10, "[1, 8]"),
         "ensemble.windows: 10 is too little to train on: "
         "training.skip_windows 0 and unroll 8 want at least 11, since");
  EXPECT_EQ(said("[100]", 11, "[1, 8]"), "");
  expect(said("[100, 200]", 8, "[1, 8]"), "unroll 8 want at least 9");
  EXPECT_EQ(said("[100, 200]", 9, "[1, 8]"), "");
  const std::string longer = "[{name: longer, settings: ['training.unroll=[1, 8]']}]";
  expect(said("[100, 200]", 8, "[1, 2]", longer), "contender longer: ");
  EXPECT_EQ(said("[100, 200]", 9, "[1, 2]", longer), "");
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
  // A spectral run's start is over before states are kept: it counts where it takes more.
  for (const auto& [bytes, more] : {std::pair{900.0, 0.0}, {1500.0, 500.0}}) {
    auto rates = round_rates();
    rates.spectral_start_bytes = bytes;
    const auto other = plan_study(round_work(), rates, {.ranks = 1, .cores_a_rank = 2});
    EXPECT_NEAR(other.verbs[2].memory_bytes, compare.memory_bytes + more, 1e-9) << bytes;
  }
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

// Six steps of a tenth of a second in the one epoch that the clock cut short, of sixteen; then a validation.
TEST(TrainingTimes, OfAnEpochThatWasCutShortAreThoseOfItsSteps) {
  surrogates::TrainingRecord record;
  record.curve = {{.wall_s = 1}};
  record.wall_s = 3;
  record.steps_here = 6;
  const TrainingTimes one = training_times(record, 16, 0.6);
  EXPECT_NEAR(one.step_s, 0.1, 1e-12);
  EXPECT_NEAR(one.validation_s, 0.4, 1e-12);
  EXPECT_NEAR(one.around_s, 2, 1e-12);
  // Whole epochs of 0.4 s after a first one of 0.7 s, and a last one that ends with a validation.
  record.curve = {
      {.wall_s = 0.7}, {.wall_s = 1.1}, {.wall_s = 1.5}, {.wall_s = 1.9}, {.wall_s = 2.8}};
  record.steps_here = 20;
  const TrainingTimes many = training_times(record, 4, 2.3);
  EXPECT_NEAR(many.step_s, 0.1, 1e-12);
  EXPECT_NEAR(many.validation_s, 0.5, 1e-12);
}

}  // namespace
}  // namespace understudy::apps
