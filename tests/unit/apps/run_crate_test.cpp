// The RO-Crate of an output folder: what the specification and the profile ask for, one action a verb, and every file.
#include "apps/study/run_crate.hpp"

#include <gtest/gtest.h>

#include <set>

#include "apps/study/card_text.hpp"
#include "apps/study/croissant.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/provenance.hpp"
#include "support/scratch.hpp"

namespace understudy::apps {
namespace {

using nlohmann::json;

json section(const std::string& verb, const std::string& started) {
  return {{"verb", verb},
          {"deck", "inputs/my wake.yaml"},
          {"app", "flow"},
          {"version", "0.2.0"},
          {"git", "abc-dirty"},
          {"provenance",
           {{"started", started},
            {"command", "understudy " + verb + " \"my wake.yaml\""},
            {"deck", "app: \"flow\"\n"},
            {"deck_hash", "0123456789abcdef"}}},
          {"timing", {{"total_s", 59.5}}},
          {"metrics",
           {{"flow", {{"strouhal", 0.164}, {"lift", nullptr}}}, {"steps", 12}, {"words", "x"}}}};
}

json made(const CrateInput& input) { return json::parse(file_text(run_crate(input))); }

json entity(const json& crate, const std::string& id) {
  for (const auto& one : crate["@graph"])
    if (one["@id"] == id) return one;
  throw std::runtime_error("no " + id);
}

std::set<std::string> ids(const json& references) {
  std::set<std::string> all;
  for (const auto& one : references) all.insert(one["@id"].get<std::string>());
  return all;
}

CrateInput two_verbs() {
  CrateInput input;
  input.name = "my wake";
  input.sections = {{"train", section("train", "2026-01-02T00:00:00Z")},
                    {"generate", section("generate", "2026-01-01T00:00:00Z")}};
  for (const char* name : {"summary.json", "dataset/train/a b.hdf5", "model/card.yaml",
                           "notes \"é\".txt", "ro-crate-metadata.json"})
    input.files[name] = {10, {}};
  input.sums = {{"summary.json", "s"}};
  input.writers = {{"summary.json", "train"},
                   {"dataset/train/a%20b.hdf5", "generate"},
                   {"model/card.yaml", "train"}};
  return input;
}

Job job_in(const std::filesystem::path& folder, const std::string& verb) {
  Job job;
  job.verb = verb;
  job.out = folder;
  job.comm = core::Comm::self();
  job.tree.name = "my wake.yaml";
  return job;
}

json crate_in(const std::filesystem::path& folder) {
  return json::parse(core::read_file(folder / crate_name));
}

}  // namespace

TEST(RunCrate, HasWhatSpecificationAndProfileRequire) {
  const json crate = made(two_verbs());
  EXPECT_EQ(crate["@context"][0], "https://w3id.org/ro/crate/1.1/context");
  const json descriptor = entity(crate, "ro-crate-metadata.json");
  EXPECT_EQ(descriptor["@type"], "CreativeWork");
  EXPECT_EQ(descriptor["conformsTo"]["@id"], "https://w3id.org/ro/crate/1.1");
  EXPECT_EQ(descriptor["about"]["@id"], "./");
  const json root = entity(crate, "./");
  EXPECT_EQ(root["@type"], "Dataset");
  EXPECT_EQ(root["name"], "my wake");
  EXPECT_EQ(root["datePublished"], "2026-01-02");
  EXPECT_FALSE(root.contains("license"));
  const std::string profile = root["conformsTo"]["@id"];
  EXPECT_EQ(profile, "https://w3id.org/ro/wfrun/process/0.5");
  EXPECT_EQ(entity(crate, profile)["@type"], "CreativeWork");
  EXPECT_EQ(ids(root["mentions"]), (std::set<std::string>{"#verb-generate", "#verb-train"}));
}

TEST(RunCrate, ListsEveryFileButItself) {
  const json crate = made(two_verbs());
  EXPECT_EQ(ids(entity(crate, "./")["hasPart"]),
            (std::set<std::string>{"summary.json", "dataset/train/a%20b.hdf5", "model/card.yaml",
                                   "notes%20%22é%22.txt"}));
  const json file = entity(crate, "dataset/train/a%20b.hdf5");
  EXPECT_EQ(file["@type"], "File");
  EXPECT_EQ(file["name"], "dataset/train/a b.hdf5");
  EXPECT_EQ(file["contentSize"], "10");
  EXPECT_EQ(file["encodingFormat"], "application/x-hdf5");
  EXPECT_FALSE(file.contains("sha256"));
  EXPECT_EQ(entity(crate, "summary.json")["sha256"], "s");
}

TEST(RunCrate, AnActionAVerbLinksDeckProgramFilesAndNumbers) {
  const json crate = made(two_verbs());
  const json train = entity(crate, "#verb-train");
  EXPECT_EQ(train["@type"], "CreateAction");
  EXPECT_EQ(train["startTime"], "2026-01-02T00:00:00Z");
  EXPECT_EQ(train["endTime"], "2026-01-02T00:01:00Z");
  EXPECT_EQ(train["description"], "understudy train \"my wake.yaml\"");
  EXPECT_EQ(train["instrument"]["@id"], "#understudy-0.2.0+gabc.dirty");
  const json program = entity(crate, train["instrument"]["@id"]);
  EXPECT_EQ(program["@type"], "SoftwareApplication");
  EXPECT_EQ(program["softwareVersion"], "0.2.0+gabc.dirty");
  EXPECT_EQ(ids(train["object"]),
            (std::set<std::string>{"#deck-0123456789abcdef", "dataset/train/a%20b.hdf5"}));
  const json deck = entity(crate, "#deck-0123456789abcdef");
  EXPECT_EQ(deck["name"], "my wake.yaml");
  EXPECT_EQ(deck["text"], "app: \"flow\"\n");
  EXPECT_EQ(ids(train["result"]), (std::set<std::string>{"summary.json", "model/card.yaml",
                                                         "#train/flow.strouhal", "#train/steps"}));
  EXPECT_EQ(entity(crate, "#train/flow.strouhal")["value"], 0.164);
  EXPECT_EQ(ids(entity(crate, "./")["variableMeasured"]).size(), 4u);
  EXPECT_EQ(ids(entity(crate, "#verb-generate")["object"]),
            std::set<std::string>{"#deck-0123456789abcdef"});
}

TEST(RunCrate, RefersOnlyToWhatItDescribesAndDescribesNothingTwice) {
  CrateInput input = two_verbs();
  input.publication.license = "CC-BY-4.0";
  input.publication.creators = {"Ada <https://orcid.org/0000-0002-1825-0097>", "Emmy Noether"};
  const json crate = made(input);
  std::set<std::string> defined;
  for (const auto& one : crate["@graph"])
    EXPECT_TRUE(defined.insert(one["@id"].get<std::string>()).second) << one["@id"];
  for (const auto& one : crate["@graph"])
    for (const auto& [name, value] : one.items()) {
      if (one["@id"] == "ro-crate-metadata.json" && name == "conformsTo") continue;
      if (name == "actionStatus") continue;  // a term of schema.org
      for (const auto& target : value.is_array() ? value : json::array({value}))
        if (target.is_object()) {
          EXPECT_TRUE(defined.contains(target["@id"].get<std::string>())) << name << target;
        }
    }
  const json root = entity(crate, "./");
  EXPECT_EQ(root["license"]["@id"], "https://spdx.org/licenses/CC-BY-4.0");
  EXPECT_EQ(ids(root["author"]), (std::set<std::string>{"https://orcid.org/0000-0002-1825-0097",
                                                        "#person-Emmy%20Noether"}));
  EXPECT_EQ(entity(crate, "#person-Emmy%20Noether")["name"], "Emmy Noether");
}

TEST(RunCrate, AFolderOfTooManyFilesIsOneEntity) {
  CrateInput input = two_verbs();
  for (std::size_t n = 0; n <= most_files_of_a_folder; ++n) {
    input.files["fields/" + std::to_string(n) + ".vti"] = {2, {}};
    input.writers["fields/" + std::to_string(n) + ".vti"] = "generate";
  }
  const json crate = made(input);
  EXPECT_EQ(entity(crate, "./")["hasPart"].size(), 5u);
  const json folder = entity(crate, "fields/");
  EXPECT_EQ(folder["@type"], "Dataset");
  EXPECT_EQ(folder["description"], "1001 files, 2002 bytes");
  EXPECT_TRUE(ids(entity(crate, "#verb-generate")["result"]).contains("fields/"));
  EXPECT_EQ(writers_of(crate).at("fields/"), "generate");
}

TEST(RunCrate, SaysAgainWhoWroteWhat) {
  CrateInput input = two_verbs();
  EXPECT_EQ(writers_of(made(input)), input.writers);
  for (const char* text :
       {"null", "[]", "{}", R"({"@graph": 1})", R"({"@graph": [1, {"@type": 2}]})",
        R"({"@graph": [{"@type": "CreateAction", "@id": "#verb-a", "result": 1}]})"})
    EXPECT_TRUE(writers_of(json::parse(text)).empty()) << text;
}

TEST(RunCrate, OfAFolderKnowsTheWritersOfEarlierCrates) {
  const tests::Scratch folder(core::Comm::self());
  core::write_file(folder / "notes.txt", "mine");
  const Job first = job_in(folder.path(), "generate");
  open_output(first);
  core::write_file(folder / "dataset/a b.hdf5", "data");
  core::write_file(folder / "dataset/c.hdf5.1234.understudy.part", "half");
  json summary = section("generate", "2026-01-01T00:00:00Z");
  core::write_file(folder / "summary.json", summary.dump());
  write_run_crate(first, {});
  json crate = crate_in(folder.path());
  EXPECT_EQ(ids(entity(crate, "./")["hasPart"]),
            (std::set<std::string>{"notes.txt", "dataset/a%20b.hdf5", "summary.json"}));
  EXPECT_EQ(writers_of(crate),
            (std::map<std::string, std::string>{{"dataset/a%20b.hdf5", "generate"},
                                                {"summary.json", "generate"}}));
  EXPECT_EQ(entity(crate, "dataset/a%20b.hdf5")["sha256"], core::sha256("data"));

  const Job second = job_in(folder.path(), "train");
  open_output(second);
  core::write_file(folder / "model/card.yaml", "x: 1");
  summary["verbs"] = {{"generate", section("generate", "2026-01-01T00:00:00Z")},
                      {"train", section("train", "2026-01-02T00:00:00Z")}};
  core::write_file(folder / "summary.json", summary.dump());
  write_run_crate(second, {});
  crate = crate_in(folder.path());
  EXPECT_EQ(writers_of(crate),
            (std::map<std::string, std::string>{{"dataset/a%20b.hdf5", "generate"},
                                                {"model/card.yaml", "train"},
                                                {"summary.json", "train"}}));
  PublicationParams none;
  none.ro_crate = false;
  write_run_crate(second, none);
  EXPECT_FALSE(std::filesystem::exists(folder / crate_name));
}

TEST(RunCrate, OfAResumedVerbTakesWhatNoOtherWrote) {
  const tests::Scratch folder(core::Comm::self());
  core::write_file(folder / "fields/0.vti", "of the call that was killed");
  Job job = job_in(folder.path(), "run");
  job.resume = true;
  open_output(job);
  core::write_file(folder / "fields/1.vti", "of this one");
  core::write_file(folder / "summary.json", section("run", "2026-01-01T00:00:00Z").dump());
  write_run_crate(job, {});
  EXPECT_EQ(writers_of(crate_in(folder.path())),
            (std::map<std::string, std::string>{
                {"fields/0.vti", "run"}, {"fields/1.vti", "run"}, {"summary.json", "run"}}));
}

TEST(RunCrate, OfAVerbThatWasKilledIsGoneAndWhatItKnewIsNot) {
  const tests::Scratch folder(core::Comm::self());
  const Job first = job_in(folder.path(), "generate");
  open_output(first);
  core::write_file(folder / "dataset/a.hdf5", "data");
  json verbs = json::object({{"generate", section("generate", "2026-01-01T00:00:00Z")}});
  core::write_file(folder / "summary.json", json::object({{"verbs", verbs}}).dump());
  write_run_crate(first, {});
  open_output(job_in(folder.path(), "train"));  // which is killed
  core::write_file(folder / "model/card.yaml", "half");
  EXPECT_FALSE(std::filesystem::exists(folder / crate_name));
  Job resumed = job_in(folder.path(), "train");
  resumed.resume = true;
  open_output(resumed);
  open_output(resumed);  // once more changes nothing
  verbs["train"] = section("train", "2026-01-02T00:00:00Z");
  core::write_file(folder / "summary.json", json::object({{"verbs", verbs}}).dump());
  write_run_crate(resumed, {});
  const auto writers = writers_of(crate_in(folder.path()));
  EXPECT_EQ(writers.at("dataset/a.hdf5"), "generate");
  EXPECT_EQ(writers.at("model/card.yaml"), "train");
  EXPECT_FALSE(std::filesystem::exists(folder / earlier_crate_name));
}

TEST(RunCrate, TakesOverSumsOfFilesThatHaveNotChanged) {
  const tests::Scratch folder(core::Comm::self());
  for (const char* name : {"same.csv", "longer.csv", "newer.csv", "changed.csv"})
    core::write_file(folder / name, "data");
  CrateInput input = two_verbs();
  input.files.clear();
  const std::string known(64, 'k');
  for (const char* name : {"same.csv", "longer.csv", "newer.csv", "changed.csv"}) {
    input.files[name] = {name == std::string("longer.csv") ? 5u : 4u, {}};
    input.sums[name] = known;
  }
  core::write_file(folder / crate_name, file_text(run_crate(input)));
  // Not by the clock, whose ticks may be coarse.
  const auto written = std::filesystem::last_write_time(folder / crate_name);
  for (const char* name : {"same.csv", "longer.csv", "changed.csv"})
    std::filesystem::last_write_time(folder / name, written - std::chrono::seconds(1));
  std::filesystem::last_write_time(folder / "newer.csv", written + std::chrono::seconds(1));
  const Job job = job_in(folder.path(), "run");
  open_output(job);
  core::write_file(folder / "changed.csv", "atad");
  core::write_file(folder / "summary.json", section("run", "2026-01-01T00:00:00Z").dump());
  write_run_crate(job, {});
  const json crate = crate_in(folder.path());
  EXPECT_EQ(entity(crate, "same.csv")["sha256"], known);
  for (const char* name : {"longer.csv", "newer.csv"})
    EXPECT_EQ(entity(crate, name)["sha256"], core::sha256("data")) << name;
  EXPECT_EQ(entity(crate, "changed.csv")["sha256"], core::sha256("atad"));
}

TEST(RunCrate, KeepsWhatAnotherProgramWrote) {
  const std::vector<std::string> foreign{"not JSON", "[]", R"({"@graph": [{"@id": "./"}]})"};
  for (const std::string& text : foreign) {
    const tests::Scratch folder(core::Comm::self());
    core::write_file(folder / crate_name, text);
    core::write_file(folder / "dataset/croissant.json", text);
    const Job job = job_in(folder.path(), "run");
    open_output(job);
    core::write_file(folder / "summary.json", section("run", "2026-01-01T00:00:00Z").dump());
    PublicationParams none;
    none.ro_crate = false;
    write_run_crate(job, none);
    EXPECT_EQ(core::read_file(folder / crate_name), text);
    write_run_crate(job, {});
    EXPECT_EQ(core::read_file(folder / "ro-crate-metadata.before_1.json"), text);
    EXPECT_TRUE(is_own_crate(crate_in(folder.path()))) << text;
  }
}

TEST(RunCrate, ThatCannotBeWrittenEndsNoVerb) {
  const tests::Scratch folder(core::Comm::self());
  const Job job = job_in(folder / "out", "run");
  core::write_file(folder / "out", "no folder");
  EXPECT_NO_THROW(write_run_crate(job, {}));
  EXPECT_EQ(core::read_file(folder / "out"), "no folder");
}

TEST(RunCrate, HashesNothingThatItDoesNotTell) {
  FolderListing files;
  for (std::size_t n = 0; n <= most_files_of_a_folder; ++n) {
    files["fields/" + std::to_string(n) + ".vti"] = {};
    files[std::to_string(n) + ".csv"] = {};
    if (n > 0) files["pictures/" + std::to_string(n) + ".png"] = {};
  }
  EXPECT_EQ(folders_told_as_one(files), std::set<std::string>{"fields/"});
}

TEST(FolderListing, LeavesOutOtherRunsAndWhatLiesTooDeep) {
  const tests::Scratch folder(core::Comm::self());
  for (const char* name :
       {"summary.json", "contenders/small/model/member_2/card.yaml", "a/b/c/d/e.csv",
        "a/b/c/d/e/f.csv", "run_2/summary.json", "run_2/fields.csv",
        "passed_on/ro-crate-metadata.json", "passed_on/a.csv", ".hidden", "half.part"})
    core::write_file(folder / name, "x");
  std::set<std::string> found;
  const FolderListing files = list_folder(folder.path());
  for (const auto& [path, stamp] : files) found.insert(path);
  EXPECT_EQ(found, (std::set<std::string>{"summary.json", "a/b/c/d/e.csv",
                                          "contenders/small/model/member_2/card.yaml"}));
}

TEST(RunCrate, OfLargeFilesHasTheSumsThatADatasetsCardHas) {
  const tests::Scratch folder(core::Comm::self());
  const Job job = job_in(folder.path(), "generate");
  open_output(job);
  const std::string large(largest_summed_file + 1, 'x');
  for (const char* name : {"dataset/train/a.hdf5", "dataset/train/b.hdf5", "other.bin"})
    core::write_file(folder / name, large);
  DatasetCard card;
  card.samples_files = {{"train/a.hdf5", std::string(64, 'a'), large.size()},
                        {"train/b.hdf5", std::string(64, 'b'), large.size() + 1}};
  core::write_file(folder / "dataset/croissant.json", file_text(croissant(card)));
  // Not by the clock, whose ticks may be coarse.
  const auto made = std::filesystem::last_write_time(folder / "dataset/train/a.hdf5");
  std::filesystem::last_write_time(folder / "dataset/croissant.json",
                                   made + std::chrono::seconds(1));
  core::write_file(folder / "summary.json", section("generate", "2026-01-01T00:00:00Z").dump());
  write_run_crate(job, {});
  const json crate = crate_in(folder.path());
  EXPECT_EQ(entity(crate, "dataset/train/a.hdf5")["sha256"], std::string(64, 'a'));
  EXPECT_FALSE(entity(crate, "dataset/train/b.hdf5").contains("sha256")) << "of another size";
  EXPECT_FALSE(entity(crate, "other.bin").contains("sha256"));
  EXPECT_TRUE(entity(crate, "summary.json").contains("sha256"));
}

}  // namespace understudy::apps
