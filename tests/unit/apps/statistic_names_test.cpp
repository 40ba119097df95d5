// Diagnostics by their full name or their last one.
#include "apps/simulation/statistic_names.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace understudy::apps {
namespace {

using Names = std::vector<std::string>;

const std::vector<solvers::Diagnostic> all{
    {"flow.drag", "1", 0}, {"flow.body1.lift", "1", 0}, {"flow.body2.lift", "1", 0}};

std::string refusal(const Names& names) {
  try {
    statistic_names(names, all);
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(StatisticNames, AreFoundByTheirFullOrLastName) {
  EXPECT_EQ(statistic_names({}, all), Names{});
  EXPECT_EQ(statistic_names({"drag", "flow.body2.lift"}, all),
            (Names{"flow.drag", "flow.body2.lift"}));
  EXPECT_EQ(statistic_names({"body1.lift"}, all), Names{"flow.body1.lift"});
}

TEST(StatisticNames, OfTheWholeFlowComeBeforeThoseOfItsBodies) {
  const std::vector<solvers::Diagnostic> bodies{
      {"flow.body1.lift", "1", 0}, {"flow.lift", "1", 0}, {"flow.body2.lift", "1", 0}};
  EXPECT_EQ(statistic_names({"lift", "body2.lift"}, bodies),
            (Names{"flow.lift", "flow.body2.lift"}));
}

TEST(StatisticNames, ThatAreNoneOrSeveralAreRefused) {
  const std::string none = refusal({"rag"});
  EXPECT_NE(none.find("compare.statistics: 'rag' is no diagnostic of this run"), std::string::npos)
      << none;
  EXPECT_NE(none.find("flow.drag"), std::string::npos) << "what there is: " << none;
  const std::string several = refusal({"lift"});
  EXPECT_NE(several.find("compare.statistics: 'lift' may be flow.body1.lift"), std::string::npos)
      << several;
}

}  // namespace
}  // namespace understudy::apps
