// The schedule of checkpoints against brute force and against Griewank and Walther's closed form.
#include "solvers/step_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "support/mesh_io_scratch.hpp"

namespace understudy::solvers {
namespace {

using tests::contains;
using tests::user_error;

struct Played {
  long long recomputed = 0;  ///< steps advanced without being kept
  long long most_kept = 0, most_stored = 0;
  std::vector<int> reversed;
  int turns = 0;
};

// Plays a schedule and checks that every action is possible: the state is where advance() says, slots
// that are restored were stored, steps that are reversed are kept.
Played play(const StepSchedule& schedule) {
  Played p;
  int state = 0, kept_begin = 0, kept_end = 0;
  std::map<int, int> slots{{-1, 0}};
  StepSchedule::Actions actions;
  actions.advance = [&](int begin, int end, bool keep) {
    EXPECT_EQ(state, begin);
    EXPECT_LT(begin, end);
    if (keep) {
      EXPECT_EQ(kept_begin, kept_end) << "kept steps were not reversed";
      kept_begin = begin;
      kept_end = end;
      p.most_kept = std::max<long long>(p.most_kept, end - begin);
    } else {
      p.recomputed += end - begin;
    }
    state = end;
  };
  actions.store = [&](int slot) {
    EXPECT_GE(slot, 0);
    EXPECT_LT(slot, schedule.snapshots());
    slots[slot] = state;
    p.most_stored = std::max<long long>(p.most_stored, slot + 1);
  };
  actions.restore = [&](int slot) {
    ASSERT_TRUE(slots.contains(slot)) << slot;
    state = slots[slot];
  };
  actions.turn = [&] {
    ++p.turns;
    EXPECT_EQ(state, schedule.steps());
    EXPECT_TRUE(p.reversed.empty());
  };
  actions.reverse = [&](int begin, int end) {
    EXPECT_EQ(begin, kept_begin);
    EXPECT_EQ(end, kept_end);
    for (int n = end - 1; n >= begin; --n) p.reversed.push_back(n);
    kept_begin = kept_end;
  };
  schedule.run(actions);
  return p;
}

TEST(StepSchedule, EveryStepIsReversedOnceInOrderWithinTheMemory) {
  for (const int steps : {1, 2, 3, 7, 50, 333, 2000})
    for (const double limit : {100.0, 250.0, 700.0, 3000.0, 50000.0, 1e9})
      for (const double snapshot : {50.0, 400.0, 5000.0}) {
        SCOPED_TRACE(testing::Message()
                     << steps << " steps in " << limit << ", snapshot " << snapshot);
        const StepSchedule schedule(steps, {limit, 100, snapshot});
        const Played p = play(schedule);
        ASSERT_EQ(p.reversed.size(), std::size_t(steps));
        for (int n = 0; n < steps; ++n) ASSERT_EQ(p.reversed[n], steps - 1 - n);
        EXPECT_EQ(p.turns, 1);
        EXPECT_LE(p.most_kept, schedule.block());
        EXPECT_LE(p.most_stored, schedule.snapshots());
        EXPECT_LE(double(schedule.block()) * 100 + schedule.snapshots() * snapshot, limit);
        EXPECT_LE(p.recomputed, schedule.recomputed());
        if (steps % schedule.block() == 0) {
          EXPECT_EQ(p.recomputed, schedule.recomputed());
        }
        if (steps * 100.0 <= limit) {
          EXPECT_EQ(p.recomputed, 0);
        }
      }
}

// Fewest steps advanced to reverse `steps` with `slots` besides the start (Griewank and Walther 2000,
// theorem 6.1): r steps - beta(c + 1, r - 1), c = slots + 1, beta(c, r) = (c + r)! / (c! r!), r the least
// with beta(c, r) >= steps.
long long revolve(int steps, int slots) {
  const auto beta = [](int c, int r) {
    double value = 1;
    for (int n = 1; n <= r; ++n) value = value * (c + n) / n;
    return r < 0 ? 0LL : std::llround(value);
  };
  int r = 0;
  while (beta(slots + 1, r) < steps) ++r;
  return 1LL * r * steps - beta(slots + 2, r - 1);
}

TEST(StepSchedule, RecomputesAsLittleAsRevolve) {
  EXPECT_EQ(revolve(3, 0), 3);  // by hand: 2 + 1 steps
  EXPECT_EQ(revolve(10, 2), 15);
  for (const int steps : {2, 3, 5, 10, 20, 56, 200})
    for (const int slots : {0, 1, 2, 3, 5, 9}) {
      // One step at a time, and room for so many states.
      const StepSchedule schedule(steps, {100.0 + slots, 100, 1});
      ASSERT_EQ(schedule.block(), 1);
      EXPECT_EQ(play(schedule).recomputed, revolve(steps, slots)) << steps << ", " << slots;
    }
}

TEST(StepSchedule, TooLittleMemoryIsRefused) {
  const auto error =
      user_error([] { StepSchedule(10, {1e6, 2.345e6, 1e6, "inversion.memory_limit_mb"}); });
  EXPECT_TRUE(contains(error, "inversion.memory_limit_mb leaves no room to keep one time step"));
  EXPECT_TRUE(contains(error, "at least 2.35 MB"));
  const auto fixed = user_error([] { StepSchedule(10, {1.5e6, 1e6, 1e6, "limit", 2e6}); });
  EXPECT_TRUE(contains(fixed, "limit leaves no room to keep one time step: at least 3 MB"));
}

}  // namespace
}  // namespace understudy::solvers
