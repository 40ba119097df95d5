#include "apps/program.hpp"

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <thread>

#include "apps/command_line.hpp"
#include "apps/import_fields.hpp"
#include "apps/list.hpp"
#include "apps/plan.hpp"
#include "apps/plugin_loader.hpp"
#include "apps/study/same_call.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/memory.hpp"
#include "core/runtime.hpp"

namespace understudy::apps {

namespace {

core::log::Level level(const std::string& name) {
  using core::log::Level;
  return name == "debug"   ? Level::debug
         : name == "warn"  ? Level::warn
         : name == "error" ? Level::error
                           : Level::info;
}

void print(const std::string& text) {
  if (core::Comm::world().is_root()) std::fputs(text.c_str(), stdout);
}

// Of the standard library, Kokkos and LibTorch, whose allocator has a text only.
bool is_out_of_memory(const std::exception& e) {
  const std::string text = e.what();
  const auto says = [&](const char* words) { return text.find(words) != std::string::npos; };
  return dynamic_cast<const std::bad_alloc*>(&e) || dynamic_cast<const std::length_error*>(&e) ||
         says("not enough memory") || says("out of memory") || says("memory allocation failed");
}

std::string out_of_memory(const std::string& verb) {
  const core::AvailableMemory left = core::available_memory();
  return core::format(
      "{} ran out of memory: this rank has held {} and {} are left ({}). Use fewer cells, points or a "
      "smaller network or batch, more ranks on more machines, or a machine with more memory",
      verb, core::bytes_text(core::peak_memory_bytes()), core::bytes_text(left.bytes), left.limit);
}

// The apps that there are: the program's own and those of the plugins that are loaded.
class Apps {
 public:
  explicit Apps(const Catalogue& catalogue, bool takes_plugins)
      : own_(catalogue.apps), shelf_(catalogue.problems), takes_plugins_(takes_plugins) {
    all_ = shelf_.apps(own_);
  }

  void load(const std::vector<std::filesystem::path>& plugins, PluginShelf::By named_by) {
    if (plugins.empty()) return;
    if (!takes_plugins_)
      throw core::UserError(
          "this program takes no plugins, its apps are built in; the program understudy does");
    for (const auto& file : plugins) shelf_.load(file, named_by);
    all_ = shelf_.apps(own_);
  }

  std::span<const App> all() const { return all_; }
  std::vector<PluginRecord> plugins() const { return shelf_.records(); }

 private:
  MakeApps own_;
  PluginShelf shelf_;
  bool takes_plugins_;
  std::vector<App> all_;
};

// Plugins that the deck names, from its folder on; then all ranks must have the same ones.
void load_of_deck(const DeckTree& tree, JobOptions& job, Apps& apps) {
  std::vector<std::filesystem::path> plugins;
  for (const std::string& file : plugins_of(tree))
    plugins.push_back(std::filesystem::path(tree.directory) / file);
  if (plugins.empty()) return;
  apps.load(plugins, PluginShelf::By::deck);
  job.plugins = apps.plugins();
  require_same_call(job, core::Comm::world());
}

void act(CommandLine& line, Apps& apps) {
  const std::string& verb = line.job.verb;
  line.job.plugins = apps.plugins();
  require_same_call(line.job, core::Comm::world());
  if (verb == "list")
    return print(line.deck_reference ? deck_reference(apps.all())
                                     : list_text(apps.all(), line.job.plugins));
  if (verb == "import") return import_any(line.imported);
  if (verb == "export") return export_model(line.exported);
  DeckTree tree = DeckTree::read(line.job.deck, line.job.settings);
  load_of_deck(tree, line.job, apps);
  OpenStudy open = open_study(line.job, std::move(tree), apps.all());
  try {
    if (verb == "check") return print(checked(open));
    if (verb == "plan") return print(planned(open, line.plan));
    apps::act(open);
  } catch (const core::Error&) {
    throw;
  } catch (const std::exception& e) {
    if (!is_out_of_memory(e)) throw;
    // Before anything was written the deck asks for too much; later the run has failed.
    const std::string text = out_of_memory(verb);
    if (*open.job.opened) throw core::RunError(text);
    throw core::UserError(text);
  }
}

void say(const std::string& message) {
  std::fflush(stdout);
  core::log::error("{}", message);
  std::fflush(stderr);
}

// Most errors are met by all ranks together: all end by themselves, and rank 0 speaks, beside those
// that met another one. A rank that is alone with its error must not leave the others waiting; rank 0
// then speaks first, and only a rank whose error it does not share lives long enough to speak too.
int report(const std::string& message, int exit_code) {
  const auto world = core::Comm::world();
  constexpr double patience_s = 2;
  const auto errors = core::Runtime::errors_of_all(message, patience_s);
  if (errors.empty()) {
    if (!world.is_root()) std::this_thread::sleep_for(std::chrono::seconds(2));
    say(message);
    core::Runtime::abort_all_ranks(exit_code);
  }
  if (world.is_root() || message != errors.front()) say(message);
  return exit_code;
}

CommandLine read_command_line(int argc, char** argv, PluginArguments& arguments, const Apps& apps) {
  CommandLine line = parse_command_line(static_cast<int>(arguments.rest.size()),
                                        arguments.rest.data(), apps.all());
  line.job.command.clear();
  for (int n = 0; n < argc; ++n) line.job.command += (n ? " " : "") + std::string(argv[n]);
  line.imported.command = line.job.command;
  return line;
}

// The plugins of the command line, and with their verbs the line itself. What goes wrong is thrown again once the
// runtime has started, which says it once for all ranks.
CommandLine begin(int argc, char** argv, Apps& apps, std::exception_ptr& fault) {
  try {
    PluginArguments arguments = plugin_arguments(argc, argv);
    if (!arguments.refused.empty()) throw core::UserError(arguments.refused);
    apps.load({arguments.files.begin(), arguments.files.end()}, PluginShelf::By::user);
    return read_command_line(argc, argv, arguments, apps);
  } catch (...) {
    fault = std::current_exception();
    return {};
  }
}

int program(int argc, char** argv, Apps& apps) {
  std::exception_ptr fault;
  CommandLine line = begin(argc, argv, apps, fault);
  if (line.done) return line.exit_code;
  core::Runtime runtime(argc, argv, {.threads = line.threads});
  core::catch_signals();
  core::log::set_level(level(line.log_level));
  try {
    if (fault) std::rethrow_exception(fault);
    if (!line.refused.empty())
      throw core::UserError(line.refused + "; understudy --help says what there is");
    act(line, apps);
  } catch (const core::Interrupted& e) {
    // All ranks agreed to stop: nobody waits for anybody.
    if (core::Comm::world().is_root()) core::log::warn("{}", e.what());
    return e.exit_code();
  } catch (const core::Error& e) {
    return report(e.what(), e.exit_code());
  } catch (const std::exception& e) {
    if (is_out_of_memory(e)) return report(out_of_memory(line.job.verb), 2);
    // LibTorch adds the frames of its stack.
    std::string text = e.what();
    text = text.substr(0, text.find("\nException raised from"));
    return report("internal error (a bug; please report it): " + text, 1);
  } catch (...) {
    return report("internal error (a bug; please report it): no std::exception was thrown", 1);
  }
  return 0;
}

}  // namespace

int program(int argc, char** argv, std::span<const App> apps) {
  Apps all({{}, [apps](auto) { return std::vector<App>(apps.begin(), apps.end()); }}, false);
  return program(argc, argv, all);
}

int program(int argc, char** argv, const Catalogue& catalogue) {
  Apps all(catalogue, true);
  return program(argc, argv, all);
}

}  // namespace understudy::apps
