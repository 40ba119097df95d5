#include "apps/study/croissant.hpp"

#include <charconv>
#include <set>

#include "apps/study/card_text.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

using nlohmann::json;

constexpr const char* sample_set = "sample-files";  ///< @id of the FileSet

// Of the specification's appendix 1, with schema.org as the reference implementation spells it, and PROV.
json context() {
  json all{{"@language", "en"},
           {"@vocab", "https://schema.org/"},
           {"sc", "https://schema.org/"},
           {"cr", "http://mlcommons.org/croissant/"},
           {"rai", "http://mlcommons.org/croissant/RAI/"},
           {"dct", "http://purl.org/dc/terms/"},
           {"prov", "http://www.w3.org/ns/prov#"},
           {"conformsTo", "dct:conformsTo"},
           {"data", {{"@id", "cr:data"}, {"@type", "@json"}}},
           {"examples", {{"@id", "cr:examples"}, {"@type", "@json"}}},
           {"dataType", {{"@id", "cr:dataType"}, {"@type", "@vocab"}}}};
  for (const char* term : {"annotation",   "arrayShape",    "citeAs",
                           "column",       "containedIn",   "equivalentProperty",
                           "excludes",     "extract",       "field",
                           "fileObject",   "fileProperty",  "fileSet",
                           "format",       "includes",      "isArray",
                           "jsonPath",     "isLiveDataset", "key",
                           "md5",          "parentField",   "path",
                           "readLines",    "recordSet",     "references",
                           "regex",        "repeated",      "replace",
                           "samplingRate", "sdVersion",     "separator",
                           "source",       "subField",      "transform",
                           "unArchive",    "value"})
    all[term] = std::string("cr:") + term;
  return all;
}

json reference(const std::string& id) { return {{"@id", id}}; }

json file_object(const CardFile& file) {
  const std::string address = path_reference(file.path);
  json object{{"@type", "cr:FileObject"},
              {"@id", address},
              {"name", file.path},
              {"contentUrl", address},
              {"contentSize", core::format("{} B", file.bytes)},
              {"encodingFormat", media_type(file.path)}};
  if (!file.sha256.empty()) object["sha256"] = file.sha256;
  return object;
}

json distribution(const DatasetCard& card) {
  json all = json::array();
  std::set<std::string> patterns;
  for (const auto* files : {&card.samples_files, &card.other_files})
    for (const auto& file : *files) all.push_back(file_object(file));
  for (const auto& file : card.samples_files) {
    const auto slash = file.path.rfind('/'), dot = file.path.rfind('.');
    patterns.insert((slash == std::string::npos ? "" : file.path.substr(0, slash + 1)) + "*" +
                    (dot == std::string::npos ? "" : file.path.substr(dot)));
  }
  if (patterns.empty()) return all;
  all.push_back({{"@type", "cr:FileSet"},
                 {"@id", sample_set},
                 {"name", sample_set},
                 {"description", "HDF5 files of the samples"},
                 {"encodingFormat", media_type(card.samples_files.front().path)},
                 {"includes", patterns}});
  return all;
}

json field(const std::string& set, const std::string& name, const json& type,
           const std::string& description = "") {
  json one{{"@type", "cr:Field"},
           {"@id", set + "/" + path_reference(name)},
           {"name", name},
           {"dataType", type}};
  if (!description.empty()) one["description"] = description;
  return one;
}

json record_set(const std::string& name, const std::string& description) {
  return {{"@type", "cr:RecordSet"},
          {"@id", name},
          {"name", name},
          {"description", description},
          {"field", json::array()}};
}

// What the names of the splits mean.
json splits() {
  json set = record_set("splits", "what the samples are for");
  set["dataType"] = "cr:Split";
  set["key"] = reference("splits/name");
  set["field"] = {field("splits", "name", "sc:Text"),
                  field("splits", "url", json{"sc:URL", "cr:Split"})};
  for (const auto& [name, meaning] :
       {std::pair{"train", "cr:TrainingSplit"}, std::pair{"valid", "cr:ValidationSplit"},
        std::pair{"test", "cr:TestSplit"}})
    set["data"].push_back({{"splits/name", name}, {"splits/url", meaning}});
  return set;
}

json parameter_field(const surrogates::NamedValue& parameter) {
  json one = field("samples", parameter.name, "sc:Float", "parameter of the simulation");
  if (!parameter.unit.empty()) one["unitText"] = parameter.unit;
  return one;
}

