// Studies of points, `app: points`: a dataset that a SubModel collected in some program, and how a network
// learns it (docs/library.md). There is no simulation, and so no run.
#pragma once

#include <string>

#include "apps/study/study.hpp"
#include "surrogates/points/point_training.hpp"

namespace understudy::apps {

struct PointsParams {
  std::string dataset;  ///< directory, from the deck's own on; empty: <out>/dataset
  std::string model;    ///< folder, from the deck's own on; empty: <out>/model
  void describe(core::ParamVisitor& v);
};

class PointsStudy : public Study {
 public:
  void describe(core::ParamVisitor& v) override;
  std::vector<Verb> verbs() override;
  std::vector<std::string> check(const Job& job) override;
  std::string precision() const override { return "single"; }  ///< of the networks
  long long seed() const override { return training_.seed; }
  PublicationParams publication() const override { return publication_; }

 private:
  void train(const Job& job, Summary& summary) const;

  std::string app_ = "points";
  PointsParams points_;
  surrogates::PointNetworkParams network_;
  surrogates::PointTrainingParams training_;
  surrogates::PointGateParams gate_;
  PublicationParams publication_;
};

/// The catalogue's line.
App points_app();

}  // namespace understudy::apps
