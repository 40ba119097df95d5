#include "apps/seismic/seismic_survey.hpp"

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/seismic/acoustic/acoustic_solver.hpp"
#include "solvers/seismic/elastic/elastic_solver.hpp"

namespace understudy::apps::seismic {

namespace ss = solvers::seismic;

ss::SurveyPlan plan_of(const SeismicJob& job, const ss::EarthModel& model) {
  const bool elastic = job.deck.seismic.equation == "elastic";
  if (elastic && !model.elastic())
    throw core::UserError(
        "seismic.equation: elastic needs S speeds: set seismic.model.s_speed: ratio, or the layers' "
        "or the file's own");
  if (elastic && model.density_kg_m3.empty())
    throw core::UserError(
        "seismic.equation: elastic needs a density: set seismic.model.density to constant or gardner");
  ss::SpeedLimits limits = ss::limits_of(model);
  if (!elastic) {
    // S waves do not travel in the acoustic equation.
    ss::EarthModel acoustic = model;
    acoustic.s_speed_m_s.clear();
    limits = ss::limits_of(acoustic);
  }
  ss::SurveyPlan plan =
      ss::make_plan(job.modelling(), limits, !elastic && !model.density_kg_m3.empty());
  for (const auto shot : job.deck.output.wavefields)
    if (shot >= plan.shots())
      throw core::UserError(core::format(
          "output.wavefields names shot {}; the survey has {}, from 0", shot, plan.shots()));
  return plan;
}

template <class Real>
std::shared_ptr<ss::WaveStepper<Real>> make_wave_stepper(const SeismicJob& job,
                                                         const ss::SurveyPlan& plan,
                                                         const ss::EarthModel& model,
                                                         const ss::ShotGroups& groups) {
  const ss::SeismicParams& p = job.deck.seismic;
  const mesh::GridParams box = groups.box(job.deck.grid);
  if (p.equation == "acoustic")
    return std::make_shared<ss::AcousticSolver<Real>>(
        ss::acoustic_setup(p, plan, box), model.p_speed_m_s, model.density_kg_m3, groups.group);
  ss::ElasticSetup setup;
  setup.order = p.order;
  setup.dt_s = plan.dt_s;
  setup.absorbing = p.absorbing;
  setup.layer_speed_m_s = plan.layer_speed_m_s;
  setup.layer_frequency_hz = plan.peak_frequency_hz;
  const auto grid =
      ss::make_wave_grid(box, p.absorbing, p.surface == "free", p.order / 2, groups.group);
  return std::make_shared<ss::ElasticSolver<Real>>(setup, model, grid);
}

template std::shared_ptr<ss::WaveStepper<float>> make_wave_stepper(const SeismicJob&,
                                                                   const ss::SurveyPlan&,
                                                                   const ss::EarthModel&,
                                                                   const ss::ShotGroups&);
template std::shared_ptr<ss::WaveStepper<double>> make_wave_stepper(const SeismicJob&,
                                                                    const ss::SurveyPlan&,
                                                                    const ss::EarthModel&,
                                                                    const ss::ShotGroups&);

void check_survey(const SeismicJob& job) { plan_of(job, job.model()); }

}  // namespace understudy::apps::seismic
