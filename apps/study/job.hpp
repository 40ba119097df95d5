// What every verb is given: the deck as read, where to write, and what to continue.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/simulation/simulation_deck.hpp"
#include "core/comm.hpp"
#include "core/provenance.hpp"
#include "core/timers.hpp"

namespace understudy::apps {

struct JobOptions {
  std::string verb, deck;
  std::vector<std::string> settings;
  std::string out;  ///< empty: out/<deck name>
  bool resume = false;
  std::string command;  ///< the command line, for provenance
};

struct Job {
  std::string verb;
  DeckTree tree;
  StudyDeck deck;
  std::filesystem::path out;
  std::filesystem::path study;  ///< the folder with the dataset: `out`, but for contenders
  bool resume = false;
  core::Provenance provenance;  ///< with the resolved deck and its hash
  core::Comm comm = core::Comm::world();
  core::Stopwatch clock;

  std::filesystem::path checkpoint() const { return out / "checkpoint.h5"; }
  std::filesystem::path dataset() const { return study / "dataset"; }
  std::filesystem::path model() const {
    return deck.swap.model.empty() ? out / "model" : std::filesystem::path(deck.swap.model);
  }
};

/// Reads deck and settings. Touches no file but the deck. UserError.
Job make_job(const JobOptions& options);
/// The same deck with more settings ("key=value"): an ensemble's member, a comparison's case.
StudyDeck with_settings(const Job& job, const std::vector<std::string>& settings);
/// The settings that make the compared case of the job's deck (compare.parameters).
std::vector<std::string> case_settings(const Job& job);
/// "key=value" with the value's shortest exact text.
std::string setting(const std::string& key, double value);

/// Makes the output folder, and warns where it holds results of another deck. Collective.
void open_output(const Job& job);

/// f(float{}) or f(double{}), by the deck's precision.
template <class F>
void with_precision(const std::string& precision, F&& f) {
  if (precision == "single")
    f(float{});
  else
    f(double{});
}

/// The grid of a deck. Collective.
std::shared_ptr<const mesh::Grid> make_grid(const StudyDeck& deck, const core::Comm& comm);

/// Stepper and initial state of a deck. Collective.
template <class Real>
Simulation<Real> make_simulation(const StudyDeck& deck, const core::Comm& comm) {
  return deck.domain->simulation(Real{}, {make_grid(deck, comm), deck.directory, deck.seed});
}

}  // namespace understudy::apps
