#include "surrogates/network/network_kinds.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::surrogates {

namespace {

std::vector<NetworkKind>& table() {
  static std::vector<NetworkKind> all{
      {.name = "unet",
       .help = "U-Net in 2-D and 3-D, padded by side; on a cubed sphere across the panels' edges",
       .panels = true},
      {.name = "fno", .help = "Fourier neural operator, 2-D and 3-D"},
      {.name = "conv_autoencoder",
       .help = "autoencoder with separate nonlinear modes and a latent map, 2-D and 3-D",
       .one_grid = true,
       .predicts_state = true},
      {.name = "pod",
       .help = "proper orthogonal decomposition; a linear map or a perceptron steps the modes",
       .latent = true,
       .one_grid = true,
       .panels = true},
      {.name = "dmd",
       .help = "dynamic mode decomposition: the least-squares linear map of the modes",
       .latent = true,
       .one_grid = true,
       .panels = true},
      {.name = "correction",
       .help =
           "the deck's own solver on a coarser grid, and convolutions that put back what it loses",
       .corrects = true},
      {.name = "imported",
       .help =
           "a network trained elsewhere (`understudy import`): it runs, and is not trained here",
       .one_grid = true,
       .program = true}};
  return all;
}

}  // namespace

const std::vector<NetworkKind>& network_kinds() { return table(); }

std::vector<std::string> network_kind_names() {
  std::vector<std::string> names;
  for (const auto& kind : table()) names.push_back(kind.name);
  return names;
}

NetworkKind network_kind(const std::string& name) {
  const auto at = std::ranges::find(table(), name, &NetworkKind::name);
  return at == table().end() ? NetworkKind{.name = name, .help = ""} : *at;
}

void note_network_kind(const NetworkKind& kind) {
  if (kind.name.empty()) throw core::UserError("network.kind: a network wants a name");
  if (std::ranges::find(table(), kind.name, &NetworkKind::name) != table().end())
    throw core::UserError(
        core::format("network.kind: '{}' cannot be added, there is one of that name among {}",
                     kind.name, core::joined(network_kind_names())));
  if (kind.latent)
    throw core::UserError(core::format(
        "network.kind: '{}' cannot be added as latent: trainer and stepper of reduced spaces are "
        "those of pod and dmd",
        kind.name));
  if (kind.corrects)
    throw core::UserError(core::format(
        "network.kind: '{}' cannot be added as a correction of the solver; that is ours",
        kind.name));
  if (kind.program)
    throw core::UserError(core::format(
        "network.kind: '{}' cannot be added as a program; `understudy import` brings those",
        kind.name));
  table().push_back(kind);
}

}  // namespace understudy::surrogates
