// Trained models as files for other programs: one function from physical values to physical values, normalisation
// and all, in float32. The batch is any number of states; the grid is the model's own.
//
//   torchscript  a TorchScript module: forward(state, ...) -> state_after, attribute `card` (JSON: arrays with their
//                axes, channels, units and ranges)
//   onnx         the same graph, operator set 17; metadata `card`
//   safetensors  the weights as they are in the model folder, with the card.yaml of that folder as the text
//                `card`: all numbers in one file, for whoever builds the network himself
//
// What a function does not do is what the program's own run does around it with the deck's solver:
// constrain() (boundary values, divergence-free velocity), and the closing faces of staggered fields where they
// are not among its inputs. Fields that the deck conserves (network.conserve) are conserved.
//
// Every function that is written is first compared with the program's own prediction (SurrogateStepper in double
// precision, the network in float32) on random states of the training's mean and spread.
#pragma once

#include <filesystem>
#include <string>

#include "surrogates/fields/model.hpp"

namespace understudy::surrogates {

struct ExportRequest {
  std::string format;          ///< torchscript, onnx, safetensors
  std::filesystem::path file;  ///< to be written
  std::filesystem::path
      samples;       ///< safetensors of inputs and the program's predictions; empty: none
  std::string card;  ///< card.yaml's text, for safetensors
};

struct ExportResult {
  /// Largest difference from the program's prediction, relative to the largest value of that channel; < 0: there
  /// is nothing to compare (safetensors).
  double difference = -1;
  std::string inputs, outputs;  ///< "state [batch, 3, 16, 32], parameters [batch, 1]"
};

/// How large that difference may be.
inline constexpr double most_export_difference = 1e-5;

/// UserError for kinds of network that cannot stand alone (correction, kinds that programs add, a U-Net on a
/// cubed sphere), and where the function is not the program's to most_export_difference; nothing is written then.
ExportResult export_fields(const FieldModel& model, const ExportRequest& request);

/// The same for a model folder of points. UserError for imported programs.
ExportResult export_points(const std::filesystem::path& folder, const ExportRequest& request);

/// Is it a model of points? UserError where there is no model, or weights.safetensors is damaged.
bool is_point_model(const std::filesystem::path& folder);

}  // namespace understudy::surrogates
