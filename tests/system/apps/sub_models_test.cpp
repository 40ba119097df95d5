// The deck's sub_models section as a person uses it: collect points of a process, train on them, and let the
// network compute the process in a run and in a comparison.
#include <gtest/gtest.h>

#include <cmath>

#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> small{"grid.cells=[64,16]", "time.end_s=1", "time.output_every=4",
                                     "sub_models.reaction.store_every=2"};
constexpr long long cells = 64 * 16;

std::string points_deck() {
  return std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/points/reaction.yaml";
}

/// The total of the scalar at the end, from diagnostics.csv.
double scalar_total(const fs::path& out) {
  const std::string text = slurp(out / "diagnostics.csv");
  std::istringstream lines(text);
  std::string line, word, last;
  std::getline(lines, line);
  std::istringstream heading(line);
  int column = 0;
  for (int n = 0; std::getline(heading, word, ','); ++n)
    if (word.find("scalar_total") != std::string::npos) column = n;
  EXPECT_GT(column, 0) << line;
  while (std::getline(lines, line)) last = line;
  std::istringstream row(last);
  for (int n = 0; n <= column; ++n) std::getline(row, word, ',');
  return std::stod(word);
}

/// One run that collects and one model for all tests of this file.
class SubModels : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    work_ = new Scratch(core::Comm::self());
    collected_ = new Outcome(run("collect", {"sub_models.reaction.policy=collect"}));
    std::vector<std::string> arguments{"train", points_deck(), "--out",
                                       work("collect") / "sub_models" / "reaction"};
    add_settings(arguments, {"training.epochs=60", "training.members=2", "training.threads=1"});
    trained_ = new Outcome(understudy(arguments));
  }
  static void TearDownTestSuite() {
    delete trained_;
    delete collected_;
    delete work_;
  }
  void SetUp() override {
    ASSERT_EQ(collected_->exit_code, 0) << collected_->err;
    ASSERT_EQ(trained_->exit_code, 0) << trained_->err;
  }
  static fs::path work(const std::string& name) { return *work_ / name; }
  static Outcome run(const std::string& name, const std::vector<std::string>& settings,
                     int ranks = 1) {
    return understudy(
        with_settings({"run", deck("reacting_scalar"), "--out", work(name)}, small, settings),
        ranks);
  }
  static std::vector<std::string> network(const std::string& policy) {
    return {"sub_models.reaction.policy=" + policy,
            "sub_models.reaction.model=" +
                (work("collect") / "sub_models" / "reaction" / "model").string()};
  }
  static nlohmann::json metrics(const std::string& name) { return summary(work(name))["metrics"]; }

 private:
  static inline Scratch* work_ = nullptr;
  static inline Outcome *collected_ = nullptr, *trained_ = nullptr;
};

TEST_F(SubModels, NeverAndCollectAreTheSimulation) {
  ASSERT_EQ(run("never", {}).exit_code, 0);
  EXPECT_FALSE(metrics("never").contains("sub_models"));
  EXPECT_FALSE(fs::exists(work("never") / "sub_models"));
  expect_same_file(work("never") / "diagnostics.csv", work("collect") / "diagnostics.csv");
  for (const auto& entry : fs::directory_iterator(work("never")))
    if (entry.path().extension() == ".vti")
      expect_same_file(entry.path(), work("collect") / entry.path().filename());
}

TEST_F(SubModels, CollectWritesPointsOfEveryRank) {
  const auto one = metrics("collect")["sub_models"]["reaction"];
  const long long steps = metrics("collect")["steps"];
  EXPECT_EQ(one["policy"], "collect");
  EXPECT_EQ(one["calls"], steps);
  EXPECT_EQ(one["points"], steps * cells);
  EXPECT_EQ(one["to_physics"], steps * cells);
  EXPECT_EQ(one["stored"], (steps * cells + 1) / 2);
  ASSERT_EQ(run("collect_2", {"sub_models.reaction.policy=collect"}, 2).exit_code, 0);
  EXPECT_EQ(metrics("collect_2")["sub_models"]["reaction"]["points"],
            metrics("collect_2")["steps"].get<long long>() * cells);
  const auto dataset = work("collect_2") / "sub_models" / "reaction" / "dataset";
  EXPECT_EQ(std::distance(fs::directory_iterator(dataset), {}), 2);
}

