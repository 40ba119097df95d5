// croissant.json and ro-crate-metadata.json as the verbs write them: every file is listed, every listed file is there,
// and its sum is its content's.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "core/sha256.hpp"
#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

using nlohmann::json;

const char* const cavity = R"(app: flow
grid: {cells: [16, 12]}
time: {end_s: 0.2, window_s: 0.05}
flow:
  reynolds: 100
  boundaries:
    x_lower: {kind: wall}
    x_upper: {kind: wall}
    y_lower: {kind: wall}
    y_upper: {kind: wall, velocity_m_s: ["1", "0"]}
  pressure: {method: multigrid}
output: {pictures: []}
ensemble:
  parameters: [{key: flow.reynolds, values: [50, 100, 200]}]
  validation: [1]
  test: []
  windows: 3
publication:
  title: 'Lid "driven" cavity, Ü'
  license: CC-BY-4.0
  creators: ["Ada <https://orcid.org/0000-0002-1825-0097>"]
)";

class Publishing : public testing::Test {
 protected:
  void SetUp() override { spit(deck_, cavity); }

  void run(const std::string& verb, const std::vector<std::string>& more = {}, int ranks = 1) {
    std::vector<std::string> words{verb, deck_, "--out", out_};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = understudy(words, ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }

  json card() const { return json::parse(slurp(out_ / "dataset/croissant.json")); }
  json crate() const { return json::parse(slurp(out_ / "ro-crate-metadata.json")); }

  std::set<std::string> files(const fs::path& folder) const {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file())
        names.insert(fs::relative(entry.path(), folder).generic_string());
    return names;
  }

  static json entity(const json& crate, const std::string& id) {
    for (const auto& one : crate["@graph"])
      if (one["@id"] == id) return one;
    ADD_FAILURE() << "the crate has no " << id;
    return {};
  }

  void expect_whole_card() {
    std::set<std::string> listed{"croissant.json"};
    const json all = card();
    for (const auto& file : all["distribution"]) {
      if (file["@type"] != "cr:FileObject") continue;
      const fs::path path = out_ / "dataset" / file["contentUrl"].get<std::string>();
      listed.insert(file["name"].get<std::string>());
      ASSERT_TRUE(fs::exists(path)) << path;
      EXPECT_EQ(file["contentSize"], std::to_string(fs::file_size(path)) + " B");
      EXPECT_EQ(file["sha256"], core::sha256_of_file(path)) << path;
    }
    EXPECT_EQ(listed, files(out_ / "dataset"));
  }

  void expect_whole_crate() {
    std::set<std::string> listed{"ro-crate-metadata.json"};
    const json all = crate();
    const json root = entity(all, "./");
    for (const auto& part : root["hasPart"]) {
      const std::string id = part["@id"];  // these names need no escapes
      listed.insert(id);
      ASSERT_TRUE(fs::exists(out_ / id)) << id;
      const json file = entity(all, id);
      EXPECT_EQ(file["contentSize"], std::to_string(fs::file_size(out_ / id)));
      if (file.contains("sha256")) {
        EXPECT_EQ(file["sha256"], core::sha256_of_file(out_ / id)) << id;
      }
    }
    EXPECT_EQ(listed, files(out_));
  }

  Scratch scratch_;
  fs::path deck_ = scratch_ / "my cavity.yaml", out_ = scratch_ / "out put";
};

}  // namespace

TEST_F(Publishing, GenerateAndRunLeaveCardsOfAllThatThereIs) {
  run("generate", {}, 2);
  expect_whole_card();
  expect_whole_crate();
  const json dataset = card();
  EXPECT_EQ(dataset["name"], "Lid \"driven\" cavity, Ü");
  EXPECT_EQ(dataset["license"], "https://spdx.org/licenses/CC-BY-4.0");
  EXPECT_EQ(dataset["conformsTo"], "http://mlcommons.org/croissant/1.1");
  const json provenance = summary(out_)["provenance"];
  EXPECT_EQ(dataset["prov:wasGeneratedBy"]["prov:used"]["identifier"], provenance["deck_hash"]);
  std::map<std::string, json> records;
  for (const auto& set : dataset["recordSet"]) records[set["@id"].get<std::string>()] = set;
  ASSERT_EQ(records["samples"]["data"].size(), 3u);
  std::map<std::string, int> splits;
  for (const auto& row : records["samples"]["data"]) {
    ++splits[row["samples/split"].get<std::string>()];
    EXPECT_TRUE(fs::exists(out_ / "dataset" / row["samples/file"].get<std::string>()));
  }
  EXPECT_EQ(splits, (std::map<std::string, int>{{"train", 2}, {"valid", 1}}));
  std::map<std::string, std::string> shapes, units;
  for (const auto& field : records["arrays"]["field"]) {
    shapes[field["name"].get<std::string>()] = field["arrayShape"];
    if (field.contains("unitText")) units[field["name"].get<std::string>()] = field["unitText"];
  }
  EXPECT_EQ(shapes["u"], "1,4,16,12");
  EXPECT_EQ(units["u"], "m/s");
  EXPECT_EQ(shapes["time"], "4");
  EXPECT_EQ(shapes["y"], "12");
  EXPECT_EQ(shapes["closing_faces_u"], "1,4,1,12");  // between walls
  EXPECT_EQ(shapes["closing_faces_v"], "1,4,16,1");
  EXPECT_FALSE(shapes.contains("closing_faces_p"));
  EXPECT_FALSE(shapes.contains("cell_measures")) << "of cells that are alike";

  run("run");
  expect_whole_crate();
  const json folder = crate();
  EXPECT_EQ(entity(folder, "./")["mentions"].size(), 2u);
  EXPECT_EQ(entity(folder, "./")["name"], "Lid \"driven\" cavity, Ü");
  std::set<std::string> of_run, of_generate;
  const json ran = entity(folder, "#verb-run"), generated = entity(folder, "#verb-generate");
  for (const auto& result : ran["result"]) of_run.insert(result["@id"].get<std::string>());
  for (const auto& result : generated["result"])
    of_generate.insert(result["@id"].get<std::string>());
  EXPECT_TRUE(of_run.contains("diagnostics.csv"));
  EXPECT_TRUE(of_run.contains("summary.json"));
  EXPECT_TRUE(of_run.contains("#run/steps"));
  EXPECT_FALSE(of_run.contains("dataset/croissant.json"));
  EXPECT_TRUE(of_generate.contains("dataset/croissant.json"));
  EXPECT_FALSE(of_generate.contains("diagnostics.csv"));
}

