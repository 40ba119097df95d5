// What invert writes of an assimilation beside its restart file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/report/html.hpp"
#include "apps/simulation/assimilation/assimilation_run.hpp"
#include "apps/study/csv_series.hpp"

namespace understudy::apps {

/// A flow of the assimilation with its constrained initial state.
template <class Real>
struct FoundFlow {
  std::string name;  ///< "start", "found", "true"
  std::shared_ptr<solvers::Stepper<Real>> stepper;
  mesh::State<Real> state;
};

/// Those at hand: start, found and, of a twin, true. Collective.
template <class Real>
std::vector<FoundFlow<Real>> found_flows(const DeckAssimilation<Real>& run,
                                         const std::vector<double>& x);

/// Everything that follows the iterations: assimilation.csv, assimilation.h5, progress, and samples.csv of a twin
/// before the first.
template <class Real>
class AssimilationLog {
 public:
  AssimilationLog(const SimulationJob& job, const DeckAssimilation<Real>& run,
                  const solvers::assimilation::AssimilationState* resumed);
  /// False where a signal asks to stop. Collective.
  bool operator()(const solvers::assimilation::AssimilationState& state);
  int stopped_by() const { return stopped_by_; }

 private:
  std::vector<std::string> columns() const;
  std::vector<double> row(const solvers::assimilation::AssimilationRecord& record) const;
  void write(const solvers::assimilation::AssimilationState& state);

  const SimulationJob& job_;
  const DeckAssimilation<Real>& run_;
  CsvSeries table_;
  int stopped_by_ = 0;
};

/// initial.pvd (the initial states by iteration: start at 0, found at the last one), course.pvd (the found course at
/// every output of the deck's time) and initial_<flow>_<quantity>.png (of a volume initial_<flow>_<quantity>_xy.png,
/// _xz and _yz), with the colours of the last flow's plane. Returns the pictures, for the page (rank 0). Collective.
template <class Real>
std::vector<report::FramedPicture> write_flows(const SimulationJob& job,
                                               std::vector<FoundFlow<Real>>& flows, int iterations);

/// How far a course is from a field's samples that were held out: the L2 norm of the differences over that of the
/// samples, as they are and after the means of both are taken off (a pressure is known up to a constant).
struct HeldOutError {
  std::string field;
  std::size_t samples = 0;
  double rel_l2 = 0, rel_l2_mean_free = 0;
};

/// Of a flow, by field; empty where nothing was held out. RunError where the course is not finite. Collective.
template <class Real>
std::vector<HeldOutError> held_out_errors(const DeckAssimilation<Real>& run,
                                          const FoundFlow<Real>& flow);

/// Relative L2 difference of the velocities of two states. Collective.
template <class Real>
double relative_difference(const std::vector<std::string>& fields, const mesh::State<Real>& a,
                           const mesh::State<Real>& b);

}  // namespace understudy::apps
