// The verb generate: random models of the deck and their gathers, dealt over the ranks.
#include <algorithm>
#include <set>

#include "apps/seismic/seismic_learned.hpp"
#include "apps/seismic/seismic_outputs.hpp"
#include "apps/seismic/seismic_verbs.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "core/shared_counters.hpp"
#include "solvers/seismic/acoustic/survey_modelling.hpp"

namespace understudy::apps::seismic {

namespace {

namespace ss = solvers::seismic;

surrogates::Split split_of(const SeismicDatasetParams& d, long long model) {
  return model < d.training                  ? surrogates::Split::train
         : model < d.training + d.validation ? surrogates::Split::validation
                                             : surrogates::Split::test;
}

void require_speeds(const SeismicDatasetParams& d, const ss::EarthModel& model, long long number) {
  const auto [least, most] =
      std::minmax_element(model.p_speed_m_s.begin(), model.p_speed_m_s.end());
  if (*least >= d.speed_least_m_s && *most <= d.speed_most_m_s) return;
  throw core::UserError(core::format(
      "model {} has speeds from {:.6g} to {:.6g} m/s; dataset.speed_least_m_s and speed_most_m_s allow "
      "{:.6g} to {:.6g} m/s",
      number, *least, *most, d.speed_least_m_s, d.speed_most_m_s));
}

// Shards of another deck are refused. Without --resume what this deck made before is made anew.
std::set<long long> samples_to_keep(const SeismicJob& job, const surrogates::PairInfo& info,
                                    const core::Provenance& provenance) {
  const auto done = surrogates::finished_samples(job.dataset(), info, provenance.deck_hash);
  job.comm.barrier();  // all ranks have read
  if (job.resume) {
    core::log::info("{} of {} models are already there", done.size(), job.deck.dataset.models());
    return {done.begin(), done.end()};
  }
  job.comm.on_root<core::UserError>([&] { surrogates::remove_samples(job.dataset()); });
  return {};
}

// What went wrong on this rank, kept until all groups have ended: one that unwinds alone takes the finished
// models of those that it leaves waiting with it.
class Failure {
 public:
  /// Runs the action; of several that fail the first counts. `where` stands before what it says of a run.
  template <class Action>
  void of(const Action& action, const std::string& where = "") {
    try {
      action();
    } catch (const core::UserError& error) {
      if (!any()) user_ = error.what();
    } catch (const core::RunError& error) {
      if (!any()) run_ = where + error.what();
    }
  }
  bool any() const { return !user_.empty() || !run_.empty(); }
  void throw_on_all_ranks(const core::Comm& comm) const {
    comm.throw_on_all_ranks<core::UserError>(user_);
    comm.throw_on_all_ranks<core::RunError>(run_);
  }

 private:
  std::string user_, run_;
};

// Of this call; the first rank of a group counts its models and their cells.
struct Made {
  double models = 0, spent_s = 0, cell_updates = 0, wall_s = 0;
};

void report_on(const SeismicJob& job, const Made& made, Summary& summary) {
  const double made_now = job.comm.sum(made.models);
  double core_s = 0;  // of all calls
  job.comm.on_root<core::UserError>([&] { core_s = surrogates::cost_of_samples(job.dataset()); });
  summary.metric("dataset.models", job.deck.dataset.models());
  summary.metric("dataset.made_now", made_now);
  summary.metric("dataset.core_s", core_s);
  summary.metric("dataset.core_s_now", job.comm.sum(made.spent_s));
  const double updates = job.comm.sum(made.cell_updates);
  if (made_now > 0) {
    summary.timing("generate_s", made.wall_s);
    summary.metric("rate_cells_per_s", updates / std::max(1e-9, made.wall_s));
  } else {
    summary.keep_earlier({"rate_cells_per_s"});
  }
  core::log::info("{} models in {} ({:.1f} s)", job.deck.dataset.models(), job.dataset().string(),
                  made.wall_s);
}

// Models are dealt over groups of seismic.ranks_per_shot ranks; each group writes its own shards. Where a model
// fails, the groups end with those that they are at; --resume makes the others.
template <class Real>
void generate_as(SeismicJob& job, Summary& summary) {
  const auto& d = job.deck.dataset;
  if (!d.input_files.empty())
    throw core::UserError(
        "generate: the deck's data are NumPy files (dataset.input_files); train reads them");
  const ss::SurveyPlan plan = dataset_plan(job);
  const auto info = pair_info(job, plan);
  const core::RankTasks tasks{.ranks = job.comm.size(),
                              .tasks = d.models(),
                              .wanted = std::max(1, job.deck.seismic.ranks_per_shot),
                              .key = "seismic.ranks_per_shot",
                              .one = "model",
                              .fits = ss::ranks_fit(job.modelling())};
  const core::RankShare share = core::share_ranks(tasks);
  open_output(job);
  if (share.idle > 0 && job.comm.is_root()) core::log::warn("{}", core::idle_text(tasks, share));
  const core::Provenance provenance = samples_provenance(job);
  const std::set<long long> finished = samples_to_keep(job, info, provenance);
  const int groups = share.groups, mine = share.colour(job.comm.rank(), tasks.fits);
  const core::Comm group = job.comm.split(mine, job.comm.rank());
  ss::ModellingSetup setup = job.modelling();
  setup.seismic.ranks_per_shot = group.size();  // a group is split no further
  ss::SurveyModelling<Real> modelling(setup, plan, group);
  surrogates::PairWriter writer(job.dataset(), info, provenance, d.shard);
  core::Progress progress("generate " + job.deck.name, d.models() - double(finished.size()),
                          "models");
  const core::Stopwatch clock;
  double made = 0, spent_s = 0;
  const auto make = [&](long long n) {
    const core::Stopwatch one;
    ss::EarthModel model;
    Failure alone;  // no rank of the group goes on to the waves without the others
    alone.of([&] {
      model = job.model(std::uint64_t(n));
      require_speeds(d, model, n);
    });
    alone.throw_on_all_ranks(group);
    modelling.set_model(model.p_speed_m_s, model.density_kg_m3);
    const auto traces = modelling.model();
    const double core_s = one.seconds() * share.each * core::Runtime::threads();
    spent_s += core_s / share.each;
    if (group.is_root()) {
      writer.add_cost(core_s);
      writer.append(n, split_of(d, n), traces_to_array(traces),
                    speed_to_image(job.deck.grid, model.p_speed_m_s));
    }
    made += 1;
    progress.update(made * groups);
  };
  Failure failure;
  core::SharedCounters failed(job.comm, 1);  // in any group
  bool stopped = false;
  long long turn = 0;
  for (long long n = 0; n < d.models() && !stopped; ++n) {
    if (finished.count(n) != 0 || turn++ % groups != mine) continue;
    failure.of([&] { make(n); }, core::format("model {}: ", n));
    if (failure.any()) failed.add(0, 1);
    stopped = group.max(failed.read(0)) != 0 || core::stop_signal(group) != 0;
  }
  failure.of([&] {
    if (group.is_root()) writer.flush();
  });
  failure.throw_on_all_ranks(job.comm);
  if (core::stop_signal(job.comm) != 0)
    throw core::Interrupted("stopped; the finished models are kept, and --resume goes on from them",
                            core::stop_signal(job.comm));
  const double one = group.is_root() ? 1 : 0;
  report_on(job, {one * made, spent_s, one * modelling.cell_updates(), clock.seconds()}, summary);
}

}  // namespace

void generate(SeismicJob& job, Summary& summary) {
  with_precision(job.deck.precision, [&]<class Real>(Real) { generate_as<Real>(job, summary); });
}

}  // namespace understudy::apps::seismic
