// SEG-Y through the program: run writes it beside HDF5 or in its place, invert and further runs read it, and
// surveys and grids that its headers do not hold are refused before anything is computed.
#include <gtest/gtest.h>

#include <cmath>

#include "solvers/seismic/earth/model_file.hpp"
#include "solvers/seismic/survey/gathers.hpp"
#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

namespace seismic = solvers::seismic;

const std::string text = R"(app: seismic
precision: single
grid: {lower_m: [0, -600], upper_m: [600, 0], cells: [30, 30]}
time: {end_s: 0.4, record_every_s: 0.008}
seismic:
  absorbing: {width_cells: 10}
  model: {kind: camembert, p_speed_m_s: 2500, anomaly: {x_m: 300, depth_m: 300, radius_m: 150, edge_m: 20}}
  wavelet: {frequency_hz: 8}
  sources: [{first_m: [105, 30], last_m: [495, 30], count: 2}]
  receivers: [{first_m: [25, 570.5], last_m: [575, 570.5], count: 12}]
inversion:
  start: {kind: homogeneous, p_speed_m_s: 2500}
  stages: [{max_frequency_hz: 8, iterations: 2}]
  lower_m_s: 2000
  upper_m_s: 3500
output: {vtk: false, pictures: false}
)";

Outcome call(const Scratch& scratch, const std::string& verb, const std::string& out,
             const std::vector<std::string>& settings = {}, int ranks = 1) {
  const fs::path deck = scratch / "survey.yaml";
  if (!fs::exists(deck)) spit(deck, text);
  return understudy(
      with_settings({verb, deck.string(), "--out", (scratch / out).string()}, settings, {}), ranks);
}

double last_misfit(const fs::path& out) {
  return summary(out)["metrics"]["seismic"]["misfit_ratio"];
}

