// Travel-time tomography: the velocity of a section from the first arrivals of several sources at receivers,
// by the eikonal equation v^2 |grad T_s|^2 = 1 (Waheed, Alkhalifah, Haghighat & Song 2021, "PINNtomo"; Smith,
// Azizzadenesheli & Ross 2021). One network gives the arrival times T_s of every source s, a second one the
// velocity between two bounds. T_s = |x - x_s| / v_ref (1 + output) takes the kink at the source out, so that
// T_s is zero there whatever the network says.
//
// Six sources stand in a borehole at x = 0 and six at the surface; 20 receivers in a borehole at the far side
// and 20 at the surface. Without `data` the arrivals are computed for the constants' velocity by fast sweeping
// (travel_times.hpp); with it they are read: a CSV file with the columns source_x, source_z, x, z (m) and time
// (s), and nothing is known to compare with.
//
// The reference velocity is given where rays pass: in squares of 100 m that at least `rays` of the rays
// between sources and receivers cross; elsewhere it is unknown, as it is to any method.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"
#include "pinn/problems/problems.hpp"
#include "pinn/problems/tomography_setting.hpp"
#include "pinn/samples.hpp"
#include "pinn/torch_problem.hpp"
#include "pinn/torch_samples.hpp"

namespace understudy::pinn {

namespace {

constexpr int x = 0, z = 1;
constexpr double square_m = 100;       // in which rays are counted
constexpr double time_scale_s = 0.01;  // of the misfit of arrivals
constexpr int most_sources = 64;
constexpr double middle_m_s = (TomographySetting::slowest_m_s + TomographySetting::fastest_m_s) / 2;
constexpr double half_m_s = (TomographySetting::fastest_m_s - TomographySetting::slowest_m_s) / 2;

using Place = std::array<double, 2>;

struct Picks {
  std::vector<Place> sources;
  Samples samples;  ///< x, z, time, source (its index)
};

Picks own_picks(const std::vector<ArrivalTimes>& arrivals, const std::vector<Place>& sources) {
  Picks picks{sources, {{"x", "z", "time", "source"}, std::vector<std::vector<double>>(4)}};
  for (std::size_t s = 0; s < sources.size(); ++s)
    for (int n = 0; n < 40; ++n) {
      const double part = (n % 20 + 0.5) / 20;
      const Place at = n < 20 ? Place{TomographySetting::width_m, TomographySetting::depth_m * part}
                              : Place{TomographySetting::width_m * part, 0};
      auto& c = picks.samples.columns;
      c[0].push_back(at[0]);
      c[1].push_back(at[1]);
      c[3].push_back(double(s));
      c[2].push_back(arrivals[s].time(at[0], at[1]));
    }
  return picks;
}

Picks read_picks(const ProblemChoice& choice, const TomographySetting& setting) {
  const auto inputs = setting.inputs();
  InputInfo source_x = inputs[x], source_z = inputs[z];
  source_x.name = "source_x";
  source_z.name = "source_z";
  const auto file = data_path(choice, "arrival times");
  const Samples rows = read_samples({file,
                                     {inputs[x], inputs[z], source_x, source_z},
                                     {"time"},
                                     choice.data_points,
                                     10,
                                     0,
                                     choice.seed,
                                     {"s"}});
  Picks picks{
      {}, {{"x", "z", "time", "source"}, {rows.columns[0], rows.columns[1], rows.columns[4], {}}}};
  for (std::size_t n = 0; n < rows.count(); ++n) {
    const Place at{rows.columns[2][n], rows.columns[3][n]};
    auto found = std::find(picks.sources.begin(), picks.sources.end(), at);
    if (found == picks.sources.end()) found = picks.sources.insert(found, at);
    picks.samples.columns[3].push_back(double(found - picks.sources.begin()));
  }
  if (picks.sources.size() > most_sources)
    throw core::UserError(core::format("{}: has {} sources; at most {}", file.string(),
                                       picks.sources.size(), most_sources));
  return picks;
}

std::vector<Place> own_sources() {
  std::vector<Place> sources;
  for (int n = 0; n < 6; ++n) sources.push_back({0, TomographySetting::depth_m * (n + 1) / 7});
  for (int n = 0; n < 6; ++n) sources.push_back({TomographySetting::width_m * n / 6, 0});
  return sources;
}

// How many rays cross each square of 100 m: [z, x].
std::vector<int> count_rays(const std::vector<ArrivalTimes>& arrivals, const Samples& picks) {
  const int across = int(TomographySetting::width_m / square_m),
            down = int(TomographySetting::depth_m / square_m);
  std::vector<int> rays(std::size_t(across * down)), last(rays.size(), -1);
  for (std::size_t n = 0; n < picks.count(); ++n)
    for (const auto& at :
         arrivals[std::size_t(picks.columns[3][n])].ray(picks.columns[0][n], picks.columns[1][n])) {
      const int i = std::min(int(at[0] / square_m), across - 1),
                k = std::min(int(at[1] / square_m), down - 1);
      const auto square = std::size_t(k * across + i);
      if (last[square] != int(n)) {
        last[square] = int(n);
        ++rays[square];
      }
    }
  return rays;
}

Reference truth(const TomographySetting& setting, std::vector<ArrivalTimes> arrivals,
                const Samples& picks, double least_rays) {
  const auto rays = count_rays(arrivals, picks);
  return [setting, arrivals = std::move(arrivals), rays, least_rays](const auto& points) {
    std::vector<std::vector<double>> fields(arrivals.size() + 1);
    const int across = int(TomographySetting::width_m / square_m),
              down = int(TomographySetting::depth_m / square_m);
    for (const auto& point : points) {
      for (std::size_t s = 0; s < arrivals.size(); ++s)
        fields[s].push_back(arrivals[s].time(point[x], point[z]));
      const int i = std::min(int(point[x] / square_m), across - 1),
                k = std::min(int(point[z] / square_m), down - 1);
      fields.back().push_back(rays[std::size_t(k * across + i)] >= least_rays
                                  ? setting.velocity(point[x], point[z])
                                  : std::numeric_limits<double>::quiet_NaN());
    }
    return fields;
  };
}

std::string time_name(std::size_t source) { return core::format("time{}", source + 1); }

// Outputs of the networks to arrival times and velocity.
std::vector<Jet> transform(const std::vector<Place>& sources, const std::vector<Jet>& inputs,
                           const std::vector<Jet>& outputs) {
  std::vector<Jet> fields;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const Jet dx = inputs[x] - sources[s][0], dz = inputs[z] - sources[s][1];
    constexpr double rounding_m2 = 1e-4;  // the root has no derivative at 0
    const Jet free = sqrt(dx * dx + dz * dz + rounding_m2) * (1 / TomographySetting::reference_m_s);
    fields.push_back(free * (outputs[s] * 0.3 + 1));
  }
  fields.push_back(tanh(outputs.back()) * half_m_s + middle_m_s);
  return fields;
}

void add_terms(Problem& p, std::size_t sources, const Samples& samples) {
  std::vector<Equation> equations;
  for (std::size_t s = 0; s < sources; ++s)
    equations.push_back({core::format("source{}", s + 1), "1"});
  p.add("eikonal", equations, p.interior()).residuals = [sources](const Fields& f) {
    const at::Tensor v = f["velocity"];
    Residuals residuals;
    for (std::size_t s = 0; s < sources; ++s) {
      const auto time = f[time_name(s)];
      residuals.push_back((v * time.d(x)).square() + (v * time.d(z)).square() - 1);
    }
    return residuals;
  };
  Region at;
  at = p.interior();
  at.points = points_of(samples, 2);
  at.data = values_of(samples, 2);
  p.add("arrivals", {{"time", "s", time_scale_s}}, at, Term::Kind::data).residuals =
      [sources](const Fields& f) -> Residuals {
    std::vector<at::Tensor> times;
    for (std::size_t s = 0; s < sources; ++s) times.push_back(f[time_name(s)].value());
    const at::Tensor mine = at::stack(times, 1).gather(1, f.data(1).to(at::kLong).unsqueeze(1));
    return {mine.squeeze(1) - f.data(0)};
  };
}

std::shared_ptr<const Problem> make(const ProblemChoice& choice) {
  const auto setting = TomographySetting::from(choice);
  auto made = std::make_shared<Problem>();
  Problem& p = *made;
  p.name = "eikonal_tomography";
  p.title = "Travel-time tomography";
  p.source = "Waheed et al. 2021 (PINNtomo); to reach: 5% where rays pass";
  p.error_to_reach = 0.05;
  p.judged = {"velocity"};
  p.classical_inversion = "ray tomography: damped least squares over traced rays, again and again";
  p.inputs = setting.inputs();
  p.evaluation = {121, 81};
  std::vector<ArrivalTimes> arrivals;
  Picks picks;
  if (choice.data.empty()) {
    const auto sources = own_sources();
    for (const auto& source : sources) arrivals.push_back(setting.arrivals(source));
    picks = own_picks(arrivals, sources);
    if (choice.data_points > 0)
      picks.samples =
          draw(picks.samples, choice.data_points, choice.seed, "the arrivals of this problem");
  } else {
    picks = read_picks(choice, setting);
  }
  // Noise on the time alone: it is the last column of these.
  Samples times{{"time"}, {picks.samples.columns[2]}};
  add_noise(times, 0, choice.noise, choice.seed);
  const Samples clean = picks.samples;
  picks.samples.columns[2] = times.columns[0];

  NetworkGroup of_times{{}, {"x", "z"}};
  for (std::size_t s = 0; s < picks.sources.size(); ++s) {
    p.fields.push_back({time_name(s), "s",
                        core::format("first arrival from ({:.0f}, {:.0f}) m", picks.sources[s][0],
                                     picks.sources[s][1])});
    of_times.fields.push_back(time_name(s));
  }
  p.fields.push_back({"velocity", "m/s", "of the waves"});
  p.networks = {of_times, {{"velocity"}, {"x", "z"}}};
  p.transform = [sources = picks.sources](const std::vector<Jet>& inputs,
                                          const std::vector<Jet>& outputs) {
    return transform(sources, inputs, outputs);
  };
  add_terms(p, picks.sources.size(), picks.samples);
  if (!arrivals.empty())
    p.reference = truth(setting, std::move(arrivals), clean, choice.constants.at("rays"));
  return made;
}

}  // namespace

ProblemEntry eikonal_tomography() {
  ProblemEntry entry{"eikonal_tomography", "velocity of a section from first arrivals (inverse)",
                     "Waheed, Alkhalifah, Haghighat & Song 2021; to reach: 5% where rays pass"};
  entry.constants = TomographySetting::constants();
  entry.constants.push_back({"rays",
                             "1",
                             "that must cross a square of 100 m for its velocity to be compared",
                             1,
                             {.at_least = 0, .at_most = 1000}});
  entry.takes_data = entry.has_samples = true;
  entry.make = make;
  return entry;
}

}  // namespace understudy::pinn
