// Plugins in the program: what they bring works as what is built in, and every fault of one is said with the
// file's name and exit code 2. examples/gray_scott has the numbers of a simulation from a plugin.
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/atomic_file.hpp"
#include "core/provenance.hpp"
#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

std::string fake(const std::string& which) { return FAKE_PLUGINS + which + ".so"; }

/// A variable of the environment for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TEST(Plugin, ItsAppIsOneOfTheProgramsOwn) {
  const Scratch scratch;
  const std::string plugin = fake("whole"), deck = scratch / "hello.yaml";
  spit(deck, "app: greeting\ntimes: 3\n");
  const Outcome listed = understudy({"list", "--plugin", plugin});
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  for (const char* words : {"  greeting           an app of the tests", "riddle", "Plugins",
                            "apps: greeting; problems: riddle; gates: guess"})
    EXPECT_NE(listed.out.find(words), std::string::npos) << words << "\n" << listed.out;
  EXPECT_NE(understudy({"--plugin", plugin, "--help"}).out.find("says hello"), std::string::npos);

  const Outcome greeted =
      understudy({"--plugin=" + plugin, "greet", deck, "--out", scratch / "out"});
  ASSERT_EQ(greeted.exit_code, 0) << greeted.err;
  const auto results = summary(scratch / "out");
  EXPECT_EQ(results.at("metrics").at("greetings"), 3);
  const auto& record = results.at("plugins").at(0);
  EXPECT_EQ(record.at("file"), plugin);
  EXPECT_EQ(record.at("sha256"), core::sha256(slurp(plugin)));
  EXPECT_EQ(record.at("stamp").get<std::string>().rfind("understudy plugin for ", 0), 0u);
  EXPECT_EQ(results.at("plugins").size(), 1u);
  const std::string git = results.at("provenance").at("git");
  EXPECT_TRUE(git.ends_with("+libfake_plugin_whole.so:" + core::sha256(slurp(plugin)).substr(0, 8)))
      << git;

  // Twice the same file is one plugin; several ranks load the same.
  const Outcome twice = understudy(
      {"greet", deck, "--plugin", plugin, "--plugin", plugin, "--out", scratch / "twice"}, 2);
  ASSERT_EQ(twice.exit_code, 0) << twice.err;
  EXPECT_EQ(summary(scratch / "twice").at("plugins").size(), 1u);
  EXPECT_EQ(summary(scratch / "twice").at("provenance").at("deck_hash"),
            results.at("provenance").at("deck_hash"));

  // Its gate serves the decks of every simulation.
  EXPECT_EQ(understudy({"--plugin", plugin, "check", tests::deck("cavity"), "--set",
                        "swap.gate.use=[range, guess]"})
                .exit_code,
            0);
  expect_refused(
      understudy({"check", tests::deck("cavity"), "--set", "swap.gate.use=[range, guess]"}),
      {"'guess'"});

  expect_refused(understudy({"check", deck}), {"greeting", "--plugin FILE"});
  expect_refused(understudy({"greet", deck}), {"unknown verb 'greet'"});
  expect_refused(understudy({"--plugin", plugin, "check", deck, "--set", "times=0"}), {"times"});
}

TEST(Plugin, FilesThatAreNoneAreRefused) {
  const Scratch scratch;
  spit(scratch / "text.so", "not a library\n");
  expect_refused(understudy({"list", "--plugin"}), {"--plugin wants a file"});
  expect_refused(understudy({"--plugin=", "list"}), {"--plugin wants a file"});
  expect_refused(understudy({"--plugin", scratch / "none.so", "list"}),
                 {"there is no plugin", "none.so"});
  expect_refused(understudy({"--plugin", scratch / "", "list"}), {"is a folder"});
  expect_refused(understudy({"--plugin", scratch / "text.so", "list"}),
                 {"text.so is no shared library"});
  expect_refused(understudy({"--plugin", FAKE_NVML, "list"}), {"is no plugin", "no stamp"});
  expect_refused(understudy({"--plugin", fake("no_entry"), "list"}),
                 {"has no function understudy_plugin"});
  expect_refused(understudy({"--plugin", fake("unbound"), "list"}),
                 {"cannot be loaded", "understudy_fake_function_that_is_nowhere"});
  // Both stamps are named: the plugin's and this program's.
  expect_refused(understudy({"--plugin", fake("other_stamp"), "list"}),
                 {"built for another program", "understudy plugin for 0.0.1, headers of long ago",
                  "this program's:\n  understudy plugin for ", "Kokkos"});
  expect_refused(understudy({"--plugin", fake("other_stamp"), "list"}, 2),
                 {"built for another program"});
}

