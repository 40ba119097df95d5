// A model as a list of operations on arrays, each after those whose results it takes (private to surrogates/):
// what torch_script_writer.hpp and torch_onnx_writer.hpp print as files for other programs. The first axis of what
// depends on an input is the batch, of any length; all other lengths are known and kept with every node.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace understudy::surrogates {

enum class Operation {
  input,
  constant,
  add,  ///< this one and the three after it broadcast as NumPy does
  subtract,
  multiply,
  divide,
  matmul,    ///< of the last two axes; those before them broadcast
  linear,    ///< x [batch, in], weight [out, in], bias [out]
  convolve,  ///< x [batch, in, (z,) y, x], weight [out, in, (z,) y, x], bias [out]; no padding
  silu,      ///< x sigmoid(x)
  gelu,      ///< by erf
  relu,
  tanh,
  sqrt,
  mean,     ///< over the axes `numbers`, which stay with length 1
  halve,    ///< mean over 2 x 2 (x 2) of all axes behind batch and channel
  doubled,  ///< each value twice along these axes
  concat,   ///< along the axis numbers[0]
  slice,    ///< of the axis numbers[0] from numbers[1] up to numbers[2]
  take,     ///< of the axis numbers[0] the places that the second input, integers, names
  reshape,  ///< to `shape`
  permute,  ///< axes in the order `numbers`
  repeat  ///< the second input, of length 1 along its first axis, as often as the first one's batch is long
};

struct Node {
  Operation operation = Operation::constant;
  std::vector<int> from = {};
  std::vector<std::int64_t> numbers = {};
  std::vector<std::int64_t> shape = {};  ///< -1: the batch, or a multiple of it
  std::string name = {};                 ///< of inputs and constants
  at::Tensor value = {};                 ///< of constants: float32, or int64 for `take`
};

class Graph;

/// A node's result. Belongs to its graph.
struct Value {
  Graph* graph = nullptr;
  int node = -1;
  bool exists() const { return graph != nullptr; }
  const std::vector<std::int64_t>& shape() const;
  std::int64_t size(std::size_t axis) const { return shape().at(axis); }
};

class Graph {
 public:
  /// `shape`: -1 first.
  Value input(const std::string& name, std::vector<std::int64_t> shape);
  /// Floating-point values become float32. A name that is there already is the constant from before.
  Value constant(const std::string& name, const at::Tensor& value);
  Value number(double value);
  Value add(Node node);
  void output(const std::string& name, const Value& value) {
    outputs_.emplace_back(name, value.node);
  }

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<std::pair<std::string, int>>& outputs() const { return outputs_; }
  std::vector<int> inputs() const;
  /// Leaves out what no output needs; inputs, too.
  void prune();

 private:
  std::vector<Node> nodes_;
  std::map<std::string, int> constants_;
  std::vector<std::pair<std::string, int>> outputs_;
};

Value operator+(const Value& a, const Value& b);
Value operator-(const Value& a, const Value& b);
Value operator*(const Value& a, const Value& b);
Value operator/(const Value& a, const Value& b);
Value matmul(const Value& a, const Value& b);
Value linear(const Value& x, const Value& weight, const Value& bias);
Value convolve(const Value& x, const Value& weight, const Value& bias);
Value unary(Operation operation, const Value& x);
/// silu, gelu, relu or tanh.
Value activate(const std::string& name, const Value& x);
Value mean(const Value& x, std::vector<std::int64_t> axes);
Value halve(const Value& x);
Value doubled(const Value& x);
Value concat(const std::vector<Value>& parts, std::int64_t axis);
Value slice(const Value& x, std::int64_t axis, std::int64_t begin, std::int64_t end);
Value take(const Value& x, std::int64_t axis, const std::vector<std::int64_t>& places);
Value reshape(const Value& x, std::vector<std::int64_t> shape);
Value permute(const Value& x, std::vector<std::int64_t> axes);
Value repeat(const Value& batch, const Value& constant);
/// [batch, channel p p (p), (z,) y, x] -> [batch, channel, (z p,) y p, x p] as torch's pixel_shuffle (in a volume:
/// torch_convolution.hpp), and back.
Value unfold_patches(const Value& x, std::int64_t patch);
Value fold_patches(const Value& x, std::int64_t patch);

}  // namespace understudy::surrogates
