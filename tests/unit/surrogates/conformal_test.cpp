// Conformal quantile and risk control: hand-computed values, and by Monte Carlo the promised coverage.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "core/conformal.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/swap/trust_reference.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TrustReference table(std::vector<std::vector<double>> scores, std::vector<double> errors) {
  TrustReference r;
  r.neighbours = 3;
  r.table.gates = {"distance", "residual"};
  r.table.gates.resize(scores.size());
  r.table.scores = std::move(scores);
  r.table.errors = std::move(errors);
  r.table.rollouts.assign(r.table.errors.size(), 0);
  r.residual_fraction = 0.2;
  return r;
}

}  // namespace

TEST(Conformal, QuantileIsTheOneThatIsWorkedOutByHand) {
  const std::vector<double> nine{5, 1, 4, 2, 3, 9, 7, 8, 6};
  EXPECT_EQ(conformal_quantile(nine, 0.9), 9);   // rank (9 + 1) 0.9 = 9
  EXPECT_EQ(conformal_quantile(nine, 0.85), 9);  // 8.5, up to 9
  EXPECT_EQ(conformal_quantile(nine, 0.8), 8);
  EXPECT_EQ(conformal_quantile(nine, 0.5), 5);
  EXPECT_EQ(conformal_quantile(nine, 0.01), 1);
  EXPECT_EQ(conformal_quantile(nine, 0.95), infinity) << "rank 10 of 9";
  EXPECT_EQ(conformal_quantile({}, 0.5), infinity);
  EXPECT_EQ(conformal_quantile({1, 2, std::nan("")}, 0.75), infinity) << "no number is the worst";
  EXPECT_EQ(conformal_quantile({1, 2, std::nan("")}, 0.5), 2);
}

TEST(Conformal, RiskControlIsTheOneThatIsWorkedOutByHand) {
  // Nine windows: (wrong accepted + 1) / 10 <= risk.
  const std::vector<double> scores{1, 2, 3, 4, 5, 6, 7, 8, 9};
  const std::vector<double> errors{0, 0, 0, 1, 0, 1, 0, 1, 0};
  EXPECT_EQ(risk_controlled_threshold(scores, errors, 0.5, 0.05), -infinity);
  // No wrong one may be accepted: just below 4.
  const double none = risk_controlled_threshold(scores, errors, 0.5, 0.1);
  EXPECT_LT(none, 4);
  EXPECT_GT(none, 3.999999);
  const double one = risk_controlled_threshold(scores, errors, 0.5, 0.2);
  EXPECT_LT(one, 6);
  EXPECT_GT(one, 5.999999);
  EXPECT_EQ(risk_controlled_threshold(scores, errors, 0.5, 0.4), infinity);
  EXPECT_EQ(risk_controlled_threshold(scores, errors, 2, 0.1), infinity) << "nothing is wrong";
  // An error that is no number is wrong.
  EXPECT_LT(risk_controlled_threshold({1, 2}, {0, std::nan("")}, 0.5, 0.4), 2);
  EXPECT_NE(error_text([] { risk_controlled_threshold({1}, {}, 1, 0.1); }).find("1 scores and 0"),
            std::string::npos);
}

TEST(Conformal, CoverageHoldsOverManyCalibrations) {
  // 4000 calibrations of 60 windows and a new one each: the number of those within has a standard
  // deviation of sqrt(4000 0.9 0.1) = 19; five of them on each side.
  std::mt19937_64 random(7);
  std::exponential_distribution<double> score(1);
  constexpr int trials = 4000, n = 60;
  int within = 0;
  for (int t = 0; t < trials; ++t) {
    std::vector<double> scores;
    for (int i = 0; i < n; ++i) scores.push_back(score(random));
    within += score(random) <= conformal_quantile(scores, 0.9);
  }
  const double deviation = std::sqrt(trials * 0.09);
  EXPECT_GT(within, 0.9 * trials - 5 * deviation);
  EXPECT_LT(within, (0.9 + 1.0 / (n + 1)) * trials + 5 * deviation);
}

TEST(Conformal, RiskStaysWithinItsBoundAndUsesIt) {
  // Error and score are correlated: wrong windows tend to score high, but not all do.
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  constexpr int trials = 4000, n = 60;
  constexpr double risk = 0.1, limit = 0.5;
  int accepted_wrong = 0;
  auto draw = [&](double& s, double& e) {
    e = normal(random);
    s = e + normal(random);
  };
  for (int t = 0; t < trials; ++t) {
    std::vector<double> scores(n), errors(n);
    for (int i = 0; i < n; ++i) draw(scores[i], errors[i]);
    double s, e;
    draw(s, e);
    accepted_wrong += s <= risk_controlled_threshold(scores, errors, limit, risk) && e > limit;
  }
  const double deviation = std::sqrt(trials * risk * (1 - risk));
  EXPECT_LT(accepted_wrong, risk * trials + 5 * deviation);
  // The bound is tight to 2 / (n + 1) (Angelopoulos et al. 2022, theorem 2): not won by refusing all.
  EXPECT_GT(accepted_wrong, (risk - 2.0 / (n + 1)) * trials - 5 * deviation);
}

TEST(Conformal, IntervalOfAFraction) {
  const Fraction half = fraction_of(50, 100);
  EXPECT_NEAR(half.lower, 0.4038, 1e-4);  // Wilson's
  EXPECT_NEAR(half.upper, 0.5962, 1e-4);
  const Fraction none = fraction_of(0, 10);
  EXPECT_EQ(none.lower, 0);
  EXPECT_NEAR(none.upper, 0.2775, 1e-4);
  EXPECT_EQ(fraction_of(0, 0).upper, 1);
}

