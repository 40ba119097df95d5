// What the decks of weather refuse, and what their members differ in.
#include <gtest/gtest.h>

#include "apps/catalog.hpp"
#include "apps/weather/shallow_water.hpp"
#include "core/error.hpp"
#include "support/apps_cli.hpp"

namespace understudy::apps {
namespace {

std::string refusal_of(const std::string& deck, const std::vector<std::string>& settings) {
  try {
    const auto path = std::filesystem::path(UNDERSTUDY_SOURCE_DIR) / "inputs" / "weather" / deck;
    open_study({.verb = "check", .deck = path, .settings = settings}, apps());
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "";
}

void expect_refusal(const std::string& setting, const std::vector<std::string>& parts) {
  const std::string message = refusal_of("williamson_2.yaml", {setting});
  for (const auto& part : parts)
    EXPECT_NE(message.find(part), std::string::npos) << setting << ": " << message;
}

TEST(WeatherDecks, ShallowWaterSaysWhatIsWrong) {
  EXPECT_EQ(refusal_of("williamson_2.yaml", {}), "");
  expect_refusal("shallow_water.order=4", {"shallow_water.order", "is 4; 3, 5 or 7 are wanted"});
  const std::vector<std::string> both{"shallow_water.time_scheme=fb_rk32",
                                      "shallow_water.tracer=latitude"};
  EXPECT_NE(refusal_of("williamson_2.yaml", both).find("is fb_rk32, which carries no tracer"),
            std::string::npos);
  EXPECT_EQ(refusal_of("williamson_2.yaml", {both[0]}), "");
  EXPECT_EQ(refusal_of("williamson_1.yaml", {}), "");
  const std::string carried =
      refusal_of("williamson_1.yaml", {"shallow_water.tracer=cosine_bells"});
  EXPECT_NE(carried.find("shallow_water.tracer"), std::string::npos) << carried;
  EXPECT_NE(carried.find("is cosine_bells, but start is williamson_1"), std::string::npos)
      << carried;
  expect_refusal("shallow_water.step_fraction=1.5", {"shallow_water.step_fraction", "<= 1"});
  expect_refusal("shallow_water.start=williamson_3", {"williamson_3", "williamson_2"});
  expect_refusal("shallow_water.viscosity_m2_s=-1", {"shallow_water.viscosity_m2_s", ">= 0"});
  expect_refusal("shallow_water.random.highest_degree=2",
                 {"highest_degree", "below lowest_degree"});
  expect_refusal("grid.cells=8", {"grid.cells", ">= 12"});
  expect_refusal("grid.radius_m=0", {"grid.radius_m", "> 0"});
  expect_refusal("grid.lower_m=[0,0]", {"grid.lower_m", "unknown key"});
  expect_refusal("grid.ranks=[1,1,1]", {"grid.ranks", "has 3 entries; two or none"});
}

TEST(WeatherDecks, MembersStartFromOtherPerturbations) {
  const auto physics = make_shallow_water();
  const auto first = physics->member_settings(1), second = physics->member_settings(2);
  EXPECT_NE(first, second);
  EXPECT_EQ(first.size(), 1u);
}

}  // namespace
}  // namespace understudy::apps
