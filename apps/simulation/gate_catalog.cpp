#include "apps/simulation/gate_catalog.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::apps {

using surrogates::GateEntry;

namespace {

std::vector<GateEntry>& table() {
  using namespace surrogates;
  constexpr bool always = true;
  static std::vector<GateEntry> all{
      {"range", "values and parameters within what training saw", make_range_gate<float>,
       make_range_gate<double>, always},
      {"diagnostics", "the simulation's diagnostics within what training saw; conservation",
       make_diagnostics_gate<float>, make_diagnostics_gate<double>, always},
      {"distance", "distance to the nearest training states in a POD space",
       make_distance_gate<float>, make_distance_gate<double>, always},
      {"residual", "the simulation's own tendency beside the prediction's",
       make_residual_gate<float>, make_residual_gate<double>},
      {"disagreement", "spread of networks trained from other seeds (training.members)",
       make_disagreement_gate<float>, make_disagreement_gate<double>}};
  return all;
}

}  // namespace

const std::vector<GateEntry>& common_gates() { return table(); }

bool add_gate(const GateEntry& gate) {
  if (std::ranges::find(table(), gate.name, &GateEntry::name) != table().end()) return false;
  table().push_back(gate);
  return true;
}

std::vector<GateEntry> gates_of(const Physics& physics) {
  std::vector<GateEntry> all = common_gates();
  for (auto& own : physics.own_gates()) {
    if (std::ranges::find(all, own.name, &GateEntry::name) != all.end())
      throw core::UserError(core::format(
          "the physics {} brings a gate '{}', and there is one of that name; give it another",
          physics.name(), own.name));
    all.push_back(std::move(own));
  }
  return all;
}

std::vector<std::string> gate_names(const Physics& physics) {
  std::vector<std::string> names;
  for (const auto& gate : gates_of(physics)) names.push_back(gate.name);
  return names;
}

template <class Real>
std::unique_ptr<surrogates::Gate<Real>> make_gate(const Physics& physics, const std::string& name,
                                                  const surrogates::GateContext<Real>& context) {
  for (const auto& gate : gates_of(physics))
    if (gate.name == name) return gate.make<Real>(context);
  throw core::UserError(core::format("swap.gate.use: there is no gate '{}'; there are {}", name,
                                     core::joined(gate_names(physics))));
}

template std::unique_ptr<surrogates::Gate<float>> make_gate(const Physics&, const std::string&,
                                                            const surrogates::GateContext<float>&);
template std::unique_ptr<surrogates::Gate<double>> make_gate(
    const Physics&, const std::string&, const surrogates::GateContext<double>&);

}  // namespace understudy::apps
