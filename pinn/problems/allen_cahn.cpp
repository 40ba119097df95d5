// The Allen-Cahn equation with sharp interfaces (Raissi, Perdikaris & Karniadakis 2019, section 3.1.2):
// u_t = D u_xx - 5 u^3 + 5 u, u(0, x) = x^2 cos(pi x), periodic on [-1, 1], D = 1e-4. The initial values
// have a corner at x = +-1, which diffusion rounds off at once. The reference is a Fourier spectral
// solution.
#include <cmath>
#include <numbers>

#include "pinn/problems/problems.hpp"
#include "pinn/problems/torch_periodic.hpp"

namespace understudy::pinn {

namespace {

constexpr double pi = std::numbers::pi;
constexpr int x = 0, t = 1;

// The initial values have a kink where the period closes, -1 + 2 |s| at distance s, which diffusion rounds at once:
// 2 |s| becomes 2 (s erf(z) + sqrt(4 D t / pi) exp(-z^2)), z = s / sqrt(4 D t) (the heat kernel).
Jet rounded_start(const Jet& at, const Jet& time, double diffusivity) {
  constexpr double before =
      1e-10;  // of time: all is finite at the start, which is off by 2.3e-7 at the kink
  const Jet width = sqrt((time + before) * (4 * diffusivity));
  Jet sum = at * at * cos(pi * at);
  for (const double side : {-1.0, 1.0}) {
    const Jet s = 1 - side * at, z = s / width;
    sum = sum + 2 * (s * erf(z) + std::numbers::inv_sqrtpi * (width * exp(-(z * z))) - s);
  }
  return sum;
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const double diffusivity = choice.constants.at("diffusivity");
  const double reaction = choice.constants.at("reaction");
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "allen_cahn";
  p.title = "Allen-Cahn equation";
  p.source = "Wang, Sankaran, Wang & Perdikaris 2023, table 2: 5.4e-5";
  p.error_to_reach = 1e-3;
  p.inputs = {{"x", "1", -1, 1}, {"t", "1", 0, 1, true}};
  p.fields = {{"u", "1", "phase"}};
  p.evaluation = {257, 101};
  make_periodic(p);
  p.add("interior", {{"phase", "1"}}, p.interior()).residuals =
      [diffusivity, reaction](const Fields& f) -> Residuals {
    const auto u = f["u"];
    return {u.d(t) - diffusivity * u.d(x, x) + reaction * (u * u * u - u)};
  };
  add_start(p, {.values = [](const Jet& at) { return at * at * cos(pi * at); },
                .continued = [diffusivity](
                                 const Jet& at,
                                 const Jet& time) { return rounded_start(at, time, diffusivity); },
                .exactly = starts_exactly(choice),
                .duration = 0.1});
  PeriodicEquation equation{-1, 1};
  equation.linear = [diffusivity, reaction](double k) { return reaction - diffusivity * k * k; };
  equation.source = [reaction](double u) { return -reaction * u * u * u; };
  equation.initial = [](double at) { return at * at * std::cos(pi * at); };
  p.reference = periodic_reference(equation, {.points = 2048, .steps = 800});
  p.classical = periodic_method(equation, 1, {16, 32, 64, 128, 256, 512, 1024},
                                [](int points) { return points / 2; });
  return made;
}

}  // namespace

ProblemEntry allen_cahn() {
  ProblemEntry entry{"allen_cahn", "Allen-Cahn equation with sharp interfaces, periodic",
                     "Wang, Sankaran, Wang & Perdikaris 2023: relative L2 5.4e-5; 1e-3 to reach"};
  entry.constants = {{"diffusivity", "1", "D", 1e-4, {.at_least = 1e-5, .at_most = 1}},
                     {"reaction",
                      "1",
                      "rate of the reaction, which pulls u to -1 and 1",
                      5,
                      {.at_least = 0, .at_most = 10}},
                     exact_start(1)};
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
