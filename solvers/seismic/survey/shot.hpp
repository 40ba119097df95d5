// One shot of a survey as a solver takes it.
#pragma once

#include <vector>

#include "solvers/seismic/survey/survey.hpp"

namespace understudy::solvers::seismic {

struct Shot {
  Position source{0, 0, 0};
  SourceParams emitted;
  std::vector<double> wavelet;  ///< at n * dt, n = 0 ... steps - 1; zero beyond
  std::vector<Position> receivers;
  int record_every = 1;  ///< steps from one sample of the traces to the next; sample 0 is time 0
  int samples = 1;
};

}  // namespace understudy::solvers::seismic
