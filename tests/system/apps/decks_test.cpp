// Every deck in inputs/ runs in a small setting on one and on two ranks, gives the number of its row, and
// writes what the contract of the outputs says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "solvers/seismic/survey/gathers.hpp"
#include "support/apps_cli.hpp"
#include "support/apps_deck_table.hpp"
#include "support/apps_recorded_waves.hpp"

namespace understudy::tests {
namespace {

const fs::path inputs = fs::path(UNDERSTUDY_SOURCE_DIR) / "inputs";

std::string name_of(const fs::path& path) {
  return fs::relative(path, inputs).replace_extension("").string();
}

std::vector<fs::path> all_decks() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(inputs))
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

DeckRow row_of(const std::string& deck) {
  for (const auto& row : deck_rows())
    if (row.deck == deck) return row;
  return {};
}

// What decks read and no source file brings: samples of a wake's velocity, points of a process.
fs::path make_samples(const fs::path& folder) {
  const Outcome outcome = understudy(
      with_settings({"generate", inputs / "flow/wake_samples.yaml", "--out", folder},
                    {"grid.cells=[64,32]", "ensemble.spin_up_s=0.5", "output.pictures=[]"}, {}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return folder / "dataset";
}

fs::path make_points(const std::string& process, const fs::path& folder) {
  const std::string simulation =
      process == "reaction" ? "flow/reacting_scalar" : "weather/bin_emulator";
  auto settings = row_of(simulation).settings;
  settings.push_back("sub_models." + process + "={policy: collect, store_every: 7}");
  const Outcome outcome = understudy(
      with_settings({"run", inputs / (simulation + ".yaml"), "--out", folder}, settings, {}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return folder / "sub_models" / process / "dataset";
}

fs::path make_fields(const fs::path& folder) {
  write_waves(folder);
  return folder;
}

std::vector<std::string> settings_of(const DeckRow& row, const Scratch& scratch) {
  auto settings = row.settings;
  for (auto& setting : settings) {
    const std::string key = setting.substr(0, setting.find('{'));
    if (setting.ends_with("{samples}"))
      setting = key + make_samples(scratch / "samples").string();
    else if (setting.ends_with("{points}"))
      setting = key + make_points(fs::path(row.deck).filename(), scratch / "points").string();
    else if (setting.ends_with("{fields}"))
      setting = key + make_fields(scratch / "fields").string();
  }
  return settings;
}

double last_of_column(const fs::path& csv, const std::string& column) {
  std::istringstream text(slurp(csv));
  std::string heading, line;
  std::getline(text, heading);
  const auto at = heading.find(column);
  if (at == std::string::npos) return NAN;
  const auto before = std::ranges::count(heading.substr(0, at), ',');
  for (std::string next; std::getline(text, next);) line = next;
  std::istringstream fields(line);
  std::string field;
  for (long n = 0; n <= before; ++n) std::getline(fields, field, ',');
  return std::stod(field);
}

double metric_of(const DeckRow& row, const fs::path& out) {
  if (row.metric.starts_with("gathers/")) {
    double squares = 0;
    const auto set = solvers::seismic::read_gathers(out / "gathers.h5", row.metric.substr(8));
    for (const auto& shot : set.shots)
      for (const double value : shot.values) squares += value * value;
    return std::sqrt(squares);
  }
  if (row.metric.starts_with("diagnostics/"))
    return last_of_column(out / "diagnostics.csv", row.metric.substr(12));
  const auto metrics = summary(out)["metrics"];
  const nlohmann::json::json_pointer at("/" + row.metric);
  return metrics.contains(at) && metrics.at(at).is_number() ? metrics.at(at).get<double>() : NAN;
}

/// What the deck says in its line `app: NAME`.
std::string app_of(const fs::path& deck) {
  std::istringstream text(slurp(deck));
  for (std::string line; std::getline(text, line);)
    if (line.starts_with("app: ")) return line.substr(5, line.find_first_of(" #", 5) - 5);
  return "";
}

void expect_contract(const nlohmann::json& s, const DeckRow& row, int ranks) {
  for (const char* key :
       {"verb", "deck", "app", "version", "git", "provenance", "backend", "timing", "metrics"})
    EXPECT_TRUE(s.contains(key)) << key;
  EXPECT_EQ(s["verb"], row.verb);
  EXPECT_EQ(s["app"], app_of(inputs / (row.deck + ".yaml")));
  EXPECT_EQ(s["backend"]["ranks"], ranks);
  for (const char* key :
       {"kokkos", "threads", "torch", "torch_device", "torch_threads", "precision"})
    EXPECT_TRUE(s["backend"].contains(key)) << key;
  for (const char* key : {"deck", "deck_hash", "host", "cpu", "compiler", "started", "command"})
    EXPECT_FALSE(s["provenance"].value(key, "").empty()) << key;
  EXPECT_GT(s["timing"]["total_s"].get<double>(), 0);
}

void expect_files(const DeckRow& row, const fs::path& out, int ranks) {
  std::vector<std::string> files;
  if (row.deck.starts_with("flow/") && row.verb == "invert") {
    files = {"assimilation.csv", "assimilation.h5", "initial.pvd", "course.pvd", "invert.html"};
  } else if (row.deck.starts_with("flow/") || row.deck.starts_with("weather/")) {
    files = {"fields.pvd", "checkpoint.h5", "diagnostics.csv"};
    const std::string index = slurp(out / "fields.pvd"), piece = ranks == 1 ? "_000000.vt" : ".pvt";
    EXPECT_TRUE(index.find(piece + "i\"") != std::string::npos ||
                index.find(piece + "u\"") != std::string::npos)
        << index;
    const auto frames = std::distance(fs::directory_iterator(out / "pictures"), {});
    EXPECT_GE(frames, 2) << "frames of the first and the last window";
  } else if (row.deck.starts_with("fields/")) {
    files = {"model/card.yaml", "report.html", "comparison.csv", "trajectories.csv"};
  } else if (row.verb == "invert") {
    files = {"model.h5", "inversion.csv", "inversion.pvd", "model.png"};
  } else if (row.verb == "run") {
    files = {"gathers.h5", "model.png"};
  } else if (row.verb == "train") {
    files = {"model/card.yaml", "model/weights.safetensors"};
  } else if (row.verb == "pinn") {
    files = {"fields.pvd", "history.csv", "report.html", "model/card.yaml"};
  }
  for (const auto& file : files) EXPECT_TRUE(fs::exists(out / file)) << file;
}

class Decks : public testing::TestWithParam<std::string> {};

TEST_P(Decks, GivesItsNumberOnOneAndTwoRanks) {
  const DeckRow row = row_of(GetParam());
  ASSERT_FALSE(row.verb.empty()) << GetParam() << " has no row in support/apps_deck_table.hpp";
  const Scratch scratch;
  const auto settings = settings_of(row, scratch);
  for (const int ranks : {1, 2}) {
    SCOPED_TRACE(std::to_string(ranks) + " ranks");
    const fs::path out = scratch / std::to_string(ranks);
    const Outcome outcome = understudy(
        with_settings({row.verb, inputs / (row.deck + ".yaml"), "--out", out}, settings, {}),
        ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    expect_contract(summary(out), row, ranks);
    expect_files(row, out, ranks);
    EXPECT_NEAR(metric_of(row, out), row.value, row.tolerance * std::abs(row.value)) << row.metric;
  }
}

std::vector<std::string> deck_names() {
  std::vector<std::string> names;
  for (const auto& path : all_decks()) names.push_back(name_of(path));
  return names;
}

INSTANTIATE_TEST_SUITE_P(Inputs, Decks, testing::ValuesIn(deck_names()), [](const auto& row) {
  std::string name = row.param;
  std::ranges::replace(name, '/', '_');
  return name;
});

TEST(Inputs, NoRowIsWithoutItsDeck) {
  for (const auto& row : deck_rows())
    EXPECT_TRUE(fs::exists(inputs / (row.deck + ".yaml"))) << row.deck;
}

// What check prints is a deck, and of the same text, hence hash. Files that decks name lie beside them.
TEST(Inputs, EveryResolvedDeckReadsBackAsItself) {
  const Scratch scratch;
  for (const auto& path : all_decks()) {
    SCOPED_TRACE(path);
    std::vector<std::string> arguments{"check", path};
    for (const auto& setting : settings_of(row_of(name_of(path)), scratch))
      if (setting.starts_with("problem.data=") || setting.starts_with("assimilation.samples=") ||
          setting.starts_with("fields.dataset="))
        add_settings(arguments, {setting});
    const Outcome first = understudy(arguments);
    ASSERT_EQ(first.exit_code, 0) << first.err;
    const fs::path resolved = scratch / fs::relative(path, inputs).string();
    spit(resolved, first.out);
    for (const auto& entry : fs::directory_iterator(path.parent_path()))
      if (entry.is_regular_file() && entry.path().extension() != ".yaml")
        fs::copy_file(entry.path(), resolved.parent_path() / entry.path().filename(),
                      fs::copy_options::skip_existing);
    const Outcome second = understudy({"check", resolved});
    ASSERT_EQ(second.exit_code, 0) << second.err;
    EXPECT_EQ(first.out.substr(first.out.find('\n')), second.out.substr(second.out.find('\n')));
  }
}

TEST(Inputs, ADeckWithoutItsSamplesIsRefusedWithTheirName) {
  const Scratch scratch;
  expect_refused(understudy({"check", inputs / "pinn/wake_inverse.yaml", "--set",
                             "problem.data=" + (scratch / "none.csv").string()}),
                 {"none.csv"});
}

TEST(Inputs, SamplersWriteTheirFiles) {
  const Scratch scratch;
  std::vector<std::string> arguments{"run", deck("channel_dfg_2d2"), "--out", scratch / "out"};
  add_settings(arguments, row_of("flow/channel_dfg_2d2").settings);
  add_settings(arguments, {"flow.lines.0.name=outlet", "flow.lines.0.from_m=[2, 0]",
                           "flow.lines.0.to_m=[2, 0.41]", "flow.lines.0.points=5"});
  const Outcome outcome = understudy(arguments);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::string probes = slurp(scratch / "out" / "probes.csv");
  EXPECT_TRUE(probes.starts_with("time_s,front u [m/s],back u [m/s]")) << probes;
  EXPECT_EQ(std::ranges::count(probes, '\n'), 12);  // heading, start, ten windows
  const std::string line = slurp(scratch / "out" / "lines" / "outlet_000010.csv");
  EXPECT_TRUE(line.starts_with("x_m,y_m,z_m,u [m/s]")) << line;
  EXPECT_EQ(std::ranges::count(line, '\n'), 6);
}

TEST(Catalog, ListSaysWhatThisBuildHas) {
  const Outcome outcome = understudy({"list"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const char* word : {"flow", "seismic", "pinn", "points", "unet", "never", "always",
                           "schedule", "gate", "distance", "fft", "kokkos", "torch"})
    EXPECT_NE(outcome.out.find(word), std::string::npos) << word;
}

TEST(Catalog, CommittedDeckReferenceIsCurrent) {
  const Outcome outcome = understudy({"list", "--deck-reference"});
  EXPECT_EQ(outcome.exit_code, 0);
  const std::string committed = slurp(fs::path(UNDERSTUDY_SOURCE_DIR) / "docs/deck_reference.md");
  const auto [at, other] =
      std::mismatch(outcome.out.begin(), outcome.out.end(), committed.begin(), committed.end());
  EXPECT_TRUE(at == outcome.out.end() && other == committed.end())
      << "differs at line " << 1 + std::count(outcome.out.begin(), at, '\n')
      << "; make it anew: ./understudy list --deck-reference > docs/deck_reference.md";
}

}  // namespace
}  // namespace understudy::tests