// The system's loader puts lib/x86_64-linux-gnu, or the like, in place of $LIB: another file than the one that was
// accepted.
TEST(Plugin, APathThatTheSystemReadsOtherwiseIsRefused) {
  const Scratch scratch;
  const Variable list("UNDERSTUDY_TRUSTED_PROGRAMS", scratch / "trusted");
  const std::string deck = scratch / "hello.yaml", file = scratch / "$LIB/libmine.so";
  spit(deck, "app: greeting\nplugins: [$LIB/libmine.so]\n");
  spit(file, slurp(fake("whole")));
  expect_refused(understudy({"--plugin", file, "list"}), {"has a '$'", file});
  ASSERT_EQ(understudy({"import", file, "--trust"}).exit_code, 0);
  expect_refused(understudy({"check", deck}), {"has a '$'", file});
}

TEST(Plugin, PartsThatCannotBeHadAreRefused) {
  const auto fault = [](const std::string& which, const std::vector<std::string>& words) {
    SCOPED_TRACE(which);
    const Variable variable("FAKE_PLUGIN", which);
    std::vector<std::string> all = words;
    all.push_back(fake("whole"));
    expect_refused(understudy({"--plugin", fake("whole"), "list"}), all);
  };
  fault("throws", {"failed while it brought its parts: no licence for today"});
  fault("throws a number", {"no std::exception"});
  fault("taken app", {"brings the app 'flow', and there is one of that name"});
  fault("nameless app", {"an app without a name"});
  fault("taken problem", {"brings the problem 'burgers', and there is one of that name"});
  fault("taken gate", {"brings the gate 'range', and there is one of that name"});
  fault("half a gate", {"a gate without a function that makes it"});
  fault("empty", {"gives no stamp"});
  fault("entry throws", {"failed in understudy_plugin(): no entry for today"});
  const std::string asked = "failed when the app 'greeting' was asked for its verbs: ";
  fault("make throws", {asked + "no study for today"});
  fault("make throws a number", {asked + "what it throws is no std::exception"});
  fault("makes nothing", {asked + "its function makes nothing"});
  fault("verbs throw", {asked + "no verbs for today"});
}

TEST(Plugin, ADeckLoadsOnlyWhatItsUserAccepted) {
  const Scratch scratch;
  const Variable list("UNDERSTUDY_TRUSTED_PROGRAMS", scratch / "trusted");
  const std::string deck = scratch / "decks/hello.yaml", copy = scratch / "decks/libmine.so";
  spit(deck, "app: greeting\nplugins: [libmine.so]\n");
  spit(copy, slurp(fake("whole")));
  expect_refused(understudy({"check", deck}),
                 {"libmine.so is a plugin", "can do anything that you can", scratch / "trusted",
                  "understudy import --trust " + copy});
  const Outcome accepted = understudy({"import", copy, "--trust"});
  ASSERT_EQ(accepted.exit_code, 0) << accepted.err;
  const Outcome checked = understudy({"check", deck});
  ASSERT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_NE(checked.out.find("\nplugins: [\"libmine.so\"]\n"), std::string::npos) << checked.out;
  // A stamp that differs is refused whoever accepted the file.
  spit(copy, slurp(fake("other_stamp")));
  ASSERT_EQ(understudy({"import", copy, "--trust"}).exit_code, 0);
  expect_refused(understudy({"check", deck}), {"built for another program"});

  expect_refused(understudy({"check", deck, "--set", "plugins=libmine.so"}),
                 {"plugins: expected a list of shared libraries", "'libmine.so'"});
  expect_refused(understudy({"check", deck, "--set", "plugins=[none.so]"}),
                 {"there is no plugin", scratch / "decks/none.so"});
  expect_refused(understudy({"import", deck, "--trust"}),
                 {"is no shared library", "accepted by the model's folder",
                  "`understudy import --trust " + std::string(scratch / "decks") + "`"});
}

}  // namespace
}  // namespace understudy::tests
