// The numbers of fields, types and attributes are those of onnx/onnx.proto (IR version 8).
#include "surrogates/portable/torch_onnx_writer.hpp"

#include <ATen/ATen.h>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/portable/protobuf.hpp"

namespace understudy::surrogates {

namespace {

constexpr std::int64_t ir_version = 8, operator_set = 17;
constexpr std::int64_t float_type = 1, long_type = 7;

ProtobufMessage attribute(const std::string& name, std::int64_t value) {
  return ProtobufMessage().bytes(1, name).number(3, value).number(20, 2);
}
ProtobufMessage attribute(const std::string& name, const std::string& value) {
  return ProtobufMessage().bytes(1, name).bytes(4, value).number(20, 3);
}
ProtobufMessage attribute(const std::string& name, const std::vector<std::int64_t>& values) {
  ProtobufMessage message;
  message.bytes(1, name);
  for (const auto value : values) message.number(8, value);
  return message.number(20, 7);
}

ProtobufMessage tensor(const std::string& name, const at::Tensor& value) {
  ProtobufMessage message;
  for (const auto length : value.sizes()) message.number(1, length);
  message.number(2, value.scalar_type() == at::kLong ? long_type : float_type).bytes(8, name);
  return message.bytes(9, {static_cast<const char*>(value.const_data_ptr()), value.nbytes()});
}

// What an input or output is called, and its shape.
ProtobufMessage described(const std::string& name, const std::vector<std::int64_t>& shape) {
  ProtobufMessage lengths;
  for (const auto length : shape)
    lengths.message(
        1, length < 0 ? ProtobufMessage().bytes(2, "batch") : ProtobufMessage().number(1, length));
  const auto type = ProtobufMessage().number(1, float_type).message(2, lengths);
  return ProtobufMessage().bytes(1, name).message(2, ProtobufMessage().message(1, type));
}

class Writer {
 public:
  explicit Writer(const Graph& graph) : graph_(graph) {}

  ProtobufMessage graph(const std::string& name) {
    for (std::size_t n = 0; n < graph_.nodes().size(); ++n) write(static_cast<int>(n));
    for (const auto& [output, node] : graph_.outputs())
      operation("Identity", {name_of(node)}, output);
    message_.bytes(2, name);
    for (const int n : graph_.inputs())
      message_.message(11, described(graph_.nodes()[n].name, graph_.nodes()[n].shape));
    for (const auto& [output, node] : graph_.outputs())
      message_.message(12, described(output, graph_.nodes()[node].shape));
    return message_;
  }

 private:
  using Names = std::vector<std::string>;
  using Attributes = std::vector<ProtobufMessage>;

  std::string name_of(int n) const {
    const Node& node = graph_.nodes().at(n);
    return node.name.empty() ? "v" + std::to_string(n) : node.name;
  }

  void operation(const std::string& type, const Names& inputs, const std::string& output,
                 const Attributes& attributes = {}) {
    ProtobufMessage node;
    for (const auto& input : inputs) node.bytes(1, input);
    node.bytes(2, output).bytes(3, "make_" + output).bytes(4, type);
    for (const auto& a : attributes) node.message(5, a);
    message_.message(1, node);
  }

  void constant(const std::string& name, const at::Tensor& value) {
    message_.message(5, tensor(name, value));
  }
  // Of one output, named after it.
  std::string integers(const std::string& output, const char* what,
                       const std::vector<std::int64_t>& values) {
    const std::string name = output + "_" + what;
    constant(name, at::tensor(values, at::kLong));
    return name;
  }
  std::string numbers(const std::string& output, const char* what,
                      const std::vector<float>& values) {
    const std::string name = output + "_" + what;
    constant(name, at::tensor(values, at::kFloat));
    return name;
  }

  void write(int n) {
    using enum Operation;
    const Node& node = graph_.nodes()[n];
    const std::string out = name_of(n);
    Names in;
    for (const int from : node.from) in.push_back(name_of(from));
    switch (node.operation) {
      case input:
        return;
      case constant:
        return this->constant(out, node.value);
      case add:
        return operation("Add", in, out);
      case subtract:
        return operation("Sub", in, out);
      case multiply:
        return operation("Mul", in, out);
      case divide:
        return operation("Div", in, out);
      case matmul:
        return operation("MatMul", in, out);
      case linear:
        return operation("Gemm", in, out, {attribute("transB", 1)});
      case convolve:
        return operation("Conv", in, out);
      case relu:
        return operation("Relu", in, out);
      case tanh:
        return operation("Tanh", in, out);
      case sqrt:
        return operation("Sqrt", in, out);
      default:
        return write_others(node, in, out);
    }
  }

