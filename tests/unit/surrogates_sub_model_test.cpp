// SubModel on one rank: policies, the gate's verdicts against brute force, and every bad input.
#include "surrogates/sub_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <thread>

#include "core/error.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "scratch.hpp"
#include "surrogates/neighbour_tree.hpp"
#include "unit/surrogates_sub_model_case.hpp"

namespace understudy::test {

namespace {

namespace fs = std::filesystem;

/// One trained model for all tests of this file.
class SubModelTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    work_ = new tests::Scratch(core::Comm::self());
    card_ = new surrogates::PointCard(train_case(work_->path(), *work_ / "model"));
  }
  static void TearDownTestSuite() {
    delete card_;
    delete work_;
  }
  static fs::path work(const std::string& name) { return *work_ / name; }
  static SubModelOptions options(SubModelPolicy policy) {
    SubModelOptions o = case_options(policy);
    o.model = work("model");
    o.comm = core::Comm::self();
    return o;
  }
  static fs::path copy_of_model(const std::string& name) {
    fs::remove_all(work(name));
    fs::copy(work("model"), work(name));
    return work(name);
  }
  static tests::Scratch* work_;
  static surrogates::PointCard* card_;
};

tests::Scratch* SubModelTest::work_ = nullptr;
surrogates::PointCard* SubModelTest::card_ = nullptr;

double largest_difference(const HostBatch& a, const HostBatch& b) {
  double largest = 0;
  for (std::size_t n = 0; n < a.extent(0); ++n)
    for (std::size_t c = 0; c < a.extent(1); ++c)
      largest = std::max(largest, std::abs(a(n, c) - b(n, c)));
  return largest;
}

HostBatch truth_of(const HostBatch& in) {
  HostBatch out("truth", in.extent(0), 2);
  case_physics(in, out);
  return out;
}

TEST(NeighbourTree, IsBruteForce) {
  for (const int axes : {1, 2, 5}) {
    std::mt19937 random(3);
    std::normal_distribution<float> draw;
    std::vector<float> points(static_cast<std::size_t>(700 * axes));
    for (float& p : points) p = draw(random);
    for (int n = 0; n < 20 * axes; ++n) points[n] = 0.5f;  // equal points, too
    const surrogates::NeighbourTree<Host> tree(points, axes);
    for (int query = 0; query < 50; ++query) {
      std::vector<float> x(axes);
      for (float& v : x) v = 2 * draw(random);
      std::vector<float> all;
      for (int p = 0; p < 700; ++p) {
        float sum = 0;
        for (int a = 0; a < axes; ++a) {
          const float d = x[a] - points[static_cast<std::size_t>(p * axes + a)];
          sum += d * d;
        }
        all.push_back(std::sqrt(sum));
      }
      std::ranges::sort(all);
      for (const int k : {1, 4, 32}) {
        float mean = 0;
        for (int n = 0; n < k; ++n) mean += all[n] / static_cast<float>(k);
        EXPECT_NEAR(tree.mean_distance(x.data(), k), mean, 1e-5f * (1 + mean));
      }
    }
  }
}

TEST_F(SubModelTest, CardSaysWhatWasLearnt) {
  const surrogates::PointCard card = surrogates::read_point_card(work("model"));
  EXPECT_EQ(card.input_columns(), case_inputs);
  EXPECT_EQ(card.output_columns(), case_outputs);
  EXPECT_EQ(card.training_points, 1600);
  EXPECT_EQ(card.gate.calibration_points, 200);
  EXPECT_TRUE(card.gate.calibrated);
  EXPECT_GT(card.gate.distance, 0);
  EXPECT_GT(card.gate.disagreement, 0);
  for (const auto& e : card.validation) {
    EXPECT_LT(e.rel_l2, 0.1) << e.output;
    EXPECT_GT(e.error_bound, 0) << e.output;
    EXPECT_GE(e.largest, e.rms);
  }
  EXPECT_NE(surrogates::point_readme(card).find("| a | m |"), std::string::npos);
}

