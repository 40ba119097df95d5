#include <array>
#include <format>
#include <span>

#include "core/error.hpp"
#include "surrogates/torch_sub_model.hpp"
#ifdef UNDERSTUDY_WITH_MPI
#include <mpi.h>
#endif

namespace understudy {

std::string to_string(SubModelPolicy policy) {
  constexpr std::array names{"collect", "never", "always", "gate"};
  return names[static_cast<std::size_t>(policy)];
}

SubModelPolicy sub_model_policy_from(const std::string& name) {
  for (const auto policy : {SubModelPolicy::collect, SubModelPolicy::never, SubModelPolicy::always,
                            SubModelPolicy::gate})
    if (to_string(policy) == name) return policy;
  throw core::UserError(
      std::format("policy '{}' is unknown; there are collect, never, always, gate", name));
}

namespace sub_model {

namespace fs = std::filesystem;
using surrogates::PointCard;

Stamp stamp_of(const fs::path& folder, const std::string& imported) {
  Stamp stamp;
  for (const std::string& name : {std::string("weights.pt"), imported}) {
    if (name.empty()) continue;
    std::error_code a, b;
    const auto time = fs::last_write_time(folder / name, a);
    const auto size = fs::file_size(folder / name, b);
    stamp.files.emplace_back(a ? fs::file_time_type{} : time, b ? 0 : size);
  }
  return stamp;
}

// Every rank's hash must be that of the first; collective.
void require_same_model(const std::string& hash, const SubModelOptions& options) {
  const auto bytes = std::as_bytes(std::span(hash.data(), hash.size()));
  const auto all = options.comm.all_gather(bytes);
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    const std::string theirs(reinterpret_cast<const char*>(all[rank].data()), all[rank].size());
    const std::string first(reinterpret_cast<const char*>(all[0].data()), all[0].size());
    if (theirs != first)
      throw core::UserError(std::format(
          "sub-model {}: rank {} sees another model in {} (hash {}) than rank 0 (hash {}); all ranks "
          "must see the same folder",
          options.name, rank, options.model.string(), theirs, first));
  }
}

void require_fit(const PointCard& card, const SubModelOptions& options) {
  const std::string where = std::format("sub-model {}: the model in {} does not fit", options.name,
                                        options.model.string());
  surrogates::require_columns(options.inputs, card.input_columns(), "input", where);
  surrogates::require_columns(options.outputs, card.output_columns(), "output", where);
  if (options.policy != SubModelPolicy::gate) return;
  const GateChoice& gate = options.gate;
  const auto refuse = [&](const std::string& test, const std::string& why) {
    throw core::UserError(
        std::format("sub-model {}: gate.{} needs {} in {}; switch that test off, or {}",
                    options.name, test, why, options.model.string(),
                    card.engine == "mlp" ? "train the model anew" : "import the model with it"));
  };
  const auto unknown = [](const surrogates::ColumnCard& c) { return c.lowest >= c.highest; };
  if (gate.range && std::ranges::all_of(card.inputs, unknown))
    refuse("range", "the training range of the inputs, which is not");
  if (gate.distance && !card.gate.calibrated)
    refuse("distance", "a calibration (gate.calibration_fraction of the deck), which is not");
  if (gate.disagreement && card.members < 2)
    refuse("disagreement", "an ensemble (training.members of the deck); there is one network");
  if (gate.disagreement && !card.gate.calibrated)
    refuse("disagreement", "a calibration (gate.calibration_fraction of the deck), which is not");
}

bool needs_model(SubModelPolicy policy) {
  return policy == SubModelPolicy::always || policy == SubModelPolicy::gate;
}

void require_valid(const SubModelOptions& options) {
#ifdef UNDERSTUDY_WITH_MPI
  int initialised = 0;
  MPI_Initialized(&initialised);
  if (!initialised)
    throw core::UserError(
        "a SubModel needs MPI: call MPI_Init before, or make an understudy::core::Runtime");
#endif
  if (!Kokkos::is_initialized())
    throw core::UserError(
        "a SubModel needs Kokkos: call Kokkos::initialize before, or make an "
        "understudy::core::Runtime");
  surrogates::require_valid({options.name, options.inputs, options.outputs});
  if (needs_model(options.policy) && options.model.empty())
    throw core::UserError(std::format("sub-model {}: policy {} needs a model folder", options.name,
                                      to_string(options.policy)));
  if (options.policy == SubModelPolicy::collect && options.dataset.empty())
    throw core::UserError(std::format(
        "sub-model {}: policy collect needs a directory for the dataset", options.name));
  if (options.store_every < 1 || options.store_at_most < 0 || options.gate.range_slack < 0)
    throw core::UserError(std::format(
        "sub-model {}: store_every must be 1 or more, store_at_most and gate.range_slack 0 or more",
        options.name));
}

}  // namespace sub_model

}  // namespace understudy
