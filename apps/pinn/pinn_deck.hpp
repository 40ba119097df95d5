// The deck of a physics-informed network, `app: pinn`: a problem of the catalog with its constants and data,
// and how networks solve it (pinn/settings.hpp). Docs: docs/pinn.md.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "apps/deck/deck_tree.hpp"
#include "apps/study/job.hpp"
#include "core/params.hpp"
#include "pinn/problem_info.hpp"
#include "pinn/settings.hpp"

namespace understudy::apps {

/// Keys, bounds, units and help are the problem's own.
struct PinnConstants {
  const pinn::ProblemEntry* entry = nullptr;
  std::map<std::string, double> values;
  void describe(core::ParamVisitor& v);
};

struct PinnProblemParams {
  std::string name;
  PinnConstants constants;
  std::string data;  ///< from the deck's folder on
  int data_points = 0;
  double noise = 0;
  void describe(core::ParamVisitor& v);
};

/// Keys are those that the deck has: whether the problem has such terms is known when it is made.
struct PinnWeights {
  std::map<std::string, double> values;
  void describe(core::ParamVisitor& v);
};

struct PinnOutputParams {
  bool vtk = true, pictures = true;
  std::vector<long long> points;  ///< along each input; empty: the problem's
  void describe(core::ParamVisitor& v);
};

struct PinnCompareParams {
  int resolutions = 0;
  void describe(core::ParamVisitor& v);
};

struct PinnDeck {
  std::string app = "pinn";
  long long seed = 1;
  PinnProblemParams problem;
  std::string start;  ///< model folder, from the deck's own on; empty: random weights
  PinnWeights weights;
  pinn::Settings settings;
  PinnOutputParams output;
  PinnCompareParams compare;

  std::string directory = ".";  ///< the deck file's: relative paths start there
  std::string name;             ///< the deck file's stem

  void describe(core::ParamVisitor& v);
};

/// Does the deck say app: pinn? Reads nothing else of it.
bool is_pinn_deck(const JobOptions& options);

struct PinnJob {
  std::string verb;
  DeckTree tree;
  PinnDeck deck;
  std::filesystem::path out;
  bool resume = false;
  core::Provenance provenance;
  std::string training_deck;  ///< resolved, without what does not bear on training
  std::string training_hash;  ///< of it
  core::Comm comm = core::Comm::world();
  core::Stopwatch clock;

  const pinn::ProblemEntry& entry() const { return *deck.problem.constants.entry; }
  /// The problem with the deck's constants and data, some constants changed. UserError.
  std::shared_ptr<const pinn::Problem> problem(
      const std::map<std::string, double>& changed = {}) const;
  std::filesystem::path model() const { return out / "model"; }
  std::filesystem::path checkpoint() const { return out / "checkpoint.pt"; }
};

/// UserError with everything that is wrong in the deck. Touches no file but the deck.
PinnJob make_pinn_job(const JobOptions& options);

}  // namespace understudy::apps
