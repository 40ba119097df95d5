// The NACA four-digit section as a polygon. With x, y in chords, m the largest camber, p its place
// and t the thickness (Jacobs, Ward, Pinkerton 1933):
//   half thickness  y_t = 5 t (0.2969 sqrt(x) - 0.1260 x - 0.3516 x^2 + 0.2843 x^3 - 0.1036 x^4)
//                   (the last coefficient closes the trailing edge; with the report's 0.1015 it is
//                   open)
//   camber line     y_c = m / p^2 (2 p x - x^2) before p, m / (1-p)^2 (1 - 2p + 2 p x - x^2) behind
//   surface         (x, y_c) +- y_t n, n the camber line's normal
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "core/format.hpp"
#include "mesh/geometry/geometry_shapes.hpp"

namespace understudy::mesh::shapes {

namespace {

using Point2 = std::array<double, 2>;

constexpr int panels_a_side = 200;

struct Section {
  double camber, camber_place, thickness;

  /// The surface's point at chord position x on the upper (side = 1) or lower (-1) side, in chords.
  Point2 surface(double x, int side) const {
    const double half_thickness =
        5 * thickness *
        (0.2969 * std::sqrt(x) + x * (-0.1260 + x * (-0.3516 + x * (0.2843 - x * 0.1036))));
    double y = 0, slope = 0;
    if (camber > 0) {
      const double p = camber_place;
      const double scale = x < p ? camber / (p * p) : camber / ((1 - p) * (1 - p));
      y = scale * ((x < p ? 0 : 1 - 2 * p) + 2 * p * x - x * x);
      slope = scale * 2 * (p - x);
    }
    const double length = std::hypot(1, slope);
    return {x - side * half_thickness * slope / length, y + side * half_thickness / length};
  }

  /// Trailing edge, upper side, leading edge, lower side; panels crowd at both edges (cosine).
  std::vector<Point2> polygon() const {
    std::vector<Point2> points;
    for (int n = 0; n < 2 * panels_a_side; ++n) {
      const double x = 0.5 * (1 + std::cos(std::numbers::pi * n / panels_a_side));
      points.push_back(surface(x, n < panels_a_side ? 1 : -1));
    }
    // The leading and trailing edges are single points.
    points[0] = {1, 0};
    points[panels_a_side] = {0, 0};
    return points;
  }
};

double segment_distance_squared(const Point2& x, const Point2& a, const Point2& b) {
  const double ex = b[0] - a[0], ey = b[1] - a[1], dx = x[0] - a[0], dy = x[1] - a[1];
  const double along = std::clamp((dx * ex + dy * ey) / (ex * ex + ey * ey), 0.0, 1.0);
  const double rx = dx - along * ex, ry = dy - along * ey;
  return rx * rx + ry * ry;
}

/// A closed polygon, infinite along z.
class Prism : public Body {
 public:
  explicit Prism(std::vector<Point2> points) : points_(std::move(points)) {
    for (const auto& point : points_)
      for (int axis = 0; axis < 2; ++axis) {
        lower_[axis] = std::min(lower_[axis], point[axis]);
        upper_[axis] = std::max(upper_[axis], point[axis]);
      }
    for (std::size_t begin = 0; begin < points_.size(); begin += group_size) add_group(begin);
  }

  double distance(const Point& x) const override {
    const Point2 at{x[0], x[1]};
    double best = std::numeric_limits<double>::infinity();  // squared
    for (const auto& group : groups_) {
      const double to_group =
          std::hypot(at[0] - group.center[0], at[1] - group.center[1]) - group.radius;
      if (to_group > 0 && to_group * to_group > best) continue;
      for (std::size_t n = group.begin; n < group.end; ++n)
        best = std::min(best, segment_distance_squared(at, points_[n], next(n)));
    }
    return inside(at) ? -std::sqrt(best) : std::sqrt(best);
  }

  std::array<Point, 2> bounds() const override {
    return {Point{lower_[0], lower_[1], -std::numeric_limits<double>::infinity()},
            Point{upper_[0], upper_[1], std::numeric_limits<double>::infinity()}};
  }

 private:
  /// Panels [begin, end) lie in a circle: a far one is passed over as a whole.
  struct Group {
    std::size_t begin, end;
    Point2 center;
    double radius;
  };
  static constexpr std::size_t group_size = 20;

  const Point2& next(std::size_t n) const { return points_[n + 1 == points_.size() ? 0 : n + 1]; }

  void add_group(std::size_t begin) {
    Group group{begin, std::min(begin + group_size, points_.size()), {0, 0}, 0};
    const Point2 &first = points_[begin], &last = next(group.end - 1);
    group.center = {0.5 * (first[0] + last[0]), 0.5 * (first[1] + last[1])};
    for (std::size_t n = group.begin; n < group.end; ++n)
      for (const Point2& point : {points_[n], next(n)})
        group.radius = std::max(group.radius,
                                std::hypot(point[0] - group.center[0], point[1] - group.center[1]));
    groups_.push_back(group);
  }

  /// Does a ray towards +x cross the polygon an odd number of times?
  bool inside(const Point2& x) const {
    if (x[0] < lower_[0] || x[0] > upper_[0] || x[1] < lower_[1] || x[1] > upper_[1]) return false;
    bool odd = false;
    for (std::size_t n = 0; n < points_.size(); ++n) {
      const Point2 &a = points_[n], &b = next(n);
      if ((a[1] > x[1]) == (b[1] > x[1])) continue;
      if (x[0] < a[0] + (x[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])) odd = !odd;
    }
    return odd;
  }

  std::vector<Point2> points_;
  std::vector<Group> groups_;
  Point2 lower_{std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  Point2 upper_{-std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
};

}  // namespace

std::string naca_problem(const std::string& digits) {
  const bool four = digits.size() == 4 && std::ranges::all_of(digits, [](unsigned char c) {
                      return c >= '0' && c <= '9';
                    });
  if (!four) return core::format("'{}' is not a NACA four-digit code such as \"2412\"", digits);
  if (digits.substr(2) == "00")
    return core::format(
        "NACA {} has no thickness: the last two digits are its percentage of the chord "
        "(01 to 99)",
        digits);
  if ((digits[0] == '0') != (digits[1] == '0'))
    return core::format(
        "NACA {}: the first digit is the camber and the second its place; both are 0 "
        "(symmetric) or neither is",
        digits);
  return {};
}

std::unique_ptr<Body> naca(const Point& center, const std::string& digits, double chord,
                           double angle) {
  const Section section{(digits[0] - '0') / 100.0, (digits[1] - '0') / 10.0,
                        std::stoi(digits.substr(2)) / 100.0};
  std::vector<Point2> points = section.polygon();
  const double c = std::cos(angle), s = std::sin(angle);
  for (auto& point : points) {
    const double x = chord * (point[0] - 0.5), y = chord * point[1];
    point = {center[0] + c * x + s * y, center[1] - s * x + c * y};
  }
  return std::make_unique<Prism>(std::move(points));
}

}  // namespace understudy::mesh::shapes
