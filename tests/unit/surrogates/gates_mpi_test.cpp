// Gates: measures against plain loops, each gate's score where it can be worked out, the space of the
// distance, the file that keeps it, and the same scores on any number of ranks.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "support/scratch.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/swap/gates.hpp"
#include "surrogates/swap/guard.hpp"

namespace understudy {

using namespace surrogates;
using tests::Carrier;
using tests::error_text;
using tests::window_s;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

ModelCard card() {
  ModelCard c;
  c.fields = {{"q", "K", "cell", 0, 1, 0.7, 0.05, -1, 3},
              {"f", "m/s", "face_x", 0, 0.5, 0.7, 0.05, -1.5, 2.5}};
  c.parameters = {{"carrier.speed", "m/s", 1, 0.2, 0.5, 1.5}};
  c.window_s = window_s;
  return c;
}

struct Case {
  std::shared_ptr<Carrier<double>> truth;
  mesh::State<double> state;
  explicit Case(const core::Comm& comm = core::Comm::world(), double phase = 0.3)
      : truth(std::make_shared<Carrier<double>>(tests::carrier_grid(true, comm))),
        state(truth->grid(), truth->fields()) {
    truth->initialise(state, phase);
  }
  StateMeasures measures() const { return Measurer<double>(truth->grid(), card().fields)(state); }
  double score(Gate<double>& gate, const mesh::State<double>* before = nullptr) const {
    const auto m = measures();
    return gate.score({state, before, m});
  }
};

// Multiplies the interior of q, or puts one value into its first cell.
void scale_q(mesh::State<double>& state, double factor) {
  const auto q = state["q"].component();
  mesh::for_cells(
      "scale", state.grid().everything(),
      KOKKOS_LAMBDA(int k, int j, int i) { q(k, j, i) *= factor; });
}

void put_q(mesh::State<double>& state, double value) {
  if (!state.grid().comm().is_root()) return;
  const auto q = state["q"].component();
  mesh::Range3 one = state.grid().interior();
  for (int a = 0; a < 3; ++a) one.end[a] = one.begin[a] + 1;
  mesh::for_cells("put", one, KOKKOS_LAMBDA(int k, int j, int i) { q(k, j, i) = value; });
}

TrustReference reference_of(const std::vector<double>& phases) {
  TrustReference r;
  std::vector<std::vector<double>> features;
  for (const double phase : phases)
    features.push_back(features_of(Case(core::Comm::world(), phase).measures(), card(), {1.0}));
  r.space = fit_trust_space(features);
  r.neighbours = 1;
  return r;
}

GateContext<double> context(const Case& c, double speed = 1) {
  GateContext<double> context;
  context.card = card();
  context.truth = c.truth;
  context.window_s = window_s;
  context.parameters = {speed};
  return context;
}

}  // namespace

TEST(Measures, AreThoseOfPlainLoops) {
  const Case c;
  const auto m = c.measures();
  // The plain version on one rank.
  const Case whole(core::Comm::self());
  const auto q =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), whole.state["q"].component());
  const auto& grid = *whole.truth->grid();
  const Lattice l = lattice_of(grid);
  ASSERT_EQ(l.blocks[0], 16);  // 24 cells: blocks of one and two
  ASSERT_EQ(l.blocks[1], 11);
  std::vector<double> sum(l.count(), 0.0), count(l.count(), 0.0);
  double lowest = infinity, highest = -infinity;
  auto block = [&](int j, int i) { return j * 11 / 16 * 16 + i * 16 / 24; };
  auto value = [&](int j, int i) { return q(0, j + grid.ghosts(1), i + grid.ghosts(0)); };
  for (int j = 0; j < 16; ++j)
    for (int i = 0; i < 24; ++i) {
      sum[block(j, i)] += value(j, i);
      count[block(j, i)] += 1;
      lowest = std::min(lowest, value(j, i));
      highest = std::max(highest, value(j, i));
    }
  double left = 0;
  for (int j = 0; j < 16; ++j)
    for (int i = 0; i < 24; ++i)
      left += std::pow(value(j, i) - sum[block(j, i)] / count[block(j, i)], 2);
  for (int b = 0; b < l.count(); ++b) EXPECT_NEAR(m.block_means[b], sum[b] / count[b], 1e-12) << b;
  EXPECT_NEAR(m.fluctuation[0], std::sqrt(left / (16 * 24)), 1e-8);
  EXPECT_EQ(m.lowest[0], lowest);
  EXPECT_EQ(m.highest[0], highest);
}

TEST(RangeGate, SeesValuesParametersAndNoNumbers) {
  Case c;
  const auto gate = make_range_gate(context(c));
  EXPECT_EQ(c.score(*gate), 0) << "within";
  put_q(c.state, 4);  // envelope -1 to 3: half-width 2
  EXPECT_DOUBLE_EQ(c.score(*gate), 0.5);
  put_q(c.state, -5);
  EXPECT_DOUBLE_EQ(c.score(*gate), 2);
  for (const double bad : {std::nan(""), infinity}) {
    put_q(c.state, bad);
    EXPECT_EQ(c.score(*gate), infinity);
  }
  const Case inside;
  EXPECT_DOUBLE_EQ(inside.score(*make_range_gate(context(inside, 3))), 3) << "speed 0.5 to 1.5";
  EXPECT_EQ(beyond(1.0, 1, 1), 0);
  EXPECT_NEAR(beyond(1.02, 1, 1), 1, 1e-12) << "no envelope is narrower than 1%";
}

