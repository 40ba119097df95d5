// The deck's keys of a model of the earth.
#include "core/format.hpp"
#include "solvers/seismic/earth/earth_model.hpp"

namespace understudy::solvers::seismic {

void LayerParams::describe(core::ParamVisitor& v) {
  v.real("top_depth_m", top_depth_m, {.at_least = 0}, "m", "depth of the layer's top");
  v.real("p_speed_m_s", p_speed_m_s, {.above = 0}, "m/s", "speed of P waves");
  v.real("s_speed_m_s", s_speed_m_s, {}, "m/s",
         "speed of S waves; 0: a fluid, negative: as the model's s_speed says");
  v.real("density_kg_m3", density_kg_m3, {.at_least = 0}, "kg/m3",
         "density; 0: as the model's density says");
}

void AnomalyParams::describe(core::ParamVisitor& v) {
  v.choice("shape", shape, {"disc", "gaussian"}, "disc (ball in 3-D) or Gaussian");
  v.real("x_m", x_m, {}, "m", "centre along x, in the box's coordinates");
  v.real("y_m", y_m, {}, "m", "centre along y (3-D)");
  v.real("depth_m", depth_m, {.at_least = 0}, "m", "depth of the centre");
  v.real("radius_m", radius_m, {.above = 0}, "m",
         "radius of the disc, standard deviation of the Gaussian");
  v.real("contrast", contrast, {.above = -1}, "1", "relative change of the speed at the centre");
  v.real("edge_m", edge_m, {.at_least = 0}, "m",
         "disc: length over which its edge is smooth (tanh); 0: sharp");
}

void FamilyParams::describe(core::ParamVisitor& v) {
  v.integer("interfaces_least", interfaces_least, {.at_least = 0, .at_most = 1000},
            "smallest number of interfaces");
  v.integer("interfaces_most", interfaces_most, {.at_least = 0, .at_most = 1000},
            "largest number of interfaces");
  v.require(interfaces_least <= interfaces_most, "interfaces_most",
            core::format("is {}, below interfaces_least ({})", interfaces_most, interfaces_least));
  v.real("least_thickness_m", least_thickness_m, {.at_least = 0}, "m",
         "least thickness of a layer; 0: a fourteenth of the depth");
  v.real("speed_least_m_s", speed_least_m_s, {.above = 0}, "m/s", "smallest speed");
  v.real("speed_most_m_s", speed_most_m_s, {.above = 0}, "m/s", "largest speed");
  v.require(speed_least_m_s <= speed_most_m_s, "speed_most_m_s",
            core::format("is {}, below speed_least_m_s ({})", speed_most_m_s, speed_least_m_s));
  v.choice("speeds", speeds, {"increasing", "free"},
           "speeds increase with depth (OpenFWI's version A) or are drawn freely (B)");
  v.integer("waves", waves, {.at_least = 1, .at_most = 100},
            "curved_layers: sines that make up an interface's shape");
  v.real("amplitude_most_m", amplitude_most_m, {.at_least = 0}, "m",
         "curved_layers: largest departure from flat; 0: a tenth of the depth");
  v.real("wavelength_least_m", wavelength_least_m, {.at_least = 0}, "m",
         "curved_layers: shortest wave length; 0: half the width");
  v.real("wavelength_most_m", wavelength_most_m, {.at_least = 0}, "m",
         "curved_layers: longest wave length; 0: twice the width");
  v.require(
      wavelength_most_m == 0 || wavelength_least_m <= wavelength_most_m, "wavelength_most_m",
      core::format("is {}, below wavelength_least_m ({})", wavelength_most_m, wavelength_least_m));
  v.flag("faults", faults, "faults displace the layers");
  v.integer("faults_most", faults_most, {.at_least = 1, .at_most = 100},
            "largest number of faults; the smallest is 1");
  v.real("slip_most_m", slip_most_m, {.at_least = 0}, "m",
         "largest slip along a fault; 0: a seventh of the depth");
  v.real("dip_least_deg", dip_least_deg, {.at_most = 90, .above = 0}, "deg",
         "smallest angle between a fault and the horizontal; the largest is 90");
}

void ModelFileParams::describe(core::ParamVisitor& v) {
  v.text("path", path, "the file, relative to the deck");
  v.choice(
      "format", format, {"hdf5", "raw", "segy"},
      "HDF5, numbers without a header, or SEG-Y (a section; files ending in .sgy or .segy are)");
  v.text("p_speed", p_speed, "hdf5: dataset of the P speed (m/s), [depth, (y,) x]");
  v.text("s_speed", s_speed,
         "dataset (raw, segy: file) of the S speed (m/s); empty: as the model's s_speed says");
  v.text("density", density,
         "dataset (raw, segy: file) of the density (kg/m3); empty: as the model's density says");
  v.choice("number", number, {"float32", "float64"}, "raw: type of the numbers");
  v.choice("order", order, {"depth_first", "x_first"},
           "raw: [depth, (y,) x] with x fastest, or [x, (y,) depth] with depth fastest");
  v.choice("byte_order", byte_order, {"little", "big"}, "raw: of the numbers (Java's is big)");
  v.choice("speed_unit", speed_unit, {"m/s", "km/s", "ft/s"},
           "of the file's speeds, where a dataset's attribute `unit` does not say it");
  v.choice("density_unit", density_unit, {"kg/m3", "g/cm3"}, "of the file's densities, likewise");
}

void EarthModelParams::describe(core::ParamVisitor& v) {
  v.choice(
      "kind", kind,
      {"homogeneous", "layered", "gradient", "camembert", "flat_layers", "curved_layers", "file"},
      "kind of model; flat_layers and curved_layers are random families");
  v.real("p_speed_m_s", p_speed_m_s, {.above = 0}, "m/s",
         "P speed: homogeneous; gradient: at the surface; camembert: of the background");
  v.real("gradient_1_s", gradient_1_s, {}, "1/s", "gradient: increase of the P speed with depth");
  v.list("layers", layers, "layered: from the surface down");
  v.require(kind != "layered" || !layers.empty(), "layers", "a layered model needs at least one");
  v.require(kind != "layered" || layers.empty() || layers.front().top_depth_m == 0, "layers",
            "the first layer must begin at the surface (top_depth_m: 0)");
  for (std::size_t n = 1; n < layers.size(); ++n)
    v.require(layers[n - 1].top_depth_m < layers[n].top_depth_m, "layers",
              core::format("layer {} begins at {} m, not below layer {} ({} m)", n + 1,
                           layers[n].top_depth_m, n, layers[n - 1].top_depth_m));
  v.group("anomaly", anomaly, "camembert: what lies in the background");
  v.group("family", family, "flat_layers, curved_layers: what is drawn at random");
  v.group("file", file, "file: where the model is");
  v.require(kind != "file" || !file.path.empty(), "file", "kind: file needs file.path");
  v.choice("s_speed", s_speed, {"none", "ratio"},
           "S speed where none is given: acoustic model, or P speed / p_to_s_ratio");
  v.real("p_to_s_ratio", p_to_s_ratio, {.above = 1.4142135623730951}, "1",
         "s_speed ratio: P speed over S speed");
  v.choice("density", density, {"none", "constant", "gardner"},
           "density where none is given: of no account (acoustic waves of constant density), "
           "density_kg_m3, or Gardner's 310 v^0.25");
  v.real("density_kg_m3", density_kg_m3, {.above = 0}, "kg/m3", "density constant: its value");
  v.real("smooth_m", smooth_m, {.at_least = 0}, "m",
         "standard deviation of a Gaussian that smooths the model; 0: not smoothed");
  v.real("keep_above_depth_m", keep_above_depth_m, {.at_least = 0}, "m",
         "smoothing leaves the model above this depth as it is (water)");
}

}  // namespace understudy::solvers::seismic
