#include "surrogates/fields/imported_function.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/network/program_engines.hpp"

namespace understudy::surrogates {

void FunctionChannel::describe(core::ParamVisitor& v) {
  v.text("name", name, "name of the field");
  v.text("unit", unit, "its unit; empty: the dataset's, from which no other is taken");
  v.integer("component", component, {.at_least = 0}, "component of the field");
  v.real("mean", mean, {}, "", "the function takes, and gives of a state, (value - mean) / std");
  v.real("std", std, {.above = 0}, "",
         "the function takes, and gives of a state, (value - mean) / std");
  v.real("change_mean", change_mean, {}, "",
         "prediction: increment: the function gives (change - change_mean) / change_std");
  v.real("change_std", change_std, {.at_least = 0}, "",
         "prediction: increment: the function gives (change - change_mean) / change_std; 0: `std`");
}

void FunctionParameter::describe(core::ParamVisitor& v) {
  v.text("name", name, "name of the parameter, as the dataset has it (flow.reynolds)");
  v.real("mean", mean, {}, "", "the function takes (value - mean) / std");
  v.real("std", std, {.above = 0}, "", "the function takes (value - mean) / std");
}

void ImportedFunction::describe(core::ParamVisitor& v) {
  describe_call(v);
  v.text("file_hash", file_hash, "of the program's file; one of another hash is refused");
}

void ImportedFunction::describe_call(core::ParamVisitor& v) {
  v.choice("engine", engine, program_engines(),
           "what the file is: TorchScript (torch.jit.save), an AOTInductor package "
           "(torch._inductor.aoti_compile_and_package), or ONNX");
  v.list(
      "channels", channels,
      "channels in the order in which the function takes and gives them; empty: the dataset's, in "
      "physical units");
  v.choice("prediction", prediction, {"state", "increment"},
           "what it gives: the state at the window's end, or its change over the window");
  v.choice(
      "axes", axes, {"zyx", "xyz"},
      "axes of space after batch and channel: zyx (in 2-D y, x), as exported models have them, or xyz "
      "(in 2-D x, y), as a dataset's files do");
  v.choice(
      "fixed", fixed, {"none", "channels", "array"},
      "fixed fields (masks), in the dataset's order: as channels after the state's, or as an argument of "
      "their own");
  v.list("parameters", parameters, "parameters that it is told, in its order");
  v.choice(
      "parameters_as", parameters_as, {"channels", "array"},
      "these as channels, each one number everywhere, after the state's and the fixed ones, or as the "
      "last argument [1, parameter]");
  v.integer(
      "pad_cells", pad_cells, {.at_least = 0, .at_most = 1024},
      "cells that are added on every side before the call, by what the side is (docs/import.md)");
}

namespace {

std::string name_of(const std::string& field, int component) {
  return component == 0 ? field : core::format("{} (component {})", field, component);
}

std::string channels_text(const ModelCard& card) {
  std::vector<std::string> names;
  for (const FieldCard& f : card.fields) names.push_back(name_of(f.name, f.component));
  return core::joined(names);
}

std::string parameters_text(const ModelCard& card) {
  std::vector<std::string> names;
  for (const ParameterCard& p : card.parameters) names.push_back(p.name);
  return names.empty() ? "none" : core::joined(names);
}

void complete_channels(std::vector<FunctionChannel>& channels, const ModelCard& card) {
  std::vector<int> times(card.fields.size(), 0);
  for (FunctionChannel& c : channels) {
    const auto at = std::ranges::find_if(card.fields, [&](const FieldCard& f) {
      return f.name == c.name && f.component == c.component;
    });
    if (at == card.fields.end())
      throw core::UserError(core::format("channels: '{}' is no field of the dataset; there are {}",
                                         name_of(c.name, c.component), channels_text(card)));
    if (!c.unit.empty() && c.unit != at->unit)
      throw core::UserError(core::format(
          "channels: '{}' is in {} in the card and in {} in the dataset; mean and std can carry a factor",
          c.name, c.unit, at->unit));
    c.unit = at->unit;
    if (++times[static_cast<std::size_t>(at - card.fields.begin())] > 1)
      throw core::UserError(
          core::format("channels: '{}' stands there twice", name_of(c.name, c.component)));
  }
  for (std::size_t n = 0; n < times.size(); ++n)
    if (times[n] == 0)
      throw core::UserError(core::format(
          "channels: '{}' is missing: a stepper needs all of the dataset's fields ({})",
          name_of(card.fields[n].name, card.fields[n].component), channels_text(card)));
}

}  // namespace

void complete(ImportedFunction& function, const ModelCard& card) {
  if (function.channels.empty())
    for (const FieldCard& f : card.fields) {
      FunctionChannel channel;
      channel.name = f.name;
      channel.component = f.component;
      function.channels.push_back(channel);
    }
  complete_channels(function.channels, card);
  for (FunctionChannel& c : function.channels)
    if (c.change_std == 0) c.change_std = c.std;
  if (function.fixed != "none" && card.fixed.empty())
    throw core::UserError(
        core::format("fixed: {}: the dataset has no fixed field; say none", function.fixed));
  for (const FunctionParameter& p : function.parameters)
    if (std::ranges::find(card.parameters, p.name, &ParameterCard::name) == card.parameters.end())
      throw core::UserError(core::format("parameters: '{}' is none of the dataset's; there are {}",
                                         p.name, parameters_text(card)));
}

}  // namespace understudy::surrogates
