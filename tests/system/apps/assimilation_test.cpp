// The verb invert of a flow through the program: small Taylor-Green vortices are found from samples, on one rank
// and on two, stopped and gone on with, from a table and from a dataset; and what a user may have wrong.
#include <functional>

#include "core/comm.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> small{"grid.cells=[12,12]",        "time.end_s=2",
                                     "assimilation.step_s=0.1",   "assimilation.twin.points=400",
                                     "assimilation.twin.noise=0", "assimilation.iterations=30",
                                     "output.vtk=false"};

Outcome invert(const fs::path& out, const std::vector<std::string>& more = {}, int ranks = 1,
               bool resume = false) {
  std::vector<std::string> arguments{"invert", deck("taylor_green_assimilation"), "--out",
                                     out.string()};
  if (resume) arguments.push_back("--resume");
  return understudy(with_settings(arguments, small, more), ranks);
}

nlohmann::json found(const fs::path& out) { return summary(out)["metrics"]["assimilation"]; }

const std::vector<std::string> viscosity{"assimilation.unknowns=[viscosity]",
                                         "assimilation.gradient_tolerance=1e-8"};

// Ranks that wait for each other are slow on a machine that does something else: a few iterations.
void expect_the_same_on_two_ranks(const Scratch& scratch,
                                  const std::function<Outcome(const fs::path&, int)>& few) {
  for (const int ranks : {1, 2}) {
    const auto outcome = few(scratch / ("few_on_" + std::to_string(ranks)), ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  const auto one = found(scratch / "few_on_1"), two = found(scratch / "few_on_2");
  for (const char* name : {"misfit_start", "misfit_final"})
    EXPECT_NEAR(one[name].get<double>(), two[name].get<double>(), 1e-6 * one[name].get<double>())
        << name;
  EXPECT_LT(one["misfit_ratio"].get<double>(), 0.9);
}

TEST(Assimilation, FindsViscosityAndInitialStateOnAnyNumberOfRanks) {
  Scratch scratch;
  const fs::path out = scratch / "run";
  const auto outcome = invert(out, {"output.vtk=true", "assimilation.iterations=60"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto metrics = found(out);
  EXPECT_LT(metrics["viscosity"]["relative_error"].get<double>(), 0.02) << metrics;
  EXPECT_LT(metrics["initial_error"]["rel_l2"].get<double>(), 0.02) << metrics;
  EXPECT_EQ(metrics["steps"], 20);
  EXPECT_EQ(metrics["steps_shortened"], 0);
  EXPECT_LT(metrics["misfit_ratio"].get<double>(), 1e-3);
  for (const char* file :
       {"assimilation.csv", "assimilation.h5", "samples.csv", "initial.pvd", "course.pvd",
        "initial_start_vorticity.png", "initial_found_vorticity.png", "initial_true_vorticity.png",
        "invert.html"})
    EXPECT_TRUE(fs::exists(out / file)) << file;
  EXPECT_NE(slurp(out / "course.pvd").find("timestep=\"2\""), std::string::npos);
  expect_the_same_on_two_ranks(scratch, [&](const fs::path& to, int ranks) {
    return invert(to, {"output.vtk=true", "assimilation.iterations=3"}, ranks);
  });
}

TEST(Assimilation, FindsTheViscosityToATenthOfAPercent) {
  Scratch scratch;
  for (const std::string precision : {"double", "single"}) {
    auto settings = viscosity;
    settings.push_back("precision=" + precision);
    const fs::path out = scratch / precision;
    const auto outcome = invert(out, settings);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_LT(found(out)["viscosity"]["relative_error"].get<double>(), 1e-3) << precision;
  }
}

// The table that a twin experiment leaves is one that can be read.
TEST(Assimilation, ReadsATable) {
  Scratch scratch;
  ASSERT_EQ(invert(scratch / "twin", viscosity).exit_code, 0);
  auto settings = viscosity;
  settings.push_back("assimilation.samples=" + (scratch / "twin" / "samples.csv").string());
  const auto outcome = invert(scratch / "read", settings);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto twin = found(scratch / "twin"), read = found(scratch / "read");
  EXPECT_NEAR(read["viscosity"]["value"].get<double>(), twin["viscosity"]["value"].get<double>(),
              1e-9);
  EXPECT_FALSE(read["viscosity"].contains("truth"));
  EXPECT_FALSE(fs::exists(scratch / "read" / "samples.csv"));
}

// What was not fitted shows how good what was found is: the velocity and, up to a constant, the pressure.
TEST(Assimilation, ComparesWithSamplesThatWereHeldOut) {
  Scratch scratch;
  const fs::path out = scratch / "twin";
  std::vector<std::string> more{"assimilation.iterations=60", "assimilation.held_out=200"};
  const auto outcome = invert(out, more);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto held_out = found(out)["held_out"];
  for (const char* field : {"u", "v"}) {
    EXPECT_EQ(held_out[field]["samples"], 200);
    EXPECT_LT(held_out[field]["rel_l2"].get<double>(), 0.02) << held_out;
    EXPECT_GT(held_out[field]["rel_l2_start"].get<double>(), 0.9) << held_out;
  }
  EXPECT_LT(held_out["p"]["samples"].get<int>(), 200);  // not those before the first step's end
  EXPECT_LT(held_out["p"]["rel_l2_mean_free"].get<double>(), 0.05) << held_out;
  EXPECT_NE(slurp(out / "invert.html").find("u at 200 samples held out"), std::string::npos);
  // They do not bear on what is found, and a resumed inversion may ask for them later.
  ASSERT_EQ(invert(scratch / "plain", {more[0]}).exit_code, 0);
  EXPECT_EQ(found(scratch / "plain")["misfit_final"], found(out)["misfit_final"]);
  EXPECT_FALSE(found(scratch / "plain").contains("held_out"));
  ASSERT_EQ(invert(scratch / "plain", more, 1, true).exit_code, 0);
  EXPECT_EQ(found(scratch / "plain")["held_out"]["u"]["samples"], 200);
}

// From a table: those within a box, as many as are asked for.
TEST(Assimilation, DrawsWithinABoxAndHoldsOutRowsOfATable) {
  Scratch scratch;
  ASSERT_EQ(invert(scratch / "twin", viscosity).exit_code, 0);
  auto settings = viscosity;
  settings.push_back("assimilation.samples=" + (scratch / "twin" / "samples.csv").string());
  settings.push_back("assimilation.within={lower_m: [0, 0], upper_m: [3, 6.3]}");
  settings.push_back("assimilation.draw=100");
  settings.push_back("assimilation.held_out=50");
  const auto outcome = invert(scratch / "read", settings);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto metrics = found(scratch / "read");
  EXPECT_EQ(metrics["held_out"]["u"]["samples"], 50);
  EXPECT_FALSE(metrics["held_out"].contains("p"));  // the table has no such column
  EXPECT_LT(metrics["held_out"]["u"]["rel_l2"].get<double>(), 1e-3) << metrics;
  settings.back() = "assimilation.held_out=350";
  expect_refused(invert(scratch / "many", settings),
                 {"assimilation.draw: is 100, assimilation.held_out 350; ",
                  "rows within assimilation.within"});
  settings[settings.size() - 2] = "assimilation.draw=0";
  expect_refused(invert(scratch / "all", settings),
                 {"assimilation.held_out: is 350; say in assimilation.draw how many samples of"});
}

// Velocities of the first sample in another unit, their values multiplied by `factor`.
void set_unit(const fs::path& dataset, const std::string& unit, float factor) {
  for (const auto& entry : fs::directory_iterator(dataset / "train")) {
    mesh::Hdf5File file(entry.path(), mesh::H5Mode::update, core::Comm::self());
    for (const std::string field : {"t0_fields/u", "t0_fields/v"}) {
      auto values = file.get<float>(field);
      for (float& value : values) value *= factor;
      const auto shape = file.shape(field);
      file.write(field, values.data(), {mesh::H5Shape(shape.size(), 0), shape});
      file.set_attribute(field, "units", unit);
    }
    file.close();
    break;
  }
}

// What generate wrote, single precision: cells and frames drawn at random.
TEST(Assimilation, ReadsADataset) {
  Scratch scratch;
  std::vector<std::string> arguments{"generate", deck("taylor_green_assimilation"), "--out",
                                     (scratch / "data").string()};
  const auto made = understudy(with_settings(
      arguments, small,
      {"ensemble.parameters=[{key: flow.viscosity_m2_s, values: [0.02]}]", "ensemble.windows=4"}));
  ASSERT_EQ(made.exit_code, 0) << made.err;
  auto settings = viscosity;
  settings.push_back("assimilation.samples=" + (scratch / "data" / "dataset").string());
  expect_refused(invert(scratch / "all", settings), {"assimilation.draw: say how many samples"});
  settings.push_back("assimilation.draw=300");
  settings.push_back("assimilation.held_out=100");
  const auto outcome = invert(scratch / "read", settings);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto metrics = found(scratch / "read");
  EXPECT_NEAR(metrics["viscosity"]["value"].get<double>(), 0.02, 1e-3 * 0.02);
  EXPECT_LT(metrics["held_out"]["v"]["rel_l2"].get<double>(), 1e-3) << metrics;
  EXPECT_GT(metrics["held_out"]["p"]["samples"].get<int>(), 50);
  set_unit(scratch / "data" / "dataset", "cm/s", 100);
  const auto other = invert(scratch / "centimetres", settings);
  ASSERT_EQ(other.exit_code, 0) << other.err;
  EXPECT_NEAR(found(scratch / "centimetres")["viscosity"]["value"].get<double>(), 0.02,
              1e-3 * 0.02);
  set_unit(scratch / "data" / "dataset", "kg", 1);
  expect_refused(invert(scratch / "kg", settings),
                 {"field 'u': is in 'kg', which measures something else; m/s is wanted"});
  set_unit(scratch / "data" / "dataset", "m/s", 0.01f);
  settings.pop_back();
  settings.back() = "assimilation.draw=100000";
  expect_refused(invert(scratch / "many", settings),
                 {"assimilation.draw: is 100000; ", "places in"});
  settings.back() = "assimilation.draw=300";
  settings.push_back("assimilation.from_s=9");
  expect_refused(invert(scratch / "late", settings), {"has no frame in the time span, 9 to 11 s"});
  settings.back() = "assimilation.fields=[w]";
  expect_refused(invert(scratch / "w", settings), {"assimilation.fields: names 'w'", "u, v, p"});
}

TEST(Assimilation, GoesOnWhereItWasStopped) {
  Scratch scratch;
  const fs::path out = scratch / "run";
  ASSERT_EQ(invert(out, {"assimilation.iterations=4"}).exit_code, 0);
  const auto stopped = found(out);
  EXPECT_EQ(stopped["iterations"], 4);
  EXPECT_EQ(stopped["end"], "iterations are spent");
  const auto resumed = invert(out, {"assimilation.iterations=8"}, 2, true);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_NE((resumed.out + resumed.err).find("resuming after iteration 4"), std::string::npos);
  const auto now = found(out);
  EXPECT_EQ(now["iterations"], 8);
  EXPECT_LT(now["misfit_final"].get<double>(), stopped["misfit_final"].get<double>());
  EXPECT_EQ(now["misfit_start"], stopped["misfit_start"]);
  const std::string table = slurp(out / "assimilation.csv");
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 10);  // head, start, eight iterations
  // Nothing is left to do.
  const auto again = invert(out, {"assimilation.iterations=8"}, 1, true);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(found(out)["misfit_final"], now["misfit_final"]);
  expect_refused(
      invert(out, {"flow.viscosity_m2_s=0.03"}, 1, true),
      {"assimilation.h5 is of another deck", "flow.viscosity_m2_s is 0.02 there and 0.03 here",
       "--resume may change grid.ranks, assimilation.iterations"});
}

// Numbers alone, on ranks that own none of them (the pressure alone tells of the force: what goes in is given); a factor on the inflow that does not start from 1.
TEST(Assimilation, FindsInflowAndBodyForce) {
  Scratch scratch;
  const fs::path channel = scratch / "channel.yaml";
  spit(channel, R"deck(app: flow
grid: {lower_m: [0, 0], upper_m: [2, 1], cells: [16, 8]}
time: {end_s: 0.6, window_s: 0.2}
flow:
  viscosity_m2_s: 0.05
  acceleration_m_s2: [0.4, 0]
  boundaries:
    x_lower: {kind: inflow, velocity_m_s: ["4 * y * (1 - y)", "0"]}
    x_upper: {kind: outflow}
    y_lower: {kind: wall}
    y_upper: {kind: wall}
  initial: {velocity_m_s: ["4 * y * (1 - y)", "0"]}
assimilation:
  unknowns: [inflow, body_force]
  inflow: {start: 1.5}
  body_force: {start_m_s2: [0, 0]}
  twin: {points: 300, noise: 0}
  fields: [u, v, p]
  deviation: [0.01, 0.01, 0.02]
  step_s: 0.02
  iterations: 80
  gradient_tolerance: 1e-8
)deck");
  const fs::path out = scratch / "run";
  const auto outcome = understudy({"invert", channel.string(), "--out", out.string()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto metrics = found(out);
  EXPECT_LT(metrics["misfit_ratio"].get<double>(), 0.01) << metrics;  // p at time 0 is the start's
  EXPECT_NEAR(metrics["inflow_x_lower"]["value"].get<double>(), 1, 1e-3) << metrics;
  EXPECT_NEAR(metrics["body_force_x"]["value"].get<double>(), 0.4, 2e-3) << metrics;
  EXPECT_NEAR(metrics["body_force_y"]["value"].get<double>(), 0, 2e-3) << metrics;
  expect_the_same_on_two_ranks(scratch, [&](const fs::path& to, int ranks) {
    return understudy(
        {"invert", channel.string(), "--out", to.string(), "--set", "assimilation.iterations=3"},
        ranks);
  });
}

TEST(Assimilation, DoesNotGoOnWithOtherSamples) {
  Scratch scratch;
  ASSERT_EQ(invert(scratch / "twin", {"assimilation.iterations=1"}).exit_code, 0);
  const fs::path samples = scratch / "twin" / "samples.csv";
  auto settings = viscosity;
  settings.push_back("assimilation.samples=" + samples.string());
  settings.push_back("assimilation.iterations=1");
  const fs::path out = scratch / "run";
  ASSERT_EQ(invert(out, settings).exit_code, 0);
  const std::string table = slurp(samples);
  spit(samples, table.substr(0, table.rfind('\n', table.size() - 2) + 1));  // without its last row
  settings.back() = "assimilation.iterations=2";
  expect_refused(invert(out, settings, 1, true),
                 {"assimilation.h5: was made from other samples than", "samples.csv holds now"});
}

// The tolerance is one on the way from the first start, not from each restart's.
TEST(Assimilation, GoesOnNoFurtherWhereItWasDone) {
  Scratch scratch;
  const fs::path out = scratch / "run";
  const std::vector<std::string> coarse{"assimilation.unknowns=[viscosity]",
                                        "assimilation.gradient_tolerance=1e-3"};
  ASSERT_EQ(invert(out, coarse).exit_code, 0);
  const auto done = found(out);
  ASSERT_EQ(done["end"], "the gradient is small enough");
  const auto again = invert(out, coarse, 1, true);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(found(out)["iterations"], done["iterations"]);
  EXPECT_EQ(found(out)["end"], "the gradient is small enough");
  auto finer = coarse;
  finer[1] = "assimilation.gradient_tolerance=1e-7";
  ASSERT_EQ(invert(out, finer, 1, true).exit_code, 0);
  EXPECT_GT(found(out)["iterations"].get<int>(), done["iterations"].get<int>());
}

void expect_fault(const std::vector<std::string>& settings, const std::vector<std::string>& parts) {
  Scratch scratch;
  expect_refused(invert(scratch / "run", settings), parts);
  EXPECT_FALSE(fs::exists(scratch / "run"));
}

TEST(Assimilation, RefusesWhatTheDeckHasWrong) {
  expect_fault({"assimilation.unknowns=[]"},
               {"assimilation.unknowns: names nothing to find; there are viscosity, inflow, "
                "body_force, initial"});
  expect_fault({"assimilation.unknowns=[density]"},
               {"names 'density'; what can be found is viscosity"});
  expect_fault({"assimilation.unknowns=[inflow]"},
               {"names inflow, and no side of flow.boundaries is of kind inflow"});
  expect_fault({"assimilation.viscosity.start_m2_s=0.2"},
               {"start_m2_s", "is 0.2, outside its bounds, 0.001 to 0.1"});
  expect_fault({"assimilation.unknowns=[body_force]", "assimilation.body_force.start_m_s2=[1]"},
               {"assimilation.body_force.start_m_s2: has 1 numbers; 2 are wanted"});
  expect_fault({"assimilation.viscosity.upper_m2_s=0.0001"}, {"must exceed lower_m2_s"});
  expect_fault({"assimilation.initial.bound_velocity_m_s=0.5", "assimilation.initial.length_m=0",
                "assimilation.initial.start_velocity_m_s=[\"1\",\"0\"]"},
               {"the initial state starts with 1, outside its bounds"});
  expect_fault({"assimilation.initial.bound_velocity_m_s=3"},
               {"bound_velocity_m_s", "is 3; with length_m there are no bounds"});
  expect_fault({"assimilation.initial={length_m: 1}"}, {"needs deviation_velocity_m_s above 0"});
  expect_fault({"assimilation.initial={length_m: 60, deviation_velocity_m_s: 1}"},
               {"assimilation.initial.length_m: is 60 m; at most 100 cells, 52.3599 m"});
  expect_fault({"assimilation.within={lower_m: [0], upper_m: [1]}"},
               {"assimilation.within: has 1 numbers a corner; the grid has 2 axes"});
  expect_fault({"assimilation.within={lower_m: [0, 1], upper_m: [1, 1]}"},
               {"upper_m", "is 1 m along y; it must exceed lower_m, 1 m"});
  expect_fault(
      {"assimilation.within={lower_m: [0, 7], upper_m: [1, 8]}"},
      {"assimilation.within: 7 to 8 m along y lies outside the grid's box, 0 to 6.28319 m"});
  expect_fault({"assimilation.step_s=0.3"},
               {"assimilation.step_s: is 0.3 s; time.end_s, 2 s, is not a whole number of steps"});
  expect_fault({"assimilation.memory_limit_mb=0.01"},
               {"assimilation.memory_limit_mb leaves no room to keep one time step: at least"});
  expect_fault({"assimilation.deviation=[1,2,3]"}, {"deviation", "has 3 numbers"});
  expect_fault({"flow.scalar.enabled=true"}, {"flow.scalar.enabled", "cannot be differentiated"});
  expect_fault({"assimilation.samples=nowhere.csv"},
               {"assimilation.samples: there is no file or folder", "nowhere.csv"});
}

TEST(Assimilation, RefusesSamplesThatDoNotFit) {
  Scratch scratch;
  const auto with = [&](const std::string& text, const std::vector<std::string>& parts,
                        const std::vector<std::string>& more = {}) {
    spit(scratch / "samples.csv", text);
    auto settings = viscosity;
    settings.push_back("assimilation.samples=" + (scratch / "samples.csv").string());
    settings.insert(settings.end(), more.begin(), more.end());
    expect_refused(invert(scratch / "run", settings), parts);
    EXPECT_FALSE(fs::exists(scratch / "run"));
  };
  with("x,y,t,u,v\n1,1,1,0,0\n1,9,1,0,0\n",
       {"samples.csv, line 3: y = 9 m lies outside the box, 0 to 6.283185307 m (grid)"});
  with("x,y,t [ms],u,v\n1,1,1000,0,0\n1,1,2500,0,0\n",
       {"samples.csv, line 3: t = 2.5 s lies outside the time span, 0 to 2 s (time.end_s)"});
  with("x,y,u,v\n1,1,0,0\n", {"samples.csv: has no column 't'; its first line names x, y, u, v"});
  with("x,y,t,u,v\n1,1,1,0,nan\n", {"samples.csv", "line 2"});
  with("x,y,t,u,v\n1,1,1,0,0\n", {"assimilation.draw: is 5; ", "has 1 rows"},
       {"assimilation.draw=5"});
  with("x,y,t,u,v\n", {"there is no sample"});
  with("x,y,t,u,v,u\n1,1,1,0,0,5\n",
       {"samples.csv: has 2 columns 'u'; its first line names x, y, t, u, v, u"});
}

TEST(Assimilation, EndsWithCode3WhereAGradientIsNotFinite) {
  Scratch scratch;
  std::string table = "x,y,t,u\n";
  for (int n = 1; n <= 20; ++n) table += "1,1," + std::to_string(0.1 * n) + ",1e-2\n";
  spit(scratch / "samples.csv", table);
  const auto outcome =
      invert(scratch / "run", {"assimilation.samples=" + (scratch / "samples.csv").string(),
                               "assimilation.fields=[u]", "assimilation.deviation=[1e-155]"});
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  EXPECT_NE(outcome.err.find("the derivative with respect to "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("assimilation: on the way back over step "), std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace understudy::tests
