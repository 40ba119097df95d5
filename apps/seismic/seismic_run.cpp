// The verb run: all shots of the survey, their gathers, and the waves of chosen shots.
#include <algorithm>

#include "apps/seismic/seismic_files.hpp"
#include "apps/seismic/seismic_outputs.hpp"
#include "apps/seismic/seismic_pages.hpp"
#include "apps/seismic/seismic_survey.hpp"
#include "apps/seismic/seismic_verbs.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "solvers/seismic/survey_run.hpp"

namespace understudy::apps::seismic {

namespace {

namespace ss = solvers::seismic;

// Waves of one shot for ParaView, at every window.
template <class Real>
solvers::Observer<Real> wave_writer(const SeismicJob& job, int shot, bool only) {
  const auto series = std::make_shared<mesh::VtkSeries>(
      job.out, only ? std::string("fields") : core::format("fields_shot_{}", shot));
  return [series](const solvers::WindowEvent<Real>& event) {
    auto fields = mesh::cell_fields(event.state);
    for (const auto& name : event.stepper.derived_names())
      fields.push_back(event.stepper.derive(event.state, name));
    series->write(event.state.time_s, event.state.grid(), fields);
  };
}

// The waves of the shots that the deck names.
template <class Real>
typename ss::SurveyRun<Real>::Watch watch_of(const SeismicJob& job) {
  return [&job](int shot) {
    ss::ShotWatch<Real> watch;
    const auto& output = job.deck.output;
    if (std::find(output.wavefields.begin(), output.wavefields.end(), shot) ==
        output.wavefields.end())
      return watch;
    watch.every_s = output.wavefield_every_s;
    if (output.vtk)
      watch.observers.push_back(wave_writer<Real>(job, shot, output.wavefields.size() == 1));
    return watch;
  };
}

void write_results(const SeismicJob& job, const ss::EarthModel& model,
                   std::vector<ss::GatherSet> sets) {
  job.comm.on_root<core::UserError>([&] {
    for (auto& set : sets) set.attributes = job.provenance.as_map();
    write_gather_files(job, sets);
    write_model_files(job, model);
    if (job.deck.output.vtk) ModelSeries(job, "model").write(0, model.p_speed_m_s);
    if (!job.deck.output.pictures) return;
    const auto range = std::minmax_element(model.p_speed_m_s.begin(), model.p_speed_m_s.end());
    write_model_picture(job, "model", model.p_speed_m_s, *range.first, *range.second);
    for (const auto& set : sets)
      write_gather_picture(job, core::format("gather_{}_shot_0", set.quantity), set.shots.front());
  });
}

template <class Real>
void run_as(SeismicJob& job, Summary& summary) {
  const ss::EarthModel model = job.model();
  const ss::SurveyPlan plan = plan_of(job, model);
  if (job.resume) core::log::info("a survey is computed anew: --resume has nothing to go on from");
  const ss::ShotGroups groups(job.comm, plan.shots(), job.deck.seismic.ranks_per_shot,
                              ss::ranks_fit(job.modelling()));
  ss::SurveyRun<Real> survey(make_wave_stepper<Real>(job, plan, model, groups), plan, groups);
  open_output(job);
  if (job.comm.is_root())
    core::log::info("{}: {} shots of {} steps of {:.4g} s, {} receivers", job.deck.name,
                    plan.shots(), plan.steps(), plan.dt_s, plan.survey.receivers.size());
  const auto sets = survey.run(watch_of<Real>(job));
  write_results(job, model, sets);
  if (job.comm.is_root()) write_survey_page(job, model, plan, sets);
  const double wall_s = survey.wall_s();
  summary.timing("advance_s", wall_s);
  summary.metric("rate_cells_per_s", wall_s > 0 ? survey.cell_updates() / wall_s : 0);
  summary.metric("seismic.shots", plan.shots());
  summary.metric("seismic.steps", plan.steps());
  summary.metric("seismic.dt_s", plan.dt_s);
  if (job.comm.is_root())
    core::log::info("{}: {:.4g} cell updates/s; results in {}", job.deck.name,
                    wall_s > 0 ? survey.cell_updates() / wall_s : 0, job.out.string());
}

}  // namespace

void run(SeismicJob& job, Summary& summary) {
  with_precision(job.deck.precision, [&]<class Real>(Real) { run_as<Real>(job, summary); });
}

}  // namespace understudy::apps::seismic
