// The Poisson equation on a box, -laplace u = f, u = 0 on the sides, with f such that
// u = sin(pi k x) (1-D) or sin(pi k x) sin(pi k y) (2-D): the smallest problem there is, and the pattern
// for one's own (docs/pinn.md, "Add your own equation"). Everything without units.
//
// The classical method is the second-order five-point (three-point) scheme on points with Dirichlet
// sides (LeVeque 2007, section 3.2), solved directly by sine transforms written as sums along each axis,
// O(n^3) in 2-D, and read off between its points by (bi)linear interpolation.
#include <ATen/ATen.h>

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

using std::numbers::pi;

struct Case {
  int dimension = 1;
  double waves = 1;  ///< k

  double solution(const std::vector<double>& point) const {
    double u = 1;
    for (const double x : point) u *= std::sin(pi * waves * x);
    return u;
  }
};

// Solves A u = f on `n` inner points an axis: A is diagonal in sines.
class FivePoint {
 public:
  FivePoint(const Case& c, int resolution) : case_(c), n_(resolution - 1), h_(1.0 / resolution) {
    const std::size_t n = std::size_t(n_);
    sines_.resize(n * n);
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < n; ++k)
        sines_[j * n + k] = std::sqrt(2 * h_) * std::sin(pi * double((j + 1) * (k + 1)) * h_);
    const double factor = double(c.dimension) * (pi * c.waves) * (pi * c.waves);
    const std::size_t count = c.dimension == 2 ? n * n : n;
    values_.resize(count);
    for (std::size_t p = 0; p < count; ++p) {
      std::vector<double> at{double(p % n + 1) * h_};
      if (c.dimension == 2) at.push_back(double(p / n + 1) * h_);
      values_[p] = factor * c.solution(at);
    }
    transform();
    for (std::size_t p = 0; p < count; ++p)
      values_[p] /= eigenvalue(p % n) + (c.dimension == 2 ? eigenvalue(p / n) : 0);
    transform();
  }

  double at(const std::vector<double>& point) const {
    if (case_.dimension == 1) return along(point[0], [&](int i) { return value(i, 1); });
    return along(point[1],
                 [&](int j) { return along(point[0], [&](int i) { return value(i, j); }); });
  }

 private:
  double eigenvalue(std::size_t k) const {
    const double s = 2 / h_ * std::sin(pi * double(k + 1) * h_ / 2);
    return s * s;
  }
  // Points count from 1; 0 and n + 1 are the sides.
  double value(int i, int j) const {
    if (i < 1 || i > n_ || j < 1 || j > n_) return 0;
    return values_[std::size_t(case_.dimension == 2 ? (j - 1) * n_ : 0) + std::size_t(i - 1)];
  }
  template <class F>
  double along(double x, F&& f) const {
    const int i = std::min(n_, int(std::floor(x / h_)));
    const double share = x / h_ - i;
    return (1 - share) * f(i) + share * f(i + 1);
  }
  // By the symmetric orthogonal sine matrix along each axis: its own inverse.
  void transform() {
    const std::size_t n = std::size_t(n_), rows = values_.size() / n;
    std::vector<double> out(values_.size(), 0);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t k = 0; k < n; ++k)
          out[r * n + k] += sines_[j * n + k] * values_[r * n + j];
    values_ = out;
    if (case_.dimension == 1) return;
    std::fill(out.begin(), out.end(), 0.0);
    for (std::size_t l = 0; l < n; ++l)
      for (std::size_t r = 0; r < n; ++r)
        for (std::size_t k = 0; k < n; ++k)
          out[l * n + k] += sines_[r * n + l] * values_[r * n + k];
    values_ = out;
  }

  Case case_;
  int n_;
  double h_;
  std::vector<double> sines_, values_;
};

Reference solve(const Case& c, int resolution) {
  const auto solved = std::make_shared<const FivePoint>(c, resolution);
  return [solved](const std::vector<std::vector<double>>& points) {
    std::vector<double> u;
    for (const auto& point : points) u.push_back(solved->at(point));
    return std::vector<std::vector<double>>{u};
  };
}

void add_terms(Problem& p, const Case& c) {
  const double wave = pi * c.waves;
  Term& interior = p.add("poisson", {{"balance", "1", wave * wave}}, p.interior());
  if (c.dimension == 1)
    interior.residuals = [wave](const Fields& f) -> Residuals {
      const int x = 0;
      const auto u = f["u"];
      const auto source = wave * wave * at::sin(wave * f.input(x));
      return {-u.d(x, x) - source};
    };
  else
    interior.residuals = [wave](const Fields& f) -> Residuals {
      const int x = 0, y = 1;
      const auto u = f["u"];
      const auto source = 2 * wave * wave * at::sin(wave * f.input(x)) * at::sin(wave * f.input(y));
      return {-u.d(x, x) - u.d(y, y) - source};
    };
  const char* names[] = {"x", "y"};
  for (int axis = 0; axis < c.dimension; ++axis)
    for (const double side : {0.0, 1.0})
      p.add(std::string(names[axis]) + (side == 0 ? "_lower" : "_upper"), {{"u", "1"}},
            p.face(axis, side), Term::Kind::boundary)
          .residuals = [](const Fields& f) -> Residuals { return {f["u"].value()}; };
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  // Other waves would not vanish on the sides.
  const Case c{int(whole_constant(choice, "poisson", "dimension")),
               whole_constant(choice, "poisson", "waves")};
  auto problem = std::make_shared<Problem>();
  Problem& p = *problem;
  p.name = "poisson";
  p.title = c.dimension == 1 ? "Poisson equation in 1-D" : "Poisson equation in 2-D";
  p.source = "exact solution; the bar of 1e-3 is this project's own";
  p.inputs = {{"x", "1", 0, 1}};
  if (c.dimension == 2) p.inputs.push_back({"y", "1", 0, 1});
  p.fields = {{"u", "1", "potential"}};
  add_terms(p, c);
  p.reference = [c](const std::vector<std::vector<double>>& points) {
    std::vector<double> u;
    for (const auto& point : points) u.push_back(c.solution(point));
    return std::vector<std::vector<double>>{u};
  };
  p.classical = {"five-point finite differences, solved by sine transforms",
                 {8, 16, 32, 64, 128, 256},
                 [c](int resolution) { return solve(c, resolution); }};
  p.error_to_reach = 1e-3;
  p.evaluation = c.dimension == 1 ? std::vector<int>{201} : std::vector<int>{101, 101};
  return problem;
}

}  // namespace

ProblemEntry poisson() {
  ProblemEntry entry;
  entry.name = "poisson";
  entry.summary = "Poisson equation in 1-D and 2-D with a known solution";
  entry.source = "exact solution; relative L2 error <= 1e-3";
  entry.constants = {{"dimension", "1", "1 or 2", 1, {.at_least = 1, .at_most = 2}},
                     {"waves",
                      "1",
                      "half waves of the solution along an axis",
                      1,
                      {.at_least = 1, .at_most = 16}}};
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
