#include "apps/study/run_crate.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "apps/study/card_text.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* specification = "https://w3id.org/ro/crate/1.1";
constexpr const char* profile = "https://w3id.org/ro/wfrun/process/0.5";
constexpr const char* action_id = "#verb-";  ///< with the verb's name

// What a verb takes of what another one left in the folder.
const std::map<std::string, std::vector<std::string>>& taken_by() {
  static const std::map<std::string, std::vector<std::string>> folders{
      {"train", {"dataset/"}},
      {"calibrate", {"dataset/", "model/"}},
      {"compare", {"model/", "forward_model/", "contenders/"}}};
  return folders;
}

json reference(const std::string& id) { return {{"@id", id}}; }

json references(const std::vector<std::string>& ids) {
  json all = json::array();
  for (const auto& id : ids) all.push_back(reference(id));
  return all;
}

// A text of a section, "" where it has none; of its provenance where `name` is not at the top.
std::string text_of(const json& section, const char* name) {
  for (const json* object :
       {&section,
        section.is_object() && section.contains("provenance") ? &section["provenance"] : nullptr}) {
    if (!object || !object->is_object()) continue;
    if (const auto found = object->find(name); found != object->end() && found->is_string())
      return found->get<std::string>();
  }
  return "";
}

double seconds_of(const json& section) {
  const auto value = section.value(json::json_pointer("/timing/total_s"), json());
  return value.is_number() ? value.get<double>() : 0;
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

// Files and folders of the crate, by their references.
struct Entity {
  std::string path;
  std::size_t files = 0;  ///< of a folder; 0: it is a file
  std::uintmax_t bytes = 0;
  std::set<std::string> writers;
};
using Entities = std::map<std::string, Entity>;

Entities entities_of(const CrateInput& input) {
  const auto as_one = folders_told_as_one(input.files);
  Entities all;
  for (const auto& [path, stamp] : input.files) {
    if (path == crate_name) continue;  // it is the crate's own
    const std::string folder = folder_of(path);
    const bool together = as_one.contains(folder);
    Entity& entity = all[path_reference(together ? folder : path)];
    entity.path = together ? folder : path;
    entity.files += together ? 1 : 0;
    entity.bytes += stamp.bytes;
    const auto writer = input.writers.find(path_reference(path));
    if (writer != input.writers.end()) entity.writers.insert(writer->second);
  }
  return all;
}

json data_entity(const std::string& id, const Entity& entity, const CrateInput& input) {
  if (entity.files > 0)
    return {{"@id", id},
            {"@type", "Dataset"},
            {"name", entity.path},
            {"description", core::format("{} files, {} bytes", entity.files, entity.bytes)}};
  json file{{"@id", id},
            {"@type", "File"},
            {"name", entity.path},
            {"contentSize", std::to_string(entity.bytes)},
            {"encodingFormat", media_type(entity.path)}};
  if (const auto sum = input.sums.find(id); sum != input.sums.end()) file["sha256"] = sum->second;
  return file;
}

// Numbers as "flow.strouhal", with their values.
void collect_numbers(const json& value, const std::string& path, json& numbers) {
  if (value.is_object()) {
    for (const auto& [name, inner] : value.items())
      collect_numbers(inner, path.empty() ? name : path + "." + name, numbers);
  } else if (value.is_number() && std::isfinite(value.get<double>())) {
    numbers[path] = value;
  }
}

class Crate {
 public:
  explicit Crate(const CrateInput& input) : input_(input), entities_(entities_of(input)) {}

  json made() {
    for (const auto& [verb, section] : by_time()) add_action(verb, *section);
    json root = root_entity();
    json graph = json::array({descriptor(), std::move(root), profile_entity()});
    for (const auto& [id, entity] : entities_) graph.push_back(data_entity(id, entity, input_));
    for (auto& [id, entity] : context_) graph.push_back(std::move(entity));
    for (auto& action : actions_) graph.push_back(std::move(action));
    return {{"@context",
             {std::string(specification) + "/context", {{"sha256", "https://schema.org/sha256"}}}},
            {"@graph", std::move(graph)}};
  }

 private:
  static json descriptor() {
    return {{"@id", crate_name},
            {"@type", "CreativeWork"},
            {"conformsTo", reference(specification)},
            {"about", reference("./")}};
  }
  static json profile_entity() {
    return {{"@id", profile},
            {"@type", "CreativeWork"},
            {"name", "Process Run Crate"},
            {"version", "0.5"}};
  }

  std::vector<std::pair<std::string, const json*>> by_time() const {
    std::vector<std::pair<std::string, const json*>> sections;
    for (const auto& [verb, section] : input_.sections.items())
      if (section.is_object()) sections.emplace_back(verb, &section);
    std::ranges::stable_sort(sections, [](const auto& a, const auto& b) {
      return text_of(*a.second, "started") < text_of(*b.second, "started");
    });
    return sections;
  }

  // Described once, whoever refers to it.
  std::string with_context(const std::string& id, json entity) {
    entity["@id"] = id;
    context_.emplace(id, std::move(entity));
    return id;
  }

  std::string program(const json& section) {
    const std::string version = code_version(text_of(section, "version"), text_of(section, "git"));
    return with_context(
        "#understudy-" + path_reference(version),
        {{"@type", "SoftwareApplication"}, {"name", "Understudy"}, {"softwareVersion", version}});
  }

  std::string deck(const json& section) {
    const std::string hash = text_of(section, "deck_hash");
    return with_context("#deck-" + path_reference(hash),
                        {{"@type", "CreativeWork"},
                         {"name", fs::path(text_of(section, "deck")).filename().string()},
                         {"description", "the deck with every default; summary.json has it, too"},
                         {"identifier", hash},
                         {"encodingFormat", "application/yaml"},
                         {"text", text_of(section.value("provenance", json::object()), "deck")}});
  }

  std::vector<std::string> numbers(const std::string& verb, const json& section) {
    json found = json::object();
    collect_numbers(section.value("metrics", json::object()), "", found);
    std::vector<std::string> ids;
    for (const auto& [name, value] : found.items())
      ids.push_back(with_context(
          "#" + verb + "/" + path_reference(name),
          {{"@type", "PropertyValue"}, {"name", verb + ": " + name}, {"value", value}}));
    measured_.insert(measured_.end(), ids.begin(), ids.end());
    return ids;
  }

  std::vector<std::string> objects(const std::string& verb, const json& section) {
    std::vector<std::string> ids{deck(section)};
    const auto folders = taken_by().find(verb);
    if (folders == taken_by().end()) return ids;
    for (const auto& [id, entity] : entities_) {
      if (entity.writers.contains(verb)) continue;
      for (const auto& folder : folders->second)
        if (entity.path.starts_with(folder)) ids.push_back(id);
    }
    return ids;
  }

  void add_action(const std::string& verb, const json& section) {
    std::vector<std::string> results;
    for (const auto& [id, entity] : entities_)
      if (entity.writers.contains(verb)) results.push_back(id);
    const auto values = numbers(verb, section);
    results.insert(results.end(), values.begin(), values.end());
    json action{{"@id", action_id + verb},
                {"@type", "CreateAction"},
                {"name", core::format("understudy {}, app: {}", verb, text_of(section, "app"))},
                {"instrument", reference(program(section))},
                {"object", references(objects(verb, section))},
                {"result", references(results)},
                {"actionStatus", reference("http://schema.org/CompletedActionStatus")}};
    const std::string command = text_of(section, "command"), started = text_of(section, "started");
    if (!command.empty()) action["description"] = command;
    if (!started.empty()) {
      action["startTime"] = started;
      action["endTime"] = later(started, seconds_of(section));
      ended_ = std::max(ended_, action["endTime"].get<std::string>());
    }
    actions_.push_back(std::move(action));
  }

  std::string made_by() const {
    std::string verbs;
    for (const auto& action : actions_)
      verbs += (verbs.empty() ? "" : "; ") + action["name"].get<std::string>();
    return "Results of Understudy: " + verbs;
  }

  json root_entity() {
    const PublicationParams& p = input_.publication;
    std::vector<std::string> parts, mentions;
    for (const auto& [id, entity] : entities_) parts.push_back(id);
    for (const auto& action : actions_) mentions.push_back(action["@id"]);
    json root{{"@id", "./"},
              {"@type", "Dataset"},
              {"conformsTo", reference(profile)},
              {"name", p.title.empty() ? input_.name : p.title},
              {"description", p.description.empty() ? made_by() : p.description},
              {"datePublished", p.date.empty() ? ended_.substr(0, 10) : p.date},
              {"version", p.version},
              {"hasPart", references(parts)},
              {"mentions", references(mentions)},
              {"variableMeasured", references(measured_)}};
    add_rights(root);
    if (!p.keywords.empty()) root["keywords"] = p.keywords;
    if (!p.url.empty()) root["url"] = p.url;
    if (!p.citation.empty()) root["citation"] = p.citation;
    return root;
  }

  void add_rights(json& root) {
    const PublicationParams& p = input_.publication;
    if (!p.license.empty())
      root["license"] = reference(with_context(license_address(p.license),
                                               {{"@type", "CreativeWork"}, {"name", p.license}}));
    for (const auto& text : p.creators) {
      const Creator creator = creator_of(text);
      const std::string id =
          creator.address.empty() ? "#person-" + path_reference(creator.name) : creator.address;
      root["author"].push_back(reference(with_context(id, person(creator, "Person"))));
    }
  }

  const CrateInput& input_;
  Entities entities_;
  std::map<std::string, json> context_;  ///< by their ids
  std::vector<json> actions_;
  std::vector<std::string> measured_;
  std::string ended_;
};

}  // namespace

json run_crate(const CrateInput& input) { return Crate(input).made(); }

std::set<std::string> folders_told_as_one(const FolderListing& files) {
  std::map<std::string, std::size_t> counts;
  for (const auto& [path, stamp] : files) ++counts[folder_of(path)];
  std::set<std::string> folders;
  for (const auto& [folder, count] : counts)
    if (!folder.empty() && count > most_files_of_a_folder) folders.insert(folder);
  return folders;
}

std::map<std::string, std::string> writers_of(const json& crate) {
  std::map<std::string, std::string> writers;
  const auto graph = crate.is_object() ? crate.find("@graph") : crate.end();
  if (graph == crate.end() || !graph->is_array()) return writers;
  for (const auto& entity : *graph) {
    const std::string id = text_of(entity, "@id");
    if (text_of(entity, "@type") != "CreateAction" || !id.starts_with(action_id)) continue;
    const auto results = entity.find("result");
    if (results == entity.end() || !results->is_array()) continue;
    for (const auto& result : *results)
      if (const std::string file = text_of(result, "@id"); !file.empty() && file[0] != '#')
        writers[file] = id.substr(std::string(action_id).size());
  }
  return writers;
}

}  // namespace understudy::apps
