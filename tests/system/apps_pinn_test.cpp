// The verbs of a physics-informed network through the program: a tiny training on one rank and on two, what it
// writes, its comparison, going on from a model folder; what does not fit is refused before anything is
// written.
#include <gtest/gtest.h>
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkFieldData.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkXMLImageDataReader.h>

#include <cmath>

#include "apps_cli.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> small{"network={depth: 2, width: 16}",
                                     "sampling={interior: 64, boundary: 8, initial: 16}",
                                     "optimiser={steps: 60, learning_rate: 5e-3}",
                                     "record_every=10",
                                     "evaluate_every=20",
                                     "weights={}"};

std::string pinn_deck() { return std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/pinn/poisson.yaml"; }

Outcome pinn_verb(const std::string& verb, const fs::path& out,
                  const std::vector<std::string>& more = {}, int ranks = 1, bool resume = false) {
  auto arguments = with_settings({verb, pinn_deck(), "--out", out}, small, more);
  if (resume) arguments.push_back("--resume");
  return understudy(arguments, ranks);
}

// Burgers' equation has time and no weights in its name.
const std::vector<std::string> burgers{"problem={name: burgers, constants: {viscosity: 0.1}}",
                                       "output.points=[21, 11]"};

vtkSmartPointer<vtkImageData> read_image(const fs::path& path) {
  vtkNew<vtkXMLImageDataReader> reader;
  reader->SetFileName(path.c_str());
  reader->Update();
  return reader->GetOutput();
}

TEST(AppsPinn, TrainsAndWritesEverythingOnOneRankAndTwo) {
  const Scratch scratch;
  for (const int ranks : {1, 2}) {
    const fs::path out = scratch / std::to_string(ranks);
    const auto outcome = pinn_verb("pinn", out, {}, ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    for (const char* file : {"fields.pvd", "history.csv", "report.html", "model/card.yaml",
                             "model/weights.pt", "model/README.md"})
      EXPECT_TRUE(fs::exists(out / file)) << file;
    const auto s = summary(out);
    EXPECT_EQ(s["verb"], "pinn");
    EXPECT_EQ(s["app"], "pinn");
    EXPECT_EQ(s["backend"]["ranks"], ranks);
    const auto m = s["metrics"];
    const double error = m["pinn"]["error"]["u"]["rel_l2"];
    EXPECT_GT(error, 0);
    EXPECT_GT(double(m["pinn"]["iteration_s"]), 0);
    EXPECT_GE(double(m["pinn"]["train_s"]), 60 * 0.5 * double(m["pinn"]["iteration_s"]));
    EXPECT_EQ(m["pinn"]["threads"], 1);
    EXPECT_EQ(m["pinn"]["ranks"], ranks);
    EXPECT_EQ(m["pinn"]["steps"], 60);
    const auto judged = m["validation"]["poisson"];
    EXPECT_EQ(judged["value"], error);
    EXPECT_EQ(judged["reference"], 1e-3);
    EXPECT_EQ(judged["passed"], error <= 1e-3);
    EXPECT_FALSE(std::string(judged["source"]).empty());
    // Steps 0, 10... and the last one, under one heading.
    const std::string history = slurp(out / "history.csv");
    EXPECT_EQ(std::ranges::count(history, '\n'), 8) << history;
    EXPECT_NE(history.find("loss:poisson.balance"), std::string::npos);
    const std::string report = slurp(out / "report.html");
    for (const char* words :
         {"fails to reach", "Relative L2 error of the fields", "Cost", "Record"})
      EXPECT_NE(report.find(words), std::string::npos) << words;
    EXPECT_NE(slurp(out / "model" / "card.yaml").find("problem: \"poisson\""), std::string::npos);
  }
}

TEST(AppsPinn, FieldsReadBackAreSolutionReferenceAndTheirDifference) {
  const Scratch scratch;
  const auto outcome = pinn_verb("pinn", scratch / "out", burgers);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto image = read_image(scratch / "out" / "fields" / "fields_000000.vti");
  ASSERT_EQ(image->GetNumberOfCells(), 21 * 11);
  // Points are the centres of cells.
  EXPECT_NEAR(image->GetOrigin()[0] + 0.5 * image->GetSpacing()[0], -1, 1e-12);
  EXPECT_NEAR(image->GetOrigin()[1] + 10.5 * image->GetSpacing()[1], 1, 1e-12);
  auto* cells = image->GetCellData();
  for (const char* name : {"u", "u_reference", "u_error", "residual_interior_momentum"})
    ASSERT_NE(cells->GetArray(name), nullptr) << name;
  auto* truth = cells->GetArray("u_reference");
  for (int n = 0; n < 21 * 11; ++n) {
    EXPECT_NEAR(cells->GetArray("u_error")->GetTuple1(n),
                cells->GetArray("u")->GetTuple1(n) - truth->GetTuple1(n), 1e-14);
    if (n < 21) {
      EXPECT_NEAR(truth->GetTuple1(n), -std::sin(M_PI * (-1 + 0.1 * n)), 1e-12);
    }
  }
  for (const char* picture : {"u", "u_reference", "u_error", "residual_interior_momentum"})
    EXPECT_TRUE(fs::exists(scratch / "out" / "pictures" / (std::string(picture) + ".png")));
}

TEST(AppsPinn, ALineIsARowOfCells) {
  const Scratch scratch;
  const auto outcome =
      pinn_verb("pinn", scratch / "out", {"output.points=[17]", "precision=double"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto image = read_image(scratch / "out" / "fields" / "fields_000000.vti");
  ASSERT_EQ(image->GetNumberOfCells(), 17);
  for (int n = 0; n < 17; ++n)
    EXPECT_NEAR(image->GetCellData()->GetArray("u_reference")->GetTuple1(n),
                std::sin(M_PI * n / 16), 1e-12);
}

TEST(AppsPinn, CompareSetsTheClassicalMethodBesideAndTrainsOnce) {
  const Scratch scratch;
  const fs::path out = scratch / "out";
  ASSERT_EQ(pinn_verb("pinn", out).exit_code, 0);
  const std::string weights = slurp(out / "model" / "weights.pt");
  const auto outcome = pinn_verb("compare", out, {"compare.resolutions=4"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("not trained again"), std::string::npos) << outcome.err;
  EXPECT_EQ(slurp(out / "model" / "weights.pt"), weights);
  const auto m = summary(out)["metrics"];
  const auto classical = m["pinn"]["classical"];
  ASSERT_EQ(classical["runs"].size(), 4u);
  const double error = m["pinn"]["error"]["u"]["rel_l2"];
  const double equal_s = classical["equal_error"]["wall_s"];
  for (const auto& run : classical["runs"]) {
    if (double(run["errors"][0]) <= error) {
      EXPECT_GE(double(run["wall_s"]), equal_s);
    }
    if (run["resolution"] == classical["equal_error"]["resolution"]) {
      EXPECT_LE(double(run["errors"][0]), error);
    }
  }
  EXPECT_NEAR(double(classical["training_ratio"]), double(m["pinn"]["train_s"]) / equal_s,
              1e-9 * double(classical["training_ratio"]));
  EXPECT_NEAR(double(m["speedup"]["equal_error"]), 1 / double(classical["training_ratio"]), 1e-12);
  EXPECT_GT(double(classical["evaluation_s"]), 0);
  const std::string report = slurp(out / "report.html");
  for (const char* words : {"Beside the classical method", "the network loses", "resolution 8"})
    EXPECT_NE(report.find(words), std::string::npos) << words;
  // Another deck's model does not serve.
  const auto other = pinn_verb("compare", out, {"seed=2"});
  ASSERT_EQ(other.exit_code, 0) << other.err;
  EXPECT_EQ(other.err.find("not trained again"), std::string::npos) << other.err;
  EXPECT_NE(slurp(out / "model" / "weights.pt"), weights);
}

double first_loss(const fs::path& out) {
  std::istringstream history(slurp(out / "history.csv"));
  std::string line;
  std::getline(history, line), std::getline(history, line);
  for (int comma = 0; comma < 5; ++comma) line.erase(0, line.find(',') + 1);
  return std::stod(line);
}

TEST(AppsPinn, AModelFolderIsAStart) {
  const Scratch scratch;
  ASSERT_EQ(pinn_verb("pinn", scratch / "first", {"optimiser.steps=300"}).exit_code, 0);
  const std::string start = "start=" + (scratch / "first" / "model").string();
  const auto outcome = pinn_verb("pinn", scratch / "second", {start, "seed=5"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_LT(first_loss(scratch / "second"), 0.2 * first_loss(scratch / "first"));
  expect_refused(pinn_verb("pinn", scratch / "third", {start, "network.width=17"}),
                 {"first/model", "network.width: 16, the deck 17", "must be the same"});
  expect_refused(
      pinn_verb("pinn", scratch / "third", {start, "problem={name: burgers, constants: {}}"}),
      {"problem: poisson, the deck burgers"});
  expect_refused(pinn_verb("pinn", scratch / "third", {"start=" + (scratch / "none").string()}),
                 {"no solution in", "none", "card.yaml is missing"});
  spit(scratch / "first" / "model" / "weights.pt", "other bytes");
  expect_refused(pinn_verb("check", scratch / "third", {start}),
                 {"weights.pt is not the file that the card"});
  EXPECT_FALSE(fs::exists(scratch / "third"));
}

TEST(AppsPinn, CheckPrintsADeckThatReadsBackAndWritesNothing) {
  const Scratch scratch;
  const auto outcome = pinn_verb("check", scratch / "out", {"weights={x_lower.u: 3}"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* words : {"# terms (weights:): poisson.balance, x_lower.u, x_upper.u",
                            "# inputs: x (0 to 1)", "x_lower.u: 3", "waves: 1", "width: 16"})
    EXPECT_NE(outcome.out.find(words), std::string::npos) << words << "\n" << outcome.out;
  EXPECT_FALSE(fs::exists(scratch / "out"));
  spit(scratch / "again.yaml", outcome.out);
  const auto again = understudy({"check", scratch / "again.yaml"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out.substr(again.out.find("# inputs")),
            outcome.out.substr(outcome.out.find("# inputs")));
}

TEST(AppsPinn, ALossThatIsNotFiniteEndsTheRunWithThree) {
  const Scratch scratch;
  const auto outcome = pinn_verb("pinn", scratch / "out", {"weights={x_lower.u: 1e300}"});
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  EXPECT_NE(outcome.err.find("the loss is not finite"), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(scratch / "out" / "summary.json"));
}

TEST(AppsPinn, ListNamesProblemsAndNetworks) {
  const auto outcome = understudy({"list"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const char* words : {"PINN problems", "poisson", "burgers", "PINN networks", "pirate_net"})
    EXPECT_NE(outcome.out.find(words), std::string::npos) << words;
}

struct Bad {
  std::string verb;
  std::vector<std::string> settings, parts;
};

TEST(AppsPinn, WhatDoesNotFitIsRefusedAndNothingIsWritten) {
  const Scratch scratch;
  const std::vector<Bad> cases{
      {"pinn", {"problem.name=poison"}, {"problem.name", "did you mean 'poisson'"}},
      {"pinn", {"problem.constants.waves=99"}, {"problem.constants.waves", "99 is out of bounds"}},
      {"pinn", {"problem.constants.waves=1.5"}, {"'waves' is 1.5", "whole number"}},
      {"pinn", {"network.deep=3"}, {"network.deep: unknown key", "'network.depth'"}},
      {"pinn", {"sampling.boundary=0"}, {"sampling.boundary is 0", "too few points"}},
      {"pinn", {"weights={x_lower.v: 2}"}, {"no term 'x_lower.v'", "poisson.balance"}},
      {"pinn", {"curriculum.windows=2"}, {"curriculum.windows is 2", "has no time"}},
      {"pinn", {"output.points=[5, 5]"}, {"output.points has 2 entries", "1 inputs (x)"}},
      {"check", {"output.points=[5, 5]"}, {"output.points has 2 entries"}},
      {"check", {"weights={x_lower.v: 2}"}, {"no term 'x_lower.v'"}},
      {"run", {}, {"app: pinn does not take `run`; it takes pinn, compare, check"}},
      {"train", {}, {"does not take `train`"}},
  };
  for (const auto& bad : cases) {
    SCOPED_TRACE(bad.verb + " " + (bad.settings.empty() ? "" : bad.settings.back()));
    expect_refused(pinn_verb(bad.verb, scratch / "out", bad.settings), bad.parts);
    EXPECT_FALSE(fs::exists(scratch / "out")) << "something was written";
    fs::remove_all(scratch / "out");
  }
  expect_refused(pinn_verb("pinn", scratch / "out", {}, 1, true),
                 {"--resume", "no checkpoint", "starts anew"});
  expect_refused(understudy({"pinn", deck("cavity")}), {"pinn takes decks with app: pinn"});
}

}  // namespace
}  // namespace understudy::tests
