// What a report says in words of how its comparison was made.
#include <gtest/gtest.h>

#include <algorithm>

#include "apps/flow/flow.hpp"
#include "apps/simulation/comparison_report.hpp"
#include "apps/simulation/simulation_study.hpp"

namespace understudy::apps {
namespace {

std::string notes_of(const std::vector<surrogates::ClassicalPoint>& points) {
  JobOptions options;
  options.verb = "compare";
  options.deck = std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/flow/kolmogorov_2d.yaml";
  const SimulationJob job = simulation_job(options, make_flow);
  SimulationDeck deck = job.deck;
  surrogates::ComparisonResult result;
  result.times_s = {0, 1};
  result.classical = points;
  const surrogates::ModelCard card;
  const ComparisonRecord record{job, deck, result, card, {}, {}, {}};
  std::string all;
  for (const auto& note : method_notes(record)) all += note + "\n";
  return all;
}

surrogates::ClassicalPoint point(const std::string& name, bool spectral,
                                 const std::string& refused = "") {
  surrogates::ClassicalPoint p;
  p.name = name;
  p.other_method = spectral;
  p.refused = refused;
  return p;
}

TEST(ComparisonWords, SpectralRunsHaveASentenceWhereThereAreAny) {
  const std::string start = "Spectral classical runs start from the state's modes",
                    threads = "Each of their transforms uses one thread";
  const auto with = notes_of({point("64 x 64", false), point("spectral 64 x 64", true)});
  EXPECT_NE(with.find(start), std::string::npos) << with;
  EXPECT_NE(with.find(threads), std::string::npos) << with;
  EXPECT_EQ(notes_of({point("64 x 64", false)}).find(start), std::string::npos);
  EXPECT_EQ(notes_of({}).find(start), std::string::npos);
  EXPECT_EQ(notes_of({point("spectral 64 x 64", true, "two ranks")}).find(start),
            std::string::npos);
}

}  // namespace
}  // namespace understudy::apps
