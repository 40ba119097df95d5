#include "apps/simulation/statistic_names.hpp"

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::apps {

std::vector<std::string> statistic_names(const std::vector<std::string>& asked,
                                         const std::vector<solvers::Diagnostic>& all) {
  std::vector<std::string> known, names;
  for (const auto& d : all) known.push_back(d.name);
  for (const std::string& name : asked) {
    std::vector<std::string> found;
    for (const std::string& one : known)
      if (one == name || one.ends_with("." + name)) found.push_back(one);
    // The whole before its parts: "flow.drag" before "flow.body1.drag"; the full name before all.
    std::vector<std::string> whole;
    for (const std::string& one : found)
      if (one.find('.') + 1 + name.size() == one.size()) whole.push_back(one);
    if (whole.size() == 1) found = whole;
    for (const std::string& one : known)
      if (one == name) found = {one};
    if (found.empty())
      throw core::UserError(
          core::format("compare.statistics: '{}' is no diagnostic of this run; there are {}", name,
                       core::joined(known)));
    if (found.size() > 1)
      throw core::UserError(
          core::format("compare.statistics: '{}' may be {}; name one of them in full", name,
                       core::joined(found)));
    names.push_back(found.front());
  }
  return names;
}

namespace {

template <class Real>
void require_statistics_of(const SimulationDeck& deck, const core::Comm& comm) {
  const auto simulation = make_simulation<Real>(deck, comm);
  statistic_names(deck.compare.statistics, simulation.stepper->diagnostics(*simulation.state));
}

}  // namespace

void require_statistics(const SimulationJob& job) {
  if (job.deck.compare.statistics.empty()) return;
  const SimulationDeck deck = with_settings(job, case_settings(job));
  with_precision(deck.precision,
                 [&]<class Real>(Real) { require_statistics_of<Real>(deck, job.comm); });
}

}  // namespace understudy::apps
