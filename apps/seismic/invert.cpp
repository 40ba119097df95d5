// The verb invert: full-waveform inversion of the deck's data, with restart.
#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/seismic/seismic_files.hpp"
#include "apps/seismic/seismic_inversion.hpp"
#include "apps/seismic/seismic_outputs.hpp"
#include "apps/seismic/seismic_pages.hpp"
#include "apps/seismic/seismic_survey.hpp"
#include "apps/seismic/seismic_verbs.hpp"
#include "apps/study/csv_series.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "solvers/seismic/inversion/encoded_objective.hpp"

namespace understudy::apps::seismic {

namespace {

namespace ss = solvers::seismic;

// Everything that follows an inversion's iterations: table, model series, restart file, progress.
class IterationLog {
 public:
  IterationLog(const SeismicJob& job, const InversionProblem& problem,
               const std::optional<ss::InversionState>& resumed)
      : job_(job), problem_(problem), table_(path(), keep(resumed)) {
    if (job.comm.is_root() && job.deck.output.vtk)
      models_.emplace(job, "inversion", resumed ? resumed->history.back().iteration : -1);
    if (resumed) whole_ = resumed->history.back().whole;
    if (resumed) job.comm.on_root<core::UserError>([&] { take_up(*resumed); });
    if (!problem.truth.empty())
      start_error_ = model_error(job.deck, problem.start, problem.truth).rel_l2;
  }

  bool operator()(const ss::InversionState& state) {
    // Only now: what a deck has wrong has shown by the first evaluation, and nothing is left behind.
    if (!*job_.opened) open_output(job_);
    job_.comm.on_root<core::UserError>([&] { write(state); });
    stopped_by_ = core::stop_signal(job_.comm);
    return stopped_by_ == 0;
  }
  int stopped_by() const { return stopped_by_; }
  double start_error() const { return start_error_; }

 private:
  std::filesystem::path path() const { return job_.out / "inversion.csv"; }

  bool encoded() const { return job_.deck.inversion.encoding.on(); }

  std::vector<std::string> columns() const {
    std::vector<std::string> names{"iteration",     "stage",        "max_frequency_hz",
                                   "misfit",        "misfit_ratio", "model_rel_l2",
                                   "model_mae",     "model_ssim",   "step",
                                   "gradient_norm", "evaluations",  "wall_s"};
    if (encoded()) names.insert(names.end(), {"simulations", "of_all_shots"});
    return names;
  }

  std::vector<double> row(const ss::InversionRecord& r, const ModelError& error) const {
    std::vector<double> values{
        double(r.iteration),   double(r.stage), r.max_frequency_hz, r.misfit, r.misfit_ratio,
        error.rel_l2,          error.mae,       error.ssim,         r.step,   r.gradient_norm,
        double(r.evaluations), r.wall_s};
    if (encoded()) values.insert(values.end(), {r.simulations, double(r.whole)});
    return values;
  }

  // Up to the restart: a killed inversion may have written the row of an iteration that it did not keep.
  static CsvSeries::Keep keep(const std::optional<ss::InversionState>& resumed) {
    if (!resumed) return {};
    const ss::InversionRecord& last = resumed->history.back();
    return [stage = last.stage, iteration = last.iteration](const std::vector<double>& row) {
      return row[1] < stage || (row[1] == stage && row[0] <= iteration);
    };
  }

  // Rows that the table lacks or has twice are those of the restart file's history; what models were in
  // error then is not known any more.
  void take_up(const ss::InversionState& resumed) {
    const auto kept = table_.kept(columns());
    const auto& history = resumed.history;
    const auto is = [](const std::vector<double>& row, const ss::InversionRecord& r) {
      return row[0] == r.iteration && row[1] == r.stage;
    };
    if (std::ranges::equal(kept, history, is)) return;
    table_ = CsvSeries(path(), [](const std::vector<double>&) { return false; });
    const ModelError unknown{std::nan(""), std::nan(""), std::nan("")};
    for (const auto& r : history) {
      const auto known = std::ranges::find_if(kept, [&](const auto& row) { return is(row, r); });
      table_.write(columns(), known != kept.end() ? *known : row(r, unknown));
    }
  }

  void write(const ss::InversionState& state) {
    const ss::InversionRecord& r = state.history.back();
    const bool settled = !state.new_record && r.whole && !whole_;
    if (settled) drop_row(r);
    if (state.new_record || settled) write_record(r, state);
    whole_ = r.whole;
    if (state.resumable) write_inversion_state(job_, job_.out / "inversion.h5", state, false);
  }

  // The misfit of all shots takes the place of its estimate.
  void drop_row(const ss::InversionRecord& r) {
    table_ = CsvSeries(path(), [stage = r.stage, iteration = r.iteration](const auto& row) {
      return row[1] != stage || row[0] != iteration;
    });
  }

