// The verb generate: random models of the deck and their gathers, dealt over the ranks.
#include <algorithm>
#include <set>

#include "apps/deck/deck_writer.hpp"
#include "apps/seismic/seismic_learned.hpp"
#include "apps/seismic/seismic_outputs.hpp"
#include "apps/seismic/seismic_verbs.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
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

// What the samples depend on: changing how they are learned from does not make them another dataset.
struct SamplesPart {
  SeismicDeck& deck;
  void describe(core::ParamVisitor& v) {
    v.choice("precision", deck.precision, {"single", "double"}, "");
    v.integer("seed", deck.seed, {}, "");
    v.group("grid", deck.grid, "");
    v.group("time", deck.time, "");
    v.group("seismic", deck.seismic, "");
    v.group("dataset", deck.dataset, "");
  }
};

core::Provenance samples_provenance(SeismicJob& job) {
  SamplesPart part{job.deck};
  core::Provenance provenance = job.provenance;
  provenance.deck_hash = core::sha256(write_deck(part)).substr(0, 16);
  return provenance;
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

// Models are dealt over groups of seismic.ranks_per_shot ranks; each group writes its own shards.
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
  bool stopped = false;
  long long turn = 0;
  for (long long n = 0; n < d.models() && !stopped; ++n) {
    if (finished.count(n) != 0 || turn++ % groups != mine) continue;
    const core::Stopwatch one;
    const ss::EarthModel model = job.model(std::uint64_t(n));
    require_speeds(d, model, n);
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
    stopped = core::stop_signal(group) != 0;
  }
  if (group.is_root()) writer.flush();
  job.comm.barrier();
  if (core::stop_signal(job.comm) != 0)
    throw core::Interrupted("stopped; the finished models are kept, and --resume goes on from them",
                            core::stop_signal(job.comm));
  const double made_now = job.comm.sum(group.is_root() ? made : 0.0);
  summary.metric("dataset.models", d.models());
  summary.metric("dataset.made_now", made_now);
  if (made_now > 0) {
    summary.timing("generate_s", clock.seconds());
    summary.metric("dataset.core_s", job.comm.sum(spent_s));
    summary.metric("rate_cells_per_s",
                   job.comm.sum(group.is_root() ? modelling.cell_updates() : 0.0) /
                       std::max(1e-9, clock.seconds()));
  } else {
    summary.keep_earlier({"dataset.core_s", "rate_cells_per_s"});
  }
  core::log::info("{} models in {} ({:.1f} s)", d.models(), job.dataset().string(),
                  clock.seconds());
}

}  // namespace

void generate(SeismicJob& job, Summary& summary) {
  with_precision(job.deck.precision, [&]<class Real>(Real) { generate_as<Real>(job, summary); });
}

}  // namespace understudy::apps::seismic
