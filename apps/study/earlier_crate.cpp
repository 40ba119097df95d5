#include "apps/study/earlier_crate.hpp"

#include "apps/study/card_text.hpp"
#include "apps/study/run_crate.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace understudy::apps {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string text_of(const json& object, const char* name) {
  if (!object.is_object()) return "";
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// The crate's entities; empty of what is no crate.
json graph_of(const json& crate) {
  if (!crate.is_object()) return json::array();
  const auto graph = crate.find("@graph");
  return graph != crate.end() && graph->is_array() ? *graph : json::array();
}

}  // namespace

json json_of_file(const fs::path& path) {
  std::error_code none;
  if (!fs::exists(path, none)) return {};
  try {
    return json::parse(core::read_file(path), nullptr, false);
  } catch (const core::UserError&) {
    return {};
  }
}

bool is_own_crate(const json& crate) {
  const json graph = graph_of(crate);
  for (const auto& entity : graph)
    if (text_of(entity, "@type") == "SoftwareApplication" &&
        text_of(entity, "@id").starts_with("#understudy-"))
      return true;
  return false;
}

EarlierCrate take_earlier_crate(const fs::path& folder, const FolderListing& files) {
  const fs::path path = folder / crate_name, waiting = folder / earlier_crate_name;
  std::error_code error;
  if (is_own_crate(json_of_file(path))) fs::rename(path, waiting, error);
  const json crate = json_of_file(waiting);
  EarlierCrate earlier{.writers = writers_of(crate), .sums = {}};
  const auto written = fs::last_write_time(waiting, error);
  if (error) return earlier;
  std::map<std::string, FileStamp> stamps;
  for (const auto& [name, stamp] : files) stamps[path_reference(name)] = stamp;
  const json graph = graph_of(crate);
  for (const auto& entity : graph) {
    const std::string id = text_of(entity, "@id"), sum = text_of(entity, "sha256");
    const auto stamp = stamps.find(id);
    if (sum.size() != 64 || stamp == stamps.end() || stamp->second.written >= written) continue;
    if (text_of(entity, "contentSize") == std::to_string(stamp->second.bytes))
      earlier.sums[id] = sum;
  }
  return earlier;
}

}  // namespace understudy::apps
