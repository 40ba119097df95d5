#include "apps/simulation/gate_catalog.hpp"

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::apps {

const std::vector<CatalogEntry>& gate_entries() {
  static const std::vector<CatalogEntry> all{
      {"range", "values and parameters within what training saw"},
      {"diagnostics", "the simulation's diagnostics within what training saw; conservation"},
      {"distance", "distance to the nearest training states in a POD space"},
      {"residual", "the simulation's own tendency beside the prediction's"},
      {"disagreement", "spread of networks trained from other seeds (training.members)"}};
  return all;
}

std::vector<std::string> gate_names() {
  std::vector<std::string> names;
  for (const auto& gate : gate_entries()) names.push_back(gate.name);
  return names;
}

template <class Real>
std::unique_ptr<surrogates::Gate<Real>> make_gate(const std::string& name,
                                                  const surrogates::GateContext<Real>& context) {
  if (name == "range") return surrogates::make_range_gate(context);
  if (name == "diagnostics") return surrogates::make_diagnostics_gate(context);
  if (name == "distance") return surrogates::make_distance_gate(context);
  if (name == "residual") return surrogates::make_residual_gate(context);
  if (name == "disagreement") return surrogates::make_disagreement_gate(context);
  throw core::UserError(core::format("swap.gate.use: there is no gate '{}'", name));
}

template std::unique_ptr<surrogates::Gate<float>> make_gate(const std::string&,
                                                            const surrogates::GateContext<float>&);
template std::unique_ptr<surrogates::Gate<double>> make_gate(
    const std::string&, const surrogates::GateContext<double>&);

}  // namespace understudy::apps
