// Where and when was an earthquake? Its position and origin time from the arrivals at stations, in a known
// velocity, by the eikonal equation (after HypoPINN: Izzatullah, Yildirim, Waheed & Alkhalifah 2022; and
// Smith, Azizzadenesheli & Ross 2021). The unknown source stands in the factor of the arrival time,
//
//   T = |x - source| / v_ref tau(x),   v^2 |grad T|^2 = 1,   origin + T(station) = arrival,
//
// so that one training finds source and tau together: no table of travel times, no grid of trial sources.
// Stations: 12 at the surface and 4 in a borehole. Arrivals by fast sweeping (travel_times.hpp).
#include <ATen/ATen.h>

#include <cmath>

#include "pinn/problems/problems.hpp"
#include "pinn/problems/tomography_setting.hpp"
#include "pinn/samples.hpp"
#include "pinn/torch_problem.hpp"
#include "pinn/torch_samples.hpp"

namespace understudy::pinn {

namespace {

constexpr int x = 0, z = 1;
constexpr double time_scale_s = 0.01;
constexpr double v_ref = TomographySetting::reference_m_s;

Samples arrivals_at_stations(const ArrivalTimes& arrivals, double origin_s) {
  Samples samples{{"x", "z", "time"}, std::vector<std::vector<double>>(3)};
  for (int n = 0; n < 16; ++n) {
    const bool surface = n < 12;
    const double at_x =
        surface ? TomographySetting::width_m * (n + 0.5) / 12 : TomographySetting::width_m;
    const double at_z = surface ? 0 : TomographySetting::depth_m * (n - 11) / 5;
    samples.columns[0].push_back(at_x);
    samples.columns[1].push_back(at_z);
    samples.columns[2].push_back(origin_s + arrivals.time(at_x, at_z));
  }
  return samples;
}

at::Tensor velocity(const VelocityModel& m, const at::Tensor& at_x, const at::Tensor& at_z) {
  const at::Tensor square = (at_x - m.anomaly_x_m).square() + (at_z - m.anomaly_z_m).square();
  return m.surface_m_s + m.gradient_1_s * at_z +
         m.anomaly_m_s * (square * (-0.5 / (m.anomaly_radius_m * m.anomaly_radius_m))).exp();
}

struct Distance {
  at::Tensor dx, dz, r;
};
Distance distance(const Fields& f) {
  const at::Tensor dx = f.input(x) - f.parameter("source_x"),
                   dz = f.input(z) - f.parameter("source_z");
  return {dx, dz,
          (dx.square() + dz.square() + 1.0).sqrt()};  // 1 m: the root has no derivative at 0
}

void add_terms(Problem& p, const VelocityModel& model, const Samples& samples) {
  p.add("eikonal", {{"eikonal", "1"}}, p.interior()).residuals =
      [model](const Fields& f) -> Residuals {
    const auto tau = f["tau"];
    const auto [dx, dz, r] = distance(f);
    const at::Tensor tx = (dx / r * tau.value() + r * tau.d(x)) / v_ref;
    const at::Tensor tz = (dz / r * tau.value() + r * tau.d(z)) / v_ref;
    const at::Tensor v = velocity(model, f.input(x), f.input(z));
    return {(v * tx).square() + (v * tz).square() - 1};
  };
  Region at = p.interior();
  at.points = points_of(samples, 2);
  at.data = values_of(samples, 2);
  p.add("arrivals", {{"time", "s", time_scale_s}}, at, Term::Kind::data).residuals =
      [](const Fields& f) -> Residuals {
    return {f.parameter("origin_time") + distance(f).r / v_ref * f["tau"].value() - f.data(0)};
  };
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const auto setting = TomographySetting::from(choice);
  const double source_x = choice.constants.at("source_x"),
               source_z = choice.constants.at("source_z");
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "earthquake_location";
  p.title = "Location of an earthquake";
  p.source = "after Izzatullah et al. 2022 (HypoPINN) and Smith et al. 2021 (EikoNet)";
  p.inputs = setting.inputs();
  p.fields = {{"tau", "1", "arrival time over that at 2500 m/s"}};
  p.parameters = {{.name = "source_x",
                   .unit = "m",
                   .help = "position",
                   .start = 0.5 * setting.width_m,
                   .lower = 0,
                   .upper = setting.width_m,
                   .truth = source_x,
                   .has_scale = false},
                  {.name = "source_z",
                   .unit = "m",
                   .help = "depth",
                   .start = 0.5 * setting.depth_m,
                   .lower = 0,
                   .upper = setting.depth_m,
                   .truth = source_z,
                   .has_scale = false},
                  {.name = "origin_time",
                   .unit = "s",
                   .help = "of the earthquake",
                   .start = 0,
                   .lower = -5,
                   .upper = 5,
                   .truth = choice.constants.at("origin_time"),
                   .has_scale = false}};
  p.classical_inversion =
      "Geiger's method: least squares over arrival times of a travel-time solver";
  p.evaluation = {121, 81};
  p.transform = [](const std::vector<Jet>&, const std::vector<Jet>& outputs) {
    return std::vector<Jet>{outputs[0] * 0.3 + 1};
  };
  const auto arrivals =
      std::make_shared<const ArrivalTimes>(setting.arrivals({source_x, source_z}));
  Samples samples = arrivals_at_stations(*arrivals, choice.constants.at("origin_time"));
  if (choice.data_points > 0)
    samples = draw(samples, choice.data_points, choice.seed, "the arrivals of this problem");
  add_noise(samples, 2, choice.noise, choice.seed);
  add_terms(p, setting.velocity, samples);
  p.reference = [arrivals, source_x, source_z](const auto& points) {
    std::vector<std::vector<double>> tau(1);
    for (const auto& at : points) {
      const double r = std::hypot(at[x] - source_x, at[z] - source_z);
      tau[0].push_back(r > 0 ? arrivals->time(at[x], at[z]) * v_ref / r
                             : std::numeric_limits<double>::quiet_NaN());
    }
    return tau;
  };
  return made;
}

}  // namespace

ProblemEntry earthquake_location() {
  ProblemEntry entry{"earthquake_location", "position and origin time of an earthquake (inverse)",
                     "after Izzatullah et al. 2022 and Smith et al. 2021"};
  entry.constants = TomographySetting::constants();
  entry.constants.push_back({"source_x",
                             "m",
                             "true position",
                             1900,
                             {.at_least = 0, .at_most = TomographySetting::width_m}});
  entry.constants.push_back({"source_z",
                             "m",
                             "true depth",
                             1400,
                             {.at_least = 0, .at_most = TomographySetting::depth_m}});
  entry.constants.push_back(
      {"origin_time", "s", "true origin time", 0.3, {.at_least = -4, .at_most = 4}});
  entry.has_samples = true;
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
