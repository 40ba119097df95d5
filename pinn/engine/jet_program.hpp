// A network as a list of operations on jets: what the executor (torch_jet_network.hpp) runs tile by tile,
// forward and backward. Registers hold [channel, point, width]; register 0 is the input. Each operation
// writes a new register.
//
//   linear    out = in W^T + b      W [out width, in width], b [out width] on the value only; b may lack
//   activate  out = s(in)           Faa di Bruno's formula along every direction
//   waves     out = [cos in, sin in], twice the width (random Fourier features)
//   gate      out = h u + (1 - h) v               Leibniz (Wang, Teng & Perdikaris 2021, eq. 43)
//   mix       out = alpha h + (1 - alpha) x       alpha one weight (Wang et al. 2024, PirateNets, eq. 4.6)
#pragma once

#include <string>
#include <vector>

namespace understudy::pinn {

enum class Activation { tanh, sin, silu };

struct JetOp {
  enum class Kind { linear, activate, waves, gate, mix };
  Kind kind = Kind::linear;
  int out = 0, in = 0;          ///< registers; gate: in is h; mix: in is h
  int second = -1, third = -1;  ///< registers; gate: u, v; mix: second is x
  int weight = -1, bias = -1;   ///< entries of the weights; mix: weight is alpha
  Activation activation = Activation::tanh;
};

struct JetWeight {
  std::string name;
  std::vector<long long> shape;
  bool trained = true;
};

struct JetProgram {
  std::vector<int> widths;  ///< of the registers
  std::vector<JetOp> ops;
  std::vector<JetWeight> weights;
  int output = 0;  ///< register

  /// Register of the result; each appends.
  int linear(int in, int width, const std::string& name, bool bias = true, bool trained = true);
  int activate(int in, Activation activation);
  int waves(int in);
  int gate(int h, int u, int v);
  int mix(int h, int x, const std::string& name);

  /// Multiplications and additions of one forward pass for one point and channel, linear ones only.
  double operations() const;

 private:
  int reg(int width);
};

/// "tanh", "sin", "silu"; UserError for others.
Activation activation_of(const std::string& name);

}  // namespace understudy::pinn
