// Closed surfaces from STL files: distances against the exact ones of the shape that the triangles
// approximate, orientation, placing; what open, broken and missing files are told; and the
// project's own sample body.
#include <cmath>
#include <fstream>
#include <random>

#include "core/atomic_file.hpp"
#include "mesh/geometry/geometry.hpp"
#ifdef UNDERSTUDY_WITH_VTK
#include "mesh/geometry/stl_writer.hpp"
#endif
#include "support/mesh_io_scratch.hpp"

namespace understudy::mesh {
namespace {

using tests::contains;
using tests::Scratch;
using tests::user_error;

BodyParams stl(const std::string& file, std::vector<double> center = {0, 0, 0}, double scale = 1) {
  return {.shape = "stl", .center_m = std::move(center), .file = file, .scale = scale};
}

#ifdef UNDERSTUDY_WITH_VTK

/// Triangles whose plane has the origin on its inner side, for a convex surface about the origin.
double signed_volume(const TriangleSurface& surface) {
  double volume = 0;
  for (const auto& [i, j, k] : surface.triangles) {
    const Point &a = surface.points[i], &b = surface.points[j], &c = surface.points[k];
    volume += (a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) +
               a[2] * (b[0] * c[1] - b[1] * c[0])) /
              6;
  }
  return volume;
}

TEST(TriangleSurfaces, AreOrientedOutward) {
  const double pi = std::acos(-1.0);
  EXPECT_NEAR(signed_volume(ellipsoid({1, 2, 3}, 64, 64)), 4.0 / 3 * pi * 6,
              0.01 * 4.0 / 3 * pi * 6);
  EXPECT_NEAR(signed_volume(torus(2, 0.5, 96, 64)), 2 * pi * pi * 2 * 0.25, 0.01 * pi * pi);
}

double torus_distance(const Point& x) { return std::hypot(std::hypot(x[0], x[1]) - 1, x[2]) - 0.4; }

TEST(StlBody, DistanceIsTheShapes) {
  const Scratch scratch;
  write_stl(scratch / "torus.stl", torus(1, 0.4, 128, 64), "torus");
  const auto body = make_body(stl("torus.stl"), 3, scratch.path().string());
  std::mt19937 random(11);
  std::uniform_real_distribution<double> place(-2, 2);
  int signs_wrong = 0;
  for (int n = 0; n < 3000; ++n) {
    const Point x{place(random), place(random), place(random) / 2};
    const double exact = torus_distance(x), got = body->distance(x);
    // Flat triangles lie inside the round tube by up to r (1 - cos(pi/64)) and R (1 - cos(pi/128)).
    ASSERT_NEAR(got, exact, 1.5e-3);
    signs_wrong += got * exact < 0 && std::abs(exact) > 1.5e-3;
  }
  EXPECT_EQ(signs_wrong, 0);
  EXPECT_NEAR(body->bounds()[1][0], 1.4, 1e-6);
  EXPECT_NEAR(body->bounds()[1][2], 0.4, 1e-6);
}

TEST(StlBody, IsScaledAndMoved) {
  const Scratch scratch;
  write_stl(scratch / "ball.stl", ellipsoid({1, 1, 1}, 48, 64), "ball, lengths in mm");
  const auto body = make_body(stl((scratch / "ball.stl").string(), {1, 2, 3}, 1e-3), 3, "/nowhere");
  EXPECT_NEAR(body->distance({1, 2, 3}), -1e-3, 3e-6);
  EXPECT_NEAR(body->distance({1.005, 2, 3}), 4e-3, 3e-6);
  EXPECT_NEAR(body->bounds()[0][1], 2 - 1e-3, 3e-6);
}

TEST(StlBody, InsideOutSurfaceIsTurned) {
  const Scratch scratch;
  TriangleSurface surface = ellipsoid({1, 1, 1}, 24, 32);
  for (std::size_t n = 0; n < surface.triangles.size(); ++n)
    if (n % 3 != 0) std::swap(surface.triangles[n][0], surface.triangles[n][1]);
  write_stl(scratch / "mixed.stl", surface, "mixed orientation");
  const auto body = make_body(stl("mixed.stl"), 3, scratch.path().string());
  EXPECT_LT(body->distance({0, 0, 0}), -0.98);
  EXPECT_GT(body->distance({2, 0, 0}), 0.98);
}

TEST(StlBody, ReadsText) {
  const Scratch scratch;
  const char* corners[4] = {"0 0 0", "1 0 0", "0 1 0", "0 0 1"};
  const int faces[4][3] = {{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}};
  std::string text = "solid tetrahedron\n";
  for (const auto& face : faces) {
    text += "facet normal 0 0 0\nouter loop\n";
    for (const int corner : face) text += std::string("vertex ") + corners[corner] + "\n";
    text += "endloop\nendfacet\n";
  }
  core::write_file(scratch / "t.stl", text + "endsolid tetrahedron\n");
  const auto body = make_body(stl("t.stl"), 3, scratch.path().string());
  EXPECT_NEAR(body->distance({0.1, 0.2, 0.2}), -0.1, 1e-6);
  EXPECT_NEAR(body->distance({-1, -1, 0.1}), std::sqrt(2.0), 1e-6);
  EXPECT_NEAR(body->distance({1, 1, 1}), 2 / std::sqrt(3.0), 1e-6);
}

TEST(StlErrors, OpenSurface) {
  const Scratch scratch;
  TriangleSurface surface = ellipsoid({1, 1, 1}, 12, 16);
  surface.triangles.pop_back();
  write_stl(scratch / "open.stl", surface, "open");
  EXPECT_EQ(
      user_error([&] { make_body(stl("open.stl"), 3, scratch.path().string()); }),
      (scratch / "open.stl").string() +
          ": the surface is not closed: of its 351 triangles, 3 edges belong to one triangle only "
          "and 0 to more than two. A body needs a watertight surface (each edge between "
          "exactly two triangles).");
  surface = ellipsoid({1, 1, 1}, 12, 16);
  surface.points.push_back({0, 0, 0});  // a fin inwards
  surface.triangles.push_back({surface.triangles[0][0], surface.triangles[0][1],
                               static_cast<int>(surface.points.size()) - 1});
  write_stl(scratch / "fin.stl", surface, "fin");
  EXPECT_TRUE(
      contains(user_error([&] { make_body(stl("fin.stl"), 3, scratch.path().string()); }),
               "of its 353 triangles, 2 edges belong to one triangle only and 1 to more than two"));
}

TEST(StlErrors, NoStlFile) {
  const Scratch scratch;
  const auto error = [&](const std::string& name) {
    return user_error([&] { make_body(stl(name), 3, scratch.path().string()); });
  };
  EXPECT_EQ(error("none.stl"), (scratch / "none.stl").string() + ": no such STL file");
  core::write_file(scratch / "text.stl", "just words\n");
  EXPECT_TRUE(contains(error("text.stl"), "text.stl: not a"));
  core::write_file(scratch / "empty.stl", "");
  EXPECT_TRUE(contains(error("empty.stl"), "empty.stl: not a"));
  write_stl(scratch / "cut.stl", ellipsoid({1, 1, 1}, 12, 16), "cut");
  std::filesystem::resize_file(scratch / "cut.stl", 84 + 50 * 20 + 13);
  EXPECT_TRUE(
      contains(error("cut.stl"), "cut.stl: not an STL file, or a truncated one: 1097 bytes"));
  // Neither is memory for so many triangles asked for, nor for those of a file shorter than a header.
  std::string binary(134, '\0');
  binary.replace(80, 4, "\xff\xff\xff\x3f");
  core::write_file(scratch / "large.stl", binary);
  EXPECT_TRUE(contains(error("large.stl"), "a binary one of 1073741823 triangles"));
  core::write_file(scratch / "short.stl", std::string("xxxx\x01\x02\x03", 7));
  EXPECT_TRUE(contains(error("short.stl"), "a truncated one: 7 bytes"));
  core::write_file(scratch / "point.stl",
                   "solid point\nfacet normal 0 0 1\nouter loop\nvertex 1 1 1\nvertex 1 1 1\n"
                   "vertex 1 1 1\nendloop\nendfacet\nendsolid point\n");
  EXPECT_TRUE(contains(error("point.stl"), "it has no area"));
}

// The sample body of inputs/flow/stl_body.yaml: an ellipsoid of revolution, 1 m long and 0.5 m
// thick. UNDERSTUDY_WRITE_SAMPLES=1 writes the file anew.
TEST(SampleBody, IsWhatTheProjectMakes) {
  const Scratch scratch;
  const std::filesystem::path shipped =
      std::filesystem::path(UNDERSTUDY_SOURCE_DIR) / "inputs/flow/stl_body.stl";
  const auto made = scratch / "made.stl";
  write_stl(made, ellipsoid({0.5, 0.25, 0.25}, 32, 48),
            "Understudy sample body: ellipsoid, lengths in m");
  if (std::getenv("UNDERSTUDY_WRITE_SAMPLES") != nullptr)
    core::write_file(shipped, core::read_file(made));
  const std::string a = core::read_file(shipped), b = core::read_file(made);
  ASSERT_EQ(a.size(), b.size());
  EXPECT_LT(a.size(), 200000u);
  EXPECT_EQ(a.substr(0, 84), b.substr(0, 84)) << "title and count";
  for (std::size_t at = 84; at + 50 <= a.size(); at += 50) {
    float x[12], y[12];
    std::memcpy(x, &a[at], sizeof x);
    std::memcpy(y, &b[at], sizeof y);
    // Sines may differ in the last bit between libraries; normals feel it more than corners.
    for (int n = 0; n < 12; ++n) ASSERT_NEAR(x[n], y[n], n < 3 ? 1e-5 : 1e-7) << "triangle " << at;
  }
  const auto body = make_body(stl(shipped.string()), 3, ".");
  EXPECT_NEAR(body->distance({0, 0, 0}), -0.25, 2e-3);
  EXPECT_NEAR(body->distance({1, 0, 0}), 0.5, 1e-6);
}

#else

TEST(StlBody, NeedsVtk) {
  EXPECT_EQ(user_error([&] { make_body(stl("a.stl"), 3, "."); }),
            "a.stl: STL bodies need VTK, and this build has no VTK");
}

#endif

}  // namespace
}  // namespace understudy::mesh
