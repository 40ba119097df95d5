// One shot of a survey as a solver takes it.
#pragma once

#include <vector>

#include "solvers/seismic/survey/survey.hpp"

namespace understudy::solvers::seismic {

/// One of several sources that emit at once.
struct PartSource {
  Position at{0, 0, 0};
  double factor = 1;  ///< of the wavelet
};

struct Shot {
  Position source{0, 0, 0};
  SourceParams emitted;
  std::vector<double> wavelet;  ///< at n * dt, n = 0 ... steps - 1; zero beyond
  std::vector<Position> receivers;
  int record_every = 1;  ///< steps from one sample of the traces to the next; sample 0 is time 0
  int samples = 1;
  /// In place of `source`, all with the shot's wavelet (acoustic waves only); empty: `source` alone.
  std::vector<PartSource> parts{};

  std::vector<PartSource> sources() const {
    return parts.empty() ? std::vector<PartSource>{{source, 1}} : parts;
  }
};

}  // namespace understudy::solvers::seismic
