// The averages over time that a deck's output.statistics asks for: statistics.pvd with <name>_mean and
// <name>_rms at every output, and the last of them in statistics.h5, which has a checkpoint's form.
#pragma once

#include <memory>
#include <vector>

#include "apps/simulation/outputs.hpp"
#include "apps/study/summary.hpp"
#include "solvers/field_statistics.hpp"

namespace understudy::apps {

template <class Real>
class RunStatistics {
 public:
  /// Goes on with what the checkpoint has of the same output.statistics; else the average begins anew, and a
  /// warning says so. Collective.
  RunStatistics(const SimulationJob& job, const RunWatch<Real>& run);
  /// Empty where the deck asks for none. They share what they refer to with this object.
  std::vector<solvers::Observer<Real>> observers() const;
  std::vector<mesh::CheckpointPart> parts() const;
  void report(Summary& summary) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace understudy::apps
