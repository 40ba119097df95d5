// Every deck of inputs/ as the program takes it: what provenance stores of it reads back to itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "apps/catalog.hpp"
#include "apps/deck/deck_writer.hpp"
#include "core/error.hpp"
#include "support/apps_cli.hpp"

namespace understudy::apps {
namespace {

namespace fs = std::filesystem;
using tests::Scratch;

OpenStudy opened(const fs::path& deck, const std::vector<std::string>& settings = {}) {
  return open_study({.verb = "check", .deck = deck, .settings = settings}, apps());
}

std::vector<fs::path> input_decks() {
  std::vector<fs::path> decks;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(UNDERSTUDY_SOURCE_DIR) / "inputs"))
    if (entry.path().extension() == ".yaml") decks.push_back(entry.path());
  std::ranges::sort(decks);
  return decks;
}

TEST(InputDecks, EveryAppTakesWhatIsSaidOfItsResults) {
  std::set<std::string> missing;
  for (const App& app : apps()) missing.insert(app.name);
  for (const auto& deck : input_decks()) {
    if (!missing.contains(opened(deck).app->name)) continue;
    const OpenStudy open = opened(deck, {"publication.license=CC0-1.0"});
    missing.erase(open.app->name);
    EXPECT_EQ(open.study->publication().license, "CC0-1.0") << open.app->name;
  }
  EXPECT_EQ(missing, std::set<std::string>{}) << "apps without a deck in inputs/";
}

TEST(InputDecks, TheResolvedTextReadsBackToTheSameHash) {
  const Scratch scratch;
  std::map<std::string, int> count;
  for (const auto& deck : input_decks()) {
    SCOPED_TRACE(deck.string());
    OpenStudy first = opened(deck);
    ++count[first.app->name];
    EXPECT_FALSE(first.job.provenance.deck_hash.empty());
    // As provenance stores it, and as `check` prints it.
    for (const std::string& text : {first.job.provenance.deck, write_deck(*first.study, true)}) {
      tests::spit(scratch / deck.filename(), text);
      const OpenStudy second = opened(scratch / deck.filename());
      EXPECT_EQ(second.job.provenance.deck, first.job.provenance.deck);
      EXPECT_EQ(second.job.provenance.deck_hash, first.job.provenance.deck_hash);
      EXPECT_EQ(second.app->name, first.app->name);
    }
  }
  for (const char* app : {"flow", "seismic", "pinn"}) EXPECT_GT(count[app], 1) << app;
}

// A deck of one key: every key has its default, which must be one that the key takes.
TEST(InputDecks, TheDefaultsOfEveryAppReadBack) {
  const Scratch scratch;
  for (const App& app : apps()) {
    SCOPED_TRACE(app.name);
    const std::string extra = app.name == "pinn" ? "problem: {name: poisson}\n" : "";
    tests::spit(scratch / "deck.yaml", "app: " + app.name + "\n" + extra);
    const OpenStudy first = opened(scratch / "deck.yaml");
    tests::spit(scratch / "again.yaml", first.job.provenance.deck);
    EXPECT_EQ(opened(scratch / "again.yaml").job.provenance.deck, first.job.provenance.deck);
  }
}

std::string error_of(const std::string& text, const std::string& verb = "check") {
  const Scratch scratch;
  tests::spit(scratch / "deck.yaml", text);
  try {
    open_study({.verb = verb, .deck = scratch / "deck.yaml"}, apps());
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(OpenStudy, SaysWhichAppsThereAre) {
  for (const auto& [text, parts] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"grid: {cells: [8, 8]}\n",
            {"deck.yaml: app: is required", "flow, seismic, pinn, points"}},
           {"\napp: seismc\n",
            {"deck.yaml:2: app: given 'seismc'", "flow, seismic, pinn, points", "mean 'seismic'"}},
           {"app: [flow]\n", {"app: given a list of 1", "flow"}}}) {
    const std::string error = error_of(text);
    for (const auto& part : parts) EXPECT_NE(error.find(part), std::string::npos) << error;
  }
}

