#include "solvers/seismic/seismic_params.hpp"

#include "core/format.hpp"

namespace understudy::solvers::seismic {

void SeismicParams::describe(core::ParamVisitor& v) {
  v.choice("equation", equation, {"acoustic", "elastic"},
           "acoustic: pressure, of variable density where the model has one; elastic: P-SV or 3-D");
  v.integer("order", order, {.at_least = 2, .at_most = 8}, "of the differences in space: 2, 4, 8");
  v.require(order == 2 || order == 4 || order == 8, "order",
            core::format("is {}; 2, 4 and 8 are valid", order));
  v.require(equation != "elastic" || order > 2, "order", "of the elastic equations is 4 or 8");
  v.choice("surface", surface, {"absorbing", "free"}, "the upper side of the grid");
  v.real("points_per_wavelength", points_per_wavelength, {.at_least = 0}, "1",
         "least points of the shortest wave; 0: 8, 5, 3 for orders 2, 4, 8");
  v.integer("ranks_per_shot", ranks_per_shot, {.at_least = 0},
            "ranks that compute one shot together while other groups compute others; 0: as few as "
            "leave no rank idle");
  v.integer("shots_at_once", shots_at_once, {.at_least = 0, .at_most = 1000},
            "shots that a group computes at once; 0: 1 on processors, up to 8 on a GPU");
  v.group("absorbing", absorbing, "the absorbing layer");
  v.group("model", model, "the earth");
  v.group("wavelet", wavelet, "time function of the sources");
  v.group("source", survey.source, "what the sources emit");
  v.list("sources", survey.sources, "lines of sources (count 1: a point); one shot each");
  v.list("receivers", survey.receivers, "lines of receivers, the same for all shots");
}

void WaveTimeParams::describe(core::ParamVisitor& v) {
  v.real("end_s", end_s, {.above = 0}, "s", "length of the traces");
  v.real("dt_s", dt_s, {.at_least = 0}, "s",
         "time step; 0: the largest stable one, with a margin, that divides record_every_s");
  v.real("record_every_s", record_every_s, {.at_least = 0}, "s",
         "interval of the traces' samples, a multiple of dt_s; 0: dt_s");
  v.require(record_every_s <= end_s, "record_every_s", "is longer than end_s: one sample only");
}

}  // namespace understudy::solvers::seismic