TEST_F(SubModelTest, NeverIsThePhysicsBitForBit) {
  SubModelOptions o = options(SubModelPolicy::never);
  o.model.clear();
  SubModel model(o);
  const HostBatch in = case_states(100, -3, 3, 5), out("out", 100, 2);
  model(in, out, case_physics);
  EXPECT_EQ(largest_difference(out, truth_of(in)), 0);
  EXPECT_EQ(model.counters().to_physics, 100);
}

TEST_F(SubModelTest, AlwaysIsTheNetworkEverywhere) {
  SubModel model(options(SubModelPolicy::always));
  const HostBatch in = case_states(1000, -0.9, 0.9, 6), out("out", 1000, 2);
  model(in, out, [](const auto&, const auto&) { FAIL() << "physics was called"; });
  const double error = largest_difference(out, truth_of(in));
  EXPECT_GT(error, 0);
  EXPECT_LT(error, 0.3);
  EXPECT_EQ(model.counters().to_network, 1000);
}

TEST_F(SubModelTest, FloatBatchesServeToo) {
  SubModel single(options(SubModelPolicy::always)), wide(options(SubModelPolicy::always));
  const HostBatch in = case_states(50, -0.9, 0.9, 6), out("out", 50, 2);
  const Points<float, Host> in_f("in", 50, 2), out_f("out", 50, 2);
  Kokkos::deep_copy(in_f, in);
  single(in_f, out_f, nullptr);
  wide(in, out, nullptr);
  for (int n = 0; n < 50; ++n)
    for (int c = 0; c < 2; ++c) EXPECT_NEAR(out_f(n, c), out(n, c), 1e-5);
}

TEST_F(SubModelTest, GateSendsEachPointWhereItBelongs) {
  SubModel model(options(SubModelPolicy::gate));
  const HostBatch in = case_states(1000, -0.9, 0.9, 7), out("out", 1000, 2);
  for (int n = 0; n < 1000; n += 4) in(n, 1) = 5 + n;  // out of range
  in(1, 0) = std::numeric_limits<double>::quiet_NaN();
  std::size_t asked = 0;
  model(in, out, [&](const auto& x, const auto& y) {
    asked = x.extent(0);
    case_physics(x, y);
  });
  const auto c = model.counters();
  EXPECT_EQ(c.out_of_range, 250);
  EXPECT_EQ(c.not_finite, 1);
  EXPECT_EQ(c.to_physics, static_cast<long long>(asked));
  EXPECT_EQ(c.to_network + c.to_physics, 1000);
  EXPECT_EQ(c.not_finite + c.out_of_range + c.too_far + c.disagreed, c.to_physics);
  EXPECT_GT(c.to_network, 600);
  const HostBatch truth = truth_of(in);
  for (int n = 0; n < 1000; n += 4)
    for (int f = 0; f < 2; ++f) EXPECT_EQ(out(n, f), truth(n, f)) << n;
  EXPECT_TRUE(std::isnan(out(1, 0)));  // the physics' own answer
  for (int n = 2; n < 1000; ++n) EXPECT_NEAR(out(n, 0), truth(n, 0), 0.3) << n;
}

TEST_F(SubModelTest, DistanceAloneFindsHolesInsideTheRange) {
  // Points of the two diagonal quarters: the others are inside the range and far from all of them.
  const fs::path data = work("holes");
  {
    SubModelOptions o = options(SubModelPolicy::collect);
    o.dataset = data;
    SubModel collecting(o);
    const HostBatch in = case_states(2000, 0.2, 1, 8), out("out", 2000, 2);
    for (int n = 0; n < 2000; n += 2)
      for (int f = 0; f < 2; ++f) in(n, f) = -in(n, f);
    collecting(in, out, case_physics);
  }
  surrogates::train_points(surrogates::read_points(data), case_training(work("holes_model"), 1),
                           core::Comm::self());
  SubModelOptions o = options(SubModelPolicy::gate);
  o.model = work("holes_model");
  o.gate.disagreement = false;
  SubModel model(o);
  const HostBatch in = case_states(400, 0.3, 0.9, 9), out("out", 400, 2);
  for (int n = 0; n < 400; n += 2) in(n, 1) = -in(n, 1);  // in the hole
  model(in, out, case_physics);
  EXPECT_EQ(model.counters().out_of_range, 0);
  EXPECT_GE(model.counters().too_far, 200);
  EXPECT_LT(model.counters().too_far, 240);
  o.gate.distance = false;
  SubModel blind(o);
  blind(in, out, case_physics);
  EXPECT_EQ(blind.counters().to_network, 400);
}

