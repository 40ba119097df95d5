#include "apps/simulation/contenders.hpp"

#include "apps/deck/deck_writer.hpp"
#include "apps/simulation/calibration.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/replacement.hpp"
#include "apps/simulation/stand_in.hpp"
#include "apps/study/model_folder.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"

namespace understudy::apps {

namespace {

std::string name_of(const SimulationJob& contender) { return contender.out.filename().string(); }

// What is wrong with a contender says whose it is.
template <class F>
void for_contender(const std::string& name, F&& f) {
  try {
    f();
  } catch (const core::UserError& error) {
    throw core::UserError(core::format("contender {}: {}", name, error.what()));
  }
}

}  // namespace

std::vector<SimulationJob> contender_jobs(const SimulationJob& job) {
  std::vector<SimulationJob> jobs;
  for (const ContenderParams& contender : job.deck.contenders)
    for_contender(contender.name, [&] {
      SimulationJob own = job;
      for (const auto& setting : contender.settings) own.tree.set(setting);
      own.deck = read_simulation_deck(own.tree, own.make);
      own.deck.swap.model.clear();
      own.deck.swap.policy = "always";
      own.deck.swap.physics_every = 0;
      own.deck.swap.lead_windows = 0;
      own.deck.swap.from_s = own.deck.swap.to_s = 0;
      own.out = job.out / "contenders" / contender.name;
      own.provenance.deck = write_deck(own.deck);
      own.provenance.deck_hash = core::sha256(own.provenance.deck).substr(0, 16);
      require_network_size(own);
      jobs.push_back(std::move(own));
    });
  return jobs;
}

void require_contender_blocks(const SimulationJob& job) {
  for (const SimulationJob& own : contender_jobs(job))
    for_contender(name_of(own), [&] { require_sample_blocks(own); });
}

void require_contender_frames(const SimulationJob& job) {
  for (const SimulationJob& own : contender_jobs(job))
    for_contender(name_of(own), [&] { require_training_frames(own); });
}

template <class Real>
void require_contender_models(const SimulationJob& job, solvers::Stepper<Real>& truth) {
  for (const SimulationJob& own : contender_jobs(job))
    for_contender(name_of(own), [&] {
      const auto card = own.model() / "card.yaml";
      if (!std::filesystem::exists(card))
        throw core::UserError(core::format(
            "no model in {}; `understudy train` trains the contenders with the deck's own network, and "
            "contenders=[] compares without them",
            own.model().string()));
      SimulationDeck deck = with_settings(own, case_settings(own));
      const auto model = read_card(own.model());
      surrogates::check_card(model, describe_run(deck, truth, model.network));
    });
}

template <class Real>
std::vector<ContenderResult> run_contenders(const SimulationJob& job,
                                            const surrogates::ComparisonSetup<Real>& main,
                                            std::vector<surrogates::TimedSide>& sides) {
  std::vector<ContenderResult> all;
  for (const SimulationJob& own : contender_jobs(job)) {
    const std::string name = name_of(own);
    core::log::info("contender {}", name);
    SimulationDeck deck = with_settings(own, case_settings(own));
    deck.swap.policy = "always";
    auto replacement =
        make_replacement<Real>(own, deck, make_simulation<Real>(deck, job.comm).stepper);
    surrogates::ComparisonSetup<Real> setup{main.truth, *replacement.swap, main.initial};
    setup.window_s = main.window_s;
    setup.windows = main.windows;
    setup.warm_up_windows = main.warm_up_windows;
    setup.block_windows = main.block_windows;
    setup.max_abs_value = main.max_abs_value;
    setup.spectra_every = main.spectra_every;
    setup.correlation = main.correlation;
    setup.equal_in = main.equal_in;
    setup.statistics = main.statistics;
    setup.profile = main.profile;
    setup.cores = main.cores;
    const auto& cost = replacement.card.cost;
    setup.made_for_core_s = cost.data_core_s + cost.training_core_s;
    replacement.stand_in.warm_up(main.initial);
    auto result = surrogates::compare(setup);
    if (!result.replacement_failed)
      sides.push_back(
          surrogates::timed_side<Real>(name, replacement.swap, main.initial, main.window_s));
    all.push_back({name, replacement.card, std::move(result)});
  }
  return all;
}

template void require_contender_models(const SimulationJob&, solvers::Stepper<float>&);
template void require_contender_models(const SimulationJob&, solvers::Stepper<double>&);
template std::vector<ContenderResult> run_contenders(const SimulationJob&,
                                                     const surrogates::ComparisonSetup<float>&,
                                                     std::vector<surrogates::TimedSide>&);
template std::vector<ContenderResult> run_contenders(const SimulationJob&,
                                                     const surrogates::ComparisonSetup<double>&,
                                                     std::vector<surrogates::TimedSide>&);

}  // namespace understudy::apps
