// The deck of a seismic study, `app: seismic`. What stands in for the simulation here is the inversion, so
// it has sections of its own: survey and medium (seismic), inversion, dataset of random models, the
// learned inversion (network, training) and the learned forward operator (forward), and how they are
// compared. Docs: docs/numerics_seismic.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/study/job.hpp"
#include "apps/study/publication.hpp"
#include "core/params.hpp"
#include "mesh/grid.hpp"
#include "mesh/io/vtk_writer.hpp"
#include "solvers/seismic/inversion/inversion_params.hpp"
#include "solvers/seismic/survey_plan.hpp"
#include "surrogates/arrays/array_map_params.hpp"

namespace understudy::apps {

struct SeismicOutputParams {
  bool vtk = true;
  std::string vtk_data = "cell";  ///< cell, point
  bool pictures = true;
  std::string gathers = "hdf5", models = "hdf5";  ///< hdf5, segy, both
  std::string segy_numbers = "ieee";              ///< ieee, ibm
  std::vector<long long> wavefields;              ///< shots whose waves are written
  double wavefield_every_s = 0.05;
  void describe(core::ParamVisitor& v);
  mesh::VtkData vtk_place() const {
    return vtk_data == "point" ? mesh::VtkData::points : mesh::VtkData::cells;
  }
};

/// Random models of `seismic.model` and their gathers.
struct SeismicDatasetParams {
  int training = 400, validation = 50, test = 50;  ///< models
  double speed_least_m_s = 1500,
         speed_most_m_s = 4500;  ///< what -1 and 1 of scaled speeds stand for
  int shard = 64;
  std::string input_files,
      output_files;            ///< NumPy files in place of own shots; one * each
  int stride = 1;              ///< every so many samples of the input files' time axis are read
  long long most_samples = 0;  ///< pairs read from the files at most; 0: all
  void describe(core::ParamVisitor& v);
  int models() const { return training + validation + test; }
};

/// A network in place of the wave equation, within an inversion.
struct ForwardParams {
  ForwardParams();
  surrogates::ArrayMapNetworkParams network;
  surrogates::ArrayMapTrainingParams training;
  int check_every = 5;            ///< iterations between looks at the wave equation's own gradient
  double largest_angle_deg = 60;  ///< between both gradients; beyond, the wave equation takes over
  void describe(core::ParamVisitor& v);
};

struct SeismicCompareParams {
  int models = 4;  ///< test models, the first of the split
  std::vector<std::string> ways{"fwi", "learned", "learned_forward", "hybrid"};
  void describe(core::ParamVisitor& v);
};

struct SeismicDeck {
  std::string app = "seismic";
  std::string precision = "single";
  long long seed = 1;
  mesh::GridParams grid;
  solvers::seismic::WaveTimeParams time;
  solvers::seismic::SeismicParams seismic;
  solvers::seismic::InversionParams inversion;
  SeismicDatasetParams dataset;
  surrogates::ArrayMapNetworkParams network;
  surrogates::ArrayMapTrainingParams training;
  ForwardParams forward;
  SeismicCompareParams compare;
  SeismicOutputParams output;
  PublicationParams publication;

  std::string directory = ".";  ///< the deck file's: relative paths start there
  std::string name;             ///< the deck file's stem

  void describe(core::ParamVisitor& v);
};

/// A job on a seismic deck.
struct SeismicJob : Job {
  SeismicDeck deck;

  solvers::seismic::ModellingSetup modelling() const {
    return {deck.seismic, deck.time, deck.grid, deck.directory};
  }
  /// Member `index` of the deck's model.
  solvers::seismic::EarthModel model(std::uint64_t index = 0) const;
  std::filesystem::path dataset() const { return out / "dataset"; }
};

}  // namespace understudy::apps
