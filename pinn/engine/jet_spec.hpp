// Which derivatives of a field with respect to its inputs are carried through a network, and how they are
// laid out. Taylor-mode differentiation (Griewank & Walther 2008, chapter 13; Bettencourt, Johnson &
// Duvenaud 2019) propagates the derivatives D^j along a direction v,
//
//   D^j u = d^j/ds^j u(x + s v) at s = 0,   j = 1 ... order,
//
// together: one *channel* for the value and one for each order of each direction,
//
//   channel 0: u;   then for every direction its orders 1 ... order, one after the other.
//
// Pure derivatives are directions along an axis. Mixed ones are combinations of directions e_i +- e_j
// (polarisation):
//
//   u_xy   = (D2[x+y] - D2[x] - D2[y]) / 2
//   u_xxy  = ((D3[x+y] - D3[x-y]) / 2 - D3[y]) / 3
//   u_xxyy = (D4[x+y] + D4[x-y] - 2 D4[x] - 2 D4[y]) / 12
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace understudy::pinn {

inline constexpr int most_order = 4;

/// A derivative with respect to these inputs, in any order: {0, 0, 1} is u_xxy. Empty: the value.
using Derivative = std::vector<int>;

struct JetDirection {
  std::vector<double> vector;  ///< [input]
  int order = 1;               ///< highest, 1 ... most_order
};

class JetSpec {
 public:
  /// The value alone.
  explicit JetSpec(int inputs = 1);
  /// The least set of directions that gives all of `wanted`. UserError for one beyond what the
  /// combinations above reach (naming it).
  JetSpec(int inputs, const std::vector<Derivative>& wanted);

  int inputs() const { return inputs_; }
  const std::vector<JetDirection>& directions() const { return directions_; }
  int channels() const { return channels_; }
  /// Channel of D^order along `direction`; order 0: the value's, 0.
  int channel(int direction, int order) const;
  /// The derivative as a sum of weight * channel. UserError when it is not carried.
  std::vector<std::pair<int, double>> combination(const Derivative& derivative) const;
  /// Orders of the directions, which is all that a network needs to know.
  std::vector<int> orders() const;
  bool operator==(const JetSpec& other) const;

 private:
  int add(const std::vector<double>& vector, int order);
  int find(const std::vector<double>& vector, int order) const;

  int inputs_ = 1, channels_ = 1;
  std::vector<JetDirection> directions_;
};

}  // namespace understudy::pinn
