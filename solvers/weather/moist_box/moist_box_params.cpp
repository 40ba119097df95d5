#include "solvers/weather/moist_box/moist_box_params.hpp"

#include "core/format.hpp"

namespace understudy::solvers {

void MoistBoxAirParams::describe(core::ParamVisitor& v) {
  v.real("gravity_m_s2", gravity_m_s2, {.at_least = 0, .at_most = 100}, "m/s2", "gravity");
  v.real("gas_constant_j_kg_k", gas_constant_j_kg_k, {.above = 0}, "J/(kg K)",
         "gas constant of dry air");
  v.real("heat_capacity_j_kg_k", heat_capacity_j_kg_k, {.above = 0}, "J/(kg K)",
         "heat capacity of dry air at constant pressure");
  v.require(heat_capacity_j_kg_k > gas_constant_j_kg_k, "heat_capacity_j_kg_k",
            "must be above gas_constant_j_kg_k");
}

void MoistBoxBaseParams::describe(core::ParamVisitor& v) {
  v.choice("profile", profile,
           {"uniform_theta", "stable", "isothermal", "weisman_klemp", "saturated", "file"},
           "the air at rest: uniform_theta; stable, of one Brunt-Vaisala frequency; isothermal; "
           "weisman_klemp, Weisman and Klemp (1982); saturated, neutral cloudy air of Bryan and "
           "Fritsch (2002); file, a sounding");
  v.real("surface_pressure_pa", surface_pressure_pa, {.above = 0}, "Pa",
         "pressure at the height 0");
  v.real("theta_k", theta_k, {.above = 0}, "K",
         "uniform_theta: potential temperature; stable: that of the height 0");
  v.real("stability_1_s", stability_1_s, {.at_least = 0, .at_most = 1}, "1/s",
         "stable: Brunt-Vaisala frequency");
  v.real("temperature_k", temperature_k, {.above = 0}, "K", "isothermal: temperature");
  v.real("largest_vapour", largest_vapour, {.at_least = 0, .at_most = 0.04}, "1",
         "weisman_klemp: vapour mixing ratio of the boundary layer (kg/kg)");
  v.real("theta_e_k", theta_e_k, {.above = 200, .below = 500}, "K",
         "saturated: wet equivalent potential temperature");
  v.real("total_water", total_water, {.at_least = 0, .at_most = 0.1}, "1",
         "saturated: vapour and cloud together (kg/kg)");
  v.text("file", file,
         "file: sounding, a table of height (m), theta (K), vapour (kg/kg) and, if it has them, u "
         "and v (m/s); relative to the deck");
  v.texts("wind_m_s", wind_m_s,
          "wind, a formula of z (the height) an horizontal axis (empty: that of the sounding, or "
          "at rest)");
  v.require(profile != "file" || !file.empty(), "file", "must be given with profile: file");
  v.require(profile == "file" || file.empty(), "file",
            core::format("is given, but profile is {}; choose file", profile));
}

void MoistBoxBubbleParams::describe(core::ParamVisitor& v) {
  v.choice("quantity", quantity, {"theta", "temperature"},
           "what the amplitude is of: potential temperature or temperature");
  v.real("amplitude_k", amplitude_k, {.at_least = -100, .at_most = 100}, "K", "at the centre");
  v.reals("center_m", center_m, 0, {}, "m", "centre, one number an axis");
  v.reals("radius_m", radius_m, 0, {.at_least = 0}, "m",
          "radius, one number an axis; 0: does not vary along it");
}

void MoistBoxInitialParams::describe(core::ParamVisitor& v) {
  v.list("bubbles", bubbles, "warm or cold bubbles, amplitude (1 + cos(pi L)) / 2, added");
  v.text("theta_k", theta_k, "disturbance of the potential temperature, a formula of x, y, z (m)");
  v.text("temperature_k", temperature_k,
         "disturbance of the temperature, a formula of x, y, z (m)");
  v.real("noise_k", noise_k, {.at_least = 0, .at_most = 10}, "K",
         "amplitude of a random disturbance of the potential temperature");
  v.integer("noise_seed", noise_seed, {.at_least = 0}, "seed of that disturbance");
  v.flag("keep_saturated", keep_saturated,
         "with base.profile saturated: the disturbed air stays saturated and is as buoyant as the "
         "same disturbance of theta makes dry air (Bryan and Fritsch 2002)");
}

void MoistBoxDiffusionParams::describe(core::ParamVisitor& v) {
  v.choice("model", model, {"none", "constant", "smagorinsky"},
           "viscosity: none, constant, or Smagorinsky's with Lilly's stability factor");
  v.real("viscosity_m2_s", viscosity_m2_s, {.at_least = 0}, "m2/s", "constant: the viscosity");
  v.real("constant", constant, {.at_least = 0, .at_most = 1}, "1", "smagorinsky: its constant");
  v.real("prandtl", prandtl, {.at_most = 10, .above = 0}, "1",
         "viscosity over the diffusivity of theta and water");
  v.require(model != "constant" || viscosity_m2_s > 0, "viscosity_m2_s",
            "must be above 0 with model: constant");
  v.require(model == "constant" || viscosity_m2_s == 0, "viscosity_m2_s",
            core::format("is given, but model is {}; choose constant", model));
}

void MoistBoxRayleighParams::describe(core::ParamVisitor& v) {
  v.real("depth_m", depth_m, {.at_least = 0}, "m", "depth of the layer below the lid; 0: none");
  v.real("rate_1_s", rate_1_s, {.at_least = 0}, "1/s", "damping rate at the lid");
  v.real("x_sides_m", x_sides_m, {.at_least = 0}, "m",
         "width of the layers along both x sides, which let waves leave in a wind; 0: none");
  v.real("y_sides_m", y_sides_m, {.at_least = 0}, "m", "the same along the y sides (3-D)");
  v.real("sides_rate_1_s", sides_rate_1_s, {.at_least = 0}, "1/s", "damping rate at the sides");
}

void MoistBoxSurfaceParams::describe(core::ParamVisitor& v) {
  v.real("drag_coefficient", drag_coefficient, {.at_least = 0, .at_most = 1}, "1",
         "of the wind's stress on the ground; 0: the ground lets slip");
  v.real("heat_coefficient", heat_coefficient, {.at_least = 0, .at_most = 1}, "1",
         "of the flux of heat; 0: none");
  v.real("vapour_coefficient", vapour_coefficient, {.at_least = 0, .at_most = 1}, "1",
         "of the flux of vapour from a wet surface; 0: none");
  v.text("theta_k", theta_k,
         "potential temperature of the surface (K), a formula of x and, in 3-D, y (m)");
  v.real("least_wind_m_s", least_wind_m_s, {.at_least = 0, .at_most = 20}, "m/s",
         "of gusts: its square is added to that of the wind in the formulas");
  v.require(!theta_k.empty() || (heat_coefficient == 0 && vapour_coefficient == 0), "theta_k",
            "must be given with heat_coefficient or vapour_coefficient");
}

void MoistBoxTerrainParams::describe(core::ParamVisitor& v) {
  v.text("height_m", height_m,
         "height of the ground, a formula of x and, in 3-D, y (m); levels follow it. Empty: flat");
  v.real("decay_m", decay_m, {.at_least = 0}, "m",
         "height over which the levels forget the terrain (Schaer et al. 2002); 0: linearly up to "
         "the lid (Gal-Chen and Somerville 1975)");
  v.require(decay_m == 0 || !height_m.empty(), "decay_m", "is given, but height_m is not");
}

void MoistBoxLevelParams::describe(core::ParamVisitor& v) {
  v.reals("heights_m", heights_m, 0, {}, "m",
          "heights of the levels' faces over flat ground, one more than levels, from the grid's "
          "lower end to its upper one; empty: even levels");
  v.real("lowest_m", lowest_m, {.at_least = 0}, "m",
         "thickness of the lowest level, from which the others grow by one factor; 0: even levels");
  v.require(heights_m.empty() || lowest_m == 0, "lowest_m",
            "is given, and heights_m, too; choose one of them");
}

void MoistBoxParams::describe(core::ParamVisitor& v) {
  v.group("air", air, "constants of the air");
  v.group("base", base, "the air at rest, a function of height in hydrostatic balance");
  v.group("initial", initial, "how the state at t = 0 departs from it");
  v.group("terrain", terrain, "the ground");
  v.group("levels", levels, "uneven levels; the grid's own vertical counts them");
  v.choice(
      "moisture", moisture, {"none", "cloud", "rain", "bins"},
      "water that is carried: none; cloud, vapour and cloud; rain, those and rain; bins, vapour "
      "and a spectrum of drops");
  v.choice("microphysics", microphysics, {"none", "saturation", "kessler", "bins"},
           "what water does: none; saturation, vapour and cloud in balance without rain; kessler, "
           "warm rain; bins, warm rain of a spectrum of drops");
  v.group("kessler", kessler, "rates of microphysics: kessler");
  v.group("bins", bins, "the drops of microphysics: bins");
  v.choice("heat_capacities", heat_capacities, {"dry", "moist"},
           "dry: the heat capacity and gas constant of dry air carry the heat, as most models have "
           "it; moist: those of vapour and water count, too");
  v.choice("x_sides", sides[0], {"periodic", "wall"}, "sides along x; wall: free slip");
  v.choice("y_sides", sides[1], {"periodic", "wall"}, "sides along y (3-D)");
  v.real("coriolis_1_s", coriolis_1_s, {.at_least = -1e-2, .at_most = 1e-2}, "1/s",
         "Coriolis parameter of an f-plane, on departures from the base's wind (3-D)");
  v.integer("advection_order", advection_order, {.at_least = 3, .at_most = 5},
            "order of the upwind fluxes: 3 or 5");
  v.require(advection_order != 4, "advection_order", "must be 3 or 5");
  v.real("cfl", cfl, {.at_most = 1.2, .above = 0}, "1",
         "bound of the time step x sum over axes of |u|/h");
  v.real("max_dt_s", max_dt_s, {.at_least = 0}, "s", "bound of the time step; 0: none");
  v.real("time_step_s", time_step_s, {.at_least = 0}, "s",
         "time step; 0: the largest that is stable, anew from the state. One that is not stable is "
         "refused");
  v.integer("acoustic_steps", acoustic_steps, {.at_least = 2, .at_most = 24},
            "most acoustic steps in a time step, which bounds it in slow flow");
  v.real("off_centring", off_centring, {.at_least = 0, .at_most = 1}, "1",
         "of the implicit vertical acoustics: 0 is centred, 1 backward");
  v.real("divergence_damping", divergence_damping, {.at_least = 0, .at_most = 0.3}, "1",
         "of the acoustic steps: the pressure is extrapolated by this part of its last change");
  v.group("diffusion", diffusion, "viscosity");
  v.group("rayleigh", rayleigh, "layers below the lid and along the sides that damp waves");
  v.group("surface", surface, "fluxes between the ground and the lowest level");
  const bool wet = moisture != "none";
  v.require(surface.vapour_coefficient == 0 || wet, "surface",
            "vapour_coefficient is given, but moisture is none");
  v.require(microphysics == "none" || wet, "microphysics",
            core::format("is {}, but moisture is none", microphysics));
  v.require(microphysics != "kessler" || moisture == "rain", "microphysics",
            "kessler needs moisture: rain");
  v.require((microphysics == "bins") == (moisture == "bins"), "microphysics",
            core::format("is {} with moisture: {}; bins need each other", microphysics, moisture));
  v.require((microphysics != "kessler" && microphysics != "bins") || heat_capacities == "dry",
            "heat_capacities",
            core::format("must be dry with microphysics: {}, which heats dry air", microphysics));
  v.require(microphysics != "bins" || base.profile != "saturated", "base",
            "profile saturated has cloud of no drop size; choose another with microphysics: bins");
  v.require(heat_capacities == "dry" || wet, "heat_capacities", "moist needs moisture");
  v.require(!initial.keep_saturated || (base.profile == "saturated" && wet), "initial",
            "keep_saturated needs base.profile saturated and moisture");
}

}  // namespace understudy::solvers
