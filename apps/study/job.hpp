// What every verb of every app is given: the deck as it was written, where to write, what to continue and
// whence all that comes. It knows no app's deck: an app's own job adds it (SimulationJob, SeismicJob...).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/deck/deck_tree.hpp"
#include "apps/study/earlier_crate.hpp"
#include "apps/study/folder_listing.hpp"
#include "apps/study/plugin_file.hpp"
#include "core/comm.hpp"
#include "core/provenance.hpp"
#include "core/timers.hpp"

namespace understudy::apps {

/// What the command line says.
struct JobOptions {
  std::string verb, deck;
  std::vector<std::string> settings = {};
  std::string out = {};  ///< empty: out/<deck name>
  bool resume = false;
  std::string command = {};                ///< the command line, for provenance
  std::vector<PluginRecord> plugins = {};  ///< that are loaded
};

struct Job {
  std::string verb;
  std::string app;                             ///< name of the app that the deck is of
  std::string precision;                       ///< of the study's numbers, for the summary
  DeckTree tree;                               ///< the deck with its settings
  std::filesystem::path out;                   ///< output folder: --out, else out/<deck name>
  bool resume = false;                         ///< --resume
  std::vector<PluginRecord> plugins = {};      ///< that are loaded
  std::vector<std::string> deck_plugins = {};  ///< the deck's `plugins:`, as it was written
  core::Provenance provenance;                 ///< with the resolved deck and its hash
  core::Comm comm = core::Comm::world();
  core::Stopwatch clock;
  /// By open_output(); shared by the job's copies. A verb that returns without is a mistake of its author.
  std::shared_ptr<bool> opened = std::make_shared<bool>(false);
  /// What open_output() found in the folder when it was called first; of rank 0, shared as `opened`.
  std::shared_ptr<FolderListing> found = std::make_shared<FolderListing>();
  /// What the folder's crate said of it then; likewise.
  std::shared_ptr<EarlierCrate> earlier = std::make_shared<EarlierCrate>();

  /// The deck file's stem.
  std::string name() const { return std::filesystem::path(tree.name).stem().string(); }
};

/// Makes the output folder, removes what killed runs left unfinished in it, renames results of another deck or verb
/// that would be written over (results.hpp), and, called first, takes away the folder's crate (earlier_crate.hpp). Collective. UserError.
void open_output(const Job& job);

/// Is there a `checkpoint` that --resume goes on from? Where it was asked for and there is none, that is
/// said, and the work starts anew. The same on every rank. Collective.
bool resumes_from(const Job& job, const std::filesystem::path& checkpoint);

/// "key=value" with the value's shortest exact text.
std::string setting(const std::string& key, double value);

/// f(float{}) or f(double{}), by the deck's precision.
template <class F>
void with_precision(const std::string& precision, F&& f) {
  if (precision == "single")
    f(float{});
  else
    f(double{});
}

}  // namespace understudy::apps