TEST_F(SubModels, NetworkComputesTheProcess) {
  const double expected = scalar_total(work("collect"));
  int n = 0;
  for (const auto& [precision, ranks] :
       {std::pair{"double", 1}, std::pair{"single", 1}, std::pair{"double", 2}}) {
    const std::string name = "always_" + std::to_string(n++);
    auto settings = network("always");
    settings.push_back(std::string("precision=") + precision);
    const Outcome outcome = run(name, settings, ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto m = metrics(name)["sub_models"]["reaction"];
    EXPECT_EQ(m["points"], metrics(name)["steps"].get<long long>() * cells);
    EXPECT_EQ(m["to_network"], m["points"]);
    EXPECT_EQ(m["to_physics"], 0);
    EXPECT_EQ(m["model_hash"].get<std::string>().empty(), false);
    EXPECT_NE(scalar_total(work(name)), expected);
    EXPECT_NEAR(scalar_total(work(name)), expected, 0.1 * expected);
  }
}

TEST_F(SubModels, GateAsksTheSolverForTheRest) {
  auto settings = network("gate");
  settings.push_back("sub_models.reaction.dataset=" + work("kept").string());
  const Outcome outcome = run("gate", settings);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto m = metrics("gate")["sub_models"]["reaction"];
  const long long network = m["to_network"], physics = m["to_physics"];
  EXPECT_GT(network, physics);
  EXPECT_EQ(network + physics, m["points"]);
  long long rejected = 0;
  for (const auto& [reason, count] : m["rejected"].items()) rejected += count.get<long long>();
  EXPECT_EQ(rejected, physics);
  EXPECT_EQ(m["stored"], (physics + 1) / 2);
  EXPECT_NEAR(scalar_total(work("gate")), scalar_total(work("collect")),
              0.1 * scalar_total(work("collect")));
}

// A network that has learned nothing is no better than the mean of the points.
TEST_F(SubModels, BadModelsAreCalledSoWhereverTheyAreMet) {
  fs::create_directories(work("bad"));
  fs::copy(work("collect") / "sub_models" / "reaction" / "dataset", work("bad") / "dataset");
  std::vector<std::string> arguments{"train", points_deck(), "--out", work("bad")};
  add_settings(arguments, {"training.epochs=1", "training.members=1", "training.threads=1",
                           "training.learning_rate=1e-12"});
  const Outcome trained = understudy(arguments);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto verdict = metrics("bad")["training"]["verdict"].get<std::string>();
  EXPECT_TRUE(verdict.starts_with("this model is bad: on held-out points, ")) << verdict;
  EXPECT_NE(trained.err.find(verdict), std::string::npos) << trained.err;
  EXPECT_NE(slurp(work("bad") / "model" / "README.md").find("**Beware: " + verdict),
            std::string::npos);
  const Outcome used =
      run("use_bad", {"sub_models.reaction.policy=gate",
                      "sub_models.reaction.model=" + (work("bad") / "model").string()});
  ASSERT_EQ(used.exit_code, 0) << used.err;
  EXPECT_NE(used.err.find("sub-model reaction: " + verdict), std::string::npos) << used.err;
  EXPECT_NE(slurp(work("use_bad") / "run.html").find("sub-model reaction: " + verdict),
            std::string::npos);
}

TEST_F(SubModels, CompareSetsThemBesideTheSolver) {
  const Outcome outcome = understudy(
      with_settings({"compare", deck("reacting_scalar"), "--out", work("compare")}, small, [] {
        auto settings = network("always");
        for (const char* more : {"compare.windows=3", "compare.warm_up_windows=1",
                                 "compare.coarser=[2]", "compare.looser=[]"})
          settings.push_back(more);
        return settings;
      }()));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto m = metrics("compare");
  EXPECT_EQ(m["sub_models"]["reaction"]["policy"], "always");
  EXPECT_GT(m["error"]["scalar"]["rel_l2_final"].get<double>(), 0);
  EXPECT_LT(m["error"]["scalar"]["rel_l2_final"].get<double>(), 0.2);
}

TEST_F(SubModels, SaysWhatIsWrong) {
  const auto refused = [](const std::vector<std::string>& settings,
                          const std::vector<std::string>& parts, const std::string& verb = "run") {
    expect_refused(understudy(with_settings(
                       {verb, deck("reacting_scalar"), "--out", work("refused")}, small, settings)),
                   parts);
  };
  refused({"sub_models.microphysics.policy=gate"},
          {"sub_models.microphysics: unknown key", "Valid here: reaction"});
  refused({"sub_models.reaction.policy=alway"},
          {"sub_models.reaction.policy", "never, collect, always, gate"});
  refused({"sub_models.reaction.policy=always"}, {"sub_models/reaction/model", "no model in"});
  for (const std::string verb : {"run", "check"})
    refused({"sub_models.reaction.policy=collect", "flow.scalar.reaction.growth=none",
             "flow.scalar.reaction.growth_1_s=0", "flow.scalar.reaction.threshold=0"},
            {"sub_models.reaction.policy: is collect, but this deck's simulation has no such "
             "process (it has none)"},
            verb);
  refused({"flow.scalar.reaction.growth_1_s=0"},
          {"flow.scalar.reaction.growth_1_s: must be above 0 with growth bistable"});
  refused({"flow.scalar.reaction.threshold=0"},
          {"flow.scalar.reaction.threshold: must be above 0 and below 1"});
  refused({"flow.scalar.reaction.growth=logistic"},
          {"flow.scalar.reaction.threshold: is given, but growth is logistic"});
  refused({"flow.scalar.reaction.growth=none", "flow.scalar.reaction.threshold=0"},
          {"flow.scalar.reaction.growth_1_s: is given, but growth is none"});
  EXPECT_FALSE(fs::exists(work("refused") / "summary.json"));
}

TEST(Inputs, PointsDecksCheck) {
  for (const auto& entry :
       fs::directory_iterator(fs::path(UNDERSTUDY_SOURCE_DIR) / "inputs/points")) {
    const Outcome outcome = understudy({"check", entry.path()});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("app: points"), std::string::npos);
  }
}

}  // namespace
}  // namespace understudy::tests
