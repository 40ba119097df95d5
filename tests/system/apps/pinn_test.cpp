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

#include "support/apps_cli.hpp"
#include "support/apps_pinn_cli.hpp"

namespace understudy::tests {
namespace {

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
                             "model/weights.safetensors", "model/README.md"})
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

TEST(AppsPinn, ParametersAreJudgedOneByOne) {
  const Scratch scratch;
  const auto outcome =
      pinn_verb("pinn", scratch / "out",
                {"problem={name: burgers_inverse, data_points: 100, constants: {viscosity: 0.1}}",
                 "optimiser.steps=5", "output.points=[21, 11]"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto m = summary(scratch / "out")["metrics"];
  for (const char* name : {"convection", "viscosity"}) {
    const auto parameter = m["pinn"]["parameter"][name],
               judged = m["validation"]["burgers_inverse"][name];
    EXPECT_EQ(parameter["unit"], "1");
    EXPECT_GT(double(parameter["absolute_error"]), 0);
    EXPECT_EQ(judged["value"], parameter["relative_error"]);
    EXPECT_EQ(judged["reference"], 0.01);
    EXPECT_EQ(judged["passed"], false);
    EXPECT_FALSE(std::string(judged["source"]).empty());
  }
  EXPECT_NE(slurp(scratch / "out" / "report.html").find("missed"), std::string::npos);
}

TEST(AppsPinn, CompareSetsTheClassicalMethodBesideAndTrainsOnce) {
  const Scratch scratch;
  const fs::path out = scratch / "out";
  ASSERT_EQ(pinn_verb("pinn", out).exit_code, 0);
  const std::string weights = slurp(out / "model" / "weights.safetensors");
  const auto outcome = pinn_verb("compare", out, {"compare.resolutions=4"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("not trained again"), std::string::npos) << outcome.err;
  EXPECT_EQ(slurp(out / "model" / "weights.safetensors"), weights);
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
  EXPECT_NE(slurp(out / "model" / "weights.safetensors"), weights);
}

// Of an inverse problem: the folder of a classical inversion, of whose summary this is what counts.
TEST(AppsPinn, CompareSetsAClassicalInversionBeside) {
  const Scratch scratch;
  const std::vector<std::string> problem{
      "problem={name: burgers_inverse, data_points: 100, constants: {viscosity: 0.1}}",
      "optimiser.steps=5", "output.points=[21, 11]",
      "compare.inversion=" + (scratch / "inversion").string()};
  expect_refused(
      pinn_verb("compare", scratch / "out", problem),
      {"compare.inversion: ", "summary.json: cannot be read", "a finished `understudy invert`"});
  EXPECT_FALSE(fs::exists(scratch / "out"));
  fs::create_directory(scratch / "inversion");
  spit(scratch / "inversion" / "summary.json",
       R"({"verbs": {"invert": {"backend": {"ranks": 2, "threads": 1}, "metrics": {"assimilation":
           {"viscosity": {"value": 0.101}, "time_to_solution_s": 3, "end": "done",
            "held_out": {"u": {"rel_l2": 0.02, "rel_l2_mean_free": 0.03}}}}}}})");
  const auto outcome = pinn_verb("compare", scratch / "out", problem);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto beside = summary(scratch / "out")["metrics"]["pinn"]["inversion"];
  EXPECT_NEAR(double(beside["errors"]["viscosity"]["classical"]), 0.01, 1e-12);
  EXPECT_TRUE(beside["errors"]["convection"]["classical"].is_null());
  EXPECT_EQ(beside["errors"]["u"]["classical"], 0.02);
  EXPECT_EQ(beside["core_s"], 6);
  EXPECT_NE(slurp(scratch / "out" / "report.html").find("Beside the classical inversion"),
            std::string::npos);
  expect_refused(pinn_verb("compare", scratch / "forward",
                           {"compare.inversion=" + (scratch / "inversion").string()}),
                 {"compare.inversion: ", "finds nothing from samples"});
}

double first_loss(const fs::path& out) {
  std::istringstream history(slurp(out / "history.csv"));
  std::string line;
  std::getline(history, line);
  std::getline(history, line);
  for (int comma = 0; comma < 5; ++comma) line.erase(0, line.find(',') + 1);
  return std::stod(line);
}

TEST(AppsPinn, AModelFolderIsAStart) {
  const Scratch scratch;
  ASSERT_EQ(pinn_verb("pinn", scratch / "first", {"optimiser.steps=150"}).exit_code, 0);
  const std::string start = "start=" + (scratch / "first" / "model").string();
  const auto outcome = pinn_verb("pinn", scratch / "second", {start, "seed=5"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_LT(first_loss(scratch / "second"), 0.2 * first_loss(scratch / "first"));
}

// What a signal stops goes on from its checkpoint, and ends as if it had not been stopped.
TEST(AppsPinn, AStoppedTrainingGoesOnWithResume) {
  const Scratch scratch;
  const std::vector<std::string> longer{"optimiser.steps=1500", "precision=double",
                                        "evaluate_every=0"};
  ASSERT_EQ(pinn_verb("pinn", scratch / "whole", longer).exit_code, 0);
  const fs::path out = scratch / "out";
  Process process({with_settings({"pinn", pinn_deck(), "--out", out}, small, longer), 1});
  const auto lines = [&] {
    const std::string text = fs::exists(out / "history.csv") ? slurp(out / "history.csv") : "";
    return std::ranges::count(text, '\n');
  };
  for (int n = 0; n < 10000 && lines() < 4; ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  kill(process.id(), SIGTERM);
  const Outcome stopped = process.wait();
  ASSERT_EQ(stopped.exit_code, 128 + SIGTERM) << stopped.err;
  EXPECT_FALSE(fs::exists(out / "summary.json"));
  EXPECT_TRUE(fs::exists(out / "checkpoint.safetensors"));
  const auto resumed = pinn_verb("pinn", out, longer, 1, true);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(summary(out)["metrics"]["pinn"]["error"],
            summary(scratch / "whole")["metrics"]["pinn"]["error"]);
  // The same lines but for their wall times.
  const auto without_time = [](const fs::path& csv) {
    std::istringstream file(slurp(csv));
    std::string all;
    for (std::string line; std::getline(file, line);) {
      std::vector<std::string> cells(1);
      for (const char c : line)
        if (c == ',')
          cells.emplace_back();
        else
          cells.back() += c;
      cells[3].clear();
      for (const auto& cell : cells) all += cell + ",";
      all += "\n";
    }
    return all;
  };
  EXPECT_EQ(without_time(out / "history.csv"), without_time(scratch / "whole" / "history.csv"));
}

}  // namespace
}  // namespace understudy::tests
