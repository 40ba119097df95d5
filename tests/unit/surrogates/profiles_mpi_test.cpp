// Mean and variance profiles against plain loops over the whole grid, on any number of ranks.
#include "surrogates/comparison/profiles.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "core/error.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "support/surrogates_measured.hpp"

namespace understudy {

using namespace surrogates;

namespace {

constexpr int nx = 24, ny = 16, samples = 3;

const core::Comm& world() {
  static const core::Comm comm = core::Comm::world();
  return comm;
}

double uneven(int i, int j, int = 0) { return (i < nx / 3 ? 9 : 1) + 0.1 * j; }
double alike(int, int, int) { return 1; }

// A body in the middle, and one that fills the row j = 12.
bool is_body(int i, int j) { return j == 12 || (i >= 4 && i < 10 && j >= 3 && j < 8); }

// A staggered velocity, and two components, the second with a small variance about a large mean.
enum Which { u, q_0, q_1 };
double value(Which which, int i, int j, int sample) {
  const double wave = std::sin(0.7 * i + 0.3 * j * j + 1.1 * sample);
  if (which == u) return 2 + wave + 0.1 * j;
  return which == q_0 ? wave * std::cos(0.2 * i) : 1e6 + 1e-2 * wave;
}

std::vector<mesh::FieldInfo> fields() {
  return {{.name = "u", .unit = "m/s", .location = mesh::Location::face_x},
          {.name = "q", .unit = "K", .components = 2},
          {.name = "mask", .unit = "1", .role = mesh::Role::fixed}};
}

template <class F>
void fill(const mesh::Array3<double>& x, const mesh::Grid& grid, const F& f) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), x);
  const mesh::Range3 r = grid.interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i)
      host(0, j, i) = f(grid.offset(0) + i - r.begin[0], grid.offset(1) + j - r.begin[1]);
  Kokkos::deep_copy(x, host);
}

mesh::State<double> state_on(const std::shared_ptr<const mesh::Grid>& grid) {
  mesh::State<double> state(grid, fields());
  fill(state["mask"].component(), *grid, [](int i, int j) { return is_body(i, j) ? 0.0 : 1.0; });
  return state;
}

// The fields times `factor`.
void set(mesh::State<double>& state, int sample, double factor) {
  const auto one = [&](const mesh::Array3<double>& x, Which which) {
    fill(x, state.grid(), [&](int i, int j) { return factor * value(which, i, j, sample); });
  };
  one(state["u"].component(), u);
  one(state["q"].component(0), q_0);
  one(state["q"].component(1), q_1);
}

struct Bin {
  double weight = 0, mean = 0, variance = 0;
};

// Two passes over the whole grid.
Bin plain(Which which, tests::MeasureOfCell measure, int axis, int bin) {
  Bin b;
  const auto for_values = [&](const auto& add) {
    for (int n = 0; n < samples; ++n)
      for (int j = 0; j < ny; ++j)
        for (int i = 0; i < nx; ++i)
          if ((axis == 0 ? i : j) == bin && !is_body(i, j))
            add(measure(i, j, 0), value(which, i, j, n));
  };
  for_values([&](double w, double x) {
    b.weight += w;
    b.mean += w * x;
  });
  b.mean /= b.weight;
  for_values([&](double w, double x) { b.variance += w * (x - b.mean) * (x - b.mean); });
  b.variance /= b.weight;
  return b;
}

std::vector<Profile> profiles_of(tests::MeasureOfCell measure, int axis) {
  const auto grid = tests::measured_grid(measure, world());
  auto state = state_on(grid);
  ProfileSums<double> truth(state, axis), twice(state, axis);
  for (int n = 0; n < samples; ++n) {
    set(state, n, 1);
    truth.add(state);
    set(state, n, 2);
    twice.add(state);
  }
  EXPECT_EQ(truth.samples(), samples);
  return ProfileSums<double>::profiles(truth, twice);
}

