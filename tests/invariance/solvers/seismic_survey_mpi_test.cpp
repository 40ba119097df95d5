// What must not matter to a survey: how its shots are dealt to groups of ranks and batches, and which class
// shoots them; and the splits that are refused.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.hpp"
#include "solvers/seismic/acoustic/acoustic_solver.hpp"
#include "solvers/seismic/acoustic/survey_modelling.hpp"
#include "solvers/seismic/survey_run.hpp"
#include "support/solvers_seismic_case.hpp"
#include "support/solvers_seismic_closeness.hpp"

namespace understudy {
namespace {

using tests::expect_close;
using tests::largest;
using tests::SeismicCase;
namespace seismic = solvers::seismic;

seismic::ModellingSetup survey(int ranks_per_shot, int shots_at_once) {
  const SeismicCase c;
  seismic::ModellingSetup setup;
  setup.box = c.box();
  setup.seismic.wavelet.frequency_hz = 20;
  setup.seismic.absorbing.width_cells = 8;
  setup.seismic.ranks_per_shot = ranks_per_shot;
  setup.seismic.shots_at_once = shots_at_once;
  setup.seismic.survey.sources = {{{43, 37}, {361, 37}, 5}};
  setup.seismic.survey.receivers = {{{23, 20}, {377, 30}, 9}};
  setup.time.end_s = 0.15;
  setup.time.record_every_s = 0.005;
  return setup;
}

// However shots are dealt, and whether or not they run out on some ranks.
TEST(SeismicAcousticInvariance, TheDealOfShotsDoesNotMatter) {
  const auto world = core::Comm::world();
  const SeismicCase c;
  const auto speed = c.speed();
  const auto [slow, fast] = std::minmax_element(speed.begin(), speed.end());
  const auto compute = [&](const seismic::ModellingSetup& setup, const core::Comm& comm) {
    const auto plan = seismic::make_plan(setup, {*slow, *fast}, false);
    seismic::SurveyModelling<double> modelling(setup, plan, comm);
    modelling.set_model(speed, {});
    const auto misfit = [](int shot, const seismic::Gather& traces) {
      seismic::TraceMisfit m{0, traces};
      for (auto& v : m.derivative.values) {
        m.value += 0.5 * (1 + shot) * v * v;
        v *= 1 + shot;
      }
      return m;
    };
    auto gradient = modelling.gradient(misfit, 4e9);
    EXPECT_NEAR(modelling.misfit(misfit), gradient.misfit, 1e-12 * gradient.misfit);
    auto traces = modelling.model();
    return std::pair{std::move(gradient), std::move(traces)};
  };
  const auto alone = compute(survey(1, 1), core::Comm::self());
  for (int ranks = 0; ranks <= world.size(); ++ranks) {
    if (ranks > 0 && world.size() % ranks != 0) continue;
    for (const int at_once : {1, 4}) {
      const auto dealt = compute(survey(ranks, at_once), world);
      EXPECT_NEAR(dealt.first.misfit, alone.first.misfit, 1e-12 * alone.first.misfit);
      expect_close(alone.first.speed, dealt.first.speed, 1e-12);
      expect_close(alone.first.illumination, dealt.first.illumination, 1e-12);
      ASSERT_EQ(dealt.second.size(), 5u);
      for (int s = 0; s < 5; ++s)
        expect_close(alone.second[s].values, dealt.second[s].values, 1e-12);
    }
  }
}

// A survey shot by the stepper, its waves looked at on their way or not, is the modelling's; and groups that
// have no shot of their own know it all the same.
TEST(SeismicAcousticInvariance, ASurveyOverTheStepperIsTheModellingBitwise) {
  const auto world = core::Comm::world();
  const SeismicCase c;
  const auto speed = c.speed();
  const auto [slow, fast] = std::minmax_element(speed.begin(), speed.end());
  for (const int shots : {1, 5}) {
    auto setup = survey(1, 1);
    setup.seismic.survey.sources.front().count = shots;
    const auto plan = seismic::make_plan(setup, {*slow, *fast}, false);
    seismic::SurveyModelling<double> modelling(setup, plan, world);
    modelling.set_model(speed, {});
    const auto expected = modelling.model();

    const seismic::ShotGroups groups(world, shots, 1);
    const auto stepper = std::make_shared<seismic::AcousticSolver<double>>(
        seismic::acoustic_setup(setup.seismic, plan, groups.box(setup.box)), speed,
        std::vector<double>{}, groups.group);
    seismic::SurveyRun<double> run(stepper, plan, groups);
    int looks = 0;
    const auto sets = run.run([&](int shot) {
      seismic::ShotWatch<double> watch;
      if (shot == 0) {
        watch.every_s = 0.02;
        watch.observers.push_back([&](const auto&) { ++looks; });
      }
      return watch;
    });
    ASSERT_EQ(sets.size(), 1u);
    EXPECT_EQ(sets[0].quantity, "pressure");
    EXPECT_EQ(sets[0].unit, "Pa");
    ASSERT_EQ(sets[0].shots.size(), std::size_t(shots));
    for (int s = 0; s < shots; ++s) {
      EXPECT_GT(largest(expected[s].values), 0);
      EXPECT_EQ(sets[0].shots[s].values, expected[s].values);
    }
    const bool first = groups.mine == 0;
    EXPECT_EQ(looks, first ? 1 + int(0.15 / 0.02) : 0);
    EXPECT_GT(run.cell_updates(), 0);
  }
}

TEST(SeismicAcousticInvariance, ASplitThatTheDeckAsksForIsTaken) {
  const auto world = core::Comm::world();
  auto setup = survey(world.size(), 1);
  setup.box.ranks = {1, world.size()};
  const SeismicCase c;
  const auto speed = c.speed();
  const auto [slow, fast] = std::minmax_element(speed.begin(), speed.end());
  const auto plan = seismic::make_plan(setup, {*slow, *fast}, false);
  seismic::SurveyModelling<double> modelling(setup, plan, world);
  modelling.set_model(speed, {});
  EXPECT_GT(largest(modelling.model()[4].values), 0);
}

TEST(SeismicAcousticInvariance, SplitsThatDoNotServeAreRefused) {
  const auto world = core::Comm::world();
  const auto error = [](const auto& action) -> std::string {
    try {
      action();
    } catch (const core::UserError& e) {
      return e.what();
    }
    return {};
  };
  const std::string source = error([&] {
    auto setup = survey(1, 1);
    setup.seismic.survey.source.kind = "force";
    setup.seismic.survey.source.direction = {0, 1};
    seismic::make_plan(setup, {1500, 2100}, false);
  });
  EXPECT_NE(source.find("seismic.source.kind force needs seismic.equation: elastic"),
            std::string::npos)
      << source;
  EXPECT_NE(error([&] {
              seismic::ShotGroups(world, 5, world.size() + 1);
            }).find("seismic.ranks_per_shot is"),
            std::string::npos);
  if (world.size() == 4) {
    const seismic::ShotGroups groups(world, 5, 3);
    EXPECT_EQ(groups.groups, 1);
    EXPECT_EQ(groups.group.size(), world.rank() < 3 ? 3 : 1);
    EXPECT_EQ(groups.shots.size(), world.rank() < 3 ? 5u : 0u);
    SeismicCase c;
    c.cells = 16;
    auto setup = c.setup();
    setup.absorbing.width_cells = 8;
    setup.box.ranks = {4, 1};
    const std::string text = error([&] { seismic::make_acoustic_operator<double>(setup, world); });
    EXPECT_NE(text.find("too many ranks along x"), std::string::npos) << text;
    EXPECT_NE(text.find("seismic.ranks_per_shot"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace understudy
