#include "apps/pinn/pinn_fields.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/report/report_format.hpp"
#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

using Kind = PinnQuantity::Kind;

std::string file_name(std::string name) {
  std::ranges::replace(name, '.', '_');
  return name;
}

double mean_where_known(const std::vector<double>& values, const std::vector<double>& known) {
  double sum = 0, count = 0;
  for (std::size_t n = 0; n < values.size(); ++n)
    if (std::isfinite(known[n])) {
      sum += values[n];
      ++count;
    }
  return count > 0 ? sum / count : 0;
}

void add_field(PinnFields& fields, const pinn::ProblemDescription& about, std::size_t f,
               const std::vector<double>& mine, std::vector<double> truth) {
  const auto& info = about.fields[f];
  fields.quantities.push_back({info.name, info.unit, Kind::solution, info.name, mine});
  const bool known = std::ranges::any_of(truth, [](double t) { return std::isfinite(t); });
  if (!known) return;
  if (std::ranges::find(about.mean_free, info.name) != about.mean_free.end()) {
    const double shift = mean_where_known(mine, truth) - mean_where_known(truth, truth);
    for (double& t : truth) t += shift;
  }
  std::vector<double> error(mine.size());
  for (std::size_t n = 0; n < mine.size(); ++n) error[n] = mine[n] - truth[n];
  fields.quantities.push_back(
      {info.name + "_reference", info.unit, Kind::reference, info.name, std::move(truth)});
  fields.quantities.push_back(
      {info.name + "_error", info.unit, Kind::error, info.name, std::move(error)});
}

}  // namespace

int PinnFields::time_axis() const {
  for (std::size_t a = 0; a < inputs.size(); ++a)
    if (inputs[a].is_time) return int(a);
  return -1;
}

std::vector<int> PinnFields::space() const {
  std::vector<int> axes;
  for (std::size_t a = 0; a < inputs.size(); ++a)
    if (int(a) != time_axis()) axes.push_back(int(a));
  return axes;
}

const PinnQuantity* PinnFields::find(Kind kind, const std::string& of) const {
  for (const auto& quantity : quantities)
    if (quantity.kind == kind && quantity.of == of) return &quantity;
  return nullptr;
}

std::vector<int> evaluation_counts(const pinn::ProblemDescription& about) {
  if (about.evaluation.size() == about.inputs.size()) return about.evaluation;
  constexpr double enough = 10000;
  const double each = std::pow(enough, 1.0 / double(about.inputs.size()));
  return std::vector<int>(about.inputs.size(), std::max(3, std::min(1001, int(each))));
}

std::vector<int> output_points(const PinnJob& job, const pinn::ProblemDescription& about) {
  const auto& asked = job.deck.output.points;
  if (asked.empty()) return evaluation_counts(about);
  if (asked.size() != about.inputs.size()) {
    std::string names;
    for (const auto& input : about.inputs) names += (names.empty() ? "" : ", ") + input.name;
    throw core::UserError(
        core::format("output.points has {} entries; problem {} has {} inputs ({}), one entry each",
                     asked.size(), about.name, about.inputs.size(), names));
  }
  double total = 1;
  for (const long long n : asked) total *= double(n);
  constexpr double most = 2e7;
  if (total > most)
    throw core::UserError(
        core::format("output.points are {} in all; at most {} are written", total, most));
  return {asked.begin(), asked.end()};
}

PinnFields sample(const PinnJob& job, const pinn::ProblemDescription& about,
                  const pinn::Solution& solution) {
  PinnFields fields;
  fields.inputs = about.inputs;
  fields.counts = output_points(job, about);
  for (std::size_t a = 0; a < about.inputs.size(); ++a) {
    const auto& input = about.inputs[a];
    const int n = fields.counts[a];
    fields.spacing.push_back((input.upper - input.lower) / std::max(1, n - 1));
    fields.first.push_back(n > 1 ? input.lower : (input.lower + input.upper) / 2);
  }
  const pinn::Points points = pinn::grid_points(about.inputs, fields.counts);
  const pinn::Columns mine = solution.fields(points);
  const pinn::Columns truth = pinn::reference(solution.problem(), points);
  const pinn::Columns residuals = solution.residuals(points);
  for (std::size_t f = 0; f < about.fields.size(); ++f)
    add_field(fields, about, f, mine[f],
              f < truth.size()
                  ? truth[f]
                  : std::vector<double>(points.size(), std::numeric_limits<double>::quiet_NaN()));
  for (std::size_t r = 0; r < about.residuals.size() && r < residuals.size(); ++r)
    fields.quantities.push_back({"residual_" + file_name(about.residuals[r]),
                                 about.residual_units[r], Kind::residual, about.residuals[r],
                                 residuals[r]});
  return fields;
}

