// What `understudy import MODEL --card CARD --out FOLDER` is told of a model trained elsewhere, and the other
// two ways in which a program is accepted: `import --trust FOLDER` (or a plugin's file), `import --convert FOLDER`.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"
#include "surrogates/points/point_model.hpp"

namespace understudy::apps {

struct ImportedColumn {
  std::string name, unit;
  double mean = 0, std = 1, lowest = 0, highest = 0;
  void describe(core::ParamVisitor& v);
};

struct ImportGateParams : surrogates::PointCalibrationParams {
  void describe(core::ParamVisitor& v) {
    describe_quantile(v,
                      "fraction of points like the calibration points that each test is to accept");
    describe_distance(v, "points kept with the model for the distance");
  }
};

struct ImportDeck {
  std::string name = "imported", engine = "torchscript", precision = "float32";
  std::vector<ImportedColumn> inputs, outputs;
  std::string reference;
  ImportGateParams gate;
  void describe(core::ParamVisitor& v);
};

/// What the command line says.
struct ImportOptions {
  std::string file, card, out;
  bool convert = false, trust = false;
  bool overwrite = false;  ///< a model that is in `out` makes room
  std::string command;     ///< the command line, for provenance
};
/// A model of points trained elsewhere, with a card, into a model folder; or what the flags say. Collective.
/// UserError, also where the folder holds a model and `overwrite` is not set.
void import_model(const ImportOptions& options);

}  // namespace understudy::apps
