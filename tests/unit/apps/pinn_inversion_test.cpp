// A classical inversion beside a network that inverts: what is read of its folder, what is compared, and what is
// refused.
#include <gtest/gtest.h>

#include <cmath>

#include "apps/pinn/classical_inversion.hpp"
#include "core/error.hpp"
#include "support/apps_cli.hpp"

namespace understudy::apps {
namespace {

using tests::Scratch;
using tests::spit;

PinnResult result() {
  PinnResult r;
  r.about.inverse = true;
  r.about.fields = {{"u", "m/s", ""}, {"p", "m2/s2", ""}};
  r.about.mean_free = {"p"};
  r.errors = {0.02, 0.1};
  for (const auto& [name, truth, value] :
       {std::tuple{"convection", 1.0, 0.99}, std::tuple{"viscosity", 0.01, 0.0102}}) {
    pinn::ParameterInfo info;
    info.name = name;
    info.truth = truth;
    r.about.parameters.push_back(info);
    r.parameters.push_back({info, value});
  }
  return r;
}

std::string summary_with(const std::string& assimilation) {
  return R"({"verbs": {"invert": {"backend": {"ranks": 2, "threads": 3}, "metrics": {"assimilation": )" +
         assimilation + "}}}}";
}

std::string refusal(const std::filesystem::path& folder) {
  try {
    read_inversion(folder, result().about);
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(PinnInversion, StandsBesideTheNetwork) {
  Scratch scratch;
  spit(scratch / "summary.json",
       summary_with(R"({"viscosity": {"value": 0.01005, "start": 0.02}, "time_to_solution_s": 7,
         "end": "iterations are spent", "held_out": {"u": {"rel_l2": 0.03, "rel_l2_mean_free": 0.04},
         "p": {"rel_l2": 3, "rel_l2_mean_free": 0.05}}})"));
  const auto classical = read_inversion(scratch.path(), result().about);
  EXPECT_DOUBLE_EQ(classical.core_s, 42);
  const auto rows = inversion_rows(classical, result());
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].name, "convection");
  EXPECT_TRUE(std::isnan(rows[0].classical));
  EXPECT_NEAR(rows[1].classical, 0.005, 1e-12);
  EXPECT_NEAR(rows[1].network, 0.02, 1e-12);
  EXPECT_DOUBLE_EQ(rows[2].classical, 0.03);
  EXPECT_DOUBLE_EQ(rows[3].classical, 0.05);  // the mean is free
  const std::string words = inversion_words(classical, rows, 100, 100);
  for (const char* part :
       {"The inversion is closer in viscosity (0.5% against 2%), p (5% against 10%)",
        "The network is closer in u (3% against 2%)", "Not compared: convection.",
        "The inversion took 7", "training 100"})
    EXPECT_NE(words.find(part), std::string::npos) << part << "\n" << words;
}

TEST(PinnInversion, SaysWhatAFolderLacks) {
  Scratch scratch;
  const auto file = scratch / "summary.json";
  EXPECT_NE(refusal(scratch.path()).find("summary.json: cannot be read"), std::string::npos);
  spit(file, "{");
  EXPECT_NE(refusal(scratch.path()).find("is no JSON"), std::string::npos);
  for (const char* other : {"[]", "{}", R"({"verbs": 1})"}) {
    spit(file, other);
    EXPECT_NE(refusal(scratch.path()).find("has no verbs.invert.metrics.assimilation"),
              std::string::npos)
        << other << refusal(scratch.path());
  }
  spit(file, summary_with(R"({"inflow_x_lower": {"value": 1}})"));
  const std::string none = refusal(scratch.path());
  EXPECT_NE(none.find("found none of the problem's unknown numbers (convection, viscosity)"),
            std::string::npos)
      << none;
  EXPECT_NE(none.find("compare.inversion: "), std::string::npos);
}

}  // namespace
}  // namespace understudy::apps
