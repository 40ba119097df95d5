// Encoded sources on the wave equation: superposed records are those of superposed sources, and the mean over all
// signs of the encoded misfit and gradient is that of all shots, both to round-off; on any number of ranks.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "core/error.hpp"
#include "solvers/seismic/inversion/encoded_objective.hpp"
#include "support/solvers_seismic_case.hpp"
#include "support/solvers_seismic_closeness.hpp"

namespace understudy {
namespace {

using tests::expect_close;
using tests::largest;
using tests::SeismicCase;
namespace seismic = solvers::seismic;

constexpr double plenty = 4e9;

// A 2-D survey, its model and the data of another one.
struct EncodedCase {
  SeismicCase c;
  seismic::ModellingSetup setup;
  seismic::SurveyPlan plan;

  explicit EncodedCase(int shots, bool free_surface = false, bool variable_density = false) {
    c.variable_density = variable_density;
    setup.box = c.box();
    setup.seismic.wavelet.frequency_hz = 20;
    setup.seismic.absorbing.width_cells = 8;
    setup.seismic.surface = free_surface ? "free" : "absorbing";
    setup.seismic.survey.sources = {{{43, 37}, {361, 37}, shots}};
    setup.seismic.survey.receivers = {{{23, 20}, {377, 30}, 9}};
    setup.time.end_s = 0.15;
    setup.time.record_every_s = 0.005;
    plan = seismic::make_plan(setup, {1500, 2100}, variable_density);
  }
  std::vector<double> truth() const { return c.bumps(1800, 200, 2); }

