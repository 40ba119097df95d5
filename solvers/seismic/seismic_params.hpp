// The deck's `seismic:` section and its `time:` section: medium, equation, survey.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"
#include "solvers/seismic/earth/earth_model.hpp"
#include "solvers/seismic/numerics/cpml.hpp"
#include "solvers/seismic/survey/survey.hpp"
#include "solvers/seismic/survey/wavelet.hpp"

namespace understudy::solvers::seismic {

struct SeismicParams {
  std::string equation = "acoustic";  ///< acoustic, elastic
  int order = 8;                      ///< of space: 2 (acoustic), 4, 8
  std::string surface = "absorbing";  ///< the upper side: absorbing, free
  double points_per_wavelength = 0;   ///< least; 0: by order (stability.hpp)
  int ranks_per_shot = 0;             ///< 0: as few as leave no rank idle
  int shots_at_once = 0;              ///< 0: one on a processor, up to eight on a GPU
  AbsorbingParams absorbing;
  EarthModelParams model;
  WaveletParams wavelet;
  SurveyParams survey;
  void describe(core::ParamVisitor& v);
};

struct WaveTimeParams {
  double end_s = 1;
  double dt_s = 0;            ///< 0: the largest stable one (times 0.9) that divides record_every_s
  double record_every_s = 0;  ///< 0: dt_s
  void describe(core::ParamVisitor& v);
};

}  // namespace understudy::solvers::seismic
