#include "pinn/sampling.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

namespace {

// Candidates for each point that is wanted, before a region counts as empty.
constexpr long long most_candidates = 1000;
// Half the thickness of the shell about a surface, of the body's smallest extent.
constexpr double shell = 0.05;

// Maps the unit cube of the free axes on a box.
struct BoxMap {
  std::vector<double> lower, upper;
  int sphere_axis = -1;
  std::vector<std::size_t> free;

  BoxMap(std::vector<double> low, std::vector<double> high, int sphere)
      : lower(std::move(low)), upper(std::move(high)), sphere_axis(sphere) {
    for (std::size_t i = 0; i < lower.size(); ++i)
      if (upper[i] > lower[i]) free.push_back(i);
  }
  std::size_t inputs() const { return lower.size(); }
  double place(std::size_t axis, double x) const {
    if (sphere_axis >= 0 && axis == std::size_t(sphere_axis) + 1) {
      const double low = std::sin(lower[axis]), high = std::sin(upper[axis]);
      return std::asin(std::clamp(low + x * (high - low), -1.0, 1.0));
    }
    return lower[axis] + x * (upper[axis] - lower[axis]);
  }
  // unit [count][free axis] -> points [count][input]
  void apply(std::span<const double> unit, std::span<double> points) const {
    for (std::size_t i = 0; i < inputs(); ++i) {
      const auto found = std::find(free.begin(), free.end(), i);
      const auto column = std::size_t(found - free.begin());
      for (std::size_t n = 0; n * inputs() < points.size(); ++n)
        points[n * inputs() + i] =
            found == free.end() ? lower[i] : place(i, unit[n * free.size() + column]);
    }
  }
};

// Points first ... first + count of `points` in the unit cube.
std::vector<double> unit_points(const RegionSample& sample, std::size_t axes) {
  std::vector<double> unit(std::size_t(sample.count) * axes);
  if (axes == 0) return unit;
  if (sample.method == "uniform") {
    core::SplitMix random(sample.seed);
    random.skip(std::uint64_t(sample.first) * axes);
    for (double& x : unit) x = random.uniform();
    return unit;
  }
  std::vector<double> all(std::size_t(sample.points) * axes);
  core::fill_unit_cube({sample.method, std::size_t(sample.points), int(axes), sample.seed}, all);
  std::copy_n(all.begin() + sample.first * std::ptrdiff_t(axes), unit.size(), unit.begin());
  return unit;
}

mesh::Point place_of(const double* point, int space) {
  mesh::Point x{0, 0, 0};
  for (int i = 0; i < std::min(space, 3); ++i) x[std::size_t(i)] = point[i];
  return x;
}

class Obstacles {
 public:
  explicit Obstacles(const Region& region) : region_(region) {
    for (const auto& body : region.without) bounds_.push_back(body->bounds());
  }
  bool covers(const mesh::Point& x, int space) const {
    for (std::size_t b = 0; b < bounds_.size(); ++b)
      if (int(b) != region_.on_body && within(bounds_[b], x, space) &&
          region_.without[b]->distance(x) < 0)
        return true;
    return false;
  }
  const std::array<mesh::Point, 2>& bounds(int body) const { return bounds_[std::size_t(body)]; }

