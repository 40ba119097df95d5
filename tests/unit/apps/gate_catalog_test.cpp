// The table of gates: ours and a physics' own, in decks, in `list`, and made in both precisions.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "apps/simulation/gate_catalog.hpp"
#include "apps/simulation/simulation_study.hpp"
#include "core/error.hpp"
#include "support/scratch.hpp"

namespace understudy::apps {
namespace {

template <class Real>
class WindowGate : public surrogates::Gate<Real> {
 public:
  explicit WindowGate(const surrogates::GateContext<Real>&) {}
  std::string name() const override { return "window"; }
  double score(const surrogates::GateView<Real>&) override { return 0; }
};

/// A physics that is asked for its gates alone.
class Nothing : public PhysicsOf<Nothing> {
 public:
  explicit Nothing(std::vector<std::string> gates) : gates_(std::move(gates)) {}
  std::string name() const override { return "nothing"; }
  std::string summary() const override { return "nothing happens"; }
  void describe(core::ParamVisitor&) override {}
  surrogates::SideKinds boundary_kinds(int dimension) const override {
    return surrogates::SideKinds(2 * dimension, surrogates::SideKind::periodic);
  }
  std::vector<std::string> member_settings(long long) const override { return {}; }
  std::vector<surrogates::GateEntry> own_gates() const override {
    std::vector<surrogates::GateEntry> all;
    for (const auto& name : gates_)
      all.push_back(surrogates::gate_entry<WindowGate>(name, "help of " + name));
    return all;
  }
  template <class Real>
  Simulation<Real> make(const SimulationSetup&) const {
    return {};
  }

 private:
  std::vector<std::string> gates_;
};

App app_with(const std::vector<std::string>& gates) {
  return simulation_app([gates] { return std::make_shared<Nothing>(gates); });
}

template <class Act>
std::string error_of(const Act& act) {
  try {
    act();
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "no error";
}

void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const auto& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(GateCatalog, ThePhysicsOwnStandBehindOurs) {
  EXPECT_EQ(gate_names(Nothing({})), (std::vector<std::string>{"range", "diagnostics", "distance",
                                                               "residual", "disagreement"}));
  const auto names = gate_names(Nothing({"window", "other"}));
  EXPECT_EQ(names.size(), common_gates().size() + 2);
  EXPECT_EQ(names.back(), "other");
}

TEST(GateCatalog, OwnGatesAreMadeInBothPrecisions) {
  const Nothing physics({"window"});
  const surrogates::GateContext<float> in_single;
  const surrogates::GateContext<double> in_double;
  EXPECT_EQ(make_gate<float>(physics, "window", in_single)->name(), "window");
  EXPECT_EQ(make_gate<double>(physics, "window", in_double)->name(), "window");
  EXPECT_EQ(make_gate<double>(physics, "range", in_double)->name(), "range");
}

TEST(GateCatalog, ADoubledNameIsRefused) {
  for (const std::vector<std::string>& gates :
       {std::vector<std::string>{"range"}, std::vector<std::string>{"window", "window"}})
    expect_parts(error_of([&] { gates_of(Nothing(gates)); }),
                 {"nothing brings a gate '" + gates.back() + "'", "there is one of that name"});
}

TEST(GateCatalog, AnUnknownNameIsAnsweredWithAllThereAre) {
  const surrogates::GateContext<double> context;
  const auto text = error_of([&] { make_gate<double>(Nothing({"window"}), "windwo", context); });
  expect_parts(text, {"'windwo'", "range, diagnostics, distance, residual, disagreement, window"});
}

TEST(GateCatalog, NoNameIsAddedTwice) {
  const std::size_t before = common_gates().size();
  EXPECT_FALSE(add_gate(common_gates().front()));
  EXPECT_EQ(common_gates().size(), before);
}

TEST(GateCatalog, DecksTakeThePhysicsOwn) {
  const tests::Scratch scratch;
  std::ofstream(scratch / "deck.yaml") << "app: nothing\n";
  const App app = app_with({"window"});
  const auto open = [&](const std::string& use) {
    open_study({.verb = "check", .deck = scratch / "deck.yaml", .settings = {use}}, {&app, 1});
  };
  EXPECT_EQ(error_of([&] { open("swap.gate.use=[range, window]"); }), "no error");
  expect_parts(error_of([&] { open("swap.gate.use=[windwo]"); }),
               {"gate.use", "'windwo'", "residual, disagreement, window"});
}

TEST(GateCatalog, AppsListThem) {
  const App app = app_with({"window"});
  const auto section =
      std::ranges::find(app.parts, "Gates (swap.gate.use:)", &CatalogSection::title);
  ASSERT_NE(section, app.parts.end());
  ASSERT_EQ(section->entries.size(), common_gates().size() + 1);
  EXPECT_EQ(section->entries.back().name, "window");
  EXPECT_EQ(section->entries.back().summary, "help of window");
}

}  // namespace
}  // namespace understudy::apps
