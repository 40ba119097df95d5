// The swap by gate with scores that a test dictates: hysteresis, rollback, restart, ranks.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "mesh/io/checkpoint.hpp"
#include "support/scratch.hpp"
#include "support/surrogates_scripted_gate.hpp"
#include "surrogates/swap/swap.hpp"

namespace understudy {

using namespace surrogates;
using tests::Carrier;
using tests::error_text;
using tests::Script;
using tests::ScriptedGate;
using tests::window_s;

namespace {

/// A surrogate that sets the time of the window's end, as SurrogateStepper does.
struct Proxy : Carrier<double> {
  using Carrier::Carrier;
  solvers::AdvanceReport advance(mesh::State<double>& state, double duration_s) override {
    const double start_s = state.time_s;
    constrain(state);
    if (++calls == fails_at) throw core::RunError("the projection does not converge");
    const auto report = Carrier::advance(state, duration_s);
    state.time_s = start_s + duration_s;
    return report;
  }
  int calls = 0, fails_at = 0;
};

struct GatedRun {
  std::shared_ptr<Carrier<double>> truth =
      std::make_shared<Carrier<double>>(tests::carrier_grid(true, core::Comm::world()));
  std::shared_ptr<Proxy> surrogate = std::make_shared<Proxy>(truth->grid(), 1.2);
  mesh::State<double> state{truth->grid(), truth->fields()};
  SwapParams params;
  std::unique_ptr<Swap<double>> swap;

