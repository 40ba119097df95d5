#include "surrogates/portable/torch_graph.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

#include "core/format.hpp"

namespace understudy::surrogates {

namespace {

using Shape = std::vector<std::int64_t>;

[[noreturn]] void refuse(const std::string& what) { throw std::logic_error("graph: " + what); }

Shape broadcast(const Shape& a, const Shape& b) {
  Shape shape(std::max(a.size(), b.size()));
  for (std::size_t n = 0; n < shape.size(); ++n) {
    const std::int64_t x = n < a.size() ? a[a.size() - 1 - n] : 1;
    const std::int64_t y = n < b.size() ? b[b.size() - 1 - n] : 1;
    if (x != y && x != 1 && y != 1)
      refuse(core::format("lengths {} and {} do not go together", x, y));
    shape[shape.size() - 1 - n] = x == 1 ? y : x;
  }
  return shape;
}

Value made(const std::vector<Value>& from, Operation operation, Shape shape, Shape numbers = {}) {
  Node node{.operation = operation, .numbers = std::move(numbers), .shape = std::move(shape)};
  for (const Value& value : from) node.from.push_back(value.node);
  return from.front().graph->add(std::move(node));
}

Value binary(Operation operation, const Value& a, const Value& b) {
  return made({a, b}, operation, broadcast(a.shape(), b.shape()));
}

}  // namespace

const Shape& Value::shape() const { return graph->nodes().at(node).shape; }

Value Graph::add(Node node) {
  nodes_.push_back(std::move(node));
  return {this, static_cast<int>(nodes_.size()) - 1};
}

Value Graph::input(const std::string& name, Shape shape) {
  return add({.operation = Operation::input, .shape = std::move(shape), .name = name});
}

Value Graph::constant(const std::string& name, const at::Tensor& value) {
  const auto [found, is_new] = constants_.emplace(name, static_cast<int>(nodes_.size()));
  if (!is_new) return {this, found->second};
  const at::ScalarType type = value.scalar_type() == at::kLong ? at::kLong : at::kFloat;
  // A copy: weights are slices of one tensor, and a file would keep all of it for each.
  return add({.operation = Operation::constant,
              .shape = value.sizes().vec(),
              .name = name,
              .value = value.detach().to(at::kCPU, type).contiguous().clone()});
}

Value Graph::number(double value) {
  std::string name = core::format("number_{}", value);
  for (char& c : name) c = c == '.' || c == '+' ? '_' : c == '-' ? 'm' : c;
  return constant(name, at::scalar_tensor(value, at::kDouble));
}

std::vector<int> Graph::inputs() const {
  std::vector<int> found;
  for (std::size_t n = 0; n < nodes_.size(); ++n)
    if (nodes_[n].operation == Operation::input) found.push_back(static_cast<int>(n));
  return found;
}

void Graph::prune() {
  std::vector<bool> wanted(nodes_.size(), false);
  for (const auto& [name, node] : outputs_) wanted[node] = true;
  for (std::size_t n = nodes_.size(); n-- > 0;)
    if (wanted[n])
      for (const int from : nodes_[n].from) wanted[from] = true;
  std::vector<int> place(nodes_.size(), -1);
  std::vector<Node> kept;
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    if (!wanted[n]) continue;
    place[n] = static_cast<int>(kept.size());
    kept.push_back(std::move(nodes_[n]));
    for (int& from : kept.back().from) from = place[from];
  }
  nodes_ = std::move(kept);
  for (auto& [name, node] : outputs_) node = place[node];
  constants_.clear();
}

Value operator+(const Value& a, const Value& b) { return binary(Operation::add, a, b); }
Value operator-(const Value& a, const Value& b) { return binary(Operation::subtract, a, b); }
Value operator*(const Value& a, const Value& b) { return binary(Operation::multiply, a, b); }
Value operator/(const Value& a, const Value& b) { return binary(Operation::divide, a, b); }

Value matmul(const Value& a, const Value& b) {
  Shape x = a.shape(), y = b.shape();
  if (x.size() < 2 || y.size() < 2 || x.back() != y[y.size() - 2])
    refuse("matrices that do not go together");
  const std::int64_t rows = x[x.size() - 2], columns = y.back();
  x.resize(x.size() - 2);
  y.resize(y.size() - 2);
  Shape shape = broadcast(x, y);
  shape.insert(shape.end(), {rows, columns});
  return made({a, b}, Operation::matmul, shape);
}

Value linear(const Value& x, const Value& weight, const Value& bias) {
  if (x.shape().size() != 2 || x.size(1) != weight.size(1))
    refuse("a linear map of another length");
  return made({x, weight, bias}, Operation::linear, {x.size(0), weight.size(0)});
}

