// The deck of a simulation study, as all its verbs share it. Each section is a Params struct of the room
// that it configures; `grid` and the section named like the app are the physics' own (physics.hpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/deck/deck_tree.hpp"
#include "apps/simulation/assimilation/assimilation_params.hpp"
#include "apps/simulation/compare_params.hpp"
#include "apps/simulation/ensemble_params.hpp"
#include "apps/simulation/physics.hpp"
#include "apps/simulation/sub_model_params.hpp"
#include "apps/study/publication.hpp"
#include "core/named_value.hpp"
#include "core/params.hpp"
#include "mesh/grid.hpp"
#include "mesh/io/vtk_writer.hpp"
#include "solvers/field_statistics.hpp"
#include "solvers/run_loop.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/network.hpp"
#include "surrogates/swap/swap.hpp"

namespace understudy::apps {

struct PictureRange {
  std::string field;
  double lower = 0, upper = 0;
  void describe(core::ParamVisitor& v);
};

struct OutputParams {
  bool vtk = true;
  std::string format = "vtk";            ///< vtk, vtkhdf
  long long compression = 0;             ///< of vtkhdf: zlib's level
  std::string vtk_data = "cell";         ///< cell, point
  std::vector<std::string> derived;      ///< derived quantities written beside the fields
  std::vector<std::string> pictures;     ///< PNG frames of these, at every output
  std::vector<PictureRange> ranges;      ///< fixed colour ranges; others: the frame's own
  bool diagnostics = true;               ///< diagnostics.csv, one row a window
  bool netcdf = false;                   ///< a sphere's fields on a longitude-latitude grid
  long long latitudes = 0;               ///< of that grid; 0: twice the cells along a panel
  solvers::StatisticsParams statistics;  ///< averages over time
  void describe(core::ParamVisitor& v);
  mesh::VtkData vtk_place() const {
    return vtk_data == "point" ? mesh::VtkData::points : mesh::VtkData::cells;
  }
};

struct SwapSection : surrogates::SwapParams {
  SwapSection() { policy = "never"; }
  std::string model;               ///< model folder; empty: <out>/model
  std::vector<std::string> gates;  ///< that gate.use may name; no key: the deck's physics has them
  void describe(core::ParamVisitor& v);
};

struct SimulationDeck {
  explicit SimulationDeck(std::shared_ptr<Physics> of);

  std::string app;
  std::string precision = "double";
  long long seed = 1;
  std::shared_ptr<Physics> physics;  ///< with its section and `grid`; shared by copies of the deck
  solvers::TimeParams time;
  OutputParams output;
  EnsembleParams ensemble;
  surrogates::NetworkParams network;
  surrogates::TrainingParams training;
  SwapSection swap;
  SubModelsParams sub_models;
  AssimilationParams assimilation;
  CompareParams compare;
  PublicationParams publication;
  std::vector<ContenderParams> contenders;  ///< trained and compared beside the deck's own network

  std::string directory = ".";  ///< the deck file's: relative paths start there
  std::string name;             ///< the deck file's stem

  const mesh::GridParams& grid() const { return physics->grid(); }
  void describe(core::ParamVisitor& v);
  /// What a simulation depends on: all but outputs and what is learned from it.
  void describe_simulation(core::ParamVisitor& v);
};

/// UserError with everything that is wrong in the deck.
SimulationDeck read_simulation_deck(const DeckTree& tree, const MakePhysics& make);

/// The resolved deck of the simulation alone; its hash tells whether a simulation is another one.
std::string simulation_text(SimulationDeck& deck);

/// A number of the deck by its full key, with its unit. UserError where there is none of that name.
surrogates::NamedValue look_up(SimulationDeck& deck, const std::string& key);

/// The parameters that a network is told: the physics' own and every varied key.
std::vector<surrogates::NamedValue> network_parameters(SimulationDeck& deck);

}  // namespace understudy::apps
