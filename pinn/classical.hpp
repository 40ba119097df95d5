// A problem's classical method, run at its resolutions: what a network is to be compared with at equal error
// (Grossmann, Komorowska, Latz & Schoenlieb 2023). No LibTorch types.
#pragma once

#include <string>
#include <vector>

#include "pinn/solver.hpp"

namespace understudy::pinn {

struct ClassicalRun {
  int resolution = 0;
  double wall_s = 0;           ///< of one solve: the median of several where it is short
  std::vector<double> errors;  ///< relative L2 against the reference, [field]; empty: it failed
  std::string failure = {};    ///< why; empty: it did not
};

/// Empty: the problem has none.
std::string classical_name(const Problem& problem);
/// Solves at the first `most` resolutions (0: all), coarsest first. Errors as pinn::errors has them. A solve
/// that fails (RunError) is recorded as failed, and the others go on. Needs a reference; empty without one or without a method. On this rank alone.
std::vector<ClassicalRun> run_classical(const Problem& problem, int most);
/// Wall time (s) of reading the solution's fields at `points`: the median of five calls. Collective.
double evaluation_time(const Solution& solution, const Points& points);

}  // namespace understudy::pinn
