#include "apps/seismic/seismic_verbs.hpp"

#include <array>
#include <cstdio>
#include <format>

#include "apps/deck_writer.hpp"
#include "apps/seismic/seismic_survey.hpp"
#include "apps/summary.hpp"
#include "core/error.hpp"

namespace understudy::apps::seismic {

namespace {

struct Verb {
  const char* name;
  void (*act)(SeismicJob&, Summary&);
  bool writes;
};

constexpr std::array<Verb, 7> verbs{{{"run", run, true},
                                     {"generate", generate, true},
                                     {"train", train, true},
                                     {"invert", invert, true},
                                     {"compare", compare, true},
                                     {"study", study, true},
                                     {"check", check, false}}};

}  // namespace

void act(const JobOptions& options) {
  for (const Verb& verb : verbs) {
    if (options.verb != verb.name) continue;
    SeismicJob job = make_seismic_job(options);
    Summary summary({job.verb, job.tree.name, job.deck.app, job.deck.precision, job.provenance,
                     job.comm, job.out, job.clock});
    verb.act(job, summary);
    if (verb.writes) summary.write();
    return;
  }
  throw core::UserError(std::format(
      "{}: a deck with app: seismic does not take `{}`; run, generate, train, invert, compare, study "
      "and check do",
      options.deck, options.verb));
}

void study(SeismicJob& job, Summary& summary) {
  generate(job, summary);
  train(job, summary);
  compare(job, summary);
}

void check(SeismicJob& job, Summary&) {
  check_survey(job);
  if (!job.comm.is_root()) return;
  const std::string text =
      std::format("# {}: valid; every key with its value (hash {})\n{}", job.tree.name,
                  job.provenance.deck_hash, write_deck(job.deck, true));
  std::fputs(text.c_str(), stdout);
}

}  // namespace understudy::apps::seismic
