#include "mesh/geometry/geometry_shapes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace understudy::mesh::shapes {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

class Cylinder : public Body {
 public:
  Cylinder(const Point& center, double radius) : center_(center), radius_(radius) {}
  double distance(const Point& x) const override {
    return std::hypot(x[0] - center_[0], x[1] - center_[1]) - radius_;
  }
  std::array<Point, 2> bounds() const override {
    return {Point{center_[0] - radius_, center_[1] - radius_, -infinity},
            Point{center_[0] + radius_, center_[1] + radius_, infinity}};
  }

 private:
  Point center_;
  double radius_;
};

class Sphere : public Body {
 public:
  Sphere(const Point& center, double radius) : center_(center), radius_(radius) {}
  double distance(const Point& x) const override {
    return std::hypot(x[0] - center_[0], x[1] - center_[1], x[2] - center_[2]) - radius_;
  }
  std::array<Point, 2> bounds() const override {
    std::array<Point, 2> box{center_, center_};
    for (int axis = 0; axis < 3; ++axis) {
      box[0][axis] -= radius_;
      box[1][axis] += radius_;
    }
    return box;
  }

 private:
  Point center_;
  double radius_;
};

class Box : public Body {
 public:
  Box(const Point& center, const Point& half, double angle)
      : center_(center), half_(half), cos_(std::cos(angle)), sin_(std::sin(angle)) {}

  double distance(const Point& x) const override {
    const double dx = x[0] - center_[0], dy = x[1] - center_[1];
    // Turned back, so that the sides lie along the axes; q > 0: beyond that pair of sides.
    const Point q{std::abs(cos_ * dx - sin_ * dy) - half_[0],
                  std::abs(sin_ * dx + cos_ * dy) - half_[1],
                  std::isinf(half_[2]) ? -infinity : std::abs(x[2] - center_[2]) - half_[2]};
    const double outside =
        std::hypot(std::max(q[0], 0.0), std::max(q[1], 0.0), std::max(q[2], 0.0));
    return outside + std::min(std::max({q[0], q[1], q[2]}), 0.0);
  }

  std::array<Point, 2> bounds() const override {
    const double c = std::abs(cos_), s = std::abs(sin_);
    const Point reach{c * half_[0] + s * half_[1], s * half_[0] + c * half_[1], half_[2]};
    std::array<Point, 2> box;
    for (int axis = 0; axis < 3; ++axis) {
      box[0][axis] = center_[axis] - reach[axis];
      box[1][axis] = center_[axis] + reach[axis];
    }
    return box;
  }

 private:
  Point center_, half_;
  double cos_, sin_;
};

}  // namespace

std::unique_ptr<Body> cylinder(const Point& center, double radius) {
  return std::make_unique<Cylinder>(center, radius);
}

std::unique_ptr<Body> sphere(const Point& center, double radius) {
  return std::make_unique<Sphere>(center, radius);
}

std::unique_ptr<Body> box(const Point& center, const Point& half, double angle) {
  return std::make_unique<Box>(center, half, angle);
}

}  // namespace understudy::mesh::shapes
