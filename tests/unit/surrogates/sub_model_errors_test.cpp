// Bad input of a SubModel: columns, batches, options, folders, models that change.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <utility>

#include "core/error.hpp"
#include "support/surrogates_sub_model_case.hpp"

namespace understudy::tests {

namespace {

namespace fs = std::filesystem;

TEST_F(SubModelTest, WhatThePhysicsThrowsPassesThrough) {
  SubModel model(options(SubModelPolicy::never));
  const HostBatch in = case_states(3, 0, 1, 1), out("out", 3, 2);
  EXPECT_THROW(model(in, out, [](const auto&, const auto&) { throw std::out_of_range("mine"); }),
               std::out_of_range);
  model(in, out, case_physics);  // and the model is still usable
  EXPECT_NE(message_of([&] { model(in, out, nullptr); }).find("needs the physics"),
            std::string::npos);
}

TEST_F(SubModelTest, RefusesColumnsThatDoNotFit) {
  const auto why = [&](std::vector<Column> inputs) {
    SubModelOptions o = options(SubModelPolicy::always);
    o.inputs = std::move(inputs);
    return message_of([&] { SubModel model(o); });
  };
  const std::string missing = why({{"a", "m"}, {"c", "s"}});
  EXPECT_NE(missing.find("input 'c' is missing"), std::string::npos) << missing;
  EXPECT_NE(missing.find("a [m], b [s]"), std::string::npos) << missing;
  EXPECT_NE(why({{"b", "s"}, {"a", "m"}}).find("another order"), std::string::npos);
  const std::string unit = why({{"a", "cm"}, {"b", "s"}});
  EXPECT_NE(unit.find("input 'a' is in m there and expected in cm"), std::string::npos) << unit;
  EXPECT_NE(why({{"a", "m"}}).find("input 'b' is not expected"), std::string::npos);
  EXPECT_NE(why({}).find("no input is named"), std::string::npos);
  EXPECT_NE(why({{"a", "m"}, {"a", "m"}}).find("two inputs are named 'a'"), std::string::npos);
}

TEST_F(SubModelTest, RefusesBatchesOfAnotherShape) {
  SubModel model(options(SubModelPolicy::never));
  const HostBatch in("in", 4, 3), out("out", 4, 2);
  const std::string why = message_of([&] { model(in, out, case_physics); });
  EXPECT_NE(why.find("[4, 3] in"), std::string::npos) << why;
  EXPECT_NE(why.find("a [m], b [s]"), std::string::npos) << why;
}

TEST_F(SubModelTest, RefusesValuesThatAreNotFiniteUnderAlways) {
  SubModel model(options(SubModelPolicy::always));
  const HostBatch in = case_states(9, -1, 1, 1), out("out", 9, 2);
  in(6, 1) = std::numeric_limits<double>::quiet_NaN();
  const std::string why = message_of([&] { model(in, out, nullptr); });
  EXPECT_NE(why.find("point 6 has an input that is not finite"), std::string::npos) << why;
  EXPECT_NE(why.find("b = nan s"), std::string::npos) << why;
}

TEST_F(SubModelTest, RefusesAGateThatIsNotCalibrated) {
  auto setup = case_training(work("plain"), 1);
  setup.gate.calibration_fraction = 0;
  surrogates::train_points(surrogates::read_points(work("points")), setup, core::Comm::self());
  SubModelOptions o = options(SubModelPolicy::gate);
  o.model = work("plain");
  std::string why = message_of([&] { SubModel model(o); });
  EXPECT_NE(why.find("gate.distance needs a calibration"), std::string::npos) << why;
  o.gate.distance = false;
  SubModel range_only(o);  // one network has nothing to disagree with
  EXPECT_FALSE(range_only.model_hash().empty());
}

// What the default training makes is what the default gate takes.
TEST_F(SubModelTest, TheDefaultGateTakesAModelOfOneNetwork) {
  const auto setup = case_training(work("one"), 1);
  surrogates::train_points(surrogates::read_points(work("points")), setup, core::Comm::self());
  SubModelOptions o = options(SubModelPolicy::gate);
  o.gate = GateChoice{};
  o.model = work("one");
  SubModel model(o);
  const HostBatch in = case_states(64, -1, 1, 3), out("out", 64, 2);
  model(in, out, case_physics);
  EXPECT_GT(model.counters().to_network, 0);
  EXPECT_EQ(model.counters().disagreed, 0);
}

TEST_F(SubModelTest, NoticesThatTheModelFolderChanges) {
  SubModelOptions o = options(SubModelPolicy::always);
  o.model = copy_of_model("changing");
  SubModel model(o);
  o.watch_model = false;
  SubModel blind(o);
  const std::string before = model.model_hash();
  const HostBatch in = case_states(9, -1, 1, 1), out("out", 9, 2);
  fs::last_write_time(o.model / "weights.safetensors", fs::file_time_type::clock::now());
  model(in, out, nullptr);  // only touched
  auto setup = case_training(o.model, 2);
  setup.training.seed = 9;
  setup.training.epochs = 2;
  surrogates::train_points(surrogates::read_points(work("points")), setup, core::Comm::self());
  const std::string why = message_of([&] { model(in, out, nullptr); });
  EXPECT_NE(why.find("changed during the run"), std::string::npos) << why;
  EXPECT_NE(why.find(before), std::string::npos) << why;
  blind(in, out, nullptr);
  EXPECT_EQ(blind.model_hash(), before);
  model.reload();
  model(in, out, nullptr);
  EXPECT_NE(model.model_hash(), before);
}

TEST_F(SubModelTest, RefusesFoldersThatAreNone) {
  SubModelOptions o = options(SubModelPolicy::always);
  o.model = work("nothing");
  EXPECT_NE(message_of([&] { SubModel model(o); }).find("weights.safetensors is missing"),
            std::string::npos);
  o.model.clear();
  EXPECT_NE(message_of([&] { SubModel model(o); }).find("needs a model folder"), std::string::npos);
  o = options(SubModelPolicy::collect);
  EXPECT_NE(message_of([&] { SubModel model(o); }).find("needs a directory"), std::string::npos);
  o.name = "a/b";
  EXPECT_NE(message_of([&] { SubModel model(o); }).find("'a/b' is not"), std::string::npos);
  EXPECT_NE(
      message_of([&] { sub_model_policy_from("gated"); }).find("collect, never, always, gate"),
      std::string::npos);
}

TEST_F(SubModelTest, RefusesInputAndOutputThatShareMemory) {
  for (const auto policy : {SubModelPolicy::collect, SubModelPolicy::never, SubModelPolicy::always,
                            SubModelPolicy::gate}) {
    SubModelOptions o = options(policy);
    o.dataset = work("in_place");
    SubModel model(o);
    const HostBatch states = case_states(20, 2, 3, 1), before("before", 20, 2);
    Kokkos::deep_copy(before, states);
    EXPECT_TRUE(says(message_of([&] { model(states, states, case_physics); }), "overlap"));
    const auto rows = [&](int first) {
      return HostBatch(Kokkos::subview(states, std::pair(first, first + 10), Kokkos::ALL));
    };
    EXPECT_TRUE(says(message_of([&] { model(rows(0), rows(9), case_physics); }), "overlap"));
    EXPECT_TRUE(says(message_of([&] { model(rows(9), rows(0), case_physics); }), "overlap"));
    EXPECT_EQ(largest_difference(states, before), 0);
    model(rows(0), rows(10), case_physics);
    EXPECT_EQ(model.counters().calls, 1);
  }
}

TEST_F(SubModelTest, ColumnsOfOneArrayMayInterleave) {
  const HostBatch all("all", 30, 5), truth = truth_of(case_states(30, 2, 3, 4));
  const auto columns = [&](int first) {
    return HostBatch(Kokkos::subview(all, Kokkos::ALL, std::pair(first, first + 2)));
  };
  Kokkos::deep_copy(columns(0), case_states(30, 2, 3, 4));
  SubModelOptions o = options(SubModelPolicy::gate);
  o.dataset = work("interleaved");
  SubModel model(o);
  for (const int first : {2, 3}) {
    model(columns(0), columns(first), case_physics);
    EXPECT_EQ(largest_difference(columns(first), truth), 0);
  }
  EXPECT_TRUE(says(message_of([&] { model(columns(0), columns(1), case_physics); }), "overlap"));
}

TEST_F(SubModelTest, RefusesOptionsOutOfBounds) {
  const auto why = [&](const auto& change) {
    SubModelOptions o = options(SubModelPolicy::gate);
    change(o);
    return message_of([&] { SubModel model(o); });
  };
  EXPECT_TRUE(says(why([](auto& o) { o.store_every = 0; }), "store_every (0) must be 1 or more"));
  EXPECT_TRUE(says(why([](auto& o) { o.store_at_most = -1; }), "store_at_most (-1) 0 or more"));
  for (const double slack : {-0.1, std::nan(""), std::numeric_limits<double>::infinity()})
    EXPECT_TRUE(says(why([=](auto& o) { o.gate.range_slack = slack; }), "range_slack"));
  EXPECT_TRUE(says(why([](auto& o) { o.inputs[1].unit = "s\n"; }), "unit of input 'b'"));
  EXPECT_TRUE(says(why([](auto& o) { o.inputs[1].name = "b\n"; }), "input 2 has no name"));
}

TEST_F(SubModelTest, RefusesWeightsThatAreDamaged) {
  SubModelOptions o = options(SubModelPolicy::always);
  o.model = copy_of_model("damaged");
  const fs::path weights = o.model / "weights.safetensors";
  fs::resize_file(weights, fs::file_size(weights) / 2);
  EXPECT_TRUE(says(message_of([&] { SubModel model(o); }), "weights.safetensors is damaged"));
  std::ofstream(weights) << "not weights";
  EXPECT_TRUE(says(message_of([&] { SubModel model(o); }), "weights.safetensors is damaged"));
}

TEST_F(SubModelTest, AFailedReloadKeepsTheModel) {
  SubModelOptions o = options(SubModelPolicy::always);
  o.model = copy_of_model("vanishing");
  SubModel model(o);
  const std::string before = model.model_hash();
  const HostBatch in = case_states(9, -1, 1, 1), out("out", 9, 2), again("again", 9, 2);
  model(in, out, nullptr);
  fs::rename(o.model / "weights.safetensors", o.model / "kept");
  EXPECT_TRUE(says(message_of([&] { model.reload(); }), "weights.safetensors is missing"));
  EXPECT_EQ(model.model_hash(), before);
  EXPECT_TRUE(says(message_of([&] { model(in, out, nullptr); }), "changed during the run"));
  fs::rename(o.model / "kept", o.model / "weights.safetensors");
  model(in, again, nullptr);
  EXPECT_EQ(largest_difference(out, again), 0);
}

}  // namespace

}  // namespace understudy::tests
