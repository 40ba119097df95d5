#include "solvers/seismic/acoustic/survey_modelling.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/loops.hpp"
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
  sampling.scheme = p.equation == "elastic" ? Scheme::elastic
                    : variable_density      ? Scheme::acoustic_density
                                            : Scheme::acoustic;
  sampling.order = p.order;
  sampling.slowest_m_s = speeds.slowest_m_s, sampling.fastest_m_s = speeds.fastest_m_s;
  sampling.highest_hz = wavelet.highest_frequency();
  sampling.points_per_wavelength = p.points_per_wavelength;
  plan.dt_s = choose_dt_s(sampling, setup.box, setup.time.dt_s, setup.time.record_every_s);
  plan.record_every_s = setup.time.record_every_s > 0 ? setup.time.record_every_s : plan.dt_s;
  plan.record_every = int(std::lround(plan.record_every_s / plan.dt_s));
  plan.samples = 1 + int(std::floor(setup.time.end_s / plan.record_every_s * (1 + 1e-12)));
  plan.peak_frequency_hz = wavelet.peak_frequency();
  plan.layer_speed_m_s = speeds.fastest_m_s;
  plan.wavelet = wavelet.sampled(plan.dt_s, plan.steps() + 1);
  return plan;
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

template <class Real>
SurveyModelling<Real>::SurveyModelling(const ModellingSetup& setup, const SurveyPlan& plan,
                                       const core::Comm& world)
    : plan_(plan), groups_(world, plan.shots(), setup.seismic.ranks_per_shot) {
  AcousticSetup acoustic;
  acoustic.box = setup.box;
  if (groups_.group.size() != world.size()) acoustic.box.ranks.clear();
  acoustic.absorbing = setup.seismic.absorbing;
  acoustic.free_surface = setup.seismic.surface == "free";
  acoustic.variable_density = plan.variable_density;
  acoustic.order = setup.seismic.order;
  acoustic.dt_s = plan.dt_s;
  acoustic.layer_speed_m_s = plan.layer_speed_m_s;
  acoustic.layer_frequency_hz = plan.peak_frequency_hz;
  const int wanted = setup.seismic.shots_at_once;
  acoustic.shots = std::clamp(wanted > 0      ? wanted
                              : mesh::on_host ? 1
                                              : 8,
                              1, std::max(1, int(groups_.shots.size())));
  op_ = make_acoustic_operator<Real>(acoustic, groups_.group);
}

template <class Real>
void SurveyModelling<Real>::set_model(std::span<const double> speed_m_s,
                                      std::span<const double> density) {
  op_->set_model(speed_m_s, density);
}

// f(numbers of the batch's shots, the shots).
template <class Real>
template <class F>
void SurveyModelling<Real>::each_batch(const F& f) {
  const int at_once = op_->setup().shots;
  for (std::size_t first = 0; first < groups_.shots.size(); first += at_once) {
    std::vector<int> numbers;
    std::vector<Shot> shots;
    for (std::size_t s = first; s < std::min(first + at_once, groups_.shots.size()); ++s) {
      numbers.push_back(groups_.shots[s]);
      shots.push_back(plan_.shot(groups_.shots[s]));
    }
    f(numbers, shots);
  }
}

template <class Real>
std::vector<Gather> SurveyModelling<Real>::model() {
  const int receivers = int(plan_.survey.receivers.size());
  const std::size_t each = std::size_t(plan_.samples) * receivers;
  std::vector<double> values(each * plan_.shots(), 0);
  each_batch([&](const std::vector<int>& numbers, const std::vector<Shot>& shots) {
    AcousticShots<Real> batch(op_, shots);
    const auto traces = batch.model();
    if (groups_.group.is_root())
      for (std::size_t s = 0; s < numbers.size(); ++s)
        std::copy(traces[s].values.begin(), traces[s].values.end(),
                  values.begin() + numbers[s] * each);
  });
  groups_.world.sum(std::span<double>(values));
  cell_updates_ += double(op_->grid().padded->global_cell_count()) * plan_.steps() * plan_.shots();
  std::vector<Gather> gathers;
  for (int s = 0; s < plan_.shots(); ++s) {
    gathers.emplace_back(plan_.samples, receivers);
    std::copy_n(values.begin() + s * each, each, gathers.back().values.begin());
  }
  return gathers;
}

template <class Real>
double SurveyModelling<Real>::misfit(const ShotMisfit& misfit) {
  double sum = 0;
  each_batch([&](const std::vector<int>& numbers, const std::vector<Shot>& shots) {
    AcousticShots<Real> batch(op_, shots);
    const auto traces = batch.model();
    for (std::size_t s = 0; s < numbers.size(); ++s) {
      const double value = misfit(numbers[s], traces[s]).value;
      if (groups_.group.is_root()) sum += value;
    }
  });
  cell_updates_ += double(op_->grid().padded->global_cell_count()) * plan_.steps() * plan_.shots();
  return groups_.world.sum(sum);
}

template <class Real>
SurveyGradient SurveyModelling<Real>::gradient(const ShotMisfit& misfit, double memory_bytes) {
  SurveyGradient result;
  std::size_t cells = 1;
  for (const auto n : op_->setup().box.cells) cells *= std::size_t(n);
  result.speed.assign(cells, 0);
  result.illumination.assign(cells, 0);
  double steps = 0, value = 0;
  each_batch([&](const std::vector<int>& numbers, const std::vector<Shot>& shots) {
    AcousticShots<Real> batch(op_, shots);
    const auto part = batch.gradient(
        [&](const std::vector<Gather>& traces) {
          std::vector<Gather> derivatives;
          for (std::size_t s = 0; s < numbers.size(); ++s) {
            TraceMisfit one = misfit(numbers[s], traces[s]);
            if (groups_.group.is_root()) value += one.value;
            derivatives.push_back(std::move(one.derivative));
          }
          return derivatives;
        },
        memory_bytes);
    steps += double(part.steps) * double(numbers.size());
    if (!groups_.group.is_root()) return;
    for (std::size_t n = 0; n < cells; ++n) {
      result.speed[n] += part.speed[n];
      result.illumination[n] += part.illumination[n];
    }
  });
  groups_.world.sum(std::span<double>(result.speed));
  groups_.world.sum(std::span<double>(result.illumination));
  result.misfit = groups_.world.sum(value);
  result.cell_updates = double(op_->grid().padded->global_cell_count()) *
                        groups_.world.sum(groups_.group.is_root() ? steps : 0.0);
  cell_updates_ += result.cell_updates;
  return result;
}

template class SurveyModelling<float>;
template class SurveyModelling<double>;

}  // namespace understudy::solvers::seismic
