#include "surrogates/sub_model/sub_model_checks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "core/format.hpp"
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
      core::format("policy '{}' is unknown; there are collect, never, always, gate", name));
}

namespace sub_model {

namespace {

void require_own_valid(const SubModelOptions& options) {
  surrogates::require_valid({options.name, options.inputs, options.outputs});
  if (needs_model(options.policy) && options.model.empty())
    throw core::UserError(core::format("sub-model {}: policy {} needs a model folder", options.name,
                                       to_string(options.policy)));
  if (options.policy == SubModelPolicy::collect && options.dataset.empty())
    throw core::UserError(core::format(
        "sub-model {}: policy collect needs a directory for the dataset", options.name));
  const double slack = options.gate.range_slack;
  if (options.store_every < 1 || options.store_at_most < 0 || !std::isfinite(slack) || slack < 0)
    throw core::UserError(core::format(
        "sub-model {}: store_every ({}) must be 1 or more, store_at_most ({}) 0 or more, and "
        "gate.range_slack ({}) 0 or more and finite",
        options.name, options.store_every, options.store_at_most, slack));
}

void require_same_policy(const SubModelOptions& options) {
  const auto all = options.comm.all_gather(std::as_bytes(std::span(&options.policy, 1)));
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    if (all[rank] == all[0]) continue;
    const auto policy_of = [&](std::size_t r) {
      SubModelPolicy policy{};
      std::copy(all[r].begin(), all[r].end(),
                std::as_writable_bytes(std::span(&policy, 1)).begin());
      return to_string(policy);
    };
    throw core::UserError(core::format(
        "sub-model {}: rank {} has policy {} and rank 0 has {}; all ranks must have one",
        options.name, rank, policy_of(rank), policy_of(0)));
  }
}

}  // namespace

bool needs_model(SubModelPolicy policy) {
  return policy == SubModelPolicy::always || policy == SubModelPolicy::gate;
}

void require_mpi() {
#ifdef UNDERSTUDY_WITH_MPI
  int initialised = 0, finalised = 0;
  MPI_Initialized(&initialised);
  MPI_Finalized(&finalised);
  if (!initialised || finalised)
    throw core::UserError(
        core::format("a SubModel needs MPI{}: call MPI_Init before, or make an "
                     "understudy::core::Runtime",
                     finalised ? ", which is finalised" : ""));
#endif
}

void require_kokkos() {
  if (!Kokkos::is_initialized() || Kokkos::is_finalized())
    throw core::UserError(
        core::format("a SubModel needs Kokkos{}: call Kokkos::initialize before, or make an "
                     "understudy::core::Runtime",
                     Kokkos::is_finalized() ? ", which is finalised" : ""));
}

void require_valid(const SubModelOptions& options) {
  require_mpi();
  together(options.comm, "sub-model " + options.name, [&] {
    require_kokkos();
    require_own_valid(options);
  });
  require_same_policy(options);
}

}  // namespace sub_model

}  // namespace understudy
