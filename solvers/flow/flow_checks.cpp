// What a deck's flow section must have to fit the grid; messages name the key.

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/flow/flow_impl.hpp"
#include "solvers/flow/random_velocity.hpp"

namespace understudy::solvers {

namespace {

void check_axes(const std::vector<double>& values, int dimension, const std::string& key) {
  if (static_cast<int>(values.size()) != dimension)
    throw core::UserError(core::format("{}: has {} entries, but the grid has {} axes", key,
                                       values.size(), dimension));
}

void check_point(const std::vector<double>& point, const mesh::BoxGrid& grid,
                 const std::string& key) {
  check_axes(point, grid.dimension(), key);
  for (int axis = 0; axis < grid.dimension(); ++axis)
    if (point[axis] < grid.lower(axis) || point[axis] > grid.upper(axis))
      throw core::UserError(core::format(
          "{}: {} = {:.6g} m lies outside the domain, which reaches from {:.6g} to {:.6g} m", key,
          "xyz"[axis], point[axis], grid.lower(axis), grid.upper(axis)));
}

void check_side(const FlowParams& params, const mesh::BoxGrid& grid, int side) {
  const FlowBoundaryParams& p = params.boundaries.side[side];
  const std::string key = core::format("flow.boundaries.{}", mesh::side_name(side));
  const int axis = mesh::side_axis(side);
  if (axis >= grid.dimension()) {
    const FlowBoundaryParams untouched;
    if (p.kind != untouched.kind || !p.velocity_m_s.empty() || !p.scalar.empty())
      throw core::UserError(key + ": the grid has two axes, so there is no such side");
    return;
  }
  if ((p.kind == "periodic") != grid.periodic(axis))
    throw core::UserError(core::format("{}: is '{}', but the grid was made {} along {}", key,
                                       p.kind, grid.periodic(axis) ? "periodic" : "not periodic",
                                       "xyz"[axis]));
  if (p.profile != "expression" && p.kind != "inflow")
    throw core::UserError(core::format(
        "{}.profile: '{}' shapes what comes in at a side of kind 'inflow', but this one is '{}'; "
        "leave it out, or give velocity_m_s as formulas",
        key, p.profile, p.kind));
  if (p.kind == "inflow" && p.velocity_m_s.empty() && p.profile != "file")
    throw core::UserError(core::format(
        "{}.velocity_m_s: an inflow needs its velocity, one formula for each of the {} components",
        key, grid.dimension()));
  if (!p.velocity_m_s.empty() && p.profile == "file")
    throw core::UserError(
        key + ".velocity_m_s: is given, but with profile: file the velocity comes from the file");
  if (!p.velocity_m_s.empty() && p.kind != "wall" && p.kind != "inflow")
    throw core::UserError(core::format(
        "{}.velocity_m_s: a side of kind '{}' takes no velocity; wall and inflow do", key, p.kind));
  if (!p.scalar.empty() && !params.scalar.enabled)
    throw core::UserError(key + ".scalar: is given, but flow.scalar.enabled is false");
  if (!p.scalar.empty() && p.kind == "periodic")
    throw core::UserError(
        key + ".scalar: a periodic side takes no value; wall, inflow, outflow and slip do");
  if (!p.file.empty() && p.profile != "file")
    throw core::UserError(core::format(
        "{}.file: is given, but the profile is '{}'; use profile: file", key, p.profile));
}

// A key that would do nothing is a mistake of whoever set it.
void check_idle(bool idle, const std::string& key, const std::string& wanted) {
  if (idle) throw core::UserError(core::format("{}: is given, but {}", key, wanted));
}

void check_idle_keys(const FlowParams& params) {
  const FlowParams unset;
  const bool no_scalar = !params.scalar.enabled, no_les = params.les.model == "none";
  const std::string wants_scalar = "flow.scalar.enabled is false; enable it or leave this out",
                    wants_les =
                        "flow.les.model is none; choose smagorinsky or wale, or leave this "
                        "out";
  check_idle(no_scalar && params.initial.scalar != unset.initial.scalar, "flow.initial.scalar",
             wants_scalar);
  check_idle(no_scalar && params.scalar.diffusivity_m2_s != unset.scalar.diffusivity_m2_s,
             "flow.scalar.diffusivity_m2_s", wants_scalar);
  check_idle(no_scalar && params.scalar.convection != unset.scalar.convection,
             "flow.scalar.convection", wants_scalar);
  check_idle(no_scalar && params.scalar.at_bodies != unset.scalar.at_bodies,
             "flow.scalar.at_bodies", wants_scalar);
  check_idle(no_scalar && params.scalar.reaction.enabled(), "flow.scalar.reaction", wants_scalar);
  check_idle(no_scalar && !params.scalar.buoyancy_m_s2.empty(), "flow.scalar.buoyancy_m_s2",
             wants_scalar);
  check_idle(params.scalar.buoyancy_m_s2.empty() && params.scalar.buoyancy_from != 0,
             "flow.scalar.buoyancy_from", "flow.scalar.buoyancy_m_s2 is empty; leave this out");
  check_idle(params.bodies.empty() && params.scalar.at_bodies != unset.scalar.at_bodies,
             "flow.scalar.at_bodies", "flow.bodies is empty; leave this out");
  check_idle(params.scalar.at_bodies != "fixed" && params.scalar.body_value != 0,
             "flow.scalar.body_value", "flow.scalar.at_bodies is insulated; use at_bodies: fixed");
  check_idle(no_les && params.les.turbulent_schmidt != unset.les.turbulent_schmidt,
             "flow.les.turbulent_schmidt", wants_les);
  check_idle(no_scalar && params.les.turbulent_schmidt != unset.les.turbulent_schmidt,
             "flow.les.turbulent_schmidt", wants_scalar);
  const std::string wants_bodies = "flow.bodies is empty; leave this out";
  check_idle(params.bodies.empty() && params.surface.files, "flow.surface.files", wants_bodies);
  check_idle(params.bodies.empty() && !params.surface.moment_point_m.empty(),
             "flow.surface.moment_point_m", wants_bodies);
  check_idle(!params.surface.files && !params.surface.reference_point_m.empty(),
             "flow.surface.reference_point_m", "flow.surface.files is false; it is of those files");
  check_idle(no_les && params.les.constant != unset.les.constant, "flow.les.constant", wants_les);
}

}  // namespace

void check_flow_params(const FlowParams& params, const mesh::BoxGrid& grid) {
  const int dimension = grid.dimension();
  periodic_axes(params);
  check_idle_keys(params);
  for (int side = 0; side < 6; ++side) check_side(params, grid, side);
  if (params.les.model != "none" && dimension == 2)
    throw core::UserError(core::format(
        "flow.les.model: '{}' is for three-dimensional turbulence; on a 2-D grid use none",
        params.les.model));
  flow::check_random_velocity(params.initial.random, grid);
  if (!params.acceleration_m_s2.empty())
    check_axes(params.acceleration_m_s2, dimension, "flow.acceleration_m_s2");
  if (!params.scalar.buoyancy_m_s2.empty())
    check_axes(params.scalar.buoyancy_m_s2, dimension, "flow.scalar.buoyancy_m_s2");
  for (std::size_t n = 0; n < params.probes.size(); ++n)
    check_point(params.probes[n].point_m, grid, core::format("flow.probes[{}].point_m", n));
  for (std::size_t n = 0; n < params.lines.size(); ++n) {
    check_point(params.lines[n].from_m, grid, core::format("flow.lines[{}].from_m", n));
    check_point(params.lines[n].to_m, grid, core::format("flow.lines[{}].to_m", n));
  }
  if (!params.surface.moment_point_m.empty())
    check_axes(params.surface.moment_point_m, dimension, "flow.surface.moment_point_m");
  if (!params.surface.reference_point_m.empty())
    check_point(params.surface.reference_point_m, grid, "flow.surface.reference_point_m");
}

}  // namespace understudy::solvers