std::vector<PinnView> views(const PinnFields& fields) {
  const auto space = fields.space();
  const int time = fields.time_axis();
  if (fields.inputs.size() < 2) return {};
  PinnView view;
  view.across = space[0];
  view.up = space.size() > 1 ? space[1] : time;
  for (const int n : fields.counts) view.at.push_back(n / 2);
  if (time < 0 || view.up == time) return {view};
  std::vector<PinnView> all;
  const int last = fields.counts[std::size_t(time)] - 1;
  for (const int n : {0, last / 2, last}) {
    if (!all.empty() && all.back().at[std::size_t(time)] == n) continue;
    view.at[std::size_t(time)] = n;
    view.title = core::format("{} = {}", fields.inputs[std::size_t(time)].name,
                              report::with_unit(report::number(fields.coordinate(time, n), 4),
                                                fields.inputs[std::size_t(time)].unit));
    all.push_back(view);
  }
  return all;
}

mesh::Slice slice(const PinnFields& fields, const std::vector<double>& values,
                  const PinnView& view) {
  std::vector<std::size_t> stride;
  std::size_t total = 1;
  for (const int n : fields.counts) {
    stride.push_back(total);
    total *= std::size_t(n);
  }
  std::size_t start = 0;
  for (std::size_t a = 0; a < fields.counts.size(); ++a)
    if (int(a) != view.across && int(a) != view.up) start += stride[a] * std::size_t(view.at[a]);
  mesh::Slice slice;
  slice.width = fields.counts[std::size_t(view.across)];
  slice.height = fields.counts[std::size_t(view.up)];
  for (int j = 0; j < slice.height; ++j)
    for (int i = 0; i < slice.width; ++i)
      slice.values.push_back(values[start + stride[std::size_t(view.across)] * std::size_t(i) +
                                    stride[std::size_t(view.up)] * std::size_t(j)]);
  return slice;
}

std::vector<double> drawn(const PinnQuantity& quantity) {
  if (quantity.kind != Kind::residual) return quantity.values;
  std::vector<double> powers;
  for (const double r : quantity.values)
    powers.push_back(std::log10(std::max(std::abs(r), std::numeric_limits<double>::min())));
  return powers;
}

mesh::PictureStyle style(const PinnFields& fields, const PinnQuantity& quantity) {
  mesh::PictureStyle style;
  std::vector<double> values;
  for (const auto& other : fields.quantities) {
    const bool shared = quantity.kind <= Kind::reference && other.kind <= Kind::reference &&
                        other.of == quantity.of;
    if (!shared && other.name != quantity.name) continue;
    // A diverged solution must not wash out the reference.
    if (shared && other.kind == Kind::solution &&
        fields.find(Kind::reference, quantity.of) != nullptr)
      continue;
    for (const double x : drawn(other))
      if (std::isfinite(x)) values.push_back(x);
  }
  if (values.empty()) return style;
  std::ranges::sort(values);
  double lower = values.front(), upper = values.back();
  if (quantity.kind == Kind::residual) {
    style.colour_map = "inferno";
    lower = values[values.size() / 100];  // a zero is no scale
  } else if (quantity.kind == Kind::error || (lower < -0.1 * upper && upper > -0.1 * lower)) {
    upper = std::max(std::abs(lower), std::abs(upper));
    lower = -upper;
  } else {
    style.colour_map = "viridis";
  }
  if (!(upper > lower)) upper = lower + 1;
  style.lower = lower;
  style.upper = upper;
  return style;
}

}  // namespace understudy::apps
