// The deck reader: every kind of mistake gets a message that names deck, line, key, what was given and
// what is allowed; hostile input gets one too; what is written reads back.
#include <gtest/gtest.h>

#include "apps/deck/deck_reader.hpp"
#include "apps/deck/deck_tree.hpp"
#include "apps/deck/deck_writer.hpp"
#include "apps/deck/look_up.hpp"
#include "apps/deck/words.hpp"
#include "core/error.hpp"

namespace understudy::apps {
namespace {

struct Item {
  std::string name = "item";
  double size_m = 1;
  void describe(core::ParamVisitor& v) {
    v.text("name", name, "name");
    v.real("size_m", size_m, {.above = 0}, "m", "size");
  }
};

struct Inner {
  double speed_m_s = 2;
  int count = 3;
  void describe(core::ParamVisitor& v) {
    v.real("speed_m_s", speed_m_s, {.at_least = 0, .below = 10}, "m/s", "a speed");
    v.integer("count", count, {.at_least = 1, .at_most = 5}, "a count");
  }
};

struct Sample {
  std::string kind = "wall", title = "none";
  bool enabled = false;
  std::vector<double> point_m{0, 0};
  std::vector<long long> cells{8, 8};
  std::vector<std::string> words;
  Inner inner;
  std::vector<Item> items;
  void describe(core::ParamVisitor& v) {
    v.choice("kind", kind, {"wall", "inflow", "outflow"}, "kind");
    v.text("title", title, "title");
    v.flag("enabled", enabled, "on or off");
    v.reals("point_m", point_m, 2, {.at_least = -5}, "m", "a point");
    v.integers("cells", cells, 0, {.at_least = 4}, "cells");
    v.texts("words", words, "words");
    v.group("inner", inner, "inner");
    v.list("items", items, "items");
    v.require(inner.count < 5 || enabled, "enabled", "must be true where inner.count is 5");
  }
};

Sample read(const std::string& text, const std::vector<std::string>& settings = {}) {
  DeckTree tree = DeckTree::parse(text, "sample.yaml");
  for (const auto& setting : settings) tree.set(setting);
  Sample sample;
  read_deck(tree, sample);
  return sample;
}

std::string error_of(const std::string& text, const std::vector<std::string>& settings = {}) {
  try {
    read(text, settings);
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "no error";
}

void expect_error(const std::string& text, const std::vector<std::string>& parts,
                  const std::vector<std::string>& settings = {}) {
  const std::string error = error_of(text, settings);
  for (const auto& part : parts) EXPECT_NE(error.find(part), std::string::npos) << error;
}

TEST(Deck, ReadsEveryKindOfValue) {
  const Sample s = read(
      "kind: inflow\ntitle: \"a: b\"\nenabled: true\npoint_m: [1e-3, -2]\ncells: [4, 5, 6]\n"
      "words: [\"1\", x]\ninner: {speed_m_s: 9.5}\nitems:\n  - {name: a}\n  - size_m: +3\n");
  EXPECT_EQ(s.kind, "inflow");
  EXPECT_EQ(s.title, "a: b");
  EXPECT_TRUE(s.enabled);
  EXPECT_EQ(s.point_m, (std::vector<double>{1e-3, -2}));
  EXPECT_EQ(s.cells, (std::vector<long long>{4, 5, 6}));
  EXPECT_EQ(s.words, (std::vector<std::string>{"1", "x"}));
  EXPECT_EQ(s.inner.speed_m_s, 9.5);
  EXPECT_EQ(s.inner.count, 3);
  ASSERT_EQ(s.items.size(), 2u);
  EXPECT_EQ(s.items[1].size_m, 3);
}

TEST(Deck, UnknownKeyNamesTheNearest) {
  expect_error("title: x\ninner:\n  sped_m_s: 1\n",
               {"sample.yaml:3:", "inner.sped_m_s", "unknown key", "'inner.speed_m_s'", "count"});
  expect_error("speed_m_s: 1\n", {"speed_m_s: unknown key", "did you mean 'inner.speed_m_s'"});
}

TEST(Deck, WrongTypes) {
  expect_error("inner: {speed_m_s: fast}\n",
               {"sample.yaml:1: inner.speed_m_s: given 'fast', expected a number in m/s"});
  expect_error("inner: {speed_m_s: \"1\"}\n", {"given \"1\", expected a number"});
  expect_error("inner: {speed_m_s: .nan}\n", {"expected a number"});
  expect_error("inner: {count: 1.5}\n", {"expected a whole number"});
  expect_error("enabled: yes\n", {"given 'yes', expected true or false"});
  expect_error("title: [a]\n", {"given a list of 1, expected a text"});
  expect_error("inner: 3\n", {"given '3', expected a map of keys"});
  expect_error("items: {name: a}\n", {"given a map of keys, expected a list of maps"});
  expect_error("items: [3]\n", {"items.0: given '3', expected a map of keys"});
  expect_error("point_m: 3\n", {"expected a list of 2 numbers in m"});
  expect_error("title:\n", {"given nothing, expected a text"});
}

TEST(Deck, OutOfBoundsSaysRangeAndUnit) {
  expect_error("\n\ninner: {speed_m_s: 10}\n", {"sample.yaml:3:", "inner.speed_m_s",
                                                "10 m/s is out of bounds", ">= 0 and < 10 m/s"});
  expect_error("inner: {count: 6}\n", {"6 is out of bounds", ">= 1 and <= 5"});
  expect_error("items: [{size_m: 0}]\n", {"items.0.size_m", "> 0 m"});
  expect_error("point_m: [0, -6]\n", {"point_m.1", "-6 m", ">= -5 m"});
  expect_error("inner: {count: 99999999999999999999}\n",
               {"inner.count: 99999999999999999999 is out of bounds", ">= 1 and <= 5"});
}

TEST(Deck, ChoicesAndCounts) {
  expect_error("kind: infow\n",
               {"given 'infow'", "wall, inflow, outflow", "did you mean 'inflow'"});
  expect_error("point_m: [1, 2, 3]\n", {"3 values given, expected a list of 2 numbers in m"});
}

TEST(Deck, DuplicateKeysAndConditions) {
  expect_error("title: a\nkind: wall\ntitle: b\n", {"sample.yaml:3:", "duplicate key 'title'"});
  expect_error("inner: {count: 5}\n", {"enabled: must be true where inner.count is 5"});
}

TEST(Deck, AllErrorsAreReportedInOrder) {
  const std::string error = error_of("kind: no\ninner: {count: 9}\nfoo: 1\n");
  const auto first = error.find("kind:"), second = error.find("inner.count"),
             third = error.find("foo: unknown");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, std::string::npos) << error;
}

TEST(Deck, SettingsReplaceAddAndAppend) {
  const Sample s =
      read("inner: {count: 2}\nitems: [{name: a}]\n",
           {"inner.count=4", "items.0.size_m=2", "items[1].name=b", "point_m=[1, 2]", "title="});
  EXPECT_EQ(s.inner.count, 4);
  EXPECT_EQ(s.items.at(0).size_m, 2);
  EXPECT_EQ(s.items.at(1).name, "b");
  EXPECT_EQ(s.point_m, (std::vector<double>{1, 2}));
  EXPECT_EQ(s.title, "");
  expect_error("title: a\n", {"--set inner.cuont=1: inner.cuont: unknown key", "inner.count"},
               {"inner.cuont=1"});
  expect_error("title: a\n", {"--set title.x=1", "single value"}, {"title.x=1"});
  expect_error("items: []\n", {"--set items.5.name=a", "'5' is not an index"}, {"items.5.name=a"});
  expect_error("title: a\n", {"--set nonsense: expected path.to.key=value"}, {"nonsense"});
  expect_error("title: a\n", {"--set a..b=1", "empty name"}, {"a..b=1"});
  expect_error("title: a\n", {"--set inner.count=[1"}, {"inner.count=[1"});
}

TEST(Deck, NotADeck) {
  expect_error("", {"a deck is a map of keys"});
  expect_error("- 1\n", {"a deck is a map of keys", "a list of 1"});
  expect_error("just text\n", {"a deck is a map of keys", "'just text'"});
  expect_error("a: [1\n", {"sample.yaml:", "not valid YAML"});
  expect_error("title: a\n---\ntitle: b\n", {"more than one YAML document"});
  // Tabs, wherever YAML trips over them; within brackets they are blanks.
  expect_error("title: a\ninner:\n\tcount: 2\n", {"sample.yaml:3", "begins with a tab"});
  expect_error("inner:\n  count: 2\n\tspeed_m_s: 1\ntitle: a\n", {"line 3", "begins with a tab"});
  expect_error("cells:\n\t- 16\n\t- 16\n", {"sample.yaml:2", "begins with a tab"});
  expect_error("cells:\n  - 16\n \t- 16\n", {"begins with a tab"});
  expect_error("\ttitle: a\n", {"begins with a tab"});
  EXPECT_EQ(read("cells: [16,\n\t16]\n\n\t# a comment\ntitle:\ta\n").cells,
            (std::vector<long long>{16, 16}));
  expect_error("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n",
               {"is no deck", "git lfs pull"});
  expect_error("? [a]\n: b\n", {"a key must be plain text"});
}

TEST(Deck, HostileInputIsRefusedAtOnce) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'z'; ++c)
    bomb += std::string(1, c) + ": &" + c + " [*" + char(c - 1) + ", *" + char(c - 1) + "]\n";
  expect_error(bomb, {"anchors (&name) are not used"});
  expect_error("a: *b\n", {"anchor", "sample.yaml:1"});
  expect_error("a: " + std::string(20000, '['), {"sample.yaml:1"});
  expect_error("a: " + std::string(40, '[') + std::string(40, ']'), {"nested more than 32 levels"});
  std::string many = "words: [";
  for (int n = 0; n < 60000; ++n) many += "x,";
  expect_error(many + "x]\n", {"more than 50000 values"});
  expect_error(std::string(2 << 20, ' '), {"a deck has at most"});
  expect_error("bad\x01key\x1b[31m: 1\n", {"sample.yaml"});
  expect_error("title: a\n", {"--set"}, {std::string(100, '.') + "=1"});
}

