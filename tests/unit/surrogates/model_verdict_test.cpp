// What is said of a model that its validation shows to be bad: one rule for fields, points and arrays.
#include "surrogates/training/model_verdict.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "surrogates/arrays/array_map.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/points/point_model.hpp"

namespace understudy::surrogates {

namespace {

const VerdictWords words{"on some", "its error", "nothing"};

TEST(ModelVerdict, NamesWhatIsLargeAndWhatIsTrivial) {
  EXPECT_EQ(verdict_on({}, words), "");
  EXPECT_EQ(verdict_on({{"u", 0.29, true}, {"v", 0, true}}, words), "");
  EXPECT_EQ(verdict_on({{"u", 0.3, true}, {"v", 0.1, true}}, words),
            "this model is bad: on some, its error is 30% in u");
  EXPECT_EQ(
      verdict_on({{"u", 0.5, true}, {"v", 0.01, false}, {"w", 2, false}}, words),
      "this model is bad: on some, its error is 50% in u, 200% in w; it is no better than nothing "
      "in v, w");
  EXPECT_EQ(verdict_on({{"", 0.4, false}}, words),
            "this model is bad: on some, its error is 40%; it is no better than nothing");
  EXPECT_EQ(
      verdict_on({{"u", std::numeric_limits<double>::quiet_NaN(), true}}, words).substr(0, 17),
      "this model is bad");
}

TEST(ModelVerdict, OfFields) {
  ModelCard card;
  card.rollout_windows = 8;
  card.fields.resize(2);
  card.fields[0].name = "u";
  card.fields[1].name = "p";
  card.fields[1].constant = true;
  card.validation = {{.field = "u", .rel_l2_rollout = 0.1, .persistence_rollout = 0.2},
                     {.field = "p", .rel_l2_rollout = 9, .persistence_rollout = 0}};
  EXPECT_EQ(model_verdict(card), "");
  card.validation[0].persistence_rollout = 0.1;
  EXPECT_EQ(
      model_verdict(card),
      "this model is bad: on held-out samples, over 8 windows, it is no better than a state that "
      "does not change in u");
  EXPECT_NE(model_readme(card).find("**Beware: this model is bad"), std::string::npos);
}

TEST(ModelVerdict, OfPoints) {
  PointCard card;
  card.outputs = {{"rate", "1/s", 0, 2, -5, 5}, {"rest", "1", 3, 1, 3, 3}};
  card.validation = {{.output = "rate", .rel_l2 = 0.1, .rms = 0.2},
                     {.output = "rest", .rel_l2 = 0, .rms = 0}};
  EXPECT_EQ(point_verdict(card), "");
  EXPECT_EQ(point_readme(card).find("Beware"), std::string::npos);
  card.validation[0] = {.output = "rate", .rel_l2 = 0.4, .rms = 2};
  EXPECT_EQ(
      point_verdict(card),
      "this model is bad: on held-out points, its relative L2 error is 40% in rate; it is no better "
      "than the mean of the training points in rate");
  EXPECT_NE(point_readme(card).find("**Beware: this model is bad"), std::string::npos);
  // An error that is relative to nothing says nothing.
  card.validation[0].rel_l2 = -1;
  EXPECT_EQ(point_verdict(card), "");
  EXPECT_NE(point_readme(card).find("| rate | - | 2 |"), std::string::npos);
  card.validation[0].rel_l2 = 0.4;
  // What an imported card gives for the deviation need not be that of its training.
  card.engine = "torchscript";
  EXPECT_EQ(point_verdict(card),
            "this model is bad: on held-out points, its relative L2 error is 40% in rate");
}

TEST(ModelVerdict, OfArrays) {
  ArrayMapCard card;
  EXPECT_EQ(array_map_verdict(card), "");
  card.errors = {.split = "test", .samples = 9, .mae = 0.1, .rel_l2 = 0.1, .mean_rel_l2 = 0.2};
  EXPECT_EQ(array_map_verdict(card), "");
  card.errors.mean_rel_l2 = 0.1;
  EXPECT_EQ(
      array_map_verdict(card),
      "this model is bad: on 9 test samples, it is no better than the mean of the training outputs");
  EXPECT_NE(array_map_readme(card).find("**Beware: this model is bad"), std::string::npos);
  card.errors.mean_rel_l2 = -1;  // cards of earlier versions
  EXPECT_EQ(array_map_verdict(card), "");
}

}  // namespace

}  // namespace understudy::surrogates
