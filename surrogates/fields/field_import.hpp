// A network of fields that was trained elsewhere becomes a model folder (`understudy import`, card with
// `takes: fields`). Fields, units, grid, sides, window, parameters, ranges and scales are those of a dataset: that of
// the deck which the model is for, since gates are calibrated on it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/provenance.hpp"
#include "surrogates/fields/model.hpp"

namespace understudy::surrogates {

struct FieldImport {
  std::string name;               ///< of the model; empty: the dataset's
  std::filesystem::path file;     ///< the program
  std::filesystem::path dataset;  ///< folder, as `understudy generate` makes it
  long long stride = 1;           ///< a window is so many of its frames
  int skip_windows = 0;  ///< frames left out at each sample's start, of those that `stride` leaves
  ImportedFunction function;  ///< its channels may be left out
  bool constrain = true;      ///< as in NetworkParams
  std::vector<std::string> conserve;
  core::Provenance provenance;  ///< of the import
};

/// How one channel was predicted in the trial: relative L2 errors as those of training, mean over its windows.
struct TrialError {
  std::string field;
  double model = 0;
  double persistence = 0;  ///< of a state that does not change
};

struct ImportedModel {
  ModelCard card;  ///< complete, for card.yaml
  std::vector<TrialError> trial;
  long long windows = 0;  ///< of one held-out sample
};

/// RUNS THE FILE, which is a program and can do anything that its user can; the caller was told so. Reads the
/// dataset's training samples once for ranges and scales, tries the program on a few windows of a held-out sample
/// (UserError where it fails, gives another shape or values that are not finite; nothing is written then), puts it on
/// the list of trusted programs and writes it and README.md into `folder`. The trial's errors are the card's
/// validation, of rollouts of one window. Not collective.
ImportedModel import_field_model(const FieldImport& from, const std::filesystem::path& folder);

}  // namespace understudy::surrogates
