#include "solvers/step_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::solvers {

namespace {

constexpr int most_blocks = 400, most_snapshots = 64;

// cost[s][l]: blocks advanced without being kept while l blocks are reversed, the state before the first
// of them and s free slots at hand. split[s][l]: after how many blocks the next state is stored.
struct Table {
  std::vector<std::vector<long long>> cost;
  std::vector<std::vector<int>> split;
};

Table make_table(int blocks, int slots) {
  Table t;
  t.cost.assign(slots + 1, std::vector<long long>(blocks + 1, 0));
  t.split.assign(slots + 1, std::vector<int>(blocks + 1, 0));
  for (int l = 1; l <= blocks; ++l) t.cost[0][l] = 1LL * l * (l - 1) / 2;
  for (int s = 1; s <= slots; ++s)
    for (int l = 2; l <= blocks; ++l) {
      long long best = std::numeric_limits<long long>::max();
      for (int m = 1; m < l; ++m) {
        const long long cost = m + t.cost[s - 1][l - m] + t.cost[s][m];
        if (cost >= best) continue;
        best = cost;
        t.split[s][l] = m;
      }
      t.cost[s][l] = best;
    }
  return t;
}

}  // namespace

StepSchedule::StepSchedule(int steps, const ReversalMemory& memory) : steps_(std::max(1, steps)) {
  const double limit_bytes = memory.limit_bytes - memory.fixed_bytes;
  if (limit_bytes < memory.step_bytes)
    throw core::UserError(
        core::format("{} leaves no room to keep one time step: at least {:.4g} MB are needed",
                     memory.key, std::ceil((memory.fixed_bytes + memory.step_bytes) / 1e4) / 100));
  if (steps_ * memory.step_bytes <= limit_bytes) {
    block_ = steps_;
  } else {
    // The block that recomputes least, among some sizes; what it leaves goes to snapshots.
    double best = std::numeric_limits<double>::max();
    for (double share = 0.95; share > 0.02; share *= 0.8) {
      const int least = (steps_ + most_blocks - 1) / most_blocks;
      int block = static_cast<int>(share * limit_bytes / memory.step_bytes);
      if (limit_bytes >= least * memory.step_bytes) block = std::max(block, least);
      block = std::clamp(block, 1, steps_);
      const double left = limit_bytes - block * memory.step_bytes;
      const int slots =
          static_cast<int>(std::clamp(left / memory.snapshot_bytes, 0.0, double(most_snapshots)));
      const int count = (steps_ + block - 1) / block;
      if (count > 4 * most_blocks) continue;
      const Table t = make_table(count, std::min(slots, count));
      const double cost = double(t.cost[std::min(slots, count)][count]) * block;
      if (cost >= best) continue;
      best = cost;
      block_ = block;
      snapshots_ = std::min(slots, count);
    }
  }
  if (blocks() > 1) {
    Table t = make_table(blocks(), snapshots_);
    cost_ = std::move(t.cost);
    split_ = std::move(t.split);
  } else {
    snapshots_ = 0;
  }
}

long long StepSchedule::recomputed() const {
  return blocks() == 1 ? 0 : cost_[snapshots_][blocks()] * block_;
}

int StepSchedule::end_of(int block) const { return std::min(steps_, (block + 1) * block_); }

int StepSchedule::split(int blocks, int slots) const { return split_[slots][blocks]; }

// The state before block `first` is in slot - 1; slots from `slot` on are free.
void StepSchedule::reverse(const Actions& actions, int first, int last, int slot) const {
  if (last - first == 1) {
    actions.restore(slot - 1);
    actions.advance(begin_of(first), end_of(first), true);
    actions.reverse(begin_of(first), end_of(first));
    return;
  }
  if (slot >= snapshots_) {
    for (int block = last - 1; block >= first; --block) {
      actions.restore(slot - 1);
      if (block > first) actions.advance(begin_of(first), begin_of(block), false);
      actions.advance(begin_of(block), end_of(block), true);
      actions.reverse(begin_of(block), end_of(block));
    }
    return;
  }
  const int middle = first + split(last - first, snapshots_ - slot);
  actions.restore(slot - 1);
  actions.advance(begin_of(first), begin_of(middle), false);
  actions.store(slot);
  reverse(actions, middle, last, slot + 1);
  reverse(actions, first, middle, slot);
}

void StepSchedule::run(const Actions& actions) const {
  // The first sweep stores where the recursion would, down its last branch.
  std::vector<int> marks{0};
  while (blocks() - marks.back() > 1 && int(marks.size()) <= snapshots_) {
    const int slot = int(marks.size()) - 1;
    const int next = marks.back() + split(blocks() - marks.back(), snapshots_ - slot);
    actions.advance(begin_of(marks.back()), begin_of(next), false);
    actions.store(slot);
    marks.push_back(next);
  }
  const int tail = marks.back(), slot = int(marks.size()) - 1;
  if (blocks() - tail == 1) {
    actions.advance(begin_of(tail), steps_, true);
    actions.turn();
    actions.reverse(begin_of(tail), steps_);
  } else {
    actions.advance(begin_of(tail), begin_of(blocks() - 1), false);
    actions.advance(begin_of(blocks() - 1), steps_, true);
    actions.turn();
    actions.reverse(begin_of(blocks() - 1), steps_);
    reverse(actions, tail, blocks() - 1, slot);
  }
  for (int level = int(marks.size()) - 2; level >= 0; --level)
    reverse(actions, marks[level], marks[level + 1], level);
}

}  // namespace understudy::solvers
