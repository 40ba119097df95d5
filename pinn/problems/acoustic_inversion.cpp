// The speed of sound in a square from shots recorded around it (after Rasht-Behesht, Huber, Shukla & Karniadakis
// 2022): p_tt = c^2 (p_xx + p_zz). One network gives the pressure of both shots, a second one the anomaly c - c0.
// A shot is a known initial pressure at rest, a Gaussian; 24 receivers stand on each side of the square and record
// both shots. Records by differences (acoustic_waves.hpp); nothing reflects at the sides, and no condition is
// needed there.
//
// The true anomaly is a Gaussian. Errors of `anomaly` are relative to it, not to c, so that the known background
// counts for nothing.
#include <ATen/Functions.h>

#include <cmath>

#include "pinn/classical_methods/acoustic_waves.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/samples.hpp"
#include "pinn/torch_problem.hpp"
#include "pinn/torch_samples.hpp"

namespace understudy::pinn {

namespace {

constexpr int x = 0, z = 1, t = 2;
constexpr double side_m = 1000, duration_s = 0.6, radius_m = 60;
constexpr double background_m_s = 2000, largest_m_s = 800;  // of the anomaly that may be found
constexpr int receivers_a_side = 24, record_times = 61;
constexpr double length_m = 250;  // of the networks' inputs

struct Anomaly {
  double height_m_s, x_m, z_m, radius_m;
  double operator()(double at_x, double at_z) const {
    const double dx = (at_x - x_m) / radius_m, dz = (at_z - z_m) / radius_m;
    return height_m_s * std::exp(-(dx * dx + dz * dz) / 2);
  }
};

AcousticShot shot(int n, double spacing_m) {
  AcousticShot s{side_m, duration_s, spacing_m, background_m_s + largest_m_s, {}, radius_m};
  s.centre_m = n == 0 ? std::array{150.0, 500.0} : std::array{500.0, 150.0};
  return s;
}

Samples records(const std::vector<Lattice>& waves) {
  Samples samples{{"x", "z", "t", "pressure1", "pressure2"}, std::vector<std::vector<double>>(5)};
  for (int receiver = 0; receiver < 4 * receivers_a_side; ++receiver)
    for (int n = 0; n < record_times; ++n) {
      const int side = receiver / receivers_a_side;
      const double along = side_m * (receiver % receivers_a_side + 0.5) / receivers_a_side;
      const double across = side % 2 ? side_m : 0;
      const double at_x = side < 2 ? across : along, at_z = side < 2 ? along : across;
      const double at_t = duration_s * n / (record_times - 1);
      samples.columns[0].push_back(at_x);
      samples.columns[1].push_back(at_z);
      samples.columns[2].push_back(at_t);
      for (int s = 0; s < 2; ++s) samples.columns[3 + s].push_back(waves[s].at(at_x, at_z, at_t));
    }
  return samples;
}

at::Tensor gaussian(const at::Tensor& points, const AcousticShot& s) {
  const at::Tensor square = (points.select(1, x) - s.centre_m[0]).square() +
                            (points.select(1, z) - s.centre_m[1]).square();
  return (square * (-0.5 / (s.radius_m * s.radius_m))).exp();
}

void add_terms(Problem& p, const Samples& samples, double spacing_m) {
  // The wave's terms are like c0^2 / radius^2 at its start and a tenth of it when it has spread. A larger scale
  // lets it die between the records.
  const double scale = 0.1 * std::pow(background_m_s / radius_m, 2);
  p.add("wave", {{"shot1", "Pa/s2", scale}, {"shot2", "Pa/s2", scale}}, p.interior()).residuals =
      [](const Fields& f) -> Residuals {
    const auto a = f["pressure1"], b = f["pressure2"];
    const at::Tensor c2 = (f["anomaly"].value() + background_m_s).square();
    return {a.d(t, t) - c2 * (a.d(x, x) + a.d(z, z)), b.d(t, t) - c2 * (b.d(x, x) + b.d(z, z))};
  };
  const double rate = background_m_s / radius_m;
  p.add(
       "start",
       {{"pressure1", "Pa"}, {"pressure2", "Pa"}, {"rate1", "Pa/s", rate}, {"rate2", "Pa/s", rate}},
       p.face(t, 0), Term::Kind::initial)
      .residuals = [spacing_m](const Fields& f) -> Residuals {
    const auto a = f["pressure1"], b = f["pressure2"];
    return {a.value() - gaussian(f.points(), shot(0, spacing_m)),
            b.value() - gaussian(f.points(), shot(1, spacing_m)), a.d(t), b.d(t)};
  };
  Region at = p.interior();
  at.points = points_of(samples, 3);
  at.data = values_of(samples, 3);
  p.add("records", {{"shot1", "Pa", 0.3}, {"shot2", "Pa", 0.3}}, at, Term::Kind::data).residuals =
      [](const Fields& f) -> Residuals {
    return {f["pressure1"].value() - f.data(0), f["pressure2"].value() - f.data(1)};
  };
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const auto& c = choice.constants;
  const Anomaly anomaly{c.at("anomaly"), c.at("anomaly_x"), c.at("anomaly_z"),
                        c.at("anomaly_radius")};
  const double spacing_m = dividing_constant(choice, "spacing", side_m);
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "acoustic_inversion";
  p.title = "Speed of sound from shots";
  p.source = "after Rasht-Behesht, Huber, Shukla & Karniadakis 2022";
  p.inputs = {{"x", "m", 0, side_m}, {"z", "m", 0, side_m}, {"t", "s", 0, duration_s, true}};
  p.fields = {{"pressure1", "Pa", "of the shot at the left"},
              {"pressure2", "Pa", "of the shot at the top"},
              {"anomaly", "m/s", "speed of sound over that of the background, 2000 m/s"}};
  p.networks = {{{"pressure1", "pressure2"}, {"x", "z", "t"}}, {{"anomaly"}, {"x", "z"}}};
  p.evaluation = {41, 41, 13};
  p.classical_inversion = "full-waveform inversion by adjoint gradients";
  p.features = [](const std::vector<Jet>& inputs, const InputBox& box, int group) {
    constexpr double sides = side_m / (2 * length_m);
    constexpr double periods = duration_s * background_m_s / (2 * length_m);
    std::vector<Jet> all{scaled(inputs, box, x) * sides, scaled(inputs, box, z) * sides};
    if (group == 0) all.push_back(scaled(inputs, box, t) * periods);
    return all;
  };
  p.transform = [](const std::vector<Jet>&, const std::vector<Jet>& outputs) {
    return std::vector<Jet>{outputs[0], outputs[1], tanh(outputs[2] * 0.05) * largest_m_s};
  };
  std::vector<Lattice> waves;
  for (int n = 0; n < 2; ++n)
    waves.push_back(acoustic_waves(shot(n, spacing_m), [&](double at_x, double at_z) {
      return background_m_s + anomaly(at_x, at_z);
    }));
  Samples samples = records(waves);
  if (choice.data_points > 0)
    samples = draw(samples, choice.data_points, choice.seed, "the records of this problem");
  add_noise(samples, 3, choice.noise, choice.seed);
  add_terms(p, samples, spacing_m);
  p.reference = [waves = std::move(waves), anomaly](const auto& points) {
    std::vector<std::vector<double>> fields(3);
    for (const auto& at : points) {
      for (std::size_t s = 0; s < 2; ++s) fields[s].push_back(waves[s].at(at[x], at[z], at[t]));
      fields[2].push_back(anomaly(at[x], at[z]));
    }
    return fields;
  };
  return made;
}

}  // namespace

ProblemEntry acoustic_inversion() {
  ProblemEntry entry{"acoustic_inversion",
                     "speed of sound from shots recorded around a square (inverse)",
                     "after Rasht-Behesht, Huber, Shukla & Karniadakis 2022"};
  entry.constants = {
      {"anomaly",
       "m/s",
       "height of the true Gaussian anomaly",
       400,
       {.at_least = -600, .at_most = 600}},
      {"anomaly_x", "m", "its centre", 520, {.at_least = 0, .at_most = side_m}},
      {"anomaly_z", "m", "its centre's depth", 520, {.at_least = 0, .at_most = side_m}},
      {"anomaly_radius", "m", "its standard deviation", 120, {.at_least = 30, .at_most = 500}},
      {"spacing", "m", "of the records' solver; divides 1000", 10, {.at_least = 2, .at_most = 20}}};
  entry.has_samples = true;
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
