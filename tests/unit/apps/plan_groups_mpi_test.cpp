// A pilot's groups of ranks: what ends one of them ends all, with the same error.
#include <gtest/gtest.h>

#include "apps/simulation/plan/simulation_pilot.hpp"
#include "core/error.hpp"

namespace understudy::apps {
namespace {

// What every rank throws when the last one alone does: each rank a group of its own.
template <class ErrorType, class Fail>
std::string thrown(const core::Comm& world, const Fail& fail) {
  const bool last = world.rank() == world.size() - 1;
  try {
    in_groups(world, [&] {
      if (last) fail();
    });
  } catch (const ErrorType& error) {
    return error.what();
  }
  return "nothing";
}

TEST(PlanGroups, AnErrorOfOneIsThrownByAll) {
  const core::Comm world = core::Comm::world();
  EXPECT_EQ(thrown<core::RunError>(world, [] { throw core::RunError("field u is nan"); }),
            "field u is nan");
  EXPECT_EQ(thrown<core::UserError>(world, [] { throw core::UserError("flow.cfl: no"); }),
            "flow.cfl: no");
  EXPECT_EQ(thrown<core::Error>(world, [] {}), "nothing");
}

TEST(PlanGroups, ASignalOfOneStopsAllAndComesBeforeErrors) {
  const core::Comm world = core::Comm::world();
  const bool last = world.rank() == world.size() - 1;
  try {
    in_groups(world, [&] {
      if (last) throw core::Interrupted("a training's words", 10);
      throw core::RunError("an error beside it");
    });
    FAIL();
  } catch (const core::Interrupted& stop) {
    EXPECT_EQ(stop.exit_code(), 138);
    EXPECT_EQ(std::string(stop.what()), plan_stopped(10).what());
  }
}

}  // namespace
}  // namespace understudy::apps