TEST(AppsSeismicSegy, ServesWhereHdf5Does) {
  const Scratch scratch;
  const auto ran = call(scratch, "run", "run", {"output.gathers=both", "output.models=both"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const fs::path out = scratch / "run";
  const auto whole = seismic::read_gathers(out / "gathers.h5", "pressure");
  const auto single = seismic::read_gathers(out / "gathers_pressure.sgy", "pressure");
  seismic::check_geometry(single, whole, "gathers_pressure.sgy");
  EXPECT_EQ(single.receivers[3], (std::array<double, 3>{175, 0, 570.5}));
  ASSERT_EQ(single.shots.size(), whole.shots.size());
  for (std::size_t s = 0; s < whole.shots.size(); ++s)
    for (std::size_t n = 0; n < whole.shots[s].values.size(); ++n) {
      const double value = whole.shots[s].values[n];
      ASSERT_NEAR(single.shots[s].values[n], value, std::ldexp(std::abs(value), -24) + 1e-45);
    }

  for (const char* name : {"gathers.h5", "gathers_pressure.sgy"}) {
    const auto inverted = call(scratch, "invert", std::string("from_") + name,
                               {"inversion.observed=" + (out / name).string()});
    ASSERT_EQ(inverted.exit_code, 0) << inverted.err;
  }
  const double hdf5 = last_misfit(scratch / "from_gathers.h5"),
               segy = last_misfit(scratch / "from_gathers_pressure.sgy");
  EXPECT_LT(segy, 1);
  EXPECT_NEAR(segy, hdf5, 1e-4 * hdf5);

  mesh::GridParams grid;
  grid.lower_m = {0, -600};
  grid.upper_m = {600, 0};
  grid.cells = {30, 30};
  seismic::ModelFileParams file;
  file.path = "model.sgy";
  const auto model = seismic::read_earth_model(file, grid, out.string());
  file.path = "model.h5";
  const auto exact = seismic::read_earth_model(file, grid, out.string());
  for (std::size_t n = 0; n < exact.count(); ++n)
    ASSERT_EQ(model.p_speed_m_s[n], float(exact.p_speed_m_s[n])) << n;
}

TEST(AppsSeismicSegy, TakesThePlaceOfHdf5) {
  const Scratch scratch;
  const std::vector<std::string> only{"output.gathers=segy", "output.models=segy",
                                      "output.segy_numbers=ibm"};
  const auto ran = call(scratch, "run", "run", only, 2);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_FALSE(fs::exists(scratch / "run" / "gathers.h5"));
  EXPECT_FALSE(fs::exists(scratch / "run" / "model.h5"));
  EXPECT_EQ(slurp(scratch / "run" / "gathers_pressure.sgy").substr(3224, 2),
            std::string("\0\1", 2));
  // The model goes into a further run.
  const auto again = call(scratch, "run", "again",
                          {only[0], "seismic.model={kind: file, file: {path: run/model.sgy}}"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  const auto first = seismic::read_gathers(scratch / "run" / "gathers_pressure.sgy", "pressure"),
             second = seismic::read_gathers(scratch / "again" / "gathers_pressure.sgy", "pressure");
  double most = 0, size = 0;
  for (std::size_t n = 0; n < first.shots[0].values.size(); ++n) {
    most = std::max(most, std::abs(first.shots[0].values[n] - second.shots[0].values[n]));
    size = std::max(size, std::abs(first.shots[0].values[n]));
  }
  EXPECT_GT(size, 0);
  EXPECT_LE(most, 1e-4 * size);
  // An inversion's model, too.
  ASSERT_EQ(call(scratch, "invert", "inverted", {only[1]}).exit_code, 0);
  EXPECT_TRUE(fs::exists(scratch / "inverted" / "model.sgy"));
}

struct Bad {
  std::string verb;
  std::vector<std::string> settings, parts;
};

TEST(AppsSeismicSegy, WhatDoesNotFitIsRefusedAndNothingIsWritten) {
  const Scratch scratch;
  ASSERT_EQ(call(scratch, "run", "run", {"output.gathers=segy"}).exit_code, 0);
  const fs::path good = scratch / "run" / "gathers_pressure.sgy";
  const std::string observed = "inversion.observed=" + good.string();
  spit(scratch / "cut.sgy", slurp(good).substr(0, 9300));
  std::string little = slurp(good);
  std::swap(little[3224], little[3225]);
  spit(scratch / "little.segy", little);
  const std::vector<Bad> cases{
      {"run",
       {"output.gathers=segy", "time.record_every_s=0.0073333"},
       {"output.gathers: segy: time.record_every_s is 7333.3 microseconds"}},
      {"run",
       {"output.gathers=both",
        "seismic.receivers=[{first_m: [25, 570], last_m: [575, 570], count: 13}]"},
       {"output.gathers: segy: a position of seismic.sources or seismic.receivers is"}},
      {"check",
       {"output.models=segy", "grid.cells=[29, 30]"},
       {"output.models: segy: the centre of a cell is"}},
      {"invert",
       {"output.models=segy", "grid.cells=[29, 30]"},
       {"output.models: segy: the centre of a cell is"}},
      {"run", {"output.gathers=sgy"}, {"output.gathers", "hdf5, segy"}},
      {"invert",
       {"inversion.observed=" + (scratch / "none.sgy").string()},
       {"none.sgy: there is no such file"}},
      {"invert",
       {"inversion.observed=" + (scratch / "cut.sgy").string()},
       {"cut.sgy: is cut off: trace 13 (51 samples of 4 bytes)"}},
      {"invert",
       {"inversion.observed=" + (scratch / "little.segy").string()},
       {"is a little-endian file"}},
      {"invert",
       {observed, "seismic.receivers=[{first_m: [25, 570], last_m: [575, 570], count: 12}]"},
       {"inversion.observed",
        "receiver 0 is at (x 25, y 0, depth 570.5) m, but the survey's is at"}},
      {"invert", {observed, "time.end_s=0.32"}, {"inversion.observed", "samples"}},
      {"run",
       {"seismic.model={kind: file, file: {path: run/gathers_pressure.sgy}}"},
       {"gathers_pressure.sgy: has 24 traces of 51 samples, but the grid wants 30 (x) of 30 (depth)"}},
      {"run",
       {"seismic.model={kind: file, file: {path: run/gathers_pressure.sgy, format: raw}}"},
       {"a SEG-Y file", "ends in .sgy or .segy"}},
  };
  for (const auto& bad : cases) {
    SCOPED_TRACE(bad.verb + " " + bad.settings.back());
    expect_refused(call(scratch, bad.verb, "out", bad.settings), bad.parts);
    EXPECT_FALSE(fs::exists(scratch / "out")) << "something was written";
    fs::remove_all(scratch / "out");
  }
}

}  // namespace
}  // namespace understudy::tests
