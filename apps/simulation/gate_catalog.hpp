// The gates that a deck may name in swap.gate.use: the one place where they are listed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/study/study.hpp"
#include "surrogates/swap/gates.hpp"

namespace understudy::apps {

const std::vector<CatalogEntry>& gate_entries();
std::vector<std::string> gate_names();
/// UserError for a name that is not listed, and where the gate wants what the model has not.
template <class Real>
std::unique_ptr<surrogates::Gate<Real>> make_gate(const std::string& name,
                                                  const surrogates::GateContext<Real>& context);

}  // namespace understudy::apps
