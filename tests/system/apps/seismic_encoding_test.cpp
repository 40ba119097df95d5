// Inversions by encoded sources through the program: a small camembert of four shots.
#include <gtest/gtest.h>

#include <cmath>

#include "mesh/io/hdf5_file.hpp"
#include "support/apps_seismic_cli.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> four_shots{
    "seismic.sources=[{first_m: [105, 30], last_m: [495, 30], count: 4}]", "precision=double",
    "output.pictures=false"};

std::vector<std::string> with(std::vector<std::string> more) {
  more.insert(more.begin(), four_shots.begin(), four_shots.end());
  return more;
}

std::vector<std::string> encoded(int supershots, int renew_every, int iterations) {
  return with(
      {"inversion.encoding={supershots: " + std::to_string(supershots) +
           ", renew_every: " + std::to_string(renew_every) + "}",
       "inversion.stages=[{max_frequency_hz: 8, iterations: " + std::to_string(iterations) + "}]"});
}

std::vector<double> speed_of(const fs::path& out) {
  const mesh::Hdf5File file(out / "inversion.h5", mesh::H5Mode::read, core::Comm::self());
  return file.get<double>("p_speed_m_s");
}

// Columns of inversion.csv: 3 misfit, 4 misfit_ratio, 10 evaluations, 12 simulations, 13 of_all_shots.
TEST(AppsSeismicEncoding, TheMisfitOfAllShotsComesDownOnOneRankAndTwo) {
  const Scratch scratch;
  std::vector<double> errors, ratios;
  for (const int ranks : {1, 2}) {
    const fs::path out = scratch / std::to_string(ranks);
    const auto outcome = seismic_verb("invert", out, encoded(2, 2, 6), ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_NE(outcome.err.find("shots are superposed into 2, with new signs every 2 iterations"),
              std::string::npos)
        << outcome.err;
    EXPECT_NE(outcome.err.find("by simultaneous shots"), std::string::npos) << outcome.err;
    const auto rows = table(out / "inversion.csv");
    ASSERT_EQ(rows.size(), 7u);
    for (std::size_t n = 0; n < rows.size(); ++n) {
      ASSERT_EQ(rows[n].size(), 14u);
      EXPECT_EQ(rows[n][13], n == 0 || n == 6) << n;
    }
    // Both misfits of all shots, once each; all others of two supershots there and back.
    EXPECT_EQ(rows[0][12], 4 + 2 * 2);
    EXPECT_EQ(rows[6][12], 2 * 4 + (rows[6][10] - 2) * 2 * 2);
    EXPECT_EQ(metric(out, "simulations"), rows[6][12] + 4);  // and the start's, at the end
    EXPECT_NEAR(metric(out, "misfit_start"), rows[0][3], 1e-9 * rows[0][3]);
    EXPECT_EQ(metric(out, "misfit_final"), rows[6][3]);
    ratios.push_back(metric(out, "misfit_ratio"));
    EXPECT_NEAR(ratios.back(), rows[6][4], 1e-9);
    errors.push_back(metric(out, "model_error/ratio_to_start"));
    EXPECT_LT(ratios.back(), 1);
    EXPECT_LT(errors.back(), 1);
  }
  EXPECT_NEAR(ratios[0], ratios[1], 1e-6 * ratios[0]);
  EXPECT_NEAR(errors[0], errors[1], 1e-6 * errors[0]);
}

// The four shots keep both ranks busy, the supershot does not.
TEST(AppsSeismicEncoding, IdleRanksAreThoseOfSupershots) {
  const Scratch scratch;
  auto settings = encoded(1, 1, 1);
  settings.push_back("seismic.ranks_per_shot=1");
  const auto outcome = seismic_verb("invert", scratch / "out", settings, 2);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("1 of 2 ranks are idle: 1 supershot "), std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("with seismic.ranks_per_shot: 0 more ranks share a supershot"),
            std::string::npos)
      << outcome.err;
}

TEST(AppsSeismicEncoding, WithoutItTableAndCostAreOfAllShots) {
  const Scratch scratch;
  const auto outcome = seismic_verb("invert", scratch / "out", encoded(0, 1, 2));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto rows = table(scratch / "out" / "inversion.csv");
  ASSERT_EQ(rows.back().size(), 12u);
  EXPECT_EQ(metric(scratch / "out", "simulations"), rows.back()[10] * 2 * 4 + 4);
}

