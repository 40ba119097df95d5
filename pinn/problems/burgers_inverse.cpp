// Burgers' equation found from samples of its solution: u_t + l1 u u_x = l2 u_xx (Raissi, Perdikaris &
// Karniadakis 2019, appendix B.1: l1 to 0.14% and l2 to 0.5% from 2000 samples). Without `data` the samples
// are drawn from the exact solution, and the truth is l1 = 1 and l2 the constant `viscosity`; with it they are
// read (columns x, t, u), and the truth is what the deck says of them, if anything.
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"
#include "pinn/classical_methods/burgers_solution.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/samples.hpp"
#include "pinn/torch_problem.hpp"
#include "pinn/torch_samples.hpp"

namespace understudy::pinn {

namespace {

constexpr int x = 0, t = 1;
constexpr int least_samples = 20, usual_samples = 2000;

Samples own_samples(const ProblemChoice& choice) {
  core::SplitMix random(choice.seed);
  Samples samples{{"x", "t", "u"}, std::vector<std::vector<double>>(3)};
  const int count = choice.data_points > 0 ? choice.data_points : usual_samples;
  for (int n = 0; n < count; ++n) {
    const double at_x = 2 * random.uniform() - 1, at_t = random.uniform();
    samples.columns[0].push_back(at_x);
    samples.columns[1].push_back(at_t);
    samples.columns[2].push_back(burgers_solution(choice.constants.at("viscosity"), at_x, at_t));
  }
  add_noise(samples, 2, choice.noise, choice.seed);
  return samples;
}

// Of the samples: our own's, or what the deck knows of its file's.
double truth_of(const ProblemChoice& choice, const std::string& name, double own) {
  const double given = choice.constants.at("true_" + name);
  if (!choice.data.empty()) return given == 0 ? std::numeric_limits<double>::quiet_NaN() : given;
  if (given != 0)
    throw core::UserError(core::format(
        "problem burgers_inverse: constant 'true_{}' is {}, and without problem.data the "
        "samples are made with {}; 0 is valid",
        name, given, own));
  return own;
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const double nu = choice.constants.at("viscosity");
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "burgers_inverse";
  p.title = "Burgers' equation from samples";
  p.source = "Raissi, Perdikaris & Karniadakis 2019, appendix B.1: 0.14% and 0.5%";
  p.inputs = {{"x", "1", -1, 1}, {"t", "1", 0, 1, true}};
  p.fields = {{"u", "1", "speed"}};
  p.parameters = {{.name = "convection",
                   .unit = "1",
                   .help = "factor of u u_x",
                   .start = 0,
                   .lower = -5,
                   .upper = 5,
                   .truth = truth_of(choice, "convection", 1),
                   .tolerance = 0.01},
                  {.name = "viscosity",
                   .unit = "1",
                   .help = "factor of u_xx",
                   .start = 0,
                   .lower = 0,
                   .upper = 0.2,
                   .truth = truth_of(choice, "viscosity", nu),
                   .tolerance = 0.01}};
  p.classical_inversion = "least squares over a solver of the equation (Gauss-Newton)";
  p.evaluation = {256, 101};
  const Samples samples = choice.data.empty() ? own_samples(choice)
                                              : read_samples({data_path(choice, "samples"),
                                                              p.inputs,
                                                              {"u"},
                                                              choice.data_points,
                                                              least_samples,
                                                              choice.noise,
                                                              choice.seed,
                                                              {"1"}});
  Region at = p.interior();
  at.points = points_of(samples, 2);
  at.data = values_of(samples, 2);
  // Samples count a hundred times an equation's residuals: with unknown factors the equation has flat
  // solutions, which training falls for where the samples do not hold it.
  constexpr double sample_scale = 0.1;
  p.add("samples", {{"u", "1", sample_scale}}, at, Term::Kind::data).residuals =
      [](const Fields& f) -> Residuals { return {f["u"] - f.data(0)}; };
  p.add("interior", {{"momentum", "1"}}, p.interior()).residuals =
      [](const Fields& f) -> Residuals {
    const auto u = f["u"];
    return {u.d(t) + f.parameter("convection") * u * u.d(x) - f.parameter("viscosity") * u.d(x, x)};
  };
  if (choice.data.empty())
    p.reference = [nu](const std::vector<std::vector<double>>& points) {
      std::vector<std::vector<double>> u(1);
      for (const auto& point : points) u[0].push_back(burgers_solution(nu, point[x], point[t]));
      return u;
    };
  return made;
}

}  // namespace

ProblemEntry burgers_inverse() {
  ProblemEntry entry{"burgers_inverse", "factors of Burgers' equation from samples of u (inverse)",
                     "Raissi, Perdikaris & Karniadakis 2019: 0.14% and 0.5%"};
  entry.constants = {{"viscosity",
                      "1",
                      "that the samples are made with, where there is no data",
                      0.01 / 3.14159265358979323846,
                      {.at_least = 1e-3, .at_most = 0.1}},
                     {"true_convection",
                      "1",
                      "factor that the samples in data were made with; 0: not known",
                      0,
                      {.at_least = -2, .at_most = 2}},
                     {"true_viscosity",
                      "1",
                      "that they were made with; 0: not known",
                      0,
                      {.at_least = 0, .at_most = 0.1}}};
  entry.takes_data = entry.has_samples = true;
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
