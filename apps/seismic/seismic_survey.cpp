#include "apps/seismic/seismic_survey.hpp"

#include "apps/seismic/seismic_files.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/memory.hpp"
#include "core/rank_groups.hpp"
#include "solvers/seismic/acoustic/acoustic_solver.hpp"
#include "solvers/seismic/elastic/elastic_solver.hpp"

namespace understudy::apps::seismic {

namespace ss = solvers::seismic;

namespace {

// The fields of one of so many shots at once on this run's ranks.
double field_bytes(const SeismicJob& job, int shots) {
  const auto& p = job.deck.seismic;
  const int dimension = job.deck.grid.dimension();
  double cells = 1;
  for (const auto n : job.deck.grid.cells) cells *= double(n + 2 * p.absorbing.width_cells);
  // Pressure twice, the layer's memories, speed and its square or density; or velocities, stresses, their
  // memories and the averaged medium.
  const int arrays = p.equation == "acoustic" ? 4 + 2 * dimension : dimension == 2 ? 16 : 30;
  const auto share = core::share_ranks({.ranks = job.comm.size(),
                                        .tasks = shots,
                                        .wanted = p.ranks_per_shot,
                                        .key = "seismic.ranks_per_shot",
                                        .one = "shot",
                                        .fits = ss::ranks_fit(job.modelling())});
  const double real_bytes = job.deck.precision == "single" ? sizeof(float) : sizeof(double);
  return arrays * real_bytes * cells / share.each;
}

// With the gathers, which every rank holds whole. Encoded inversions hold the fields of a shot and of a supershot.
double survey_bytes(const SeismicJob& job, const ss::SurveyPlan& plan, int supershots) {
  constexpr double copies = 2;  // as they come together and as they are written
  const double traces = copies * sizeof(double) * plan.shots() * double(plan.samples) *
                        double(plan.survey.receivers.size());
  return field_bytes(job, plan.shots()) + (supershots > 0 ? field_bytes(job, supershots) : 0) +
         traces;
}

}  // namespace

void require_survey_fits(const SeismicJob& job, const ss::SurveyPlan& plan, int supershots) {
  std::string size;
  for (const auto n : job.deck.grid.cells) size += (size.empty() ? "" : " x ") + std::to_string(n);
  core::require_memory(
      {.bytes = survey_bytes(job, plan, supershots),
       .what =
           core::format("a survey of {} shots{} on {} cells, with {} samples of {} receivers each,",
                        plan.shots(), supershots > 0 ? " and their superposition" : "", size,
                        plan.samples, plan.survey.receivers.size()),
       .remedy =
           "use fewer cells (grid.cells), more ranks a shot (seismic.ranks_per_shot) or a longer "
           "time.record_every_s"},
      core::Comm::self());
}

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
  require_survey_fits(job, plan);
  for (const auto shot : job.deck.output.wavefields)
    if (shot >= plan.shots())
      throw core::UserError(core::format(
          "output.wavefields names shot {}; the survey has {}, from 0", shot, plan.shots()));
  require_gather_files(job, plan);
  require_model_files(job);
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

void check_survey(const SeismicJob& job) {
  const ss::SurveyPlan plan = plan_of(job, job.model());
  const ss::EncodingParams& encoding = job.deck.inversion.encoding;
  if (!encoding.on()) return;
  ss::require_encoding(encoding.supershots, plan.shots());
  require_survey_fits(job, plan, encoding.supershots);
}

}  // namespace understudy::apps::seismic
