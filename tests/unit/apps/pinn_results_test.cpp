// What the verbs of a physics-informed network make of a result: history, planes of a grid, the comparison
// with a classical method in numbers and words.
#include <gtest/gtest.h>

#include <cmath>

#include "apps/pinn/pinn_comparison.hpp"
#include "apps/pinn/pinn_fields.hpp"
#include "apps/pinn/pinn_history.hpp"
#include "apps/pinn/pinn_report.hpp"
#include "support/apps_cli.hpp"
#include "support/pinn_dataset_case.hpp"

namespace understudy::apps {
namespace {

using tests::Scratch;

pinn::ProblemDescription two_terms() {
  pinn::ProblemDescription about;
  about.terms = {"inside.momentum", "start.u"};
  about.fields = {{"u", "m/s", "speed"}};
  about.parameters = {{.name = "viscosity",
                       .unit = "m2/s",
                       .help = "",
                       .start = 0,
                       .lower = 0,
                       .upper = 1,
                       .truth = 0.5}};
  return about;
}

pinn::HistoryLine line(long long step) {
  pinn::HistoryLine l;
  l.step = step;
  l.window = 1;
  l.wall_s = 0.1 * double(step);
  l.learning_rate = 1e-3;
  l.loss = 1.0 / 3 / double(step + 1);
  l.losses = {0.1, 0.2};
  l.weights = {1, 10};
  if (step % 2 == 0) l.errors = {1e-2};
  l.parameters = {0.25};
  l.phase = step < 4 ? "adam" : "lbfgs";
  return l;
}

TEST(PinnHistory, ReadsBackWhatWasWrittenAndResumesAtItsStep) {
  const Scratch scratch;
  const auto path = scratch / "history.csv";
  {
    PinnHistory history(path, two_terms(), false);
    for (int n = 0; n < 6; ++n) history.write(line(n));
  }
  EXPECT_TRUE(tests::slurp(path).starts_with(
      "step,window,phase,wall_s,learning_rate,loss,loss:inside.momentum,loss:start.u,"
      "weight:inside.momentum,weight:start.u,error:u,parameter:viscosity\n"));
  const auto all = read_history(path, two_terms());
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[5].loss, line(5).loss);  // every digit
  EXPECT_EQ(all[5].phase, "lbfgs");
  EXPECT_EQ(all[4].errors, line(4).errors);
  EXPECT_TRUE(all[5].errors.empty());
  EXPECT_EQ(all[3].weights, line(3).weights);
  EXPECT_EQ(all[3].parameters, line(3).parameters);
  {
    PinnHistory resumed(path, two_terms(), true);
    resumed.write(line(4));
  }
  EXPECT_EQ(read_history(path, two_terms()).size(), 5u);
  {
    PinnHistory anew(path, two_terms(), false);
    anew.write(line(4));
  }
  EXPECT_EQ(read_history(path, two_terms()).size(), 1u);
  auto other = two_terms();
  other.terms.pop_back();
  EXPECT_TRUE(read_history(path, other).empty()) << "columns of another problem";
}

// [t, y, x] = 100 t + 10 y + x.
PinnFields numbered() {
  PinnFields fields;
  fields.inputs = {{"x", "m", 0, 2}, {"y", "m", 0, 1}, {"t", "s", 0, 4, true}};
  fields.counts = {3, 2, 5};
  fields.first = {0, 0, 0};
  fields.spacing = {1, 1, 1};
  PinnQuantity q{"u", "m", PinnQuantity::Kind::solution, "u", {}};
  for (int t = 0; t < 5; ++t)
    for (int y = 0; y < 2; ++y)
      for (int x = 0; x < 3; ++x) q.values.push_back(100 * t + 10 * y + x);
  fields.quantities = {q};
  return fields;
}

TEST(PinnFields, PlanesAreTakenAtThreeTimes) {
  const PinnFields fields = numbered();
  const auto all = views(fields);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].title, "t = 2 s");
  const auto middle = slice(fields, fields.quantities[0].values, all[1]);
  EXPECT_EQ(middle.width, 3);
  EXPECT_EQ(middle.height, 2);
  EXPECT_EQ(middle.values, (std::vector<double>{200, 201, 202, 210, 211, 212}));
}

TEST(PinnFields, TimeIsUpwardsWhereThereIsOneOtherInput) {
  PinnFields fields;
  fields.inputs = {{"t", "s", 0, 1, true}, {"x", "m", 0, 1}};
  fields.counts = {2, 3};
  fields.first = {0, 0};
  fields.spacing = {1, 0.5};
  const auto all = views(fields);
  ASSERT_EQ(all.size(), 1u);
  const auto plane = slice(fields, {0, 1, 10, 11, 20, 21}, all[0]);
  EXPECT_EQ(plane.values, (std::vector<double>{0, 10, 20, 1, 11, 21}));
}

TEST(PinnFields, SolutionHasTheRangeOfItsReference) {
  PinnFields fields = numbered();
  auto reference = fields.quantities[0];
  reference.kind = PinnQuantity::Kind::reference;
  reference.name = "u_reference";
  fields.quantities[0].values.front() = 1e9;
  fields.quantities.push_back(reference);
  EXPECT_EQ(style(fields, fields.quantities[0]).upper, 412);
  EXPECT_EQ(style(fields, fields.quantities[1]).upper, 412);
}

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
