#include "apps/seismic/seismic_verbs.hpp"

#include <cstdio>
#include <string>

#include "apps/deck/deck_writer.hpp"
#include "apps/seismic/seismic_survey.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::apps::seismic {

namespace {

struct Verb {
  const char* name;
  void (*act)(SeismicJob&, Summary&);
  bool writes;
};

constexpr Verb verbs[] = {
    {"run", run, true},       {"generate", generate, true}, {"train", train, true},
#ifdef UNDERSTUDY_WITH_PETSC
    {"invert", invert, true}, {"compare", compare, true},   {"study", study, true},
#endif
    {"check", check, false}};

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
  std::string known;
  for (const Verb& verb : verbs) known += (known.empty() ? "" : ", ") + std::string(verb.name);
#ifndef UNDERSTUDY_WITH_PETSC
  known += " (invert, compare and study need a build with PETSc)";
#endif
  throw core::UserError(core::format("{}: a deck with app: seismic does not take `{}`; it takes {}",
                                     options.deck, options.verb, known));
}

#ifdef UNDERSTUDY_WITH_PETSC
void study(SeismicJob& job, Summary& summary) {
  generate(job, summary);
  train(job, summary);
  compare(job, summary);
}
#endif

void check(SeismicJob& job, Summary&) {
  check_survey(job);
  if (!job.comm.is_root()) return;
  const std::string text =
      core::format("# {}: valid; every key with its value (hash {})\n{}", job.tree.name,
                   job.provenance.deck_hash, write_deck(job.deck, true));
  std::fputs(text.c_str(), stdout);
}

}  // namespace understudy::apps::seismic