  void write_record(const ss::InversionRecord& r, const ss::InversionState& state) {
    ModelError error{std::nan(""), std::nan(""), std::nan("")};
    if (!problem_.truth.empty()) error = model_error(job_.deck, state.speed, problem_.truth);
    table_.write(columns(), row(r, error));
    // A stage starts from the model that the one before ended with.
    if (models_ && state.new_record && (r.iteration == 0 || r.step > 0))
      models_->write(r.iteration, state.speed);
    const std::string model = problem_.truth.empty()
                                  ? ""
                                  : core::format(", model error {:.4g} ({:.3g} of the start's)",
                                                 error.rel_l2, error.rel_l2 / start_error_);
    core::log::info(
        "iteration {:3d}  stage {}  misfit {:.4g} ({:.3g} of the stage's start{}){}  {:.1f} s",
        r.iteration, r.stage, r.misfit, r.misfit_ratio, r.whole ? "" : ", by simultaneous shots",
        model, r.wall_s);
  }

  const SeismicJob& job_;
  const InversionProblem& problem_;
  CsvSeries table_;
  std::optional<ModelSeries> models_;
  double start_error_ = std::nan("");
  bool whole_ = true;  ///< is the table's last row of all shots?
  int stopped_by_ = 0;
};

void write_models(const SeismicJob& job, const InversionProblem& problem,
                  const std::vector<double>& speed) {
  job.comm.on_root<core::UserError>([&] {
    ss::EarthModel model;
    for (int a = 0; a < job.deck.grid.dimension(); ++a)
      model.cells[a] = int(job.deck.grid.cells[a]);
    model.p_speed_m_s = speed;
    write_model_files(job, model);
    if (job.deck.output.vtk) {
      write_survey_points(job, problem.plan.survey);
      write_survey_script(job);
    }
    if (!job.deck.output.pictures) return;
    const auto& scale = problem.truth.empty() ? speed : problem.truth;
    const auto [least, most] = std::minmax_element(scale.begin(), scale.end());
    write_model_picture(job, "model", speed, *least, *most);
    write_model_picture(job, "model_start", problem.start, *least, *most);
    if (!problem.truth.empty())
      write_model_picture(job, "model_true", problem.truth, *least, *most);
  });
}

// Of a start that was right already, 1.
double ratio(double now, double start) { return start > 0 ? now / start : 1; }

// Of all shots, as the last stage sees the data; and what the inversion cost, this account included.
struct Account {
  double start_misfit = 0, end_misfit = 0, simulations = 0;
};

template <class Real>
struct Objectives {
  std::shared_ptr<ss::SurveyModelling<Real>> modelling;  ///< of all shots
  std::shared_ptr<ss::InversionObjective> inverted;
};

template <class Real>
Objectives<Real> make_objectives(const SeismicJob& job, const InversionProblem& problem) {
  const auto& p = job.deck.inversion;
  Objectives<Real> made;
  made.modelling =
      std::make_shared<ss::SurveyModelling<Real>>(job.modelling(), problem.plan, job.comm);
  const typename ss::WaveformObjective<Real>::Setup setup{p.misfit, p.memory_limit_mb * 1e6,
                                                          problem.density};
  auto whole =
      std::make_shared<ss::WaveformObjective<Real>>(made.modelling, problem.observed, setup);
  made.inverted = whole;
  if (p.encoding.on())
    made.inverted = std::make_shared<ss::EncodedObjective<Real>>(
        whole, job.modelling(),
        typename ss::EncodedObjective<Real>::Encoding{p.encoding.supershots,
                                                      std::uint64_t(job.deck.seed)},
        job.comm);
  return made;
}

Account settle(const SeismicJob& job, const InversionProblem& problem,
               const ss::InversionState& state, ss::InversionObjective& objective) {
  const ss::InversionRecord& last = state.history.back();
  const double before = objective.work().simulations;
  objective.set_stage(job.deck.inversion.all_stages().back().max_frequency_hz);
  Account account;
  account.start_misfit = objective.whole_misfit(problem.start);
  account.end_misfit = last.whole ? last.misfit : objective.whole_misfit(state.speed);
  account.simulations = state.simulations + objective.work().simulations - before;
  return account;
}

void summarise(const SeismicJob& job, const InversionProblem& problem,
               const ss::InversionState& state, const Account& account, Summary& summary) {
  const ss::InversionRecord& last = state.history.back();
  summary.metric("seismic.misfit_ratio", ratio(account.end_misfit, account.start_misfit));
  summary.metric("seismic.misfit_start", account.start_misfit);
  summary.metric("seismic.misfit_final", account.end_misfit);
  summary.metric("seismic.simulations", account.simulations);
  summary.metric("seismic.iterations", last.iteration);
  summary.metric("seismic.evaluations", state.evaluations);
  summary.metric("seismic.time_to_solution_s", last.wall_s);
  nlohmann::json ends = nlohmann::json::array();
  for (const ss::StageEnd& end : state.ends)
    ends.push_back({{"stage", end.stage}, {"reason", end.reason}, {"failed", end.failed}});
  // of a finished inversion: null, for which an earlier call's stand (Summary::keep_earlier)
  summary.metric("seismic.ends", ends.empty() ? nlohmann::json() : ends);
  if (problem.truth.empty()) return;
  const auto error = model_error(job.deck, state.speed, problem.truth);
  const auto start = model_error(job.deck, problem.start, problem.truth);
  summary.metric("seismic.model_error.rel_l2", error.rel_l2);
  summary.metric("seismic.model_error.ratio_to_start", ratio(error.rel_l2, start.rel_l2));
  summary.metric("seismic.model_error.mae", error.mae);
  summary.metric("seismic.model_error.ssim", error.ssim);
}

// Two more forward computations: the data that start and end predict.
template <class Real>
void write_page(const SeismicJob& job, const InversionProblem& problem,
                const ss::InversionState& state, const Account& account,
                ss::SurveyModelling<Real>& modelling) {
  modelling.set_wavelet(problem.plan.wavelet);
  modelling.set_model(problem.start, problem.density);
  const auto at_start = modelling.model();
  modelling.set_model(state.speed, problem.density);
  const auto at_end = modelling.model();
  if (job.comm.is_root())
    write_inversion_page(
        job, {problem, state, account.start_misfit, account.end_misfit, at_start, at_end});
}

void log_ends(const ss::InversionState& state) {
  for (const ss::StageEnd& end : state.ends) {
    const std::string text = core::format("the inversion ended: {}", ss::ends_in_words({end}));
    if (end.failed)
      core::log::warn("{}; the model may be far from the best one", text);
    else
      core::log::info("{}", text);
  }
}

// Where the density comes from the speed it might be thought to follow it.
void log_density(const SeismicJob& job, const InversionProblem& problem) {
  if (problem.density.empty()) return;
  const auto& start =
      job.deck.inversion.start_smooth_m > 0 ? job.deck.seismic.model : job.deck.inversion.start;
  if (start.density == "gardner" || job.deck.seismic.model.density == "gardner")
    core::log::warn(
        "the density stays the start's while the speed changes: density: gardner gives the start's "
        "density only, it is not computed again");
  else
    core::log::info("the density stays the start's; the speed alone is inverted");
}

template <class Real>
void invert_as(SeismicJob& job, Summary& summary) {
  require_model_files(job);
  const InversionProblem problem = make_problem<Real>(job);
  const auto [modelling, objective] = make_objectives<Real>(job, problem);
  const auto& p = job.deck.inversion;
  ss::InversionSetup setup{p, job.deck.grid, problem.start, std::nullopt};
  const auto restart = job.out / "inversion.h5";
  if (resumes_from(job, restart)) setup.resumed = read_inversion_state(job, restart);
  if (job.comm.is_root())
    core::log::info(
        "{}: {} shots of {} steps of {:.4g} s on {} groups of ranks; {}", job.deck.name,
        problem.plan.shots(), problem.plan.steps(), problem.plan.dt_s, modelling->groups().groups,
        setup.resumed
            ? core::format("resuming after iteration {}", setup.resumed->history.back().iteration)
            : "starting");
  if (setup.resumed) open_output(job);
  summary.belongs_to(restart_hash(job));
  if (job.comm.is_root()) {
    log_density(job, problem);
    if (p.encoding.on())
      core::log::info("shots are superposed into {}, with new signs every {} iteration{}",
                      p.encoding.supershots, p.encoding.renew_every,
                      p.encoding.renew_every == 1 ? "" : "s");
  }
  IterationLog log(job, problem, setup.resumed);
  const core::Stopwatch clock;
  const auto state = ss::run_inversion(*objective, setup, std::ref(log));
  if (log.stopped_by() != 0)
    throw core::Interrupted(
        core::format("stopped by signal {} after iteration {}; --resume goes on from {}",
                     log.stopped_by(), state.history.back().iteration, restart.string()),
        log.stopped_by());
  const double wall_s = clock.seconds(), updates = objective->work().cell_updates;
  job.comm.on_root<core::UserError>([&] { write_inversion_state(job, restart, state, true); });
  if (job.comm.is_root()) log_ends(state);
  write_models(job, problem, state.speed);
  const Account account = settle(job, problem, state, *objective);
  core::log::info("misfit {:.3g} of the start's, as the last stage sees the data",
                  ratio(account.end_misfit, account.start_misfit));
  summarise(job, problem, state, account, summary);
  if (setup.resumed && state.history.size() == setup.resumed->history.size())
    summary.keep_earlier();
  else
    summary.metric("rate_cells_per_s", updates / std::max(1e-9, wall_s));
  write_page(job, problem, state, account, *modelling);
  if (job.comm.is_root()) core::log::info("{}: results in {}", job.deck.name, job.out.string());
}

}  // namespace

void invert(SeismicJob& job, Summary& summary) {
  with_precision(job.deck.precision, [&]<class Real>(Real) { invert_as<Real>(job, summary); });
}

}  // namespace understudy::apps::seismic
