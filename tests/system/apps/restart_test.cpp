// A run that was stopped and resumed is bitwise the uninterrupted one; a swap that never swaps is bitwise
// the simulation.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "apps/flow/flow.hpp"
#include "apps/simulation/simulation_study.hpp"
#include "core/format.hpp"
#include "mesh/io/checkpoint.hpp"
#include "support/apps_cli.hpp"

namespace understudy::tests {
namespace {

std::vector<std::string> wake(const fs::path& out, const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"run", deck("cylinder_wake"), "--out", out};
  add_settings(arguments, {"grid.cells=[128,64]", "swap.policy=never", "time.window_s=0.1",
                           "time.output_every=100", "output.pictures=[]"});
  add_settings(arguments, more);
  return arguments;
}

long rows(const fs::path& csv) {
  const std::string text = slurp(csv);
  return std::ranges::count(text, '\n');
}

void expect_same_results(const fs::path& a, const fs::path& b, const std::string& last_field) {
  expect_same_file(a / "diagnostics.csv", b / "diagnostics.csv");
  expect_same_file(a / "fields.pvd", b / "fields.pvd");
  ASSERT_TRUE(fs::exists(a / "fields" / last_field));
  expect_same_file(a / "fields" / last_field, b / "fields" / last_field);
}

std::string last_file(const fs::path& out) {
  std::string last;
  for (const auto& entry : fs::directory_iterator(out / "fields"))
    if (entry.path().extension() == ".vti") last = std::max(last, entry.path().filename().string());
  return last;
}

class Restart : public testing::TestWithParam<int> {};

TEST_P(Restart, StoppedBySignalAndResumedIsBitwiseTheUninterruptedRun) {
  const int ranks = GetParam();
  const Scratch scratch;
  const fs::path whole = scratch / "whole", parts = scratch / "parts";

  Process process({wake(parts, {"time.end_s=1000"}), ranks});
  for (int n = 0; n < 2000 && rows(parts / "diagnostics.csv") < 30; ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  // mpirun passes SIGUSR1 on and keeps the ranks' exit code; SIGTERM is for itself, and it kills the
  // ranks soon after.
  const int signal = ranks == 1 ? SIGTERM : SIGUSR1;
  kill(process.id(), signal);
  const Outcome stopped = process.wait();
  EXPECT_EQ(stopped.exit_code, 128 + signal) << stopped.err;
  EXPECT_NE(stopped.err.find("stopped by signal " + std::to_string(signal) + " at"),
            std::string::npos)
      << stopped.err;
  EXPECT_NE(stopped.err.find("checkpoint.h5"), std::string::npos) << stopped.err;

  // However late the signal came, both runs end some windows after it.
  const long stopped_after = rows(parts / "diagnostics.csv") - 2;  // header, initial state
  const std::vector<std::string> end{core::format("time.end_s={}", (stopped_after + 50) * 0.1)};
  const Outcome uninterrupted = understudy(wake(whole, end), ranks);
  ASSERT_EQ(uninterrupted.exit_code, 0) << uninterrupted.err;
  ASSERT_EQ(rows(whole / "diagnostics.csv"), rows(parts / "diagnostics.csv") + 50);

  auto again = wake(parts, end);
  again.push_back("--resume");
  const Outcome resumed = understudy(again, ranks);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("resuming at"), std::string::npos) << resumed.err;
  expect_same_results(whole, parts, last_file(whole));
}

INSTANTIATE_TEST_SUITE_P(Ranks, Restart, testing::Values(1, 2));

TEST(Restart, ALongerRunGoesOnFromAShorterOne) {
  const Scratch scratch;
  const fs::path whole = scratch / "whole", parts = scratch / "parts";
  ASSERT_EQ(understudy(wake(whole, {"time.end_s=4"})).exit_code, 0);
  ASSERT_EQ(understudy(wake(parts, {"time.end_s=1.5"})).exit_code, 0);
  auto again = wake(parts, {"time.end_s=4"});
  again.push_back("--resume");
  ASSERT_EQ(understudy(again).exit_code, 0);
  expect_same_file(whole / "diagnostics.csv", parts / "diagnostics.csv");
}

TEST(Restart, TheTimeLimitWritesACheckpoint) {
  const Scratch scratch;
  const Outcome outcome = understudy(
      wake(scratch / "out", {"time.end_s=1000", "time.max_wall_s=0.5", "output.vtk=false"}));
  EXPECT_EQ(outcome.exit_code, 128 + SIGTERM) << outcome.err;
  EXPECT_NE(outcome.err.find("time.max_wall_s"), std::string::npos) << outcome.err;
  EXPECT_TRUE(fs::exists(scratch / "out" / "checkpoint.h5"));
}

TEST(Swap, NeverIsBitwiseThePureSimulation) {
  const Scratch scratch;
  ASSERT_EQ(understudy(wake(scratch / "cli", {"time.end_s=3"})).exit_code, 0);

  // The solver alone, with no swap around it.
  apps::JobOptions options;
  options.verb = "run";
  options.deck = deck("cylinder_wake");
  options.settings = {"grid.cells=[128,64]", "time.window_s=0.1", "time.end_s=3"};
  const apps::SimulationJob job = apps::simulation_job(options, apps::make_flow);
  auto pure = apps::make_simulation<double>(job.deck, job.comm);
  solvers::RunLoop<double> loop{
      .stepper = *pure.stepper, .time = job.deck.time, .progress_title = ""};
  loop.run(*pure.state);

  auto swapped = apps::make_simulation<double>(job.deck, job.comm);
  mesh::read_checkpoint(scratch / "cli/checkpoint.h5", *swapped.state);
  EXPECT_EQ(swapped.state->step, pure.state->step);
  for (const auto& field : pure.state->fields()) {
    const auto a = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    const auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(),
                                                       (*swapped.state)[field.info.name].data);
    const auto r = pure.state->grid().points(field.info.location);
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        ASSERT_EQ(a(0, 0, j, i), b(0, 0, j, i)) << field.info.name << " " << i << " " << j;
  }
}

}  // namespace
}  // namespace understudy::tests
