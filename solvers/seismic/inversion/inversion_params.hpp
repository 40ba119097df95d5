// The deck's `inversion:` section.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"
#include "solvers/seismic/earth/earth_model.hpp"

namespace understudy::solvers::seismic {

/// A stage of frequency continuation (Bunks et al. 1995): wavelet and data go through the same low pass.
struct StageParams {
  double max_frequency_hz = 0;  ///< cut-off; 0: everything
  int iterations = 20;
  void describe(core::ParamVisitor& v);
};

/// Shots superposed with random signs (source_encoding.hpp).
struct EncodingParams {
  int supershots = 0;   ///< simultaneous shots that an evaluation computes; 0: every shot by itself
  int renew_every = 1;  ///< iterations of one draw; the minimiser starts anew with the next
  void describe(core::ParamVisitor& v);
  bool on() const { return supershots > 0; }
};

struct InversionParams {
  std::string observed;  ///< gathers' file; empty: computed from seismic.model, then the truth
  double noise = 0;      ///< of computed data: standard deviation, of their rms
  bool model_is_truth =
      true;  ///< with observed: seismic.model is the truth to measure errors against
  EarthModelParams start;
  /// Folder of a learned inversion, whose model of the data is the start; empty: none. The app's to read.
  std::string start_network;
  double start_smooth_m = 0;  ///< > 0: the start is seismic.model smoothed, and `start` is not read
  std::string misfit = "least_squares";
  std::vector<StageParams> stages;  ///< none: one of 30 iterations with everything
  double tikhonov = 0, total_variation = 0;
  double lower_m_s = 1000, upper_m_s = 6000;
  double keep_above_depth_m = 0;              ///< cells above stay as they start (water)
  std::string precondition = "illumination";  ///< none, illumination
  double illumination_floor = 0.01;           ///< of the largest
  double memory_limit_mb = 2000;              ///< a rank's, for what is kept of the forward waves
  double misfit_goal = 0;                     ///< stop when the misfit has fallen to this part
  EncodingParams encoding;
  void describe(core::ParamVisitor& v);
  std::vector<StageParams> all_stages() const;
};

}  // namespace understudy::solvers::seismic
