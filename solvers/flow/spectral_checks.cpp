// What the spectral method does not serve; messages name the key.
#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/loops.hpp"
#include "solvers/flow/spectral_impl.hpp"

namespace understudy::solvers {

namespace {

constexpr const char* otherwise = "; use flow.discretisation: finite_volume";

}  // namespace

std::string spectral_refusal(const FlowParams& params, int dimension) {
  for (int side = 0; side < 2 * dimension; ++side)
    if (params.boundaries.side[side].kind != "periodic")
      return core::format(
          "flow.boundaries.{}.kind: is {}; flow.discretisation: spectral is for boxes that are periodic "
          "along every axis",
          mesh::side_name(side), params.boundaries.side[side].kind);
  const auto no = [](const char* key, const std::string& what) {
    return core::format("flow.{}: {}, which flow.discretisation: spectral does not serve{}", key,
                        what, otherwise);
  };
  if (!params.bodies.empty()) return no("bodies", "there are bodies");
  if (params.les.model != "none") return no("les.model", "is " + params.les.model);
  if (params.scalar.enabled) return no("scalar.enabled", "is true");
  return "";
}

void check_spectral_flow(const FlowParams& params, const mesh::BoxGrid& grid) {
  const std::string refusal = spectral_refusal(params, grid.dimension());
  if (!refusal.empty()) throw core::UserError(refusal);
  if (params.convection != "central")
    throw core::UserError(
        core::format("flow.convection: is {}, a scheme of the finite volumes; leave it out with "
                     "flow.discretisation: spectral",
                     params.convection));
  if (params.pressure.method != "auto")
    throw core::UserError(core::format(
        "flow.pressure.method: is {}; flow.discretisation: spectral solves for the pressure in Fourier "
        "space: leave it out",
        params.pressure.method));
  if (params.balance)
    throw core::UserError(
        core::format("flow.balance: is true, and what goes through sides is counted by the finite "
                     "volumes{}",
                     otherwise));
  if (!mesh::on_host)
    throw core::UserError(core::format(
        "flow.discretisation: spectral needs a build for the host: its transforms are FFTW's{}",
        otherwise));
  if (grid.comm().size() > 1)
    throw core::UserError(core::format(
        "flow.discretisation: spectral runs on one rank, and these are {} (grid.ranks){}",
        grid.comm().size(), otherwise));
  for (int axis = 0; axis < grid.dimension(); ++axis)
    if (grid.global_cells(axis) < 4)
      throw core::UserError(core::format(
          "grid.cells: {} along {}; flow.discretisation: spectral carries a wave from 4 on",
          grid.global_cells(axis), "xyz"[axis]));
}

}  // namespace understudy::solvers
