// Standing waves, u_tt = c^2 (u_xx + u_yy), at rest at first, u = 0 on the sides:
//
//   wave_1d  on [0, 1], c = 2, two modes (Wang, Yu & Perdikaris 2022, section 6.2):
//            u = sin(pi x) cos(c pi t) + sin(4 pi x) cos(4 c pi t) / 2
//   wave_2d  on the unit square, c = 1:
//            u = sin(pi x) sin(pi y) cos(sqrt(2) c pi t) + sin(pi x) sin(2 pi y) cos(sqrt(5) c pi t) / 2
//
// Both conditions hold exactly: u = g u_0 + (1 - g) 4 x (1 - x) [4 y (1 - y)] N with g = exp(-(t / s)^2), whose
// slope vanishes at t = 0; s is about as long as the fastest mode takes for a radian or two.
#include <cmath>
#include <numbers>

#include "pinn/classical_methods/finite_differences.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

constexpr double pi = std::numbers::pi;

struct Mode {
  double size;
  int across, along;  ///< half wave lengths in x and y; along = 0: one dimension
  double frequency(double c) const { return c * pi * std::hypot(across, along); }
  double shape(double x, double y) const {
    return size * std::sin(pi * across * x) * (along > 0 ? std::sin(pi * along * y) : 1);
  }
};

using Modes = std::vector<Mode>;

Jet initial(const Modes& modes, const std::vector<Jet>& in) {
  Jet sum;
  for (const Mode& m : modes) {
    Jet one = sin(in[0] * (pi * m.across)) * m.size;
    if (m.along > 0) one = one * sin(in[1] * (pi * m.along));
    sum = &m == &modes.front() ? one : sum + one;
  }
  return sum;
}

Reference standing(const Modes& modes, double speed, std::size_t axes) {
  return [modes, speed, axes](const std::vector<std::vector<double>>& points) {
    std::vector<std::vector<double>> u(1);
    for (const auto& point : points) {
      double sum = 0;
      for (const Mode& m : modes)
        sum += m.shape(point[0], point[1]) * std::cos(m.frequency(speed) * point[axes]);
      u[0].push_back(sum);
    }
    return u;
  };
}

ClassicalMethod differences(const Modes& modes, double speed, int axes) {
  ClassicalMethod method;
  method.name = "central differences of sixth order, modified equation of fourth order in time";
  method.resolutions = {8, 12, 16, 24, 32, 48, 64};
  if (axes == 1) method.resolutions.insert(method.resolutions.end(), {96, 128, 192, 256});
  method.solve = [modes, speed, axes](int cells) -> Reference {
    WaveRun run{.speed = speed, .axes = axes, .cells = cells};
    run.steps = int(std::ceil(speed * cells * std::sqrt(axes) / 0.8));  // stable to about 1.4
    run.initial = [modes](const std::array<double, 2>& at) {
      double sum = 0;
      for (const Mode& m : modes) sum += m.shape(at[0], at[1]);
      return sum;
    };
    const auto samples = std::make_shared<const UniformSamples>(propagate(run));
    return [samples](const std::vector<std::vector<double>>& points) {
      std::vector<std::vector<double>> u(1);
      for (const auto& point : points)
        u[0].push_back(samples->at({point[0], point[1], point.size() > 2 ? point[2] : 0}));
      return u;
    };
  };
  return method;
}

std::shared_ptr<const Problem> make(double speed, int axes) {
  const Modes modes = axes == 1 ? Modes{{1, 1, 0}, {0.5, 4, 0}} : Modes{{1, 1, 1}, {0.5, 1, 2}};
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = axes == 1 ? "wave_1d" : "wave_2d";
  p.title = axes == 1 ? "Wave equation in one dimension" : "Wave equation in two dimensions";
  p.source = axes == 1 ? "Wang, Yu & Perdikaris 2022, section 6.2: 1.7e-3"
                       : "exact standing waves; 1e-2 to reach";
  p.error_to_reach = 1e-2;
  p.inputs = {{"x", "1", 0, 1}};
  p.evaluation = {101, 101};
  if (axes > 1) {
    p.inputs.push_back({"y", "1", 0, 1});
    p.evaluation = {41, 41, 41};
  }
  const int t = axes;
  p.inputs.push_back({"t", "1", 0, 1, true});
  p.fields = {{"u", "1", "displacement"}};
  const double fastest = modes.back().frequency(speed);
  const double scale = std::max(1.0, 0.5 * fastest * fastest);
  p.add("interior", {{"wave", "1", scale}}, p.interior()).residuals =
      [c2 = speed * speed, t](const Fields& f) -> Residuals {
    const auto u = f["u"];
    if (t == 1) return {u.d(t, t) - c2 * u.d(0, 0)};
    return {u.d(t, t) - c2 * (u.d(0, 0) + u.d(1, 1))};
  };
  p.transform = [modes, t, s = 2 / fastest](const std::vector<Jet>& in,
                                            const std::vector<Jet>& out) -> std::vector<Jet> {
    const Jet late = in[std::size_t(t)] * (1 / s), g = exp(-(late * late));
    Jet inside = 4 * in[0] * (1 - in[0]);
    if (t > 1) inside = inside * (4 * in[1] * (1 - in[1]));
    return {g * initial(modes, in) + (1 - g) * inside * out[0]};
  };
  p.reference = standing(modes, speed, std::size_t(axes));
  p.classical = differences(modes, speed, axes);
  return made;
}

}  // namespace

ProblemEntry wave_1d() {
  ProblemEntry entry{"wave_1d", "Wave equation in one dimension, two standing modes",
                     "Wang, Yu & Perdikaris 2022: relative L2 1.7e-3; 1e-2 to reach"};
  entry.constants = {{"speed", "1", "c", 2, {.at_least = 0.1, .at_most = 10}}};
  entry.make = [](const ProblemChoice& choice) { return make(choice.constants.at("speed"), 1); };
  return entry;
}

ProblemEntry wave_2d() {
  ProblemEntry entry{"wave_2d", "Wave equation in two dimensions, two standing modes",
                     "exact solution; relative L2 1e-2 to reach"};
  entry.constants = {{"speed", "1", "c", 1, {.at_least = 0.1, .at_most = 10}}};
  entry.make = [](const ProblemChoice& choice) { return make(choice.constants.at("speed"), 2); };
  return entry;
}

}  // namespace understudy::pinn
