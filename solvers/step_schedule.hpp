// Reversing a computation of many steps in bounded memory: which states to keep and what to recompute
// (Griewank and Walther 2000, "revolve"). Steps are taken in blocks; all steps of one block are kept at a
// time, and states at the beginnings of others are stored, at places that need the fewest recomputed steps.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace understudy::solvers {

struct ReversalMemory {
  double limit_bytes = 0;               ///< of everything below
  double step_bytes = 0;                ///< to keep one step
  double snapshot_bytes = 0;            ///< to store one state
  std::string key = "memory_limit_mb";  ///< what sets the limit, for messages
  double fixed_bytes = 0;               ///< taken in any case
};

class StepSchedule {
 public:
  /// UserError naming the smallest possible limit where not even one step at a time fits.
  StepSchedule(int steps, const ReversalMemory& memory);
  int steps() const { return steps_; }
  int block() const { return block_; }          ///< steps kept at a time
  int snapshots() const { return snapshots_; }  ///< states stored at a time
  /// Steps that are computed without being kept, from above: the price of the memory.
  long long recomputed() const;

  struct Actions {
    /// Computes steps [begin, end) onward from the present state; `keep`: with what the reverse needs.
    std::function<void(int begin, int end, bool keep)> advance;
    std::function<void(int slot)> store;              ///< the present state
    std::function<void(int slot)> restore;            ///< slot -1: the state before step 0
    std::function<void(int begin, int end)> reverse;  ///< of kept steps, last first
    std::function<void()>
        turn;  ///< once, after the last step was first computed and before any reverse
  };
  void run(const Actions& actions) const;

 private:
  int blocks() const { return (steps_ + block_ - 1) / block_; }
  int begin_of(int block) const { return block * block_; }
  int end_of(int block) const;
  int split(int blocks, int slots) const;
  void reverse(const Actions& actions, int first, int last, int slot) const;

  int steps_, block_ = 1, snapshots_ = 0;
  std::vector<std::vector<long long>> cost_;  ///< [slots][blocks] blocks recomputed
  std::vector<std::vector<int>> split_;
};

}  // namespace understudy::solvers