TEST(Deck, WhatIsWrittenReadsBack) {
  Sample s = read(
      "kind: outflow\ntitle: \"quote \\\" back \\\\ line\\nend # no comment\"\n"
      "inner: {speed_m_s: 0.1}\nitems: [{name: \"- a\", size_m: 1e-300}]\nwords: [\"\"]\n");
  const std::string text = write_deck(s);
  Sample again = read(text);
  EXPECT_EQ(write_deck(again), text);
  EXPECT_EQ(again.title, s.title);
  EXPECT_EQ(again.items.at(0).size_m, 1e-300);
  Sample commented = read(write_deck(s, true));
  EXPECT_EQ(write_deck(commented), text);
}

TEST(Deck, ReferenceNamesEveryKey) {
  Sample s;
  DocWriter writer;
  s.describe(writer);
  const std::string text = writer.text();
  for (const char* part : {"| `kind` | choice | `wall` | wall, inflow, outflow |", "## `inner`",
                           "| `speed_m_s` | number | `2` | >= 0 and < 10 | m/s | a speed |",
                           "## `items[]`", "| `size_m` |"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

struct Renamed {
  double fraction = 0.5;
  std::vector<double> weights{1, 2};
  struct {
    double friction_1_s = 0;
    void describe(core::ParamVisitor& v) {
      v.renamed("drag", "friction_1_s");
      v.renamed("drag_1_s", "friction_1_s");
      v.real("friction_1_s", friction_1_s, {.at_least = 0}, "1/s", "friction");
    }
  } flow;
  void describe(core::ParamVisitor& v) {
    v.renamed("part", "fraction");
    v.real("fraction", fraction, {.at_least = 0, .at_most = 1}, "", "a fraction");
    v.renamed("factors", "weights");
    v.reals("weights", weights, 0, {}, "kg", "weights");
    v.group("flow", flow, "flow");
  }
};

struct RenamedRead {
  Renamed params;
  std::vector<std::string> warnings;
  std::string error;
};

RenamedRead read_renamed(const std::string& text, const std::vector<std::string>& settings = {}) {
  DeckTree tree = DeckTree::parse(text, "old.yaml");
  for (const auto& setting : settings) tree.set(setting);
  RenamedRead read;
  DeckReader reader(tree);
  read.params.describe(reader);
  try {
    reader.finish();
  } catch (const core::UserError& error) {
    read.error = error.what();
  }
  read.warnings = reader.warnings();
  return read;
}

TEST(Deck, OldNamesAreReadWithAWarning) {
  const auto read = read_renamed("part: 0.25\nflow:\n  drag_1_s: 3\n");
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.params.fraction, 0.25);
  EXPECT_EQ(read.params.flow.friction_1_s, 3);
  EXPECT_EQ(read.warnings,
            (std::vector<std::string>{
                "old.yaml:1: part is now called fraction; the old name is read until version 0.3",
                "old.yaml:3: flow.drag_1_s is now called friction_1_s; the old name is read until "
                "version 0.3"}));
  EXPECT_TRUE(read_renamed("fraction: 0.25\n").warnings.empty());
  EXPECT_NE(read_renamed("part: 2\n").error.find("old.yaml:1: fraction: 2 is out of bounds"),
            std::string::npos);
  EXPECT_NE(read_renamed("prt: 1\n").error.find("prt: unknown key"), std::string::npos);
}

TEST(Deck, OldAndPresentNameTogetherAreAnError) {
  EXPECT_EQ(read_renamed("fraction: 0.5\npart: 0.25\n").error,
            "old.yaml:2: part: is now called fraction, which is given, too (old.yaml:1); give "
            "fraction alone");
  EXPECT_EQ(read_renamed("flow:\n  drag: 1\n  drag_1_s: 2\n").error,
            "old.yaml:3: flow.drag_1_s: is now called friction_1_s, which is given, too "
            "(old.yaml:2); give friction_1_s alone");
}

TEST(Deck, OldNamesInSettings) {
  auto read = read_renamed("flow: {}\n", {"flow.drag_1_s=3"});
  EXPECT_EQ(read.params.flow.friction_1_s, 3);
  ASSERT_EQ(read.warnings.size(), 1u);
  EXPECT_TRUE(read.warnings[0].starts_with(
      "--set flow.drag_1_s=3: flow.drag_1_s is now called friction_1_s;"));
  // The later one counts, whichever name it has.
  EXPECT_EQ(read_renamed("fraction: 0.5\n", {"part=0.25"}).params.fraction, 0.25);
  EXPECT_EQ(read_renamed("part: 0.5\n", {"fraction=0.25"}).params.fraction, 0.25);
  EXPECT_EQ(read_renamed("{}\n", {"fraction=0.5", "part=0.25"}).params.fraction, 0.25);
}

TEST(Deck, LookUpFindsByOldNames) {
  Renamed params;
  params.flow.friction_1_s = 4;
  for (const char* key : {"flow.drag", "flow.drag_1_s", "flow.friction_1_s"}) {
    const auto found = number_of(params, key);
    ASSERT_TRUE(found) << key;
    EXPECT_EQ(found->name, "flow.friction_1_s");
    EXPECT_EQ(found->value, 4);
    // What a card or dataset of an earlier version calls it.
    EXPECT_EQ(surrogates::value_of({*found}, key, "the run"), 4);
  }
  const auto second = number_of(params, "factors.1");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->name, "weights.1");
  EXPECT_EQ(surrogates::value_of({*second}, "factors.1", "the run"), 2);
  EXPECT_FALSE(number_of(params, "drag_1_s"));
}

TEST(Deck, EditDistance) {
  EXPECT_EQ(edit_distance("reynolds", "reynolds"), 0u);
  EXPECT_EQ(edit_distance("reynods", "reynolds"), 1u);
  EXPECT_EQ(edit_distance("reyonlds", "reynolds"), 1u);  // two letters swapped
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

// Numbers that are too large are said to be, and are no 'wrong kind'.
TEST(Deck, NumbersBeyondTheirTypeAreOutOfBounds) {
  expect_error(
      "cells: [8, 9223372036854775808]\n",
      {"cells.1: 9223372036854775808 is out of bounds", ">= 4 and <= 9223372036854775807"});
  expect_error("inner: {count: 18446744073709551616}\n",
               {"18446744073709551616 is out of bounds; allowed is >= 1 and <= 5"});
  expect_error("inner: {count: -99999999999999999999}\n", {"is out of bounds"});
  expect_error("inner: {speed_m_s: 1e999}\n", {"1e999 is out of bounds", "< 10 m/s"});
  expect_error("inner: {count: 2.5}\n", {"given '2.5', expected a whole number"});
  expect_error("inner: {count: 2^64}\n", {"given '2^64', expected a whole number"});
}

// A whole number may be written with an exponent.
TEST(Deck, WholeNumbersWithExponents) {
  EXPECT_EQ(read("inner: {count: 3e0}\ncells: [1e3, 2.5E2, +16e+0]\n").cells,
            (std::vector<long long>{1000, 250, 16}));
  EXPECT_EQ(read("inner: {count: 3e0}\n").inner.count, 3);
  expect_error("inner: {count: 1e3}\n", {"1000 is out of bounds; allowed is >= 1 and <= 5"});
  expect_error("inner: {count: 1e30}\n", {"1e30 is out of bounds; allowed is >= 1 and <= 5"});
  expect_error("inner: {count: 1e17}\n", {"1e17 is out of bounds; allowed is >= 1 and <= 5"});
  expect_error("inner: {count: -1e999}\n", {"-1e999 is out of bounds", ">= 1 and <= 5"});
  expect_error("cells: [1e17]\n", {"given '1e17', expected a whole number; beyond 2^53 write all"});
  for (const char* text : {"1e-1", "2.55e1", "1e", "e3", "inf", "1e3x"})
    expect_error("inner: {count: " + std::string(text) + "}\n",
                 {"given '" + std::string(text) + "', expected a whole number"});
}

TEST(Deck, DecimalCommasAreNamed) {
  expect_error("inner:\n  speed_m_s: 0,5\n",
               {"given '0,5', expected a number in m/s; numbers have a decimal point"});
  expect_error("inner:\n  speed_m_s: 1,2,3\n", {"given '1,2,3', expected a number in m/s"});
}

// What the field calls a thing is known, whatever its spelling.
TEST(Deck, SuggestsWhatAnotherWordMeans) {
  const std::vector<std::string> sides{"periodic", "wall", "inflow", "outflow", "slip"};
  for (const auto& [word, ours] :
       std::vector<std::pair<std::string, std::string>>{{"no-slip", "wall"},
                                                        {"No Slip", "wall"},
                                                        {"noslip", "wall"},
                                                        {"symmetry", "slip"},
                                                        {"free_slip", "slip"},
                                                        {"inlet", "inflow"},
                                                        {"dirichlet", "inflow"},
                                                        {"outlet", "outflow"},
                                                        {"neumann", "outflow"},
                                                        {"far field", "outflow"},
                                                        {"cyclic", "periodic"},
                                                        {"periodc", "periodic"},
                                                        {"WALL", "wall"},
                                                        {"walls", "wall"}})
    EXPECT_EQ(suggestion(word, sides), ours) << word;
  expect_error("kind: no-slip\n", {"given 'no-slip'", "did you mean 'wall'?"});
  expect_error("inner: {speed: 1}\n", {"did you mean 'inner.speed_m_s'?"});
}

}  // namespace
}  // namespace understudy::apps