Value convolve(const Value& x, const Value& weight, const Value& bias) {
  if (x.shape().size() != weight.shape().size() || x.size(1) != weight.size(1))
    refuse("a convolution of other channels");
  Shape shape{x.size(0), weight.size(0)};
  for (std::size_t axis = 2; axis < x.shape().size(); ++axis)
    shape.push_back(x.size(axis) - weight.size(axis) + 1);
  return made({x, weight, bias}, Operation::convolve, shape);
}

Value unary(Operation operation, const Value& x) { return made({x}, operation, x.shape()); }

Value activate(const std::string& name, const Value& x) {
  if (name == "gelu") return unary(Operation::gelu, x);
  if (name == "tanh") return unary(Operation::tanh, x);
  return unary(name == "relu" ? Operation::relu : Operation::silu, x);
}

Value mean(const Value& x, Shape axes) {
  Shape shape = x.shape();
  for (const auto axis : axes) shape.at(axis) = 1;
  return made({x}, Operation::mean, shape, std::move(axes));
}

Value halve(const Value& x) {
  Shape shape = x.shape();
  for (std::size_t axis = 2; axis < shape.size(); ++axis) shape[axis] /= 2;
  return made({x}, Operation::halve, shape);
}

Value doubled(const Value& x) {
  Shape shape = x.shape();
  for (std::size_t axis = 2; axis < shape.size(); ++axis) shape[axis] *= 2;
  return made({x}, Operation::doubled, shape);
}

Value concat(const std::vector<Value>& parts, std::int64_t axis) {
  if (parts.size() == 1) return parts.front();
  Shape shape = parts.front().shape();
  shape.at(axis) = 0;
  for (const Value& part : parts) shape[axis] += part.size(axis);
  return made(parts, Operation::concat, shape, {axis});
}

Value slice(const Value& x, std::int64_t axis, std::int64_t begin, std::int64_t end) {
  if (begin < 0 || end > x.size(axis) || begin >= end) refuse("a slice beyond its axis");
  if (begin == 0 && end == x.size(axis)) return x;
  Shape shape = x.shape();
  shape.at(axis) = end - begin;
  return made({x}, Operation::slice, shape, {axis, begin, end});
}

Value take(const Value& x, std::int64_t axis, const Shape& places) {
  for (const auto place : places)
    if (place < 0 || place >= x.size(axis)) refuse("a place beyond its axis");
  // The same places are asked for again and again: at every convolution of a level.
  std::string name = "places";
  const at::Tensor index = at::tensor(places, at::kLong);
  std::uint64_t hash = 14695981039346656037ULL;
  for (const auto place : places)
    hash = (hash ^ static_cast<std::uint64_t>(place)) * 1099511628211ULL;
  name += core::format("_{}_{:016x}", places.size(), hash);
  Shape shape = x.shape();
  shape.at(axis) = static_cast<std::int64_t>(places.size());
  return made({x, x.graph->constant(name, index)}, Operation::take, shape, {axis});
}

Value reshape(const Value& x, Shape shape) {
  return made({x}, Operation::reshape, std::move(shape));
}

Value permute(const Value& x, Shape axes) {
  Shape shape;
  for (const auto axis : axes) shape.push_back(x.size(axis));
  return made({x}, Operation::permute, shape, std::move(axes));
}

Value repeat(const Value& batch, const Value& constant) {
  Shape shape = constant.shape();
  shape.at(0) = -1;
  return made({batch, constant}, Operation::repeat, shape);
}

Value unfold_patches(const Value& x, std::int64_t p) {
  if (p == 1) return x;
  const auto axes = static_cast<std::int64_t>(x.shape().size()) - 2;
  std::int64_t channels = x.size(1);
  for (std::int64_t n = 0; n < axes; ++n) channels /= p;
  Shape split{-1, channels}, order{0, 1}, whole{-1, channels};
  for (std::int64_t n = 0; n < axes; ++n) {
    split.push_back(p);
    order.insert(order.end(), {2 + axes + n, 2 + n});
    whole.push_back(x.size(2 + n) * p);
  }
  split.insert(split.end(), x.shape().begin() + 2, x.shape().end());
  return reshape(permute(reshape(x, split), order), whole);
}

Value fold_patches(const Value& x, std::int64_t p) {
  if (p == 1) return x;
  const auto axes = static_cast<std::int64_t>(x.shape().size()) - 2;
  Shape split{-1, x.size(1)}, order{0, 1}, cells{0, 1}, whole{-1, x.size(1)};
  for (std::int64_t n = 0; n < axes; ++n) {
    split.insert(split.end(), {x.size(2 + n) / p, p});
    order.push_back(3 + 2 * n);
    cells.push_back(2 + 2 * n);
    whole[1] *= p;
    whole.push_back(x.size(2 + n) / p);
  }
  order.insert(order.end(), cells.begin() + 2, cells.end());
  return reshape(permute(reshape(x, split), order), whole);
}

}  // namespace understudy::surrogates
