// The deck of a study, as all verbs share it. Each section is a Params struct of the room that it
// configures; the section named like the app is the domain app's own (apps/simulation/physics.hpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/deck/deck_tree.hpp"
#include "apps/simulation/physics.hpp"
#include "apps/simulation/sub_model_params.hpp"
#include "core/named_value.hpp"
#include "core/params.hpp"
#include "mesh/grid.hpp"
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
  std::vector<std::string> derived;   ///< derived quantities written beside the fields
  std::vector<std::string> pictures;  ///< PNG frames of these, at every output
  std::vector<PictureRange> ranges;   ///< fixed colour ranges; others: the frame's own
  bool diagnostics = true;            ///< diagnostics.csv, one row a window
  void describe(core::ParamVisitor& v);
};

/// One varied key: listed values, or `count` values from `from` to `to`, ends included; where points
/// are drawn (EnsembleParams::sampling), the range from `from` to `to`.
struct VariedParams {
  std::string key;
  std::vector<double> values;
  double from = 0, to = 0;
  int count = 0;
  std::string scale = "linear";  ///< linear, log: how the range is divided
  void describe(core::ParamVisitor& v);
  std::vector<double> all() const;
  /// The value at the fraction x in [0, 1] of the range.
  double at(double x) const;
};

/// All combinations of the varied keys (sampling: grid), or `samples` points drawn from their ranges
/// (core/sampling.hpp); each `repeats` times.
struct EnsembleParams {
  std::vector<VariedParams> parameters;
  std::string sampling = "grid";            ///< grid, latin_hypercube, sobol, random
  int samples = 0;                          ///< points drawn; 0 with grid
  int repeats = 1;                          ///< with different disturbances of the initial state
  double spin_up_s = 0;                     ///< simulated before recording starts
  int windows = 100;                        ///< windows recorded per member
  std::vector<long long> validation, test;  ///< members of these splits; the others train
  double validation_fraction = 0, test_fraction = 0;  ///< or so many of them, drawn
  int ranks_per_member = 0;  ///< ranks that simulate one member together; 0: chosen
  void describe(core::ParamVisitor& v);
  bool on_grid() const { return sampling == "grid"; }
  long long members() const;
};

struct SwapSection : surrogates::SwapParams {
  SwapSection() { policy = "never"; }
  std::string model;  ///< model folder; empty: <out>/model
  void describe(core::ParamVisitor& v);
};

/// Another model on the same data: settings ("key=value") of the network and training sections over the
/// deck's own.
struct ContenderParams {
  std::string name;
  std::vector<std::string> settings;
  void describe(core::ParamVisitor& v);
};

struct SettingParams {
  std::string key;
  double value = 0;
  void describe(core::ParamVisitor& v);
};

struct CompareParams {
  std::vector<SettingParams> parameters;  ///< the case: keys set for the comparison
  bool allow_trained = false;
  double spin_up_s = 0;
  int windows = 60;
  int warm_up_windows = 2;
  int block_windows = 10;
  std::vector<long long> coarser{2, 4};     ///< classical runs with cells / factor
  std::vector<std::string> looser{"auto"};  ///< settings of classical runs; auto: the app's own
  std::vector<std::string> pictures;
  int picture_count = 4;
  int spectra_every = 0;
  void describe(core::ParamVisitor& v);
};

struct StudyDeck {
  std::string app;
  std::string precision = "double";
  long long seed = 1;
  mesh::GridParams grid;
  solvers::TimeParams time;
  std::shared_ptr<Domain> domain;
  OutputParams output;
  EnsembleParams ensemble;
  surrogates::NetworkParams network;
  surrogates::TrainingParams training;
  SwapSection swap;
  SubModelsParams sub_models;
  CompareParams compare;
  std::vector<ContenderParams> contenders;  ///< trained and compared beside the deck's own network

  std::string directory = ".";  ///< the deck file's: relative paths start there
  std::string name;             ///< the deck file's stem

  void describe(core::ParamVisitor& v);
  /// What a simulation depends on: all but outputs and what is learned from it.
  void describe_simulation(core::ParamVisitor& v);
};

/// UserError with everything that is wrong in the deck.
StudyDeck read_study(const DeckTree& tree);

/// The resolved deck of the simulation alone; its hash tells whether a simulation is another one.
std::string simulation_text(StudyDeck& deck);

/// A number of the deck by its full key, with its unit. UserError where there is none of that name.
surrogates::NamedValue look_up(StudyDeck& deck, const std::string& key);

/// The parameters that a network is told: the domain's own and every varied key.
std::vector<surrogates::NamedValue> network_parameters(StudyDeck& deck);

}  // namespace understudy::apps
