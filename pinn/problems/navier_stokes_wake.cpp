// Which equations does a flow obey? The factor of convection and the viscosity of the Navier-Stokes
// equations, and the pressure, from scattered samples of the velocity behind a cylinder (Raissi, Perdikaris
// & Karniadakis 2019, section 4.1.1):
//
//   u_t + l1 (u u_x + v u_y) = -p_x + l2 (u_xx + u_yy),   v_t + ... = -p_y + ...,   u_x + v_y = 0
//
// Units: diameter 1 m, speed 1 m/s, so that at Reynolds number 100 l1 = 1 and l2 = 0.01 m2/s; p is divided by
// the density. The velocity's divergence counts as a residual here (the paper derives it from a stream
// function): second derivatives then serve. The pressure is pinned at one point of the box, since the
// equations leave any function of time free.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/unit_factor.hpp"
#include "pinn/gridded_frames.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/samples.hpp"
#include "pinn/torch_problem.hpp"
#include "pinn/torch_samples.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::pinn {

namespace {

constexpr int x = 0, y = 1, t = 2;
constexpr double length = 1, speed = 1;     // of the scales below
constexpr double gauge_x = 8, gauge_y = 2;  // where the pressure is pinned
// A smaller one makes a steady flow of the samples at first, which is a trap.
constexpr double acceleration = 1;  // m/s2
constexpr int least_samples = 100;

// What the deck knows of its samples.
double known(const ProblemChoice& choice, const std::string& constant) {
  const double value = choice.constants.at(constant);
  return value == 0 ? std::numeric_limits<double>::quiet_NaN() : value;
}

Reference truth(const std::filesystem::path& data, const std::vector<InputInfo>& inputs) {
  if (!std::filesystem::is_directory(data)) return {};
  // The flow solver's pressure is in Pa, of a density of 1 kg/m3 here; others' may be divided by theirs.
  const auto theirs = surrogates::DatasetReader(data).info().fields;
  const bool divided = std::ranges::any_of(theirs, [](const auto& field) {
    return field.name == "p" && core::unit_factor(field.unit, "m2/s2");
  });
  const auto frames = std::make_shared<const GriddedFrames>(
      data, inputs, std::vector<std::string>{"u", "v", "p"},
      std::vector<std::string>{"m/s", "m/s", divided ? "m2/s2" : "Pa"});
  return [frames](const std::vector<std::vector<double>>& points) {
    std::vector<std::vector<double>> fields(3);
    for (const auto& point : points) {
      for (int f = 0; f < 2; ++f) fields[std::size_t(f)].push_back(frames->value(f, point));
      fields[2].push_back(frames->value(2, point) - frames->value(2, {gauge_x, gauge_y, point[t]}));
    }
    return fields;
  };
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "navier_stokes_wake";
  p.title = "Viscosity and convection in the wake of a cylinder";
  p.source = "Raissi, Perdikaris & Karniadakis 2019, section 4.1.1: 0.078% and 4.67% on clean data";
  p.inputs = {{"x", "m", 1, gauge_x},
              {"y", "m", -gauge_y, gauge_y},
              {"t", "s", 0, choice.constants.at("duration"), true}};
  p.fields = {{"u", "m/s", "velocity along x"},
              {"v", "m/s", "velocity along y"},
              {"p", "m2/s2", "pressure over density"}};
  p.parameters = {{.name = "convection",
                   .unit = "1",
                   .help = "factor of the convective terms",
                   .start = 0,
                   .lower = -5,
                   .upper = 5,
                   .truth = known(choice, "true_convection"),
                   .tolerance = 0.01},
                  {.name = "viscosity",
                   .unit = "m2/s",
                   .help = "kinematic viscosity",
                   .start = 0,
                   .lower = 0,
                   .upper = 0.1,
                   .truth = known(choice, "true_viscosity"),
                   .tolerance = 0.05}};
  p.classical_inversion = "least squares over a flow solver's runs (Gauss-Newton or adjoint)";
  p.evaluation = {36, 21, 21};
  p.mean_free = {"p"};

  const auto file =
      data_path(choice, "samples of the velocity (columns x, y, t, u, v, or a dataset)");
  const Samples samples = read_samples({file,
                                        p.inputs,
                                        {"u", "v"},
                                        choice.data_points,
                                        least_samples,
                                        choice.noise,
                                        choice.seed,
                                        {"m/s", "m/s"}});
  Region at = p.interior();
  at.points = points_of(samples, 3);
  at.data = values_of(samples, 3);
  p.add("samples", {{"u", "m/s", speed}, {"v", "m/s", speed}}, at, Term::Kind::data).residuals =
      [](const Fields& f) -> Residuals { return {f["u"] - f.data(0), f["v"] - f.data(1)}; };

  p.add("interior",
        {{"momentum_x", "m/s2", acceleration},
         {"momentum_y", "m/s2", acceleration},
         {"continuity", "1/s", acceleration * length / speed}},
        p.interior())
      .residuals = [](const Fields& f) -> Residuals {
    const auto u = f["u"], v = f["v"], pressure = f["p"];
    const auto l1 = f.parameter("convection"), l2 = f.parameter("viscosity");
    return {u.d(t) + l1 * (u * u.d(x) + v * u.d(y)) + pressure.d(x) - l2 * (u.d(x, x) + u.d(y, y)),
            v.d(t) + l1 * (u * v.d(x) + v * v.d(y)) + pressure.d(y) - l2 * (v.d(x, x) + v.d(y, y)),
            u.d(x) + v.d(y)};
  };

  Region gauge = p.face(x, gauge_x);
  gauge.lower[y] = gauge.upper[y] = gauge_y;
  p.add("gauge", {{"p", "m2/s2", speed * speed}}, gauge, Term::Kind::boundary).residuals =
      [](const Fields& f) -> Residuals { return {f["p"]}; };
  p.reference = truth(file, p.inputs);
  return made;
}

}  // namespace

ProblemEntry navier_stokes_wake() {
  ProblemEntry entry{"navier_stokes_wake",
                     "viscosity and convection of a wake from samples of its velocity (inverse)",
                     "Raissi, Perdikaris & Karniadakis 2019: 0.078% and 4.67%; to reach 1% and 5%"};
  entry.constants = {{"duration",
                      "s",
                      "of the samples, from their first instant on",
                      20,
                      {.at_least = 1, .at_most = 1000}},
                     {"true_convection",
                      "1",
                      "factor that the samples were made with; 0: not known",
                      0,
                      {.at_least = 0, .at_most = 5}},
                     {"true_viscosity",
                      "m2/s",
                      "that the samples were made with; 0: not known",
                      0,
                      {.at_least = 0, .at_most = 0.1}}};
  entry.wants_data = true;
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
