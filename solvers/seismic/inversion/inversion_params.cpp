#include "solvers/seismic/inversion/inversion_params.hpp"

#include "core/format.hpp"
#include "solvers/seismic/inversion/misfit.hpp"

namespace understudy::solvers::seismic {

void StageParams::describe(core::ParamVisitor& v) {
  v.real("max_frequency_hz", max_frequency_hz, {.at_least = 0}, "Hz",
         "cut-off of the low pass on wavelet and data; 0: none");
  v.integer("iterations", iterations, {.at_least = 1, .at_most = 100000}, "at most");
}

void EncodingParams::describe(core::ParamVisitor& v) {
  v.integer(
      "supershots", supershots, {.at_least = 0, .at_most = 100000},
      "simultaneous shots that an evaluation of the misfit computes, fewer than the survey has "
      "shots; 0: every shot by itself");
  v.integer(
      "renew_every", renew_every, {.at_least = 1, .at_most = 100000},
      "iterations of one draw of signs; then the minimiser starts anew with the next, and the "
      "restart file is written");
}

std::vector<StageParams> InversionParams::all_stages() const {
  return stages.empty() ? std::vector<StageParams>{{0, 30}} : stages;
}

void InversionParams::describe(core::ParamVisitor& v) {
  v.text("observed", observed,
         "gathers to invert (HDF5, as run writes them), from the deck's folder on; empty: computed "
         "from seismic.model");
  v.real("noise", noise, {.at_least = 0, .at_most = 100}, "1",
         "Gaussian noise added to computed data: standard deviation, in units of their rms");
  v.flag("model_is_truth", model_is_truth,
         "with observed: measure model errors against seismic.model");
  v.group("start", start, "the model to start from");
  v.text(
      "start_network", start_network,
      "folder of a learned inversion (`train` makes <out>/model), from the deck's folder on: what it makes of "
      "the data, within the bounds, is the start of `invert`; above keep_above_depth_m the start is that of the "
      "other keys; empty: none");
  v.real(
      "start_smooth_m", start_smooth_m, {.at_least = 0}, "m",
      "start from seismic.model smoothed by a Gaussian of this width, in place of start; 0: off");
  v.choice("misfit", misfit, Misfit::kinds(), "what is made small");
  v.list("stages", stages, "frequency continuation; none: one stage of 30 iterations");
  v.real("tikhonov", tikhonov, {.at_least = 0}, "1",
         "weight of the squared gradient of speed, relative to the misfit at a stage's start");
  v.real("total_variation", total_variation, {.at_least = 0}, "1", "weight of the total variation");
  v.real("lower_m_s", lower_m_s, {.above = 0}, "m/s", "lower bound of the speed");
  v.real("upper_m_s", upper_m_s, {.above = 0}, "m/s",
         "upper bound; the time step is stable for it");
  v.require(upper_m_s > lower_m_s, "upper_m_s",
            core::format("is {:.6g}; it must exceed lower_m_s, {:.6g}", upper_m_s, lower_m_s));
  v.real("keep_above_depth_m", keep_above_depth_m, {.at_least = 0}, "m",
         "cells above this depth are not inverted");
  v.choice("precondition", precondition, {"none", "illumination"},
           "illumination: variables scaled by the pseudo-Hessian's diagonal (Shin et al. 2001)");
  v.real("illumination_floor", illumination_floor, {.at_least = 1e-8, .at_most = 1}, "1",
         "least illumination, of the largest");
  v.real("memory_limit_mb", memory_limit_mb, {.above = 0}, "MB",
         "a rank's memory for what is kept of the forward waves; less costs recomputing");
  v.real("misfit_goal", misfit_goal, {.at_least = 0, .below = 1}, "1",
         "stop the last stage when the misfit has fallen to this part of its start; 0: off");
  v.group("encoding", encoding,
          "shots superposed with random signs into few simultaneous ones (invert)");
  v.require(!encoding.on() || misfit == "least_squares", "misfit",
            core::format("is {}; inversion.encoding needs least_squares: of other misfits the mean "
                         "over random signs is not the sum over the shots",
                         misfit));
}

}  // namespace understudy::solvers::seismic