TEST(Thresholds, OneGateIsHeldAgainstTheQuantileOfAllWindows) {
  std::vector<double> a(10), errors(10, 0.0);
  for (int i = 0; i < 10; ++i) a[i] = 1 + 0.01 * i;
  GateParams p;
  p.use = {"distance"};
  p.quantile = 0.8;  // rank 9 of 10
  p.risk = 1;
  const auto t = thresholds_of(table({a}, errors), p);
  EXPECT_DOUBLE_EQ(t.gates[0], 1.08);
  EXPECT_DOUBLE_EQ(t.combined, 1);
  EXPECT_TRUE(t.enough);
  p.quantile = 0.99;
  EXPECT_FALSE(thresholds_of(table({a}, errors), p).enough);
}

TEST(Thresholds, OfSeveralGatesComeFromTwoHalves) {
  // Of one rollout every second window sets the scales, and the others the bound.
  std::vector<double> a(10), b(10), errors(10, 0.0);
  for (int i = 0; i < 10; ++i) {
    a[i] = 1 + 0.01 * i;
    b[i] = 2 + 0.01 * i;
  }
  a[9] = 30;
  b[0] = 50;
  GateParams p;
  p.use = {"distance", "residual"};
  p.quantile = 0.6;  // rank 4 of 5
  p.risk = 1;
  const auto t = thresholds_of(table({a, b}, errors), p);
  EXPECT_DOUBLE_EQ(t.gates[0], 1.06);  // of 1.00 1.02 1.04 1.06 1.08
  EXPECT_DOUBLE_EQ(t.gates[1], 2.08);  // of 50 2.02 2.04 2.06 2.08
  EXPECT_DOUBLE_EQ(t.combined, 1.07 / 1.06);
  // A wrong window of the second half lowers the bound below its own score; one of the first does not.
  errors[0] = errors[2] = errors[4] = 1;
  p.risk = 0.2;
  EXPECT_DOUBLE_EQ(thresholds_of(table({a, b}, errors), p).combined, 1.07 / 1.06);
  errors[7] = 1;
  const auto lowered = thresholds_of(table({a, b}, errors), p);
  EXPECT_LT(lowered.combined, 1.07 / 1.06);
  EXPECT_GT(lowered.combined, 0.99999 * 1.07 / 1.06);
  p.risk = 0.1;
  EXPECT_EQ(thresholds_of(table({a, b}, errors), p).combined, 0) << "too few windows for that risk";
  // Of several rollouts every second one.
  auto many = table({a, b}, errors);
  for (int i = 0; i < 10; ++i) many.table.rollouts[i] = i / 5;
  p.risk = 1;
  EXPECT_DOUBLE_EQ(thresholds_of(many, p).gates[0], 1.03) << "of 1.00 ... 1.04";
}

TEST(Thresholds, OfSeveralGatesRejectNoMoreThanAsked) {
  // As few windows as the quantile needs, and gates that know nothing of each other: scales and bound
  // from the same windows would reject 1 - (20/21)^3 = 14%.
  std::mt19937_64 random(3);
  std::exponential_distribution<double> score(1);
  constexpr int trials = 4000, n = 38;
  GateParams p;
  p.use = {"distance", "residual", "disagreement"};
  p.quantile = 0.95;
  p.risk = 1;
  int rejected = 0;
  for (int t = 0; t < trials; ++t) {
    std::vector<std::vector<double>> scores(3, std::vector<double>(n));
    for (auto& gate : scores)
      for (double& s : gate) s = score(random);
    auto r = table(scores, std::vector<double>(n, 0.0));
    r.table.gates = p.use;
    r.neighbours = p.neighbours;
    r.residual_fraction = p.residual_fraction;
    const auto bounds = thresholds_of(r, p);
    double largest = 0;
    for (std::size_t g = 0; g < 3; ++g)
      largest = std::max(largest, score(random) / bounds.gates[g]);
    rejected += largest > bounds.combined;
  }
  EXPECT_LT(rejected, 0.05 * trials + 5 * std::sqrt(trials * 0.05 * 0.95));
  EXPECT_GT(rejected, 0) << "the bound binds";
}

TEST(Thresholds, AnEnvelopeThatNoWindowLeftKeepsItsSlack) {
  auto r = table({{0, 0, 0, 0}}, {0, 0, 0, 0});
  r.table.gates = {"range"};
  GateParams p;
  p.use = {"range"};
  p.quantile = 0.5;
  p.risk = 1;
  const auto t = thresholds_of(r, p);
  EXPECT_DOUBLE_EQ(t.gates[0], 0.05);
  EXPECT_DOUBLE_EQ(t.combined, 1);
}

TEST(Thresholds, RefuseAGateThatWasNotCalibratedSo) {
  const auto r = table({{1, 2, 3}}, {0, 0, 0});
  GateParams p;
  auto refusal = [&] { return error_text([&] { thresholds_of(r, p); }); };
  p.use = {"residual"};
  EXPECT_NE(refusal().find("the gate residual has no calibration in this model (it has distance)"),
            std::string::npos);
  EXPECT_NE(refusal().find("understudy calibrate"), std::string::npos);
  p.use = {"distance"};
  p.neighbours = 5;
  EXPECT_NE(refusal().find("calibrated with 3 neighbours, and the deck asks for 5"),
            std::string::npos);
  EXPECT_NE(error_text([&] { thresholds_of(TrustReference{}, p); }).find("have no calibration"),
            std::string::npos);
  auto both = table({{1, 2}, {1, 2}}, {0, 0});
  p = {};
  p.use = {"residual"};
  p.residual_fraction = 0.5;
  EXPECT_NE(error_text([&] { thresholds_of(both, p); }).find("residual_fraction 0.2"),
            std::string::npos);
}

}  // namespace understudy
