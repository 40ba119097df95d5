// The verb `generate` of simulations: the ensemble, as a dataset.
#include <algorithm>

#include "apps/simulation/dataset_card.hpp"
#include "apps/simulation/ensemble_run.hpp"
#include "apps/simulation/simulation_verbs.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "surrogates/fields/dataset/dataset.hpp"
#include "surrogates/fields/dataset/dataset_statistics.hpp"

namespace understudy::apps::verbs {

namespace {

// Samples of another ensemble would be trained on too, and deleting what somebody computed is not this
// program's to decide.
void refuse_strangers(const SimulationJob& job, const std::vector<Member>& members) {
  job.comm.on_root<core::UserError>([&] {
    std::error_code code;
    std::vector<std::string> strangers;
    if (!std::filesystem::exists(job.dataset(), code)) return;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(job.dataset(), code)) {
      const auto& path = entry.path();
      const bool ours = std::ranges::any_of(members, [&](const Member& m) {
        return surrogates::sample_path(job.dataset(), m.sample) == path;
      });
      if (!ours && path.extension() == ".hdf5" && path.stem().string().starts_with("member_"))
        strangers.push_back(std::filesystem::relative(path, job.dataset(), code).string());
    }
    if (strangers.empty()) return;
    std::ranges::sort(strangers);
    constexpr std::size_t enough = 5;
    std::string names;
    for (std::size_t n = 0; n < std::min(enough, strangers.size()); ++n)
      names += (n ? ", " : "") + strangers[n];
    if (strangers.size() > enough) names += core::format(" and {} more", strangers.size() - enough);
    throw core::UserError(core::format(
        "{} has samples that are no members of this deck's ensemble, and training would take them "
        "too: {}. Give another --out, remove or move these files, or restore the ensemble that made "
        "them.",
        job.dataset().string(), names));
  });
}

// What killed calls left of members that they had not finished.
void sweep_unfinished(const SimulationJob& job) {
  job.comm.on_root<core::UserError>([&] {
    std::error_code code;
    std::vector<std::filesystem::path> unfinished;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(job.dataset(), code))
      if (entry.path().extension() == ".partial" && entry.path().stem().extension() == ".hdf5")
        unfinished.push_back(entry.path());
    for (const auto& path : unfinished) std::filesystem::remove(path, code);
  });
}

// What the groups of ranks did, and what is there now.
void report(const SimulationJob& job, const EnsembleRun& run, std::size_t members,
            Summary& summary) {
  summary.metric("members", members);
  summary.metric("members_simulated", run.simulated);
  summary.metric("members_failed", run.failed.size());
  summary.metric("ensemble.groups", run.groups);
  summary.metric("ensemble.ranks_per_member", run.ranks_per_member);
  if (run.cell_updates > 0 && run.wall_s > 0)
    summary.metric("rate_cells_per_s", run.cell_updates / run.wall_s);
  if (run.failed.size() < members) {
    const surrogates::DatasetReader data(job.dataset());
    summary.metric("data_core_s", data.cost_core_s());
    summary.metric("dataset_hash", data.hash());
    core::log::info("dataset of {} members in {} ({:.0f} core-s)", data.samples().size(),
                    job.dataset().string(), data.cost_core_s());
  }
  if (run.simulated == 0) summary.keep_earlier({"rate_cells_per_s"});
  summary.write();
}

void throw_failures(const EnsembleRun& run, std::size_t members) {
  if (run.failed.empty()) return;
  std::string text;
  for (const auto& failure : run.failed) text += "\n  " + failure;
  throw core::RunError(
      core::format("{} of {} members failed; the others are complete, and --resume tries these "
                   "again:{}",
                   run.failed.size(), members, text));
}

}  // namespace

void generate(SimulationJob& job, Summary& summary) {
  // Other networks may be chosen when the data are there; this one asks for cells that its factors divide.
  if (surrogates::corrects(job.deck.network)) require_network_size(job);
  auto members = ensemble_members(job);
  const MemberRanks ranks = share_members(job.deck, job.comm.size());
  refuse_strangers(job, members);
  open_output(job);
  sweep_unfinished(job);
  if (ranks.share.idle > 0 && job.comm.is_root())
    core::log::warn("{}", core::idle_text(ranks.tasks, ranks.share));
  const auto group =
      job.comm.split(ranks.share.colour(job.comm.rank(), ranks.tasks.fits), job.comm.rank());
  with_precision(job.deck.precision, [&]<class Real>(Real) {
    const auto to_do = members_to_do<Real>(job, members, group);
    const DatasetSums known = known_sums(job);
    if (!to_do.empty()) {
      surrogates::remove_statistics(job.dataset(), job.comm);
      remove_dataset_card(job);
    }
    const EnsembleRun run = run_members<Real>(job, members, to_do, group, ranks.share);
    report(job, run, members.size(), summary);
    throw_failures(run, members.size());
    // Also where a killed call had all members and not yet these.
    if (!surrogates::has_statistics(job.dataset(), job.comm))
      surrogates::write_statistics(job.dataset(), job.comm);
    write_dataset_card(job, known, run.simulated > 0);
  });
}

}  // namespace understudy::apps::verbs
