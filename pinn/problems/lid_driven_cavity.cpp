// The lid-driven cavity (Ghia, Ghia & Shin 1982): a unit square of fluid at rest but for its upper wall,
// which moves at speed 1, steady Navier-Stokes at Re = 1 / nu.
//
// The plain lid (lid_sharpness 0) jumps at both corners, where pressure and vorticity grow as 1 / r: the
// reference gives no pressure within 0.1 of them. A smooth lid, u = 1 - cosh(s (x - 1/2)) / cosh(s / 2)
// (Wang, Li, Chen & Perdikaris 2024, PirateNets, section 5.5, s = 50), has none of that.
//
// The reference is our own spectral solution. tests/validation compares it with published tables.
#include <cmath>
#include <limits>
#include <mutex>

#include "pinn/problems/problems.hpp"
#include "pinn/problems/spectral_flow.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

constexpr int x = 0, y = 1;
constexpr int reference_degree = 44;

struct Cavity {
  double reynolds = 100;
  double sharpness = 0;

  double lid(double at_x) const {
    if (sharpness == 0) return 1;
    return 1 - std::cosh(sharpness * (at_x - 0.5)) / std::cosh(sharpness / 2);
  }
};

std::shared_ptr<const SpectralFlow> solve(const Cavity& cavity, int degree) {
  RectangleFlow flow;
  flow.viscosity = 1 / cavity.reynolds;
  flow.boundary = [cavity](double at_x, double at_y) {
    return std::array{at_y == 1 ? cavity.lid(at_x) : 0.0, 0.0};
  };
  return solve_in_stages(flow, degree, {1.0 / 100, 1.0 / 250, 1.0 / 450, 1.0 / 700});
}

std::vector<std::vector<double>> columns_of(const SpectralFlow& flow, const Cavity& cavity,
                                            const std::vector<std::vector<double>>& points) {
  std::vector<std::vector<double>> columns(3);
  for (const auto& point : points) {
    auto values = flow.at(point[x], point[y]);
    // At the corners the polynomial's value is one of two.
    if (point[y] == 1) values[0] = cavity.lid(point[x]), values[1] = 0;
    const double to_corner = std::hypot(std::min(point[x], 1 - point[x]), 1 - point[y]);
    if (cavity.sharpness == 0 && to_corner < 0.1)
      values[2] = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t f = 0; f < 3; ++f) columns[f].push_back(values[f]);
  }
  return columns;
}

// Solved when it is first asked for: it takes seconds.
Reference reference_of(const Cavity& cavity) {
  struct Solved {
    std::once_flag once;
    std::shared_ptr<const SpectralFlow> flow;
  };
  auto solved = std::make_shared<Solved>();
  return [cavity, solved](const std::vector<std::vector<double>>& points) {
    std::call_once(solved->once, [&] { solved->flow = solve(cavity, reference_degree); });
    return columns_of(*solved->flow, cavity, points);
  };
}

ClassicalMethod classical(const Cavity& cavity) {
  const auto solved = [cavity](int degree) -> Reference {
    return [cavity, flow = solve(cavity, degree)](const std::vector<std::vector<double>>& points) {
      return columns_of(*flow, cavity, points);
    };
  };
  return {"Chebyshev collocation, Newton's method", {12, 16, 20, 24, 28, 32, 40}, solved};
}

void add_walls(Problem& p, const Cavity& cavity) {
  const auto wall = [&](const std::string& name, const Region& side) {
    p.add(name, {{"u", "1"}, {"v", "1"}}, side, Term::Kind::boundary).residuals =
        [](const Fields& f) -> Residuals { return {f["u"], f["v"]}; };
  };
  wall("left", p.face(x, 0));
  wall("right", p.face(x, 1));
  wall("bottom", p.face(y, 0));
  p.add("lid", {{"u", "1"}, {"v", "1"}}, p.face(y, 1), Term::Kind::boundary).residuals =
      [s = cavity.sharpness](const Fields& f) -> Residuals {
    if (s == 0) return {f["u"] - 1, f["v"]};
    const at::Tensor lid = 1 - (s * (f.input(x) - 0.5)).cosh() / std::cosh(s / 2);
    return {f["u"] - lid, f["v"]};
  };
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const Cavity cavity{choice.constants.at("reynolds"), choice.constants.at("lid_sharpness")};
  const double nu = 1 / cavity.reynolds;
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "lid_driven_cavity", p.title = "Lid-driven cavity";
  p.source = "Ghia, Ghia & Shin 1982; Botella & Peyret 1998; relative L2 of the velocities 5e-2";
  p.error_to_reach = 5e-2;
  p.inputs = {{"x", "1", 0, 1}, {"y", "1", 0, 1}};
  p.fields = {
      {"u", "1", "velocity along x"}, {"v", "1", "velocity along y"}, {"p", "1", "pressure"}};
  p.mean_free = {"p"};
  p.evaluation = {101, 101};
  p.add("interior", {{"momentum_x", "1"}, {"momentum_y", "1"}, {"continuity", "1"}}, p.interior())
      .residuals = [nu](const Fields& f) -> Residuals {
    const auto u = f["u"], v = f["v"], q = f["p"];
    return {u * u.d(x) + v * u.d(y) + q.d(x) - nu * (u.d(x, x) + u.d(y, y)),
            u * v.d(x) + v * v.d(y) + q.d(y) - nu * (v.d(x, x) + v.d(y, y)), u.d(x) + v.d(y)};
  };
  add_walls(p, cavity);
  p.reference = reference_of(cavity);
  p.classical = classical(cavity);
  return made;
}

}  // namespace

ProblemEntry lid_driven_cavity() {
  ProblemEntry entry{"lid_driven_cavity", "Steady flow in a square below a moving wall",
                     "Ghia, Ghia & Shin 1982: relative L2 of the velocities 5e-2 to reach"};
  entry.constants = {
      {"reynolds", "1", "Reynolds number of lid and side", 100, {.at_least = 1, .at_most = 1000}},
      {"lid_sharpness",
       "1",
       "0: the plain lid; else s of its smooth profile",
       0,
       {.at_least = 0, .at_most = 200}}};
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
