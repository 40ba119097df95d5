// What a deck's ensemble section makes: points, splits, members.
#include "apps/simulation/ensemble.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "apps/flow/flow.hpp"
#include "apps/simulation/simulation_study.hpp"
#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

apps::SimulationJob job_of(const std::vector<std::string>& settings) {
  apps::JobOptions options;
  options.verb = "generate";
  options.deck = deck("cavity");
  options.settings = settings;
  return apps::simulation_job(options, apps::make_flow);
}

std::vector<double> values(const std::vector<apps::Member>& members, std::size_t parameter) {
  std::vector<double> list;
  for (const auto& m : members) list.push_back(m.sample.parameters.at(parameter).value);
  return list;
}

}  // namespace

TEST(AppsEnsemble, GridRunsWithTheLastKeyFastestAndSpacesByLogarithm) {
  const auto members = apps::ensemble_members(job_of(
      {"ensemble.parameters=[{key: flow.reynolds, from: 10, to: 1000, count: 3, scale: log}, "
       "{key: flow.cfl, values: [0.2, 0.4]}]",
       "ensemble.repeats=2"}));
  ASSERT_EQ(members.size(), 12u);
  const auto reynolds = values(members, 0), cfl = values(members, 1);
  for (int n = 0; n < 12; ++n) {
    EXPECT_NEAR(reynolds[n], std::pow(10.0, 1 + n / 4), 1e-9);
    EXPECT_EQ(cfl[n], n / 2 % 2 ? 0.4 : 0.2);
  }
}

TEST(AppsEnsemble, DrawnPointsFillTheRangesBySeed) {
  for (const std::string method : {"latin_hypercube", "sobol", "random"}) {
    std::vector<std::string> settings{
        "ensemble.parameters=[{key: flow.reynolds, from: 10, to: "
        "1000, scale: log}, {key: flow.cfl, from: 0.1, to: 0.5}]",
        "ensemble.sampling=" + method, "ensemble.samples=16"};
    const auto members = apps::ensemble_members(job_of(settings));
    ASSERT_EQ(members.size(), 16u);
    const auto reynolds = values(members, 0), cfl = values(members, 1);
    std::set<int> low, decades;
    for (int n = 0; n < 16; ++n) {
      EXPECT_TRUE(reynolds[n] >= 10 && reynolds[n] < 1000) << method;
      EXPECT_TRUE(cfl[n] >= 0.1 && cfl[n] < 0.5) << method;
      low.insert(static_cast<int>((cfl[n] - 0.1) / 0.4 * 16));
      decades.insert(static_cast<int>(std::log10(reynolds[n] / 10) / 2 * 16));
    }
    if (method != "random") {
      EXPECT_EQ(low.size(), 16u) << method;
      EXPECT_EQ(decades.size(), 16u) << method;
    }
    EXPECT_EQ(values(apps::ensemble_members(job_of(settings)), 0), reynolds);
    settings.push_back("seed=2");
    EXPECT_NE(values(apps::ensemble_members(job_of(settings)), 0), reynolds) << method;
  }
}

TEST(AppsEnsemble, SplitsByFractionAreDrawnOnce) {
  apps::EnsembleParams e;
  e.repeats = 40;
  e.validation_fraction = 0.2;
  e.test_fraction = 0.1;
  const auto split = apps::member_splits(e, 1);
  EXPECT_EQ(std::ranges::count(split, "valid"), 8);
  EXPECT_EQ(std::ranges::count(split, "test"), 4);
  EXPECT_EQ(std::ranges::count(split, "train"), 28);
  EXPECT_EQ(apps::member_splits(e, 1), split);
  EXPECT_NE(apps::member_splits(e, 2), split);
  e.repeats = 2;  // one to train on is left
  EXPECT_EQ(std::ranges::count(apps::member_splits(e, 1), "train"), 1);
}

TEST(AppsEnsemble, ListedMembersKeepTheirSplit) {
  apps::EnsembleParams e;
  e.repeats = 10;
  e.test = {3, 4};
  e.validation_fraction = 0.5;
  const auto split = apps::member_splits(e, 1);
  EXPECT_EQ(split[3], "test");
  EXPECT_EQ(split[4], "test");
  EXPECT_EQ(std::ranges::count(split, "valid"), 5);
}

// A value is the same member's whatever the list: shortening it moves nobody to another split.
TEST(AppsEnsemble, SplitsByValueHoldWhenTheListChanges) {
  apps::EnsembleParams e;
  apps::VariedParams varied;
  varied.key = "flow.reynolds";
  varied.values = {80, 90, 100, 110, 120};
  varied.validation = {90, 120};
  varied.test = {110};
  e.parameters = {varied};
  e.repeats = 2;
  using Texts = std::vector<std::string>;
  EXPECT_EQ(apps::member_splits(e, 1), (Texts{"train", "train", "valid", "valid", "train", "train",
                                              "test", "test", "valid", "valid"}));
  e.parameters[0].values = {90, 100, 110};  // 120 is gone, and holds nothing out
  EXPECT_EQ(apps::member_splits(e, 1), (Texts{"valid", "valid", "train", "train", "test", "test"}));
  // Spaced values are the same but for rounding.
  e.repeats = 1;
  e.parameters[0].values.clear();
  e.parameters[0].from = 0.1;
  e.parameters[0].to = 0.5;
  e.parameters[0].count = 5;
  e.parameters[0].validation = {0.3};
  e.parameters[0].test.clear();
  EXPECT_EQ(apps::member_splits(e, 1), (Texts{"train", "train", "valid", "train", "train"}));
}

TEST(AppsEnsemble, EverySoManyMembersAreHeldOut) {
  apps::EnsembleParams e;
  e.repeats = 8;
  e.validation_every = 4;
  e.test_every = 4;
  using Texts = std::vector<std::string>;
  EXPECT_EQ(apps::member_splits(e, 1),
            (Texts{"test", "train", "valid", "train", "test", "train", "valid", "train"}));
}

}  // namespace understudy::tests
