#include "apps/contenders.hpp"

#include "apps/deck_writer.hpp"

namespace understudy::apps {

std::vector<Job> contender_jobs(const Job& job) {
  std::vector<Job> jobs;
  for (const ContenderParams& contender : job.deck.contenders) {
    Job own = job;
    for (const auto& setting : contender.settings) own.tree.set(setting);
    own.deck = read_study(own.tree);
    own.deck.swap.model.clear();
    own.deck.swap.policy = "always";
    own.out = job.out / "contenders" / contender.name;
    own.provenance.deck = write_deck(own.deck);
    own.provenance.deck_hash = core::sha256(own.provenance.deck).substr(0, 16);
    jobs.push_back(std::move(own));
  }
  return jobs;
}

}  // namespace understudy::apps
