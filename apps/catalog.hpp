// What this build has: the one place where apps and problems are listed, a line each. Nothing below
// includes it: the program is handed the list (program.hpp), and each app what it chooses from.
#pragma once

#include <span>
#include <vector>

#include "apps/program.hpp"
#include "apps/study/study.hpp"
#include "pinn/problem_info.hpp"

namespace understudy::apps {

/// The apps of the program `understudy`.
std::span<const App> apps();

/// The same for program(), with the problems to which plugins add theirs.
Catalogue catalogue();

/// The problems that a deck with app: pinn may name.
const std::vector<pinn::ProblemEntry>& pinn_problems();

}  // namespace understudy::apps
