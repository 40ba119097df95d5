// The verbs of a physics-informed network in a setting of a second, for the system tests.
#pragma once

#include "support/apps_cli.hpp"

namespace understudy::tests {

inline const std::vector<std::string> small{"network={depth: 2, width: 16}",
                                            "sampling={interior: 64, boundary: 8, initial: 16}",
                                            "optimiser={steps: 60, learning_rate: 5e-3}",
                                            "record_every=10",
                                            "evaluate_every=30",
                                            "weights={}"};

inline std::string pinn_deck() {
  return std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/pinn/poisson.yaml";
}

inline Outcome pinn_verb(const std::string& verb, const fs::path& out,
                         const std::vector<std::string>& more = {}, int ranks = 1,
                         bool resume = false) {
  auto arguments = with_settings({verb, pinn_deck(), "--out", out}, small, more);
  if (resume) arguments.push_back("--resume");
  return understudy(arguments, ranks);
}

}  // namespace understudy::tests
