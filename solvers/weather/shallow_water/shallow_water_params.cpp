#include "solvers/weather/shallow_water/shallow_water_params.hpp"

#include "core/format.hpp"
#include "solvers/weather/shallow_water/shallow_water_cases.hpp"

namespace understudy::solvers {

namespace {

const std::vector<std::string>& case_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const CaseEntry& entry : shallow_water_cases()) all.emplace_back(entry.name);
    return all;
  }();
  return names;
}

}  // namespace

void JetPerturbation::describe(core::ParamVisitor& v) {
  v.real("height_m", height_m, {}, "m", "height of the perturbation; 0: none");
  v.real("latitude_deg", latitude_deg, {.at_least = -90, .at_most = 90}, "degrees", "its latitude");
  v.real("longitude_deg", longitude_deg, {.at_least = -180, .at_most = 360}, "degrees",
         "its longitude");
  v.real("width_longitude", width_longitude, {.above = 0}, "rad", "its width along a parallel");
  v.real("width_latitude", width_latitude, {.above = 0}, "rad", "its width along a meridian");
  v.integer(
      "seed", seed, {.at_least = 0},
      "draws height (factor 0.5 to 1.5, either sign), latitude (within 5 degrees), longitude (any) "
      "and widths (factor 0.75 to 1.25) around these; 0: as they are");
}

void RandomFlow::describe(core::ParamVisitor& v) {
  v.integer("seed", seed, {.at_least = 0}, "of the random waves");
  v.real("speed_m_s", speed_m_s, {.above = 0}, "m/s", "root mean square of the speed");
  v.integer("lowest_degree", lowest_degree, {.at_least = 1, .at_most = 200},
            "lowest degree of the waves' spherical harmonics");
  v.integer("highest_degree", highest_degree, {.at_least = 1, .at_most = 200}, "highest degree");
  v.require(highest_degree >= lowest_degree, "highest_degree",
            core::format("is {}, below lowest_degree ({})", highest_degree, lowest_degree));
}

void TopographyFile::describe(core::ParamVisitor& v) {
  v.text(
      "file", file,
      "NetCDF file of the ground's height on a longitude-latitude grid, relative to the deck; empty: the "
      "start's own. It is not tilted, and the surface stays that of the start");
  v.text("variable", variable, "its variable [lat, lon], in m or km");
}

void ShallowWaterParams::describe(core::ParamVisitor& v) {
  v.choice("start", start, case_names(), "initial state, with its topography");
  v.real("tilt_deg", tilt_deg, {.at_least = -180, .at_most = 180}, "degrees",
         "angle between the rotation axis and the grid's z axis; the whole case is turned with it");
  v.real("gravity_m_s2", gravity_m_s2, {.above = 0}, "m/s2", "gravity");
  v.real("rotation_1_s", rotation_1_s, {}, "1/s", "angular velocity of the sphere");
  v.integer("order", order, {.at_least = 3, .at_most = 7},
            "of the upwind-biased interpolation to the cells' faces: 3, 5 or 7");
  v.require(order % 2 == 1, "order", core::format("is {}; 3, 5 or 7 are wanted", order));
  v.choice("time_scheme", time_scheme, {"ssp_rk3", "ssp_rk43", "ssp_rk104", "fb_rk32"},
           "strong-stability-preserving Runge-Kutta scheme: third order with three or four stages, "
           "fourth order with ten; or the forward-backward one of second order with three stages, "
           "which carries no tracer");
  v.real("step_fraction", step_fraction, {.at_most = 1, .above = 0}, "1",
         "time step as a fraction of the largest stable one");
  v.real("max_dt_s", max_dt_s, {.at_least = 0}, "s", "bound of the time step; 0: none");
  v.real("viscosity_m2_s", viscosity_m2_s, {.at_least = 0}, "m2/s",
         "of the Laplacian of depth and momentum");
  v.real("hyperviscosity_m4_s", hyperviscosity_m4_s, {.at_least = 0}, "m4/s",
         "of the Laplacian of the Laplacian of depth and momentum");
  v.choice(
      "tracer", tracer, {"none", "cosine_bells", "slotted_cylinders", "latitude"},
      "start of a passive tracer, positive and monotone (Lauritzen et al. 2012; sine of the latitude)");
  v.require(time_scheme != "fb_rk32" || tracer == "none", "time_scheme",
            "is fb_rk32, which carries no tracer; the others do");
  v.require(start != "williamson_1" || tracer == "none", "tracer",
            core::format("is {}, but start is williamson_1, which has no fluid outside its bell to "
                         "carry it; choose none, or another start",
                         tracer));
  v.group("topography", topography, "the ground from a file");
  v.group("perturbation", perturbation, "what perturbs the jet of `galewsky`");
  v.group("random", random, "the waves of `random`");
}

}  // namespace understudy::solvers