TEST(OpenStudy, SaysWhichVerbsADeckTakesBeforeItLooksAtTheKeys) {
  const std::string error = error_of("app: points\nnonsense: 1\n", "run");
  EXPECT_NE(
      error.find("a deck with app: points does not take `run`; it takes train, check; run takes "
                 "decks with app: flow, seismic"),
      std::string::npos)
      << error;
  EXPECT_NE(error_of("app: flow\n", "pinn").find("pinn takes decks with app: pinn"),
            std::string::npos);
}

// An app whose verb this build lacks.
class Half : public Study {
 public:
  void describe(core::ParamVisitor& v) override {
    v.choice("app", app_, {"half"}, "a test");
    v.integer("seed", seed_, {.at_least = 0}, "a number");
  }
  std::vector<Verb> verbs() override {
    return {{"run", "", [](Job& job, Summary&) { open_output(job); }},
            {"forget", "", [](Job&, Summary&) {}},
            {"fly", "", [](Job&, Summary&) {}, "needs a build with wings"}};
  }
  std::vector<std::string> check(const Job&) override { return {"# no wings"}; }
  long long seed() const override { return seed_; }

 private:
  std::string app_ = "half";
  long long seed_ = 3;
};

const App half{.name = "half", .summary = "a test", .document = "", .make = [] {
                 return std::make_unique<Half>();
               }};

TEST(OpenStudy, AnAppOfAnotherProgramActsAndWritesTheSummary) {
  const Scratch scratch;
  tests::spit(scratch / "one.yaml", "app: half\nseed: 5\n");
  OpenStudy open =
      open_study({.verb = "run", .deck = scratch / "one.yaml", .out = scratch / "out"}, {&half, 1});
  EXPECT_EQ(open.job.provenance.seed, 5);
  EXPECT_EQ(open.job.name(), "one");
  act(open);
  const auto summary = tests::summary(scratch / "out");
  EXPECT_EQ(summary["app"], "half");
  EXPECT_EQ(summary["verb"], "run");
  EXPECT_EQ(summary["deck"], (scratch / "one.yaml").string());
  EXPECT_TRUE(summary["backend"].contains("threads"));
  const std::string text = checked(open);
  EXPECT_NE(text.find("\n# no wings\napp: half"), std::string::npos) << text;
}

// Its summary would replace another deck's without a word.
TEST(OpenStudy, AVerbMustOpenItsOutput) {
  const Scratch scratch;
  tests::spit(scratch / "one.yaml", "app: half\n");
  OpenStudy open = open_study(
      {.verb = "forget", .deck = scratch / "one.yaml", .out = scratch / "out"}, {&half, 1});
  EXPECT_THROW(act(open), std::logic_error);
  EXPECT_FALSE(fs::exists(scratch / "out"));
}

TEST(OpenStudy, AVerbThatTheBuildLacksSaysSo) {
  const Scratch scratch;
  tests::spit(scratch / "one.yaml", "app: half\n");
  std::string error = "no error";
  try {
    open_study({.verb = "fly", .deck = scratch / "one.yaml"}, {&half, 1});
  } catch (const core::UserError& e) {
    error = e.what();
  }
  EXPECT_NE(
      error.find("`fly` of a deck with app: half needs a build with wings; this one takes run, "
                 "forget, check"),
      std::string::npos)
      << error;
}

TEST(Job, ResumesOnlyWhereThereIsACheckpoint) {
  const Scratch scratch;
  Job job;
  job.out = scratch / "out";
  tests::spit(scratch / "checkpoint.h5", "x");
  EXPECT_FALSE(resumes_from(job, scratch / "checkpoint.h5")) << "not asked for";
  job.resume = true;
  EXPECT_TRUE(resumes_from(job, scratch / "checkpoint.h5"));
  EXPECT_FALSE(resumes_from(job, scratch / "none.h5"));
}

}  // namespace
}  // namespace understudy::apps
