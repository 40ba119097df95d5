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
// The reference is our own spectral solution of what the corner flows leave, without pressure within 0.1 of the upper corners;
// tests/validation compares it with the published tables.
#include <ATen/Functions.h>

#include <algorithm>
#include <array>
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
constexpr double near_corner = 0.1;

// Degree of the reference: the faster the flow, the thinner the layer below the lid.
int reference_degree(double reynolds) { return reynolds > 400 ? 50 : 44; }

// Stokes flow in the corner between a wall along xi that moves with speed 1 and one along eta at rest, theta
// the angle from the first (Batchelor 1967, section 4.8): psi = A eta + C theta eta + D theta xi. Numbers, or jets.
template <class T>
struct CornerFlow {
  T along, away, pressure;  ///< pressure: of viscosity 1
};
template <class T>
CornerFlow<T> corner_flow(const T& xi, const T& eta) {
  using std::atan, std::sqrt;
  constexpr double quarter = std::numbers::pi * std::numbers::pi / 4;
  constexpr double d = 1 / (1 - quarter), a = -quarter * d, c = std::numbers::pi / 2 * d;
  const T square = xi * xi + eta * eta, inverse = 1 / square;
  const T theta = 2 * atan(eta / (sqrt(square) + xi));
  const T mixed = xi * eta * inverse, xi2 = xi * xi * inverse;
  return {a + c * theta + c * mixed + d * xi2, c * (1 - xi2) - d * theta + d * mixed,
          (c * eta + d * xi) * inverse * 2};
}

// 0 to 1 with two derivatives 0 at both ends.
template <class T>
T smooth_step(const T& z) {
  return z * z * z * (10 - 15 * z + 6 * (z * z));
}

// u, v, p of both corners, each faded out over the square. `off`: how far behind the walls the corners lie.
template <class T>
std::array<T, 3> corners(const T& at_x, const T& at_y, double nu, double off) {
  const T to_right = 1 - at_x, down = 1 - at_y;
  const auto left = corner_flow<T>(at_x + off, down), right = corner_flow<T>(to_right + off, down);
  const T below = smooth_step(at_y), fade = smooth_step(at_x);
  const T of_left = (1 - fade) * below, of_right = fade * below;
  return {of_left * left.along + of_right * right.along,
          of_right * right.away - of_left * left.away,
          nu * (of_left * left.pressure - of_right * right.pressure)};
}

std::vector<KnownFlow::Derivatives> corner_derivatives(
    const std::vector<std::array<double, 2>>& points, double nu) {
  const at::Tensor all =
      at::from_blob(const_cast<double*>(points[0].data()), {std::int64_t(points.size()), 2},
                    at::TensorOptions(at::kDouble));
  const auto spec =
      std::make_shared<const JetSpec>(2, std::vector<Derivative>{{x}, {y}, {x, x}, {y, y}});
  const auto [u, v, p] = corners<Jet>(coordinate(spec, all, x), coordinate(spec, all, y), nu, 0);
  const auto columns =
      at::stack({u.value(), v.value(), u.d({x}), u.d({y}), v.d({x}), v.d({y}),
                 u.d({x, x}) + u.d({y, y}), v.d({x, x}) + v.d({y, y}), p.d({x}), p.d({y})},
                1)
          .contiguous();
  std::vector<KnownFlow::Derivatives> found;
  for (std::int64_t n = 0; n < columns.size(0); ++n) {
    const double* c = columns.const_data_ptr<double>() + n * columns.size(1);
    found.push_back({c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9]});
  }
  return found;
}

std::shared_ptr<const SpectralFlow> solve(double reynolds, int degree) {
  RectangleFlow flow;
  flow.viscosity = 1 / reynolds;
  flow.boundary = [](double, double at_y) { return std::array{at_y == 1 ? 1.0 : 0.0, 0.0}; };
  flow.known.values = [](double at_x, double at_y, double nu) {
    return corners<double>(at_x, at_y, nu, 0);
  };
  flow.known.derivatives = corner_derivatives;
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
    std::call_once(solved->once,
                   [&] { solved->flow = solve(reynolds, reference_degree(reynolds)); });
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

std::vector<Jet> with_corners(double nu, const std::vector<Jet>& in, const std::vector<Jet>& out) {
  constexpr double off = 1e-6;  // so that the corners themselves have values
  const auto known = corners(in[x], in[y], nu, off);
  const Jet walls = 16 * (in[x] * (1 - in[x]) * in[y] * (1 - in[y]));
  return {known[0] + walls * out[0], known[1] + walls * out[1], known[2] + out[2]};
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