void expect_plain(const Profile& p, Which which, tests::MeasureOfCell measure, int axis) {
  const int bins = axis == 0 ? nx : ny;
  ASSERT_EQ(p.truth.mean.size(), std::size_t(bins));
  for (int b = 0; b < bins; ++b) {
    SCOPED_TRACE(p.name + " along " + "xy"[axis] + ", bin " + std::to_string(b));
    const Bin expected = plain(which, measure, axis, b);
    EXPECT_NEAR(p.weight[b], expected.weight, 1e-12 * expected.weight);
    if (expected.weight == 0) {
      EXPECT_TRUE(std::isnan(p.truth.mean[b]));
      EXPECT_TRUE(std::isnan(p.truth.variance[b]));
      continue;
    }
    // A value near 1e6 is known to 1e-10, its variance of 1e-4 to some 1e-10 of that beside 1e-2 deviations.
    EXPECT_NEAR(p.truth.mean[b], expected.mean, 1e-13 * (1 + std::abs(expected.mean)) * 10);
    EXPECT_NEAR(p.truth.variance[b], expected.variance, which == q_1 ? 1e-11 : 1e-12);
    EXPECT_NEAR(p.replacement.mean[b], 2 * expected.mean, 2e-12 * (1 + std::abs(expected.mean)));
    EXPECT_NEAR(p.replacement.variance[b], 4 * expected.variance, which == q_1 ? 1e-10 : 1e-11);
  }
}

}  // namespace

TEST(Profiles, AreThoseOfPlainLoops) {
  for (const auto measure : {alike, uneven})
    for (const int axis : {0, 1}) {
      const auto all = profiles_of(measure, axis);
      ASSERT_EQ(all.size(), 3u) << "a fixed field has none";
      EXPECT_EQ(all[0].name, "u");
      EXPECT_EQ(all[1].name, "q_0");
      EXPECT_EQ(all[2].name, "q_1");
      EXPECT_EQ(all[2].field, "q");
      expect_plain(all[0], u, measure, axis);
      expect_plain(all[1], q_0, measure, axis);
      expect_plain(all[2], q_1, measure, axis);
    }
}

TEST(Profiles, LieWhereTheValuesStand) {
  const auto along_x = profiles_of(alike, 0), along_y = profiles_of(alike, 1);
  for (int b = 0; b < nx; ++b) {
    EXPECT_NEAR(along_x[0].at_m.at(b), 1.5 / nx * b, 1e-12) << "on the lower faces";
    EXPECT_NEAR(along_x[1].at_m.at(b), 1.5 / nx * (b + 0.5), 1e-12);
  }
  for (int b = 0; b < ny; ++b)
    EXPECT_NEAR(along_y[0].at_m.at(b), 1.0 / ny * (b + 0.5), 1e-12) << "not staggered along y";
}

TEST(Profiles, ErrorsAreRelativeToTheTruths) {
  // Twice the truth: once its mean off, three times its variance.
  for (auto& profile : profiles_of(uneven, 1)) {
    if (profile.name != "q_1") {
      EXPECT_NEAR(profile.mean_rel_l2(), 1, 1e-12) << profile.name;
      EXPECT_NEAR(profile.variance_rel_l2(), 3, 1e-10) << profile.name;
    }
    profile.judged = false;
    EXPECT_TRUE(std::isnan(profile.mean_rel_l2()));
    EXPECT_TRUE(std::isnan(profile.variance_rel_l2()));
  }
}

TEST(Profiles, OfWhatIsZeroButForRoundOffHaveNoError) {
  Profile p{"v", "v", "m/s", {0, 1}, {1, 1}};
  p.truth = {{1e-9, -1e-9}, {1, 1}};
  p.replacement = {{0.1, 0.1}, {1, 3}};
  EXPECT_TRUE(std::isnan(p.mean_rel_l2())) << "beside a fluctuation of 1";
  EXPECT_NEAR(p.variance_rel_l2(), 2 / std::sqrt(2.0), 1e-12);
  p.truth = {{1, 1}, {1e-20, 1e-20}};
  EXPECT_TRUE(std::isnan(p.variance_rel_l2())) << "steady";
  EXPECT_NEAR(p.mean_rel_l2(), 0.9, 1e-12);
  p.weight = {0, 0};
  EXPECT_TRUE(std::isnan(p.mean_rel_l2())) << "all of it a body";
  EXPECT_TRUE(std::isnan(p.variance_rel_l2()));
}

TEST(Profiles, OfNoSampleAreNone) {
  const auto state = state_on(tests::measured_grid(alike, world()));
  const ProfileSums<double> none(state, 0);
  EXPECT_TRUE(ProfileSums<double>::profiles(none, none).empty());
}

TEST(Profiles, OfASphereAreRefused) {
  mesh::CubedSphereParams params;
  params.cells = 16;
  const auto grid = std::make_shared<const mesh::CubedSphereGrid>(params, core::Comm::self(), 2);
  const mesh::State<double> state(grid, {{.name = "depth", .unit = "m"}});
  try {
    const ProfileSums<double> sums(state, 0);
    FAIL() << "a sphere was taken";
  } catch (const core::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("a profile along an axis"), std::string::npos)
        << error.what();
  }
}

}  // namespace understudy
