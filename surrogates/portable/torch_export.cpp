#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/serialization/import.h>

#include <cmath>
#include <sstream>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/torch_archive.hpp"
#include "surrogates/points/torch_point_model.hpp"
#include "surrogates/portable/export.hpp"
#include "surrogates/portable/torch_export_samples.hpp"
#include "surrogates/portable/torch_interface.hpp"
#include "surrogates/portable/torch_model_graph.hpp"
#include "surrogates/portable/torch_onnx_writer.hpp"
#include "surrogates/portable/torch_script_writer.hpp"

namespace understudy::surrogates {

namespace {

std::filesystem::path weights_in(const std::filesystem::path& folder) {
  return folder / "weights.safetensors";
}

std::string said_of(const std::string& name, const std::vector<std::int64_t>& shape) {
  std::string text = name + " [batch";
  for (std::size_t axis = 1; axis < shape.size(); ++axis) text += core::format(", {}", shape[axis]);
  return text + "]";
}

ExportResult described(const Graph& graph) {
  ExportResult result;
  for (const int n : graph.inputs())
    result.inputs += (result.inputs.empty() ? "" : ", ") +
                     said_of(graph.nodes()[n].name, graph.nodes()[n].shape);
  for (const auto& [name, node] : graph.outputs())
    result.outputs +=
        (result.outputs.empty() ? "" : ", ") + said_of(name, graph.nodes()[node].shape);
  return result;
}

double largest_of(const at::Tensor& values) { return values.abs().max().item<double>(); }

// Largest difference relative to `size`; infinite where it is no number.
double relative_difference(const at::Tensor& mine, const at::Tensor& theirs, double size) {
  const double miss = largest_of(mine.to(at::kDouble) - theirs.to(at::kDouble));
  if (miss == 0) return 0;
  const double relative = miss / size;
  return std::isfinite(relative) ? relative : HUGE_VAL;
}

// Of the channels (the axis 1), each relative to its largest value.
double difference(const at::Tensor& a, const at::Tensor& b) {
  double largest = 0;
  for (std::int64_t c = 0; c < b.size(1); ++c)
    largest = std::max(
        largest, relative_difference(a.select(1, c), b.select(1, c), largest_of(b.select(1, c))));
  return largest;
}

// Closing faces may all be 0 (at a wall, to rounding), so that their size is that of their channel's state.
double difference_of_faces(const at::Tensor& a, const at::Tensor& b, const at::Tensor& state,
                           const std::vector<ClosingFaces>& faces) {
  double largest = 0;
  for (const ClosingFaces& f : faces) {
    const at::Tensor theirs = b.narrow(1, f.offset, f.count);
    const double size = std::max(largest_of(theirs),
                                 largest_of(state.select(1, static_cast<std::int64_t>(f.channel))));
    largest = std::max(largest, relative_difference(a.narrow(1, f.offset, f.count), theirs, size));
  }
  return largest;
}

// What is the same for fields and points once there is a graph.
struct Exported {
  std::string name, card;
  const Graph& graph;
  const NamedTensors& samples;
  std::vector<ClosingFaces> faces = {};
};

// The file's bytes once more through LibTorch, as any other program would load them.
double difference_of(const std::string& script, const Exported& model) {
  const auto& [name, card, graph, samples, faces] = model;
  const c10::InferenceMode no_autograd;
  std::istringstream stream(script);
  torch::jit::Module module = torch::jit::load(stream, at::kCPU);
  std::vector<c10::IValue> inputs;
  for (const int n : graph.inputs()) inputs.emplace_back(samples.at(graph.nodes()[n].name));
  const c10::IValue found = module.forward(inputs);
  if (graph.outputs().size() == 1)
    return difference(found.toTensor(), samples.at(graph.outputs().front().first));
  double largest = 0;
  const auto& parts = found.toTupleRef().elements();
  for (std::size_t n = 0; n < parts.size(); ++n) {
    const std::string& output = graph.outputs()[n].first;
    const at::Tensor& wanted = samples.at(output);
    largest = std::max(largest, output == faces_after_name
                                    ? difference_of_faces(parts[n].toTensor(), wanted,
                                                          samples.at(state_after_name), faces)
                                    : difference(parts[n].toTensor(), wanted));
  }
  return largest;
}

ExportResult write(const Exported& model, const ExportRequest& request) {
  ExportResult result = described(model.graph);
  std::ostringstream script;
  script_of(model.graph, model.card).save(script);
  result.difference = difference_of(script.str(), model);
  if (!(result.difference <= most_export_difference))
    throw core::UserError(core::format(
        "the function that was made of the model '{}' differs from the program's own prediction by {:.2g} of the "
        "largest value; {} is allowed, and nothing was written. Weights that differ by many orders of magnitude "
        "and, of modes, fields whose mean is far above their spread do that; other causes are bugs, please report them",
        model.name, result.difference, most_export_difference));
  core::write_file(request.file, request.format == "onnx"
                                     ? onnx_of(model.graph, model.name, model.card)
                                     : script.str());
  if (!request.samples.empty()) write_archive(request.samples, model.samples);
  return result;
}

// What was imported has no weights of ours.
void require_own(const PointCard& card) {
  if (card.engine != "mlp")
    throw core::UserError(core::format(
        "the model '{}' was imported ({} of engine {}): it is a program already, and lies in the model folder",
        card.name, card.imported, card.engine));
}

void refuse_samples(const ExportRequest& request) {
  if (!request.samples.empty())
    throw core::UserError(
        "--samples goes with --to torchscript and --to onnx: weights alone predict nothing");
}

}  // namespace

ExportResult export_fields(const FieldModel& model, const ExportRequest& request) {
  set_up_torch();
  if (request.format != "safetensors") {
    const Graph graph = field_graph(model);
    const NamedTensors samples = field_samples(model);
    return write({model.card.name, interface_of(model.card, graph), graph, samples,
                  closing_faces(model.card)},
                 request);
  }
  refuse_samples(request);
  NamedTensors content;
  const auto& impl = model.network->impl();
  const auto tensors = slices(impl.flat, impl.specs);
  for (std::size_t n = 0; n < tensors.size(); ++n)
    content.tensors.emplace_back(impl.specs[n].name, tensors[n].clone());
  content.texts["kind"] = model.card.network.kind;
  content.texts["card"] = request.card;
  write_archive(request.file, content);
  return {};
}

ExportResult export_points(const std::filesystem::path& folder, const ExportRequest& request) {
  set_up_torch();
  NamedTensors content = read_archive(weights_in(folder), "weights");
  const PointCard card = read_point_card(folder);
  require_own(card);
  PointModel model = load_point_model(folder);  // looks at every weight
  if (request.format == "safetensors") {
    refuse_samples(request);
    content.texts["card"] = request.card;
    write_archive(request.file, content);
    return {};
  }
  const Graph graph = point_graph(card, content);
  const NamedTensors samples = point_samples(model);
  return write({card.name, interface_of(card, graph), graph, samples}, request);
}

bool is_point_model(const std::filesystem::path& folder) {
  const NamedTensors content = read_archive(weights_in(folder), "weights");
  const auto kind = content.texts.find("kind");
  return kind != content.texts.end() && kind->second == "points";
}

}  // namespace understudy::surrogates
