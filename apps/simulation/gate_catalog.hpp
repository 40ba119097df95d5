// The gates that a deck may name in swap.gate.use: ours, and those that a physics brings.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/simulation/physics.hpp"
#include "surrogates/swap/gate_entry.hpp"

namespace understudy::apps {

/// Ours, which are listed here and nowhere else, and those that were added.
const std::vector<surrogates::GateEntry>& common_gates();
/// For the decks of every simulation; before the first app is made. False: there is one of that name.
bool add_gate(const surrogates::GateEntry& gate);
/// Ours, then the physics' own. UserError where two have one name.
std::vector<surrogates::GateEntry> gates_of(const Physics& physics);
std::vector<std::string> gate_names(const Physics& physics);
/// UserError for a name that is not listed, and where the gate wants what the model has not.
template <class Real>
std::unique_ptr<surrogates::Gate<Real>> make_gate(const Physics& physics, const std::string& name,
                                                  const surrogates::GateContext<Real>& context);

}  // namespace understudy::apps