TEST(RangeGate, HoldsWhatDidNotVaryAgainstTheOthersOfItsUnit) {
  Case c;
  auto with = context(c);
  with.card.fields[0].unit = "m/s";  // q, beside f of up to 2.5 m/s
  with.card.fields[0].lowest = with.card.fields[0].highest = 0;
  scale_q(c.state, 0);
  put_q(c.state, 0.05);
  const auto gate = make_range_gate(with);
  EXPECT_DOUBLE_EQ(c.score(*gate), 1) << "0.05 beside a hundredth of 2.5";
  with.card.fields[0].unit = "K";
  EXPECT_EQ(c.score(*make_range_gate(with)), 0) << "nothing to compare with";
  EXPECT_EQ(beyond(1e-3, 0, 0), 0);
}

TEST(DiagnosticsGate, LeavesOutWhatIsZeroEverywhere) {
  Case c;
  auto reference = std::make_shared<TrustReference>();
  reference->diagnostics = {{"carrier.mass", 0, 0, 0}};
  auto with = context(c);
  with.reference = reference;
  const auto before = c.state.clone();
  scale_q(c.state, 1.05);
  EXPECT_EQ(c.score(*make_diagnostics_gate(with), &before), 0);
}

TEST(DiagnosticsGate, SeesEnvelopeAndDrift) {
  Case c;
  auto reference = std::make_shared<TrustReference>();
  const double mass = c.truth->diagnostics(c.state)[0].value;
  reference->diagnostics = {{"carrier.mass", 0.9 * mass, 1.1 * mass, 1e-3 * mass}};
  auto with = context(c);
  with.reference = reference;
  const auto gate = make_diagnostics_gate(with);
  const auto before = c.state.clone();
  EXPECT_EQ(c.score(*gate), 0);
  scale_q(c.state, 1.05);
  EXPECT_EQ(c.score(*gate), 0) << "within the envelope, and nothing to drift from";
  EXPECT_GT(c.score(*gate, &before), 10) << "but not conserved";
  scale_q(c.state, 1.2);
  EXPECT_NEAR(c.score(*gate), (1.05 * 1.2 - 1) / 0.1 - 1, 1e-9);
}

TEST(DistanceGate, IsZeroOnTrainingStatesAndGrowsAwayFromThem) {
  const auto reference =
      std::make_shared<const TrustReference>(reference_of({0, 0.1, 0.2, 0.3, 0.4, 0.5}));
  double last = -1;
  for (const double factor : {1.0, 1.05, 1.2, 2.0}) {
    Case c;
    auto with = context(c);
    with.reference = reference;
    with.params.neighbours = 1;
    scale_q(c.state, factor);
    const double score = c.score(*make_distance_gate(with));
    if (factor == 1) {
      EXPECT_LT(score, 0.02) << "what the POD leaves out";
    }
    EXPECT_GT(score, last);
    last = score;
  }
  EXPECT_GT(last, 0.5);
  // Parameters count, if less: 0.1 times the normalised difference.
  Case c;
  auto with = context(c, 1.4);
  with.reference = reference;
  with.params.neighbours = 1;
  EXPECT_NEAR(c.score(*make_distance_gate(with)), 0.2, 0.02);
  put_q(c.state, std::nan(""));
  EXPECT_EQ(c.score(*make_distance_gate(with)), infinity);
}

TEST(TrustSpace, DistanceIsThatInTheFullSpace) {
  // Points on a plane in 5-D: distances in it and out of it are known.
  std::vector<std::vector<double>> f;
  for (int a = 0; a < 4; ++a)
    for (int b = 0; b < 3; ++b) f.push_back({1.0 * a, 1.0 * b, 2, 0, 0});
  const TrustSpace space = fit_trust_space(f);
  EXPECT_EQ(space.modes, 2);
  EXPECT_EQ(space.points, 12);
  EXPECT_NEAR(space.distance({1, 1, 2, 0, 0}, 1), 0, 1e-12);
  EXPECT_NEAR(space.distance({1, 1, 2, 3, 4}, 1), 5, 1e-12) << "out of the plane";
  EXPECT_NEAR(space.distance({6, 1, 2, 0, 0}, 1), 3, 1e-12) << "in the plane";
  EXPECT_NEAR(space.distance({6, 6, 2, 0, 0}, 1), 5, 1e-12);
  // Two nearest of (4, 1): (3, 1) at 1, (3, 0) or (3, 2) at sqrt(2).
  EXPECT_NEAR(space.distance({4, 1, 2, 0, 0}, 2), std::sqrt(1.5), 1e-12);
  // More points than features: the other way round to the modes.
  std::vector<std::vector<double>> few{f[0], f[4], f[11]};
  EXPECT_NEAR(fit_trust_space(few).distance({0, 0, 2, 3, 4}, 1), 5, 1e-9);
  EXPECT_NE(error_text([] { fit_trust_space({}); }).find("no training frame"), std::string::npos);
}

