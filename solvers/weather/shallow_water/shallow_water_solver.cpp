#include "solvers/weather/shallow_water/shallow_water_solver.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/timers.hpp"
#include "mesh/loops.hpp"
#include "solvers/weather/shallow_water/shallow_water_impl.hpp"
#include "solvers/weather/shallow_water/shallow_water_kernels.hpp"

namespace understudy::solvers {

using namespace shallow_water;

int shallow_water_ghosts(long long order) {
  return int(order);
}  // (order + 1) / 2 + (order - 1) / 2

namespace {

// Values at the faces below the cells from those at centres, central and one order above `order`.
template <class Real, int order>
struct FaceValues {
  mesh::Array3<Real> centre, face;
  int axis;
  KOKKOS_INLINE_FUNCTION void operator()(const int k, const int j, const int i) const {
    const long stride = axis == 0 ? 1 : long(centre.extent(2));
    const Sides<Real> sides = at_face<order>(&centre(k, j, i), stride);
    face(k, j, i) = Real(0.5) * (sides.lower + sides.upper);
  }
};

}  // namespace

template <class Real>
ShallowWaterSolver<Real>::Impl::Impl(const ShallowWaterParams& p,
                                     std::shared_ptr<const mesh::CubedSphereGrid> g,
                                     const Topography& given)
    : params(p),
      grid(std::move(g)),
      tilt(p.tilt_deg),
      start(make_shallow_water_case(p, grid->radius())),
      ground(given),
      metric(*grid),
      halo(grid, int(p.order)),
      edges(grid),
      stages(shallow_water::stages(p.time_scheme)),
      stable_cfl(largest_stable_cfl(p.order, p.time_scheme)),
      stable_decay(largest_stable_decay(p.time_scheme)) {
  const auto array = [&](const char* name) {
    return Array(name, grid->extent(2), grid->extent(1), grid->extent(0));
  };
  for (int q = 0; q < conserved; ++q) {
    seen.push_back(array("surface and velocity"));
    now.push_back(array("depth and momentum"));
    before.push_back(array("depth and momentum before"));
    if (viscous()) carried.push_back(array("carried by viscosity"));
    if (params.hyperviscosity_m4_s > 0) smooth.push_back(array("Laplacian"));
  }
  for (auto& axis : faces)
    for (int q = 0; q < face_values; ++q) axis.push_back(array("face flux"));
  if (has_tracer()) {
    bounding_halo = std::make_unique<mesh::CubedSphereHalo<Real>>(grid, 1);
    tracer = {array("tracer"),
              array("carried tracer"),
              array("carried tracer before"),
              array("tracer around"),
              array("least tracer"),
              array("most tracer"),
              {array("tracer flux x"), array("tracer flux y")}};
  }
  topography = array("topography");
  const auto host = Kokkos::create_mirror_view(topography);
  for (int k = 0; k < grid->extent(2); ++k)
    for (int j = 0; j < grid->extent(1); ++j)
      for (int i = 0; i < grid->extent(0); ++i)
        host(k, j, i) = Real(start_ground(grid->direction(k, j, i)));
  Kokkos::deep_copy(topography, host);
  for (int axis = 0; axis < 2; ++axis) {
    face_topography[axis] = array("topography at faces");
    mesh::Range3 range = grid->interior();
    range.begin[axis] -= int(params.order - 1) / 2;
    range.end[axis] += int(params.order - 1) / 2 + 1;
    const auto fill = [&](auto order) {
      mesh::for_cells(
          "topography at faces", range,
          FaceValues<Real, decltype(order)::value>{topography, face_topography[axis], axis});
    };
    if (params.order == 3) fill(std::integral_constant<int, 3>{});
    if (params.order == 5) fill(std::integral_constant<int, 5>{});
    if (params.order == 7) fill(std::integral_constant<int, 7>{});
  }
}

template <class Real>
double ShallowWaterSolver<Real>::Impl::start_ground(const Vector3& at) const {
  return ground ? ground(at) : start->topography(tilt.to_case(at));
}

template <class Real>
double ShallowWaterSolver<Real>::Impl::start_depth(const Vector3& at, double time_s) const {
  const Vector3 there = tilt.to_case(at);
  const double depth = start->depth(there, time_s);
  return ground ? depth + start->topography(there) - ground(at) : depth;
}

template <class Real>
void ShallowWaterSolver<Real>::Impl::fill_ghosts() {
  std::vector<Array> arrays = seen;
  if (start->wind_is_given()) arrays.resize(1);
  if (has_tracer()) arrays.push_back(tracer.seen);
  halo.exchange(arrays);
}

template <class Real>
void ShallowWaterSolver<Real>::Impl::load(const State& state) {
  const Array depth = state["depth"].component();
  for (int c = 0; c < 3; ++c) Kokkos::deep_copy(seen[1 + c], state["velocity"].component(c));
  const auto h = now[0], mx = now[1], my = now[2], mz = now[3];
  const auto surface = seen[0], u = seen[1], v = seen[2], w = seen[3], bed = topography;
  mesh::for_cells(
      "load shallow water", grid->interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        const Real d = depth(k, j, i);
        h(k, j, i) = d;
        mx(k, j, i) = d * u(k, j, i);
        my(k, j, i) = d * v(k, j, i);
        mz(k, j, i) = d * w(k, j, i);
        surface(k, j, i) = d + bed(k, j, i);
      });
  if (has_tracer()) {
    Kokkos::deep_copy(tracer.seen, state["tracer"].component());
    const auto q = tracer.seen, content = tracer.now;
    mesh::for_cells(
        "load tracer", grid->interior(),
        KOKKOS_LAMBDA(int k, int j, int i) { content(k, j, i) = h(k, j, i) * q(k, j, i); });
    halo.exchange({tracer.seen});
  }
  halo.exchange(seen);
}

