#include "apps/plugin_loader.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <string_view>

#include "apps/plugin.hpp"
#include "apps/simulation/gate_catalog.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/provenance.hpp"
#include "surrogates/network/network_kinds.hpp"
#include "surrogates/network/trusted_programs.hpp"

namespace understudy::apps {

namespace {

namespace fs = std::filesystem;

// How every stamp begins, by which it is found in a file.
constexpr std::string_view mark = "understudy plugin for ";
static_assert(std::string_view(plugin_stamp).starts_with(mark));

// What was built for other headers may lack what it calls, or call what is another thing.
void require_stamp(const fs::path& file, const std::string& stamp) {
  if (stamp.empty())
    throw core::UserError(core::format(
        "{} is no plugin: it has no stamp that says what it was built for (docs/library.md, Plugins)",
        file.string()));
  if (stamp != plugin_stamp)
    throw core::UserError(core::format(
        "the plugin {} was built for another program. Its stamp:\n  {}\nand this program's:\n  {}\nBuild it "
        "again, against the package that this program was installed with",
        file.string(), stamp, plugin_stamp));
}

// The system puts other words for $ORIGIN, $LIB and $PLATFORM in a path: what it loads would not be the file whose
// bytes were read.
void require_plain_path(const fs::path& file) {
  const std::string path = fs::absolute(file).string();
  if (path.find('$') != std::string::npos)
    throw core::UserError(core::format(
        "the plugin {}: its path {} has a '$', for which the system may put other words; "
        "give the file or its folder another name",
        file.string(), path));
}

// What a plugin's code throws is the plugin's fault, and its user's to read.
template <class Act>
auto guarded(const fs::path& file, const std::string& doing, const Act& act) {
  std::string cause = "what it throws is no std::exception";
  try {
    return act();
  } catch (const std::exception& e) {
    cause = e.what();
  } catch (...) {
  }
  throw core::UserError(core::format("the plugin {} failed {}: {}", file.string(), doing, cause));
}

const PluginInfo& opened(const fs::path& file) {
  // A name without a slash would be looked for elsewhere.
  void* library = dlopen(fs::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* cause = dlerror();
    throw core::UserError(core::format("the plugin {} cannot be loaded: {}", file.string(),
                                       cause ? cause : "no cause given"));
  }
  const auto entry =
      reinterpret_cast<decltype(&understudy_plugin)>(dlsym(library, "understudy_plugin"));
  if (!entry)
    throw core::UserError(
        core::format("the plugin {} has no function understudy_plugin (docs/library.md, Plugins)",
                     file.string()));
  const PluginInfo* info = guarded(file, "in understudy_plugin()", entry);
  if (!info || !info->stamp || !info->add)
    throw core::UserError(core::format(
        "the plugin {}: understudy_plugin() gives no stamp or no function that brings its "
        "parts",
        file.string()));
  require_stamp(file, info->stamp);
  return *info;
}

Plugins brought_by(const PluginInfo& info, const fs::path& file) {
  return guarded(file, "while it brought its parts", [&] {
    Plugins brought;
    info.add(brought);
    return brought;
  });
}

// The command line asks every app for its verbs: what goes wrong then is said here, with the plugin's name.
void require_verbs(const std::vector<App>& apps, const fs::path& file) {
  for (const App& app : apps)
    guarded(file, core::format("when the app '{}' was asked for its verbs", app.name), [&] {
      const auto study = app.make();
      if (!study) throw core::UserError("its function makes nothing");
      study->verbs();
    });
}

void require_whole(const Plugins& brought, const fs::path& file) {
  for (const App& app : brought.apps)
    if (app.name.empty() || !app.make)
      throw core::UserError(core::format("the plugin {} brings an app without {}", file.string(),
                                         app.name.empty() ? "a name" : "a function that makes it"));
  for (const auto& problem : brought.problems)
    if (problem.name.empty() || !problem.make)
      throw core::UserError(
          core::format("the plugin {} brings a problem without {}", file.string(),
                       problem.name.empty() ? "a name" : "a function that makes it"));
  for (const auto& gate : brought.gates)
    if (gate.name.empty() || !gate.make_float || !gate.make_double)
      throw core::UserError(
          core::format("the plugin {} brings a gate without {}", file.string(),
                       gate.name.empty() ? "a name" : "a function that makes it"));
}

[[noreturn]] void refuse_taken(const fs::path& file, const std::string& what,
                               const std::string& name) {
  throw core::UserError(
      core::format("the plugin {} brings the {} '{}', and there is one of that name", file.string(),
                   what, name));
}

template <class Entries>
void add_words(std::string& text, const std::string& what, const Entries& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  if (names.empty()) return;
  text += core::format("{}{}: {}", text.empty() ? "" : "; ", what, core::joined(names));
}

}  // namespace

PluginArguments plugin_arguments(int argc, char** argv) {
  constexpr std::string_view option = "--plugin";
  PluginArguments arguments;
  for (int n = 0; n < argc; ++n) {
    const std::string_view word = argv[n];
    const bool joined = word.starts_with("--plugin=");
    if (n == 0 || (word != option && !joined)) {
      arguments.rest.push_back(argv[n]);
      continue;
    }
    const std::string file = joined         ? std::string(word.substr(option.size() + 1))
                             : n + 1 < argc ? argv[++n]
                                            : "";
    if (file.empty())
      arguments.refused = "--plugin wants a file: a shared library that brings apps (libmine.so)";
    arguments.files.push_back(file);
  }
  return arguments;
}

std::string stamp_in(const std::string& bytes, const std::string& own) {
  if (bytes.find(own + '\0') != std::string::npos) return own;
  constexpr std::size_t longest = 1000;
  std::string first;
  for (auto at = bytes.find(mark); at != std::string::npos; at = bytes.find(mark, at + 1)) {
    std::string text = bytes.substr(at, longest);
    text.resize(std::min(text.size(), text.find('\0')));
    if (text.find(", headers ") != std::string::npos) return text;
    if (first.empty()) first = text;
  }
  return first;
}

PluginShelf::PluginShelf(std::span<const pinn::ProblemEntry> problems)
    : problems_(problems.begin(), problems.end()) {}

void PluginShelf::load(const fs::path& file, By named_by) {
  require_plain_path(file);
  const std::string bytes = read_plugin(file);
  const std::string hash = core::sha256(bytes);
  for (const Loaded& one : loaded_)
    if (one.record.sha256 == hash) return;
  if (named_by == By::deck)
    surrogates::require_trusted(
        bytes, file,
        {.kind = "a plugin, named by the deck: a program",
         .deed = "accepted",
         .accept = core::format("understudy import --trust {}", file.string()),
         .otherwise = core::format(", and `--plugin {}` loads it this once", file.string())});
  require_stamp(file, stamp_in(bytes, plugin_stamp));  // before any of its code runs
  const auto networks = surrogates::network_kinds().size();
  Plugins brought = brought_by(opened(file), file);
  require_whole(brought, file);
  for (const auto& problem : brought.problems) {
    if (std::ranges::find(problems_, problem.name, &pinn::ProblemEntry::name) != problems_.end())
      refuse_taken(file, "problem", problem.name);
    problems_.push_back(problem);
  }
  for (const auto& gate : brought.gates)
    if (!add_gate(gate)) refuse_taken(file, "gate", gate.name);
  require_verbs(brought.apps, file);
  const auto& kinds = surrogates::network_kinds();
  std::string brings;
  add_words(brings, "apps", brought.apps);
  add_words(brings, "problems", brought.problems);
  add_words(brings, "networks", std::span(kinds).subspan(networks));
  add_words(brings, "gates", brought.gates);
  loaded_.push_back({{file.string(), hash, plugin_stamp, brings.empty() ? "nothing" : brings},
                     std::move(brought.apps)});
}

std::vector<App> PluginShelf::apps(const MakeApps& own) const {
  std::vector<App> all = own(problems_);
  for (const Loaded& one : loaded_)
    for (const App& app : one.apps) {
      if (std::ranges::find(all, app.name, &App::name) != all.end())
        refuse_taken(one.record.file, "app", app.name);
      all.push_back(app);
    }
  return all;
}

std::vector<PluginRecord> PluginShelf::records() const {
  std::vector<PluginRecord> all;
  for (const Loaded& one : loaded_) all.push_back(one.record);
  return all;
}

}  // namespace understudy::apps
