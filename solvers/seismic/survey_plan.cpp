#include "solvers/seismic/survey_plan.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/memory.hpp"
#include "solvers/seismic/numerics/stability.hpp"

namespace understudy::solvers::seismic {

Shot SurveyPlan::shot(int number) const {
  Shot shot;
  shot.emitted = survey.source;
  shot.wavelet = wavelet;
  shot.receivers = survey.receivers;
  shot.record_every = record_every;
  shot.samples = samples;
  if (encoding.empty()) {
    shot.source = survey.sources[number];
    return shot;
  }
  for (const EncodedShot& member : encoding[number])
    shot.parts.push_back({survey.sources[member.shot], member.factor});
  shot.source = shot.parts.front().at;
  return shot;
}

GatherSet SurveyPlan::geometry() const {
  GatherSet set;
  set.record_every_s = record_every_s;
  set.sources = survey.sources;
  set.receivers = survey.receivers;
  set.wavelet.assign(wavelet.begin(), wavelet.begin() + std::min(std::ptrdiff_t(wavelet.size()),
                                                                 std::ptrdiff_t(steps()) + 1));
  set.wavelet_dt_s = dt_s;
  set.shots.assign(shots(), Gather(samples, int(survey.receivers.size())));
  return set;
}

SpeedLimits limits_of(const EarthModel& model) {
  return {model.smallest_speed(), model.largest_speed()};
}

namespace {

constexpr double most_steps = 1e9;

// Numbers of steps and samples, which are whole numbers of the machine only where they are not too many.
void set_counts(SurveyPlan& plan, double end_s) {
  const double every = std::round(plan.record_every_s / plan.dt_s),
               samples = 1 + std::floor(end_s / plan.record_every_s * (1 + 1e-12));
  if (!(plan.dt_s > 0) || !(every >= 1) || !((samples - 1) * every <= most_steps))
    throw core::UserError(core::format(
        "time.end_s of {:.6g} s is {:.4g} steps of {:.4g} s; at most {:.4g} are possible. The step "
        "follows from the grid's spacing and the fastest speed, {:.6g} m/s (are both in m and s?), and "
        "from time.dt_s and time.record_every_s where they are given",
        end_s, end_s / plan.dt_s, plan.dt_s, most_steps, plan.layer_speed_m_s));
  if (samples < 2)
    throw core::UserError(core::format(
        "time.end_s is {:.6g} s, before the first sample at {:.6g} s (one time step is {:.4g} s): "
        "nothing would be computed; give a longer time.end_s",
        end_s, plan.record_every_s, plan.dt_s));
  const double traces =
      samples * double(plan.survey.receivers.size()) * double(plan.survey.sources.size());
  core::require_memory(
      {.bytes = sizeof(double) * (traces + samples * every),
       .what = core::format("the traces of {} shots with {:.4g} samples of {} receivers each",
                            plan.survey.sources.size(), samples, plan.survey.receivers.size()),
       .remedy = "give a longer time.record_every_s or a shorter time.end_s"},
      core::Comm::self());
  plan.record_every = int(every);
  plan.samples = int(samples);
}

}  // namespace

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
  plan.layer_speed_m_s = speeds.fastest_m_s;
  plan.dt_s = choose_dt_s(sampling, setup.box, setup.time.dt_s, setup.time.record_every_s);
  plan.record_every_s = setup.time.record_every_s > 0 ? setup.time.record_every_s : plan.dt_s;
  set_counts(plan, setup.time.end_s);
  plan.peak_frequency_hz = wavelet.peak_frequency();
  // An elastic moment's last step takes half the difference of the samples about it (add_moment).
  plan.wavelet = wavelet.sampled(plan.dt_s, plan.steps() + (p.equation == "elastic" ? 2 : 1));
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

core::RanksFit ranks_fit(const ModellingSetup& setup) {
  return [box = setup.box, layer = setup.seismic.absorbing,
          free_surface = setup.seismic.surface == "free",
          radius = setup.seismic.order / 2](int ranks) {
    long long own = 1;  // a split that the deck asks for is what the grid itself judges
    for (const auto n : box.ranks) own *= n;
    if (!box.ranks.empty() && own == ranks) return true;
    return seismic::ranks_fit(box, layer, free_surface, radius, ranks);
  };
}

ShotGroups::ShotGroups(const core::Comm& all, int count, int ranks_per_shot,
                       const core::RanksFit& fits, bool encoded)
    : world(all), group(all) {
  const core::RankTasks tasks{.ranks = all.size(),
                              .tasks = count,
                              .wanted = ranks_per_shot,
                              .key = "seismic.ranks_per_shot",
                              .one = encoded ? "supershot" : "shot",
                              .fits = fits};
  const core::RankShare share = core::share_ranks(tasks);
  groups = share.groups;
  mine = share.colour(all.rank(), fits);
  group = all.split(mine, all.rank());
  // A number that suits the shots leaves ranks idle at the fewer supershots.
  const char* advice = encoded && ranks_per_shot > 0
                           ? "; with seismic.ranks_per_shot: 0 more ranks share a supershot"
                           : "";
  if (share.idle > 0 && all.is_root())
    core::log::warn("{}{}", core::idle_text(tasks, share), advice);
  for (int s = mine; mine < groups && s < count; s += groups) shots.push_back(s);
}

mesh::GridParams ShotGroups::box(const mesh::GridParams& deck) const {
  mesh::GridParams box = deck;
  if (group.size() != world.size()) box.ranks.clear();
  return box;
}

}  // namespace understudy::solvers::seismic