// Split conformal: each test alone accepts about the quantile of new points like the calibration points.
TEST_F(SubModelTest, EachTestAcceptsAboutItsQuantile) {
  for (const bool distance : {true, false}) {
    SubModelOptions o = options(SubModelPolicy::gate);
    o.gate = {false, distance, !distance};
    SubModel model(o);
    const int points = 4000;
    const HostBatch in = case_states(points, -1, 1, 10), out("out", points, 2);
    model(in, out, case_physics);
    // 200 calibration points: the coverage is Beta(191, 10), within 0.90 and 0.99 almost surely.
    const double accepted = static_cast<double>(model.counters().to_network) / points;
    EXPECT_GT(accepted, 0.88) << (distance ? "distance" : "disagreement");
    EXPECT_LT(accepted, 0.995) << (distance ? "distance" : "disagreement");
  }
}

TEST_F(SubModelTest, RejectedPointsTrainTheNextModel) {
  SubModelOptions o = options(SubModelPolicy::gate);
  o.dataset = work("rejected");
  {
    SubModel model(o);
    const HostBatch in = case_states(300, 2, 3, 11), out("out", 300, 2);
    model(in, out, case_physics);
    EXPECT_EQ(model.counters().stored, 300);
  }
  const auto data = surrogates::read_points(work("rejected"));
  EXPECT_EQ(data.points, 300);
  EXPECT_EQ(data.info.inputs, case_inputs);
  for (long long n = 0; n < 300; ++n)
    EXPECT_DOUBLE_EQ(data.outputs[2 * n], data.inputs[2 * n] * data.inputs[2 * n + 1]);
}

TEST_F(SubModelTest, StoresEverySoManyAndNoMoreThanAsked) {
  SubModelOptions o = options(SubModelPolicy::collect);
  o.dataset = work("sparse");
  o.store_every = 3;
  o.store_at_most = 25;
  SubModel model(o);
  const HostBatch in = case_states(50, 0, 1, 12), out("out", 50, 2);
  in(0, 0) = std::numeric_limits<double>::infinity();
  for (int call = 0; call < 3; ++call) model(in, out, case_physics);
  model.flush();
  EXPECT_LE(model.counters().stored, 25);
  EXPECT_EQ(surrogates::read_points(o.dataset).points, model.counters().stored);
}

TEST_F(SubModelTest, NoPointsNoCall) {
  for (const auto policy : {SubModelPolicy::never, SubModelPolicy::always, SubModelPolicy::gate}) {
    SubModel model(options(policy));
    const HostBatch none("none", 0, 2);
    model(none, none, [](const auto&, const auto&) { FAIL() << "physics was called"; });
    EXPECT_EQ(model.counters().calls, 1);
    EXPECT_EQ(model.counters().points, 0);
  }
}

TEST_F(SubModelTest, SeveralThreadsMayCall) {
  SubModel model(options(SubModelPolicy::gate));
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&model, &wrong, t] {
      for (int call = 0; call < 5; ++call) {
        const HostBatch in = case_states(200, -1.5, 1.5, 100 * t + call), out("out", 200, 2);
        model(in, out, case_physics);
        if (largest_difference(out, truth_of(in)) > 0.4) ++wrong;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(model.counters().points, 4 * 5 * 200);
  EXPECT_EQ(model.counters().to_network + model.counters().to_physics, 4 * 5 * 200);
}

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
  why = message_of([&] { SubModel model(o); });
  EXPECT_NE(why.find("gate.disagreement needs an ensemble"), std::string::npos) << why;
  o.gate.disagreement = false;
  SubModel range_only(o);
  EXPECT_FALSE(range_only.model_hash().empty());
}

