// How a network that was trained elsewhere is called: the part of a model card that only such models have
// (card.yaml, `imported:`), and what its user says of it to `understudy import`.
//
// The function takes one array `state` [1, channel, (z,) y, x] of float32, or with `axes: xyz` [1, channel, x, y(, z)],
// as a dataset's files have it, and gives one of the same shape: the state one window later, or its change. Of each
// channel it takes (value - mean) / std and gives the same, or of a change (change - change_mean) / change_std; means 0
// and deviations 1 are physical values. On a staggered grid value (j, i) of a field at face_x lies on the lower x face
// of cell (j, i); closing faces are not seen.
//
// Fixed fields (masks, physical values) and parameters ((value - mean) / std) that it wants come as further channels
// after the state's, in this order, or (`array`) as arguments of their own: fixed [1, fixed, (z,) y, x] in the
// dataset's order, parameters [1, parameter].
//
// `pad_cells` > 0: so many cells are added on every side, x first, then y with the corners, then z: those across a
// periodic side, mirrored about the cell beside a wall (at::pad's `reflect`), and the nearest value at inflows and open
// sides. What the function gives may have them or not; they are cut off.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::surrogates {

/// A channel as the function knows it.
struct FunctionChannel {
  std::string name, unit;  ///< unit empty in what a user writes: the dataset's
  int component = 0;
  double mean = 0, std = 1;                ///< of the value
  double change_mean = 0, change_std = 0;  ///< of the change; change_std 0: `std`
  void describe(core::ParamVisitor& v);
};

struct FunctionParameter {
  std::string name;
  double mean = 0, std = 1;
  void describe(core::ParamVisitor& v);
};

struct ImportedFunction {
  std::string engine = "torchscript";     ///< program_engines.hpp
  std::string file_hash;                  ///< SHA-256 (16 digits) of program_file(engine)
  std::vector<FunctionChannel> channels;  ///< in the function's order
  std::string prediction = "state";       ///< state, increment
  std::string axes = "zyx";               ///< zyx, xyz
  std::string fixed = "none";             ///< none, channels, array
  std::vector<FunctionParameter> parameters;
  std::string parameters_as = "channels";  ///< channels, array
  int pad_cells = 0;
  /// All of it, for a model card.
  void describe(core::ParamVisitor& v);
  /// What the user of a file says: all but the hash.
  void describe_call(core::ParamVisitor& v);
};

struct ModelCard;

/// Fills in what was left out (channels: the card's, in physical units; units; change_std). UserError naming what is
/// not among the card's fields and parameters, is there twice or is missing.
void complete(ImportedFunction& function, const ModelCard& card);

}  // namespace understudy::surrogates
