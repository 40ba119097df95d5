#include "solvers/weather/moist_box/moist_box_impl.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/weather/moist_box/water_kernels.hpp"

namespace understudy::solvers {

namespace {

// The profiles' order in moist::BasePointers.
std::vector<std::vector<double>> profiles_of(const MoistBoxParams& params,
                                             const mesh::BoxGrid& grid,
                                             const moist::BaseState& base) {
  const int up = grid.dimension() - 1, levels = grid.extent(up);
  std::vector<double> qt(levels), damping(levels, 0.0);
  const double depth = params.rayleigh.depth_m, bottom = grid.upper(up) - depth;
  for (int n = 0; n < levels; ++n) {
    qt[n] = base.qv[n] + base.qc[n];
    const double inside =
        std::min(grid.coordinate(mesh::Location::cell, up, n), grid.upper(up)) - bottom;
    if (depth > 0 && inside > 0)
      damping[n] =
          params.rayleigh.rate_1_s * std::pow(std::sin(std::numbers::pi / 2 * inside / depth), 2);
  }
  return {base.theta_m, base.theta, base.rho_d, base.pressure, qt,      base.qv,
          base.face,    base.slope, base.u,     base.v,        damping, base.exner};
}

void check_walls(const MoistBoxParams& params, const mesh::BoxGrid& grid,
                 const moist::BaseState& base) {
  const std::vector<double>* wind[2] = {&base.u, &base.v};
  for (int axis = 0; axis + 1 < grid.dimension(); ++axis)
    if (params.sides[axis] == "wall" &&
        std::ranges::any_of(*wind[axis], [](double speed) { return speed != 0; }))
      throw core::UserError(
          core::format("moist_box.{0}_sides: wall, but the base has a wind along {0}; use periodic",
                       axis == 0 ? "x" : "y"));
}

}  // namespace

void check_moist_box(const MoistBoxParams& params, const mesh::BoxGrid& grid) {
  const int up = grid.dimension() - 1;
  if (grid.dimension() == 2 && params.coriolis_1_s != 0)
    throw core::UserError(
        "moist_box.coriolis_1_s: a slice has no wind across it; use a 3-D grid, or 0");
  if (params.rayleigh.depth_m > grid.upper(up) - grid.lower(up))
    throw core::UserError(
        core::format("moist_box.rayleigh.depth_m: {:.6g} m is more than the box's "
                     "height of {:.6g} m",
                     params.rayleigh.depth_m, grid.upper(up) - grid.lower(up)));
  for (const auto& bubble : params.initial.bubbles)
    for (const auto* numbers : {&bubble.center_m, &bubble.radius_m})
      if (int(numbers->size()) != grid.dimension())
        throw core::UserError(
            core::format("moist_box.initial.bubbles: {} has {} numbers; the grid has {} axes",
                         numbers == &bubble.center_m ? "center_m" : "radius_m", numbers->size(),
                         grid.dimension()));
}

std::shared_ptr<const mesh::BoxGrid> make_moist_box_grid(const MoistBoxParams& params,
                                                         const mesh::GridParams& grid,
                                                         const core::Comm& comm) {
  const int dimension = grid.dimension(), up = dimension - 1;
  const char* name = up == 1 ? "y" : "z";
  mesh::GridParams own = grid;
  if (own.ranks.empty()) {
    // Whole columns: the horizontal alone is split, as near to squares as the ranks allow.
    own.ranks.assign(dimension, 1);
    own.ranks[0] = comm.size();
    for (int n = 2; dimension == 3 && n <= comm.size(); ++n) {
      if (comm.size() % n != 0) continue;
      const auto edge = [&](int along_x, int along_y) {
        return double(own.cells[1]) / along_y + double(own.cells[0]) / along_x;
      };
      if (edge(comm.size() / n, n) < edge(int(own.ranks[0]), int(own.ranks[1]))) {
        own.ranks[0] = comm.size() / n;
        own.ranks[1] = n;
      }
    }
  }
  if (own.ranks[up] != 1)
    throw core::UserError(
        core::format("grid.ranks: {} ranks along {}, the vertical of the moist box; "
                     "it must be whole on every rank: 1",
                     own.ranks[up], name));
  std::array<bool, 3> periodic{params.sides[0] == "periodic", params.sides[1] == "periodic", false};
  periodic[up] = false;
  return std::make_shared<const mesh::BoxGrid>(own, periodic, comm, moist_box_ghosts);
}

template <class Real>
MoistBoxSolver<Real>::Impl::Impl(const MoistBoxParams& params_,
                                 std::shared_ptr<const mesh::BoxGrid> grid_,
                                 const std::string& deck_directory)
    : params(params_), grid(std::move(grid_)), air(moist::air_of(params.air)), ghosts(grid) {
  check_moist_box(params, *grid);
  base = moist::make_base(params, *grid, deck_directory);
  check_walls(params, *grid, base);
  const auto all = profiles_of(params, *grid, base);
  profiles = {"profiles", all.size(), all[0].size()};
  const auto host = Kokkos::create_mirror_view(profiles);
  for (std::size_t p = 0; p < all.size(); ++p)
    for (std::size_t n = 0; n < all[p].size(); ++n) host(p, n) = Real(all[p][n]);
  Kokkos::deep_copy(profiles, host);
  allocate();
  make_processes();
}

template <class Real>
void MoistBoxSolver<Real>::Impl::allocate() {
  const auto array = [this](const char* name) {
    return Array(name, grid->extent(2), grid->extent(1), grid->extent(0));
  };
  for (Arrays* set : {&stage, &flux, &slow, &departure, &mean}) {
    if (set == &mean && !wet()) continue;
    set->u = array("u");
    if (dim() == 3) set->v = array("v");
    set->w = array("w");
    if (set == &flux || set == &mean) continue;
    set->theta = array("theta");
    set->rho = array("rho");
  }
  for (Array* one : {&pressure, &c, &forward, &inverse, &lower, &upper}) *one = array("work");
  if (viscous()) eddy = array("eddy");
  if (!wet()) return;
  for (Array* one : {&theta_start, &total_water, &next_water, &share}) *one = array("water");
  const std::size_t waters =
      params.moisture == "bins" ? 1 + params.bins.bins : water_names().size();
  for (std::size_t n = 0; n < waters; ++n) stage.water.push_back(array("water"));
}

template <class Real>
std::vector<std::string> MoistBoxSolver<Real>::Impl::water_names() const {
  if (params.moisture == "none") return {};
  if (params.moisture == "cloud") return {"qv", "qc"};
  if (params.moisture == "bins") return {"qv", "drops"};
  return {"qv", "qc", "qr"};
}

template <class Real>
std::vector<std::string> MoistBoxSolver<Real>::Impl::velocity_names() const {
  return dim() == 2 ? std::vector<std::string>{"u", "w"} : std::vector<std::string>{"u", "v", "w"};
}

template <class Real>
moist::BasePointers<Real> MoistBoxSolver<Real>::Impl::base_pointers() const {
  const auto at = [this](int n) { return profiles.data() + n * profiles.stride(0); };
  return {at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9), at(10), at(11)};
}