TEST(ResidualGate, IsSmallForTheTruthsOwnStepAndLargeForAnother) {
  const Case c;
  auto with = context(c);
  with.params.residual_fraction = 0.2;
  const auto gate = make_residual_gate(with);
  Case right, wrong;
  right.truth->advance(right.state, window_s);
  struct Back : Carrier<double> {
    using Carrier::Carrier;
    double stable_dt(const mesh::State<double>&) override { return 1e-2; }
  } back(wrong.truth->grid(), -1.0, 2e-3);
  back.advance(wrong.state, window_s);
  const double good = right.score(*gate, &c.state), bad = wrong.score(*gate, &c.state);
  EXPECT_FALSE(gate->judges_input());
  EXPECT_GT(bad, 5 * good) << good;
}

TEST(DisagreementGate, IsTheSpreadInUnitsOfTheIncrement) {
  const Case c;
  auto with = context(c);
  EXPECT_NE(error_text([&] { make_disagreement_gate(with); }).find("training.members"),
            std::string::npos);
  with.members = {std::make_shared<Carrier<double>>(c.truth->grid(), 1.0)};
  Case ahead;
  ahead.truth->advance(ahead.state, window_s);
  EXPECT_EQ(ahead.score(*make_disagreement_gate(with), &c.state), 0) << "the same network";
  with.members = {std::make_shared<Carrier<double>>(c.truth->grid(), 1.3)};
  const double one = ahead.score(*make_disagreement_gate(with), &c.state);
  EXPECT_GT(one, 0.1);
  with.members.push_back(with.members.front());
  EXPECT_NEAR(ahead.score(*make_disagreement_gate(with), &c.state), one, 1e-12);
}

TEST(Guard, TheWorstGateDecides) {
  Case c;
  auto guard = [&](std::vector<double> bounds) {
    std::vector<std::unique_ptr<Gate<double>>> gates;
    auto with = context(c);
    with.reference = std::make_shared<const TrustReference>(reference_of({0, 0.1, 0.2}));
    gates.push_back(make_range_gate(with));
    gates.push_back(make_distance_gate(with));
    return Guard<double>(std::move(gates), std::move(bounds),
                         Measurer<double>(c.truth->grid(), card().fields));
  };
  put_q(c.state, 4);
  const auto verdict = guard({0.1, 1e3}).judge_input(c.state);
  EXPECT_EQ(verdict.gate, "range");
  EXPECT_NEAR(verdict.ratio, 5, 1e-12);
  EXPECT_FALSE(verdict.trusted());
  EXPECT_NEAR(verdict.trust(), 1.0 / 6, 1e-12);
  EXPECT_EQ(verdict.text(), "range 0.5, bound 0.1");
  EXPECT_TRUE(guard({1, 1e3}).judge_input(c.state).trusted());
  const auto none = guard({1, 0}).judge_input(c.state);
  EXPECT_EQ(none.gate, "distance");
  EXPECT_EQ(none.trust(), 0);
  EXPECT_NE(none.text().find("leaves no window"), std::string::npos);
}

TEST(TrustFile, KeepsWhatItIsGivenAndRefusesDamage) {
  const tests::Scratch scratch;
  const auto path = scratch / "trust.safetensors";
  TrustReference r = reference_of({0, 0.1, 0.2, 0.3});
  r.diagnostics = {{"a.b", -1, 2, 0.5}};
  r.table.gates = {"range", "distance"};
  r.table.scores = {{0, 1, infinity}, {0.1, 0.2, 0.3}};
  r.table.errors = {0.01, 0.02, infinity};
  r.table.rollouts = {0, 0, 1};
  r.residual_fraction = 0.3;
  r.members = 3;
  const auto& comm = core::Comm::world();
  if (comm.is_root()) save_trust(path, r);
  comm.barrier();
  const auto back = load_trust(path);
  EXPECT_EQ(back.space.basis, r.space.basis);
  EXPECT_EQ(back.space.training, r.space.training);
  EXPECT_EQ(back.diagnostics[0].change, 0.5);
  EXPECT_EQ(back.table.gates, r.table.gates);
  EXPECT_EQ(back.table.scores, r.table.scores);
  EXPECT_EQ(back.table.rollout_count(), 2);
  EXPECT_EQ(back.members, 3);
  comm.barrier();
  if (comm.is_root()) std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  comm.barrier();
  EXPECT_NE(error_text([&] { load_trust(path); }).find("is damaged"), std::string::npos);
  EXPECT_NE(error_text([&] { load_trust(scratch / "none.pt"); }).find("no such file"),
            std::string::npos);
}

}  // namespace understudy
