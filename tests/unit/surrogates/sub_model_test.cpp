// SubModel on one rank: policies, and the gate's verdicts.
#include "surrogates/sub_model/sub_model.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>

#include "support/surrogates_sub_model_case.hpp"

namespace understudy::tests {

namespace {

namespace fs = std::filesystem;

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

}  // namespace

}  // namespace understudy::tests
