#include "solvers/seismic/survey_plan.hpp"

#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/seismic/numerics/stability.hpp"

namespace understudy::solvers::seismic {

Shot SurveyPlan::shot(int number) const {
  return {survey.sources[number], survey.source, wavelet, survey.receivers, record_every, samples};
}

GatherSet SurveyPlan::geometry() const {
  GatherSet set;
  set.record_every_s = record_every_s;
  set.sources = survey.sources;
  set.receivers = survey.receivers;
  set.wavelet = wavelet;
  set.wavelet_dt_s = dt_s;
  set.shots.assign(shots(), Gather(samples, int(survey.receivers.size())));
  return set;
}

SpeedLimits limits_of(const EarthModel& model) {
  return {model.smallest_speed(), model.largest_speed()};
}

SurveyPlan make_plan(const ModellingSetup& setup, const SpeedLimits& speeds,
                     bool variable_density) {
  const SeismicParams& p = setup.seismic;
  mesh::GridParams box = setup.box;
  box.ranks.clear();  // positions do not depend on how the grid is split
  const WaveGrid grid =
      make_wave_grid(box, p.absorbing, p.surface == "free", p.order / 2, core::Comm::self());
  SurveyPlan plan;
  plan.variable_density = variable_density;
  plan.survey = make_survey(p.survey, grid);
  if (p.equation == "acoustic" && p.surface == "free") require_below_surface(plan.survey, grid);
  const Wavelet wavelet(p.wavelet, setup.directory);
  Sampling sampling;
  sampling.scheme = p.equation == "elastic"                       ? Scheme::elastic
                    : variable_density || p.absorbing.stretch > 1 ? Scheme::acoustic_density
                                                                  : Scheme::acoustic;
  sampling.order = p.order;
  sampling.slowest_m_s = speeds.slowest_m_s;
  sampling.fastest_m_s = speeds.fastest_m_s;
  sampling.highest_hz = wavelet.highest_frequency();
  sampling.points_per_wavelength = p.points_per_wavelength;
  plan.dt_s = choose_dt_s(sampling, setup.box, setup.time.dt_s, setup.time.record_every_s);
  plan.record_every_s = setup.time.record_every_s > 0 ? setup.time.record_every_s : plan.dt_s;
  plan.record_every = int(std::lround(plan.record_every_s / plan.dt_s));
  plan.samples = 1 + int(std::floor(setup.time.end_s / plan.record_every_s * (1 + 1e-12)));
  plan.peak_frequency_hz = wavelet.peak_frequency();
  plan.layer_speed_m_s = speeds.fastest_m_s;
  plan.wavelet = wavelet.sampled(plan.dt_s, plan.steps() + 1);
  if (p.equation == "acoustic") require_pressure_source(plan.survey.source);
  return plan;
}

void require_pressure_source(const SourceParams& source) {
  if (source.kind != "pressure")
    throw core::UserError(core::format(
        "seismic.source.kind {} needs seismic.equation: elastic; the acoustic equation has pressure "
        "sources only",
        source.kind));
}

namespace {

int choose_ranks_per_shot(int ranks, int shots, int wanted) {
  if (wanted > ranks || (wanted > 0 && ranks % wanted != 0))
    throw core::UserError(
        core::format("seismic.ranks_per_shot is {}, which does not divide the {} ranks of this run",
                     wanted, ranks));
  if (wanted > 0) return wanted;
  // The smallest divisor of the ranks that leaves no more groups than shots.
  for (int n = 1; n < ranks; ++n)
    if (ranks % n == 0 && ranks / n <= shots) return n;
  return ranks;
}

}  // namespace

ShotGroups::ShotGroups(const core::Comm& all, int count, int ranks_per_shot)
    : world(all), group(all) {
  const int each = choose_ranks_per_shot(all.size(), count, ranks_per_shot);
  groups = all.size() / each;
  mine = all.rank() / each;
  group = all.split(mine, all.rank());
  for (int s = mine; s < count; s += groups) shots.push_back(s);
}

mesh::GridParams ShotGroups::box(const mesh::GridParams& deck) const {
  mesh::GridParams box = deck;
  if (group.size() != world.size()) box.ranks.clear();
  return box;
}

}  // namespace understudy::solvers::seismic
