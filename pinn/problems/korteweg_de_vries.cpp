// The Korteweg-de Vries equation in the setting of Zabusky & Kruskal 1965: u_t + eta u u_x + mu^2 u_xxx = 0,
// u(0, x) = cos(pi x), periodic on [-1, 1], eta = 1, mu = 0.022. The wave steepens and breaks up into
// solitons. The reference is a Fourier spectral solution.
#include <cmath>
#include <numbers>

#include "pinn/problems/problems.hpp"
#include "pinn/problems/torch_periodic.hpp"

namespace understudy::pinn {

namespace {

constexpr double pi = std::numbers::pi;
constexpr int x = 0, t = 1;

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const double eta = choice.constants.at("convection"), mu = choice.constants.at("dispersion");
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "korteweg_de_vries";
  p.title = "Korteweg-de Vries equation";
  p.source = "Wang, Li, Chen & Perdikaris 2024 (PirateNets), table 1: 4.3e-4";
  p.error_to_reach = 1e-3;
  p.inputs = {{"x", "1", -1, 1}, {"t", "1", 0, 1, true}};
  p.fields = {{"u", "1", "elevation"}};
  p.evaluation = {257, 101};
  make_periodic(p);
  p.add("interior", {{"elevation", "1"}}, p.interior()).residuals =
      [eta, mu](const Fields& f) -> Residuals {
    const auto u = f["u"];
    return {u.d(t) + eta * (u * u.d(x)) + mu * mu * u.d(x, x, x)};
  };
  add_start(p, {.values = [](const Jet& at) { return cos(pi * at); },
                .exactly = starts_exactly(choice),
                .duration = 0.2});
  PeriodicEquation equation{-1, 1};
  equation.linear = [mu](double k) { return std::complex<double>(0, mu * mu * k * k * k); };
  equation.flux = [eta](double u) { return 0.5 * eta * u * u; };
  equation.initial = [](double at) { return std::cos(pi * at); };
  p.reference = periodic_reference(equation, {.points = 512, .steps = 4000});
  p.classical =
      periodic_method(equation, 1, {32, 64, 128, 256, 512}, [](int points) { return 4 * points; });
  return made;
}

}  // namespace

ProblemEntry korteweg_de_vries() {
  ProblemEntry entry{"korteweg_de_vries",
                     "Korteweg-de Vries equation: a wave breaks up into solitons",
                     "Wang, Li, Chen & Perdikaris 2024: relative L2 4.3e-4; 1e-3 to reach"};
  entry.constants = {{"convection", "1", "eta", 1, {.at_least = 0, .at_most = 10}},
                     {"dispersion", "1", "mu", 0.022, {.at_least = 0.01, .at_most = 1}},
                     exact_start(1)};
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
