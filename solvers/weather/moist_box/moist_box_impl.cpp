#include "solvers/weather/moist_box/moist_box_impl.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/mapped_box_grid.hpp"
#include "solvers/weather/moist_box/water_kernels.hpp"

namespace understudy::solvers {

namespace {

double rate_of(double rate_1_s, double inside_m, double depth_m) {
  if (!(depth_m > 0 && inside_m > 0)) return 0;
  return rate_1_s * std::pow(std::sin(std::numbers::pi / 2 * inside_m / depth_m), 2);
}

// The profiles' order in moist::BasePointers; height(n) is that of the base's n-th value.
template <class Height>
std::vector<std::vector<double>> profiles_of(const MoistBoxParams& params,
                                             const mesh::BoxGrid& grid,
                                             const moist::BaseState& base, const Height& height) {
  const std::size_t count = base.theta.size();
  std::vector<double> qt(count), damping(count);
  const double depth = params.rayleigh.depth_m, top = grid.upper(grid.dimension() - 1);
  const double bottom = top - depth;
  for (std::size_t n = 0; n < count; ++n) {
    qt[n] = base.qv[n] + base.qc[n];
    damping[n] = rate_of(params.rayleigh.rate_1_s, std::min(height(n), top) - bottom, depth);
  }
  std::vector<std::vector<double>> all{base.theta_m, base.theta, base.rho_d, base.pressure,
                                       qt,           base.qv,    base.u,     base.v,
                                       damping,      base.exner};
  if (base.face.empty()) return all;  // by cell
  all.push_back(base.face);
  all.push_back(base.slope);
  return all;
}

// Rates by index along x and y of the layers at the sides.
std::array<std::vector<double>, 2> side_rates(const MoistBoxParams& params,
                                              const mesh::BoxGrid& grid) {
  std::array<std::vector<double>, 2> rates;
  const double widths[2] = {params.rayleigh.x_sides_m, params.rayleigh.y_sides_m};
  for (int axis = 0; axis < 2; ++axis) {
    rates[axis].assign(grid.extent(axis), 0);
    if (axis + 1 >= grid.dimension()) continue;
    for (int n = 0; n < grid.extent(axis); ++n) {
      const double x = std::clamp(grid.coordinate(mesh::Location::cell, axis, n), grid.lower(axis),
                                  grid.upper(axis));
      const double away = std::min(x - grid.lower(axis), grid.upper(axis) - x);
      rates[axis][n] = rate_of(params.rayleigh.sides_rate_1_s, widths[axis] - away, widths[axis]);
    }
  }
  return rates;
}

template <class Real, class Rows>
Kokkos::View<Real**, Kokkos::LayoutRight, mesh::Memory> to_device(const char* name,
                                                                  const Rows& rows) {
  std::size_t longest = 0;
  for (const auto& row : rows) longest = std::max(longest, row.size());
  const Kokkos::View<Real**, Kokkos::LayoutRight, mesh::Memory> view(name, rows.size(), longest);
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t n = 0; n < rows[r].size(); ++n) host(r, n) = Real(rows[r][n]);
  Kokkos::deep_copy(view, host);
  return view;
}

void check_walls(const MoistBoxParams& params, const mesh::BoxGrid& grid,
                 const moist::BaseState& base) {
  const std::vector<double>* wind[2] = {&base.u, &base.v};
  for (int axis = 0; axis + 1 < grid.dimension(); ++axis)
    if (params.sides[axis] == "wall" &&
        std::ranges::any_of(*wind[axis], [](double speed) { return speed != 0; }))
      throw core::UserError(
          core::format("moist_box.{0}_sides: wall, but the base has a wind along {0}; use periodic "
                       "(rayleigh.{0}_sides_m lets waves leave)",
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
  const double widths[2] = {params.rayleigh.x_sides_m, params.rayleigh.y_sides_m};
  for (int axis = 0; axis < 2; ++axis) {
    const char* name = axis == 0 ? "x" : "y";
    if (widths[axis] > 0 && axis == up)
      throw core::UserError(core::format(
          "moist_box.rayleigh.{}_sides_m: a slice has no such sides; its sides are along x", name));
    if (axis < up && 2 * widths[axis] > grid.upper(axis) - grid.lower(axis))
      throw core::UserError(core::format(
          "moist_box.rayleigh.{0}_sides_m: two layers of {1:.6g} m do not fit into the {2:.6g} m along "
          "{0}; at most {3:.6g} m do",
          name, widths[axis], grid.upper(axis) - grid.lower(axis),
          (grid.upper(axis) - grid.lower(axis)) / 2));
  }
  for (const auto& bubble : params.initial.bubbles)
    for (const auto* numbers : {&bubble.center_m, &bubble.radius_m})
      if (int(numbers->size()) != grid.dimension())
        throw core::UserError(
            core::format("moist_box.initial.bubbles: {} has {} numbers; the grid has {} axes",
                         numbers == &bubble.center_m ? "center_m" : "radius_m", numbers->size(),
                         grid.dimension()));
}

bool follows_terrain(const MoistBoxParams& params) { return moist::needs_level_map(params); }

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
  if (!follows_terrain(params))
    return std::make_shared<const mesh::BoxGrid>(own, periodic, comm, moist_box_ghosts);
  const auto box = std::make_shared<mesh::MappedBoxGrid>(own, periodic, comm, moist_box_ghosts);
  moist::measure_cells(params, *box);
  return box;
}

template <class Real>
MoistBoxSolver<Real>::Impl::Impl(const MoistBoxParams& params_,
                                 std::shared_ptr<const mesh::BoxGrid> grid_,
                                 const std::string& deck_directory)
    : params(params_),
      grid(std::move(grid_)),
      air(moist::air_of(params.air)),
      metric(params, *grid),
      ghosts(grid, metric.pointers) {
  check_moist_box(params, *grid);
  const int up = dim() - 1;
  if (mapped()) {
    const auto& heights = metric.map.height_m;
    base = moist::make_base_at(params, *grid, heights, deck_directory);
    profiles = to_device<Real>(
        "profiles", profiles_of(params, *grid, base, [&](std::size_t n) { return heights[n]; }));
  } else {
    base = moist::make_base(params, *grid, deck_directory);
    profiles = to_device<Real>("profiles", profiles_of(params, *grid, base, [&](std::size_t n) {
                                 return grid->coordinate(mesh::Location::cell, up, int(n));
                               }));
  }
  check_walls(params, *grid, base);
  sides = to_device<Real>("side layers", side_rates(params, *grid));
  allocate();
  make_processes();
  make_surface();
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
  if (mapped()) rise = array("rise");
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
  const bool by_level = profiles.extent(0) > 10;
  return {at(0),
          at(1),
          at(2),
          at(3),
          at(4),
          at(5),
          at(6),
          at(7),
          at(8),
          at(9),
          by_level ? at(10) : nullptr,
          by_level ? at(11) : nullptr};
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
  with_frame([&](auto f) {
    moist::with_flag(back, [&](auto b) {
      mesh::for_rows(
          "theta", back ? grid->interior() : grid->everything(),
          moist::ConvertTheta<decltype(f), decltype(b)::value>{
              f, base_pointers(), Real(air.rv / air.rd), from.data(), qv.data(), to.data()});
    });
  });
}

template struct MoistBoxSolver<float>::Impl;
template struct MoistBoxSolver<double>::Impl;

}  // namespace understudy::solvers
