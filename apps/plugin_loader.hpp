// Loads plugins (plugin.hpp): shared libraries that bring apps, problems, networks and gates to this program.
// One that --plugin names is loaded because the user said so; one that a deck names only when its SHA-256 is
// on the user's list of trusted programs (surrogates/network/trusted_programs.hpp), for decks come from strangers
// and a plugin can do anything that its user can. What differs in its stamp is refused before any of its code
// runs. A plugin that is loaded stays until the process ends.
//
// Limits: the list knows the file alone, not the libraries that it loads in its turn; and it is read once for its
// hash and once by the system, between which somebody who may write it could exchange it.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "apps/study/plugin_file.hpp"
#include "apps/study/study.hpp"
#include "pinn/problem_info.hpp"

namespace understudy::apps {

/// The command line without `--plugin FILE` and `--plugin=FILE`, wherever they stood: what they bring decides which
/// verbs there are.
struct PluginArguments {
  std::vector<char*> rest;         ///< with the program's name
  std::vector<std::string> files;  ///< from the working folder on
  std::string refused;             ///< why it cannot be taken; empty: it can
};
PluginArguments plugin_arguments(int argc, char** argv);

/// The stamp that lies in a plugin's bytes: `own`, this program's, where it is there with the zero that ends it,
/// whatever other text lies before it; else another one, for a message, that looks most like one. Empty: there is
/// none.
std::string stamp_in(const std::string& bytes, const std::string& own);

/// The apps of a program, given its problems and those of plugins, which outlive the apps.
using MakeApps = std::function<std::vector<App>(std::span<const pinn::ProblemEntry>)>;

/// What is loaded.
class PluginShelf {
 public:
  /// `problems`: the program's own.
  explicit PluginShelf(std::span<const pinn::ProblemEntry> problems);

  enum class By { user, deck };
  /// Loads it, unless a file of the same bytes is loaded already. UserError naming the file: it is missing, no
  /// plugin, built for another program, brings what is there already; its absolute path has a '$', which the
  /// system's loader would read as another path; it throws, also when its apps are made and asked for their verbs,
  /// which is done once here; named by a deck, it is not on the list.
  void load(const std::filesystem::path& file, By named_by);

  /// The program's apps and those of the plugins. Valid until the next load(). UserError where two have one name.
  std::vector<App> apps(const MakeApps& own) const;
  std::vector<PluginRecord> records() const;

 private:
  struct Loaded {
    PluginRecord record;
    std::vector<App> apps;
  };

  std::vector<pinn::ProblemEntry> problems_;
  std::vector<Loaded> loaded_;
};

}  // namespace understudy::apps