  std::shared_ptr<seismic::SurveyModelling<double>> modelling(
      const core::Comm& comm, seismic::SourceEncoding encoding = {}) const {
    seismic::SurveyPlan encoded = plan;
    encoded.encoding = std::move(encoding);
    return std::make_shared<seismic::SurveyModelling<double>>(setup, encoded, comm);
  }
  std::vector<seismic::Gather> observed(const core::Comm& comm) const {
    const auto all = modelling(comm);
    all->set_model(truth(), c.density());
    return all->model();
  }
  std::shared_ptr<seismic::WaveformObjective<double>> whole(
      const core::Comm& comm, const std::string& misfit = "least_squares") const {
    return std::make_shared<seismic::WaveformObjective<double>>(
        modelling(comm), observed(comm),
        seismic::WaveformObjective<double>::Setup{misfit, plenty, c.density()});
  }
};

TEST(SeismicEncoding, SuperposedSourcesMakeSuperposedRecords) {
  const auto world = core::Comm::world();
  for (const bool surface : {false, true})
    for (const bool density : {false, true}) {
      SCOPED_TRACE(testing::Message() << "free surface " << surface << ", density " << density);
      const EncodedCase e(5, surface, density);
      const auto encoding = seismic::draw_encoding({.shots = 5, .supershots = 2, .seed = 3});
      const auto all = e.modelling(world), mixed = e.modelling(world, encoding);
      EXPECT_EQ(mixed->plan().shots(), 2);
      all->set_model(e.c.speed(), e.c.density());
      mixed->set_model(e.c.speed(), e.c.density());
      const auto expected = seismic::superpose(all->model(), encoding), found = mixed->model();
      ASSERT_EQ(found.size(), 2u);
      for (std::size_t s = 0; s < 2; ++s) expect_close(expected[s].values, found[s].values, 1e-12);
    }
}

// Of three shots in one supershot there are four patterns of signs; the whole's own sign does not matter.
TEST(SeismicEncoding, TheMeanOverAllSignsIsTheGradientOfAllShots) {
  const auto world = core::Comm::world();
  const EncodedCase e(3);
  const auto whole = e.whole(world);
  whole->set_stage(0);
  const auto full = whole->evaluate(e.c.speed());
  const auto mixed = e.modelling(world, {{{0, 1}, {1, 1}, {2, 1}}});
  const seismic::Misfit misfit("least_squares", e.plan.record_every_s, e.plan.samples);
  double mean = 0, farthest = 0;
  std::vector<double> gradient(full.gradient.size(), 0), illumination(full.gradient.size(), 0);
  for (const double second : {1.0, -1.0})
    for (const double third : {1.0, -1.0}) {
      const seismic::SourceEncoding encoding{{{0, 1}, {1, second}, {2, third}}};
      mixed->set_encoding(encoding);
      mixed->set_model(e.c.speed(), {});
      const auto data = seismic::superpose(whole->data(), encoding);
      const auto part = mixed->gradient(
          [&](int s, const seismic::Gather& traces) { return misfit(traces, data[s]); }, plenty);
      mean += 0.25 * part.misfit;
      for (std::size_t n = 0; n < gradient.size(); ++n) {
        gradient[n] += 0.25 * part.speed[n];
        illumination[n] += 0.25 * part.illumination[n];
        farthest = std::max(farthest, std::abs(part.speed[n] - full.gradient[n]));
      }
    }
  EXPECT_GT(full.misfit, 0);
  EXPECT_NEAR(mean, full.misfit, 1e-12 * full.misfit);
  expect_close(full.gradient, gradient, 1e-12);
  expect_close(full.illumination, illumination, 1e-12);
  // One pattern by itself has cross-talk.
  EXPECT_GT(farthest, 0.01 * largest(full.gradient));
}

// Half the squared residuals of the superposed shots, as the stage's low pass leaves them.
double misfit_of(const std::vector<seismic::Gather>& traces,
                 const std::vector<seismic::Gather>& data, const seismic::SourceEncoding& encoding,
                 double dt_s) {
  const auto u = seismic::superpose(traces, encoding), d = seismic::superpose(data, encoding);
  double sum = 0;
  for (std::size_t s = 0; s < u.size(); ++s)
    for (std::size_t n = 0; n < u[s].values.size(); ++n)
      sum += 0.5 * dt_s * std::pow(u[s].values[n] - d[s].values[n], 2);
  return sum;
}

TEST(SeismicEncoding, TheObjectiveIsThatOfItsDrawOnAnyNumberOfRanks) {
  const EncodedCase e(5);
  const auto speed = e.c.speed();
  const auto made = [&](const core::Comm& comm) {
    return seismic::EncodedObjective<double>(e.whole(comm), e.setup, {2, 11}, comm);
  };
  auto alone = made(core::Comm::self()), here = made(core::Comm::world());
  EXPECT_TRUE(here.is_estimate());
  const auto whole = e.whole(core::Comm::self());
  const auto all = e.modelling(core::Comm::self());
  for (const double cut_off_hz : {20.0, 0.0}) {
    alone.set_stage(cut_off_hz);
    here.set_stage(cut_off_hz);
    EXPECT_THROW(here.evaluate(speed), std::logic_error);
    whole->set_stage(cut_off_hz);
    all->set_wavelet(whole->plan().wavelet);
    all->set_model(speed, {});
    const auto traces = all->model();
    double last = 0;
    for (const int renewal : {0, 4}) {
      alone.renew(1, renewal);
      here.renew(1, renewal);
      const auto expected = seismic::draw_encoding(
          {.shots = 5, .supershots = 2, .seed = 11, .stage = 1, .renewal = renewal});
      ASSERT_EQ(here.drawn().size(), 2u);
      EXPECT_EQ(here.drawn()[0][0].shot, expected[0][0].shot);
      const auto one = alone.evaluate(speed), other = here.evaluate(speed);
      const double misfit = misfit_of(traces, whole->data(), expected, e.plan.record_every_s);
      EXPECT_NEAR(one.misfit, misfit, 1e-12 * misfit);
      EXPECT_NEAR(other.misfit, one.misfit, 1e-12 * one.misfit);
      expect_close(one.gradient, other.gradient, 1e-12);
      expect_close(one.illumination, other.illumination, 1e-12);
      EXPECT_GT(std::abs(misfit - last), 1e-3 * misfit);  // another draw, another misfit
      last = misfit;
    }
    const double real = whole->evaluate(speed).misfit;
    EXPECT_NEAR(here.whole_misfit(speed), real, 1e-12 * real);
  }
  // Four evaluations of two supershots there and back, two misfits of five shots.
  EXPECT_EQ(here.work().simulations, 4 * 2 * 2 + 2 * 5);
  EXPECT_EQ(alone.work().simulations, 4 * 2 * 2);
  EXPECT_GT(here.work().cell_updates, alone.work().cell_updates);
  EXPECT_EQ(whole->work().simulations, 2 * 2 * 5);
}

TEST(SeismicEncoding, WhatCannotBeEncodedIsRefused) {
  const auto world = core::Comm::world();
  const EncodedCase e(3);
  EXPECT_THROW(seismic::EncodedObjective<double>(e.whole(world), e.setup, {3, 1}, world),
               core::UserError);
  EXPECT_THROW(
      seismic::EncodedObjective<double>(e.whole(world, "envelope"), e.setup, {1, 1}, world),
      std::invalid_argument);
  EXPECT_THROW(e.modelling(world)->set_encoding({{{0, 1}, {1, 1}, {2, 1}}}), std::invalid_argument);
}

}  // namespace
}  // namespace understudy
