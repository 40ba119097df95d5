// Models side by side: a study with contenders, what it leaves, and what is wrong with them said early.
#include <gtest/gtest.h>

#include <cmath>

#include "support/apps_made_once.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> small{"grid.cells=[64,32]",
                                     "ensemble.parameters.0.values=[80,100,140]",
                                     "ensemble.validation=[1]",
                                     "ensemble.test=[]",
                                     "ensemble.spin_up_s=2",
                                     "ensemble.windows=16",
                                     "network.latent_size=4",
                                     "training.epochs=2",
                                     "training.rollout_windows=4",
                                     "training.unroll=[1]",
                                     "training.unroll_fractions=[]",
                                     "training.validate_every=1",
                                     "swap.gate.error_limit=10",
                                     "swap.gate.calibration.windows=8",
                                     "swap.gate.calibration.starts=2",
                                     "time.window_s=0.5",
                                     "compare.spin_up_s=2",
                                     "compare.windows=5",
                                     "compare.block_windows=2",
                                     "compare.picture_count=1",
                                     "compare.coarser=[2]",
                                     "compare.looser=[]"};

std::vector<std::string> call(const std::string& verb, const fs::path& out,
                              const std::vector<std::string>& more = {}) {
  return with_settings({verb, deck("cylinder_wake"), "--out", out}, small, more);
}

class Contenders : public MadeOnce<Contenders> {
 public:
  static Outcome made(const fs::path& out) { return understudy(call("study", out)); }
};

TEST_F(Contenders, AreTrainedComparedAndShownBesideTheDecksOwn) {
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const fs::path out = *scratch / "out";
  const auto metrics = summary(out)["metrics"];
  const auto& all = metrics["contenders"];
  ASSERT_EQ(all.size(), 2u) << all;
  for (const char* name : {"perceptron", "dmd"}) {
    const auto& mine = all[name];
    EXPECT_GT(mine["error"]["mean"].get<double>(), 0) << name;
    for (const char* field : {"u", "v", "p"})
      EXPECT_TRUE(std::isfinite(mine["error"][field]["rel_l2_final"].get<double>())) << name;
    EXPECT_GT(mine["speedup"]["same_grid"].get<double>(), 0) << name;
    EXPECT_EQ(mine["stable_windows"], 5) << name;
    EXPECT_GT(metrics["training"]["contenders"][name]["core_s"].get<double>(), 0) << name;
    EXPECT_TRUE(fs::exists(out / "contenders" / name / "model" / "weights.safetensors")) << name;
  }
  EXPECT_EQ(all["perceptron"]["network"], "pod");
  EXPECT_EQ(all["dmd"]["network"], "dmd");
  // Other models of the same data, not the deck's own again.
  EXPECT_NE(slurp(out / "contenders/perceptron/model/card.yaml").find("latent_map: mlp"),
            std::string::npos);
  EXPECT_NE(slurp(out / "model/card.yaml").find("latent_map: linear"), std::string::npos);
  EXPECT_NE(all["dmd"]["error"]["mean"], metrics["error"]["mean"]);
  const std::string page = slurp(out / "report.html");
  for (const char* text : {"Models side by side", "the replacement", "perceptron", "dmd"})
    EXPECT_NE(page.find(text), std::string::npos) << text;
}

TEST_F(Contenders, WithoutAModelAreMissedBeforeAnythingRuns) {
  const fs::path out = copy("missing");
  fs::remove_all(out / "contenders/dmd/model");
  expect_refused(understudy(call("compare", out)),
                 {"contender dmd: no model in", "contenders/dmd/model", "`understudy train`",
                  "contenders=[]"});
  expect_same_file(out / "report.html", *scratch / "out" / "report.html");
  expect_same_file(out / "summary.json", *scratch / "out" / "summary.json");

  const Outcome without = understudy(call("compare", out, {"contenders=[]"}));
  EXPECT_EQ(without.exit_code, 0) << without.err;
  EXPECT_FALSE(summary(out)["metrics"].contains("contenders"));
  EXPECT_EQ(slurp(out / "report.html").find("Models side by side"), std::string::npos);
}

TEST_F(Contenders, OfAnotherDeckMakeRoomUnderAnotherName) {
  const fs::path out = copy("trained_anew"), folder = out / "contenders/perceptron";
  const std::string curve = slurp(folder / "training.csv");
  ASSERT_NE(curve, "");
  const Outcome anew = understudy(call("train", out, {"training.epochs=3"}));
  ASSERT_EQ(anew.exit_code, 0) << anew.err;
  EXPECT_NE(anew.err.find("contenders/perceptron/training.csv as training.before_1.csv"),
            std::string::npos)
      << anew.err;
  EXPECT_EQ(slurp(folder / "training.before_1.csv"), curve);
  EXPECT_TRUE(fs::exists(folder / "training.csv"));
}

TEST_F(Contenders, ThatDoNotFitTheRunAreRefusedByName) {
  expect_refused(understudy(call("compare", *scratch / "out",
                                 {model(), "time.window_s=1", "compare.spin_up_s=2"})),
                 {"window"});
  // The deck's own model fits; the contender's was trained on another window.
  const fs::path out = copy("other_window");
  const fs::path card = out / "contenders/dmd/model/card.yaml";
  std::string text = slurp(card);
  text.erase(0, text.find('\n') + 1);  // a card that is edited on purpose
  const auto at = text.find("window_s: 0.5");
  ASSERT_NE(at, std::string::npos) << text;
  spit(card, text.replace(at, 13, "window_s: 0.7"));
  expect_refused(understudy(call("compare", out)), {"contender dmd: ", "window"});
  expect_same_file(out / "report.html", *scratch / "out" / "report.html");
}

TEST_F(Contenders, AreLeftOutWhereNoModelStandsIn) {
  const Outcome never = understudy(call("compare", *scratch / "never", {"swap.policy=never"}));
  EXPECT_EQ(never.exit_code, 0) << never.err;
  EXPECT_FALSE(summary(*scratch / "never")["metrics"].contains("contenders"));
}

TEST(ContendersOfADeck, AreCheckedBeforeAnyWork) {
  Scratch scratch;
  const auto refused = [&](const std::string& list, const std::vector<std::string>& parts,
                           std::vector<std::string> more = {}) {
    more.push_back("contenders=" + list);
    for (const char* verb : {"check", "study"}) {
      expect_refused(understudy(call(verb, scratch / "out", more)), parts);
      EXPECT_FALSE(fs::exists(scratch / "out")) << verb << " " << list;
    }
  };
  refused("[{name: a/b, settings: []}]", {"contenders", "name", "is 'a/b'", "letters, digits"});
  refused("[{name: a, settings: ['grid.cells=[8]']}]",
          {"contenders", "'grid.cells=[8]' is no setting of the network or training section"});
  refused("[{name: a, settings: []}, {name: a, settings: []}]",
          {"contenders", "has two of the name 'a'"});
  refused("[{name: a, settings: [network.knid=unet]}]",
          {"contender a: ", "network.knid", "unknown key", "network.kind"});
  refused("[{name: a, settings: [network.latent_size=0]}]",
          {"contender a: ", "network.latent_size", "0"});
  // The deck's own network takes any size, this one does not.
  refused("[{name: a, settings: [network.kind=unet]}]",
          {"contender a: ", "36 cells along y, which is periodic"},
          {"grid.cells=[64,36]", "flow.boundaries.y_lower.kind=periodic",
           "flow.boundaries.y_upper.kind=periodic"});
}

}  // namespace
}  // namespace understudy::tests
