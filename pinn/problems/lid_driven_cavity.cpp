// The lid-driven cavity (Ghia, Ghia & Shin 1982): a unit square of fluid at rest but for its upper wall,
// which moves at speed 1, steady Navier-Stokes at Re = 1 / nu. The lid is the plain one: the wall's velocity
// jumps at both upper corners, where pressure and vorticity grow as 1 / r.
//
// What grows there is known: Stokes flow in a corner with one moving wall (Taylor 1962), which Botella &
// Peyret 1998 take out of their spectral solution. So do we: the fields are the flows of both corners, each
// faded out over the square, plus the network times x (1 - x) y (1 - y). The velocity on all walls is then
// exact and there are no conditions to learn. Those of momentum are weighted by
// (r / 0.1)^2 close to the corners, since the corner flows leave out inertia, which grows as 1 / r.
//
// The reference is our own spectral solution, without pressure within 0.1 of the upper corners;
// tests/validation compares it with the published tables.
#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <numbers>

#include "pinn/classical_methods/spectral_flow.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

constexpr int x = 0, y = 1;
constexpr int reference_degree = 44;
constexpr double near_corner = 0.1;

std::shared_ptr<const SpectralFlow> solve(double reynolds, int degree) {
  RectangleFlow flow;
  flow.viscosity = 1 / reynolds;
  flow.boundary = [](double, double at_y) { return std::array{at_y == 1 ? 1.0 : 0.0, 0.0}; };
  return solve_in_stages(flow, degree, {1.0 / 100, 1.0 / 250, 1.0 / 450, 1.0 / 700});
}

std::vector<std::vector<double>> columns_of(const SpectralFlow& flow,
                                            const std::vector<std::vector<double>>& points) {
  std::vector<std::vector<double>> columns(3);
  for (const auto& point : points) {
    auto values = flow.at(point[x], point[y]);
    const double to_corner = std::hypot(std::min(point[x], 1 - point[x]), 1 - point[y]);
    if (to_corner < near_corner) values[2] = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t f = 0; f < 3; ++f) columns[f].push_back(values[f]);
  }
  return columns;
}

// Solved when it is first asked for: it takes seconds.
Reference reference_of(double reynolds) {
  struct Solved {
    std::once_flag once;
    std::shared_ptr<const SpectralFlow> flow;
  };
  auto solved = std::make_shared<Solved>();
  return [reynolds, solved](const std::vector<std::vector<double>>& points) {
    std::call_once(solved->once, [&] { solved->flow = solve(reynolds, reference_degree); });
    return columns_of(*solved->flow, points);
  };
}

ClassicalMethod classical(double reynolds) {
  const auto solved = [reynolds](int degree) -> Reference {
    return [flow = solve(reynolds, degree)](const std::vector<std::vector<double>>& points) {
      return columns_of(*flow, points);
    };
  };
  return {"Chebyshev collocation, Newton's method", {12, 16, 20, 24, 28, 32, 40}, solved};
}

// Stokes flow in the corner between a wall along xi that moves with speed 1 and one along eta at rest, theta
// the angle from the first (Batchelor 1967, section 4.8): psi = A eta + C theta eta + D theta xi.
struct CornerFlow {
  Jet along, away, pressure;  ///< pressure: of viscosity 1
};
CornerFlow corner_flow(const Jet& xi, const Jet& eta) {
  constexpr double quarter = std::numbers::pi * std::numbers::pi / 4;
  constexpr double d = 1 / (1 - quarter), a = -quarter * d, c = std::numbers::pi / 2 * d;
  const Jet square = xi * xi + eta * eta, inverse = 1 / square;
  const Jet theta = 2 * atan(eta / (sqrt(square) + xi));
  const Jet mixed = xi * eta * inverse, xi2 = xi * xi * inverse;
  return {a + c * theta + c * mixed + d * xi2, c * (1 - xi2) - d * theta + d * mixed,
          (c * eta + d * xi) * inverse * 2};
}

// 0 to 1 with two derivatives 0 at both ends.
Jet smooth_step(const Jet& z) { return z * z * z * (10 - 15 * z + 6 * (z * z)); }

std::vector<Jet> with_corners(double nu, const std::vector<Jet>& in, const std::vector<Jet>& out) {
  // So that the corners themselves have values.
  constexpr double off = 1e-6;
  const Jet to_right = 1 - in[x], down = 1 - in[y];
  const CornerFlow left = corner_flow(in[x] + off, down), right = corner_flow(to_right + off, down);
  const Jet below = smooth_step(in[y]), fade = smooth_step(in[x]);
  const Jet of_left = (1 - fade) * below, of_right = fade * below;
  const Jet walls = 16 * (in[x] * to_right * in[y] * down);
  return {of_left * left.along + of_right * right.along + walls * out[0],
          of_right * right.away - of_left * left.away + walls * out[1],
          nu * (of_left * left.pressure - of_right * right.pressure) + out[2]};
}

Residuals weighted_navier_stokes(const Fields& f, double nu) {
  const auto u = f["u"], v = f["v"], q = f["p"];
  const at::Tensor from_right = 1 - f.input(x), down2 = (1 - f.input(y)).square();
  const at::Tensor left = f.input(x).square() + down2, right = from_right.square() + down2;
  constexpr double near2 = near_corner * near_corner;
  const at::Tensor weight = left / (left + near2) * right / (right + near2);
  return {weight * (u * u.d(x) + v * u.d(y) + q.d(x) - nu * (u.d(x, x) + u.d(y, y))),
          weight * (u * v.d(x) + v * v.d(y) + q.d(y) - nu * (v.d(x, x) + v.d(y, y))),
          u.d(x) + v.d(y)};
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const double reynolds = choice.constants.at("reynolds"), nu = 1 / reynolds;
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "lid_driven_cavity";
  p.title = "Lid-driven cavity";
  p.source = "Ghia, Ghia & Shin 1982; Botella & Peyret 1998; relative L2 of the velocities 5e-2";
  p.error_to_reach = 5e-2;
  p.judged = {"u", "v"};
  p.inputs = {{"x", "1", 0, 1}, {"y", "1", 0, 1}};
  p.fields = {
      {"u", "1", "velocity along x"}, {"v", "1", "velocity along y"}, {"p", "1", "pressure"}};
  p.mean_free = {"p"};
  p.evaluation = {101, 101};
  p.add("interior", {{"momentum_x", "1"}, {"momentum_y", "1"}, {"continuity", "1"}}, p.interior())
      .residuals = [nu](const Fields& f) { return weighted_navier_stokes(f, nu); };
  p.transform = [nu](const std::vector<Jet>& inputs, const std::vector<Jet>& outputs) {
    return with_corners(nu, inputs, outputs);
  };
  p.reference = reference_of(reynolds);
  p.classical = classical(reynolds);
  return made;
}

}  // namespace

ProblemEntry lid_driven_cavity() {
  ProblemEntry entry{"lid_driven_cavity", "Steady flow in a square below a moving wall",
                     "Ghia, Ghia & Shin 1982: relative L2 of the velocities 5e-2 to reach"};
  entry.constants = {
      {"reynolds", "1", "Reynolds number of lid and side", 100, {.at_least = 1, .at_most = 1000}}};
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
