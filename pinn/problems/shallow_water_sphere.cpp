// Shallow water on the turning sphere (Williamson et al. 1992, eq. 1-4) in space's own coordinates:
//
//   P [v_t + (v . grad) v] + f X x v + g grad h = 0,   h_t + v . grad h + h div v = 0,
//
// P the projection on the tangent plane, which does what the metric terms do in longitude and latitude.
// The residuals are its east and north components. v is tangent by construction: P w of the network's w.
//
// Case 2, the steady flow in geostrophic balance: v = u0 n x X, f = 2 Omega n . X and
//
//   g h = g h0 - (a Omega u0 + u0^2 / 2) (n . X)^2,   u0 = 2 pi a / 12 days, g h0 = 2.94e4 m2/s2.
//
// The network is told the initial state as a condition, not that the flow is steady.
#include <cmath>
#include <numbers>

#include "pinn/classical_methods/sphere_differences.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/problems/torch_sphere.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

using namespace sphere;
constexpr double mean_height_m = 2.94e4 / gravity_m_s2;
constexpr double relief_m =
    (radius_m * rotation_per_s * speed_m_s + speed_m_s * speed_m_s / 2) / gravity_m_s2;
using Vector = std::array<double, 3>;
using Tensors = std::array<at::Tensor, 3>;

std::array<double, 4> balanced(double angle, const Vector& x) {
  const Vector n = axis(angle);
  const double up = n[0] * x[0] + n[1] * x[1] + n[2] * x[2];
  return {mean_height_m - relief_m * up * up, speed_m_s * (n[1] * x[2] - n[2] * x[1]),
          speed_m_s * (n[2] * x[0] - n[0] * x[2]), speed_m_s * (n[0] * x[1] - n[1] * x[0])};
}

std::vector<at::Tensor> balanced(double angle, const Tensors& x) {
  const auto n = axis(angle);
  const at::Tensor up = dot(n, x);
  const auto v = cross(n, x);
  return {mean_height_m - relief_m * up * up, speed_m_s * v[0], speed_m_s * v[1], speed_m_s * v[2]};
}

Residuals shallow_water(const Fields& f, double angle) {
  const Frame at = frame(f);
  const auto h = f["h"];
  const std::array<FieldValue, 3> v{f["vx"], f["vy"], f["vz"]};
  const Tensors velocity{v[0], v[1], v[2]};
  const at::Tensor u = dot(velocity, at.east), w = dot(velocity, at.north);
  const at::Tensor per_east = 1 / (radius_m * at.cos_latitude);
  constexpr double per_north = 1 / radius_m;
  Tensors by_east, by_north, moved;
  for (std::size_t c = 0; c < 3; ++c) {
    by_east[c] = v[c].d(longitude) * per_east;
    by_north[c] = v[c].d(latitude) * per_north;
    moved[c] = v[c].d(t) + u * by_east[c] + w * by_north[c];
  }
  const at::Tensor h_east = h.d(longitude) * per_east, h_north = h.d(latitude) * per_north;
  const at::Tensor coriolis = 2 * rotation_per_s * dot(axis(angle), at.x);
  return {
      dot(moved, at.east) - coriolis * w + gravity_m_s2 * h_east,
      dot(moved, at.north) + coriolis * u + gravity_m_s2 * h_north,
      h.d(t) + u * h_east + w * h_north + h * (dot(by_east, at.east) + dot(by_north, at.north))};
}

// h near its mean, v the tangent part of the outputs.
std::vector<Jet> in_units(const std::vector<Jet>& inputs, const std::vector<Jet>& outputs) {
  const auto x = place(inputs);
  const Jet outwards = x[0] * outputs[1] + x[1] * outputs[2] + x[2] * outputs[3];
  return {mean_height_m + relief_m * outputs[0], speed_m_s * (outputs[1] - outwards * x[0]),
          speed_m_s * (outputs[2] - outwards * x[1]), speed_m_s * (outputs[3] - outwards * x[2])};
}

template <class At>
Reference columns_of(At values_at) {
  return [values_at](const std::vector<std::vector<double>>& points) {
    std::vector<std::vector<double>> columns(4);
    for (const auto& point : points) {
      const auto values = values_at(point);
      for (std::size_t c = 0; c < 4; ++c) columns[c].push_back(values[c]);
    }
    return columns;
  };
}

Reference exact(double angle) {
  return columns_of([angle](const std::vector<double>& point) {
    const double lon = point[longitude], lat = point[latitude];
    return balanced(
        angle, Vector{std::cos(lat) * std::cos(lon), std::cos(lat) * std::sin(lon), std::sin(lat)});
  });
}

ClassicalMethod classical(double angle, double end_s) {
  const auto solve = [angle, end_s](int longitudes) {
    SphereCase what;
    what.end_s = end_s;
    what.axis = axis(angle);
    what.initial = [angle](const Vector& x) { return balanced(angle, x); };
    const auto run = std::make_shared<SphereDifferences>(what, longitudes);
    return columns_of([run](const std::vector<double>& point) {
      return run->at(point[longitude], point[latitude], point[t]);
    });
  };
  return {"differences of fourth order, Runge-Kutta", {16, 24, 32, 48, 64}, solve};
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const double angle = choice.constants.at("angle"), end_s = choice.constants.at("days") * day_s;
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "shallow_water_sphere";
  p.title = "Shallow water on the sphere: steady geostrophic flow";
  p.source = "Williamson et al. 1992, case 2; Bihlo & Popovych 2022, section 4.2: 1e-2";
  p.error_to_reach = 1e-2;
  p.inputs = sphere::inputs(end_s);
  p.fields = {{"h", "m", "height"},
              {"vx", "m/s", "velocity, component in space to longitude 0 on the equator"},
              {"vy", "m/s", "to longitude 90 degrees on the equator"},
              {"vz", "m/s", "to the north pole"}};
  p.evaluation = {36, 19, 11};
  p.features = sphere::features;
  p.transform = in_units;
  Region everywhere = p.interior(), start = p.face(t, 0);
  everywhere.sphere_axis = start.sphere_axis = longitude;
  constexpr double force = 2 * rotation_per_s * speed_m_s,
                   flux = mean_height_m * speed_m_s / radius_m;
  p.add(
       "interior",
       {{"momentum_east", "m/s2", force}, {"momentum_north", "m/s2", force}, {"mass", "m/s", flux}},
       everywhere)
      .residuals = [angle](const Fields& f) { return shallow_water(f, angle); };
  p.add("initial",
        {{"h", "m", relief_m},
         {"vx", "m/s", speed_m_s},
         {"vy", "m/s", speed_m_s},
         {"vz", "m/s", speed_m_s}},
        start, Term::Kind::initial)
      .residuals = [angle](const Fields& f) -> Residuals {
    const auto wanted = balanced(angle, frame(f).x);
    return {f["h"] - wanted[0], f["vx"] - wanted[1], f["vy"] - wanted[2], f["vz"] - wanted[3]};
  };
  p.initial = [angle](const at::Tensor& points) {
    Fields::Source source;
    source.points = points;
    return balanced(angle, frame(Fields(std::move(source))).x);
  };
  p.reference = exact(angle);
  p.classical = classical(angle, end_s);
  return made;
}

}  // namespace

ProblemEntry shallow_water_sphere() {
  ProblemEntry entry{"shallow_water_sphere", "Shallow water on the turning sphere, a steady flow",
                     "Williamson et al. 1992, case 2: relative L2 of height and velocity 1e-2"};
  entry.constants = {angle_constant(),
                     {"days", "d", "end of the time", 5, {.at_most = 15, .above = 0}}};
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
