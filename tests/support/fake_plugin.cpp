// What the tests of the loader load. FAKE_PLUGIN, where the build defines it, says which fault the file itself has;
// the variable FAKE_PLUGIN of the environment, what goes wrong while it brings its parts.
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "apps/plugin.hpp"
#include "apps/study/summary.hpp"
#include "core/provenance.hpp"

#define FAKE_WHOLE 0
#define FAKE_OTHER_STAMP 1
#define FAKE_NO_ENTRY 2
#define FAKE_UNBOUND 3
#ifndef FAKE_PLUGIN
#define FAKE_PLUGIN FAKE_WHOLE
#endif

#if FAKE_PLUGIN == FAKE_UNBOUND
void understudy_fake_function_that_is_nowhere();
#endif

// The program has, and exports, another function of this name: a plugin's calls are of its own.
std::string understudy::core::sha256(const std::string&) { return "an app of the tests"; }

namespace {

namespace apps = understudy::apps;

std::string fault() {
  const char* set = std::getenv("FAKE_PLUGIN");
  return set ? set : "";
}

// One key, and one verb of its own that writes a number.
class Greeting : public apps::Study {
 public:
  void describe(understudy::core::ParamVisitor& v) override {
    v.choice("app", app_, {"greeting"}, "an app of the tests");
    v.integer("times", times_, {.at_least = 1}, "how often");
  }
  std::vector<apps::Verb> verbs() override {
    if (fault() == "verbs throw") throw std::runtime_error("no verbs for today");
    return {{"greet", "says hello", [this](apps::Job& job, apps::Summary& summary) {
               apps::open_output(job);
               summary.metric("greetings", double(times_));
             }}};
  }
  std::vector<std::string> check(const apps::Job&) override { return {}; }

 private:
  std::string app_ = "greeting";
  int times_ = 1;
};

std::unique_ptr<apps::Study> make_greeting() {
  if (fault() == "make throws") throw std::runtime_error("no study for today");
  if (fault() == "make throws a number") throw 7;
  if (fault() == "makes nothing") return nullptr;
  return std::make_unique<Greeting>();
}

understudy::pinn::ProblemEntry problem(const std::string& name) {
  understudy::pinn::ProblemEntry entry;
  entry.name = name;
  entry.summary = "a problem of the tests";
  entry.make = [](const understudy::pinn::ProblemChoice&) {
    return std::shared_ptr<const understudy::pinn::Problem>();
  };
  return entry;
}

understudy::surrogates::GateEntry gate(const std::string& name) {
  namespace surrogates = understudy::surrogates;
  return {.name = name,
          .help = "a gate of the tests",
          .make_float = [](const surrogates::GateContext<float>&)
              -> std::unique_ptr<surrogates::Gate<float>> { return nullptr; },
          .make_double = [](const surrogates::GateContext<double>&)
              -> std::unique_ptr<surrogates::Gate<double>> { return nullptr; }};
}

void add(understudy::Plugins& to) {
  const std::string fault = ::fault();
  if (fault == "throws") throw std::runtime_error("no licence for today");
  if (fault == "throws a number") throw 7;
  apps::App app{.name = "greeting",
                .summary = understudy::core::sha256(""),
                .document = "",
                .make = make_greeting};
  if (fault == "taken app") app.name = "flow";
  if (fault == "nameless app") app.name = "";
  to.apps.push_back(app);
  to.problems.push_back(problem("riddle"));
  to.gates.push_back(gate("guess"));
  if (fault == "taken problem") to.problems.push_back(problem("burgers"));
  if (fault == "taken gate") to.gates.push_back(gate("range"));
  if (fault == "half a gate") to.gates.back().make_float = nullptr;
#if FAKE_PLUGIN == FAKE_UNBOUND
  understudy_fake_function_that_is_nowhere();
#endif
}

#if FAKE_PLUGIN == FAKE_OTHER_STAMP
constexpr char stamp[] = "understudy plugin for 0.0.1, headers of long ago";
#else
constexpr const char* stamp = understudy::plugin_stamp;
#endif

constexpr understudy::PluginInfo info{stamp, add};
constexpr understudy::PluginInfo empty{nullptr, nullptr};

}  // namespace

#if FAKE_PLUGIN == FAKE_NO_ENTRY
extern "C" [[gnu::visibility("default")]] const void* another_function() { return &info; }
#else
const understudy::PluginInfo* understudy_plugin() {
  if (fault() == "entry throws") throw std::runtime_error("no entry for today");
  return fault() == "empty" ? &empty : &info;
}
#endif
