#include "solvers/flow/flow_params.hpp"

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/names.hpp"

namespace understudy::solvers {

void FlowBoundaryParams::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, {"periodic", "wall", "inflow", "outflow", "slip"}, "kind of this side");
  v.texts("velocity_m_s", velocity_m_s,
          "wall, inflow: velocity, one formula of x, y, z, t per component (empty: at rest)");
  v.choice("profile", profile, {"expression", "uniform", "parabolic", "file"},
           "inflow: how velocity_m_s varies over the side; parabolic: it is the centre line's");
  v.text(
      "file", file,
      "inflow with profile file: table of the coordinates along the side (m) and the velocity "
      "components (m/s), relative to the deck; in 3-D of both coordinates, or of one that its header "
      "names (z, u, v, w)");
  v.text("scalar", scalar, "the scalar's value here, a formula (empty: no diffusive flux)");
}

void FlowBoundariesParams::describe(core::ParamVisitor& v) {
  v.group("x_lower", side[mesh::x_lower], "side at the lower end of x");
  v.group("x_upper", side[mesh::x_upper], "side at the upper end of x");
  v.group("y_lower", side[mesh::y_lower], "side at the lower end of y");
  v.group("y_upper", side[mesh::y_upper], "side at the upper end of y");
  v.group("z_lower", side[mesh::z_lower], "side at the lower end of z (3-D)");
  v.group("z_upper", side[mesh::z_upper], "side at the upper end of z (3-D)");
}

void FlowRandomParams::describe(core::ParamVisitor& v) {
  v.choice(
      "spectrum", spectrum, {"none", "peak", "mcwilliams", "matern"},
      "energy over wave numbers: peak k^4 exp(-2 (k/peak)^2); mcwilliams, stream function "
      "1/(k (1 + (k/peak)^4)); matern, vorticity N(0, scale (-Laplace + wave_number^2)^-exponent)");
  v.real("rms_m_s", rms_m_s, {.at_least = 0}, "m/s",
         "root mean square of the speed; 0: as matern's scale makes it");
  v.real("peak_wave_number_1_m", peak_wave_number_1_m, {.at_least = 0}, "1/m",
         "peak, mcwilliams: wave number (2 pi over the wave length) of the largest energy");
  v.real("matern_scale", matern_scale, {.at_least = 0}, "1", "matern: factor of the covariance");
  v.real("matern_wave_number_1_m", matern_wave_number_1_m, {.at_least = 0}, "1/m",
         "matern: inverse correlation length");
  v.real("matern_exponent", matern_exponent, {.at_most = 20, .above = 0}, "1", "matern: exponent");
  const bool peaked = spectrum == "peak" || spectrum == "mcwilliams";
  v.require(!peaked || (rms_m_s > 0 && peak_wave_number_1_m > 0), "spectrum",
            "peak and mcwilliams need rms_m_s and peak_wave_number_1_m");
  v.require(
      spectrum != "matern" || matern_scale > 0, "matern_scale",
      "must be above 0 with spectrum matern (Li et al. 2021: 18.52, wave number 7, exponent 2.5)");
}

void FlowInitialParams::describe(core::ParamVisitor& v) {
  v.texts("velocity_m_s", velocity_m_s,
          "initial velocity, one formula of x, y, z per component (empty: at rest)");
  v.text("scalar", scalar, "initial value of the scalar, a formula of x, y, z");
  v.real("noise_m_s", noise_m_s, {.at_least = 0}, "m/s",
         "amplitude of a random disturbance added to each velocity component");
  v.integer("noise_seed", noise_seed, {.at_least = 0}, "seed of that disturbance and of random");
  v.group("random", random, "random divergence-free velocity, added (2-D periodic box)");
}

void FlowLesParams::describe(core::ParamVisitor& v) {
  v.choice("model", model, {"none", "smagorinsky", "wale"}, "subgrid model (3-D only)");
  v.real("constant", constant, {.at_least = 0, .at_most = 2}, "1",
         "model constant; 0: the model's own (Smagorinsky 0.17, WALE 0.5)");
  v.real("turbulent_schmidt", turbulent_schmidt, {.at_most = 10, .above = 0}, "1",
         "eddy viscosity over the scalar's eddy diffusivity (0.2 to 1.3 in use, Tominaga & "
         "Stathopoulos 2007)");
}

