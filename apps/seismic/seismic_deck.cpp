#include "apps/seismic/seismic_deck.hpp"

#include <algorithm>

#include "apps/deck/box_section.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/memory.hpp"

namespace understudy::apps {

void SeismicOutputParams::describe(core::ParamVisitor& v) {
  v.flag("vtk", vtk, "models (and wavefields) for ParaView");
  v.choice("vtk_data", vtk_data, {"cell", "point"},
           "where their values stand: in cells, or at corners as the mean of the cells there");
  v.flag("pictures", pictures, "models and gathers as PNG");
  v.choice("gathers", gathers, {"hdf5", "segy", "both"},
           "files of gathers: gathers.h5, or SEG-Y revision 1, gathers_<quantity>.sgy");
  v.choice("models", models, {"hdf5", "segy", "both"},
           "files of models: model.h5, or sections as SEG-Y, model.sgy");
  v.choice("segy_numbers", segy_numbers, {"ieee", "ibm"}, "floats of the SEG-Y files");
  v.integers("wavefields", wavefields, 0, {.at_least = 0},
             "shots (from 0) whose waves run writes for ParaView");
  v.real("wavefield_every_s", wavefield_every_s, {.above = 0}, "s",
         "interval of the written waves (rounded to whole time steps)");
}

void SeismicDatasetParams::describe(core::ParamVisitor& v) {
  v.integer(
      "training", training, {.at_least = 1, .at_most = 1000000},
      "models to train on; of NumPy files with fewer samples than training, validation and test "
      "together the three are proportions");
  v.integer("validation", validation, {.at_least = 1, .at_most = 1000000},
            "models that choose the weights");
  v.integer("test", test, {.at_least = 0, .at_most = 1000000},
            "models that nothing is chosen by: errors, comparison");
  v.real("speed_least_m_s", speed_least_m_s, {.above = 0}, "m/s", "scaled to -1");
  v.real("speed_most_m_s", speed_most_m_s, {.above = 0}, "m/s", "scaled to 1");
  v.require(speed_most_m_s > speed_least_m_s, "speed_most_m_s",
            core::format("is {:.6g}; it must exceed speed_least_m_s, {:.6g}", speed_most_m_s,
                         speed_least_m_s));
  v.integer("shard", shard, {.at_least = 1, .at_most = 100000}, "samples a file");
  v.text("input_files", input_files,
         "NumPy files of gathers [sample, shot, time, receiver] in place of computed ones: a path "
         "from the deck's folder on with * for their numbers (data*.npy)");
  v.text("output_files", output_files, "NumPy files of their models [sample, 1, depth, x]");
  v.require(input_files.empty() == output_files.empty(), "output_files",
            "input_files and output_files go together");
  v.integer("stride", stride, {.at_least = 1, .at_most = 64},
            "of the NumPy files' time axis: every so many-th sample is kept, after a low pass");
  v.integer("most_samples", most_samples, {.at_least = 0}, "of the NumPy files; 0: all");
}

ForwardParams::ForwardParams() {
  network.kind = "forward_net";
  training.loss = "relative_l2";
  training.input_scale = {"linear", 0.01};
  training.output_scale = {"rms", 0.01};
}

void ForwardParams::describe(core::ParamVisitor& v) {
  v.group("network", network, "from speeds to gathers");
  v.group("training", training, "how it is trained");
  v.integer("check_every", check_every, {.at_least = 1, .at_most = 10000},
            "iterations between two looks at the wave equation's own gradient");
  v.real("largest_angle_deg", largest_angle_deg, {.at_least = 1, .at_most = 180}, "deg",
         "largest angle between the two gradients; beyond it the wave equation takes over");
}

void SeismicCompareParams::describe(core::ParamVisitor& v) {
  v.integer("models", models, {.at_least = 1, .at_most = 10000},
            "test models, never seen in training");
  v.texts("ways", ways, "fwi, learned, learned_forward, hybrid: which are compared");
  const std::vector<std::string> known{"fwi", "learned", "learned_forward", "hybrid"};
  for (const auto& way : ways)
    v.require(std::find(known.begin(), known.end(), way) != known.end(), "ways",
              core::format("names '{}'; there are fwi, learned, learned_forward, hybrid", way));
  v.require(!ways.empty() && ways.front() == "fwi", "ways",
            "begins with fwi: the others are compared with it");
}

void SeismicDeck::describe(core::ParamVisitor& v) {
  v.choice("app", app, {"seismic"}, "waves and their inversion");
  v.choice("precision", precision, {"single", "double"}, "of the wave fields");
  v.integer("seed", seed, {.at_least = 0}, "of random models, noise and training");
  describe_box(v, grid, "the box and its cells; its last axis points up, the surface is its end");
  v.group("time", time, "length and sampling of the traces");
  v.group("seismic", seismic, "medium, equation, survey");
  v.group("inversion", inversion, "full-waveform inversion (invert, compare)");
  v.group("dataset", dataset, "random models and their gathers (generate)");
  v.group("network", network, "the learned inversion: gathers to speeds (train)");
  v.group("training", training, "how it is trained (train)");
  v.group("forward", forward, "the learned forward operator: speeds to gathers (train, compare)");
  v.group("compare", compare, "the ways to a model side by side (compare)");
  v.group("output", output, "what is written");
  v.group("publication", publication, "what is said of the results when they are passed on");
}

solvers::seismic::EarthModel SeismicJob::model(std::uint64_t index) const {
  // Every rank has the whole model: speeds, and a density where there is one.
  double cells = 1;
  for (const auto n : deck.grid.cells) cells *= double(n);
  const int arrays = 1 + (deck.seismic.equation == "elastic" ? 1 : 0) +
                     (deck.seismic.model.density != "none" ? 1 : 0);
  core::require_memory({.bytes = cells * arrays * sizeof(double),
                        .what = core::format("the model of {:.4g} cells (grid.cells)", cells),
                        .remedy = "use fewer cells: every rank holds the whole of it"},
                       core::Comm::self());
  return solvers::seismic::make_earth_model(deck.seismic.model, deck.grid, deck.directory,
                                            std::uint64_t(deck.seed), index);
}

}  // namespace understudy::apps
