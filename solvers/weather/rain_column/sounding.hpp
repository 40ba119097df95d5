// The moist air of the rain column: the profile of Shipway and Hill (2012, Q. J. R. Meteorol. Soc. 138),
// theta and qv linear in height between 0, 740 and 3260 m (297.9, 297.9, 312.66 K; 15, 13.8, 2.4 g/kg), held above,
// in hydrostatic balance above 1000 hPa.
#pragma once

#include <vector>

namespace understudy::solvers::weather {

struct Sounding {
  std::vector<double> theta, qv, exner, rho;  ///< K, kg/kg, 1, kg/m3 of dry air; of each height
};

/// At heights (m) that rise. `humidity` is a factor of qv.
Sounding shallow_cumulus(const std::vector<double>& height_m, double humidity);

}  // namespace understudy::solvers::weather
