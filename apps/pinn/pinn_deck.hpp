// The deck of a physics-informed network, `app: pinn`: a problem of the catalogue with its constants and data,
// and how networks solve it (pinn/settings.hpp). Docs: docs/pinn.md.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "apps/deck/deck_tree.hpp"
#include "apps/study/job.hpp"
#include "apps/study/publication.hpp"
#include "core/params.hpp"
#include "pinn/formulas/formula_problem.hpp"
#include "pinn/problem_info.hpp"
#include "pinn/settings.hpp"

namespace understudy::apps {

/// Keys, bounds, units and help are the problem's own.
struct PinnConstants {
  PinnConstants() = default;
  /// With the problem's own values.
  explicit PinnConstants(const pinn::ProblemEntry& of);
  /// Of an entry that lives as long as its copies.
  explicit PinnConstants(std::shared_ptr<const pinn::ProblemEntry> of);
  const pinn::ProblemEntry* entry = nullptr;
  std::shared_ptr<const pinn::ProblemEntry> own;  ///< where the deck makes the entry
  std::map<std::string, double> values;
  void describe(core::ParamVisitor& v);
};

struct PinnProblemParams {
  std::span<const pinn::ProblemEntry> known;  ///< the catalogue's
  std::string name;
  PinnConstants constants;
  pinn::FormulaProblem formulas;  ///< of from_deck
  std::string data;               ///< from the deck's folder on
  int data_points = 0;
  double noise = 0;
  /// The deck writes the problem itself.
  bool is_from_deck() const { return name == "from_deck"; }
  void describe(core::ParamVisitor& v);

 private:
  void describe_formulas(core::ParamVisitor& v);
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
  std::string
      inversion;  ///< folder of a classical inversion; empty: none stands beside the network
  void describe(core::ParamVisitor& v);
};

struct PinnDeck {
  explicit PinnDeck(std::span<const pinn::ProblemEntry> known) { problem.known = known; }
  /// What the deck decides of its keys: the problem's constants, the names of the weights, which may be
  /// written term by term (`weights: {term: {equation: 2}}`). UserError for a problem that is not there, and
  /// for equations where the problem has its own.
  void prepare(DeckTree& tree);

  std::string app = "pinn";
  long long seed = 1;
  PinnProblemParams problem;
  std::string start;  ///< model folder, from the deck's own on; empty: random weights
  PinnWeights weights;
  pinn::Settings settings;
  PinnOutputParams output;
  PinnCompareParams compare;
  PublicationParams publication;

  std::string directory = ".";  ///< the deck file's: relative paths start there
  std::string name;             ///< the deck file's stem

  void describe(core::ParamVisitor& v);
  /// All but what is said of the results.
  void describe_solution(core::ParamVisitor& v);
};

/// A job on such a deck.
struct PinnJob : Job {
  PinnDeck deck;
  std::string training_deck;  ///< resolved, without what does not bear on training
  std::string training_hash;  ///< hash of training_deck

  const pinn::ProblemEntry& entry() const { return *deck.problem.constants.entry; }
  /// The problem with the deck's constants and data, some constants changed. UserError.
  std::shared_ptr<const pinn::Problem> problem(
      const std::map<std::string, double>& changed = {}) const;
  std::filesystem::path model() const { return out / "model"; }
  std::filesystem::path checkpoint() const { return out / "checkpoint.safetensors"; }
};

}  // namespace understudy::apps