void FlowReactionParams::describe(core::ParamVisitor& v) {
  v.choice("growth", growth, {"none", "logistic", "bistable"},
           "growth of the scalar c from 0 to 1: logistic, rate c (1 - c); bistable, rate c (1 - c) "
           "(c - threshold)");
  v.real("growth_1_s", growth_1_s, {.at_least = 0}, "1/s", "rate of the growth");
  v.real("threshold", threshold, {.at_least = 0, .below = 1}, "1",
         "bistable: the value above which the scalar grows, and below which it falls");
  v.real("decay_1_s", decay_1_s, {.at_least = 0}, "1/s", "first-order decay, rate c");
  v.require(growth == "none" || growth_1_s > 0, "growth_1_s",
            core::format("must be above 0 with growth {}", growth));
  v.require(growth != "none" || growth_1_s == 0, "growth_1_s",
            "is given, but growth is none; choose logistic or bistable");
  v.require(growth != "bistable" || threshold > 0, "threshold",
            "must be above 0 and below 1 with growth bistable");
  v.require(growth == "bistable" || threshold == 0, "threshold",
            core::format("is given, but growth is {}; bistable has one", growth));
}

void FlowScalarParams::describe(core::ParamVisitor& v) {
  v.flag("enabled", enabled, "carry a scalar");
  v.real("diffusivity_m2_s", diffusivity_m2_s, {.at_least = 0}, "m2/s", "its diffusivity");
  v.choice("convection", convection, {"limited", "central", "upwind3"},
           "limited: stays between the values that are there (Koren's limiter, Runge-Kutta 2); "
           "central, upwind3: over- and undershoot at fronts");
  v.choice("at_bodies", at_bodies, {"insulated", "fixed"},
           "at bodies: no diffusive flux, or the value body_value");
  v.real("body_value", body_value, {}, "1", "its value on bodies, with at_bodies: fixed");
  v.reals(
      "buoyancy_m_s2", buoyancy_m_s2, 0, {}, "m/s2",
      "push per mass for each unit of the scalar above buoyancy_from, one number per axis: of a "
      "temperature the thermal expansion times gravity, upwards (empty: the scalar is passive)");
  v.real("buoyancy_from", buoyancy_from, {}, "1", "value of the scalar that is not pushed");
  v.group("reaction", reaction, "its source; a process that sub_models can replace");
}

void FlowProbeParams::describe(core::ParamVisitor& v) {
  v.text("name", name,
         "name of the probe (column prefix in probes.csv); empty: probe_1, probe_2...");
  core::require_name(v, "name", name);
  v.reals("point_m", point_m, 0, {}, "m", "its position, one number per axis");
}

void FlowLineParams::describe(core::ParamVisitor& v) {
  v.text("name", name, "name of the line (lines/<name>_<window>.csv); empty: line_1, line_2...");
  core::require_name(v, "name", name);
  v.reals("from_m", from_m, 0, {}, "m", "first point");
  v.reals("to_m", to_m, 0, {}, "m", "last point");
  v.integer("points", points, {.at_least = 2, .at_most = 100000}, "number of points");
}

void FlowSurfaceParams::describe(core::ParamVisitor& v) {
  v.flag(
      "forces", forces,
      "diagnostics of the force on bodies by part (pressure, friction), of its moment and of y+");
  v.reals("moment_point_m", moment_point_m, 0, {}, "m",
          "point of the moments, one number per axis (empty: the origin)");
  v.flag(
      "files", files,
      "write surface.pvd and surface/surface_<window>.csv at every output: pressure and friction along "
      "the bodies' surfaces");
  v.reals(
      "reference_point_m", reference_point_m, 0, {}, "m",
      "point of the pressure that the pressure coefficient is counted from (empty: the middle of "
      "the inflow side; without one the mean over the fluid)");
}

