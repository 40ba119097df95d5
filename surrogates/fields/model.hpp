// The model folder: card.yaml (this struct; the deck reader's visitors read and write it),
// weights.safetensors and README.md. The card has everything that rebuilds the network and says what it was
// made for; a run that it does not fit is refused. Of a model that was imported a program, model.pt, model.pt2 or
// model.onnx, takes the place of the weights.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/named_value.hpp"
#include "mesh/field.hpp"
#include "surrogates/fields/imported_function.hpp"
#include "surrogates/network/inference_choice.hpp"
#include "surrogates/network/network.hpp"
#include "surrogates/network/side_kind.hpp"
#include "surrogates/training/model_origin.hpp"

namespace understudy::surrogates {

/// One channel of the network: a component of a field, its normalisation and what was seen in
/// training.
struct FieldCard {
  std::string name, unit;
  std::string location = "cell";
  int component = 0;
  double mean = 0, std = 1;        ///< of the values; the input is (value - mean) / std
  double increment_std = 1;        ///< of the change over one window; the output's scale
  double lowest = 0, highest = 0;  ///< training envelope
  /// No variance in training but round-off: the network does not see it, and the model predicts `mean`.
  /// `std` and `increment_std` are then those of the other channels of its unit, or 1.
  bool constant = false;
  void describe(core::ParamVisitor& v);
};

/// Marks the channels that do not vary in training: those whose envelope is as narrow as single precision,
/// or as core::nothing times the largest value of their unit (unit_scale.hpp), and gives them mean and
/// scales as above.
void mark_constants(std::vector<FieldCard>& fields);

/// Has channel `c` a scale (std, increment_std) that means something: does it vary, or another of its unit?
bool has_scale(const std::vector<FieldCard>& fields, std::size_t c);

/// The scale beside which a channel is large or small, by its training envelope (unit_scale.hpp); 0: it was
/// zero in training, and so was whatever could be compared with it.
std::vector<double> channel_scales(const std::vector<FieldCard>& fields);

/// One parameter that the network is told.
struct ParameterCard {
  std::string name, unit;
  double mean = 0, std = 1;
  double lowest = 0, highest = 0;  ///< training envelope
  void describe(core::ParamVisitor& v);
};

/// Error of a rollout on held-out samples.
struct ValidationCard {
  std::string field;
  double rel_l2_one_window = 0;    ///< error after one window
  double rel_l2_rollout = 0;       ///< mean error over the rollout
  double persistence_rollout = 0;  ///< mean error over the rollout of a state that does not change
  void describe(core::ParamVisitor& v);
};

/// How well modes represent the held-out frames of one channel: relative L2 errors, mean over frames.
struct ReconstructionCard {
  std::string field;
  int modes = 0;
  double model = 0;  ///< encoded and decoded by the model
  double pod = 0;    ///< by as many modes of the training frames' proper orthogonal decomposition
  void describe(core::ParamVisitor& v);
};

/// A sample that training or validation saw.
struct CaseCard {
  std::string sample, split;   ///< "member_000", "train" or "valid"
  std::vector<double> values;  ///< of the card's parameters, in order
  void describe(core::ParamVisitor& v);
};

/// What one gate's scores are held against.
struct GateCard {
  std::string kind;
  double threshold = 0;  ///< the gate's own, at the calibration's quantile
  double bound = 0;      ///< in use beside the others: threshold times CalibrationCard::combined
  double accepts = 0;    ///< share of the calibration windows within `threshold`
  void describe(core::ParamVisitor& v);
};

/// How the gates were calibrated (trust_reference.hpp); `windows` 0: they were not.
struct CalibrationCard {
  long long windows = 0, rollouts = 0, members = 0;
  double quantile = 0, error_limit = 0, risk = 0;
  double combined = 0;       ///< what the largest score / threshold is held against
  double accepts = 0;        ///< share of the calibration windows that all gates accept
  double wrong = 0;          ///< share whose error exceeds error_limit
  double accepts_wrong = 0;  ///< share that is accepted and wrong
  double mean_error = 0;     ///< relative L2, over the calibration windows
  std::string split;      ///< of the held-out samples: test, or valid (where weights were chosen)
  double core_s = 0;      ///< core-seconds that it took
  std::string file_hash;  ///< of trust.safetensors
  void describe(core::ParamVisitor& v);
};

struct ModelCard : ModelOrigin {
  static constexpr long long newest =
      4;                       ///< 2: `cases`; 3: `gates`, `calibration`; 4: hash of the weights
  long long card_version = 1;  ///< cards of version 1 do not say it
  std::string name;            ///< dataset's name
  NetworkParams network;
  ImportedFunction imported;      ///< of network.kind imported alone
  std::vector<FieldCard> fields;  ///< prognostic channels in order
  std::vector<FieldCard> fixed;   ///< fixed channels in order (not normalised: mean 0, std 1)
  std::vector<ParameterCard> parameters;
  std::vector<CaseCard> cases;
  double window_s = 0;
  mesh::GridParams grid;
  std::vector<std::string> boundaries;  ///< by side, see side_kind.hpp
  long long skip_windows = 0;           ///< frames left out at each sample's start
  std::string weights_hash;             ///< of weights.safetensors; empty: not recorded
  /// The same of the model's other networks, member_2...; empty: there are none, or not recorded.
  std::vector<std::string> member_hashes;
  long long rollout_windows = 0;
  std::string verdict;  ///< model_verdict() of it
  std::vector<ValidationCard> validation;
  std::vector<PrecisionCard> precisions;  ///< what each costs in accuracy; empty: not known
  std::vector<ReconstructionCard> reconstruction;  ///< conv_autoencoder; empty for others
  std::vector<GateCard> gates;
  CalibrationCard calibration;
  int ranks_per_sample = 1;  ///< training's
  void describe(core::ParamVisitor& v);

