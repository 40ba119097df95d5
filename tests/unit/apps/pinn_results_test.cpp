// What the verbs of a physics-informed network make of a result: errors that are judged, and the comparison with
// a classical method in numbers and words.
#include <gtest/gtest.h>

#include <cmath>

#include "apps/pinn/pinn_comparison.hpp"
#include "apps/pinn/pinn_report.hpp"
#include "apps/study/model_folder.hpp"
#include "support/apps_cli.hpp"
#include "support/apps_pinn_problem.hpp"
#include "support/pinn_dataset_case.hpp"

namespace understudy::apps {
namespace {

using tests::Scratch;
using tests::two_terms;

PinnResult trained(double train_s, std::vector<double> errors) {
  PinnResult result;
  result.about = two_terms();
  result.about.parameters.clear();
  result.about.error_to_reach = 1e-2;
  result.errors = std::move(errors);
  result.train_s = train_s;
  return result;
}

TEST(PinnComparison, EqualIsTheCheapestRunAsAccurateInEveryField) {
  PinnComparison c;
  c.method = "spectral";
  c.evaluation_s = 0.5;
  c.runs = {{16, 1, {1e-2, 1e-5}}, {32, 9, {1e-4, 1e-4}}, {64, 4, {1e-4, 1e-3}}};
  judge(c, trained(100, {1e-3, 1e-3}));
  EXPECT_EQ(c.equal, 2);  // the first fails in one field, the second is dearer
  EXPECT_DOUBLE_EQ(c.training_ratio, 25);
  EXPECT_DOUBLE_EQ(c.evaluation_ratio, 0.125);
  EXPECT_DOUBLE_EQ(c.break_even, 100 / 3.5);
  const std::string words = comparison_words(c);
  for (const char* part : {"resolution 64", "spectral", "25 times as long", "loses", "after 29"})
    EXPECT_NE(words.find(part), std::string::npos) << words;
}

TEST(PinnComparison, FieldsThatAreNotJudgedDoNotDecideWhichRunIsEqual) {
  PinnResult cavity = trained(100, {0.03, 0.03, 0.01});
  cavity.about.fields = {{"u", "1", ""}, {"v", "1", ""}, {"p", "1", ""}};
  cavity.about.judged = {"u", "v"};
  PinnComparison c;
  c.method = "multigrid";
  c.runs = {
      {32, 1, {0.01, 0.04, 1e-3}}, {64, 4, {0.01, 0.01, 0.02}}, {128, 16, {1e-3, 1e-3, 1e-3}}};
  judge(c, cavity);
  EXPECT_EQ(c.equal, 1);
  const std::string words = comparison_words(c);
  for (const char* part :
       {"resolution 64", "error 0.01 against 0.03", "worse: p (0.02 against 0.01)"})
    EXPECT_NE(words.find(part), std::string::npos) << words;
  c.runs[1].errors[2] = 1e-3;
  judge(c, cavity);
  EXPECT_EQ(c.equal, 1);
  EXPECT_EQ(comparison_words(c).find("not judged"), std::string::npos) << comparison_words(c);
  // None is as accurate in what is judged, whatever its p.
  c.runs.resize(1);
  judge(c, cavity);
  EXPECT_EQ(c.equal, -1);
}

TEST(PinnComparison, NeverPaidBackWhereReadingCostsMoreThanSolving) {
  PinnComparison c;
  c.method = "spectral";
  c.evaluation_s = 2;
  c.runs = {{16, 1, {1e-4}}};
  judge(c, trained(100, {1e-3}));
  EXPECT_TRUE(std::isnan(c.break_even));
  EXPECT_NE(comparison_words(c).find("never paid back"), std::string::npos);
  judge(c, trained(171932, {1e-3}));
  EXPECT_NE(comparison_words(c).find("172000 times as long"), std::string::npos);
}

TEST(PinnComparison, SaysWhereNoRunIsAsAccurateAndWhereThereIsNone) {
  PinnComparison c;
  c.method = "upwind";
  c.runs = {{16, 1, {1e-1}}, {32, 4, {5e-2}}};
  judge(c, trained(2, {1e-3}));
  EXPECT_EQ(c.equal, -1);
  EXPECT_NE(comparison_words(c).find("No run of the classical method (upwind) is as accurate"),
            std::string::npos);
  EXPECT_NE(comparison_words(c).find("resolution 32"), std::string::npos);
  PinnComparison none;
  judge(none, trained(2, {1e-3}));
  EXPECT_NE(comparison_words(none).find("offers no classical method"), std::string::npos);
}

TEST(PinnComparison, AWinIsSaidToBeOne) {
  PinnComparison c;
  c.method = "upwind";
  c.runs = {{16, 10, {1e-3}}};
  judge(c, trained(2, {1e-3}));
  EXPECT_NE(comparison_words(c).find("5 times shorter than that: the network wins"),
            std::string::npos)
      << comparison_words(c);
}

TEST(PinnResult, TheLargestErrorIsJudgedAndAMissedBarIsNoPass) {
  EXPECT_TRUE(trained(1, {1e-3, std::nan("")}).passed());
  EXPECT_FALSE(trained(1, {1e-3, 2e-2}).passed());
  EXPECT_DOUBLE_EQ(trained(1, {1e-3, 2e-2}).worst_error(), 2e-2);
  EXPECT_FALSE(trained(1, {std::nan("")}).is_judged());
  PinnResult no_bar = trained(1, {1e-9});
  no_bar.about.error_to_reach = 0;
  EXPECT_FALSE(no_bar.passed());
}

TEST(PinnResult, OnlyTheFieldsThatAreMeantAreJudged) {
  PinnResult flow = trained(1, {1e-3, 2e-3, 0.5});
  flow.about.fields = {{"u", "1", ""}, {"v", "1", ""}, {"p", "1", ""}};
  EXPECT_FALSE(flow.passed());
  flow.about.judged = {"u", "v"};
  EXPECT_DOUBLE_EQ(flow.worst_error(), 2e-3);
  EXPECT_TRUE(flow.passed());
  EXPECT_FALSE(flow.is_judged(2));
  flow.errors = {std::nan(""), std::nan(""), 0.5};
  EXPECT_FALSE(flow.passed()) << "nothing that is judged is known";
}

TEST(PinnResult, ParametersAreOffRelativeToATruthThatHasAScale) {
  const pinn::ParameterInfo info{.name = "k",
                                 .unit = "1/s",
                                 .help = "",
                                 .start = 1,
                                 .lower = 0,
                                 .upper = 5,
                                 .truth = 2,
                                 .tolerance = 0.01};
  EXPECT_NEAR(relative_error({info, 2.01}), 0.005, 1e-12);
  EXPECT_TRUE(passed({info, 2.01}));
  EXPECT_FALSE(passed({info, 2.03}));
  auto zero = info, place = info, unknown = info, free = info;
  zero.truth = 0;
  place.has_scale = false;
  unknown.truth = std::nan("");
  free.tolerance = 0;
  for (const auto& other : {zero, place, unknown}) {
    EXPECT_TRUE(std::isnan(relative_error({other, 2.5})));
    EXPECT_FALSE(is_judged({other, 2.5}));
  }
  EXPECT_DOUBLE_EQ(absolute_error({zero, 2.5}), 2.5);
  EXPECT_DOUBLE_EQ(absolute_error({place, 2.5}), 0.5);
  EXPECT_TRUE(std::isnan(absolute_error({unknown, 2.5})));
  EXPECT_FALSE(is_judged({free, 2.5}));
}

TEST(PinnResult, TheVerdictSaysWhatEachParameterReached) {
  PinnResult result = trained(1, {1e-3});
  const pinn::ParameterInfo k{.name = "k",
                              .unit = "1/s",
                              .help = "",
                              .start = 1,
                              .lower = 0,
                              .upper = 5,
                              .truth = 2,
                              .tolerance = 0.01};
  auto place = k, unknown = k;
  place.name = "depth";
  place.unit = "m";
  place.has_scale = false;
  unknown.name = "wind";
  unknown.truth = std::nan("");
  result.parameters = {{k, 2.2}, {place, 2.5}, {unknown, 3}};
  const std::string words = pinn_verdict(result);
  for (const char* part :
       {"(truth 2 1/s, 10% off; 1% to reach: missed)", "0.5 m off)", "wind is found to be 3 1/s."})
    EXPECT_NE(words.find(part), std::string::npos) << words;
}

TEST(PinnResult, SamplesInAFolderHaveAHash) {
  const Scratch scratch;
  const auto folder = pinn::cases::write_dataset(scratch);
  const std::string hash = hash_of_samples(folder);
  EXPECT_EQ(hash.size(), 16u);
  EXPECT_EQ(hash, surrogates::DatasetReader(folder).hash());
  tests::spit(scratch / "samples.csv", "x,u\n1,2\n");
  EXPECT_EQ(hash_of_samples(scratch / "samples.csv").size(), 16u);
  EXPECT_NE(hash_of_samples(scratch / "samples.csv"), hash);
}

TEST(PinnComparison, ARunThatFailedIsNoMatchAndIsNotTheBest) {
  PinnComparison c;
  c.method = "spectral";
  c.runs = {{16, 0, {}, "no convergence"}, {32, 4, {5e-2}, ""}};
  judge(c, trained(2, {1e-3}));
  EXPECT_EQ(c.equal, -1);
  EXPECT_NE(comparison_words(c).find("resolution 32, has an error of 0.05"), std::string::npos)
      << comparison_words(c);
  c.runs.pop_back();
  judge(c, trained(2, {1e-3}));
  EXPECT_NE(comparison_words(c).find("Every run of the classical method (spectral) failed: no"),
            std::string::npos)
      << comparison_words(c);
}

TEST(PinnComparison, SaysOnWhatAndInCoreTime) {
  PinnComparison c;
  c.method = "upwind";
  c.runs = {{16, 10, {1e-3}, ""}};
  PinnResult network = trained(20, {1e-3});
  network.ranks = 2;
  network.threads = 4;
  judge(c, network);
  EXPECT_DOUBLE_EQ(c.train_core_s, 160);
  EXPECT_FALSE(same_machine(c));
  for (const char* part : {"1 rank × 1 thread on cpu", "2 ranks × 4 threads on cpu",
                           "did not have the same device and cores"})
    EXPECT_NE(comparison_words(c).find(part), std::string::npos) << comparison_words(c);
  network.ranks = network.threads = 1;
  judge(c, network);
  EXPECT_TRUE(same_machine(c));
  EXPECT_EQ(comparison_words(c).find("did not have"), std::string::npos);
  network.device = "cuda:0";
  judge(c, network);
  EXPECT_FALSE(same_machine(c));
}

TEST(PinnComparison, AnInverseProblemIsToldWhatIsUsuallyDone) {
  PinnResult inverse = trained(2, {1e-3});
  inverse.about.inverse = true;
  inverse.about.classical_inversion = "ray tomography";
  PinnComparison c;
  judge(c, inverse);
  for (const char* part : {"No classical inversion is run", "The usual one is ray tomography."})
    EXPECT_NE(comparison_words(c).find(part), std::string::npos) << comparison_words(c);
}

TEST(PinnResult, LongRatiosKeepThreeDigits) {
  EXPECT_EQ(ratio_text(171932), "172000");
  EXPECT_EQ(ratio_text(1234.5), "1230");
  EXPECT_EQ(ratio_text(12.34), "12.3");
}

}  // namespace
}  // namespace understudy::apps
