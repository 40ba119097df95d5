// Studies of recorded fields, `app: fields`: trajectories of other programs in the layout of The Well, or this program's
// own datasets, as they are. A network learns them and is compared with those that it has not seen
// (docs/foreign_files.md). There is no simulation: nothing is replaced, and no speed-up is given.
#pragma once

#include <string>
#include <vector>

#include "apps/study/publication.hpp"
#include "apps/study/study.hpp"
#include "surrogates/fields/dataset/dataset.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/network/network.hpp"
#include "surrogates/training/training_params.hpp"

namespace understudy::apps {

struct FieldsParams {
  std::string dataset;   ///< folder, from the deck's own on; empty: <out>/dataset
  std::string model;     ///< folder, from the deck's own on; empty: <out>/model
  long long stride = 1;  ///< a window is so many frames of the data
  void describe(core::ParamVisitor& v);
};

struct RolloutParams {
  std::string split = "test";         ///< test, valid, train
  long long trajectories = 0;         ///< the first so many; 0: all
  long long first_frame = 0;          ///< of those that `stride` leaves
  long long windows = 0;              ///< 0: as many as all trajectories have
  std::vector<std::string> pictures;  ///< names of channels; empty: the first three
  long long picture_count = 3;        ///< times, evenly spaced to the end
  long long vtk_every = 0;            ///< windows; 0: none
  void describe(core::ParamVisitor& v);
};

class FieldsStudy : public Study {
 public:
  FieldsStudy();
  void describe(core::ParamVisitor& v) override;
  std::vector<Verb> verbs() override;
  std::vector<std::string> check(const Job& job) override;
  std::string precision() const override { return "single"; }  ///< of the data and the networks
  long long seed() const override { return training_.seed; }
  PublicationParams publication() const override { return publication_; }

 private:
  void train(const Job& job, Summary& summary) const;
  void compare(const Job& job, Summary& summary) const;
  void study(const Job& job, Summary& summary) const;
  /// The data at the deck's stride. UserError where there are none, or they are of another kind. Collective.
  surrogates::DatasetReader open(const Job& job) const;
  void require_network_fits(const Job& job, const surrogates::DatasetReader& data) const;
  std::string dataset_folder(const Job& job) const;
  std::string model_folder(const Job& job) const;

  std::string app_ = "fields";
  FieldsParams fields_;
  surrogates::NetworkParams network_;
  surrogates::TrainingParams training_;
  RolloutParams rollout_;
  PublicationParams publication_;
};

/// The catalogue's line.
App fields_app();

}  // namespace understudy::apps
