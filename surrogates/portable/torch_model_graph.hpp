// Whole models as graphs: from physical values (SI, the card's units) to physical values one window later, or from
// the features of points to their outputs (private to surrogates/). Means are subtracted as two float32 numbers, so
// that fields with a large one (pressure) lose nothing to it.
#pragma once

#include <vector>

#include "surrogates/fields/model.hpp"
#include "surrogates/network/torch_archive.hpp"
#include "surrogates/points/point_model.hpp"
#include "surrogates/portable/torch_graph.hpp"

namespace understudy::surrogates {

/// Names of what goes in and comes out, in the order in which forward() takes them.
inline constexpr const char* state_name = "state";
inline constexpr const char* faces_name = "closing_faces";
inline constexpr const char* fixed_name = "fixed";
inline constexpr const char* parameters_name = "parameters";
inline constexpr const char* state_after_name = "state_after";
inline constexpr const char* faces_after_name = "closing_faces_after";
inline constexpr const char* features_name = "inputs";
inline constexpr const char* outputs_name = "outputs";

/// One field's closing faces in the vector of all that a reduced model sees.
struct ClosingFaces {
  std::size_t channel = 0;
  int axis = 0;                        ///< across which the face lies: 0 is x
  std::vector<std::int64_t> plane;     ///< [(z,) y, x] with length 1 along the axis
  std::int64_t offset = 0, count = 0;  ///< of its values among all closing faces
};
/// None for networks of channels, which do not see them.
std::vector<ClosingFaces> closing_faces(const ModelCard& card);

/// state [batch, prognostic, (z,) y, x], closing_faces [batch, face] (reduced models of grids that have them),
/// fixed [batch, fixed, (z,) y, x], parameters [batch, parameter] -> state_after, closing_faces_after. Inputs that
/// the network does not look at are left out. UserError for kinds that cannot stand alone.
Graph field_graph(const FieldModel& model);

/// inputs [batch, input] -> outputs [batch, output]: the mean of the ensemble, of weights.safetensors' content.
/// UserError for imported programs.
Graph point_graph(const PointCard& card, const NamedTensors& content);

}  // namespace understudy::surrogates
