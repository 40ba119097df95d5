// Inversions that were stopped, and finished ones, resumed through the program.
#include <gtest/gtest.h>

#include <cmath>

#include "mesh/io/hdf5_file.hpp"
#include "solvers/seismic/earth/model_file.hpp"
#include "support/apps_seismic_cli.hpp"

namespace understudy::tests {
namespace {

namespace seismic = solvers::seismic;

TEST(AppsSeismicResume, AStoppedInversionGoesOnWithResume) {
  const Scratch scratch;
  const fs::path out = scratch / "out";
  const std::string many =
      "inversion.stages=[{max_frequency_hz: 8, iterations: 3}, {max_frequency_hz: 0, iterations: "
      "400}]";
  Process process({with_settings({"invert", seismic_deck("camembert_fwi"), "--out", out},
                                 small_camembert, {many, "precision=double"}),
                   1});
  const auto rows = [&] {
    return fs::exists(out / "inversion.csv") ? slurp(out / "inversion.csv") : "";
  };
  for (int n = 0; n < 4000 && std::ranges::count(rows(), '\n') < 4; ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(process.id(), SIGTERM);
  const Outcome stopped = process.wait();
  ASSERT_EQ(stopped.exit_code, 128 + SIGTERM) << stopped.err;
  EXPECT_NE(stopped.err.find("--resume goes on from"), std::string::npos) << stopped.err;
  EXPECT_FALSE(fs::exists(out / "summary.json"));
  const auto before = table(out / "inversion.csv");
  const int done = int(before.back()[0]);

  const std::string end =
      "inversion.stages=[{max_frequency_hz: 8, iterations: 3}, "
      "{max_frequency_hz: 0, iterations: " +
      std::to_string(done + 3) + "}]";
  const auto resumed = seismic_verb("invert", out, {end, "precision=double"}, 1, true);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("resuming after iteration " + std::to_string(done)), std::string::npos)
      << resumed.err;
  const auto after = table(out / "inversion.csv");
  ASSERT_GT(after.size(), before.size());
  for (std::size_t n = 0; n < before.size(); ++n) EXPECT_EQ(after[n][3], before[n][3]) << n;
  for (std::size_t n = 1; n < after.size(); ++n) {
    EXPECT_EQ(after[n][0] - after[n - 1][0], after[n][1] == after[n - 1][1] ? 1 : 0) << n;
    EXPECT_GE(after[n][11], after[n - 1][11]);
  }
  EXPECT_LT(after.back()[5], before.back()[5]);
}

std::vector<std::string> iterations_in(const fs::path& pvd) {
  const std::string text = slurp(pvd);
  std::vector<std::string> times;
  for (auto at = text.find("timestep=\""); at != std::string::npos;
       at = text.find("timestep=\"", at + 1))
    times.push_back(text.substr(at + 10, text.find('"', at + 10) - at - 10));
  return times;
}

TEST(AppsSeismicResume, AFinishedInversionResumedKeepsWhatItHas) {
  const Scratch scratch;
  const fs::path out = scratch / "out";
  const std::string one = "inversion.stages=[{max_frequency_hz: 0, iterations: 2}]";
  ASSERT_EQ(seismic_verb("invert", out, {one, "precision=double"}).exit_code, 0);
  const auto first = summary(out)["metrics"];
  const std::string csv = slurp(out / "inversion.csv"), pvd = slurp(out / "inversion.pvd");
  const std::string start = slurp(out / "inversion" / "inversion_000000.vti");
  // A row that a killed inversion wrote, and did not keep its iteration of.
  spit(out / "inversion.csv", csv + "3,0,0,1,1,1,1,1,1,1,9,9\n");
  const auto again = seismic_verb("invert", out, {one, "precision=double"}, 1, true);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(summary(out)["metrics"], first);
  EXPECT_EQ(slurp(out / "inversion.csv"), csv);
  EXPECT_EQ(slurp(out / "inversion.pvd"), pvd);

  // More iterations go on where it stood, with one row and one picture each.
  const std::string more = "inversion.stages=[{max_frequency_hz: 0, iterations: 4}]";
  const auto longer = seismic_verb("invert", out, {more, "precision=double"}, 1, true);
  ASSERT_EQ(longer.exit_code, 0) << longer.err;
  const auto rows = table(out / "inversion.csv");
  ASSERT_EQ(rows.size(), 5u);
  for (std::size_t n = 0; n < rows.size(); ++n) EXPECT_EQ(rows[n][0], double(n));
  EXPECT_EQ(iterations_in(out / "inversion.pvd"),
            (std::vector<std::string>{"0", "1", "2", "3", "4"}));
  EXPECT_EQ(slurp(out / "inversion" / "inversion_000000.vti"), start);

  expect_refused(
      seismic_verb("invert", out, {more, "precision=double", "seed=5"}, 1, true),
      {"inversion.h5 is of another deck (hash ", ", this one ", "seed is 1 there and 5"});
  expect_refused(
      seismic_verb("invert", out,
                   {"inversion.stages=[{max_frequency_hz: 9, iterations: 4}]", "precision=double"},
                   1, true),
      {"inversion.stages", "stage 0 at 0 Hz", "at 9 Hz"});
}

// Columns of inversion.csv: 0 iteration, 4 misfit_ratio.
TEST(AppsSeismicResume, AGoalThatIsLoweredIsGoneOnTo) {
  const Scratch scratch;
  const auto invert = [&](const char* folder, double goal, bool resume = false) {
    return seismic_verb("invert", scratch / folder,
                        {"inversion.stages=[{max_frequency_hz: 0, iterations: 4}]",
                         "inversion.misfit_goal=" + std::to_string(goal), "precision=double",
                         "output.vtk=false", "output.pictures=false"},
                        1, resume);
  };
  const auto reason = [](const Outcome& outcome, const std::string& words) {
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_NE(outcome.err.find("the inversion ended: stage 0: " + words), std::string::npos)
        << outcome.err;
  };
  reason(invert("whole", 0), "iterations are spent");
  const auto whole = table(scratch / "whole" / "inversion.csv");
  ASSERT_EQ(whole.size(), 5u);
  ASSERT_LT(whole[2][4], whole[1][4]);
  const double goal = 0.5 * (whole[1][4] + whole[2][4]);  // the second iteration reaches it

  const fs::path out = scratch / "out", csv = out / "inversion.csv";
  reason(invert("out", goal), "misfit_goal is reached");
  const std::string ended = slurp(csv);
  ASSERT_EQ(table(csv).size(), 3u);
  EXPECT_EQ(invert("out", goal, true).exit_code, 0);
  EXPECT_EQ(slurp(csv), ended);

  // As it is killed behind that iteration, before the file says that no stage is left.
  {
    mesh::Hdf5File file(out / "inversion.h5", mesh::H5Mode::update, core::Comm::self());
    file.set_attribute("", "finished", false);
    file.set_attribute("", "stage", 0);
    file.set_attribute("", "iterations_in_stage", 2);
    file.set_attribute("", "stage_start_misfit", table(csv)[0][3]);
  }
  reason(invert("out", goal, true), "misfit_goal is reached");
  EXPECT_EQ(slurp(csv), ended);

  reason(invert("out", 1e-5, true), "iterations are spent");
  const auto further = table(csv);
  ASSERT_EQ(further.size(), 5u);
  EXPECT_LT(further.back()[4], goal);
  for (std::size_t n = 0; n < further.size(); ++n) EXPECT_EQ(further[n][0], double(n));
  // Its iterations are spent: a still lower goal has none left.
  const std::string spent = slurp(csv);
  EXPECT_EQ(invert("out", 1e-6, true).exit_code, 0);
  EXPECT_EQ(slurp(csv), spent);
}

TEST(AppsSeismicResume, RestartFileAndModelHaveTheirRowsInOneOrder) {
  const Scratch scratch;
  const fs::path out = scratch / "out";
  ASSERT_EQ(seismic_verb("invert", out,
                         {"inversion.stages=[{max_frequency_hz: 0, iterations: 2}]",
                          "seismic.model.anomaly.depth_m=200", "precision=double"})
                .exit_code,
            0);
  mesh::GridParams grid;
  grid.lower_m = {0, -600};
  grid.upper_m = {600, 0};
  grid.cells = {30, 30};
  seismic::ModelFileParams file;
  file.format = "hdf5";
  file.path = "model.h5";
  const auto model = seismic::read_earth_model(file, grid, out);
  file.path = "inversion.h5";
  const auto restart = seismic::read_earth_model(file, grid, out);
  EXPECT_EQ(restart.p_speed_m_s, model.p_speed_m_s);
}

}  // namespace
}  // namespace understudy::tests