template <class Real>
void ShallowWaterSolver<Real>::Impl::store(State& state) {
  const Array depth = state["depth"].component();
  const auto h = now[0], surface = seen[0], bed = topography;
  mesh::for_cells(
      "store shallow water", grid->everything(),
      KOKKOS_LAMBDA(int k, int j, int i) { depth(k, j, i) = surface(k, j, i) - bed(k, j, i); });
  mesh::for_cells(
      "store shallow water", grid->interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { depth(k, j, i) = h(k, j, i); });
  for (int c = 0; c < 3; ++c) Kokkos::deep_copy(state["velocity"].component(c), seen[1 + c]);
  if (has_tracer()) Kokkos::deep_copy(state["tracer"].component(), tracer.seen);
}

namespace {

// Sums over both axes of the rate at which waves cross a cell, 1/s, and of what is damped per viscosity, 1/m2.
template <class Real>
struct WaveRate {
  mesh::Array3<Real> depth, u, v, w;
  Array2<Real> gradient[2];
  Components<Array2<Real>> normal[2];
  Real gravity;
  bool wind_is_given;
  KOKKOS_INLINE_FUNCTION double operator()(const int k, const int j, const int i) const {
    const Real h = depth(k, j, i);
    const Real c = wind_is_given ? Real(0) : Kokkos::sqrt(gravity * (h > 0 ? h : Real(0)));
    double rate = 0;
    for (int axis = 0; axis < 2; ++axis) {
      const int index = axis == 0 ? i : j;
      const Real speed = normal[axis][0](k, index) * u(k, j, i) +
                         normal[axis][1](k, index) * v(k, j, i) +
                         normal[axis][2](k, index) * w(k, j, i);
      rate += double((Kokkos::abs(speed) + c) * gradient[axis](j, i));
    }
    return rate;
  }
};

}  // namespace

template <class Real>
double ShallowWaterSolver<Real>::Impl::time_step_limit() {
  const core::ScopedTimer region("time step");
  WaveRate<Real> f{
      now[0], seen[1], seen[2], seen[3], {}, {}, Real(params.gravity_m_s2), start->wind_is_given()};
  for (int axis = 0; axis < 2; ++axis) {
    f.gradient[axis] = metric.axis[axis].gradient;
    f.normal[axis] = metric.axis[axis].centre_normal;
  }
  const double waves = grid->comm().max(mesh::max_cells("wave rate", grid->interior(), f));
  // The largest eigenvalue of the fourth-order second difference is (7/3)^2 per axis; the axes are askew by up to
  // 60 degrees, which makes it at most 1.5 times their sum. The cells are smallest at the middles of edges.
  const double cell = grid->radius() * grid->step() / std::sqrt(2.0);
  const double per_viscosity = 1.5 * 2 * (49.0 / 9) / (cell * cell);
  const double decay = params.viscosity_m2_s * per_viscosity +
                       params.hyperviscosity_m4_s * per_viscosity * per_viscosity;
  const double rate = waves / stable_cfl + decay / stable_decay;
  const double dt = rate > 0 ? params.step_fraction / rate : 1e30;
  return params.max_dt_s > 0 ? std::min(dt, params.max_dt_s) : dt;
}

template <class Real>
ShallowWaterSolver<Real>::ShallowWaterSolver(const ShallowWaterParams& params,
                                             std::shared_ptr<const mesh::CubedSphereGrid> grid,
                                             const Topography& topography) {
  const int needed = shallow_water_ghosts(params.order);
  if (grid->ghosts(0) < needed)
    throw core::UserError(
        core::format("shallow_water.order: {} needs {} ghost layers, the grid has {}", params.order,
                     needed, grid->ghosts(0)));
  impl_ = std::make_unique<Impl>(params, std::move(grid), topography);
}
template <class Real>
ShallowWaterSolver<Real>::~ShallowWaterSolver() = default;

template <class Real>
std::shared_ptr<const mesh::Grid> ShallowWaterSolver<Real>::grid() const {
  return impl_->grid;
}

template <class Real>
std::vector<mesh::FieldInfo> ShallowWaterSolver<Real>::fields() const {
  using mesh::Location;
  using mesh::Role;
  std::vector<mesh::FieldInfo> all{
      {"depth", "m", Location::cell, Role::prognostic, "depth of the fluid"},
      {"velocity", "m/s", Location::cell, Role::prognostic,
       "tangent velocity, Cartesian components", 3},
      {"topography", "m", Location::cell, Role::fixed, "height of the ground"}};
  if (impl_->has_tracer())
    all.push_back({"tracer", "1", Location::cell, Role::prognostic, "passive tracer"});
  return all;
}