TEST_F(SubModelTest, NoticesThatTheModelFolderChanges) {
  SubModelOptions o = options(SubModelPolicy::always);
  o.model = copy_of_model("changing");
  SubModel model(o);
  o.watch_model = false;
  SubModel blind(o);
  const std::string before = model.model_hash();
  const HostBatch in = case_states(9, -1, 1, 1), out("out", 9, 2);
  fs::last_write_time(o.model / "weights.pt", fs::file_time_type::clock::now());
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
  EXPECT_NE(message_of([&] { SubModel model(o); }).find("weights.pt is missing"),
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

TEST_F(SubModelTest, RefusesDatasetsOfOtherColumnsAndValuesThatAreNotFinite) {
  const fs::path data = work("mixed");
  collect_case(data, 10, 1, core::Comm::self());
  SubModelOptions o = options(SubModelPolicy::collect);
  o.dataset = data;
  o.inputs[1].unit = "ms";
  {
    SubModel other(o);
    const HostBatch in = case_states(5, 0, 1, 1), out("out", 5, 2);
    other(in, out, case_physics);
  }
  const std::string why = message_of([&] { surrogates::read_points(data); });
  EXPECT_NE(why.find("input 'b' is in"), std::string::npos) << why;
  const fs::path bad = work("bad");
  collect_case(bad, 10, 1, core::Comm::self());
  const fs::path file = fs::directory_iterator(bad)->path();
  {
    mesh::Hdf5File hdf5(file, mesh::H5Mode::update, core::Comm::self());
    const double nan = std::numeric_limits<double>::quiet_NaN();
    hdf5.write("outputs", &nan, {{3, 1}, {1, 1}});
  }
  const std::string nan = message_of([&] { surrogates::read_points(bad); });
  EXPECT_NE(nan.find("'sum' of point 3 is nan"), std::string::npos) << nan;
  EXPECT_NE(message_of([&] { surrogates::read_points(work("empty")); }).find("no points in"),
            std::string::npos);
}

TEST_F(SubModelTest, RefusesTooFewPointsForTheQuantile) {
  const fs::path data = work("few");
  collect_case(data, 100, 1, core::Comm::self());
  const std::string why = message_of([&] {
    surrogates::train_points(surrogates::read_points(data), case_training(work("few_model")),
                             core::Comm::self());
  });
  EXPECT_NE(why.find("10 calibration points do not support the quantile 0.95; at least 19"),
            std::string::npos)
      << why;
}

TEST_F(SubModelTest, StoppedAndResumedTrainingIsTheUninterruptedOne) {
  const auto data = surrogates::read_points(work("points"));
  auto setup = case_training(work("whole"), 2);
  setup.training.epochs = 4;
  const auto whole = surrogates::train_points(data, setup, core::Comm::self()).card;
  setup.model = work("parts");
  setup.out = work("parts_out");
  fs::create_directories(setup.out);
  setup.resume = true;
  setup.pause_after_steps = 60;  // of 100 of each member
  for (int member = 0; member < 2; ++member)
    EXPECT_THROW(surrogates::train_points(data, setup, core::Comm::self()), core::Interrupted);
  EXPECT_FALSE(fs::exists(setup.model / "weights.pt"));
  setup.pause_after_steps = 0;
  const auto parts = surrogates::train_points(data, setup, core::Comm::self()).card;
  EXPECT_EQ(parts.steps, whole.steps);
  EXPECT_EQ(parts.gate.disagreement, whole.gate.disagreement);
  for (int o = 0; o < 2; ++o) EXPECT_EQ(parts.validation[o].rms, whole.validation[o].rms);
  // A checkpoint of another network is refused.
  setup.network.width = 16;
  EXPECT_NE(message_of([&] {
              surrogates::train_points(data, setup, core::Comm::self());
            }).find("is of another network"),
            std::string::npos);
}

TEST_F(SubModelTest, TrainingIsDeterministicAndSeedsDiffer) {
  const auto hash = [&](const std::string& name, long long seed) {
    auto setup = case_training(work(name), 1);
    setup.training.epochs = 3;
    setup.training.seed = seed;
    const auto card =
        surrogates::train_points(surrogates::read_points(work("points")), setup, core::Comm::self())
            .card;
    return card.validation[0].rms;
  };
  EXPECT_EQ(hash("seed_a", 1), hash("seed_b", 1));
  EXPECT_NE(hash("seed_a", 1), hash("seed_c", 2));
}

}  // namespace

}  // namespace understudy::test
