// Every deck in inputs/pinn checks, and runs in a small setting on one rank and on two. One whose samples are
// another run's output, not in the sources, is refused with their name.
#include <gtest/gtest.h>

#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

const std::vector<std::string> small{
    "sampling.interior=64",      "sampling.boundary=16",          "sampling.initial=16",
    "sampling.data=64",          "sampling.adapt_candidates=128", "optimiser.steps=4",
    "optimiser.warm_up_steps=0", "optimiser.lbfgs_iterations=0",  "curriculum.stages=[]",
    "evaluate_every=0",          "output.pictures=false"};

std::vector<std::string> decks() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(UNDERSTUDY_SOURCE_DIR) / "inputs/pinn"))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem());
  std::ranges::sort(names);
  return names;
}

// The deck's file of samples; empty: it names none.
std::string samples_of(const std::string& path) {
  const std::string text = slurp(path), key = "data: ";
  for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
    const char before = at == 0 ? '\n' : text[at - 1];
    if (before != ' ' && before != '{' && before != '\n') continue;
    const std::size_t begin = at + key.size();
    const std::string name = text.substr(begin, text.find_first_of(" ,}\n", begin) - begin);
    if (!name.empty() && !std::isdigit(static_cast<unsigned char>(name[0]))) return name;
  }
  return "";
}

class PinnDecks : public testing::TestWithParam<std::string> {};

TEST_P(PinnDecks, ChecksAndRunsSmallOnOneAndTwoRanks) {
  const Scratch scratch;
  const std::string path =
      std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/pinn/" + GetParam() + ".yaml";
  const Outcome checked = understudy({"check", path});
  const std::string samples = samples_of(path);
  if (!samples.empty() && !fs::exists(fs::path(path).parent_path() / samples)) {
    expect_refused(checked, {fs::path(samples).filename()});
    return;
  }
  ASSERT_EQ(checked.exit_code, 0) << checked.err;
  for (const int ranks : {1, 2}) {
    const fs::path out = scratch / std::to_string(ranks);
    const Outcome outcome =
        understudy(with_settings({"pinn", path, "--out", out}, small, {}), ranks);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto s = summary(out);
    EXPECT_EQ(s["app"], "pinn");
    EXPECT_EQ(s["backend"]["ranks"], ranks);
    EXPECT_GT(double(s["metrics"]["pinn"]["iteration_s"]), 0);
    for (const char* file : {"fields.pvd", "history.csv", "report.html", "model/card.yaml"})
      EXPECT_TRUE(fs::exists(out / file)) << file;
  }
}

INSTANTIATE_TEST_SUITE_P(Inputs, PinnDecks, testing::ValuesIn(decks()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace understudy::tests
