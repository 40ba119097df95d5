// The seismic verbs through the program: a small camembert is run, checked and inverted on one rank and on
// two; what does not fit is refused before anything is written.
#include <gtest/gtest.h>

#include <cmath>

#include "core/comm.hpp"
#include "solvers/seismic/earth/model_file.hpp"
#include "solvers/seismic/survey/gathers.hpp"
#include "support/apps_seismic_cli.hpp"

namespace understudy::tests {
namespace {

namespace seismic = solvers::seismic;

double largest_difference(const seismic::GatherSet& a, const seismic::GatherSet& b, double* size) {
  double most = 0;
  for (std::size_t s = 0; s < a.shots.size(); ++s)
    for (std::size_t n = 0; n < a.shots[s].values.size(); ++n) {
      most = std::max(most, std::abs(a.shots[s].values[n] - b.shots[s].values[n]));
      *size = std::max(*size, std::abs(a.shots[s].values[n]));
    }
  return most;
}

TEST(AppsSeismic, RunWritesGathersThatDoNotDependOnRanks) {
  const Scratch scratch;
  for (const int ranks : {1, 2}) {
    const fs::path out = scratch / std::to_string(ranks);
    const auto outcome =
        seismic_verb("run", out, {"output.wavefields=[1]", "output.wavefield_every_s=0.1"}, ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_TRUE(fs::exists(out / "fields.pvd"));
    const auto summed = summary(out);
    EXPECT_EQ(summed["verb"], "run");
    EXPECT_EQ(metric(out, "shots"), 2);
    EXPECT_GT(double(summed["metrics"]["rate_cells_per_s"]), 0);
  }
  const auto one = seismic::read_gathers(scratch / "1" / "gathers.h5", "pressure");
  const auto two = seismic::read_gathers(scratch / "2" / "gathers.h5", "pressure");
  ASSERT_EQ(one.shots.size(), 2u);
  EXPECT_EQ(one.samples(), 51);
  EXPECT_EQ(one.receivers.size(), 12u);
  EXPECT_EQ(one.record_every_s, 0.008);
  seismic::check_geometry(two, one, "two ranks");
  double size = 0;
  const double most = largest_difference(one, two, &size);
  EXPECT_LE(most, 1e-5 * size);
  EXPECT_GT(size, 0);
  EXPECT_FALSE(fs::exists(scratch / "1" / "inversion.h5"));
}

TEST(AppsSeismic, OneShotOnTwoRanksIsTheShotOnOne) {
  const Scratch scratch;
  ASSERT_EQ(seismic_verb("run", scratch / "a", {"output.vtk=false"}).exit_code, 0);
  for (const char* split : {"grid.ranks=[2,1]", "grid.ranks=[1,2]"}) {
    const auto outcome = seismic_verb("run", scratch / "b",
                                      {"output.vtk=false", "seismic.ranks_per_shot=2", split}, 2);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto one = seismic::read_gathers(scratch / "a" / "gathers.h5", "pressure");
    const auto two = seismic::read_gathers(scratch / "b" / "gathers.h5", "pressure");
    double size = 0;
    const double most = largest_difference(one, two, &size);
    EXPECT_LE(most, 1e-5 * size);
  }
}

TEST(AppsSeismic, CheckPrintsTheDeckAndWritesNothing) {
  const Scratch scratch;
  const auto outcome = seismic_verb("check", scratch / "out");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("width_cells: 10"), std::string::npos) << outcome.out;
  EXPECT_FALSE(fs::exists(scratch / "out"));
  const auto flat = understudy({"check", seismic_deck("flat_layers")});
  EXPECT_EQ(flat.exit_code, 0) << flat.err;
}

TEST(AppsSeismic, InvertBringsModelAndMisfitDownOnOneRankAndTwo) {
  const Scratch scratch;
  std::vector<double> errors;
  for (const int ranks : {1, 2}) {
    const fs::path out = scratch / std::to_string(ranks);
    const auto outcome = seismic_verb("invert", out, {"precision=double"}, ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    for (const char* name : {"model_error/rel_l2", "model_error/ratio_to_start", "model_error/mae",
                             "model_error/ssim", "misfit_ratio", "time_to_solution_s"})
      ASSERT_TRUE(metric(out, name).is_number()) << name;
    EXPECT_LT(double(metric(out, "model_error/ratio_to_start")), 1);
    EXPECT_LT(double(metric(out, "misfit_ratio")), 0.5);
    EXPECT_GT(double(metric(out, "time_to_solution_s")), 0);
    errors.push_back(metric(out, "model_error/rel_l2"));
    for (const char* file : {"model.h5", "inversion.csv", "inversion.h5", "inversion.pvd",
                             "model.png", "model_start.png", "model_true.png"})
      EXPECT_TRUE(fs::exists(out / file)) << file;
    const auto rows = table(out / "inversion.csv");
    ASSERT_EQ(rows.size(), 7u);  // two stages' starts, 2 + 3 iterations
    EXPECT_EQ(rows.back()[0], 5);
    EXPECT_NEAR(rows.back()[5], errors.back(), 1e-6);
  }
  EXPECT_NEAR(errors[0], errors[1], 1e-6 * errors[0]);
}

TEST(AppsSeismic, AnInversionInSinglePrecisionTakesSourcesOfAnyStrength) {
  const Scratch scratch;
  std::vector<double> ratios;
  for (const char* amplitude : {"1", "1e-24", "1e22"}) {
    const fs::path out = scratch / amplitude;
    const auto outcome = seismic_verb("invert", out,
                                      {std::string("seismic.wavelet.amplitude=") + amplitude,
                                       "output.vtk=false", "output.pictures=false"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(metric(out, "iterations"), 5);
    ratios.push_back(metric(out, "misfit_ratio"));
    EXPECT_NEAR(ratios.back(), ratios.front(), 1e-3 * ratios.front()) << amplitude;
    const auto ends = metric(out, "ends");
    ASSERT_EQ(ends.size(), 2u);
    EXPECT_EQ(ends[1]["reason"], "iterations are spent");
    EXPECT_NE(outcome.err.find("the inversion ended: stage 0 (8 Hz): iterations are spent"),
              std::string::npos)
        << outcome.err;
  }
  EXPECT_LT(ratios.front(), 0.5);
}

// A perfectly matched layer alone beside a slow bed under a free surface.
TEST(AppsSeismic, WavesThatGrowWithNoSourceAreNoResult) {
  const Scratch scratch;
  const fs::path out = scratch / "out";
  const auto outcome = seismic_verb(
      "run", out,
      {"grid.lower_m=[0,-300]", "grid.upper_m=[600,0]", "grid.cells=[60,30]",
       "seismic.equation=elastic", "seismic.order=4", "seismic.surface=free",
       "seismic.absorbing={width_cells: 20, loss: 0}",
       "seismic.model={kind: layered, layers: [{top_depth_m: 0, p_speed_m_s: 1800, s_speed_m_s: 800, "
       "density_kg_m3: 1800}, {top_depth_m: 100, p_speed_m_s: 3500, s_speed_m_s: 2000, "
       "density_kg_m3: 2500}]}",
       "seismic.wavelet={frequency_hz: 6, amplitude: 1.0e+6}",
       "seismic.sources=[{first_m: [300, 50]}]", "seismic.receivers=[{first_m: [400, 50]}]",
       "time.end_s=16", "output.vtk=false"});
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  for (const char* part : {"shot 0", "grow with no source", "width_cells 20", "reflection 0.0001",
                           "seismic.absorbing.loss"})
    EXPECT_NE(outcome.err.find(part), std::string::npos) << part << ": " << outcome.err;
  EXPECT_EQ(outcome.err.find("cfl"), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(out / "gathers.h5"));
}

TEST(AppsSeismic, InvertTakesTheGathersThatRunWrote) {
  const Scratch scratch;
  ASSERT_EQ(seismic_verb("run", scratch / "run").exit_code, 0);
  const std::string observed = "inversion.observed=" + (scratch / "run" / "gathers.h5").string();
  ASSERT_EQ(seismic_verb("invert", scratch / "computed").exit_code, 0);
  const auto outcome = seismic_verb("invert", scratch / "read", {observed});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const double computed = metric(scratch / "computed", "model_error/ratio_to_start");
  const double read = metric(scratch / "read", "model_error/ratio_to_start");
  EXPECT_LT(read, 1);
  EXPECT_NEAR(read, computed, 0.02);  // their time steps differ: invert's is stable for upper_m_s

  const auto blind =
      seismic_verb("invert", scratch / "blind", {observed, "inversion.model_is_truth=false"});
  ASSERT_EQ(blind.exit_code, 0) << blind.err;
  EXPECT_TRUE(metric(scratch / "blind", "model_error/rel_l2").is_null());
}

TEST(AppsSeismic, AStartThatFitsIsNoFailure) {
  const Scratch scratch;
  const auto outcome =
      seismic_verb("invert", scratch / "out",
                   {"seismic.model.kind=homogeneous", "seismic.model.anomaly.contrast=0",
                    "inversion.stages=[{max_frequency_hz: 0, iterations: 2}]"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(metric(scratch / "out", "model_error/rel_l2"), 0);
}

struct Bad {
  std::string verb;
  std::vector<std::string> settings, parts;
};

TEST(AppsSeismic, WhatDoesNotFitIsRefusedAndNothingIsWritten) {
  const Scratch scratch;
  const std::string gathers = (scratch / "run" / "gathers.h5").string();
  ASSERT_EQ(seismic_verb("run", scratch / "run", {"output.vtk=false"}).exit_code, 0);
  const fs::path model = scratch / "run" / "model.h5";
  if (!fs::exists(model)) {
    seismic::EarthModel earth;
    earth.cells = {20, 30, 1};
    earth.p_speed_m_s.assign(600, 2000);
    mesh::GridParams grid;
    grid.lower_m = {0, -600};
    grid.upper_m = {400, 0};
    grid.cells = {20, 30};
    fs::create_directories(model.parent_path());
    seismic::write_earth_model(model, earth, grid);
  }
  const std::string observed = "inversion.observed=" + gathers;
  const std::vector<Bad> cases{
      {"run", {"seismic.sources=[{first_m: [700, 30]}]"}, {"source 0", "in the absorbing layer"}},
      {"run", {"seismic.sources=[{first_m: [7000, 30]}]"}, {"source 0", "outside the grid"}},
      {"run",
       {"seismic.receivers=[{first_m: [10, 30]}, {first_m: [20, 601]}]"},
       {"receiver 1 (seismic.receivers.1)", "in the absorbing layer"}},
      {"run",
       {"seismic.surface=free", "seismic.sources=[{first_m: [100, 0]}]"},
       {"source 0", "lies on the free surface"}},
      {"run", {"seismic.sources=[]"}, {"seismic.sources: there is none"}},
      {"run", {"seismic.model.p_speed_m_s=0"}, {"p_speed_m_s"}},
      {"run", {"seismic.model.anomaly.contrast=-1.5"}, {"contrast"}},
      {"run",
       {"seismic.model.kind=file", "seismic.model.file.path=" + (scratch / "no.h5").string()},
       {"no.h5"}},
      {"run",
       {"seismic.model.kind=file", "seismic.model.file.path=" + model.string(),
        "grid.cells=[31,30]"},
       {"model.h5"}},
      {"run", {"time.dt_s=0.008"}, {"time.dt_s is 0.008 s, over the largest stable step", "Hz"}},
      {"run", {"time.dt_s=0.003"}, {"no multiple of time.dt_s"}},
      {"run",
       {"seismic.wavelet.frequency_hz=40"},
       {"the wavelet has frequencies up to", "points per wavelength", "largest stable time.dt_s"}},
      {"run", {"seismic.source.kind=force", "seismic.source.direction=[0,1]"}, {"elastic"}},
      {"run", {"seismic.order=6"}, {"order", "2, 4 and 8"}},
      {"run", {"output.wavefields=[2]"}, {"output.wavefields names shot 2"}},
      {"run", {"seismic.ranks_per_shot=2"}, {"seismic.ranks_per_shot is 2"}},
      {"run",
       {"seismic.wavelet.kind=tabulated", "seismic.wavelet.file=none.txt",
        "seismic.wavelet.sample_s=0.001", "seismic.wavelet.frequency_hz=15"},
       {"seismic.wavelet.file", "none.txt"}},
      {"invert", {"inversion.lower_m_s=2600"}, {"bounds [2600, 3500]", "exclude the start"}},
      {"invert", {"inversion.upper_m_s=2400"}, {"exclude the start"}},
      {"invert", {"inversion.observed=" + (scratch / "none.h5").string()}, {"none.h5"}},
      {"invert",
       {observed, "seismic.sources=[{first_m: [105, 30]}]"},
       {"inversion.observed", "gathers.h5", "shots"}},
      {"invert",
       {observed, "seismic.receivers=[{first_m: [25, 500], last_m: [575, 500], count: 12}]"},
       {"inversion.observed", "receiver"}},
      {"invert", {observed, "time.end_s=0.32"}, {"inversion.observed", "samples"}},
      {"invert",
       {observed, "time.end_s=0.2", "time.record_every_s=0.004"},
       {"inversion.observed", "recorded every 0.008 s, but the survey every 0.004 s"}},
      {"invert", {"inversion.memory_limit_mb=0.001"}, {"inversion.memory_limit_mb", "at least"}},
      {"invert", {"seismic.equation=elastic"}, {"seismic.equation: acoustic"}},
      {"invert", {"seismic.ranks_per_shot=2"}, {"seismic.ranks_per_shot is 2"}},
  };
  for (const auto& bad : cases) {
    SCOPED_TRACE(bad.verb + " " + bad.settings.back());
    const fs::path out = scratch / "out";
    expect_refused(seismic_verb(bad.verb, out, bad.settings), bad.parts);
    EXPECT_FALSE(fs::exists(out)) << "something was written";
    fs::remove_all(out);
  }
}

}  // namespace
}  // namespace understudy::tests
