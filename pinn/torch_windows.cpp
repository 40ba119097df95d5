#include "pinn/torch_windows.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/network/torch_archive.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

int time_of(const Problem& problem) {
  for (std::size_t i = 0; i < problem.inputs.size(); ++i)
    if (problem.inputs[i].is_time) return int(i);
  throw core::UserError(core::format(
      "problem {}: curriculum.windows are of time, and it has none; give 1", problem.name));
}

// Samples of the window alone; the last window has its end.
void keep_samples(Region& region, std::int64_t time, double from, double to, bool last) {
  const Tensor t = region.points.select(1, time);
  const Tensor inside = last ? (t >= from).logical_and(t <= to) : (t >= from).logical_and(t < to);
  const Tensor rows = inside.nonzero().flatten();
  region.points = region.points.index_select(0, rows);
  // One row at least stays, by which residuals tell what they ask for.
  if (region.data.defined())
    region.data =
        rows.numel() > 0 ? region.data.index_select(0, rows) : region.data.narrow(0, 0, 1);
}

// Every field less what the last window's model gives there.
std::function<Residuals(const Fields&)> continuing(const Problem& problem,
                                                   std::shared_ptr<const Model> before) {
  std::vector<std::string> names;
  for (const auto& field : problem.fields) names.push_back(field.name);
  const auto spec = std::make_shared<const JetSpec>(int(problem.inputs.size()));
  return [names, spec, before = std::move(before)](const Fields& f) {
    std::vector<Jet> start;
    {
      const at::NoGradGuard no_autograd;
      start = before->fields(spec, f.points().to(before->options()));
    }
    Residuals all;
    for (std::size_t n = 0; n < names.size(); ++n)
      all.push_back(f[names[n]] - start[n].value().to(f.points().options()));
    return all;
  };
}

void require_initial_term(const Problem& problem) {
  std::string found;
  std::size_t terms = 0, equations = 0;
  for (const Term& term : problem.terms)
    if (term.kind == Term::Kind::initial) {
      ++terms;
      equations += term.equations.size();
      found += (found.empty() ? "" : ", ") + term.name;
    }
  if (!problem.initial || terms != 1 || equations != problem.fields.size())
    throw core::UserError(core::format(
        "problem {}: curriculum.windows needs initial values, and one initial term with an equation for "
        "each of its {} fields; its initial terms are: {} (where the problem has a constant exact_start, "
        "it must be 0)",
        problem.name, problem.fields.size(), found.empty() ? "none" : found));
}

}  // namespace

std::vector<double> window_edges(const Problem& problem, int windows) {
  const auto& time = problem.inputs[std::size_t(time_of(problem))];
  if (windows > 1) require_initial_term(problem);
  std::vector<double> edges;
  for (int n = 0; n <= windows; ++n)
    edges.push_back(time.lower + (time.upper - time.lower) * n / windows);
  return edges;
}

std::shared_ptr<const Problem> window_problem(const Problem& problem,
                                              const std::vector<double>& edges, int window,
                                              std::shared_ptr<const Model> before) {
  auto made = std::make_shared<Problem>(problem);
  const auto time = std::size_t(time_of(problem));
  const double from = edges[std::size_t(window)], to = edges[std::size_t(window) + 1];
  const bool last = window + 2 == int(edges.size());
  made->inputs[time].lower = from;
  made->inputs[time].upper = to;
  for (Term& term : made->terms) {
    Region& region = term.region;
    if (region.points.defined() && term.kind != Term::Kind::initial) {
      keep_samples(region, std::int64_t(time), from, to, last);
      continue;
    }
    if (term.kind == Term::Kind::initial && window > 0) {
      region = made->face(int(time), from);
      region.without = problem.terms[std::size_t(&term - made->terms.data())].region.without;
      region.sphere_axis =
          problem.terms[std::size_t(&term - made->terms.data())].region.sphere_axis;
      term.residuals = continuing(problem, before);
    } else if (!region.lower.empty()) {
      region.lower[time] = std::max(region.lower[time], from);
      region.upper[time] = std::min(region.upper[time], to);
      if (region.lower[time] > region.upper[time])  // not in this window: no points
        region.points = at::empty({0, std::int64_t(problem.inputs.size())}, at::kDouble);
    }
  }
  return made;
}

WindowedSolution::WindowedSolution(std::shared_ptr<const Problem> problem,
                                   std::vector<double> edges,
                                   std::vector<std::shared_ptr<Model>> models)
    : problem_(std::move(problem)),
      edges_(std::move(edges)),
      time_(time_of(*problem_)),
      models_(std::move(models)) {}

template <class Evaluate>
Columns WindowedSolution::by_window(const Points& points, std::size_t columns,
                                    const Evaluate& evaluate) const {
  Columns all(columns, std::vector<double>(points.size()));
  for (std::size_t w = 0; w < models_.size(); ++w) {
    Points mine;
    std::vector<std::size_t> places;
    for (std::size_t p = 0; p < points.size(); ++p) {
      const double t = points[p][std::size_t(time_)];
      // A window has its end: of the first one the model has been trained on the initial condition.
      const bool after = w == 0 || t > edges_[w];
      const bool before = w + 1 == models_.size() || t <= edges_[w + 1];
      if (after && before) {
        mine.push_back(points[p]);
        places.push_back(p);
      }
    }
    const Columns found = evaluate(ModelSolution(models_[w]), mine);
    for (std::size_t c = 0; c < columns; ++c)
      for (std::size_t n = 0; n < places.size(); ++n) all[c][places[n]] = found[c][n];
  }
  return all;
}

Columns WindowedSolution::fields(const Points& points) const {
  return by_window(points, problem().fields.size(),
                   [](const Solution& s, const Points& p) { return s.fields(p); });
}

Columns WindowedSolution::residuals(const Points& points) const {
  return by_window(points, describe(problem()).residuals.size(),
                   [](const Solution& s, const Points& p) { return s.residuals(p); });
}

std::vector<ParameterValue> WindowedSolution::parameters() const {
  return ModelSolution(models_.back()).parameters();
}

long long WindowedSolution::weight_count() const {
  long long sum = 0;
  for (const auto& model : models_) sum += ModelSolution(model).weight_count();
  return sum;
}

void WindowedSolution::save(const std::filesystem::path& folder) const {
  surrogates::NamedTensors content;
  for (std::size_t w = 0; w < models_.size(); ++w) {
    content.tensors.emplace_back(core::format("trained.{}", w), models_[w]->gathered());
    content.tensors.emplace_back(core::format("fixed.{}", w), models_[w]->gathered_fixed());
  }
  content.texts["problem"] = problem().name;
  models_.front()->setup().comm.on_root<core::UserError>(
      [&] { surrogates::write_archive(folder / "weights.safetensors", content); });
}

}  // namespace understudy::pinn
