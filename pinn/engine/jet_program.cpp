#include "pinn/engine/jet_program.hpp"

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::pinn {

int JetProgram::reg(int width) {
  widths.push_back(width);
  return int(widths.size()) - 1;
}

int JetProgram::linear(int in, int width, const std::string& name, bool bias, bool trained) {
  JetOp op;
  op.in = in;
  op.weight = int(weights.size());
  weights.push_back({name + ".weight", {width, widths[std::size_t(in)]}, trained});
  if (bias) {
    op.bias = int(weights.size());
    weights.push_back({name + ".bias", {width}, trained});
  }
  op.out = reg(width);
  ops.push_back(op);
  return op.out;
}

int JetProgram::activate(int in, Activation activation) {
  JetOp op;
  op.kind = JetOp::Kind::activate;
  op.in = in;
  op.activation = activation;
  op.out = reg(widths[std::size_t(in)]);
  ops.push_back(op);
  return op.out;
}

int JetProgram::waves(int in) {
  JetOp op;
  op.kind = JetOp::Kind::waves;
  op.in = in;
  op.out = reg(2 * widths[std::size_t(in)]);
  ops.push_back(op);
  return op.out;
}

int JetProgram::gate(int h, int u, int v) {
  JetOp op;
  op.kind = JetOp::Kind::gate;
  op.in = h;
  op.second = u;
  op.third = v;
  op.out = reg(widths[std::size_t(h)]);
  ops.push_back(op);
  return op.out;
}

int JetProgram::mix(int h, int x, const std::string& name) {
  JetOp op;
  op.kind = JetOp::Kind::mix;
  op.in = h;
  op.second = x;
  op.weight = int(weights.size());
  weights.push_back({name, {1}, true});
  op.out = reg(widths[std::size_t(h)]);
  ops.push_back(op);
  return op.out;
}

double JetProgram::operations() const {
  double sum = 0;
  for (const JetOp& op : ops)
    if (op.kind == JetOp::Kind::linear)
      sum += 2.0 * widths[std::size_t(op.in)] * widths[std::size_t(op.out)];
  return sum;
}

Activation activation_of(const std::string& name) {
  if (name == "tanh") return Activation::tanh;
  if (name == "sin") return Activation::sin;
  if (name == "silu") return Activation::silu;
  throw core::UserError(core::format("there is no activation '{}'; tanh, sin, silu", name));
}

}  // namespace understudy::pinn
