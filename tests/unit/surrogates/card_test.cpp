// The model card: refuses runs that it does not fit, warns outside its envelope, survives text.
#include <gtest/gtest.h>

#include "core/params_text.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/training/training_params.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

std::vector<mesh::FieldInfo> fields() {
  return {
      {.name = "u",
       .unit = "m/s",
       .location = mesh::Location::face_x,
       .role = mesh::Role::prognostic},
      {.name = "p", .unit = "Pa", .location = mesh::Location::cell, .role = mesh::Role::prognostic},
      {.name = "mask", .unit = "1", .location = mesh::Location::cell, .role = mesh::Role::fixed},
      {.name = "u_rate",
       .unit = "m/s2",
       .location = mesh::Location::face_x,
       .role = mesh::Role::history}};
}

ModelCard card() {
  ModelCard c;
  c.name = "wake";
  c.fields = {{"u", "m/s", "face_x", 0, 1, 0.5, 0.1, -1, 2},
              {"p", "Pa", "cell", 0, 0, 1, 1, -3, 3}};
  c.fixed = {{"mask", "1", "cell", 0, 0, 1, 1, 0, 1}};
  c.parameters = {{"flow.reynolds", "1", 120, 20, 80, 160}};
  c.window_s = 0.5;
  c.grid = tests::carrier_grid_params(32, 16);
  c.boundaries = {"inflow", "open", "wall", "wall"};
  c.validation = {{"u", 0.01, 0.1 / 3, 0.5}};
  c.seed = 7;
  return c;
}

RunDescription run() {
  RunDescription r;
  r.fields = fields();
  r.grid = tests::carrier_grid_params(32, 16);
  r.boundaries = {SideKind::inflow, SideKind::open, SideKind::wall, SideKind::wall};
  r.window_s = 0.5;
  r.parameters = {{"flow.reynolds", "1", 100}};
  return r;
}

