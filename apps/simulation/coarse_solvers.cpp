#include "apps/simulation/coarse_solvers.hpp"

#include "apps/simulation/stand_in.hpp"

namespace understudy::apps {

surrogates::MakeCoarseSolver coarse_solvers(const SimulationJob& job) {
  return [&job](const surrogates::SampleInfo& sample) {
    std::vector<std::string> settings;
    for (const auto& p : sample.parameters) settings.push_back(setting(p.name, p.value));
    const SimulationDeck deck = with_settings(job, settings);
    auto made = make_coarse_simulation<double>(deck, job.deck.network, core::Comm::self(), {});
    return surrogates::CoarseSolver{made.stepper, made.state};
  };
}

}  // namespace understudy::apps