  void write_others(const Node& node, const Names& in, const std::string& out) {
    using enum Operation;
    const auto& n = node.numbers;
    switch (node.operation) {
      case silu:
        operation("Sigmoid", in, out + "_sigmoid");
        return operation("Mul", {in[0], out + "_sigmoid"}, out);
      case gelu:
        return write_gelu(in, out);
      case mean:
        return operation("ReduceMean", in, out, {attribute("axes", n), attribute("keepdims", 1)});
      case halve:
        return write_halve(node, in, out);
      case doubled:
        return write_doubled(node, in, out);
      case concat:
        return operation("Concat", in, out, {attribute("axis", n[0])});
      case slice:
        return operation("Slice",
                         {in[0], integers(out, "begin", {n[1]}), integers(out, "end", {n[2]}),
                          integers(out, "axis", {n[0]})},
                         out);
      case take:
        return operation("Gather", in, out, {attribute("axis", n[0])});
      case reshape:
        return operation("Reshape", {in[0], integers(out, "shape", node.shape)}, out);
      case permute:
        return operation("Transpose", in, out, {attribute("perm", n)});
      default:
        return write_repeat(node, in, out);
    }
  }

  void write_halve(const Node& node, const Names& in, const std::string& out) {
    const std::vector<std::int64_t> two(node.shape.size() - 2, 2);
    operation("AveragePool", in, out, {attribute("kernel_shape", two), attribute("strides", two)});
  }

  void write_doubled(const Node& node, const Names& in, const std::string& out) {
    std::vector<float> scales(node.shape.size(), 2);
    scales[0] = scales[1] = 1;
    operation("Resize", {in[0], "", numbers(out, "scales", scales)}, out,
              {attribute("mode", "nearest"), attribute("nearest_mode", "floor"),
               attribute("coordinate_transformation_mode", "asymmetric")});
  }

  // x / 2 (1 + erf(x / sqrt 2))
  void write_gelu(const Names& in, const std::string& out) {
    operation("Mul", {in[0], numbers(out, "root", {0.70710678118654752F})}, out + "_scaled");
    operation("Erf", {out + "_scaled"}, out + "_erf");
    operation("Add", {out + "_erf", numbers(out, "one", {1})}, out + "_sum");
    operation("Mul", {in[0], out + "_sum"}, out + "_twice");
    operation("Mul", {out + "_twice", numbers(out, "half", {0.5F})}, out);
  }

  void write_repeat(const Node& node, const Names& in, const std::string& out) {
    operation("Shape", {in[0]}, out + "_batch", {attribute("start", 0), attribute("end", 1)});
    const std::vector<std::int64_t> rest(node.shape.begin() + 1, node.shape.end());
    operation("Concat", {out + "_batch", integers(out, "rest", rest)}, out + "_shape",
              {attribute("axis", 0)});
    operation("Expand", {in[1], out + "_shape"}, out);
  }

  const Graph& graph_;
  ProtobufMessage message_;
};

}  // namespace

std::string onnx_of(const Graph& graph, const std::string& name, const std::string& card) {
  std::size_t bytes = 0;
  for (const Node& node : graph.nodes())
    if (node.value.defined()) bytes += node.value.nbytes();
  constexpr std::size_t most = 2'000'000'000;
  if (bytes > most)
    throw core::UserError(
        core::format("the model's numbers are {} bytes; a file of ONNX holds {}. TorchScript and "
                     "safetensors take more",
                     bytes, most));
  ProtobufMessage model;
  model.number(1, ir_version).bytes(2, "understudy").bytes(3, "");
  model.message(7, Writer(graph).graph(name.empty() ? "model" : name));
  model.message(8, ProtobufMessage().bytes(1, "").number(2, operator_set));
  model.message(14, ProtobufMessage().bytes(1, "card").bytes(2, card));
  return model.bytes();
}

}  // namespace understudy::surrogates
