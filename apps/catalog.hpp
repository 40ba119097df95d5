// What this build has: the one place where domain apps, networks, policies and solvers are listed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/simulation/physics.hpp"
#include "pinn/problem_info.hpp"
#include "surrogates/swap/gates.hpp"

namespace understudy::apps {

struct CatalogEntry {
  std::string name, summary;
};

std::vector<std::string> domain_names();
/// Null for a name that is not listed.
std::shared_ptr<Domain> make_domain(const std::string& name);

/// The gates that a deck may name in swap.gate.use.
std::vector<std::string> gate_names();
/// UserError for a name that is not listed, and where the gate wants what the model has not.
template <class Real>
std::unique_ptr<surrogates::Gate<Real>> make_gate(const std::string& name,
                                                  const surrogates::GateContext<Real>& context);

/// The problems that a deck with app: pinn may name.
const std::vector<pinn::ProblemEntry>& pinn_problems();

struct CatalogSection {
  std::string title;
  std::vector<CatalogEntry> entries;
};
/// Everything, for `understudy list`.
std::vector<CatalogSection> catalog();

}  // namespace understudy::apps
