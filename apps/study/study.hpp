// The seam between the program and an app: a deck describes a study, and an app says what such a deck may
// hold and what may be done with it. Beside simulations (apps/simulation/), which bring a Physics, there are
// studies of their own kind: apps/seismic/, apps/pinn/, apps/points/. What an app is to bring:
//
//   Study   one deck: its sections, its verbs, what `check` looks at
//   Verb    one word of the command line
//   App     one line of the catalogue (apps/catalog.cpp): name, words, and how to make its Study
//
// The deck is read once (open_study), whichever app it is of; folder, provenance and summary are one for all.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "apps/study/job.hpp"
#include "apps/study/publication.hpp"
#include "core/params.hpp"

namespace understudy::apps {

class Summary;

struct Verb {
  std::string name;  ///< "train"
  std::string help;  ///< one line of --help
  /// Does it; collective. Writes files only after everything that can be refused was looked at: its first
  /// is open_output(). The summary that it fills is written when it returns.
  std::function<void(Job&, Summary&)> act;
  /// "needs a build with PETSc": the verb is listed and refused with this. Empty: it can be had.
  std::string unavailable = {};
};

/// One deck of an app.
class Study {
 public:
  virtual ~Study() = default;
  /// Before the strict read: what the deck itself decides of its keys (a problem's constants), and other
  /// spellings of a key, which it may rewrite in the tree. Reads no file. UserError.
  virtual void prepare(DeckTree&) {}
  /// Every section. Reads and writes values and makes nothing: reader, writer, hash, look-up and the deck
  /// reference walk it.
  virtual void describe(core::ParamVisitor& v) = 0;
  /// What may be done with the deck; bound to this study, which must outlive them. Asked before the deck
  /// is read, too. `check` is everybody's and not among them.
  virtual std::vector<Verb> verbs() = 0;
  /// What `check` looks at beyond the read, without computing. Returns lines to print before the resolved
  /// deck: comments ("# ..."). Collective. UserError.
  virtual std::vector<std::string> check(const Job& job) = 0;
  virtual std::string precision() const { return "double"; }
  virtual long long seed() const { return 1; }
  /// What the deck says for the cards of its results (`publication:`).
  virtual PublicationParams publication() const { return {}; }
};

/// A heading of `understudy list` and what stands below it. Sections of several apps with one title are
/// one.
struct CatalogEntry {
  std::string name, summary;
};
struct CatalogSection {
  std::string title;
  std::vector<CatalogEntry> entries;
};

/// One line of the catalogue.
struct App {
  std::string name;      ///< the deck's `app:`
  std::string summary;   ///< one line for `list`
  std::string document;  ///< "docs/pinn.md"; empty: none
  /// A study whose keys have their defaults. Cheap: called for lists and help, too.
  std::function<std::unique_ptr<Study>()> make;
  std::vector<CatalogSection> parts = {};  ///< for `list`: networks, problems, gates
  /// Markdown before and after its tables in the deck reference. Empty: a heading is made of name, summary
  /// and document.
  std::string reference_heading = {}, reference_appendix = {};
};

/// UserError naming the line and the nearest app where the deck's `app:` is none of them.
const App& app_of(const DeckTree& tree, std::span<const App> apps);

/// A deck as read, with the job to be done.
struct OpenStudy {
  const App* app;
  std::unique_ptr<Study> study;
  Job job;
};

/// Reads deck and settings, strictly. Touches no file but the deck. UserError with everything that is
/// wrong, a verb that the app does not take included (`options.verb` empty: none is wanted). Collective.
OpenStudy open_study(const JobOptions& options, std::span<const App> apps);
/// The same of a deck that was read, with its settings.
OpenStudy open_study(const JobOptions& options, DeckTree tree, std::span<const App> apps);

/// Does the job's verb. Collective.
void act(OpenStudy& open);

/// What `check` prints: comments and the resolved deck. Collective.
std::string checked(OpenStudy& open);

}  // namespace understudy::apps
