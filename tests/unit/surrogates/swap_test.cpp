// Swap policies: who advances each window, what is recorded, what is refused.
#include <gtest/gtest.h>

#include <string>

#include "support/surrogates_carriers.hpp"
#include "surrogates/swap/swap.hpp"

namespace understudy {

using namespace surrogates;
using tests::carrier;
using tests::error_text;
using tests::initial;
using tests::window_s;

namespace {

// Who advanced in each of `windows` windows: "P" physics, "S" surrogate.
std::string pattern(const SwapParams& params, int windows, double start_s = 0) {
  auto truth = carrier();
  Swap<double> swap(params, truth, carrier(1.2), window_s);
  auto state = initial(*truth);
  state.time_s = start_s;
  for (int n = 0; n < windows; ++n) {
    swap.advance(state, window_s);
    state.time_s = start_s + (n + 1) * window_s;
  }
  std::string text;
  for (const SwapRecord& r : swap.records()) text += r.who == "surrogate" ? "S" : "P";
  return text;
}

}  // namespace

TEST(Swap, FollowsItsSchedule) {
  SwapParams p;
  p.policy = "always";
  EXPECT_EQ(pattern(p, 4), "SSSS");
  p.policy = "never";
  EXPECT_EQ(pattern(p, 4), "PPPP");
  p.policy = "schedule";
  EXPECT_EQ(pattern(p, 4), "SSSS");
  p.lead_windows = 2;
  EXPECT_EQ(pattern(p, 6), "PPSSSS");
  p.physics_every = 3;
  EXPECT_EQ(pattern(p, 8), "PPSSPSSP");
  EXPECT_EQ(pattern(p, 5, 3 * window_s), "SPSSP") << "windows are counted from time 0";
  p = SwapParams{};
  p.policy = "schedule";
  p.from_s = 2 * window_s;
  p.to_s = 4 * window_s;
  EXPECT_EQ(pattern(p, 6), "PPSSPP");
}

TEST(Swap, RecordsWhoAndWhyAndConstrainsWhenPhysicsTakesOver) {
  SwapParams p;
  p.policy = "schedule";
  p.physics_every = 2;
  auto truth = carrier();
  Swap<double> swap(p, truth, carrier(1.2), window_s);
  auto state = initial(*truth);
  swap.advance(state, 4 * window_s);
  ASSERT_EQ(swap.records().size(), 4u);
  EXPECT_EQ(swap.records()[1].why, "every 2 windows");
  EXPECT_NEAR(swap.records()[3].time_s, 4 * window_s, 1e-12);
  EXPECT_DOUBLE_EQ(accepted_fraction(swap.records()), 0.5);
  EXPECT_EQ(truth->constrained, 2);
  EXPECT_NE(error_text([&] { swap.advance(state, 0.06); }).find("not a whole number of windows"),
            std::string::npos);
}

TEST(Swap, WantsASurrogateUnlessNever) {
  SwapParams p;
  EXPECT_NE(error_text([&] {
              Swap<double>(p, carrier(), nullptr, window_s);
            }).find("swap.policy: always wants a surrogate"),
            std::string::npos);
  p.policy = "never";
  EXPECT_NO_THROW(Swap<double>(p, carrier(), nullptr, window_s));
}

}  // namespace understudy
