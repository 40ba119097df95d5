// The deck of a model of points, `app: points`: a dataset that a SubModel collected in some program, and
// how a network learns it. It has no simulation, so of the verbs only train and check take it.
#pragma once

#include <string>

#include "apps/deck/deck_tree.hpp"
#include "apps/study/job.hpp"
#include "core/params.hpp"
#include "surrogates/points/point_training.hpp"

namespace understudy::apps {

struct PointsParams {
  std::string dataset;  ///< directory, from the deck's own on; empty: <out>/dataset
  std::string model;    ///< folder, likewise; empty: <out>/model
  void describe(core::ParamVisitor& v);
};

struct PointsDeck {
  std::string app = "points";
  PointsParams points;
  surrogates::PointNetworkParams network;
  surrogates::PointTrainingParams training;
  surrogates::PointGateParams gate;
  void describe(core::ParamVisitor& v);
};

/// Does the deck say app: points? Reads nothing else of it.
bool is_points_deck(const JobOptions& options);

}  // namespace understudy::apps