TEST_F(Publishing, ResumedVerbsMakeTheCardsAnew) {
  run("generate");
  const json before = card();
  fs::remove(out_ / "ro-crate-metadata.json");
  run("generate", {"--resume", "--set", "publication.license=CC0-1.0"});
  json after = card();
  EXPECT_EQ(after["license"], "https://spdx.org/licenses/CC0-1.0");
  EXPECT_EQ(after["distribution"], before["distribution"]);
  EXPECT_EQ(after["recordSet"], before["recordSet"]);
  expect_whole_card();
  expect_whole_crate();
  // A sample that is made anew has another sum.
  const fs::path sample = out_ / "dataset" / before["distribution"][0]["name"].get<std::string>();
  spit(sample, "not HDF5");
  run("generate", {"--resume"});
  expect_whole_card();
  expect_whole_crate();
}

TEST_F(Publishing, ACardThatWouldSayTheSameStays) {
  run("generate");
  // Older than the card by more than a tick of any clock.
  for (const auto& name : files(out_ / "dataset"))
    if (name != "croissant.json")
      fs::last_write_time(
          out_ / "dataset" / name,
          fs::last_write_time(out_ / "dataset/croissant.json") - std::chrono::seconds(5));
  const std::string before = slurp(out_ / "dataset/croissant.json");
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // times are of whole seconds
  run("generate", {"--resume"});
  EXPECT_EQ(slurp(out_ / "dataset/croissant.json"), before);
  expect_whole_crate();
}

TEST_F(Publishing, SumsOfSamplesThatStayAreTakenOver) {
  run("generate");
  const fs::path path = out_ / "dataset/croissant.json";
  json planted = card();
  const std::string kept = planted["distribution"][0]["name"],
                    gone = planted["distribution"][1]["name"];
  const std::string sum(64, 'f');  // not its own: so it is seen that nobody read it
  planted["distribution"][0]["sha256"] = sum;
  spit(path, planted.dump());
  fs::last_write_time(path, fs::last_write_time(out_ / "dataset" / kept) + std::chrono::seconds(5));
  fs::remove(out_ / "dataset" / gone);
  run("generate", {"--resume"}, 2);
  const json after = card();
  EXPECT_EQ(after["distribution"][0]["name"], kept);
  EXPECT_EQ(after["distribution"][0]["sha256"], sum);
  EXPECT_EQ(after["distribution"][1]["name"], gone);
  EXPECT_EQ(after["distribution"][1]["sha256"], core::sha256_of_file(out_ / "dataset" / gone));
}

TEST_F(Publishing, ACardThatCannotBeWrittenStopsNothingWhereNothingWasMade) {
  run("generate");
  const fs::path path = out_ / "dataset/croissant.json";
  const std::string sample = card()["distribution"][0]["name"];
  fs::remove(path);
  spit(path / "in the way", "a folder cannot be replaced by a file");
  const Outcome resumed = understudy({"generate", deck_, "--out", out_, "--resume"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_NE((resumed.err + resumed.out).find("no new "), std::string::npos) << resumed.err;
  fs::remove(out_ / "dataset" / sample);
  const Outcome made = understudy({"generate", deck_, "--out", out_, "--resume"});
  EXPECT_NE(made.exit_code, 0);
  EXPECT_NE(made.err.find("croissant.json"), std::string::npos) << made.err;
  EXPECT_TRUE(fs::exists(out_ / "dataset" / sample));
}

TEST_F(Publishing, CanBeLeftOut) {
  run("generate");
  run("generate",
      {"--resume", "--set", "publication.croissant=false", "--set", "publication.ro_crate=false"});
  EXPECT_FALSE(fs::exists(out_ / "dataset/croissant.json"));
  EXPECT_FALSE(fs::exists(out_ / "ro-crate-metadata.json"));
}

TEST_F(Publishing, WhatCannotBePublishedSoIsRefused) {
  expect_refused(
      understudy({"generate", deck_, "--out", out_, "--set", "publication.license=my own"}),
      {"publication.license", "my own", "CC-BY-4.0"});
  EXPECT_FALSE(fs::exists(out_));
}

}  // namespace understudy::tests
