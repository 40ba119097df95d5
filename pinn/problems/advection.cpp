// Linear advection over many wave lengths (Krishnapriyan et al. 2021, section 3.1): u_t + c u_x = 0,
// u(0, x) = sin(x), periodic on [0, 2 pi], t up to 1. The solution is sin(x - c t); from c = 20 or so
// networks without care settle on its mean.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "pinn/classical_methods/finite_differences.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/problems/torch_periodic.hpp"

namespace understudy::pinn {

namespace {

constexpr double pi = std::numbers::pi;
constexpr int x = 0, t = 1;

ClassicalMethod differences(double speed) {
  ClassicalMethod method;
  method.name = "central differences of sixth order, classical Runge-Kutta scheme";
  method.resolutions = {8, 12, 16, 24, 32, 48, 64, 96};
  method.solve = [speed](int points) -> Reference {
    // Courant number 1: the error in time is about that in space at 1e-3.
    const int steps = std::max(4, int(std::ceil(speed * points / (2 * pi))));
    const auto samples = std::make_shared<const UniformSamples>(
        advect({.speed = speed,
                .length = 2 * pi,
                .points = points,
                .steps = steps,
                .initial = [](double at) { return std::sin(at); }}));
    return [samples](const std::vector<std::vector<double>>& at) {
      std::vector<std::vector<double>> u(1);
      for (const auto& point : at) u[0].push_back(samples->at({point[x], point[t], 0}));
      return u;
    };
  };
  return method;
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const double speed = choice.constants.at("speed");
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "advection";
  p.title = "Linear advection";
  p.source =
      "Krishnapriyan et al. 2021, table 1: 2.0e-2 at c = 30; Wang et al. 2023: 6.9e-4 at c = 80";
  p.error_to_reach = 1e-3;
  p.inputs = {{"x", "1", 0, 2 * pi}, {"t", "1", 0, 1, true}};
  p.fields = {{"u", "1", "concentration"}};
  p.evaluation = {129, 101};
  // Time in units in which the wave turns by one radian, as in space.
  make_periodic(p, std::max(1.0, speed / 2));
  p.add("interior", {{"transport", "1", std::max(1.0, speed)}}, p.interior()).residuals =
      [speed](const Fields& f) -> Residuals { return {f["u"].d(t) + speed * f["u"].d(x)}; };
  add_start(p, {.values = [](const Jet& at) { return sin(at); },
                .exactly = starts_exactly(choice),
                .duration = 2 / std::max(1.0, speed)});
  p.reference = [speed](const std::vector<std::vector<double>>& points) {
    std::vector<std::vector<double>> u(1);
    for (const auto& point : points) u[0].push_back(std::sin(point[x] - speed * point[t]));
    return u;
  };
  p.classical = differences(speed);
  return made;
}

}  // namespace

ProblemEntry advection() {
  ProblemEntry entry{"advection", "Linear advection over many wave lengths, periodic",
                     "Krishnapriyan et al. 2021; Wang et al. 2023: relative L2 6.9e-4 at c = 80"};
  entry.constants = {{"speed", "1", "c", 30, {.at_least = 0, .at_most = 100}}, exact_start(1)};
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
