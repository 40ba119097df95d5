#include "solvers/weather/shallow_water/shallow_water_cases.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <random>

#include "core/error.hpp"

namespace understudy::solvers {

namespace {

constexpr double pi = std::numbers::pi;
constexpr double day_s = 86400;

double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Vector3 cross(const Vector3& a, const Vector3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
Vector3 scaled(const Vector3& a, double factor) {
  return {factor * a[0], factor * a[1], factor * a[2]};
}
// Zonal and meridional speed at a unit vector as a Cartesian vector.
Vector3 wind(const Vector3& at, double east, double north) {
  const auto [longitude, latitude] = mesh::longitude_latitude(at);
  const double cl = std::cos(longitude), sl = std::sin(longitude);
  const double st = std::sin(latitude), ct = std::cos(latitude);
  return {-sl * east - cl * st * north, cl * east - sl * st * north, ct * north};
}
double angle_between(const Vector3& a, const Vector3& b) {
  const Vector3 c = cross(a, b);
  return std::atan2(std::sqrt(dot(c, c)), dot(a, b));
}

/// What all cases know of the sphere.
struct Sphere {
  double radius_m, gravity, rotation;
};

// Solid-body rotation of speed u0 at the equator, with the depth that balances it.
double balanced_depth(const Sphere& sphere, double mean_m, double u0, double sine) {
  return mean_m -
         (sphere.radius_m * sphere.rotation * u0 + u0 * u0 / 2) * sine * sine / sphere.gravity;
}

class Rotating : public ShallowWaterCase {
 public:
  Rotating(const Sphere& sphere, double u0, double mean_m)
      : sphere_(sphere), u0_(u0), mean_m_(mean_m) {}
  double depth(const Vector3& at, double) const override {
    return balanced_depth(sphere_, mean_m_, u0_, at[2]);
  }
  Vector3 velocity(const Vector3& at, double) const override {
    return scaled(cross({0, 0, 1}, at), u0_);
  }
  bool exact() const override { return true; }

 protected:
  Sphere sphere_;
  double u0_, mean_m_;
};

class Bell : public Rotating {
 public:
  explicit Bell(const Sphere& sphere)
      : Rotating(sphere, 2 * pi * sphere.radius_m / (12 * day_s), 0) {}
  double depth(const Vector3& at, double time_s) const override {
    const double turned = 1.5 * pi + u0_ / sphere_.radius_m * time_s;
    const double distance = angle_between(at, mesh::direction_of({turned, 0}));
    return distance < 1.0 / 3 ? 500 * (1 + std::cos(3 * pi * distance)) : 0;
  }
  bool wind_is_given() const override { return true; }
};

class Mountain : public Rotating {
 public:
  Mountain(const Sphere& sphere, double u0) : Rotating(sphere, u0, 5960) {}
  double depth(const Vector3& at, double time_s) const override {
    return Rotating::depth(at, time_s) - topography(at);
  }
  // A cone in longitude and latitude.
  double topography(const Vector3& at) const override {
    const auto [longitude, latitude] = mesh::longitude_latitude(at);
    const double east = std::remainder(longitude - 1.5 * pi, 2 * pi), north = latitude - pi / 6;
    const double distance = std::min(pi / 9, std::hypot(east, north));
    return 2000 * (1 - distance / (pi / 9));
  }
  bool exact() const override { return u0_ == 0; }
};

class RossbyHaurwitz : public ShallowWaterCase {
 public:
  explicit RossbyHaurwitz(const Sphere& sphere) : sphere_(sphere) {}
  double depth(const Vector3& at, double) const override {
    const auto [longitude, latitude] = mesh::longitude_latitude(at);
    const double a = sphere_.radius_m, w = omega, big_omega = sphere_.rotation;
    const double c2 = std::pow(std::cos(latitude), 2), cr = std::pow(std::cos(latitude), wave);
    const double A =
        w / 2 * (2 * big_omega + w) * c2 + k * k / 4 * cr * cr *
                                               ((wave + 1) * c2 + (2 * wave * wave - wave - 2) -
                                                2 * wave * wave / std::max(c2, 1e-300));
    const double B = 2 * (big_omega + w) * k / ((wave + 1) * (wave + 2)) * cr *
                     ((wave * wave + 2 * wave + 2) - std::pow(wave + 1, 2) * c2);
    const double C = k * k / 4 * cr * cr * ((wave + 1) * c2 - (wave + 2));
    return 8000 + a * a / sphere_.gravity *
                      (A + B * std::cos(wave * longitude) + C * std::cos(2 * wave * longitude));
  }
  Vector3 velocity(const Vector3& at, double) const override {
    const auto [longitude, latitude] = mesh::longitude_latitude(at);
    const double a = sphere_.radius_m, c = std::cos(latitude), s = std::sin(latitude);
    const double power = std::pow(c, wave - 1);
    const double east =
        a * omega * c + a * k * power * (wave * s * s - c * c) * std::cos(wave * longitude);
    const double north = -a * k * wave * power * s * std::sin(wave * longitude);
    return wind(at, east, north);
  }

 private:
  static constexpr double omega = 7.848e-6, k = 7.848e-6, wave = 4;
  Sphere sphere_;
};

class UnsteadySolidBody : public ShallowWaterCase {
 public:
  explicit UnsteadySolidBody(const Sphere& sphere)
      : sphere_(sphere), u0_(2 * pi * sphere.radius_m / (12 * day_s)) {}
  // The axis of the flow rests in space: seen from the sphere it turns backwards.
  Vector3 axis(double time_s) const {
    const double turned = -sphere_.rotation * time_s, tilt = pi / 4;
    return {-std::sin(tilt) * std::cos(turned), -std::sin(tilt) * std::sin(turned), std::cos(tilt)};
  }
  double depth(const Vector3& at, double time_s) const override {
    constexpr double k1 = 133681;  // m2/s2
    const double spin = u0_ * dot(axis(time_s), at) + sphere_.rotation * sphere_.radius_m * at[2];
    return (k1 - spin * spin / 2) / sphere_.gravity;
  }
  double topography(const Vector3& at) const override {
    const double spin = sphere_.rotation * sphere_.radius_m * at[2];
    return spin * spin / 2 / sphere_.gravity;
  }
  Vector3 velocity(const Vector3& at, double time_s) const override {
    return scaled(cross(axis(time_s), at), u0_);
  }
  bool exact() const override { return true; }

 private:
  Sphere sphere_;
  double u0_;
};

class Jet : public ShallowWaterCase {
 public:
  Jet(const Sphere& sphere, const JetPerturbation& perturbation)
      : sphere_(sphere), perturbation_(perturbation) {
    if (perturbation_.seed > 0) draw();
    tabulate();
  }
  double depth(const Vector3& at, double) const override {
    const auto [longitude, latitude] = mesh::longitude_latitude(at);
    const JetPerturbation& p = perturbation_;
    const double east = std::remainder(longitude - p.longitude_deg * pi / 180, 2 * pi);
    const double north = latitude - p.latitude_deg * pi / 180;
    return balanced(latitude) + p.height_m * std::cos(latitude) *
                                    std::exp(-std::pow(east / p.width_longitude, 2)) *
                                    std::exp(-std::pow(north / p.width_latitude, 2));
  }
  Vector3 velocity(const Vector3& at, double) const override {
    return wind(at, speed(mesh::longitude_latitude(at).latitude), 0);
  }
  // Without a perturbation the jet is steady.
  bool exact() const override { return perturbation_.height_m == 0; }

 private:
  static constexpr double south = pi / 7, north_end = pi / 2 - pi / 7, fastest = 80, mean_m = 1e4;

  double speed(double latitude) const {
    if (latitude <= south || latitude >= north_end) return 0;
    const double norm = std::exp(-4 / std::pow(north_end - south, 2));
    return fastest / norm * std::exp(1 / ((latitude - south) * (latitude - north_end)));
  }
  // d(g h)/d(latitude)
  double slope(double latitude) const {
    const double u = speed(latitude), f = 2 * sphere_.rotation * std::sin(latitude);
    return -sphere_.radius_m * u * (f + std::tan(latitude) * u / sphere_.radius_m);
  }
  // Gauss-Legendre quadrature of five points a piece.
  static double integral(const std::function<double(double)>& f, double from, double to) {
    constexpr std::array x{0.0, 0.5384693101056831, 0.9061798459386640};
    constexpr std::array w{0.5688888888888889, 0.4786286704993665, 0.2369268850561891};
    const double half = (to - from) / 2, middle = (to + from) / 2;
    double sum = w[0] * f(middle);
    for (int n = 1; n < 3; ++n) sum += w[n] * (f(middle - half * x[n]) + f(middle + half * x[n]));
    return half * sum;
  }
  void tabulate() {
    const auto g = [this](double latitude) { return slope(latitude); };
    for (int n = 1; n <= pieces; ++n)
      height_[n] = height_[n - 1] + integral(g, edge(n - 1), edge(n)) / sphere_.gravity;
    double mean = 0;  // over the sphere
    for (int n = 0; n < 4 * pieces; ++n) {
      const double from = -pi / 2 + n * pi / (4 * pieces), to = from + pi / (4 * pieces);
      mean += integral([this](double l) { return balanced(l) * std::cos(l) / 2; }, from, to);
    }
    level_ = mean_m - mean;
  }
  static double edge(int n) { return south + n * (north_end - south) / pieces; }
  double balanced(double latitude) const {
    if (latitude <= south) return level_;
    if (latitude >= north_end) return level_ + height_[pieces];
    const int n = std::min(pieces - 1, int((latitude - south) / (north_end - south) * pieces));
    return level_ + height_[n] +
           integral([this](double l) { return slope(l); }, edge(n), latitude) / sphere_.gravity;
  }
  void draw() {
    std::mt19937_64 random(std::uint64_t(perturbation_.seed));
    const auto uniform = [&random](double low, double high) {
      return low + (high - low) * double(random() >> 11) * 0x1p-53;
    };
    JetPerturbation& p = perturbation_;
    p.height_m *= uniform(0.5, 1.5) * (uniform(0, 1) < 0.5 ? -1 : 1);
    p.latitude_deg += uniform(-5, 5);
    p.longitude_deg = uniform(-180, 180);
    p.width_longitude *= uniform(0.75, 1.25);
    p.width_latitude *= uniform(0.75, 1.25);
  }

  static constexpr int pieces = 512;
  Sphere sphere_;
  JetPerturbation perturbation_;
  std::array<double, pieces + 1> height_{};
  double level_ = 0;
};

// A sum of zonal harmonics P_n about random axes: harmonics of degree n in random directions.
class RandomWaves : public ShallowWaterCase {
 public:
  RandomWaves(const Sphere& sphere, const RandomFlow& flow) : sphere_(sphere) {
    std::mt19937_64 random(std::uint64_t(flow.seed) + 0x5eed);
    std::normal_distribution<double> normal;
    double square = 0;
    for (long long degree = flow.lowest_degree; degree <= flow.highest_degree; ++degree)
      for (long long n = 0; n < 2 * degree + 1; ++n) {
        Wave wave{int(degree), 1, {normal(random), normal(random), normal(random)}};
        wave.axis = scaled(wave.axis, 1 / std::sqrt(dot(wave.axis, wave.axis)));
        // The mean square of grad P_n is n (n + 1) / (2 n + 1): every wave has the same energy.
        wave.amplitude =
            normal(random) * std::sqrt((2 * degree + 1.0) / (double(degree) * double(degree + 1)));
        square += 1;
        waves_.push_back(wave);
      }
    for (Wave& wave : waves_)
      wave.amplitude *= flow.speed_m_s * sphere.radius_m / std::sqrt(square);
  }
  double depth(const Vector3& at, double) const override {
    const double f = 2 * sphere_.rotation * at[2];
    double stream = 0;
    for (const Wave& wave : waves_)
      stream += wave.amplitude * legendre(wave.degree, dot(wave.axis, at)).value;
    return 1e4 + f * stream / sphere_.gravity;
  }
  Vector3 velocity(const Vector3& at, double) const override {
    Vector3 sum{};
    for (const Wave& wave : waves_) {
      const double slope = wave.amplitude * legendre(wave.degree, dot(wave.axis, at)).slope;
      for (int c = 0; c < 3; ++c) sum[c] += slope * wave.axis[c] / sphere_.radius_m;
    }
    return cross(at, sum);
  }

 private:
  struct Wave {
    int degree;
    double amplitude;  // m2/s, of the stream function
    Vector3 axis;
  };
  struct Value {
    double value, slope;
  };
  static Value legendre(int degree, double x) {
    double before = 1, now = x, slope_before = 0, slope = 1;
    for (int n = 1; n < degree; ++n) {
      const double next = ((2 * n + 1) * x * now - n * before) / (n + 1);
      const double slope_next = slope_before + (2 * n + 1) * now;
      before = now;
      now = next;
      slope_before = slope;
      slope = slope_next;
    }
    return {now, slope};
  }
  Sphere sphere_;
  std::vector<Wave> waves_;
};

}  // namespace

const std::vector<CaseEntry>& shallow_water_cases() {
  static const std::vector<CaseEntry> all{
      {"rest", "a fluid at rest over a mountain"},
      {"williamson_1", "a cosine bell carried by a given wind"},
      {"williamson_2", "steady zonal flow, exact"},
      {"williamson_5", "zonal flow over an isolated mountain"},
      {"williamson_6", "Rossby-Haurwitz wave"},
      {"solid_body", "unsteady solid-body rotation over topography, exact (Laeuter et al. 2005)"},
      {"galewsky", "barotropically unstable jet (Galewsky et al. 2004)"},
      {"random", "decaying turbulence from random waves"}};
  return all;
}

std::unique_ptr<ShallowWaterCase> make_shallow_water_case(const ShallowWaterParams& params,
                                                          double radius_m) {
  const Sphere sphere{radius_m, params.gravity_m_s2, params.rotation_1_s};
  const std::string& name = params.start;
  if (name == "rest") return std::make_unique<Mountain>(sphere, 0);
  if (name == "williamson_1") return std::make_unique<Bell>(sphere);
  if (name == "williamson_2")
    return std::make_unique<Rotating>(sphere, 2 * pi * radius_m / (12 * day_s),
                                      2.94e4 / params.gravity_m_s2);
  if (name == "williamson_5") return std::make_unique<Mountain>(sphere, 20);
  if (name == "williamson_6") return std::make_unique<RossbyHaurwitz>(sphere);
  if (name == "solid_body") return std::make_unique<UnsteadySolidBody>(sphere);
  if (name == "galewsky") return std::make_unique<Jet>(sphere, params.perturbation);
  if (name == "random") return std::make_unique<RandomWaves>(sphere, params.random);
  throw core::UserError("shallow_water.start: there is no '" + name + "'");
}

double initial_tracer(const std::string& name, const Vector3& at) {
  if (name == "latitude") return at[2];
  constexpr double half = 0.5, background = 0.1, scale = 0.9;
  double value = 0;
  for (const double centre : {5 * pi / 6, 7 * pi / 6}) {
    const double distance = angle_between(at, mesh::direction_of({centre, 0}));
    if (distance >= half) continue;
    if (name == "cosine_bells") {
      value = std::max(value, (1 + std::cos(pi * distance / half)) / 2);
      continue;
    }
    const auto [longitude, latitude] = mesh::longitude_latitude(at);
    const bool beside_slot = std::abs(std::remainder(longitude - centre, 2 * pi)) >= half / 6;
    const bool behind_slot = centre < pi ? latitude < -5 * half / 12 : latitude > 5 * half / 12;
    if (beside_slot || behind_slot) value = 1;
  }
  return background + scale * value;
}

Tilt::Tilt(double degrees)
    : cosine_(std::cos(degrees * pi / 180)), sine_(std::sin(degrees * pi / 180)) {}

// The case's axis (0, 0, 1) lies at (-sin, 0, cos) of the grid.
Vector3 Tilt::to_grid(const Vector3& v) const {
  return {cosine_ * v[0] - sine_ * v[2], v[1], sine_ * v[0] + cosine_ * v[2]};
}
Vector3 Tilt::to_case(const Vector3& v) const {
  return {cosine_ * v[0] + sine_ * v[2], v[1], -sine_ * v[0] + cosine_ * v[2]};
}

}  // namespace understudy::solvers
