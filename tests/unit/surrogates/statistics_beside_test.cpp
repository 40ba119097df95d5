// Profiles and spectra of a run beside another's, and the equal-error speed-up in them.
#include "surrogates/comparison/statistics_beside.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "mesh/box_grid.hpp"
#include "surrogates/comparison/spectrum.hpp"

namespace understudy::surrogates {

namespace {

constexpr double pi = std::numbers::pi;

std::shared_ptr<const mesh::Grid> box(long long n) {
  return std::make_shared<const mesh::BoxGrid>(
      mesh::GridParams{{0, 0}, {2 * pi, 2 * pi}, {n, n}, {}},
      std::array<bool, 3>{true, true, false}, core::Comm::self());
}

std::vector<mesh::FieldInfo> fields() {
  using mesh::Role;
  return {{.name = "q", .unit = "K", .role = Role::prognostic},
          {.name = "r", .unit = "K", .role = Role::prognostic}};
}

template <class Real, class Value>
void fill(mesh::State<Real>& state, const std::string& name, const Value& value) {
  const auto q = state[name].component();
  const auto host = Kokkos::create_mirror_view(q);
  const auto& grid = mesh::as_box(state.grid(), "this test");
  for (int j = 0; j < grid.extent(1); ++j)
    for (int i = 0; i < grid.extent(0); ++i)
      host(0, j, i) = static_cast<Real>(value(grid.coordinate(mesh::Location::cell, 0, i),
                                              grid.coordinate(mesh::Location::cell, 1, j)));
  Kokkos::deep_copy(q, host);
}

Spectrum at(double time_s, std::vector<double> truth, std::vector<double> other) {
  return {time_s, "q", {0, 1, 2}, std::move(truth), std::move(other)};
}

Profile profile_of(double truth, double other) {
  return {"q", "q", "K", {0.5}, {1}, {{truth}, {4}}, {{other}, {2}}};
}

// Of four windows; a replacement twice as fast.
ComparisonResult timed(EqualIn equal_in) {
  ComparisonResult r;
  r.equal_in = equal_in;
  r.truth_wall_s = 10;
  r.replacement_wall_s = 5;
  r.errors = {{"q", "K", {0, 1, 1, 1, 1}, {}}};
  r.times_s = {0, 1, 2, 3, 4};
  r.windows.resize(4);
  for (const double error : {0.1, 0.4}) {
    ClassicalPoint point{error < 0.2 ? "half" : "quarter", error < 0.2 ? 8.0 : 2.0, 1};
    point.profiles_error = point.spectra_error = error;
    r.classical.push_back(point);
  }
  return r;
}

}  // namespace

TEST(SpectraError, IsOfAmplitudesInTheMeanOverTheTimes) {
  // The start does not count, nor the mean; the means over the two times are 4, 1 and 1, 1 where the truth has 4, 4.
  const std::vector<Spectrum> spectra{at(0, {1, 4, 4}, {1, 9, 9}), at(1, {1, 2, 4}, {9, 0, 1}),
                                      at(2, {1, 6, 4}, {9, 2, 1})};
  EXPECT_NEAR(spectra_error(spectra, 0), std::sqrt((1 + 1) / 8.0), 1e-12);
  EXPECT_TRUE(std::isnan(spectra_error({}, 0)));
  auto unjudged = spectra;
  for (auto& s : unjudged) s.judged = false;
  EXPECT_TRUE(std::isnan(spectra_error(unjudged, 0)));
}

TEST(SpectraError, LeavesOutWavesThatAreRoundOff) {
  Spectrum uniform{1, "r", {0, 1}, {0, 1e-32}, {0, 1e-14}};
  uniform.truth_square = 1;
  EXPECT_TRUE(std::isnan(spectra_error({uniform}, 0)));
  Spectrum waves{1, "q", {0, 1}, {0, 1}, {0, 4}};
  waves.truth_square = 1;
  EXPECT_NEAR(spectra_error({uniform, waves}, 0), 1, 1e-12);
}

TEST(SpectraError, CountsAFieldOnlyWhereOneOfItsOwnCounts) {
  std::vector<Spectrum> spectra{{1, "u + v", {}, {}, {}}, {1, "w", {}, {}, {}}};
  mark_spectra(spectra, {{"u", "m/s", {}, {}, {}, "the norm of v"},
                         {"v", "m/s", {}, {}},
                         {"w", "m/s", {}, {}, {}, ErrorSeries::none}});
  EXPECT_TRUE(spectra[0].judged);
  EXPECT_FALSE(spectra[1].judged);
}

TEST(ProfilesError, IsTheMeanOfThoseOfMeanAndVariance) {
  EXPECT_NEAR(profiles_error({profile_of(2, 3)}), (0.5 + 0.5) / 2, 1e-12);
  EXPECT_TRUE(std::isnan(profiles_error({})));
}

// A run on a coarser grid, in another precision, that is the other one at its own points has no error but the waves
// that its grid does not carry.
TEST(StatisticsBeside, OfTheSameFlowOnACoarserGrid) {
  const auto fine = box(64), coarse = box(16);
  mesh::State<double> reference(fine, fields());
  mesh::State<float> own(coarse, fields());
  const auto smooth = [](double x, double y) { return 2 + std::sin(y) + std::cos(2 * x); };
  fill(reference, "q", smooth);
  fill(own, "q", smooth);
  StatisticsBeside<double, float> beside(
      own, {.profile = {1, 0}, .spectra_every = 2, .window_s = 1, .judged = {"q"}});
  EXPECT_TRUE(std::isnan(beside.profiles_error())) << "before the first window";
  EXPECT_TRUE(std::isnan(beside.spectra_error()));
  beside.add(1, reference, own);
  EXPECT_TRUE(std::isnan(beside.spectra_error())) << "every second window";
  EXPECT_LT(beside.profiles_error(), 1e-4)
      << "cubic interpolation of the finer grid, single precision";
  beside.add(2, reference, own);
  EXPECT_LT(beside.spectra_error(), 1e-6);
}

// One flow on two grids of a volume: no layer of the one lies where one of the other does.
TEST(StatisticsBeside, OfTheSameVolumeOnACoarserGrid) {
  const auto volume = [](long long n) {
    return std::make_shared<const mesh::BoxGrid>(
        mesh::GridParams{{0, 0, 0}, {2 * pi, 2 * pi, 2 * pi}, {n, n, n}, {}},
        std::array<bool, 3>{true, true, true}, core::Comm::self());
  };
  const auto fine = volume(32), coarse = volume(16);
  mesh::State<double> reference(fine, fields()), own(coarse, fields());
  for (auto* state : {&reference, &own}) {
    const auto q = (*state)["q"].component();
    const auto host = Kokkos::create_mirror_view(q);
    const auto& grid = mesh::as_box(state->grid(), "this test");
    for (int k = 0; k < grid.extent(2); ++k)
      for (int j = 0; j < grid.extent(1); ++j)
        for (int i = 0; i < grid.extent(0); ++i)
          host(k, j, i) = std::sin(grid.coordinate(mesh::Location::cell, 0, i)) *
                          std::sin(grid.coordinate(mesh::Location::cell, 2, k));
    Kokkos::deep_copy(q, host);
  }
  StatisticsBeside<double, double> beside(own,
                                          {.spectra_every = 1, .window_s = 1, .judged = {"q"}});
  beside.add(1, reference, own);
  EXPECT_LT(beside.spectra_error(), 1e-12);
}

TEST(StatisticsBeside, ChargesWhatTheCoarserGridDoesNotCarry) {
  const auto fine = box(64), coarse = box(16);
  mesh::State<double> reference(fine, fields()), own(coarse, fields());
  fill(reference, "q", [](double x, double) { return std::sin(x) + std::sin(20 * x); });
  fill(own, "q", [](double x, double) { return std::sin(x); });
  StatisticsBeside<double, double> beside(own,
                                          {.spectra_every = 1, .window_s = 1, .judged = {"q"}});
  beside.add(1, reference, own);
  EXPECT_NEAR(beside.spectra_error(), std::sqrt(0.5), 1e-9) << "half of the energy";
  EXPECT_TRUE(std::isnan(beside.profiles_error())) << "not asked for";
}

TEST(StatisticsBeside, LeavesOutTheWindowsBeforeTheProfilesStart) {
  const auto grid = box(16);
  mesh::State<double> reference(grid, fields()), own(grid, fields());
  fill(reference, "q", [](double, double y) { return std::sin(y); });
  fill(own, "q", [](double, double y) { return 2 * std::sin(y); });
  StatisticsBeside<double, double> beside(own,
                                          {.profile = {1, 1.5}, .window_s = 1, .judged = {"q"}});
  beside.add(1, reference, own);
  EXPECT_TRUE(std::isnan(beside.profiles_error()));
  own.copy_from(reference);
  beside.add(2, reference, own);
  EXPECT_EQ(beside.profiles_error(), 0);
}

TEST(StatisticsBeside, EqualErrorIsReadInProfilesAndInSpectra) {
  auto r = timed(EqualIn::profiles);
  r.profiles = {profile_of(2, 2.4)};
  r.profiles[0].replacement.variance = {4.8};
  EXPECT_NEAR(r.judged_by(), 0.2, 1e-12);
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 4 / 5.0, 1e-9) << "half way, log-log";
  r = timed(EqualIn::spectra);
  r.spectra = {at(1, {0, 1, 0}, {0, 1.44, 0})};
  EXPECT_NEAR(r.judged_by(), 0.2, 1e-12);
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 4 / 5.0, 1e-9);
  r.truth_error.name = "twice";
  r.truth_error.spectra_error = 0.4;
  set_speedups(r);
  EXPECT_NEAR(r.speedups.equal_error.value, 2 / 5.0, 1e-9) << "nothing below the truth's own";
}

TEST(StatisticsBeside, SaysWhereThereIsNoneToReadIn) {
  auto r = timed(EqualIn::profiles);
  set_speedups(r);
  EXPECT_FALSE(r.speedups.equal_error.known);
  EXPECT_EQ(r.speedups.equal_error.reason, "no profile of mean or variance is known");
  r = timed(EqualIn::spectra);
  set_speedups(r);
  EXPECT_EQ(r.speedups.equal_error.reason, "no energy spectrum is known");
}

}  // namespace understudy::surrogates