std::string refusal(const RunDescription& r) {
  return error_text([&] { check_card(card(), r); });
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST(ModelCard, FitsItsOwnRun) { EXPECT_TRUE(check_card(card(), run()).empty()); }

TEST(ModelCard, RefusesARunThatItDoesNotFit) {
  auto r = run();
  r.fields[1].name = "T";
  EXPECT_PRED2(contains, refusal(r), "field 2 is p in the model and T in the run");
  r = run();
  r.fields[0].unit = "cm/s";
  EXPECT_PRED2(contains, refusal(r), "field u is in m/s in the model and in cm/s in the run");
  r = run();
  r.fields[0].location = mesh::Location::cell;
  EXPECT_PRED2(contains, refusal(r), "lies at face_x in the model and at cell in the run");
  r = run();
  r.fields.erase(r.fields.begin() + 2);
  EXPECT_PRED2(contains, refusal(r), "the model's fixed field mask is not in the run");
  r = run();
  r.fields.push_back(
      {.name = "T", .unit = "K", .location = mesh::Location::cell, .role = mesh::Role::prognostic});
  EXPECT_PRED2(contains, refusal(r), "the run's field T is not among the model's");
  r = run();
  r.grid.cells = {64, 16};
  EXPECT_PRED2(contains, refusal(r), "the spacing along x is 0.046875 m in the model (32 cells)");
  r = run();
  r.window_s = 0.25;
  EXPECT_PRED2(contains, refusal(r), "one call advances 0.5 s, but time.window_s is 0.25");
  r = run();
  r.boundaries[3] = SideKind::open;
  EXPECT_PRED2(contains, refusal(r), "side y_upper is wall in the model and open in the run");
  r = run();
  r.parameters.clear();
  EXPECT_PRED2(contains, refusal(r), "the run has no parameter 'flow.reynolds'; it has none");
  EXPECT_PRED2(contains, refusal(r), "flow.reynolds");
}

TEST(ModelCard, WarnsOutsideItsEnvelopeAndOnAnotherBox) {
  auto r = run();
  r.parameters[0].value = 200;
  auto warnings = check_card(card(), r);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_PRED2(contains, warnings[0],
               "flow.reynolds = 200 1 lies outside the training envelope 80 to 160");
  r = run();
  r.grid.cells = {64, 16};
  r.grid.upper_m = {3, 1};
  warnings = check_card(card(), r);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_PRED2(contains, warnings[0], "trained on 32 cells along x; this run has 64");
}

TEST(ModelCard, SurvivesText) {
  ModelCard c = card(), back;
  const std::string text = params_text(c);
  read_params_text(text, back);
  EXPECT_EQ(params_text(back), text);
  EXPECT_EQ(back.validation[0].rel_l2_rollout, 0.1 / 3);
  EXPECT_EQ(back.grid.cells, c.grid.cells);
  EXPECT_EQ(back.parameters[0].name, "flow.reynolds");
}

// Texts of version 0.1: what a checkpoint holds to know its training, and what models of points hold.
TEST(ParamsText, OldNamesOfKeysAreRead) {
  TrainingParams now, back;
  now.warmup_fraction = 0.125, now.final_lr_fraction = 0.25, now.ema_decay = 0.75;
  const std::string text = params_text(now);
  std::string old = text;
  for (const auto& [was, is] : renamed_keys(now)) {
    const auto at = old.find(is + " ");
    ASSERT_NE(at, std::string::npos) << is;
    old.replace(at, is.size(), was);
  }
  EXPECT_PRED2(contains, old, "\nwarm_up 0.125\nfinal_rate 0.25\n");
  EXPECT_PRED2(contains, old, "\naverage_decay 0.75\n");
  EXPECT_EQ(with_present_keys(old, renamed_keys(now)), text);
  read_params_text(old, back);
  EXPECT_EQ(params_text(back), text);
}

TEST(ModelCard, FitsARunWhoseParameterHasAnotherNameNow) {
  ModelCard old = card();
  old.parameters[0].name = "flow.re";
  RunDescription r = run();
  EXPECT_PRED2(contains, error_text([&] { check_card(old, r); }), "no parameter 'flow.re'");
  r.parameters[0].old_names = {"flow.re"};
  EXPECT_TRUE(check_card(old, r).empty());
}

TEST(ModelCard, ReadmeSaysWhatAPersonAsks) {
  const std::string text = model_readme(card());
  for (const char* part : {"# Model: wake", "by 0.5 s per call",
                           "| flow.reynolds | 1 | 80 to 160 |", "core-seconds", "| u | 0.01 |"})
    EXPECT_PRED2(contains, text, part);
}

namespace {

ModelCard sphere_card() {
  ModelCard c = card();
  c.fields = {{"depth", "m", "cell", 0, 5000, 300, 10, 4000, 6000}};
  for (int n = 0; n < 3; ++n) c.fields.push_back({"velocity", "m/s", "cell", n, 0, 20, 2, -50, 50});
  c.fixed = {};
  c.grid = {.lower_m = {}, .upper_m = {}, .cells = {24, 24}, .ranks = {}, .radius_m = 6.37122e6};
  c.boundaries = {"joint", "joint", "joint", "joint"};
  return c;
}

}  // namespace

TEST(ModelCard, OfASphereSurvivesTextAndKnowsItsVectors) {
  ModelCard written = sphere_card(), read;
  read_params_text(params_text(written), read);
  EXPECT_EQ(read.grid.cells, (std::vector<long long>{24, 24}));
  EXPECT_EQ(read.grid.radius_m, 6.37122e6);
  EXPECT_TRUE(read.grid.lower_m.empty());
  const NetworkShape shape = read.shape();
  EXPECT_EQ(shape.cells, (std::vector<long long>{24, 24, 6}));
  EXPECT_EQ(shape.vectors, std::vector<int>{1});
  EXPECT_TRUE(card().shape().vectors.empty());
}

TEST(ModelCard, OfASphereFitsThatSphereAlone) {
  RunDescription r;
  r.fields = {{.name = "depth", .unit = "m"}, {.name = "velocity", .unit = "m/s", .components = 3}};
  r.grid = sphere_card().grid;
  r.boundaries = SideKinds(4, SideKind::joint);
  r.window_s = 0.5;
  r.parameters = {{"flow.reynolds", "1", 100}};
  const auto refused = [&] { return error_text([&] { check_card(sphere_card(), r); }); };
  EXPECT_NO_THROW(check_card(sphere_card(), r));
  r.grid.radius_m = 3.4e6;
  EXPECT_TRUE(contains(refused(), "the spacing along x is 416"));
  r.grid = tests::carrier_grid_params(24, 24);
  EXPECT_TRUE(contains(refused(), "the model's grid is a cubed sphere and the run's a box"));
}

}  // namespace understudy
