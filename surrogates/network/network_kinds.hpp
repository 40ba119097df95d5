// The kinds of networks of fields that a deck may name in network.kind: ours, and those that a program adds.
// What is said of them here needs no LibTorch; how they are made is torch_network.hpp's, where a program adds
// one with add_network() (docs/surrogates.md, "How to add a network").
#pragma once

#include <string>
#include <vector>

namespace understudy::surrogates {

struct NetworkKind {
  std::string name;  ///< in network.kind
  std::string help;  ///< one line for `list`
  /// Steps coordinates of a reduced space and not channels. Ours alone: pod, dmd.
  bool latent = false;
  bool one_grid = false;  ///< the weights belong to one grid: no other number of cells is taken
  bool predicts_state =
      false;  ///< always the state at the window's end, whatever `prediction` says
  /// Knows the panels of a cubed sphere: input [batch, inputs, panel, y, x], sides of kind `joint`.
  bool panels = false;
  /// Adds to what the deck's own solver made on a coarser grid (network.coarsening). Ours alone: correction.
  bool corrects = false;
  /// What it computes is a program that `understudy import` brought, and no weights of ours: it is not trained.
  /// Ours alone: imported.
  bool program = false;
};

/// In the order in which decks and `list` name them.
const std::vector<NetworkKind>& network_kinds();
std::vector<std::string> network_kind_names();
/// One that is not in the table (networks of points, of arrays) has all flags false.
NetworkKind network_kind(const std::string& name);

/// For add_network(). UserError for a name that is there, none, or a latent kind.
void note_network_kind(const NetworkKind& kind);

}  // namespace understudy::surrogates