  explicit GatedRun(const Script& script, int hold = 3, int reentry_windows = 2) {
    params.policy = "gate";
    params.gate.hold_windows = hold;
    params.gate.reentry_windows = reentry_windows;
    params.gate.reentry = 0.8;
    truth->initialise(state, 0.2);
    std::vector<std::unique_ptr<Gate<double>>> gates;
    gates.push_back(std::make_unique<ScriptedGate>(script));
    swap = std::make_unique<Swap<double>>(
        params, truth, surrogate, window_s,
        std::make_shared<Guard<double>>(std::move(gates), std::vector<double>{1.0},
                                        Measurer<double>(truth->grid(), {})));
  }
  void advance(long long windows) {
    for (long long n = 0; n < windows; ++n) {
      const double end_s =
          static_cast<double>(std::llround(state.time_s / window_s) + 1) * window_s;
      swap->advance(state, window_s);
      state.time_s = end_s;
    }
  }
  std::string pattern() const {
    std::string text;
    for (const auto& r : swap->records()) text += r.who == "surrogate" ? "S" : "P";
    return text;
  }
};

}  // namespace

TEST(GatedSwap, EntersAfterTrustedWindowsAndHoldsAfterARejection) {
  GatedRun s(
      [](long long window, bool prediction) { return prediction && window == 6 ? 2.0 : 0.5; });
  s.advance(16);
  // Window 0 trusts for the first time, 1 for the second and proposes; 6 is refused; 7 8 9 hold; 10
  // trusts once, 11 enters.
  EXPECT_EQ(s.pattern(), "PSSSSSPPPPPSSSSS");
  const auto& r = s.swap->records();
  EXPECT_EQ(r[0].why.find("trusted for 1 of 2 windows; the surrogate's window was off by 0.0"), 0)
      << r[0].why;
  EXPECT_GT(r[0].rehearsal_error, 0);
  EXPECT_TRUE(std::isnan(r[1].rehearsal_error));
  EXPECT_EQ(r[6].why, "prediction rejected: scripted 2, bound 1");
  EXPECT_TRUE(r[6].rolled_back);
  EXPECT_EQ(r[6].rejected_by, "scripted");
  EXPECT_NEAR(r[6].trust, 1.0 / 3, 1e-12);
  EXPECT_EQ(r[7].why, "holds after a rejection, 2 more windows");
  EXPECT_NEAR(r[12].trust, 1 / 1.5, 1e-12);
  const auto counts = counts_of(r);
  EXPECT_EQ(counts.accepted, 10);
  EXPECT_EQ(counts.rollbacks, 1);
  EXPECT_EQ(counts.to_surrogate, 2);
  EXPECT_EQ(counts.to_physics, 1);
  EXPECT_EQ(counts.rejected.at("scripted"), 1);
  EXPECT_EQ(s.surrogate->advances, 13)
      << "one a proposal and one before each entry, none while physics holds";
}

TEST(GatedSwap, DoesNotHandOverWhatWouldBeOffAtOnce) {
  // The gates see nothing wrong; the window that both advance before the entry does.
  GatedRun s([](long long, bool) { return 0.1; });
  s.params.gate.error_limit = 1e-3;
  std::vector<std::unique_ptr<Gate<double>>> gates;
  gates.push_back(std::make_unique<ScriptedGate>([](long long, bool) { return 0.1; }));
  s.swap = std::make_unique<Swap<double>>(
      s.params, s.truth, s.surrogate, window_s,
      std::make_shared<Guard<double>>(std::move(gates), std::vector<double>{1.0},
                                      Measurer<double>(s.truth->grid(), {})));
  s.advance(6);
  EXPECT_EQ(s.pattern(), "PPPPPP");
  const auto& r = s.swap->records();
  EXPECT_EQ(r[0].rejected_by, "hand-over");
  EXPECT_NE(r[0].why.find("above 0.001 (gate.error_limit)"), std::string::npos) << r[0].why;
  // What was kept is the simulation's.
  GatedRun pure([](long long, bool) { return 0.0; });
  for (int n = 0; n < 6; ++n) pure.truth->advance(pure.state, window_s);
  for (const char* field : {"q", "f", "q_rate", "f_rate"})
    EXPECT_EQ(tests::largest_difference(s.state, pure.state, field), 0) << field;
}

TEST(GatedSwap, DoesNotFlapOnAnOscillatingScore) {
  // Good and bad in turn, prediction and state alike: no two good states in a row, so it never enters.
  GatedRun never([](long long window, bool) { return window % 2 == 0 ? 0.5 : 2.0; });
  never.advance(40);
  EXPECT_EQ(never.pattern(), std::string(40, 'P'));
  EXPECT_LE(never.surrogate->advances, 20) << "one a good window, to know what an entry would do";
  // States are always good, predictions every second time not: at most one hand-over in 5 windows.
  GatedRun held(
      [](long long window, bool prediction) { return prediction && window % 2 == 0 ? 2.0 : 0.5; });
  held.advance(40);
  const std::string pattern = held.pattern();
  for (std::size_t n = 1; n < pattern.size(); ++n)
    if (pattern[n] == 'P' && pattern[n - 1] == 'S') {
      EXPECT_EQ(pattern.substr(n, 5), std::string("PPPPP").substr(0, pattern.size() - n))
          << pattern;
    }
  // Between re-entry's share and the bound: what is trusted stays, what is not does not come.
  GatedRun band([](long long window, bool) { return window < 3 ? 0.5 : 0.9; });
  band.advance(10);
  EXPECT_EQ(band.pattern(), "PSSSSSSSSS");
  GatedRun out([](long long, bool) { return 0.9; });
  out.advance(10);
  EXPECT_EQ(out.pattern(), "PPPPPPPPPP");
  EXPECT_NE(out.swap->records().back().why.find("not yet below"), std::string::npos);
}

TEST(GatedSwap, ARejectedPredictionLeavesThePhysicsBitwise) {
  // The first prediction after physics is refused each time: the run is the pure simulation's.
  GatedRun s([](long long, bool prediction) { return prediction ? 5.0 : 0.1; });
  GatedRun pure([](long long, bool) { return 0.0; });
  s.advance(12);
  for (int n = 0; n < 12; ++n) pure.truth->advance(pure.state, window_s);
  EXPECT_GT(s.surrogate->advances, 1);
  EXPECT_EQ(s.truth->constrained, 0);
  for (const char* field : {"q", "f", "q_rate", "f_rate"})
    EXPECT_EQ(tests::largest_difference(s.state, pure.state, field), 0) << field;
  EXPECT_EQ(s.state.step, pure.state.step);
}

TEST(GatedSwap, RollsBackToTheLastTrustedState) {
  // After three accepted predictions one is refused: physics goes on from the third, constrained.
  GatedRun s(
      [](long long window, bool prediction) { return prediction && window == 4 ? 5.0 : 0.1; });
  s.advance(4);
  ASSERT_EQ(s.pattern(), "PSSS");
  auto expected = s.state.clone();
  s.advance(1);
  EXPECT_EQ(s.truth->constrained, 1);
  Carrier<double> again(s.truth->grid());
  again.constrain(expected);
  again.advance(expected, window_s);
  for (const char* field : {"q", "f", "q_rate", "f_rate"})
    EXPECT_EQ(tests::largest_difference(s.state, expected, field), 0) << field;
}

TEST(GatedSwap, APredictionThatFailsIsARejectedOne) {
  // The seventh network call throws, as a projection that does not converge does.
  GatedRun s([](long long, bool) { return 0.5; });
  s.surrogate->fails_at = 7;
  s.advance(14);
  EXPECT_EQ(s.pattern(), "PSSSSSPPPPPSSS");
  const auto& r = s.swap->records();
  EXPECT_EQ(r[6].why, "prediction rejected: prediction: the projection does not converge");
  EXPECT_EQ(r[6].rejected_by, "prediction");
  EXPECT_TRUE(r[6].rolled_back);
  EXPECT_EQ(r[6].trust, 0);
}

TEST(GatedSwap, LeadWindowsArePhysicsAndAreNotJudged) {
  GatedRun s([](long long, bool) { return 0.1; });
  s.params.lead_windows = 5;
  std::vector<std::unique_ptr<Gate<double>>> gates;
  auto gate = std::make_unique<ScriptedGate>([](long long, bool) { return 0.1; });
  const auto* scripted = gate.get();
  gates.push_back(std::move(gate));
  s.swap = std::make_unique<Swap<double>>(
      s.params, s.truth, s.surrogate, window_s,
      std::make_shared<Guard<double>>(std::move(gates), std::vector<double>{1.0},
                                      Measurer<double>(s.truth->grid(), {})));
  s.advance(5);
  EXPECT_EQ(s.pattern(), "PPPPP");
  EXPECT_EQ(scripted->calls, 0);
  s.advance(3);
  EXPECT_EQ(s.pattern(), "PPPPPPSS");
}

TEST(GatedSwap, ARestartedRunIsTheUninterruptedOne) {
  const Script script = [](long long window, bool prediction) {
    return prediction && (window == 5 || window == 14) ? 3.0 : 0.3 + 0.01 * (window % 7);
  };
  GatedRun whole(script);
  whole.advance(20);
  const tests::Scratch scratch;
  // At every window: among surrogate's, while it holds, within a streak.
  for (const long long stop : {3, 6, 7, 9, 10, 15}) {
    GatedRun first(script), second(script);
    first.advance(stop);
    const auto path = scratch / ("checkpoint_" + std::to_string(stop) + ".h5");
    mesh::write_checkpoint(path, first.state, {});
    mesh::read_checkpoint(path, second.state);
    // Checkpoints have no ghosts, and this small domain fills them only after a step.
    mesh::Halo<double> halo(second.truth->grid());
    halo.exchange({second.state["q"].component(), second.state["f"].component()});
    Kokkos::fence("ghosts");
    second.advance(20 - stop);
    EXPECT_EQ(first.pattern() + second.pattern(), whole.pattern()) << stop;
    for (const char* field : {"q", "f", "q_rate", "f_rate"})
      EXPECT_EQ(tests::largest_difference(second.state, whole.state, field), 0) << field << stop;
    EXPECT_EQ(second.state.scalars, whole.state.scalars);
    EXPECT_EQ(second.swap->records().back().trust, whole.swap->records().back().trust);
  }
}

TEST(GatedSwap, RanksActByTheVerdictOfRankZero) {
  GatedRun s(
      [](long long window, bool prediction) { return prediction && window == 6 ? 2.0 : 0.5; });
  s.advance(12);
  EXPECT_EQ(s.pattern(), "PSSSSSPPPPPS") << "on rank " << core::Comm::world().rank();
}

TEST(GatedSwap, WantsAGuard) {
  const auto truth =
      std::make_shared<Carrier<double>>(tests::carrier_grid(true, core::Comm::world()));
  SwapParams p;
  p.policy = "gate";
  EXPECT_NE(
      error_text([&] { Swap<double>(p, truth, truth, window_s); }).find("understudy calibrate"),
      std::string::npos);
}

}  // namespace understudy