 private:
  static bool within(const std::array<mesh::Point, 2>& box, const mesh::Point& x, int space) {
    for (std::size_t i = 0; i < std::size_t(std::min(space, 3)); ++i)
      if (x[i] < box[0][i] || x[i] > box[1][i]) return false;
    return true;
  }
  const Region& region_;
  std::vector<std::array<mesh::Point, 2>> bounds_;
};

// Moves a point of the shell onto the surface; false: it was not in the shell, or lies at an edge where
// the distance has no gradient.
bool onto_surface(const mesh::Body& body, double thickness, int space, double* point) {
  const double h = 1e-4 * thickness;
  double d = body.distance(place_of(point, space));
  if (std::abs(d) > thickness) return false;
  for (int turn = 0; turn < 8 && std::abs(d) > 1e-10 * thickness; ++turn) {
    std::array<double, 3> gradient{};
    double square = 0;
    for (int i = 0; i < std::min(space, 3); ++i) {
      mesh::Point up = place_of(point, space), down = up;
      up[std::size_t(i)] += h;
      down[std::size_t(i)] -= h;
      gradient[std::size_t(i)] = (body.distance(up) - body.distance(down)) / (2 * h);
      square += gradient[std::size_t(i)] * gradient[std::size_t(i)];
    }
    if (square < 0.25) return false;
    for (int i = 0; i < std::min(space, 3); ++i) point[i] -= d * gradient[std::size_t(i)] / square;
    d = body.distance(place_of(point, space));
  }
  return std::abs(d) <= 1e-6 * thickness;
}

// Rejection: of more and more candidates, the first that serve.
class Rejection {
 public:
  Rejection(const Region& region, const RegionSample& sample)
      : region_(region), sample_(sample), obstacles_(region) {
    lower_ = region.lower;
    upper_ = region.upper;
    if (region.on_body < 0) return;
    const auto& bounds = obstacles_.bounds(region.on_body);
    double smallest = INFINITY;
    for (std::size_t i = 0; i < std::size_t(std::min(sample.space, 3)); ++i)
      smallest = std::min(smallest, bounds[1][i] - bounds[0][i]);
    thickness_ = shell * smallest;
    for (std::size_t i = 0; i < std::size_t(std::min(sample.space, 3)); ++i) {
      lower_[i] = std::max(lower_[i], bounds[0][i] - thickness_);
      upper_[i] = std::min(upper_[i], bounds[1][i] + thickness_);
      if (!(upper_[i] > lower_[i])) empty();
    }
  }

  void fill(std::span<double> points) const {
    const BoxMap map(lower_, upper_, region_.sphere_axis);
    const std::size_t inputs = map.inputs();
    std::vector<double> drawn;
    for (long long candidates = sample_.points;;) {
      RegionSample all = sample_;
      all.points = all.count = candidates;
      all.first = 0;
      std::vector<double> box(std::size_t(candidates) * inputs);
      map.apply(unit_points(all, map.free.size()), box);
      drawn.clear();
      long long found = 0;
      for (auto at = box.begin(); at != box.end() && found < sample_.points;
           at += std::ptrdiff_t(inputs))
        if (serves(&*at)) {
          drawn.insert(drawn.end(), at, at + std::ptrdiff_t(inputs));
          ++found;
        }
      if (found == sample_.points) break;
      if (candidates >= most_candidates * sample_.points + 10000) empty();
      const double share = double(std::max(found, 1LL)) / double(candidates);
      candidates = std::min<long long>(std::llround(1.1 * double(sample_.points) / share) + 64,
                                       64 * candidates);
    }
    std::copy_n(drawn.begin() + sample_.first * std::ptrdiff_t(inputs), points.size(),
                points.begin());
  }

 private:
  bool serves(double* point) const {
    if (region_.on_body >= 0) {
      if (!onto_surface(*region_.without[std::size_t(region_.on_body)], thickness_, sample_.space,
                        point))
        return false;
      for (std::size_t i = 0; i < region_.lower.size(); ++i)
        if (point[i] < region_.lower[i] || point[i] > region_.upper[i]) return false;
    }
    return !obstacles_.covers(place_of(point, sample_.space), sample_.space);
  }
  [[noreturn]] void empty() const {
    if (region_.on_body >= 0)
      throw core::UserError(
          core::format("{}: the surface of its body lies outside of the region, or in other bodies",
                       sample_.what));
    throw core::UserError(core::format(
        "{}: its bodies leave less than 1 part in 1000 of the region; make them smaller or "
        "the region larger",
        sample_.what));
  }

  const Region& region_;
  const RegionSample& sample_;
  Obstacles obstacles_;
  std::vector<double> lower_, upper_;
  double thickness_ = 0;
};

}  // namespace

void sample_region(const Region& region, const RegionSample& sample, std::span<double> points) {
  if (sample.points <= 0 || points.empty()) return;
  if (!region.without.empty()) return Rejection(region, sample).fill(points);
  const BoxMap map(region.lower, region.upper, region.sphere_axis);
  map.apply(unit_points(sample, map.free.size()), points);
}

std::uint64_t derived_seed(std::uint64_t seed, std::uint64_t use, std::uint64_t number) {
  core::SplitMix one(seed), two(one.bits() ^ use * 0xD1B54A32D192ED03ull);
  core::SplitMix three(two.bits() ^ number * 0x8CB92BA72F3D8DD7ull);
  return three.bits();
}

Part part_of(long long points, int rank, int ranks) {
  const long long first = points * rank / ranks;
  return {first, points * (rank + 1) / ranks - first};
}

}  // namespace understudy::pinn
