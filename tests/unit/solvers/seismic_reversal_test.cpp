// The schedule of checkpoints against brute force and against Griewank and Walther's closed form; misfits
// and regularisation against finite differences; the low pass on different sampling.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>

#include "core/error.hpp"
#include "core/sampling.hpp"
#include "solvers/seismic/acoustic/step_schedule.hpp"
#include "solvers/seismic/inversion/misfit.hpp"
#include "solvers/seismic/inversion/regularisation.hpp"
#include "solvers/seismic/survey/wavelet.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::solvers::seismic {
namespace {

using tests::contains;
using tests::user_error;

// --- the schedule

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

TEST(SeismicStepSchedule, EveryStepIsReversedOnceInOrderWithinTheMemory) {
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

TEST(SeismicStepSchedule, RecomputesAsLittleAsRevolve) {
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

TEST(SeismicStepSchedule, TooLittleMemoryIsRefused) {
  const auto error = user_error([] { StepSchedule(10, {1e6, 2.345e6, 1e6}); });
  EXPECT_TRUE(contains(error, "inversion.memory_limit_mb leaves no room to keep one time step"));
  EXPECT_TRUE(contains(error, "at least 2.35 MB"));
}

// --- misfits

Gather random_gather(int samples, int receivers, std::uint64_t seed) {
  core::SplitMix random(seed);
  Gather gather(samples, receivers);
  for (auto& v : gather.values) v = 2 * random.uniform() - 1;
  return gather;
}

TEST(SeismicMisfit, DerivativesAreThoseOfFiniteDifferences) {
  const Gather u = random_gather(31, 2, 1), d = random_gather(31, 2, 2);
  for (const auto& kind : Misfit::kinds()) {
    const Misfit misfit(kind, 0.004, 31);
    const TraceMisfit at = misfit(u, d);
    EXPECT_GT(at.value, 0);
    double largest = 0;
    for (const double v : at.derivative.values) largest = std::max(largest, std::abs(v));
    for (std::size_t n = 0; n < u.values.size(); ++n) {
      const double h = 1e-5;
      Gather more = u, less = u;
      more.values[n] += h;
      less.values[n] -= h;
      const double slope = (misfit(more, d).value - misfit(less, d).value) / (2 * h);
      EXPECT_NEAR(at.derivative.values[n], slope, 1e-6 * largest) << kind << " " << n;
    }
  }
}

TEST(SeismicMisfit, NothingIsWrongWithEqualTraces) {
  const Gather d = random_gather(40, 3, 4);
  for (const auto& kind : Misfit::kinds()) {
    const TraceMisfit at = Misfit(kind, 0.004, 40)(d, d);
    EXPECT_NEAR(at.value, 0, 1e-15) << kind;
    for (const double v : at.derivative.values) EXPECT_NEAR(v, 0, 1e-15) << kind;
  }
}

TEST(SeismicMisfit, ValuesAreThoseOfTheirFormulas) {
  // One trace of two samples, dt 0.5: u = (3, 4), d = (3, 0).
  Gather u(2, 1), d(2, 1);
  u.values = {3, 4};
  d.values = {3, 0};
  EXPECT_NEAR(Misfit("least_squares", 0.5, 2)(u, d).value, 0.5 * 16 * 0.5, 1e-14);
  // |d| = 3 sqrt(0.5); <u, d> / (|u| |d|) = 9 / 15.
  EXPECT_NEAR(Misfit("correlation", 0.5, 2)(u, d).value, 3 * std::sqrt(0.5) * (1 - 0.6), 1e-14);
}

TEST(SeismicMisfit, CorrelationIsBlindToAmplitudes) {
  const Gather u = random_gather(40, 2, 5), d = random_gather(40, 2, 6);
  Gather louder = u;
  for (auto& v : louder.values) v *= 17;
  const Misfit misfit("correlation", 0.004, 40);
  const auto at = misfit(u, d);
  EXPECT_NEAR(misfit(louder, d).value, at.value, 1e-13 * at.value);
  EXPECT_GT(Misfit("least_squares", 0.004, 40)(louder, d).value,
            10 * Misfit("least_squares", 0.004, 40)(u, d).value);
  // So its derivative has no part along u.
  for (int r = 0; r < 2; ++r) {
    double along = 0, size = 0;
    for (int n = 0; n < 40; ++n) {
      along += at.derivative.at(n, r) * u.at(n, r);
      size += std::abs(at.derivative.at(n, r) * u.at(n, r));
    }
    EXPECT_NEAR(along, 0, 1e-13 * size);
  }
}

TEST(SeismicMisfit, SilentTracesDoNotBreakIt) {
  const Gather silent(20, 2), d = random_gather(20, 2, 3);
  for (const auto& kind : Misfit::kinds()) {
    const Misfit misfit(kind, 0.004, 20);
    for (const auto& result : {misfit(silent, d), misfit(d, silent), misfit(silent, silent)}) {
      EXPECT_TRUE(std::isfinite(result.value)) << kind;
      for (const double v : result.derivative.values) EXPECT_TRUE(std::isfinite(v)) << kind;
    }
  }
}

// The envelope of a wave packet does not see its phase (Wu, Luo and Wu 2014).
TEST(SeismicMisfit, EnvelopeIsBlindToThePhaseOfAPacket) {
  const auto packet = [](double phase) {
    Gather g(400, 1);
    for (int n = 0; n < 400; ++n) {
      const double t = (n - 200) * 0.004;
      g.at(n, 0) = std::exp(-50 * t * t) * std::cos(2 * std::numbers::pi * 20 * t + phase);
    }
    return g;
  };
  const Misfit envelope("envelope", 0.004, 400), squares("least_squares", 0.004, 400);
  EXPECT_LT(envelope(packet(0), packet(1.5)).value, 1e-4 * squares(packet(0), packet(1.5)).value);
  EXPECT_THROW(Misfit("none_such", 0.004, 10), std::invalid_argument);
}

// --- the low pass

TEST(SeismicLowPass, DoesTheSameToAWaveletAndToTracesOfAnotherInterval) {
  const Wavelet wavelet({.frequency_hz = 12}, ".");
  for (const double cutoff : {4.0, 8.0, 15.0}) {
    auto fine = wavelet.sampled(0.0005, 2001);
    auto coarse = wavelet.sampled(0.004, 251);
    low_pass(fine, 1, 0.0005, cutoff);
    low_pass(coarse, 1, 0.004, cutoff);
    double largest = 0;
    for (const double v : fine) largest = std::max(largest, std::abs(v));
    for (int n = 0; n < 251; ++n) EXPECT_NEAR(coarse[n], fine[8 * n], 5e-3 * largest) << n;
  }
}

TEST(SeismicLowPass, RemovesWhatLiesAboveAndKeepsWhatLiesBelow) {
  const double dt = 0.002, cutoff = 10;
  const auto gain = [&](double frequency) {
    std::vector<double> wave(2000);
    for (int n = 0; n < 2000; ++n) wave[n] = std::sin(2 * std::numbers::pi * frequency * n * dt);
    low_pass(wave, 1, dt, cutoff);
    return *std::max_element(wave.begin() + 1000, wave.end());
  };
  EXPECT_NEAR(gain(1), 1, 0.03);
  EXPECT_NEAR(gain(cutoff), 0.1, 0.005);  // as the header says
  EXPECT_LT(gain(20), 1e-3);
  EXPECT_LT(gain(60), 1e-3);
  // Columns do not mix.
  std::vector<double> two(400, 0);
  for (int n = 0; n < 200; ++n) two[2 * n] = std::sin(0.05 * n);
  low_pass(two, 2, dt, cutoff);
  for (int n = 0; n < 200; ++n) EXPECT_EQ(two[2 * n + 1], 0);
}

TEST(SeismicLowPass, IsCausal) {
  std::vector<double> wave(300, 0);
  wave[100] = 1;
  low_pass(wave, 1, 0.002, 10);
  for (int n = 0; n < 100; ++n) EXPECT_EQ(wave[n], 0);
  EXPECT_GT(*std::max_element(wave.begin(), wave.end()), 0);
}

// --- smoothness

TEST(SeismicRegularisation, DerivativesAreThoseOfFiniteDifferences) {
  for (const auto& cells : {std::vector<long long>{6, 5}, std::vector<long long>{4, 3, 5}}) {
    mesh::GridParams grid;
    grid.cells = cells;
    grid.lower_m.assign(cells.size(), 0);
    grid.upper_m.assign(cells.size(), 100);
    std::size_t count = 1;
    for (const auto n : cells) count *= std::size_t(n);
    core::SplitMix random(3);
    std::vector<double> m(count);
    for (auto& v : m) v = 1 + 0.01 * random.uniform();
    for (const Regularisation& r : {Regularisation{2, 0}, Regularisation{0, 3}}) {
      std::vector<double> gradient(count, 5), unused(count);
      const double value = r.add(m, grid, gradient);
      EXPECT_GT(value, 0);
      for (std::size_t n = 0; n < count; ++n) {
        const double h = 1e-6;
        auto more = m, less = m;
        more[n] += h;
        less[n] -= h;
        const double slope = (r.add(more, grid, unused) - r.add(less, grid, unused)) / (2 * h);
        EXPECT_NEAR(gradient[n] - 5, slope, 1e-6 * (1 + std::abs(slope))) << n;
      }
    }
  }
}

TEST(SeismicRegularisation, AFlatModelCostsNothingAndAStepWhatTheFormulaSays) {
  mesh::GridParams grid;
  grid.cells = {4, 4};
  std::vector<double> flat(16, 1.3), step(16, 1), gradient(16);
  for (int j = 2; j < 4; ++j)
    for (int i = 0; i < 4; ++i) step[4 * j + i] = 1.2;
  EXPECT_EQ((Regularisation{1, 1}.add(flat, grid, gradient)), 0);
  EXPECT_NEAR((Regularisation{1, 0}.add(step, grid, gradient)), 4 * 0.04 / 2 / 16, 1e-14);
  const double e = 1e-3;
  EXPECT_NEAR((Regularisation{0, 1}.add(step, grid, gradient)),
              4 * (std::sqrt(0.04 + e * e) - e) / 16, 1e-14);
}

}  // namespace
}  // namespace understudy::solvers::seismic
