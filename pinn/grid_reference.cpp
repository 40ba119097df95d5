#include "pinn/grid_reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "pinn/samples.hpp"

namespace understudy::pinn {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Stencil {
  std::size_t first = 0;
  std::vector<double> weights;  ///< empty: outside of the axis
};

Stencil stencil(const std::vector<double>& axis, double at) {
  if (!(at >= axis.front() && at <= axis.back())) return {};
  const std::size_t width = std::min<std::size_t>(4, axis.size());
  const auto above = std::size_t(std::ranges::upper_bound(axis, at) - axis.begin());
  Stencil s;
  s.first = std::min(above >= width / 2 ? above - width / 2 : 0, axis.size() - width);
  for (std::size_t n = 0; n < width; ++n) {
    double weight = 1;
    for (std::size_t m = 0; m < width; ++m)
      if (m != n) weight *= (at - axis[s.first + m]) / (axis[s.first + n] - axis[s.first + m]);
    s.weights.push_back(weight);
  }
  return s;
}

Samples table_of(const std::filesystem::path& table, const std::vector<InputInfo>& inputs,
                 const std::vector<UnknownInfo>& fields) {
  if (std::filesystem::is_directory(table))
    throw core::UserError(core::format(
        "{}: is a folder; a reference is read from a table (CSV) with inputs and fields as columns",
        table.string()));
  SampleRequest request{.file = table, .inputs = inputs, .measured = {}};
  for (const auto& field : fields) {
    request.measured.push_back(field.name);
    request.units.push_back(field.unit);
  }
  return read_samples(request);
}

}  // namespace

GridReference::GridReference(const std::filesystem::path& table,
                             const std::vector<InputInfo>& inputs,
                             const std::vector<UnknownInfo>& fields) {
  const Samples rows = table_of(table, inputs, fields);
  double nodes = 1;  // scattered points would make more than there is memory for
  std::string sizes;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::vector<double> axis = rows.columns[i];
    std::ranges::sort(axis);
    axis.erase(std::unique(axis.begin(), axis.end()), axis.end());
    sizes += core::format("{}{} of {}", i > 0 ? ", " : "", axis.size(), inputs[i].name);
    nodes *= double(axis.size());
    axes_.push_back(std::move(axis));
  }
  const bool one_each = nodes == double(rows.count());
  values_.assign(fields.size(), std::vector<double>(one_each ? rows.count() : 0, unknown));
  std::vector<double> point(inputs.size());
  std::size_t filled = 0;
  for (std::size_t row = 0; one_each && row < rows.count(); ++row) {
    for (std::size_t i = 0; i < inputs.size(); ++i) point[i] = rows.columns[i][row];
    const std::size_t node = place(point);
    filled += std::size_t(fields.empty() || std::isnan(values_[0][node]));
    for (std::size_t f = 0; f < fields.size(); ++f)
      values_[f][node] = rows.columns[inputs.size() + f][row];
  }
  if (!one_each || filled != rows.count())
    throw core::UserError(core::format(
        "{}: its {} rows are no grid: the different places are {}, which make {:.15g} points, "
        "one row each",
        table.string(), rows.count(), sizes, nodes));
}

std::size_t GridReference::place(const std::vector<double>& point) const {
  std::size_t node = 0, stride = 1;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    node += stride * std::size_t(std::ranges::lower_bound(axes_[i], point[i]) - axes_[i].begin());
    stride *= axes_[i].size();
  }
  return node;
}

std::vector<std::vector<double>> GridReference::at(
    const std::vector<std::vector<double>>& points) const {
  std::vector<std::vector<double>> result(values_.size());
  for (const auto& point : points) {
    // Nodes around the point and their weights, an axis after the other.
    std::vector<std::pair<std::size_t, double>> nodes{{0, 1}};
    std::size_t stride = 1;
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      const Stencil s = stencil(axes_[i], point[i]);
      std::vector<std::pair<std::size_t, double>> more;
      for (std::size_t n = 0; n < s.weights.size(); ++n)
        for (const auto& [node, weight] : nodes)
          more.emplace_back(node + stride * (s.first + n), weight * s.weights[n]);
      nodes = std::move(more);
      stride *= axes_[i].size();
    }
    for (std::size_t f = 0; f < values_.size(); ++f) {
      double sum = 0;
      for (const auto& [node, weight] : nodes) sum += weight * values_[f][node];
      result[f].push_back(nodes.empty() ? unknown : sum);
    }
  }
  return result;
}

}  // namespace understudy::pinn