  /// First of the three channels of each vector, on a cubed sphere; empty in a box.
  std::vector<int> vector_channels() const;
  NetworkShape shape() const;
};

/// A network ready for use.
struct FieldModel {
  ModelCard card;
  std::shared_ptr<Network> network;
};

/// The run a model is wanted for.
struct RunDescription {
  std::vector<mesh::FieldInfo> fields;
  mesh::GridParams grid;
  SideKinds boundaries;
  double window_s = 0;
  std::vector<NamedValue> parameters;
  std::string inference = "auto";  ///< on several ranks: auto, blocks, gathered (network_call.hpp)
};

/// UserError naming the first mismatch of fields, units, places, spacing, boundaries, window, or a
/// parameter that the run does not give. Returns warnings: parameters outside the training
/// envelope, another box of the same spacing.
std::vector<std::string> check_card(const ModelCard& card, const RunDescription& run);

/// Where a case lies with respect to what the model has seen.
enum class Standing {
  unknown,  ///< the card does not say what it was trained on (version 1)
  seen,     ///< it is a case of training or validation
  inside,   ///< unseen, every parameter within the training envelope
  outside   ///< unseen, some parameter beyond the envelope
};
struct CaseStanding {
  Standing standing = Standing::unknown;
  CaseCard twin;  ///< for `seen`: the case that it equals
};
/// UserError when `parameters` lacks one of the card's.
CaseStanding standing_of(const ModelCard& card, const std::vector<NamedValue>& parameters);

/// Where its weights or, imported, its program lie in a model folder.
std::filesystem::path weights_path(const std::filesystem::path& folder, const ModelCard& card);

/// Builds the network that the card describes and fills it from `weights`, weights_path() of its folder. UserError
/// where these are not the card's; of a program also where this build has no engine for it or the user does not trust
/// it (trusted_programs.hpp). A program is loaded where and when it is first called (Architecture::prepare()).
FieldModel load_model(const ModelCard& card, const std::filesystem::path& weights);

/// What the validation says against the model: fields whose rollout error is
/// `bad_error` (surrogates/training/model_verdict.hpp) or more, or no better
/// than that of a state that does not change. Empty where it says nothing against it, or was not made.
std::string model_verdict(const ModelCard& card);

/// The README.md of a model folder.
std::string model_readme(const ModelCard& card);

}  // namespace understudy::surrogates