void FlowParams::describe(core::ParamVisitor& v) {
  v.real("reynolds", reynolds, {.at_least = 0}, "1",
         "reference_speed_m_s x reference_length_m / viscosity; give this or viscosity_m2_s");
  v.real("viscosity_m2_s", viscosity_m2_s, {.at_least = 0}, "m2/s",
         "kinematic viscosity; give this or reynolds (neither: inviscid)");
  v.require(reynolds == 0 || viscosity_m2_s == 0, "viscosity_m2_s",
            "give either reynolds or viscosity_m2_s, not both");
  v.real("density_kg_m3", density_kg_m3, {.above = 0}, "kg/m3", "density");
  v.real("reference_speed_m_s", reference_speed_m_s, {.above = 0}, "m/s",
         "speed of the Reynolds number and of the force coefficients");
  v.real("reference_length_m", reference_length_m, {.above = 0}, "m",
         "length of the Reynolds number and of the force coefficients");
  v.real("reference_area_m2", reference_area_m2, {.at_least = 0}, "m2",
         "area of the force coefficients; 0: the length (2-D), its square (3-D)");
  v.reals("acceleration_m_s2", acceleration_m_s2, 0, {}, "m/s2",
          "uniform body force per mass, one number per axis (empty: none)");
  v.texts("force_m_s2", force_m_s2,
          "body force per mass, one formula of x, y, z, t per component (empty: none)");
  v.renamed("drag_1_s", "rayleigh_friction_1_s");
  v.real("rayleigh_friction_1_s", rayleigh_friction_1_s, {.at_least = 0}, "1/s",
         "linear drag: the velocity times this is taken off");
  v.choice(
      "discretisation", discretisation, {"finite_volume", "spectral"},
      "in space: finite volumes of second order; spectral, Fourier modes in a box that is periodic along "
      "every axis, without bodies, scalar and LES, on one rank of a host build (adjoints: finite volumes)");
  v.choice("convection", convection, {"central", "upwind3"},
           "convective scheme: central conserves energy, upwind3 damps what the grid cannot carry");
  v.real(
      "cfl", cfl, {.at_most = 1, .above = 0}, "1",
      "upper bound of dt x sum over axes of |u|/h; the step is smaller where stability demands it "
      "(little viscosity with central: down to 0.14)");
  v.real("max_dt_s", max_dt_s, {.at_least = 0}, "s", "upper bound of the time step; 0: none");
  v.integer("forcing_iterations", forcing_iterations, {.at_least = 1, .at_most = 10},
            "rounds of body forcing and projection per step");
  v.group("boundaries", boundaries, "the sides of the box");
  v.list("bodies", bodies, "immersed bodies at rest; their union is the obstacle");
  v.group("initial", initial, "the state at t = 0");
  v.group("les", les, "large-eddy simulation");
  v.group("scalar", scalar, "passive scalar");
  v.group("pressure", pressure, "linear solver of the pressure equation");
  v.list("probes", probes, "points sampled after every window");
  core::require_names(v, "probes", probes, "probe");
  v.list("lines", lines, "lines sampled at every output");
  core::require_names(v, "lines", lines, "line");
  v.group("surface", surface, "what is said of the bodies' surfaces");
  v.flag("balance", balance,
         "diagnostics of what goes through the sides of the box: momentum and energy");
}

double FlowParams::viscosity() const {
  if (reynolds > 0) return reference_speed_m_s * reference_length_m / reynolds;
  return viscosity_m2_s;
}

std::array<bool, 3> periodic_axes(const FlowParams& params) {
  std::array<bool, 3> periodic{};
  for (int axis = 0; axis < 3; ++axis) {
    const bool lower = params.boundaries.side[2 * axis].kind == "periodic";
    const bool upper = params.boundaries.side[2 * axis + 1].kind == "periodic";
    if (lower != upper)
      throw core::UserError(core::format(
          "flow.boundaries: {} is periodic but {} is '{}'; both sides of an axis must be periodic, "
          "or neither",
          mesh::side_name(lower ? 2 * axis : 2 * axis + 1),
          mesh::side_name(lower ? 2 * axis + 1 : 2 * axis),
          params.boundaries.side[lower ? 2 * axis + 1 : 2 * axis].kind));
    periodic[axis] = lower;
  }
  return periodic;
}

}  // namespace understudy::solvers
