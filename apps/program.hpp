// The program: `understudy VERB DECK`, for the apps that it is given. A program of one's own brings its apps
// beside those of the catalogue, or alone:
//
//   int main(int argc, char** argv) {
//     using namespace understudy::apps;
//     std::vector<App> all(apps().begin(), apps().end());
//     all.push_back(simulation_app(make_my_physics));
//     return program(argc, argv, all);
//   }
//
// The program understudy hands over a Catalogue instead, to which plugins (plugin.hpp) add their apps.
#pragma once

#include <span>

#include "apps/plugin_loader.hpp"
#include "apps/study/study.hpp"
#include "pinn/problem_info.hpp"

namespace understudy::apps {

/// Reads the command line, starts the runtime, does the verb and says what went wrong: errors are caught
/// here and nowhere else. Returns the exit code (core/error.hpp). Once in a process. Takes no plugins.
int program(int argc, char** argv, std::span<const App> apps);

/// What a program has of its own.
struct Catalogue {
  std::span<const pinn::ProblemEntry> problems;
  MakeApps apps;  ///< with these problems and those of plugins
};

/// The same with plugins: those of --plugin, and those of the deck's `plugins:` that its user accepted. The
/// executable must export what they call: understudy_exports() of cmake/rooms.cmake.
int program(int argc, char** argv, const Catalogue& catalogue);

}  // namespace understudy::apps
