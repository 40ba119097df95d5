// A hill carried once around the sphere (Williamson et al. 1992, case 1): h_t + v . grad h = 0 with the
// turning of a solid body, v = u0 n x X, and the cosine bell
//
//   h = h0 / 2 (1 + cos(pi r / R)) for r < R, r the distance to its centre, h0 = 1000 m, R = a / 3,
//
// whose second derivative jumps at r = R. Once around takes 12 days. The exact solution is the bell, turned.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "pinn/classical_methods/sphere_differences.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/problems/torch_sphere.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

using namespace sphere;
constexpr double pi = std::numbers::pi;
constexpr double height_m = 1000, bell_radius = 1.0 / 3;  // of the sphere's
constexpr double turning_per_s = speed_m_s / radius_m;
using Vector = std::array<double, 3>;

double bell(double distance) {
  return distance < bell_radius ? height_m / 2 * (1 + std::cos(pi * distance / bell_radius)) : 0;
}

// The bell's centre, (3 pi / 2, 0) at first, turned about the flow's axis: Rodrigues' formula.
Vector centre(double angle, double at_s) {
  const Vector n = axis(angle), c{0, -1, 0};
  const Vector nxc{n[1] * c[2] - n[2] * c[1], n[2] * c[0] - n[0] * c[2], n[0] * c[1] - n[1] * c[0]};
  const double phi = turning_per_s * at_s, along = n[0] * c[0] + n[1] * c[1] + n[2] * c[2];
  Vector turned;
  for (std::size_t k = 0; k < 3; ++k)
    turned[k] = c[k] * std::cos(phi) + nxc[k] * std::sin(phi) + n[k] * along * (1 - std::cos(phi));
  return turned;
}

double exact(double angle, const std::vector<double>& point) {
  const Vector c = centre(angle, point[t]);
  const double cos_lat = std::cos(point[latitude]);
  const double cosine = c[0] * cos_lat * std::cos(point[longitude]) +
                        c[1] * cos_lat * std::sin(point[longitude]) +
                        c[2] * std::sin(point[latitude]);
  return bell(std::acos(std::clamp(cosine, -1.0, 1.0)));
}

// The bell at first at points [point, input].
at::Tensor first(const at::Tensor& points) {
  const at::Tensor cosine = -points.select(1, latitude).cos() * points.select(1, longitude).sin();
  const at::Tensor r = cosine.clamp(-1, 1).acos();
  return height_m / 2 * (1 + (pi / bell_radius * r).clamp_max(pi).cos());
}

ClassicalMethod classical(double angle, double end_s) {
  const auto solve = [angle, end_s](int longitudes) -> Reference {
    SphereCase what;
    what.end_s = end_s;
    what.frozen = true;
    what.initial = [angle](const Vector& x) -> std::array<double, 4> {
      const Vector n = axis(angle);
      return {bell(std::acos(std::clamp(-x[1], -1.0, 1.0))),
              speed_m_s * (n[1] * x[2] - n[2] * x[1]), speed_m_s * (n[2] * x[0] - n[0] * x[2]),
              speed_m_s * (n[0] * x[1] - n[1] * x[0])};
    };
    const auto run = std::make_shared<SphereDifferences>(what, longitudes);
    return [run](const std::vector<std::vector<double>>& points) {
      std::vector<std::vector<double>> h(1);
      for (const auto& point : points)
        h[0].push_back(run->at(point[longitude], point[latitude], point[t])[0]);
      return h;
    };
  };
  return {"differences of fourth order, Runge-Kutta", {32, 48, 64, 96, 128}, solve};
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const double angle = choice.constants.at("angle"), end_s = choice.constants.at("days") * day_s;
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "sphere_advection";
  p.title = "Advection of a cosine bell around the sphere";
  p.source = "Williamson et al. 1992, case 1; Bihlo & Popovych 2022, section 4.1";
  p.inputs = sphere::inputs(end_s);
  p.fields = {{"h", "m", "height"}};
  p.evaluation = {72, 37, 11};
  p.features = sphere::features;
  p.transform = [](const std::vector<Jet>&, const std::vector<Jet>& outputs) -> std::vector<Jet> {
    return {height_m * outputs[0]};
  };
  Region everywhere = p.interior(), start = p.face(t, 0);
  everywhere.sphere_axis = start.sphere_axis = longitude;
  p.add("interior", {{"advection", "m/s", height_m * turning_per_s}}, everywhere).residuals =
      [angle](const Fields& f) -> Residuals {
    const auto h = f["h"];
    const Frame at = frame(f);
    const auto v = cross(axis(angle), at.x);  // in units of u0
    return {h.d(t) + turning_per_s * (dot(v, at.east) * h.d(longitude) / at.cos_latitude +
                                      dot(v, at.north) * h.d(latitude))};
  };
  p.add("initial", {{"h", "m", height_m}}, start, Term::Kind::initial).residuals =
      [](const Fields& f) -> Residuals { return {f["h"] - first(f.points())}; };
  p.initial = [](const at::Tensor& points) -> std::vector<at::Tensor> { return {first(points)}; };
  p.reference = [angle](const std::vector<std::vector<double>>& points) {
    std::vector<std::vector<double>> h(1);
    for (const auto& point : points) h[0].push_back(exact(angle, point));
    return h;
  };
  p.classical = classical(angle, end_s);
  return made;
}

}  // namespace

ProblemEntry sphere_advection() {
  ProblemEntry entry{"sphere_advection", "A cosine bell carried around the sphere",
                     "Williamson et al. 1992, case 1"};
  entry.constants = {angle_constant(),
                     {"days", "d", "end of the time", 12, {.at_most = 24, .above = 0}}};
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
