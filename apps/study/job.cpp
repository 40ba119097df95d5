#include "apps/study/job.hpp"

#include <nlohmann/json.hpp>

#include "apps/deck/deck_writer.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "mesh/box_grid.hpp"

namespace understudy::apps {

Job make_job(const JobOptions& options) {
  Job job;
  job.verb = options.verb;
  job.tree = DeckTree::read(options.deck);
  for (const auto& setting : options.settings) job.tree.set(setting);
  job.deck = read_study(job.tree);
  job.out = options.out.empty() ? std::filesystem::path("out") / job.deck.name
                                : std::filesystem::path(options.out);
  job.study = job.out;
  job.resume = options.resume;
  core::Provenance provenance = core::describe_build_and_host(options.command);
  provenance.deck = write_deck(job.deck);
  provenance.deck_hash = core::sha256(provenance.deck).substr(0, 16);
  provenance.seed = job.deck.seed;
  job.provenance = core::of_root(provenance, job.comm);
  return job;
}

StudyDeck with_settings(const Job& job, const std::vector<std::string>& settings) {
  DeckTree tree = job.tree;
  for (const auto& setting : settings) tree.set(setting);
  return read_study(tree);
}

std::vector<std::string> case_settings(const Job& job) {
  std::vector<std::string> settings;
  for (const auto& s : job.deck.compare.parameters) settings.push_back(setting(s.key, s.value));
  return settings;
}

std::string setting(const std::string& key, double value) {
  return core::format("{}={}", key, value);
}

void open_output(const Job& job) {
  job.comm.on_root<core::UserError>([&] {
    std::error_code code;
    std::filesystem::create_directories(job.out, code);
    if (code)
      throw core::UserError(
          core::format("cannot make the output folder {}: {}", job.out.string(), code.message()));
    const auto summary = job.out / "summary.json";
    if (!std::filesystem::exists(summary, code)) return;
    const auto old = nlohmann::json::parse(core::read_file(summary), nullptr, false);
    const auto at = nlohmann::json::json_pointer("/provenance/deck_hash");
    if (!old.is_discarded() && old.contains(at) && old[at] != job.provenance.deck_hash)
      core::log::warn(
          "{} holds results of another deck (hash {}, this one {}); files of the same "
          "names are replaced. --out DIR writes elsewhere.",
          job.out.string(), old[at].dump(), job.provenance.deck_hash);
  });
}

std::shared_ptr<const mesh::Grid> make_grid(const StudyDeck& deck, const core::Comm& comm) {
  return std::make_shared<const mesh::BoxGrid>(deck.grid, deck.domain->periodic_axes(), comm);
}

}  // namespace understudy::apps
