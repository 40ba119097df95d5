// What summaries say of messages: of a run with each pressure solver, of networks, of training; on one rank nothing is
// sent. Numbers, never times.
#include <gtest/gtest.h>

#include "support/apps_study_cli.hpp"

namespace understudy::tests {
namespace {

nlohmann::json run_metrics(const std::string& method, int ranks) {
  const Scratch scratch;
  const Outcome ran =
      understudy({"run", deck("cavity"), "--out", scratch / "out", "--threads", "1", "--set",
                  "grid.cells=[32,32]", "--set", "time.end_s=0.2", "--set", "time.window_s=0.1",
                  "--set", "flow.lines=[]", "--set", "flow.pressure.method=" + method},
                 ranks);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  return summary(scratch / "out")["metrics"];
}

TEST(Traffic, OfARunIsToldByWindow) {
  std::map<std::string, double> messages;
  for (const std::string method : {"fft", "multigrid", "petsc"}) {
    SCOPED_TRACE(method);
    const auto alone = run_metrics(method, 1), two = run_metrics(method, 2);
    for (const char* count : {"count", "bytes", "collectives", "collective_bytes"}) {
      const std::string key = std::string(count) + "_per_window";
      EXPECT_EQ(alone["messages"][key], 0) << key;
      EXPECT_GT(two["messages"][key].get<double>(), 0) << key;
    }
    EXPECT_GT(two["memory"]["peak_bytes_per_rank"].get<double>(), 1e6);
    messages[method] = two["messages"]["count_per_window"].get<double>() /
                       two["steps"].get<double>() * two["windows"].get<double>();
  }
  // What PETSc sends by itself is in it: an exchange each iteration, where fft has two in all.
  EXPECT_GT(messages["petsc"], 2 * messages["fft"]);
}

TEST_F(Study, SaysWhatAStepOfTrainingAndACallSend) {
  const auto alone = summary(*scratch / "out")["verbs"]["train"]["metrics"]["training"];
  EXPECT_GT(alone["step_s"].get<double>(), 0);
  EXPECT_GT(alone["operations_per_window"].get<double>(), alone["weights"].get<double>());
  EXPECT_EQ(alone["messages"]["collective_bytes_per_step"], 0);
  const fs::path out = copy("two_ranks");
  const Outcome trained = understudy(call("train", out), 2);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto two = summary(out)["metrics"]["training"];
  // The gradient's sum, and a few numbers beside it.
  const double gradient = 4 * two["weights"].get<double>();
  EXPECT_GE(two["messages"]["collective_bytes_per_step"].get<double>(), gradient);
  EXPECT_LT(two["messages"]["collective_bytes_per_step"].get<double>(), 1.1 * gradient + 200);
  EXPECT_GT(two["messages"]["collectives_per_step"].get<double>(), 0);

  const Outcome ran = understudy(call("run", *scratch / "called",
                                      {"swap.policy=always", "time.end_s=2",
                                       "swap.model=" + (*scratch / "out/model").string()}),
                                 2);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto m = summary(*scratch / "called")["metrics"];
  EXPECT_EQ(m["inference"]["on"], "blocks");
  EXPECT_GT(m["inference"]["operations_per_call"].get<double>(), 0);
  // A window is a call, and what restores the constraints.
  EXPECT_GE(m["messages"]["count_per_window"].get<double>(),
            m["inference"]["sent_per_call"]["messages"].get<double>());
}

}  // namespace
}  // namespace understudy::tests
