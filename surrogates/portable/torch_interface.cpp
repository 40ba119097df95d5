#include "surrogates/portable/torch_interface.hpp"

#include <functional>
#include <vector>

#include "core/format.hpp"
#include "surrogates/portable/torch_model_graph.hpp"

namespace understudy::surrogates {

namespace {

template <class Items, class Print>
std::string list(const Items& items, const Print& print) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + print(item);
  return "[" + text + "]";
}

template <class Numbers>
std::string numbers(const Numbers& values) {
  return list(values, [](auto value) { return core::format("{}", value); });
}

std::string texts(const std::vector<std::string>& values) { return list(values, quoted); }

std::string of_field(const FieldCard& field) {
  return core::format(
      R"({{"name": {}, "component": {}, "unit": {}, "location": {}, "lowest": {}, "highest": {}}})",
      quoted(field.name), field.component, quoted(field.unit), quoted(field.location), field.lowest,
      field.highest);
}

template <class Card>  // ParameterCard, ColumnCard
std::string of_number(const Card& card) {
  return core::format(R"({{"name": {}, "unit": {}, "lowest": {}, "highest": {}}})",
                      quoted(card.name), quoted(card.unit), card.lowest, card.highest);
}

std::string array(const std::string& name, const std::vector<std::int64_t>& shape,
                  const std::vector<std::string>& axes, const std::string& entries) {
  return core::format(R"({{"name": {}, "shape": {}, "axes": {}, {}}})", quoted(name),
                      numbers(shape), texts(axes), entries);
}

std::string of_faces(const ModelCard& card) {
  return list(closing_faces(card), [&](const ClosingFaces& f) {
    return core::format(
        R"({{"channel": {}, "field": {}, "component": {}, "across": "{}", "first": {}, "shape": {}}})",
        f.channel, quoted(card.fields[f.channel].name), card.fields[f.channel].component,
        "xyz"[f.axis], f.offset, numbers(f.plane));
  });
}

std::string of_grid(const ModelCard& card) {
  if (card.grid.is_sphere())
    return core::format(R"({{"cubed_sphere": {}, "radius_m": {}}})", card.grid.cells.at(0),
                        card.grid.radius_m);
  return core::format(R"({{"lower_m": {}, "upper_m": {}, "cells": {}}})",
                      numbers(card.grid.lower_m), numbers(card.grid.upper_m),
                      numbers(card.grid.cells));
}

std::vector<std::string> axes_of(const ModelCard& card) {
  std::vector<std::string> axes{"batch", "channel"};
  if (card.grid.is_sphere()) axes.emplace_back("panel");
  for (int axis = card.grid.dimension(); axis-- > 0;) axes.emplace_back(1, "xyz"[axis]);
  return axes;
}

using Describe =
    std::function<std::string(const std::string& name, const std::vector<std::int64_t>&)>;

// The inputs and the outputs of a graph, each as `describe` has it.
std::string arrays(const Graph& graph, const Describe& describe) {
  const auto inputs = list(graph.inputs(), [&](int n) {
    return describe(graph.nodes()[n].name, graph.nodes()[n].shape);
  });
  const auto outputs = list(graph.outputs(), [&](const auto& output) {
    return describe(output.first, graph.nodes()[output.second].shape);
  });
  return core::format(R"("inputs": {}, "outputs": {})", inputs, outputs);
}

}  // namespace

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += std::string("\\") + c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out += core::format("\\u{:04x}", static_cast<int>(c));
    else
      out += c;
  }
  return out + "\"";
}

std::string interface_of(const ModelCard& card, const Graph& graph) {
  const auto describe = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
    if (name == faces_name || name == faces_after_name)
      return array(name, shape, {"batch", "face"}, "\"faces\": " + of_faces(card));
    if (name == parameters_name)
      return array(name, shape, {"batch", "parameter"},
                   "\"parameters\": " + list(card.parameters, of_number<ParameterCard>));
    return array(name, shape, axes_of(card),
                 "\"channels\": " + list(name == fixed_name ? card.fixed : card.fields, of_field));
  };
  return core::format(
      R"({{"model": {}, "kind": {}, "version": {}, "window_s": {}, {}, "grid": {}, "boundaries": {}, )"
      R"("type": "float32", "values": "physical, in the units given; channel n of a field at face_x lies )"
      R"(on the lower x face of each cell"}})",
      quoted(card.name), quoted(card.network.kind), quoted(card.version), card.window_s,
      arrays(graph, describe), of_grid(card), texts(card.boundaries));
}

std::string interface_of(const PointCard& card, const Graph& graph) {
  const auto describe = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
    const bool in = name == features_name;
    return array(name, shape, {"batch", in ? "input" : "output"},
                 "\"columns\": " + list(in ? card.inputs : card.outputs, of_number<ColumnCard>));
  };
  return core::format(
      R"({{"model": {}, "kind": "points", "version": {}, "members": {}, {}, "type": "float32", )"
      R"("values": "physical, in the units given"}})",
      quoted(card.name), quoted(card.version), card.members, arrays(graph, describe));
}

}  // namespace understudy::surrogates
