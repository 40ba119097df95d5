#include "apps/seismic/seismic_verbs.hpp"

#include <filesystem>
#include <string>

#include "apps/seismic/seismic_survey.hpp"
#include "apps/study/summary.hpp"
#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

// What minimises needs PETSc, and is not there without it.
#ifdef UNDERSTUDY_WITH_PETSC
constexpr bool with_petsc = true;
#else
constexpr bool with_petsc = false;
#endif

void invert(SeismicJob& job, Summary& summary) {
  if constexpr (with_petsc) seismic::invert(job, summary);
}

// The ways that are compared have one misfit, of every shot.
void require_every_shot(const SeismicJob& job) {
  const int supershots = job.deck.inversion.encoding.supershots;
  if (supershots > 0)
    throw core::UserError(core::format(
        "inversion.encoding.supershots is {}: compare and study invert every shot by itself; set it "
        "to 0 for them (encoded sources are for the verb invert)",
        supershots));
}

void compare(SeismicJob& job, Summary& summary) {
  require_every_shot(job);
  if constexpr (with_petsc) seismic::compare(job, summary);
}

void study(SeismicJob& job, Summary& summary) {
  require_every_shot(job);
  for (const auto stage : {seismic::generate, seismic::train, compare}) {
    stage(job, summary);
    summary.write();
  }
}

}  // namespace

void SeismicStudy::prepare(DeckTree& tree) {
  deck_.directory = tree.directory;
  deck_.name = std::filesystem::path(tree.name).stem().string();
}

std::vector<Verb> SeismicStudy::verbs() {
  const auto of = [this](void (*act)(SeismicJob&, Summary&)) {
    return [this, act](Job& job, Summary& summary) {
      SeismicJob own = this->job(job);
      act(own, summary);
    };
  };
  const std::string lacking = with_petsc ? "" : "needs a build with PETSc";
  return {
      {"run", "all shots of the survey", of(seismic::run)},
      {"generate", "random models and their gathers into a dataset", of(seismic::generate)},
      {"train", "dataset to learned inversion and learned forward operator", of(seismic::train)},
      {"invert", "waveforms to a model of the earth", of(invert), lacking},
      {"compare", "the ways to a model side by side: report.html", of(compare), lacking},
      {"study", "generate, train and compare in one go", of(study), lacking}};
}

std::vector<std::string> SeismicStudy::check(const Job& job) {
  seismic::check_survey(this->job(job));
  return {};
}

App seismic_app() {
  return {
      .name = "seismic",
      .summary = "acoustic and elastic waves in 2-D and 3-D; inversion, learned and by waveforms",
      .document = "docs/numerics_seismic.md",
      .make = [] { return std::make_unique<SeismicStudy>(); },
      .parts = {{"Networks (network.kind:)",
                 {{"inversion_net", "encoder-decoder from shot gathers to a model (app: seismic)"},
                  {"forward_net", "from a model to shot gathers (app: seismic)"}}}},
      .reference_heading =
          "# Decks of waves\n\nWith `app: seismic` a deck has these keys "
          "(docs/numerics_seismic.md).\n\n"};
}

}  // namespace understudy::apps
