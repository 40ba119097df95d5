// The program: `understudy VERB DECK`, for the apps that it is given. A program of one's own brings its apps
// beside those of the catalogue, or alone:
//
//   int main(int argc, char** argv) {
//     using namespace understudy::apps;
//     std::vector<App> all(apps().begin(), apps().end());
//     all.push_back(simulation_app(make_my_physics));
//     return program(argc, argv, all);
//   }
#pragma once

#include <span>

#include "apps/study/study.hpp"

namespace understudy::apps {

/// Reads the command line, starts the runtime, does the verb and says what went wrong: errors are caught
/// here and nowhere else. Returns the exit code (core/error.hpp). Once in a process.
int program(int argc, char** argv, std::span<const App> apps);

}  // namespace understudy::apps
