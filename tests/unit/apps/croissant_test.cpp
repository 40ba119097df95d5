// A dataset's card in Croissant: what the specification asks for is there, and refers to what is there.
#include "apps/study/croissant.hpp"

#include <gtest/gtest.h>

#include <set>

#include "apps/simulation/dataset_card.hpp"
#include "apps/study/card_text.hpp"

namespace understudy::apps {
namespace {

using nlohmann::json;

const std::string sum_a(64, 'a'), sum_b(64, 'b');

DatasetCard sample_card() {
  DatasetCard card;
  card.name = "wake \"quoted\" ü";
  card.description = "two samples";
  card.provenance.version = "0.2.0";
  card.provenance.git = "abc";
  card.provenance.started = "2026-01-31T12:00:00Z";
  card.provenance.deck = "app: \"flow\"\n";
  card.provenance.deck_hash = "0123456789abcdef";
  card.provenance.seed = 7;
  card.finished = "2026-01-31T12:05:00Z";
  card.samples_files = {{"train/member 0.hdf5", sum_a, 100}, {"valid/member_1.hdf5", sum_b, 200}};
  card.other_files = {{"stats.yaml", sum_b, 30}};
  card.arrays = {{"u", "t0_fields/u", "velocity; axes: sample, time, x, y", "m/s", {1, 5, 24, 16}},
                 {"time", "dimensions/time", "times", "s", {-1}}};
  card.samples = {{"member_0", "train/member 0.hdf5", "train", "h0", {{"flow.reynolds", "1", 100}}},
                  {"member_1", "valid/member_1.hdf5", "valid", "h1", {{"flow.reynolds", "1", 80}}}};
  return card;
}

json made(const DatasetCard& card) { return json::parse(file_text(croissant(card))); }

json named(const json& list, const std::string& id) {
  for (const auto& one : list)
    if (one["@id"] == id) return one;
  throw std::runtime_error("no " + id);
}

void collect(const json& value, std::set<std::string>& defined, std::set<std::string>& wanted) {
  if (value.is_object() && value.contains("@id"))
    (value.size() == 1 ? wanted : defined).insert(value["@id"].get<std::string>());
  if (value.is_structured())
    for (const auto& inner : value) collect(inner, defined, wanted);
}

}  // namespace

TEST(Croissant, HasWhatTheSpecificationRequires) {
  const json card = made(sample_card());
  EXPECT_EQ(card["@type"], "sc:Dataset");
  EXPECT_EQ(card["conformsTo"], "http://mlcommons.org/croissant/1.1");
  EXPECT_EQ(card["@context"]["@vocab"], "https://schema.org/");
  EXPECT_EQ(card["@context"]["conformsTo"], "dct:conformsTo");
  EXPECT_EQ(card["@context"]["recordSet"], "cr:recordSet");
  EXPECT_EQ(card["name"], "wake \"quoted\" ü");
  EXPECT_EQ(card["description"], "two samples");
  EXPECT_EQ(card["version"], "1.0.0");
  EXPECT_EQ(card["dateCreated"], "2026-01-31T12:05:00Z");
  for (const char* of_people : {"license", "creator", "keywords", "datePublished", "url", "citeAs"})
    EXPECT_FALSE(card.contains(of_people)) << "nobody gave it: " << of_people;
  const json& made_by = card["prov:wasGeneratedBy"];
  EXPECT_EQ(made_by["prov:used"]["identifier"], "0123456789abcdef");
  EXPECT_EQ(made_by["prov:used"]["text"], "app: \"flow\"\n");
  EXPECT_EQ(made_by["prov:wasAssociatedWith"]["softwareVersion"], "0.2.0+gabc");
  ASSERT_TRUE(made_by["additionalProperty"].is_array());
  EXPECT_EQ(made_by["additionalProperty"][0]["value"], 7);
}

TEST(Croissant, SaysWhatTheDeckSays) {
  DatasetCard of = sample_card();
  of.publication.title = "A wake";
  of.publication.description = "of a cylinder";
  of.publication.license = "CC0-1.0";
  of.publication.creators = {"Ada <https://orcid.org/0000-0002-1825-0097>", "Emmy"};
  of.publication.keywords = {"flow", "wake"};
  of.publication.version = "1.2.3";
  of.publication.date = "2026-02-01";
  of.publication.url = "https://example.org";
  of.publication.citation = "@misc{x}";
  const json card = made(of);
  EXPECT_EQ(card["name"], "A wake");
  EXPECT_EQ(card["description"], "of a cylinder");
  EXPECT_EQ(card["license"], "https://spdx.org/licenses/CC0-1.0");
  EXPECT_EQ(card["creator"], json::parse(R"([
    {"@type": "sc:Person", "name": "Ada", "url": "https://orcid.org/0000-0002-1825-0097"},
    {"@type": "sc:Person", "name": "Emmy"}])"));
  EXPECT_EQ(card["keywords"], json::parse(R"(["flow", "wake"])"));
  EXPECT_EQ(card["version"], "1.2.3");
  EXPECT_EQ(card["datePublished"], "2026-02-01");
  EXPECT_EQ(card["url"], "https://example.org");
  EXPECT_EQ(card["citeAs"], "@misc{x}");
}

TEST(Croissant, FilesHaveAddressesSizesAndSums) {
  const json card = made(sample_card());
  const json file = named(card["distribution"], "train/member%200.hdf5");
  EXPECT_EQ(file["@type"], "cr:FileObject");
  EXPECT_EQ(file["name"], "train/member 0.hdf5");
  EXPECT_EQ(file["contentUrl"], "train/member%200.hdf5");
  EXPECT_EQ(file["contentSize"], "100 B");
  EXPECT_EQ(file["encodingFormat"], "application/x-hdf5");
  EXPECT_EQ(file["sha256"], sum_a);
  EXPECT_EQ(named(card["distribution"], "stats.yaml")["encodingFormat"], "application/yaml");
  const json set = named(card["distribution"], "sample-files");
  EXPECT_EQ(set["@type"], "cr:FileSet");
  EXPECT_EQ(set["includes"], json::parse(R"(["train/*.hdf5", "valid/*.hdf5"])"));
  EXPECT_EQ(card["distribution"].size(), 4u);
}

TEST(Croissant, RecordsNameSplitsParametersAndArrays) {
  const json card = made(sample_card());
  const json splits = named(card["recordSet"], "splits");
  EXPECT_EQ(splits["dataType"], "cr:Split");
  const json samples = named(card["recordSet"], "samples");
  ASSERT_EQ(samples["data"].size(), 2u);
  EXPECT_EQ(samples["data"][1]["samples/split"], "valid");
  EXPECT_EQ(samples["data"][1]["samples/flow.reynolds"], 80);
  // Rows have a value of every field, and of nothing else.
  for (const json* set : {&splits, &samples}) {
    std::set<std::string> fields;
    for (const auto& field : (*set)["field"]) fields.insert(field["@id"].get<std::string>());
    for (const auto& row : (*set)["data"]) {
      std::set<std::string> names;
      for (const auto& [name, value] : row.items()) names.insert(name);
      EXPECT_EQ(names, fields);
    }
  }
  const json u = named(named(card["recordSet"], "arrays")["field"], "arrays/u");
  EXPECT_EQ(u["@type"], "cr:Field");
  EXPECT_EQ(u["dataType"], "sc:Float");
  EXPECT_EQ(u["isArray"], true);
  EXPECT_EQ(u["arrayShape"], "1,5,24,16");
  EXPECT_EQ(u["unitText"], "m/s");
  EXPECT_EQ(u["source"]["extract"]["column"], "t0_fields/u");
}

TEST(Croissant, RefersOnlyToWhatItDescribes) {
  std::set<std::string> defined, wanted;
  json card = made(sample_card());
  card.erase("@context");
  collect(card, defined, wanted);
  EXPECT_GT(wanted.size(), 2u);
  for (const auto& id : wanted) EXPECT_TRUE(defined.contains(id)) << id;
}

TEST(Croissant, SumsAreReadBack) {
  const auto files = files_of_card(made(sample_card()));
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].path, "train/member 0.hdf5");
  EXPECT_EQ(files[0].bytes, 100u);
  EXPECT_EQ(files[0].sha256, sum_a);
  for (const char* text :
       {"null", "3", "{}", R"({"distribution": 1})", R"({"distribution": [1, {}]})",
        R"({"distribution": [{"name": "a", "sha256": "b", "contentSize": 3}]})"})
    EXPECT_TRUE(files_of_card(json::parse(text)).empty()) << text;
}

TEST(Croissant, SaysTheSameButForTheTimesOfItsMaking) {
  DatasetCard first = sample_card(), second = sample_card();
  first.finished = "2026-01-01T00:00:00Z";
  second.finished = "2026-01-02T00:00:00Z";
  second.provenance.started = "2026-01-01T23:00:00Z";
  EXPECT_NE(croissant(first), croissant(second));
  EXPECT_TRUE(says_the_same(croissant(first), croissant(second)));
  second.publication.license = "CC0-1.0";
  EXPECT_FALSE(says_the_same(croissant(first), croissant(second)));
  second = sample_card();
  second.samples_files.front().bytes += 1;
  EXPECT_FALSE(says_the_same(croissant(first), croissant(second)));
  for (const json& other : {json(), json::array(), json::object()})
    EXPECT_FALSE(says_the_same(croissant(first), other)) << other;
}

}  // namespace understudy::apps
