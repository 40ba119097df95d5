#include "solvers/seismic/earth/model_families.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"

namespace understudy::solvers::seismic {
namespace {

using std::numbers::pi;

struct Wave {
  double amplitude_m, number_x, number_y, phase;  // numbers in rad/m
};

struct Fault {
  double x_m, y_m, depth_m;         // a point of it
  double strike_x, strike_y;        // horizontal unit vector across the fault, towards its dip
  double cos_dip, sin_dip, slip_m;  // slip of the upper side, positive downwards
};

struct Strata {
  std::vector<double> tops_m;  // of layers 1, 2...; layer 0 begins at the surface
  std::vector<double> speeds_m_s;
  std::vector<Wave> waves;
  std::vector<Fault> faults;

  double speed(double x, double y, double depth) const {
    for (const Fault& f : faults) {
      const double across = (x - f.x_m) * f.strike_x + (y - f.y_m) * f.strike_y;
      // Above the plane that falls towards `strike`: that side has slipped, so look up where it was.
      if ((depth - f.depth_m) * f.cos_dip < across * f.sin_dip) {
        x -= f.slip_m * f.cos_dip * f.strike_x;
        y -= f.slip_m * f.cos_dip * f.strike_y;
        depth -= f.slip_m * f.sin_dip;
      }
    }
    for (const Wave& w : waves)
      depth -= w.amplitude_m * std::sin(w.number_x * x + w.number_y * y + w.phase);
    const auto layer = std::upper_bound(tops_m.begin(), tops_m.end(), depth) - tops_m.begin();
    return speeds_m_s[static_cast<std::size_t>(layer)];
  }
};

double between(core::SplitMix& random, double least, double most) {
  return least + (most - least) * random.uniform();
}

void draw_layers(Strata& strata, const FamilyParams& params, double depth_m,
                 core::SplitMix& random) {
  const auto choices =
      static_cast<std::uint64_t>(params.interfaces_most - params.interfaces_least + 1);
  const int interfaces = params.interfaces_least + static_cast<int>(random.below(choices));
  const double least = params.least_thickness_m > 0 ? params.least_thickness_m : depth_m / 14;
  // Checked for the largest number, so that no member of the family comes as a surprise.
  if (least * (params.interfaces_most + 1) > depth_m)
    throw core::UserError(core::format(
        "seismic.model.family: {} layers of at least {} m do not fit into a depth of {} m; at most {} "
        "interfaces do",
        params.interfaces_most + 1, least, depth_m,
        std::max(0, static_cast<int>(depth_m / least) - 1)));
  const double spare = depth_m - least * (interfaces + 1);
  for (int n = 0; n < interfaces; ++n) strata.tops_m.push_back(spare * random.uniform());
  std::sort(strata.tops_m.begin(), strata.tops_m.end());
  for (int n = 0; n < interfaces; ++n) strata.tops_m[n] += least * (n + 1);
  for (int n = 0; n <= interfaces; ++n)
    strata.speeds_m_s.push_back(between(random, params.speed_least_m_s, params.speed_most_m_s));
  if (params.speeds == "increasing") std::sort(strata.speeds_m_s.begin(), strata.speeds_m_s.end());
}

void draw_waves(Strata& strata, const FamilyParams& params, const ModelGeometry& geometry,
                core::SplitMix& random) {
  const double width = geometry.upper_m[0] - geometry.lower_m[0];
  const double most =
      params.amplitude_most_m > 0 ? params.amplitude_most_m : geometry.depth_of_box() / 10;
  const double longest = params.wavelength_most_m > 0 ? params.wavelength_most_m : 2 * width;
  const double shortest =
      params.wavelength_least_m > 0 ? params.wavelength_least_m : std::min(width / 2, longest);
  for (int n = 0; n < params.waves; ++n) {
    const double amplitude = most / params.waves * random.uniform();
    const double number = 2 * pi / between(random, shortest, longest);
    const double direction = geometry.dimension == 3 ? 2 * pi * random.uniform() : 0;
    strata.waves.push_back({amplitude, number * std::cos(direction), number * std::sin(direction),
                            2 * pi * random.uniform()});
  }
}

void draw_faults(Strata& strata, const FamilyParams& params, const ModelGeometry& geometry,
                 core::SplitMix& random) {
  const double depth = geometry.depth_of_box();
  const double most = params.slip_most_m > 0 ? params.slip_most_m : depth / 7;
  const int count =
      1 + static_cast<int>(random.below(static_cast<std::uint64_t>(params.faults_most)));
  for (int n = 0; n < count; ++n) {
    Fault f{};
    f.x_m = between(random, geometry.lower_m[0], geometry.upper_m[0]);
    f.y_m = geometry.dimension == 3 ? between(random, geometry.lower_m[1], geometry.upper_m[1]) : 0;
    f.depth_m = depth * random.uniform();
    const double strike =
        geometry.dimension == 3 ? 2 * pi * random.uniform() : (random.uniform() < 0.5 ? 0 : pi);
    f.strike_x = geometry.dimension == 3 ? std::cos(strike) : (strike == 0 ? 1 : -1);
    f.strike_y = geometry.dimension == 3 ? std::sin(strike) : 0;
    const double dip = between(random, params.dip_least_deg, 90) * pi / 180;
    f.cos_dip = std::cos(dip);
    f.sin_dip = std::sin(dip);
    const double sign = random.uniform() < 0.5 ? -1 : 1;
    f.slip_m = sign * between(random, most / 4, most);
    strata.faults.push_back(f);
  }
}

// Both numbers are mixed, so that neighbouring seeds and indices share no sequence.
core::SplitMix generator(std::uint64_t seed, std::uint64_t index) {
  core::SplitMix of_seed(seed);
  core::SplitMix of_index(of_seed.bits() + index);
  return core::SplitMix(of_index.bits());
}

}  // namespace

std::vector<double> family_speeds(const FamilyParams& params, bool curved,
                                  const ModelGeometry& geometry, std::uint64_t seed,
                                  std::uint64_t index) {
  core::SplitMix random = generator(seed, index);
  Strata strata;
  draw_layers(strata, params, geometry.depth_of_box(), random);
  if (curved) draw_waves(strata, params, geometry, random);
  if (params.faults) draw_faults(strata, params, geometry, random);

  std::vector<double> speeds;
  speeds.reserve(static_cast<std::size_t>(geometry.rows()) * geometry.plane());
  for (int row = 0; row < geometry.rows(); ++row)
    for (int n = 0; n < geometry.plane(); ++n)
      speeds.push_back(strata.speed(geometry.x(n % geometry.cells[0]),
                                    geometry.y(n / geometry.cells[0]), geometry.depth(row)));
  return speeds;
}

}  // namespace understudy::solvers::seismic
