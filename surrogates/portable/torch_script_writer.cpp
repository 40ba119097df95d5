#include "surrogates/portable/torch_script_writer.hpp"

#include <ATen/core/jit_type.h>

#include <cctype>

#include "core/format.hpp"

namespace understudy::surrogates {

namespace {

// As Python's names are.
std::string identifier(std::string name) {
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return "c_" + name;
}

std::string list(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (const auto n : numbers) text += (text.empty() ? "" : ", ") + std::to_string(n);
  return "[" + text + "]";
}

class Source {
 public:
  explicit Source(const Graph& graph) : graph_(graph) {}

  std::string text() const {
    std::string arguments, type, results;
    for (const int n : graph_.inputs()) arguments += ", " + name(n) + ": Tensor";
    for (const auto& [output, node] : graph_.outputs()) {
      type += (type.empty() ? "" : ", ") + std::string("Tensor");
      results += (results.empty() ? "" : ", ") + name(node);
    }
    if (graph_.outputs().size() > 1) type = "Tuple[" + type + "]";
    std::string text = "def forward(self" + arguments + ") -> " + type + ":\n";
    for (std::size_t n = 0; n < graph_.nodes().size(); ++n) {
      const Node& node = graph_.nodes()[n];
      if (node.operation == Operation::input || node.operation == Operation::constant) continue;
      text += "    " + name(static_cast<int>(n)) + " = " + expression(node) + "\n";
    }
    return text + "    return " + results + "\n";
  }

 private:
  std::string name(int n) const {
    const Node& node = graph_.nodes().at(n);
    if (node.operation == Operation::input) return node.name;
    if (node.operation == Operation::constant) return "self." + identifier(node.name);
    return "v" + std::to_string(n);
  }

  std::string called(const char* function, const Node& node, const std::string& more = "") const {
    std::string text = "torch." + std::string(function) + "(";
    for (std::size_t n = 0; n < node.from.size(); ++n)
      text += (n > 0 ? ", " : "") + name(node.from[n]);
    return text + (more.empty() ? "" : ", " + more) + ")";
  }

  std::string expression(const Node& node) const {
    using enum Operation;
    const auto& numbers = node.numbers;
    switch (node.operation) {
      case add:
        return called("add", node);
      case subtract:
        return called("sub", node);
      case multiply:
        return called("mul", node);
      case divide:
        return called("div", node);
      case matmul:
        return called("matmul", node);
      case linear:
        return called("linear", node);
      case convolve:
        return called(node.shape.size() == 4 ? "conv2d" : "conv3d", node);
      case silu:
        return called("silu", node);
      case gelu:
        return called("gelu", node);
      case relu:
        return called("relu", node);
      case tanh:
        return called("tanh", node);
      case sqrt:
        return called("sqrt", node);
      case mean:
        return called("mean", node, list(numbers) + ", True");
      case halve:
        return node.shape.size() == 4 ? called("avg_pool2d", node, "[2, 2]")
                                      : called("avg_pool3d", node, "[2, 2, 2]");
      case doubled:
        return called(node.shape.size() == 4 ? "upsample_nearest2d" : "upsample_nearest3d", node,
                      list({node.shape.begin() + 2, node.shape.end()}));
      case slice:
        return called("narrow", node,
                      core::format("{}, {}, {}", numbers[0], numbers[1], numbers[2] - numbers[1]));
      case reshape:
        return called("reshape", node, list(node.shape));
      case permute:
        return called("permute", node, list(numbers));
      case concat: {
        std::string parts;
        for (const int from : node.from) parts += (parts.empty() ? "" : ", ") + name(from);
        return core::format("torch.cat([{}], {})", parts, numbers[0]);
      }
      case take:
        return core::format("torch.index_select({}, {}, {})", name(node.from[0]), numbers[0],
                            name(node.from[1]));
      case repeat: {
        const auto rest = std::vector<std::int64_t>(node.shape.begin() + 1, node.shape.end());
        return core::format("{}.expand([{}.size(0), {})", name(node.from[1]), name(node.from[0]),
                            list(rest).substr(1));
      }
      case input:
      case constant:
        break;
    }
    return "";
  }

  const Graph& graph_;
};

}  // namespace

torch::jit::Module script_of(const Graph& graph, const std::string& card) {
  torch::jit::Module module("understudy_model");
  for (const Node& node : graph.nodes())
    if (node.operation == Operation::constant)
      module.register_buffer(identifier(node.name), node.value);
  module.register_attribute("card", c10::StringType::get(), card);
  module.define(Source(graph).text());
  module.eval();
  return module;
}

}  // namespace understudy::surrogates
