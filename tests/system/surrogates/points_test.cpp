// train and import on points as a person calls them: what they write, and what they say of bad input.
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include "support/apps_cli.hpp"
#include "support/surrogates_sub_model_case.hpp"

namespace understudy::tests {

namespace {

const std::string small_deck =
    "app: points\n"
    "points: {dataset: points}\n"
    "network: {width: 8, depth: 1}\n"
    "training: {members: 2, epochs: 2, threads: 1}\n";

struct Study {
  Scratch work{core::Comm::self()};
  fs::path deck = work / "case.yaml", out = work / "out";

  explicit Study(const std::string& text = small_deck) {
    collect_case(work / "points", 400, 1, core::Comm::self());
    spit(deck, text);
  }
  Outcome call(const std::string& verb, const std::vector<std::string>& settings = {},
               int ranks = 1) const {
    std::vector<std::string> arguments{verb, deck, "--out", out};
    add_settings(arguments, settings);
    return understudy(arguments, ranks);
  }
};

void expect_message(const Outcome& outcome, const std::string& text) {
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find(text), std::string::npos) << outcome.err;
}

}  // namespace

TEST(PointsDeck, TrainsAModelFolder) {
  const Study study;
  const Outcome outcome = study.call("train");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* name : {"card.yaml", "weights.safetensors", "README.md"})
    EXPECT_TRUE(fs::exists(study.out / "model" / name)) << name;
  const std::string card = slurp(study.out / "model" / "card.yaml");
  EXPECT_NE(card.find("product"), std::string::npos);
  EXPECT_NE(card.find("dataset_hash"), std::string::npos);
  EXPECT_GT(summary(study.out)["metrics"]["training"]["validation"]["sum"]["rms"].get<double>(), 0);
  EXPECT_TRUE(fs::exists(study.out / "training_1.csv"));
  const auto s = summary(study.out);
  EXPECT_EQ(s["verb"], "train");
  EXPECT_EQ(s["app"], "points");
  EXPECT_EQ(s["deck"], study.deck.string());
  for (const char* key : {"kokkos", "threads", "ranks", "torch", "torch_device", "precision"})
    EXPECT_TRUE(s["backend"].contains(key)) << key;
  EXPECT_GT(s["timing"]["training_s"].get<double>(), 0);
  // Another deck in the same folder is warned of, as in every app.
  const Outcome other = study.call("train", {"training.epochs=1"});
  EXPECT_NE(other.err.find("results of another deck"), std::string::npos) << other.err;
  ASSERT_EQ(study.call("train").exit_code, 0);
  // Nothing is left to train: the same model comes out.
  const std::string weights = slurp(study.out / "model" / "weights.safetensors");
  std::vector<std::string> again{"train", study.deck, "--out", study.out, "--resume"};
  ASSERT_EQ(understudy(again).exit_code, 0);
  const auto before = summary(study.out)["metrics"]["training"]["validation"];
  ASSERT_EQ(study.call("train", {}, 2).exit_code, 0);
  EXPECT_EQ(summary(study.out)["metrics"]["training"]["validation"], before);
}

TEST(PointsDeck, SaysWhatIsWrong) {
  const Study study;
  expect_message(study.call("run"),
                 "a deck with app: points does not take `run`; it takes train, check");
  expect_message(study.call("train", {"training.unroll=2"}), "training.unroll");
  expect_message(study.call("train", {"network.kind=unet"}), "network.kind");
  expect_message(study.call("train", {"points.dataset=elsewhere"}), "no points in");
  expect_message(
      study.call("train", {"training.validation_fraction=0.8", "gate.calibration_fraction=0.8"}),
      "cannot be split");
  const Outcome check = study.call("check");
  EXPECT_EQ(check.exit_code, 0) << check.err;
  EXPECT_NE(check.out.find("members: 2"), std::string::npos) << check.out;
  EXPECT_FALSE(fs::exists(study.out / "model"));
}

TEST(Import, MakesAModelFolderThatASubModelTakes) {
  const Study study;
  torch::jit::Module module("case");
  module.define(
      "def forward(self, x):\n"
      "  return torch.stack([x[:, 0] * x[:, 1], x[:, 0] + x[:, 1] * x[:, 1]], 1)\n");
  module.save((study.work / "script.pt").string());
  const std::string card =
      "name: case\n"
      "inputs: [{name: a, unit: m}, {name: b, unit: s}]\n"
      "outputs: [{name: product, unit: m s}, {name: sum, unit: \"1\"}]\n";
  const auto import = [&](const std::string& text, bool overwrite = true) {
    spit(study.work / "import.yaml", text);
    std::vector<std::string> arguments{"import", study.work / "script.pt",
                                       "--card", study.work / "import.yaml",
                                       "--out",  study.work / "imported"};
    if (overwrite) arguments.push_back("--overwrite");
    return understudy(arguments);
  };
  const Outcome outcome = import(card + "reference: points\n", false);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(slurp(study.work / "imported" / "card.yaml").find("torchscript"), std::string::npos);
  SubModelOptions options = case_options(SubModelPolicy::gate);
  options.model = study.work / "imported";
  options.comm = core::Comm::self();
  options.gate.disagreement = false;
  SubModel model(options);
  const auto in = case_states(50, -0.8, 0.8, 1);
  const HostBatch out("out", 50, 2);
  model(in, out, case_physics);
  EXPECT_GT(model.counters().to_network, 30);

  const auto state = [&] {
    std::string all;
    for (const char* name : {"card.yaml", "weights.safetensors", "README.md", "model.pt"})
      all += slurp(study.work / "imported" / name);
    return all;
  };
  const std::string imported = state();
  expect_message(import(card, false), "(card.yaml, weights.safetensors, README.md, model.pt)");
  expect_message(import(card + "layers: 3\n"), "layers");
  expect_message(import("name: case\noutputs: [{name: product, unit: m s}]\n"),
                 "must name at least one feature");
  expect_message(import("name: case\ninputs: [{name: a, unit: m}, {name: b, unit: s}]\n"
                        "outputs: [{name: product, unit: m s}]\n"),
                 "the card says [1, 1]");
  expect_message(import(card + "reference: nowhere\n"), "no points in");
  expect_message(import(card + "engine: aoti\n"), "is no AOTInductor package");
  EXPECT_EQ(state(), imported) << "what is refused leaves the model that is there";
  expect_message(understudy({"import", "x.pt", "--out", "y"}), "--card is required");
  expect_message(understudy({"import", study.work / "", "--convert"}),
                 "there is nothing to convert");
  expect_message(understudy({"import", study.work / "import.yaml", "--convert"}), "end with .pt");
  const Outcome trusted = understudy({"import", study.work / "imported", "--trust"});
  EXPECT_EQ(trusted.exit_code, 0) << trusted.err;
  EXPECT_NE(understudy({"import", "--help"}).out.find("PROGRAM"), std::string::npos);

  // Nothing is left of a model with gates and other networks; what is no model's stays.
  for (const char* name : {"trust.safetensors", "member_2/card.yaml", "member_3/card.yaml", "mine"})
    spit(study.work / "imported" / name, "old");
  const Outcome replaced = import(card);
  EXPECT_EQ(replaced.exit_code, 0) << replaced.err;
  EXPECT_NE(state(), imported);
  for (const char* name : {"trust.safetensors", "member_2", "member_3"})
    EXPECT_FALSE(fs::exists(study.work / "imported" / name)) << name;
  EXPECT_TRUE(fs::exists(study.work / "imported" / "mine"));
}

}  // namespace understudy::tests
