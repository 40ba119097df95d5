// What goes into an exported model and what comes out, for people and programs that have the file alone: the card
// that stands in it, as JSON (private to surrogates/).
#pragma once

#include <string>

#include "surrogates/fields/model.hpp"
#include "surrogates/points/point_model.hpp"
#include "surrogates/portable/torch_graph.hpp"

namespace understudy::surrogates {

std::string interface_of(const ModelCard& card, const Graph& graph);
std::string interface_of(const PointCard& card, const Graph& graph);
/// A text in JSON's quotation marks.
std::string quoted(const std::string& text);

}  // namespace understudy::surrogates