// The samples themselves: Croissant wants a value of every field in every row.
json samples(const DatasetCard& card) {
  json set = record_set("samples", "the samples, a row each: file, split and parameters");
  set["key"] = reference("samples/file");
  json& fields = set["field"];
  fields.push_back(field("samples", "name", "sc:Text"));
  fields.push_back(field("samples", "file", "sc:Text", "path of its HDF5 file"));
  fields.push_back(field("samples", "split", "sc:Text", "train, valid or test"));
  fields.back()["references"] = {{"field", reference("splits/name")}};
  fields.push_back(field("samples", "deck_hash", "sc:Text",
                         "first 16 hex digits of the SHA-256 of its resolved deck"));
  for (const auto& parameter : card.samples.front().parameters)
    fields.push_back(parameter_field(parameter));
  for (const auto& sample : card.samples) {
    json row{{"samples/name", sample.name},
             {"samples/file", sample.file},
             {"samples/split", sample.split},
             {"samples/deck_hash", sample.deck_hash}};
    for (const auto& parameter : sample.parameters)
      row["samples/" + path_reference(parameter.name)] = parameter.value;
    set["data"].push_back(std::move(row));
  }
  return set;
}

json array_field(const CardArray& array) {
  json one = field("arrays", array.name, "sc:Float", array.description);
  if (!array.unit.empty()) one["unitText"] = array.unit;
  std::string shape;
  for (const auto n : array.shape) shape += (shape.empty() ? "" : ",") + std::to_string(n);
  one["isArray"] = true;
  one["arrayShape"] = shape;
  one["source"] = {{"fileSet", reference(sample_set)}, {"extract", {{"column", array.path}}}};
  return one;
}

json record_sets(const DatasetCard& card) {
  json all = json::array();
  if (!card.samples.empty()) {
    all.push_back(splits());
    all.push_back(samples(card));
  }
  if (card.arrays.empty()) return all;
  json arrays = record_set(
      "arrays",
      "what each sample's HDF5 file has; `column` is the path of the HDF5 dataset in the file");
  for (const auto& array : card.arrays) arrays["field"].push_back(array_field(array));
  all.push_back(std::move(arrays));
  return all;
}

json provenance(const DatasetCard& card) {
  const core::Provenance& from = card.provenance;
  return {{"@type", "prov:Activity"},
          {"prov:label", "understudy generate"},
          {"prov:startedAtTime", from.started},
          {"prov:endedAtTime", card.finished},
          {"prov:used",
           {{"@type", "prov:Entity"},
            {"prov:label", "the resolved deck"},
            {"identifier", from.deck_hash},
            {"encodingFormat", "application/yaml"},
            {"text", from.deck}}},
          {"prov:wasAssociatedWith",
           {{"@type", "prov:SoftwareAgent"},
            {"prov:label", "Understudy"},
            {"softwareVersion", code_version(from.version, from.git)}}},
          {"additionalProperty",
           json::array({{{"@type", "sc:PropertyValue"}, {"name", "seed"}, {"value", from.seed}}})}};
}

// What the deck says of it; nothing of what it does not say.
void add_publication(const DatasetCard& card, json& all) {
  const PublicationParams& p = card.publication;
  all["name"] = p.title.empty() ? card.name : p.title;
  all["description"] = p.description.empty() ? card.description : p.description;
  all["version"] = p.version;
  if (!p.license.empty()) all["license"] = license_address(p.license);
  for (const auto& creator : p.creators)
    all["creator"].push_back(person(creator_of(creator), "sc:Person"));
  if (!p.keywords.empty()) all["keywords"] = p.keywords;
  if (!p.date.empty()) all["datePublished"] = p.date;
  if (!p.url.empty()) all["url"] = p.url;
  if (!p.citation.empty()) all["citeAs"] = p.citation;
}

}  // namespace

json croissant(const DatasetCard& card) {
  json all{{"@context", context()},
           {"@type", "sc:Dataset"},
           {"conformsTo", "http://mlcommons.org/croissant/1.1"},
           {"dateCreated", card.finished},
           {"isLiveDataset", false}};
  add_publication(card, all);
  all["prov:wasGeneratedBy"] = provenance(card);
  all["distribution"] = distribution(card);
  all["recordSet"] = record_sets(card);
  return all;
}

std::vector<CardFile> files_of_card(const json& card) {
  std::vector<CardFile> files;
  const auto found = card.is_object() ? card.find("distribution") : card.end();
  if (found == card.end() || !found->is_array()) return files;
  const auto text = [](const json& object, const char* name) {
    const auto value = object.is_object() ? object.find(name) : object.end();
    return value != object.end() && value->is_string() ? value->get<std::string>() : std::string();
  };
  for (const auto& object : *found) {
    const std::string size = text(object, "contentSize");
    CardFile file{text(object, "name"), text(object, "sha256"), 0};
    const auto read = std::from_chars(size.data(), size.data() + size.size(), file.bytes);
    if (!file.path.empty() && file.sha256.size() == 64 && read.ec == std::errc())
      files.push_back(std::move(file));
  }
  return files;
}

}  // namespace understudy::apps
