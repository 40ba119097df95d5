// What generate, train, run and compare refuse of a study that is there: strangers, trained cases, other grids,
// damaged files.
#include <gtest/gtest.h>

#include "support/apps_study_cli.hpp"

namespace understudy::tests {
namespace {

TEST_F(Study, GenerateRefusesSamplesOfAnotherEnsemble) {
  const fs::path out = copy("strangers");
  // One member fewer: what was computed for it is neither used nor deleted.
  const std::vector<std::string> fewer{"ensemble.parameters.0.values=[80,100]"};
  expect_refused(understudy(call("generate", out, fewer)),
                 {"no members of this deck's ensemble", "train/member_002.hdf5", "another --out"});
  EXPECT_TRUE(fs::exists(out / "dataset/train/member_002.hdf5"));
  // Another split: the sample would be there twice.
  expect_refused(understudy(call("generate", out, {"ensemble.validation=[2]"})),
                 {"train/member_002.hdf5, valid/member_001.hdf5"});
  fs::remove(out / "dataset/train/member_002.hdf5");
  EXPECT_EQ(understudy(call("generate", out, fewer)).exit_code, 0);
}

TEST_F(Study, ACaseOfTheModelIsRefusedWhateverTheDecksEnsembleSays) {
  // Another deck's ensemble does not have Reynolds number 80; the model was trained on it.
  const fs::path out = *scratch / "other_ensemble";
  const std::vector<std::string> other{"swap.model=" + (*scratch / "out/model").string(),
                                       "ensemble.parameters.0.values=[90,120]",
                                       "ensemble.validation=[1]", "compare.parameters.0.value=80"};
  expect_refused(understudy(call("compare", out, other)),
                 {"flow.reynolds = 80", "member_000", "train", "compare.allow_trained"});
  // And what that ensemble has, the model has not seen.
  auto unseen = other;
  unseen.back() = "compare.parameters.0.value=120";
  EXPECT_EQ(understudy(call("compare", out, unseen)).exit_code, 0);
}

TEST_F(Study, ATrainedCaseIsRefusedUnlessAllowed) {
  const fs::path out = copy("trained_case");
  expect_refused(understudy(call("compare", out, {"compare.parameters.0.value=80"})),
                 {"flow.reynolds = 80", "member_000", "train", "compare.allow_trained"});
  const Outcome allowed = understudy(
      call("compare", out, {"compare.parameters.0.value=80", "compare.allow_trained=true"}));
  EXPECT_EQ(allowed.exit_code, 0) << allowed.err;
  EXPECT_NE(slurp(out / "report.html").find("in the training set (member_000)"), std::string::npos);
}

TEST_F(Study, CaseOutsideTheEnvelopeIsWarnedOf) {
  const Outcome outside =
      understudy(call("compare", copy("outside"), {"compare.parameters.0.value=170"}));
  EXPECT_EQ(outside.exit_code, 0) << outside.err;
  EXPECT_NE(outside.err.find("flow.reynolds = 170"), std::string::npos) << outside.err;
  EXPECT_NE(outside.err.find("training envelope"), std::string::npos) << outside.err;
}

TEST_F(Study, DatasetOfAnotherGridOrOtherFields) {
  const fs::path out = copy("other_dataset");
  expect_refused(understudy(call("train", out, {"grid.cells=[80,40]"})), {"64", "80"});
  expect_refused(understudy(call("train", out, {"flow.scalar.enabled=true"})), {"scalar"});
  expect_refused(understudy(call("train", out, {"time.window_s=0.25"})), {"0.25"});
}

TEST_F(Study, TruncatedDataset) {
  const fs::path out = copy("truncated");
  const fs::path file = out / "dataset/train/member_000.hdf5";
  fs::resize_file(file, fs::file_size(file) / 2);
  expect_refused(understudy(call("train", out)), {"member_000.hdf5"});
  spit(file, "not HDF5 at all");
  expect_refused(understudy(call("train", out)), {"member_000.hdf5"});
}

TEST_F(Study, ModelThatDoesNotFit) {
  const fs::path out = copy("misfit");
  expect_refused(understudy(call("run", out, {"time.window_s=0.25", "time.end_s=1"})),
                 {"does not fit this run", "0.5 s", "time.window_s is 0.25"});
  expect_refused(understudy(call("run", out, {"grid.cells=[128,64]"})),
                 {"does not fit this run", "spacing along x"});
  expect_refused(understudy(call("run", out,
                                 {"flow.boundaries.y_lower.kind=periodic",
                                  "flow.boundaries.y_upper.kind=periodic"})),
                 {"does not fit this run", "y_lower", "periodic"});
}

TEST_F(Study, DamagedModel) {
  const fs::path out = copy("damaged");
  const std::string weights = slurp(out / "model/weights.safetensors"),
                    card = slurp(out / "model/card.yaml");
  spit(out / "model/weights.safetensors", weights.substr(0, weights.size() / 2));
  expect_refused(understudy(call("run", out)), {"weights.safetensors"});
  // Whole, but another training's.
  std::string other = weights;
  other[weights.size() / 2] ^= 1;
  spit(out / "model/weights.safetensors", other);
  expect_refused(understudy(call("run", out)),
                 {"weights.safetensors has the hash",
                  "the card beside it was written for weights of hash", "`understudy train`"});
  fs::remove(out / "model/weights.safetensors");
  expect_refused(understudy(call("run", out)), {"weights.safetensors"});
  spit(out / "model/weights.safetensors", weights);
  spit(out / "model/card.yaml", card + "extra: 1\n");
  expect_refused(understudy(call("run", out)), {"card.yaml", "extra", "unknown key"});
}

}  // namespace
}  // namespace understudy::tests
