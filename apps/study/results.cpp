#include "apps/study/results.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/kept_files.hpp"
#include "core/log.hpp"

namespace understudy::apps {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Files that are worth more than the time to write them, with the verbs that write them: those of one
// entry make the same thing. In a name '#' stands for a number and '*' for any folder. `continued`: --resume
// goes on with it.
struct ResultFile {
  const char* name;
  bool continued;
  std::vector<const char*> verbs;
};

const std::vector<ResultFile>& result_files() {
  static const std::vector<ResultFile> files{
      {"diagnostics.csv", true, {"run"}},
      {"probes.csv", true, {"run"}},
      {"fields.vtkhdf", true, {"run"}},
      {"fields.nc", true, {"run"}},
      {"gathers.h5", false, {"run"}},
      {"gathers_pressure.sgy", false, {"run"}},
      {"gathers_velocity_x.sgy", false, {"run"}},
      {"gathers_velocity_y.sgy", false, {"run"}},
      {"gathers_velocity_z.sgy", false, {"run"}},
      {"model.h5", false, {"run"}},
      {"model.h5", false, {"invert"}},
      {"model.sgy", false, {"run"}},
      {"model_s_speed.sgy", false, {"run"}},
      {"model_density.sgy", false, {"run"}},
      {"model.sgy", false, {"invert"}},
      {"inversion.csv", true, {"invert"}},
      {"assimilation.csv", true, {"invert"}},
      {"report.html", false, {"compare", "study", "pinn"}},
      {"comparison.csv", false, {"compare", "study"}},
      {"profiles.csv", false, {"compare", "study"}},
      {"trajectories.csv", false, {"compare", "study"}},
      {"history.csv", true, {"pinn", "compare"}},
      {"training.csv", true, {"train", "study"}},
      {"training_#.csv", true, {"train", "study"}},
      {"training_inversion.csv", true, {"train", "study"}},
      {"training_forward.csv", true, {"train", "study"}},
      {"contenders/*/training.csv", true, {"train", "study"}},
  };
  return files;
}

bool fits(const std::string& name, const std::string& pattern) {
  const auto at = pattern.find('#');
  if (at == std::string::npos) return pattern == "*" || name == pattern;
  const std::string head = pattern.substr(0, at), tail = pattern.substr(at + 1);
  if (name.size() <= pattern.size() - 1 || !name.starts_with(head) || !name.ends_with(tail))
    return false;
  const std::string number = name.substr(at, name.size() - head.size() - tail.size());
  return number.find_first_not_of("0123456789") == std::string::npos;
}

// What there is of a ResultFile's name.
std::vector<fs::path> found(const fs::path& folder, const fs::path& name) {
  std::vector<fs::path> paths{folder};
  for (const fs::path& part : name) {
    std::vector<fs::path> below;
    for (const fs::path& path : paths) {
      std::error_code none;
      if (part.string().find_first_of("#*") == std::string::npos) {
        if (fs::exists(path / part, none)) below.push_back(path / part);
        continue;
      }
      for (fs::directory_iterator at(path, none), end; !none && at != end; at.increment(none))
        if (fits(at->path().filename().string(), part.string())) below.push_back(at->path());
    }
    std::ranges::sort(below);
    paths = std::move(below);
  }
  return paths;
}

bool writes(const ResultFile& file, const std::string& verb) {
  for (const char* one : file.verbs)
    if (one == verb) return true;
  return false;
}

std::string text_at(const json& section, const char* name) {
  const auto provenance = section.find("provenance");
  return provenance == section.end() ? std::string() : provenance->value(name, std::string());
}

// The section of the verb that wrote the file last, and whether it makes the same thing.
struct Writer {
  const json* section = nullptr;
  std::string verb;
  bool same_thing = false;
};

Writer last_writer(const json& sections, const ResultFile& file) {
  Writer last;
  std::string latest;
  for (const auto& other : result_files()) {
    if (std::string(other.name) != file.name) continue;
    for (const auto& [verb, section] : sections.items()) {
      const std::string started = text_at(section, "started");
      if (!writes(other, verb) || (last.section && started < latest)) continue;
      last = {&section, verb, &other == &file};
      latest = started;
    }
  }
  return last;
}

}  // namespace

json read_sections(const fs::path& folder) {
  const auto path = folder / "summary.json";
  std::error_code none;
  if (!fs::exists(path, none)) return json::object();
  json all = json::parse(core::read_file(path), nullptr, false);
  if (!all.is_object()) {
    const auto aside = core::set_aside(path);
    core::log::warn("{} is not JSON (was it cut off?); it is kept as {}", path.string(),
                    aside.filename().string());
    return json::object();
  }
  if (const auto sections = all.find("verbs"); sections != all.end() && sections->is_object())
    return *sections;
  const auto verb = all.find("verb");
  if (verb == all.end() || !verb->is_string()) return json::object();
  return json{{verb->get<std::string>(), all}};
}

void make_room(const Job& job) {
  const json sections = read_sections(job.out);
  std::vector<std::string> kept;
  std::string theirs, verb;
  for (const auto& file : result_files()) {
    if (!writes(file, job.verb) || (file.continued && job.resume)) continue;
    const Writer writer = last_writer(sections, file);
    if (!writer.section) continue;
    const std::string hash = text_at(*writer.section, "deck_hash");
    if (writer.same_thing && hash == job.provenance.deck_hash) continue;
    for (const auto& path : found(job.out, file.name)) {
      theirs = hash;
      verb = writer.verb;
      kept.push_back(core::format("{} as {}", path.lexically_relative(job.out).string(),
                                  core::set_aside(path).filename().string()));
    }
  }
  const auto own = sections.find(job.verb);
  if (kept.empty() && !job.resume && own != sections.end() &&
      text_at(*own, "deck_hash") != job.provenance.deck_hash)
    core::log::warn(
        "{} holds results of another deck (hash {}, this one {}); files of the same names are "
        "replaced. --out DIR writes elsewhere.",
        job.out.string(), text_at(*own, "deck_hash"), job.provenance.deck_hash);
  if (!kept.empty())
    core::log::warn(
        "{} holds results of another {} (`{}`, hash {}; this is `{}`, hash {}): kept are {}. --out "
        "DIR writes elsewhere.",
        job.out.string(), theirs == job.provenance.deck_hash ? "verb" : "deck", verb, theirs,
        job.verb, job.provenance.deck_hash, core::joined(kept));
}

}  // namespace understudy::apps
