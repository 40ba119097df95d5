// The Helmholtz equation u_xx + u_yy + k^2 u = q on [-1, 1] or its square, u = 0 on the sides, with q such that
//
//   helmholtz_1d  u = sin(a pi x)
//   helmholtz_2d  u = sin(a1 pi x) sin(a2 pi y)      (Wang, Teng & Perdikaris 2021, section 2.3)
//
// The conditions hold exactly: u = (1 - x^2) [(1 - y^2)] N.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "pinn/classical_methods/chebyshev.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

constexpr double pi = std::numbers::pi;

struct Setting {
  std::vector<double> waves;  ///< a of each axis
  double wave_number = 1;
  /// -(a1 pi)^2 - (a2 pi)^2 + k^2
  double symbol() const {
    double sum = wave_number * wave_number;
    for (const double a : waves) sum -= a * a * pi * pi;
    return sum;
  }
  double solution(const std::vector<double>& point) const {
    double u = 1;
    for (std::size_t axis = 0; axis < waves.size(); ++axis)
      u *= std::sin(waves[axis] * pi * point[axis]);
    return u;
  }
};

/// -u_xx - u_yy = lambda u with u = 0 on the sides of [-1, 1] or its square has lambda = (pi/2)^2 (m^2 [+ n^2]),
/// m, n = 1, 2...: the one nearest to k^2.
double nearest_eigenvalue(const Setting& s) {
  const double unit = pi * pi / 4, wanted = s.wave_number * s.wave_number / unit;
  const int most = 2 + int(std::sqrt(wanted));
  double nearest = -1;
  for (int m = 1; m <= most; ++m)
    for (int n = s.waves.size() > 1 ? 1 : 0; n <= (s.waves.size() > 1 ? most : 0); ++n)
      if (const double lambda = double(m) * m + double(n) * n;
          nearest < 0 || std::abs(lambda - wanted) < std::abs(nearest - wanted))
        nearest = lambda;
  return nearest * unit;
}

// At an eigenvalue the solution is one of infinitely many, and near one it changes much for little.
std::vector<std::string> require_unique(const Setting& s, const std::string& problem) {
  constexpr double same = 1e-4, near = 0.01;
  const double eigenvalue = nearest_eigenvalue(s), square = s.wave_number * s.wave_number,
               off = std::abs(square - eigenvalue) / eigenvalue;
  const std::string what = core::format(
      "wave_number {:.9g} is {} {:.9g}, where the equation without a source has solutions of its own",
      s.wave_number, off <= same ? "the eigenvalue" : "near the eigenvalue", std::sqrt(eigenvalue));
  if (off <= same)
    throw core::UserError(core::format(
        "problem {}: constant {}: the solution is one of infinitely many, and an error against one of "
        "them says nothing; {:.6g} would do",
        problem, what, 1.1 * s.wave_number));
  if (off > near) return {};
  return {core::format(
      "{}: a residual of 1 changes the solution by up to {:.3g}, and errors mean little", what,
      1 / std::abs(square - eigenvalue))};
}

ClassicalMethod collocation(const Setting& s) {
  ClassicalMethod method;
  method.name = "Chebyshev collocation";
  method.resolutions = {6, 8, 10, 12, 14, 16, 20, 24, 32};
  method.solve = [s](int degree) -> Reference {
    const auto solution = std::make_shared<const ChebyshevSolution>(solve_helmholtz(
        {.axes = int(s.waves.size()),
         .degree = degree,
         .wave_number = s.wave_number,
         .source = [&](const std::vector<double>& at) { return s.symbol() * s.solution(at); }}));
    return [solution](const std::vector<std::vector<double>>& points) {
      return std::vector<std::vector<double>>{solution->at(points)};
    };
  };
  return method;
}

std::shared_ptr<const Problem> make(const Setting& s) {
  const bool plane = s.waves.size() > 1;
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = plane ? "helmholtz_2d" : "helmholtz_1d";
  p.title = plane ? "Helmholtz equation in two dimensions" : "Helmholtz equation in one dimension";
  p.source = plane ? "Wang, Teng & Perdikaris 2021, section 2.3: 1.4e-3 at a1 = 1, a2 = 4"
                   : "exact solution; 1e-2 to reach";
  p.error_to_reach = 1e-2;
  p.inputs = {{"x", "1", -1, 1}};
  p.evaluation = {1001};
  if (plane) {
    p.inputs.push_back({"y", "1", -1, 1});
    p.evaluation = {101, 101};
  }
  p.fields = {{"u", "1", "amplitude"}};
  p.cautions = require_unique(s, p.name);
  // That of the source; where it is small beside the operator's own terms, theirs.
  double terms = s.wave_number * s.wave_number;
  for (const double a : s.waves) terms += a * a * pi * pi;
  const double scale = std::max(std::abs(s.symbol()), 0.01 * terms);
  p.add("interior", {{"helmholtz", "1", scale}}, p.interior()).residuals =
      [s, plane](const Fields& f) -> Residuals {
    const auto u = f["u"];
    at::Tensor shape = (s.waves[0] * pi * f.input(0)).sin(), laplacian = u.d(0, 0);
    if (plane) {
      shape = shape * (s.waves[1] * pi * f.input(1)).sin();
      laplacian = laplacian + u.d(1, 1);
    }
    return {laplacian + s.wave_number * s.wave_number * u - s.symbol() * shape};
  };
  p.transform = [](const std::vector<Jet>& in, const std::vector<Jet>& out) -> std::vector<Jet> {
    Jet inside = 1 - in[0] * in[0];
    if (in.size() > 1) inside = inside * (1 - in[1] * in[1]);
    return {inside * out[0]};
  };
  p.reference = [s](const std::vector<std::vector<double>>& points) {
    std::vector<std::vector<double>> u(1);
    for (const auto& point : points) u[0].push_back(s.solution(point));
    return u;
  };
  p.classical = collocation(s);
  return made;
}

}  // namespace

ProblemEntry helmholtz_1d() {
  ProblemEntry entry{"helmholtz_1d", "Helmholtz equation in one dimension",
                     "exact solution; relative L2 1e-2 to reach"};
  entry.constants = {
      {"waves", "1", "a, wave lengths in the domain", 4, {.at_least = 1, .at_most = 20}},
      {"wave_number", "1", "k", 1, {.at_least = 0, .at_most = 10}}};
  entry.make = [](const ProblemChoice& choice) {
    return make(
        {{whole_constant(choice, "helmholtz_1d", "waves")}, choice.constants.at("wave_number")});
  };
  return entry;
}

ProblemEntry helmholtz_2d() {
  ProblemEntry entry{"helmholtz_2d", "Helmholtz equation in two dimensions",
                     "Wang, Teng & Perdikaris 2021: relative L2 1.4e-3 at a1 = 1, a2 = 4"};
  entry.constants = {
      {"waves_x", "1", "a1, wave lengths in the domain", 1, {.at_least = 1, .at_most = 20}},
      {"waves_y", "1", "a2", 4, {.at_least = 1, .at_most = 20}},
      {"wave_number", "1", "k", 1, {.at_least = 0, .at_most = 10}}};
  entry.make = [](const ProblemChoice& choice) {
    return make({{whole_constant(choice, "helmholtz_2d", "waves_x"),
                  whole_constant(choice, "helmholtz_2d", "waves_y")},
                 choice.constants.at("wave_number")});
  };
  return entry;
}

}  // namespace understudy::pinn
