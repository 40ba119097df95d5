#include "mesh/geometry/stl_writer.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>

#include "core/atomic_file.hpp"

namespace understudy::mesh {

namespace {

constexpr double pi = std::numbers::pi;

/// The low byte first, whatever the machine.
void append(std::string& bytes, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8)
    bytes.push_back(static_cast<char>(value >> shift & 0xff));
}

void append(std::string& bytes, const Point& x) {
  for (const double coordinate : x) {
    const auto single = static_cast<float>(coordinate);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &single, sizeof bits);
    append(bytes, bits);
  }
}

Point normal(const Point& a, const Point& b, const Point& c) {
  const Point u{b[0] - a[0], b[1] - a[1], b[2] - a[2]}, v{c[0] - a[0], c[1] - a[1], c[2] - a[2]};
  Point n{u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
  const double length = std::hypot(n[0], n[1], n[2]);
  for (double& component : n) component = length > 0 ? component / length : 0;
  return n;
}

}  // namespace

TriangleSurface ellipsoid(const Point& semi_axes_m, int rings, int around) {
  const auto [a, b, c] = semi_axes_m;
  TriangleSurface surface;
  surface.points.push_back({-a, 0, 0});
  for (int ring = 1; ring < rings; ++ring)
    for (int n = 0; n < around; ++n) {
      const double theta = pi * ring / rings, phi = 2 * pi * n / around;
      surface.points.push_back({-a * std::cos(theta), b * std::sin(theta) * std::cos(phi),
                                c * std::sin(theta) * std::sin(phi)});
    }
  surface.points.push_back({a, 0, 0});
  const int last = static_cast<int>(surface.points.size()) - 1;
  const auto at = [around](int ring, int n) { return 1 + (ring - 1) * around + n % around; };
  for (int n = 0; n < around; ++n) {
    surface.triangles.push_back({0, at(1, n + 1), at(1, n)});
    for (int ring = 1; ring + 1 < rings; ++ring) {
      surface.triangles.push_back({at(ring, n), at(ring, n + 1), at(ring + 1, n + 1)});
      surface.triangles.push_back({at(ring, n), at(ring + 1, n + 1), at(ring + 1, n)});
    }
    surface.triangles.push_back({last, at(rings - 1, n), at(rings - 1, n + 1)});
  }
  return surface;
}

TriangleSurface torus(double major_m, double minor_m, int around, int across) {
  TriangleSurface surface;
  for (int m = 0; m < around; ++m)
    for (int n = 0; n < across; ++n) {
      const double phi = 2 * pi * m / around, theta = 2 * pi * n / across;
      const double radius = major_m + minor_m * std::cos(theta);
      surface.points.push_back(
          {radius * std::cos(phi), radius * std::sin(phi), minor_m * std::sin(theta)});
    }
  const auto at = [=](int m, int n) { return m % around * across + n % across; };
  for (int m = 0; m < around; ++m)
    for (int n = 0; n < across; ++n) {
      surface.triangles.push_back({at(m, n), at(m + 1, n), at(m + 1, n + 1)});
      surface.triangles.push_back({at(m, n), at(m + 1, n + 1), at(m, n + 1)});
    }
  return surface;
}

void write_stl(const std::filesystem::path& path, const TriangleSurface& surface,
               const std::string& title) {
  std::string bytes = title.substr(0, 79);
  bytes.resize(80, '\0');
  append(bytes, static_cast<std::uint32_t>(surface.triangles.size()));
  for (const auto& [i, j, k] : surface.triangles) {
    const Point &a = surface.points[i], &b = surface.points[j], &c = surface.points[k];
    append(bytes, normal(a, b, c));
    append(bytes, a);
    append(bytes, b);
    append(bytes, c);
    bytes.append(2, '\0');
  }
  core::write_file(path, bytes);
}

}  // namespace understudy::mesh
