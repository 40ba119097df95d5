#include "pinn/engine/jet_spec.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::pinn {

namespace {

// One term of a combination: weight * D^order along the vector.
struct Term {
  double weight;
  std::vector<double> vector;
  int order;
};

std::vector<double> along(int inputs, int axis, int other = -1, double sign = 0) {
  std::vector<double> v(std::size_t(inputs), 0.0);
  v[std::size_t(axis)] = 1;
  if (other >= 0) v[std::size_t(other)] = sign;
  return v;
}

std::string text(const Derivative& derivative) {
  std::string list;
  for (const int axis : derivative) list += (list.empty() ? "" : ", ") + std::to_string(axis);
  return "{" + list + "}";
}

// Empty: no combination is known.
std::vector<Term> terms_of(int inputs, const Derivative& derivative) {
  std::map<int, int> powers;
  for (const int axis : derivative) {
    if (axis < 0 || axis >= inputs)
      throw core::UserError(
          core::format("derivative {}: there are inputs 0 to {}", text(derivative), inputs - 1));
    ++powers[axis];
  }
  const int order = int(derivative.size());
  if (powers.size() == 1) return {{1, along(inputs, powers.begin()->first), order}};
  if (powers.size() != 2) return {};
  int a = powers.begin()->first, m = powers.begin()->second;
  int b = powers.rbegin()->first, n = powers.rbegin()->second;
  if (m < n) {
    std::swap(a, b);
    std::swap(m, n);
  }
  const auto x = along(inputs, a), y = along(inputs, b);
  const auto plus = along(inputs, std::min(a, b), std::max(a, b), 1);
  const auto minus = along(inputs, std::min(a, b), std::max(a, b), -1);
  if (m == 1 && n == 1) return {{0.5, plus, 2}, {-0.5, x, 2}, {-0.5, y, 2}};
  if (m == 2 && n == 1) {
    // D3 along x - y = xxx - 3 xxy + 3 xyy - yyy: for a > b it is minus that of y - x.
    const double sign = a < b ? 1 : -1;
    return {{1.0 / 6, plus, 3}, {-sign / 6, minus, 3}, {-1.0 / 3, y, 3}};
  }
  if (m == 2 && n == 2)
    return {{1.0 / 12, plus, 4}, {1.0 / 12, minus, 4}, {-1.0 / 6, x, 4}, {-1.0 / 6, y, 4}};
  return {};
}

}  // namespace

JetSpec::JetSpec(int inputs) : inputs_(inputs) {}

JetSpec::JetSpec(int inputs, const std::vector<Derivative>& wanted) : inputs_(inputs) {
  for (const Derivative& derivative : wanted) {
    if (derivative.empty()) continue;
    const auto terms = terms_of(inputs, derivative);
    if (terms.empty() || int(derivative.size()) > most_order)
      throw core::UserError(core::format(
          "derivative {} cannot be formed: pure ones go up to order {}, mixed ones are of the "
          "forms xy, xxy and xxyy",
          text(derivative), most_order));
    for (const Term& term : terms) add(term.vector, term.order);
  }
  for (const auto& direction : directions_) channels_ += direction.order;
}

int JetSpec::add(const std::vector<double>& vector, int order) {
  for (std::size_t d = 0; d < directions_.size(); ++d)
    if (directions_[d].vector == vector) {
      directions_[d].order = std::max(directions_[d].order, order);
      return int(d);
    }
  directions_.push_back({vector, order});
  return int(directions_.size()) - 1;
}

int JetSpec::find(const std::vector<double>& vector, int order) const {
  for (std::size_t d = 0; d < directions_.size(); ++d)
    if (directions_[d].vector == vector && directions_[d].order >= order) return int(d);
  return -1;
}

int JetSpec::channel(int direction, int order) const {
  if (order == 0) return 0;
  int channel = 1;
  for (int d = 0; d < direction; ++d) channel += directions_[std::size_t(d)].order;
  return channel + order - 1;
}

std::vector<std::pair<int, double>> JetSpec::combination(const Derivative& derivative) const {
  if (derivative.empty()) return {{0, 1.0}};
  std::vector<std::pair<int, double>> result;
  for (const Term& term : terms_of(inputs_, derivative)) {
    const int direction = find(term.vector, term.order);
    if (direction < 0) {
      result.clear();
      break;
    }
    result.push_back({channel(direction, term.order), term.weight});
  }
  if (result.empty())
    throw core::UserError(core::format("derivative {} is not carried here", text(derivative)));
  return result;
}

std::vector<int> JetSpec::orders() const {
  std::vector<int> result;
  for (const auto& direction : directions_) result.push_back(direction.order);
  return result;
}

bool JetSpec::operator==(const JetSpec& other) const {
  if (inputs_ != other.inputs_ || directions_.size() != other.directions_.size()) return false;
  for (std::size_t d = 0; d < directions_.size(); ++d)
    if (directions_[d].vector != other.directions_[d].vector ||
        directions_[d].order != other.directions_[d].order)
      return false;
  return true;
}

}  // namespace understudy::pinn
