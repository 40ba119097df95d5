// Waves that grow with no source end the run, with a text that says what to do about it.
#include "solvers/seismic/numerics/growth_guard.hpp"

#include <cmath>

#include "solvers/seismic/survey_run.hpp"
#include "support/mesh_io_scratch.hpp"
#include "support/solvers_seismic_elastic.hpp"

namespace understudy::tests {
namespace {

std::vector<double> pulse(int samples) {
  std::vector<double> w(200, 0.0);
  for (int n = 0; n < samples; ++n) w[n] = std::sin(3.14159 * (n + 1) / (samples + 1));
  return w;
}

TEST(GrowthGuard, TheEnergyMayRiseWhileTheSourceLasts) {
  GrowthGuard guard({.width_cells = 40, .reflection = 1e-3}, pulse(50), 0.01);
  for (const long long step : {10, 20, 30, 40, 50}) EXPECT_EQ(guard.look(step, std::exp(step)), "");
  EXPECT_EQ(guard.look(60, std::exp(60)), "");  // the first look after the end counts as before
  EXPECT_EQ(guard.look(70, 9 * std::exp(60)), "");
  EXPECT_EQ(guard.look(80, 1e-9), "");
  const std::string text = guard.look(90, 11 * std::exp(60));
  for (const char* part :
       {"grow with no source", "at 0.9 s (step 90)", "11 times its largest", "ended at 0.5 s",
        "seismic.absorbing: width_cells 40, reflection 0.001", "seismic.absorbing.loss"})
    EXPECT_PRED2(contains, text, part);
}

TEST(GrowthGuard, ValuesThatAreNotFinite) {
  GrowthGuard guard({.width_cells = 0}, pulse(50), 0.01);
  const std::string text = guard.look(10, NAN);
  EXPECT_PRED2(contains, text, "not finite at 0.1 s (step 10); a smaller time.dt_s");
  EXPECT_FALSE(contains(text, "cfl"));
}

TEST(GrowthGuard, LooksOftenEnoughAndSeldom) {
  EXPECT_EQ(GrowthGuard::interval(10), 25);
  EXPECT_EQ(GrowthGuard::interval(6400), 100);
  EXPECT_EQ(GrowthGuard::interval(1000000), 400);
}

// A perfectly matched layer alone, beside a slow bed under a free surface.
TEST(GrowthGuard, ARunWithAnUnstableLayerFails) {
  ElasticCase c;
  c.free_surface = true;
  c.model.kind = "layered";
  c.model.layers = {{0, 1800, 800, 1800}, {100, 3500, 2000, 2500}};
  c.order = 4;
  c.at = {500, 0, 50};
  c.receivers = {{600, 0, 50}};
  c.end_s = 12;
  SurveyPlan plan;
  plan.survey.sources = {c.at};
  plan.survey.receivers = c.receivers;
  plan.dt_s = plan.record_every_s = c.step();
  plan.samples = c.steps() + 1;
  plan.wavelet = c.shot().wavelet;
  ElasticSetup setup = c.setup();
  setup.absorbing.loss = 0;
  const WaveGrid grid = c.grid(core::Comm::self());
  const auto solver = std::make_shared<ElasticSolver<float>>(
      setup, make_earth_model(c.model, c.box, ".", 1, 0), grid);
  const ShotGroups groups(core::Comm::self(), 1, 0);
  SurveyRun<float> run(solver, plan, groups);
  try {
    run.run();
    FAIL() << "nothing grew";
  } catch (const core::RunError& e) {
    for (const char* part : {"shot 0", "grow with no source", "width_cells 20", "reflection 0.0001",
                             "in the layer beyond the"})
      EXPECT_PRED2(contains, std::string(e.what()), part);
  }
}

}  // namespace
}  // namespace understudy::tests