template <class Real>
moist::StatePointers<Real> MoistBoxSolver<Real>::Impl::pointers(const Arrays& arrays) const {
  return {arrays.u.data(),     arrays.v.data(),   arrays.w.data(),
          arrays.theta.data(), arrays.rho.data(), total_water.data()};
}

template <class Real>
auto MoistBoxSolver<Real>::Impl::arrays_of(const State& state) const -> Arrays {
  Arrays arrays;
  arrays.u = state["u"].component();
  if (dim() == 3) arrays.v = state["v"].component();
  arrays.w = state["w"].component();
  arrays.theta = state["theta"].component();
  arrays.rho = state["density"].component();
  for (const auto& name : water_names()) {
    const auto& field = state[name];
    for (int b = 0; b < field.info.components; ++b) arrays.water.push_back(field.component(b));
  }
  return arrays;
}

template <class Real>
auto MoistBoxSolver<Real>::Impl::velocity_of(const Arrays& arrays) const -> std::vector<Array> {
  if (dim() == 2) return {arrays.u, arrays.w};
  return {arrays.u, arrays.v, arrays.w};
}

template <class Real>
void MoistBoxSolver<Real>::Impl::fill_ghosts(const State& state) {
  const Arrays arrays = arrays_of(state);
  std::vector<Array> cells{arrays.theta, arrays.rho};
  cells.insert(cells.end(), arrays.water.begin(), arrays.water.end());
  ghosts.fill_cells(cells);
  ghosts.fill_velocity(velocity_of(arrays));
}

template <class Real>
mesh::Range3 MoistBoxSolver<Real>::Impl::with_lower_neighbours() const {
  mesh::Range3 r = grid->everything();
  for (int axis = 0; axis < dim(); ++axis) r.begin[axis] = 1;
  return r;
}

template <class Real>
void MoistBoxSolver<Real>::Impl::convert_theta(const Array& from, const Array& qv, const Array& to,
                                               bool back) const {
  moist::dispatch(dim(), [&](auto d) {
    constexpr int dimension = decltype(d)::value;
    const moist::Frame<Real, dimension> f(*grid);
    const Real ratio = Real(air.rv / air.rd);
    if (back)
      mesh::for_rows("theta", grid->interior(),
                     moist::ConvertTheta<Real, dimension, true>{f, base_pointers(), ratio,
                                                                from.data(), qv.data(), to.data()});
    else
      mesh::for_rows("theta", grid->everything(),
                     moist::ConvertTheta<Real, dimension, false>{
                         f, base_pointers(), ratio, from.data(), qv.data(), to.data()});
  });
}

template struct MoistBoxSolver<float>::Impl;
template struct MoistBoxSolver<double>::Impl;

}  // namespace understudy::solvers