template <class Real>
double ShallowWaterSolver<Real>::stable_dt(const mesh::State<Real>& state) {
  impl_->load(state);
  return impl_->time_step_limit();
}

template <class Real>
AdvanceReport ShallowWaterSolver<Real>::advance(mesh::State<Real>& state, double duration_s) {
  Impl& s = *impl_;
  s.load(state);
  AdvanceReport report;
  double taken_s = 0;
  while (taken_s < duration_s) {
    const double left_s = duration_s - taken_s, limit_s = s.time_step_limit();
    if (!(limit_s > 0)) throw core::RunError("shallow_water: no stable time step is left");
    // As many equal steps as are left at this length: the last is no splinter.
    const double steps = std::ceil(left_s / limit_s * (1 - 1e-12));
    const double dt_s = steps <= 1 ? left_s : left_s / steps;
    s.step(dt_s);
    taken_s = steps <= 1 ? duration_s : taken_s + dt_s;
    ++report.steps;
  }
  s.store(state);
  report.cell_updates = double(report.steps) * double(s.grid->global_cell_count());
  state.time_s += duration_s;
  state.step += report.steps;
  return report;
}

template <class Real>
void ShallowWaterSolver<Real>::constrain(mesh::State<Real>& state) {
  Impl& s = *impl_;
  s.load(state);
  s.see();
  s.fill_ghosts();
  s.store(state);
}

template <class Real>
void ShallowWaterSolver<Real>::set_to_case(mesh::State<Real>& state) {
  Impl& s = *impl_;
  const auto depth = Kokkos::create_mirror_view(state["depth"].data);
  const auto velocity = Kokkos::create_mirror_view(state["velocity"].data);
  const auto& grid = *s.grid;
  for (int k = 0; k < grid.extent(2); ++k)
    for (int j = 0; j < grid.extent(1); ++j)
      for (int i = 0; i < grid.extent(0); ++i) {
        const Vector3 at = s.tilt.to_case(grid.direction(k, j, i));
        depth(0, k, j, i) = Real(s.start_depth(grid.direction(k, j, i), state.time_s));
        const Vector3 v = s.tilt.to_grid(s.start->velocity(at, state.time_s));
        for (int c = 0; c < 3; ++c) velocity(c, k, j, i) = Real(v[c]);
      }
  Kokkos::deep_copy(state["depth"].data, depth);
  Kokkos::deep_copy(state["velocity"].data, velocity);
  Kokkos::deep_copy(state["topography"].component(), s.topography);
  if (!s.has_tracer()) return;
  const auto tracer = Kokkos::create_mirror_view(state["tracer"].data);
  for (int k = 0; k < grid.extent(2); ++k)
    for (int j = 0; j < grid.extent(1); ++j)
      for (int i = 0; i < grid.extent(0); ++i)
        tracer(0, k, j, i) =
            Real(initial_tracer(s.params.tracer, s.tilt.to_case(grid.direction(k, j, i))));
  Kokkos::deep_copy(state["tracer"].data, tracer);
}

namespace {

[[noreturn]] void refuse_depth(const ShallowWaterParams& p, double radius_m, double least_m) {
  const std::string remedy =
      p.start == "random"
          ? core::format(
                "choose a smaller shallow_water.random.speed_m_s (it is {:g}) or a higher "
                "random.lowest_degree (it is {})",
                p.random.speed_m_s, p.random.lowest_degree)
          : core::format(
                "it is made for the earth: shallow_water.gravity_m_s2 is {:g}, "
                "rotation_1_s {:g}, grid.radius_m {:g}",
                p.gravity_m_s2, p.rotation_1_s, radius_m);
  throw core::UserError(
      core::format("shallow_water.start: the least depth of {} is {:.4g} m, it must be above 0; {}",
                   p.start, least_m, remedy));
}

}  // namespace

template <class Real>
void ShallowWaterSolver<Real>::initialise(mesh::State<Real>& state) {
  state.time_s = 0;
  state.step = 0;
  set_to_case(state);
  // Where the wind is given nothing is divided by the depth: the bell of williamson_1 has none around it.
  if (!impl_->ground && impl_->start->wind_is_given()) return;
  const auto depth = state["depth"].component();
  const double least = -impl_->grid->comm().max(mesh::max_cells(
      "depth", impl_->grid->interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { return -double(depth(k, j, i)); }));
  if (least > 0) return;
  if (impl_->ground)
    throw core::UserError(core::format(
        "shallow_water.topography: the ground stands {:.4g} m above the surface of {}; the fluid must cover it",
        -least, impl_->params.start));
  refuse_depth(impl_->params, impl_->grid->radius(), least);
}

template <class Real>
const ShallowWaterCase& ShallowWaterSolver<Real>::initial_case() const {
  return *impl_->start;
}

template class ShallowWaterSolver<float>;
template class ShallowWaterSolver<double>;

}  // namespace understudy::solvers
