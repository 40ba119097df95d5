// The Kuramoto-Sivashinsky equation (Wang, Sankaran & Perdikaris 2024, section 4.3):
// u_t + alpha u u_x + beta u_xx + gamma u_xxxx = 0, periodic. Two settings:
//
//   regular  [-1, 1], u(0, x) = -sin(pi x), alpha = 5, beta = 0.5, gamma = 0.005
//   chaotic  [0, 2 pi], u(0, x) = cos(x) (1 + sin(x)), alpha = 100/16, beta = 100/16^2, gamma = 100/16^4
//
// The references are Fourier spectral solutions.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "pinn/problems/problems.hpp"
#include "pinn/problems/torch_periodic.hpp"

namespace understudy::pinn {

namespace {

constexpr double pi = std::numbers::pi;
constexpr int x = 0, t = 1;

std::shared_ptr<const Problem> make(const ProblemChoice& choice, bool chaotic) {
  const double alpha = choice.constants.at("convection"), beta = choice.constants.at("growth"),
               gamma = choice.constants.at("damping"), end = choice.constants.at("end_time");
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = chaotic ? "kuramoto_sivashinsky_chaotic" : "kuramoto_sivashinsky";
  p.title = chaotic ? "Kuramoto-Sivashinsky equation, chaotic" : "Kuramoto-Sivashinsky equation";
  p.source = chaotic ? "Wang, Sankaran & Perdikaris 2024, section 4.3: 2.3e-2 up to t = 0.5"
                     : "Wang, Sankaran & Perdikaris 2024, section 4.3: 3.5e-4";
  if (chaotic)
    p.inputs = {{"x", "1", 0, 2 * pi}, {"t", "1", 0, end, true}};
  else
    p.inputs = {{"x", "1", -1, 1}, {"t", "1", 0, end, true}};
  p.fields = {{"u", "1", "velocity of the front"}};
  p.evaluation = {257, 101};
  // As a term the initial values are meant for time windows, each of which is a part of the time axis.
  make_periodic(p, starts_exactly(choice) ? 1 : 5);
  p.add("interior", {{"front", "1", std::max(1.0, alpha)}}, p.interior()).residuals =
      [alpha, beta, gamma](const Fields& f) -> Residuals {
    const auto u = f["u"];
    return {u.d(t) + alpha * (u * u.d(x)) + beta * u.d(x, x) + gamma * u.d(x, x, x, x)};
  };
  add_start(p, {.values =
                    [chaotic](const Jet& at) {
                      return chaotic ? cos(at) * (1 + sin(at)) : -sin(pi * at);
                    },
                .exactly = starts_exactly(choice),
                .duration = 0.1 * end});
  PeriodicEquation equation{p.inputs[x].lower, p.inputs[x].upper};
  equation.linear = [beta, gamma](double k) { return beta * k * k - gamma * std::pow(k, 4); };
  equation.flux = [alpha](double u) { return 0.5 * alpha * u * u; };
  equation.initial = [chaotic](double at) {
    return chaotic ? std::cos(at) * (1 + std::sin(at)) : -std::sin(pi * at);
  };
  p.reference = periodic_reference(equation, {.points = 512, .steps = 4000, .end = end});
  p.classical = periodic_method(equation, end, {32, 64, 128, 256},
                                [end](int points) { return int(std::ceil(4 * points * end)); });
  return made;
}

std::vector<ConstantInfo> constants(double alpha, double beta, double gamma) {
  return {{"convection", "1", "alpha", alpha, {.at_least = 0, .at_most = 100}},
          {"growth", "1", "beta", beta, {.at_least = 0, .at_most = 10}},
          {"damping", "1", "gamma", gamma, {.at_most = 1, .above = 0}},
          {"end_time", "1", "end of time", 1, {.at_most = 1, .above = 0}},
          exact_start(1)};
}

}  // namespace

ProblemEntry kuramoto_sivashinsky() {
  ProblemEntry entry{"kuramoto_sivashinsky", "Kuramoto-Sivashinsky equation, regular setting",
                     "Wang, Sankaran & Perdikaris 2024: relative L2 3.5e-4"};
  entry.constants = constants(5, 0.5, 0.005);
  entry.make = [](const ProblemChoice& choice) { return make(choice, false); };
  return entry;
}

ProblemEntry kuramoto_sivashinsky_chaotic() {
  ProblemEntry entry{"kuramoto_sivashinsky_chaotic",
                     "Kuramoto-Sivashinsky equation, chaotic setting",
                     "Wang, Sankaran & Perdikaris 2024: relative L2 2.3e-2 up to t = 0.5"};
  entry.constants = constants(100.0 / 16, 100.0 / (16 * 16), 100.0 / (16 * 16 * 16 * 16));
  entry.make = [](const ProblemChoice& choice) { return make(choice, true); };
  return entry;
}

}  // namespace understudy::pinn
