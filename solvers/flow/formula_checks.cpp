#include "solvers/flow/formula_checks.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/flow/boundary_values.hpp"

namespace understudy::solvers::flow {

namespace {

constexpr int most_times = 32;

std::vector<double> times_of(const core::Expression& formula, double end_s) {
  std::vector<double> times{0};
  if (formula.depends_on_time())
    for (int n = 1; n <= most_times; ++n) times.push_back(end_s * n / most_times);
  return times;
}

// Local indices of an axis: about `most`, the first two and the last two among them.
std::vector<int> sample(int begin, int end, int most) {
  std::vector<int> all;
  const int stride = std::max(1, (end - begin) / most);
  for (int n = begin; n < end; ++n)
    if ((n - begin) % stride == 0 || n - begin < 2 || end - n <= 2) all.push_back(n);
  return all;
}

class Checker {
 public:
  Checker(const mesh::BoxGrid& grid, double end_s) : grid_(grid), end_s_(end_s) {}

  // At the points of a location, or, on a side, at its points of that location.
  void check(const FormulaPlace& place, const core::Expression& formula, mesh::Location location,
             int side = -1) {
    if (!error_.empty() || (side >= 0 && !grid_.at_boundary(side))) return;
    const mesh::Range3 r = grid_.points(location);
    const int most = grid_.dimension() == 2 ? 128 : 24, normal = side < 0 ? -1 : side / 2;
    std::array<std::vector<int>, 3> at;
    for (int axis = 0; axis < 3; ++axis)
      at[axis] = axis == normal ? std::vector<int>{r.begin[axis]}
                                : sample(r.begin[axis], r.end[axis],
                                         side >= 0 && grid_.dimension() == 2 ? r.size(axis) : most);
    for (const double t : times_of(formula, end_s_))
      for (const int k : at[2])
        for (const int j : at[1])
          for (const int i : at[0]) {
            std::array<double, 3> x = grid_.position(location, k, j, i);
            if (normal >= 0) x[normal] = side % 2 ? grid_.upper(normal) : grid_.lower(normal);
            error_ = formula_fault(place, formula, formula(x[0], x[1], x[2], t), x, t);
            if (!error_.empty()) return;
          }
  }

  void check_vector(const std::vector<std::string>& texts, const std::string& key, int side = -1) {
    const auto formulas = vector_formulas(texts, grid_.dimension(), key);
    for (int c = 0; c < static_cast<int>(texts.size()); ++c)
      check({key, c}, formulas[c], static_cast<mesh::Location>(c + 1), side);
  }

  const std::string& error() const { return error_; }

 private:
  const mesh::BoxGrid& grid_;
  double end_s_;
  std::string error_;
};

}  // namespace

std::string formula_fault(const FormulaPlace& place, const core::Expression& formula, double value,
                          const std::array<double, 3>& x_m, double t_s) {
  if (std::isfinite(value)) return "";
  return core::format(
      "{}: {}'{}', is {} at ({:.6g}, {:.6g}, {:.6g}) m, t = {:.6g} s; a formula must be a finite "
      "number wherever it is used",
      place.key, place.component < 0 ? "" : core::format("component {}, ", place.component),
      formula.text(),
      std::isnan(value) ? "no number (nan)"
      : value > 0       ? "infinite"
                        : "-infinite",
      x_m[0], x_m[1], x_m[2], t_s);
}

void throw_fault(const core::Comm& comm, const std::string& fault, double t_s) {
  if (t_s > 0)
    comm.throw_on_all_ranks<core::RunError>(fault);
  else
    comm.throw_on_all_ranks<core::UserError>(fault);
}

void check_formulas(const FlowParams& params, const mesh::BoxGrid& grid, double end_s) {
  Checker checker(grid, end_s);
  checker.check_vector(params.initial.velocity_m_s, "flow.initial.velocity_m_s");
  checker.check_vector(params.force_m_s2, "flow.force_m_s2");
  if (params.scalar.enabled)
    checker.check({"flow.initial.scalar", -1},
                  scalar_formula(params.initial.scalar, "flow.initial.scalar"),
                  mesh::Location::cell);
  for (int side = 0; side < 2 * grid.dimension(); ++side) {
    const FlowBoundaryParams& p = params.boundaries.side[side];
    const std::string key = core::format("flow.boundaries.{}", mesh::side_name(side));
    if (p.profile != "file") checker.check_vector(p.velocity_m_s, key + ".velocity_m_s", side);
    if (!p.scalar.empty())
      checker.check({key + ".scalar", -1}, scalar_formula(p.scalar, key + ".scalar"),
                    mesh::Location::cell, side);
  }
  grid.comm().throw_on_all_ranks<core::UserError>(checker.error());
}

}  // namespace understudy::solvers::flow
