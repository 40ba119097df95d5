// Exact solutions make the residuals of the inverse problems vanish, and wrong unknowns do not.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "pinn/problems/problems.hpp"
#include "pinn/torch_problem.hpp"
#include "support/scratch.hpp"

namespace {

using namespace understudy;
using namespace understudy::pinn;
using at::Tensor;

using Solution = std::function<std::vector<Jet>(const std::vector<Jet>& inputs)>;
using Values = std::map<std::string, double>;

ProblemChoice choice_of(const ProblemEntry& entry, const Values& changed = {}) {
  ProblemChoice choice;
  for (const auto& constant : entry.constants) choice.constants[constant.name] = constant.value;
  for (const auto& [name, value] : changed) choice.constants[name] = value;
  return choice;
}

// Largest scaled residual of a term's equations at random points of the box.
double largest(const Problem& problem, const std::string& name, const Solution& solution,
               const Values& parameters = {}) {
  for (const Term& term : problem.terms) {
    if (term.name != name) continue;
    const auto inputs = std::int64_t(problem.inputs.size());
    at::manual_seed(3);
    Tensor points = at::rand({64, inputs}, at::kDouble);
    for (std::int64_t i = 0; i < inputs; ++i) {
      const auto& info = problem.inputs[std::size_t(i)];
      points.select(1, i).mul_(info.upper - info.lower).add_(info.lower);
    }
    const auto spec = std::make_shared<const JetSpec>(int(inputs), derivatives_of(problem, term));
    std::vector<Jet> coordinates;
    for (int i = 0; i < inputs; ++i) coordinates.push_back(coordinate(spec, points, i));
    Fields::Source source;
    source.problem = &problem;
    source.points = points;
    source.jets = solution(coordinates);
    for (const auto& [parameter, value] : parameters)
      source.parameters[parameter] = at::full({}, value, at::kDouble);
    const Residuals residuals = term.residuals(Fields(std::move(source)));
    EXPECT_EQ(residuals.size(), term.equations.size());
    double most = 0;
    for (std::size_t e = 0; e < residuals.size(); ++e)
      most = std::max(most, residuals[e].abs().max().item<double>() / term.equations[e].scale);
    return most;
  }
  ADD_FAILURE() << "no term " << name;
  return 0;
}

constexpr double rounding = 1e-10;

TEST(InverseProblems, BurgersFactorsOfATravellingFront) {
  const auto problem = burgers_inverse().make(choice_of(burgers_inverse()));
  // u = c - a tanh(a (x - c t) / (2 nu)).
  const double a = 0.3, c = 0.2, nu = 0.04;
  const Solution front = [&](const std::vector<Jet>& in) {
    return std::vector<Jet>{c - a * tanh((in[0] - c * in[1]) * (a / (2 * nu)))};
  };
  EXPECT_LT(largest(*problem, "interior", front, {{"convection", 1}, {"viscosity", nu}}), rounding);
  EXPECT_GT(largest(*problem, "interior", front, {{"convection", 1.01}, {"viscosity", nu}}), 1e-4);
  EXPECT_GT(largest(*problem, "interior", front, {{"convection", 1}, {"viscosity", 1.01 * nu}}),
            1e-4);
}

TEST(InverseProblems, WakeEquationsOfTaylorGreenVorticesInAStream) {
  const tests::Scratch folder;
  std::ofstream file(folder / "samples.csv");
  file << "x,y,t,u,v\n";
  for (int n = 0; n < 100; ++n)
    file << 1 + 0.07 * n << ",0," << 0.2 * n << ",1," << 0.1 * n << "\n";
  file.close();
  auto choice = choice_of(navier_stokes_wake());
  choice.data = (folder / "samples.csv").string();
  const auto problem = navier_stokes_wake().make(choice);
  EXPECT_FALSE(problem->reference);  // nothing is known beside the samples
  for (const auto& parameter : problem->parameters) EXPECT_TRUE(std::isnan(parameter.truth));
  auto known = choice;
  known.constants.at("true_viscosity") = 0.02;
  EXPECT_EQ(navier_stokes_wake().make(known)->parameters[1].truth, 0.02);
  const double nu = 0.01, stream = 0.7;
  const Solution vortices = [&](const std::vector<Jet>& in) {
    const Jet x = in[0] - stream * in[2], y = in[1], decay = exp(in[2] * (-2 * nu));
    return std::vector<Jet>{cos(x) * sin(y) * decay + stream, -1.0 * sin(x) * cos(y) * decay,
                            (cos(x * 2.0) + cos(y * 2.0)) * decay * decay * -0.25};
  };
  EXPECT_LT(largest(*problem, "interior", vortices, {{"convection", 1}, {"viscosity", nu}}),
            rounding);
  EXPECT_GT(largest(*problem, "interior", vortices, {{"convection", 0.99}, {"viscosity", nu}}),
            1e-3);
  EXPECT_GT(largest(*problem, "interior", vortices, {{"convection", 1}, {"viscosity", 2 * nu}}),
            1e-3);
}

const Values uniform{{"surface_velocity", 2500}, {"gradient", 0}, {"anomaly", 0}, {"spacing", 50}};

TEST(InverseProblems, ArrivalTimesInAUniformSection) {
  const auto problem = eikonal_tomography().make(choice_of(eikonal_tomography(), uniform));
  const auto with = [&](double v) {
    return largest(*problem, "eikonal", [&](const std::vector<Jet>& in) {
      std::vector<Jet> fields;
      // The sources as the problem's reference has them: their times are 0 there.
      for (std::size_t s = 0; s + 1 < problem->fields.size(); ++s) {
        const double x = s < 6 ? 0 : 500.0 * double(s - 6),
                     z = s < 6 ? 2000.0 * double(s + 1) / 7 : 0;
        fields.push_back(sqrt((in[0] - x) * (in[0] - x) + (in[1] - z) * (in[1] - z)) *
                         (1 / 2500.0));
        EXPECT_NEAR(problem->reference({{x, z}})[s][0], 0, 1e-12);
      }
      fields.push_back(in[0] * 0.0 + v);
      return fields;
    });
  };
  EXPECT_LT(with(2500), rounding);
  EXPECT_NEAR(with(2600), 1.04 * 1.04 - 1, 1e-9);
}

TEST(InverseProblems, TheVelocityIsGivenWhereRaysPass) {
  auto constants = uniform;
  constants["gradient"] = 0.6;
  const auto some = eikonal_tomography().make(choice_of(eikonal_tomography(), constants));
  constants["rays"] = 0;
  const auto all = eikonal_tomography().make(choice_of(eikonal_tomography(), constants));
  // The middle between the boreholes, and the lower left corner, below all sources.
  const std::vector<std::vector<double>> places{{1500, 500}, {30, 1990}};
  EXPECT_DOUBLE_EQ(some->reference(places).back()[0], 2800);
  EXPECT_TRUE(std::isnan(some->reference(places).back()[1]));
  EXPECT_DOUBLE_EQ(all->reference(places).back()[1], 2500 + 0.6 * 1990);
}

TEST(InverseProblems, AnEarthquakeInAUniformSection) {
  const auto problem = earthquake_location().make(choice_of(earthquake_location(), uniform));
  const Solution tau = [](const std::vector<Jet>& in) {
    return std::vector<Jet>{in[0] * 0.0 + 1.0};
  };
  const Values at{{"source_x", 1900}, {"source_z", 1400}, {"origin_time", 0.3}};
  // The distance is rounded off within a metre of the source.
  EXPECT_LT(largest(*problem, "eikonal", tau, at), 1e-3);
  const Solution slower = [](const std::vector<Jet>& in) {
    return std::vector<Jet>{in[0] * 0.0 + 1.1};
  };
  EXPECT_NEAR(largest(*problem, "eikonal", slower, at), 0.21, 2e-3);
}

TEST(InverseProblems, APlaneWave) {
  const auto problem =
      acoustic_inversion().make(choice_of(acoustic_inversion(), {{"spacing", 20}}));
  const auto with = [&](double anomaly) {
    return largest(*problem, "wave", [&](const std::vector<Jet>& in) {
      const double k = 0.01, c = 2000;
      const Jet p = sin((in[0] * 0.6 + in[1] * 0.8 - in[2] * c) * k);
      return std::vector<Jet>{p, p * 2.0, in[0] * 0.0 + anomaly};
    });
  };
  EXPECT_LT(with(0), rounding);
  EXPECT_GT(with(50), 1e-3);
}

}  // namespace