TEST(AppsSeismicEncoding, AStoppedInversionGoesOnBitwise) {
  const Scratch scratch;
  const fs::path out = scratch / "out";
  constexpr int every = 3;
  Process process({with_settings({"invert", seismic_deck("camembert_fwi"), "--out", out},
                                 small_camembert, encoded(2, every, 3000)),
                   1});
  const auto rows = [&] {
    return fs::exists(out / "inversion.csv") ? slurp(out / "inversion.csv") : "";
  };
  for (int n = 0; n < 4000 && std::ranges::count(rows(), '\n') < 7; ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(process.id(), SIGTERM);
  const Outcome stopped = process.wait();
  ASSERT_EQ(stopped.exit_code, 128 + SIGTERM) << stopped.err;
  const int done = int(table(out / "inversion.csv").back()[0]);

  const int iterations = (done / every + 2) * every;
  const auto resumed = seismic_verb("invert", out, encoded(2, every, iterations), 1, true);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("resuming after iteration"), std::string::npos) << resumed.err;
  const fs::path whole = scratch / "whole";
  ASSERT_EQ(seismic_verb("invert", whole, encoded(2, every, iterations)).exit_code, 0);
  EXPECT_EQ(speed_of(out), speed_of(whole));
  const auto ours = table(out / "inversion.csv"), theirs = table(whole / "inversion.csv");
  ASSERT_EQ(ours.size(), theirs.size());
  for (std::size_t n = 0; n < ours.size(); ++n)
    for (const std::size_t column : {0, 1, 3, 4, 8, 9, 10, 12, 13})
      EXPECT_EQ(ours[n][column], theirs[n][column]) << "row " << n << ", column " << column;
  for (const char* name : {"misfit_ratio", "misfit_final", "simulations"})
    EXPECT_EQ(metric(out, name), metric(whole, name)) << name;
}

TEST(AppsSeismicEncoding, AFinishedInversionIsGivenMoreIterations) {
  const Scratch scratch;
  const fs::path out = scratch / "out", whole = scratch / "whole";
  ASSERT_EQ(seismic_verb("invert", out, encoded(2, 1, 2)).exit_code, 0);
  const auto first = summary(out)["metrics"];
  const auto again = seismic_verb("invert", out, encoded(2, 1, 2), 1, true);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(summary(out)["metrics"], first);
  ASSERT_EQ(seismic_verb("invert", out, encoded(2, 1, 4), 1, true).exit_code, 0);
  ASSERT_EQ(seismic_verb("invert", whole, encoded(2, 1, 4)).exit_code, 0);
  EXPECT_EQ(speed_of(out), speed_of(whole));
  expect_refused(
      seismic_verb("invert", out, encoded(1, 1, 4), 1, true),
      {"inversion.h5 is of another deck", "inversion.encoding.supershots is 2 there and 1"});
}

TEST(AppsSeismicEncoding, WhatCannotBeEncodedIsRefusedAndNothingIsWritten) {
  const Scratch scratch;
  const std::string on = "inversion.encoding.supershots=2";
  struct Bad {
    std::string verb;
    std::vector<std::string> settings, parts;
  };
  const std::vector<Bad> cases{
      {"invert",
       {"inversion.encoding.supershots=4"},
       {"inversion.encoding.supershots is 4", "4 shots", "give 1 to 3"}},
      {"check", {"inversion.encoding.supershots=5"}, {"inversion.encoding.supershots is 5"}},
      {"invert", {"inversion.encoding.supershots=-1"}, {"supershots", "-1"}},
      {"invert", {on, "inversion.encoding.renew_every=0"}, {"renew_every"}},
      {"invert",
       {on, "inversion.misfit=envelope"},
       {"misfit", "is envelope; inversion.encoding needs least_squares"}},
      {"invert", {on, "inversion.misfit=correlation"}, {"is correlation"}},
      {"compare", {on}, {"inversion.encoding.supershots is 2", "compare and study", "set it to 0"}},
      {"study", {on}, {"inversion.encoding.supershots is 2", "compare and study"}}};
  for (const auto& bad : cases) {
    SCOPED_TRACE(bad.verb + " " + bad.settings.back());
    const fs::path out = scratch / "out";
    expect_refused(seismic_verb(bad.verb, out, with(bad.settings)), bad.parts);
    EXPECT_FALSE(fs::exists(out)) << "something was written";
    fs::remove_all(out);
  }
}

}  // namespace
}  // namespace understudy::tests
