// The learned side of seismic decks through the program: random models, training, the four ways side by
// side; NumPy files in place of own shots.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <set>

#include "support/apps_cli.hpp"
#include "surrogates/arrays/pair_dataset.hpp"

namespace understudy::tests {
namespace {

std::string seismic_deck(const std::string& name) {
  return std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/seismic/" + name + ".yaml";
}

// 20 x 20 cells of 30 m, two shots; a training of seconds.
const std::vector<std::string> tiny{
    "grid.lower_m=[0,-600]",
    "grid.upper_m=[600,0]",
    "grid.cells=[20,20]",
    "time.end_s=0.496",
    "time.record_every_s=0.008",
    "seismic.absorbing.width_cells=8",
    "seismic.wavelet.frequency_hz=6",
    "seismic.sources=[{first_m: [45, 45], last_m: [555, 45], count: 2}]",
    "seismic.receivers=[{first_m: [15, 15], last_m: [585, 15], count: 20}]",
    "dataset.training=12",
    "dataset.validation=3",
    "dataset.test=2",
    "dataset.shard=4",
    "training.epochs=2",
    "training.max_time_s=0",
    "training.precision=float32",
    "network.width=4",
    "network.latent=16",
    "forward.training.epochs=2",
    "forward.training.max_time_s=0",
    "forward.training.precision=float32",
    "forward.network={kind: forward_net, width: 8, encoder_width: 4, latent: 16, patch: [1, 1]}",
    "inversion.stages=[{max_frequency_hz: 6, iterations: 2}, {max_frequency_hz: 0, iterations: 2}]",
    "compare.models=1"};

Outcome tiny_verb(const std::string& verb, const fs::path& out,
                  const std::vector<std::string>& more = {}, int ranks = 1, bool resume = false) {
  std::vector<std::string> words{verb, seismic_deck("flat_layers"), "--out", out};
  if (resume) words.push_back("--resume");
  return understudy(with_settings(words, tiny, more), ranks);
}

TEST(AppsSeismicStudy, FourWaysSideBySide) {
  const Scratch scratch;
  const fs::path out = scratch / "study";
  // An angle of 180 degrees trusts whatever network; then the gate takes over at once.
  auto outcome = tiny_verb("study", out, {"forward.largest_angle_deg=180"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* file :
       {"report.html", "comparison.csv", "model/card.yaml", "model/weights.safetensors",
        "model/README.md", "forward_model/card.yaml", "training_inversion.csv"})
    EXPECT_TRUE(fs::exists(out / file)) << file;
  auto metrics = summary(out)["metrics"];
  for (const char* way : {"fwi", "learned", "learned_forward", "hybrid"}) {
    const auto& one = metrics["seismic"]["ways"][way];
    EXPECT_GT(one["model_error"]["rel_l2"].get<double>(), 0) << way;
    EXPECT_GT(one["time_to_solution_s"].get<double>(), 0) << way;
    EXPECT_GT(one["misfit_ratio"].get<double>(), 0) << way;
  }
  EXPECT_EQ(metrics["swap"]["accepted_fraction"], 1);
  EXPECT_EQ(metrics["dataset"]["models"], 17);
  EXPECT_GT(metrics["speedup"]["same_grid"].get<double>(), 1);
  const std::string page = slurp(out / "report.html");
  for (const char* words : {"Four ways to a model", "Test model 15", "full-waveform inversion"})
    EXPECT_NE(page.find(words), std::string::npos) << words;
  // Two epochs of 12 samples make no model, and everybody who meets it is told.
  const auto verdict = metrics["training"]["inversion"]["verdict"].get<std::string>();
  EXPECT_TRUE(verdict.starts_with("this model is bad: on 2 test samples, ")) << verdict;
  EXPECT_NE(outcome.err.find(verdict), std::string::npos) << outcome.err;
  EXPECT_NE(slurp(out / "model/README.md").find("**Beware: " + verdict), std::string::npos);
  EXPECT_NE(page.find("Training said of the learned inversion: " + verdict), std::string::npos);

  outcome = tiny_verb("compare", out, {"forward.largest_angle_deg=1"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  metrics = summary(out)["metrics"];
  EXPECT_EQ(metrics["swap"]["accepted_fraction"], 0);
  // The wave equation alone from the same start: the same inversion.
  const auto& ways = metrics["seismic"]["ways"];
  EXPECT_NEAR(ways["learned_forward"]["model_error"]["rel_l2"].get<double>(),
              ways["fwi"]["model_error"]["rel_l2"].get<double>(), 1e-6);
}

TEST(AppsSeismicStudy, InvertStartsFromWhatTheNetworkMakesOfTheData) {
  const Scratch scratch;
  const fs::path out = scratch / "study", inverted = scratch / "inverted";
  for (const char* verb : {"generate", "train"}) {
    const auto made = tiny_verb(verb, out, {"compare.ways=[fwi, learned]"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  const std::string network = "inversion.start_network=" + (out / "model").string();
  auto outcome = tiny_verb("invert", inverted, {network});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE((outcome.out + outcome.err).find("the start is what the learned inversion in "),
            std::string::npos);
  // Another start than the deck's, and a better model at the end than that start.
  const auto plain = tiny_verb("invert", scratch / "plain");
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  const auto with = summary(inverted)["metrics"]["seismic"],
             without = summary(scratch / "plain")["metrics"]["seismic"];
  EXPECT_NE(with["misfit_start"], without["misfit_start"]);
  EXPECT_LT(with["misfit_ratio"].get<double>(), 1);
  // On two ranks the same start.
  outcome = tiny_verb("invert", scratch / "two", {network}, 2);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const double start = with["misfit_start"].get<double>();
  EXPECT_NEAR(summary(scratch / "two")["metrics"]["seismic"]["misfit_start"].get<double>(), start,
              1e-4 * start);
  // What does not fit is refused before anything is written.
  expect_refused(tiny_verb("invert", scratch / "a", {"inversion.start_network=nowhere"}),
                 {"no model in ", "nowhere", "`understudy train` makes one"});
  expect_refused(tiny_verb("invert", scratch / "b", {network, "time.end_s=0.4"}),
                 {"the model's ", "Train a model for this run"});
  for (const char* folder : {"a", "b"}) EXPECT_FALSE(fs::exists(scratch / folder)) << folder;
}

TEST(AppsSeismicStudy, ModelsAreTheSameOnTwoRanksAndKeptOnResume) {
  const Scratch scratch;
  std::vector<double> errors;
  for (const int ranks : {1, 2}) {
    const fs::path out = scratch / std::to_string(ranks);
    auto outcome = tiny_verb("generate", out, {}, ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(summary(out)["metrics"]["dataset"]["made_now"], 17);
    outcome = tiny_verb("generate", out, {"training.epochs=3"}, ranks, true);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(summary(out)["metrics"]["dataset"]["made_now"], 0);
    // How shots are dealt over ranks makes no other dataset.
    outcome =
        tiny_verb("train", out, {"compare.ways=[fwi, learned]", "seismic.shots_at_once=2"}, ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_FALSE(fs::exists(out / "forward_model"));
    errors.push_back(
        summary(out)["metrics"]["training"]["inversion"]["error"]["test"]["mae"].get<double>());
  }
  EXPECT_NEAR(errors[0], errors[1], 1e-4 * errors[0]);
  // As in every app: without --resume all is made anew.
  const auto anew = tiny_verb("generate", scratch / "1");
  ASSERT_EQ(anew.exit_code, 0) << anew.err;
  EXPECT_EQ(summary(scratch / "1")["metrics"]["dataset"]["made_now"], 17);
  EXPECT_EQ(tiny_verb("train", scratch / "1", {"compare.ways=[fwi, learned]"}).exit_code, 0);
}

TEST(AppsSeismicStudy, WhatIsMissingOrAnotherIsSaid) {
  const Scratch scratch;
  const fs::path out = scratch / "out";
  expect_refused(tiny_verb("train", out), {"no dataset in"});
  expect_refused(tiny_verb("compare", out), {"no dataset in"});
  expect_refused(tiny_verb("generate", scratch / "slow", {"dataset.speed_most_m_s=2000"}),
                 {"dataset.speed_least_m_s and speed_most_m_s allow"});
  expect_refused(tiny_verb("generate", out, {"seismic.equation=elastic"}),
                 {"datasets are made with the acoustic equation"});
  expect_refused(tiny_verb("check", out, {"compare.ways=[learned]"}), {"begins with fwi"});
  expect_refused(tiny_verb("check", out, {"compare.ways=[fwi, magic]"}), {"names 'magic'"});
  expect_refused(tiny_verb("calibrate", out), {"does not take `calibrate`"});
  expect_refused(understudy({"invert", deck("../weather/williamson_2")}),
                 {"invert takes decks with app: flow, seismic"});
  expect_refused(understudy({"invert", deck("cavity")}),
                 {"assimilation.unknowns: names nothing to find", "viscosity, inflow"});
  ASSERT_EQ(tiny_verb("generate", out).exit_code, 0);
  expect_refused(tiny_verb("compare", out), {"no model in"});
  expect_refused(tiny_verb("generate", out, {"seed=2"}), {"another deck"});
  expect_refused(tiny_verb("train", out, {"time.end_s=0.4"}), {"generate into another --out"});
  // The same shapes of other physics.
  for (const char* verb : {"train", "compare"})
    expect_refused(tiny_verb(verb, out, {"seismic.wavelet.frequency_hz=5"}),
                   {"pairs_000000.h5 was made by another deck (hash ", "; this one's is "});
}

TEST(AppsSeismicStudy, AStoppedGenerateIsToldByTrainAndItsCostIsAdded) {
  const Scratch scratch;
  const fs::path out = scratch / "out", data = out / "dataset";
  ASSERT_EQ(tiny_verb("generate", out).exit_code, 0);
  // As one that was killed leaves it: four models to train on and one to test with are not there.
  for (const char* shard : {"pairs_000008.h5", "pairs_000016.h5"})
    ASSERT_TRUE(fs::remove(data / shard)) << shard;
  const double before = surrogates::read_pairs(data).cost_core_s;
  const auto trained = tiny_verb("train", out, {"compare.ways=[fwi]"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_NE(trained.err.find(
                "12 of the deck's 17 models are in " + data.string() +
                ": 8 of 12 to train, 3 of 3 to validate, 1 of 2 to test; `understudy generate"),
            std::string::npos)
      << trained.err;

  const auto resumed = tiny_verb("generate", out, {}, 1, true);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  auto made = summary(out)["metrics"]["dataset"];
  EXPECT_EQ(made["made_now"], 5);
  const double all = surrogates::read_pairs(data).cost_core_s;
  EXPECT_GT(before, 0);
  EXPECT_NEAR(made["core_s"].get<double>(), all, 1e-9 * all);
  EXPECT_NEAR(made["core_s_now"].get<double>(), all - before, 1e-9 * all);
  const auto again = tiny_verb("generate", out, {}, 1, true);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  made = summary(out)["metrics"]["dataset"];
  EXPECT_NEAR(made["core_s"].get<double>(), all, 1e-9 * all);
  EXPECT_EQ(made["core_s_now"], 0);
}

std::map<std::string, std::string> shards_in(const fs::path& folder) {
  std::map<std::string, std::string> shards;
  for (const auto& entry : fs::directory_iterator(folder))
    shards[entry.path().filename().string()] = slurp(entry.path());
  return shards;
}

TEST(AppsSeismicStudy, AModelThatFailsInOneGroupKeepsWhatBothHaveMade) {
  const Scratch scratch;
  ASSERT_EQ(tiny_verb("generate", scratch / "all").exit_code, 0);
  // The model of the largest speed of all is the one that is too fast.
  const auto models = surrogates::read_pairs(scratch / "all" / "dataset");
  std::vector<std::pair<double, long long>> fastest;
  for (long long n = 0; n < models.samples(); ++n)
    fastest.emplace_back(std::ranges::max(models.output(n)), n);
  std::ranges::sort(fastest, std::greater{});
  const long long bad = fastest[0].second;
  const std::string limit =
      "dataset.speed_most_m_s=" + std::to_string(0.5 * (fastest[0].first + fastest[1].first));
  const std::string said = "model " + std::to_string(bad) + " has speeds from";

  const fs::path out = scratch / "out";
  const auto failed = tiny_verb("generate", out, {limit}, 2);
  expect_refused(failed, {said});
  // Both groups ended with it: one speaks, and none has to be killed.
  EXPECT_EQ(failed.err.find(said, failed.err.find(said) + 1), std::string::npos) << failed.err;
  EXPECT_EQ(failed.err.find("MPI_ABORT"), std::string::npos) << failed.err;
  // Of the failing group all before the bad one (its models are every other one), of the other one at least.
  const auto kept = surrogates::read_pairs(out / "dataset");
  const std::set<long long> numbers(kept.index.begin(), kept.index.end());
  EXPECT_FALSE(numbers.contains(bad));
  for (long long n = bad - 2; n >= 0; n -= 2) EXPECT_TRUE(numbers.contains(n)) << n;
  EXPECT_TRUE(std::ranges::any_of(numbers, [&](long long n) { return (n - bad) % 2 != 0; }));

  const auto before = shards_in(out / "dataset");
  const auto resumed = tiny_verb("generate", out, {limit}, 2, true);
  expect_refused(resumed,
                 {said, std::to_string(numbers.size()) + " of 17 models are already there"});
  const auto after = shards_in(out / "dataset");
  for (const auto& [name, bytes] : before) {
    ASSERT_TRUE(after.contains(name)) << name;
    EXPECT_TRUE(after.at(name) == bytes) << name << " was made again";
  }
  EXPECT_NO_THROW(surrogates::read_pairs(out / "dataset")) << "no model is there twice";
}

// NumPy's format version 1.
void write_npy(const fs::path& path, const std::vector<long long>& shape,
               const std::vector<float>& values) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (const auto n : shape) header += std::to_string(n) + ", ";
  header += "), }";
  header.resize((header.size() + 10 + 64) / 64 * 64 - 11, ' ');
  header += '\n';
  const auto length = static_cast<std::uint16_t>(header.size());
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(length & 255);
  text += static_cast<char>(length >> 8);
  text += header;
  text.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  spit(path, text);
}

TEST(AppsSeismicStudy, TrainsOnNumPyFiles) {
  const Scratch scratch;
  for (int file = 1; file <= 2; ++file) {
    std::vector<float> data(8 * 2 * 126 * 20), model(8 * 20 * 20);
    for (std::size_t n = 0; n < data.size(); ++n) data[n] = float(std::sin(0.1 * double(n)));
    for (std::size_t n = 0; n < model.size(); ++n) model[n] = 1600 + float(n % 20) * 100;
    write_npy(scratch / ("data" + std::to_string(file) + ".npy"), {8, 2, 126, 20}, data);
    write_npy(scratch / ("model" + std::to_string(file) + ".npy"), {8, 1, 20, 20}, model);
  }
  const std::vector<std::string> files{"dataset.input_files=" + (scratch / "data*.npy").string(),
                                       "dataset.output_files=" + (scratch / "model*.npy").string(),
                                       "dataset.stride=2", "compare.ways=[fwi]"};
  const auto outcome = tiny_verb("train", scratch / "out", files);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto trained = summary(scratch / "out")["metrics"]["training"]["inversion"];
  EXPECT_GT(trained["samples"].get<int>(), 8) << "samples of both files";
  auto missing = files;
  missing[0] = "dataset.input_files=" + (scratch / "nothing*.npy").string();
  expect_refused(tiny_verb("train", scratch / "out2", missing), {"no file matches"});
  expect_refused(tiny_verb("generate", scratch / "out2", files), {"train reads them"});
  // Files belong together by their numbers: one that is missing does not shift the others.
  fs::rename(scratch / "data2.npy", scratch / "data03.npy");
  expect_refused(tiny_verb("train", scratch / "out2", files),
                 {"there is no partner of", "data03.npy", "model2.npy"});
  fs::rename(scratch / "model2.npy", scratch / "model3.npy");
  EXPECT_EQ(tiny_verb("train", scratch / "out2", files).exit_code, 0);
  for (const char* file : {"model1.npy", "model3.npy"})
    write_npy(scratch / file, {8, 1, 20, 20}, std::vector<float>(8 * 20 * 20, 2.5f));
  expect_refused(tiny_verb("train", scratch / "out2", files), {"are they in km/s"});
}

}  // namespace
}  // namespace understudy::tests
