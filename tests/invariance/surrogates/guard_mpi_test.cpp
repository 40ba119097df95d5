// The guard of a gated swap: which gates it asks, and of which state.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "support/surrogates_scripted_gate.hpp"
#include "surrogates/swap/guard.hpp"

namespace understudy {

using namespace surrogates;
using tests::Carrier;
using tests::ScriptedGate;

namespace {

/// Its constraint halves every value.
struct Halving : Carrier<double> {
  using Carrier::Carrier;
  void constrain(mesh::State<double>& state) override { halve(state["q"].component()); }
  void halve(const mesh::Array3<double>& q) const {
    mesh::for_cells(
        "halve", grid()->interior(), KOKKOS_LAMBDA(int k, int j, int i) { q(k, j, i) /= 2; });
  }
};

double size(const mesh::State<double>& s) {
  const auto q = s["q"].component();
  return mesh::max_cells(
      "largest", s.grid().interior(), KOKKOS_LAMBDA(int k, int j, int i) { return q(k, j, i); });
}

struct LookingGate : Gate<double> {
  using Look = std::function<double(const mesh::State<double>&)>;
  explicit LookingGate(Look l) : look(std::move(l)) {}
  std::string name() const override { return "looking"; }
  double score(const GateView<double>& view) override { return look(view.state); }
  Look look;
};

/// As those that advance a solver or call networks.
struct CostlyGate : Gate<double> {
  std::string name() const override { return "costly"; }
  bool judges_input() const override { return false; }
  double score(const GateView<double>&) override {
    ++calls;
    if (fails) throw core::RunError("the step is too large");
    return 0.1;
  }
  int calls = 0;
  bool fails = false;
};

}  // namespace

TEST(GatedSwap, AGateThatFailsRejectsAndCostlyOnesAreAskedLast) {
  const auto world = core::Comm::world();
  const auto truth = std::make_shared<Carrier<double>>(tests::carrier_grid(true, world));
  mesh::State<double> state(truth->grid(), truth->fields());
  truth->initialise(state, 0.2);
  double cheap = 0.5;
  auto costly = std::make_unique<CostlyGate>();
  CostlyGate& asked = *costly;
  std::vector<std::unique_ptr<Gate<double>>> gates;
  gates.push_back(std::make_unique<ScriptedGate>([&](long long, bool) { return cheap; }));
  gates.push_back(std::move(costly));
  Guard<double> guard(std::move(gates), {1.0, 1.0}, Measurer<double>(truth->grid(), {}));
  EXPECT_TRUE(guard.judge(state, state).trusted());
  EXPECT_EQ(asked.calls, 1);
  cheap = 2;
  const Verdict refused = guard.judge(state, state);
  EXPECT_EQ(refused.gate, "scripted");
  EXPECT_EQ(asked.calls, 1) << "what a cheap gate refuses costs no solver steps";
  EXPECT_TRUE(guard.judge_input(state).gate == "scripted");
  EXPECT_EQ(asked.calls, 1);
  cheap = 0.5;
  asked.fails = true;
  const Verdict failed = guard.judge(state, state);
  EXPECT_FALSE(failed.trusted());
  EXPECT_EQ(failed.gate, "costly");
}

TEST(GatedSwap, APredictionIsJudgedWithItsConstraintsRestoredAndGoesOnWithoutThem) {
  const auto truth = std::make_shared<Halving>(tests::carrier_grid(true, core::Comm::world()));
  mesh::State<double> state(truth->grid(), truth->fields());
  truth->initialise(state, 0.2);
  const double before = size(state);
  double seen = 0;
  for (const bool constrains : {false, true}) {
    std::vector<std::unique_ptr<Gate<double>>> gates;
    gates.push_back(std::make_unique<LookingGate>([&](const mesh::State<double>& s) {
      seen = size(s);
      return 0.5;
    }));
    Guard<double> guard(std::move(gates), {1.0}, Measurer<double>(truth->grid(), {}),
                        constrains ? nullptr : truth);
    EXPECT_TRUE(guard.judge(state, state).trusted());
    EXPECT_EQ(seen, constrains ? before : before / 2);
    EXPECT_EQ(size(state), before) << "what goes on is the prediction itself";
    guard.judge_input(state);
    EXPECT_EQ(seen, before) << "the truth's own state is judged as it is";
  }
}

}  // namespace understudy
