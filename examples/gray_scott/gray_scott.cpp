#include "examples/gray_scott/gray_scott.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "mesh/loops.hpp"

namespace gray_scott {

namespace mesh = us::mesh;

void Params::describe(us::core::ParamVisitor& v) {
  v.real("diffusivity_u_m2_s", diffusivity_u_m2_s, {.above = 0}, "m2/s", "diffusivity of U");
  v.real("diffusivity_v_m2_s", diffusivity_v_m2_s, {.above = 0}, "m2/s", "diffusivity of V");
  v.real("feed_1_s", feed_1_s, {.at_least = 0}, "1/s", "rate F at which U is fed");
  v.real("kill_1_s", kill_1_s, {.at_least = 0}, "1/s", "rate k at which V is removed beside F");
  v.real("reaction_1_s", reaction_1_s, {.at_least = 0}, "1/s", "rate of U + 2 V -> 3 V");
  v.real("max_dt_s", max_dt_s, {.above = 0}, "s", "largest time step; diffusion may bound it more");
  v.integer("spots", spots, {.at_least = 1, .at_most = 1000}, "drops of V in the initial state");
  v.real("spot_radius_m", spot_radius_m, {.above = 0}, "m", "radius of a drop");
  v.integer("seed", seed, {.at_least = 0}, "where the drops fall");
}

namespace {

template <class Real>
Coefficients<Real> coefficients(const Params& p, const mesh::BoxGrid& grid) {
  const double hx = grid.spacing(0), hy = grid.spacing(1);
  return {Real(p.diffusivity_u_m2_s), Real(p.diffusivity_v_m2_s), Real(p.feed_1_s),
          Real(p.kill_1_s),           Real(p.reaction_1_s),       Real(1 / (hx * hx)),
          Real(1 / (hy * hy))};
}

template <class Real>
mesh::Array3<Real> scratch(const char* name, const mesh::BoxGrid& grid) {
  return mesh::Array3<Real>(name, grid.extent(2), grid.extent(1), grid.extent(0));
}

/// Mean over the box; every cell is of one size.
template <class Real>
double mean(const mesh::BoxGrid& grid, const mesh::Array3<Real>& a) {
  const double mine = mesh::sum_cells(
      "gray_scott mean", grid.interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { return double(a(k, j, i)); });
  return grid.comm().sum(mine) / double(grid.global_cell_count());
}

struct Drop {
  double x_m, y_m;
};

std::vector<Drop> drops(const Params& p, const mesh::BoxGrid& grid) {
  std::vector<Drop> all;
  for (int n = 0; n < p.spots; ++n) {
    // A point of the unit square for each number: the low-discrepancy sequence of M. Roberts (2018),
    // moved by the seed.
    const double shift = 0.6180339887498949 * double(p.seed % 100000);
    const double x = std::fmod(0.7548776662466927 * (n + 1) + shift, 1.0);
    const double y = std::fmod(0.5698402909980532 * (n + 1) + shift * shift, 1.0);
    all.push_back({grid.lower(0) + x * (grid.upper(0) - grid.lower(0)),
                   grid.lower(1) + y * (grid.upper(1) - grid.lower(1))});
  }
  return all;
}

}  // namespace

template <class Real>
GrayScott<Real>::GrayScott(const Params& params, std::shared_ptr<const mesh::BoxGrid> grid)
    : params_(params),
      grid_(grid),
      halo_(grid),
      c_(coefficients<Real>(params, *grid)),
      stage_u_(scratch<Real>("stage u", *grid)),
      stage_v_(scratch<Real>("stage v", *grid)),
      old_u_(scratch<Real>("old u", *grid)),
      old_v_(scratch<Real>("old v", *grid)) {
  if (grid->dimension() != 2)
    throw us::core::UserError("grid.cells: gray_scott is two-dimensional, write two numbers");
}

template <class Real>
std::vector<mesh::FieldInfo> GrayScott<Real>::fields() const {
  return {{.name = "u", .unit = "1", .description = "concentration of the reagent U"},
          {.name = "v", .unit = "1", .description = "concentration of the catalyst V"}};
}

// Heun's method is stable for decay rates up to 2/dt: 4 D / h^2 an axis for the shortest wave, and the
// reaction's own rate, which max_dt_s bounds (1 s is a hundredth of 1/F).
template <class Real>
double GrayScott<Real>::stable_dt(const mesh::State<Real>&) {
  const double hx = grid_->spacing(0), hy = grid_->spacing(1);
  const double diffusivity = std::max(params_.diffusivity_u_m2_s, params_.diffusivity_v_m2_s);
  const double decay = 4 * diffusivity * (1 / (hx * hx) + 1 / (hy * hy));
  return std::min(params_.max_dt_s, 0.9 * 2 / decay);
}

template <class Real>
us::solvers::AdvanceReport GrayScott<Real>::advance(mesh::State<Real>& state, double duration_s) {
  const long long steps =
      std::max(1LL, static_cast<long long>(std::ceil(duration_s / stable_dt(state) * (1 - 1e-12))));
  const Real dt = Real(duration_s / double(steps));
  const Array u = state["u"].component(), v = state["v"].component();
  for (long long n = 0; n < steps; ++n) {
    Kokkos::deep_copy(old_u_, u);
    Kokkos::deep_copy(old_v_, v);
    stage(u, v, stage_u_, stage_v_, dt);
    exchange(stage_u_, stage_v_);
    stage(stage_u_, stage_v_, u, v, dt);
    average(u, v);
    exchange(u, v);
  }
  state.step += steps;
  us::solvers::AdvanceReport report;
  report.steps = steps;
  report.cell_updates = double(steps) * double(grid_->global_cell_count());
  return report;
}

/// to = from + dt rate(from)
template <class Real>
void GrayScott<Real>::stage(const Array& u, const Array& v, const Array& to_u, const Array& to_v,
                            Real dt) {
  const auto c = c_;
  mesh::for_cells(
      "gray_scott stage", grid_->interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        const Real here_u = u(k, j, i), here_v = v(k, j, i);
        to_u(k, j, i) = here_u + dt * (c.diffusivity_u * laplacian(c, u, k, j, i) +
                                       rate_of_u(c, here_u, here_v));
        to_v(k, j, i) = here_v + dt * (c.diffusivity_v * laplacian(c, v, k, j, i) +
                                       rate_of_v(c, here_u, here_v));
      });
}

/// Of the old state and two stages.
template <class Real>
void GrayScott<Real>::average(const Array& u, const Array& v) {
  const Array old_u = old_u_, old_v = old_v_;
  mesh::for_cells(
      "gray_scott average", grid_->interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        u(k, j, i) = Real(0.5) * (old_u(k, j, i) + u(k, j, i));
        v(k, j, i) = Real(0.5) * (old_v(k, j, i) + v(k, j, i));
      });
}

template <class Real>
void GrayScott<Real>::exchange(const Array& u, const Array& v) {
  halo_.exchange({u, v}, 1);
}

template <class Real>
std::vector<us::solvers::Diagnostic> GrayScott<Real>::diagnostics(const mesh::State<Real>& state) {
  const Array u = state["u"].component(), v = state["v"].component();
  const double mine = mesh::sum_cells(
      "gray_scott covered", grid_->interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { return v(k, j, i) > Real(0.1) ? 1.0 : 0.0; });
  const double covered = grid_->comm().sum(mine) / double(grid_->global_cell_count());
  return {{.name = "gray_scott.u_mean", .unit = "1", .value = mean(*grid_, u)},
          {.name = "gray_scott.v_mean", .unit = "1", .value = mean(*grid_, v)},
          {.name = "gray_scott.covered_fraction", .unit = "1", .value = covered}};
}

template <class Real>
void GrayScott<Real>::constrain(mesh::State<Real>& state) {
  const Array u = state["u"].component(), v = state["v"].component();
  mesh::for_cells(
      "gray_scott constrain", grid_->interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        u(k, j, i) = u(k, j, i) > 0 ? u(k, j, i) : Real(0);
        v(k, j, i) = v(k, j, i) > 0 ? v(k, j, i) : Real(0);
      });
  exchange(u, v);
  Kokkos::fence("gray_scott ghosts");
}

template <class Real>
void GrayScott<Real>::initialise(mesh::State<Real>& state) const {
  auto host_u = Kokkos::create_mirror_view(state["u"].component());
  auto host_v = Kokkos::create_mirror_view(state["v"].component());
  const auto all = drops(params_, *grid_);
  const mesh::Range3 r = grid_->interior();
  const double width = grid_->upper(0) - grid_->lower(0),
               height = grid_->upper(1) - grid_->lower(1);
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      double amount = 0;
      for (const Drop& drop : all) {
        const double dx =
            std::remainder(grid_->coordinate(mesh::Location::cell, 0, i) - drop.x_m, width);
        const double dy =
            std::remainder(grid_->coordinate(mesh::Location::cell, 1, j) - drop.y_m, height);
        const double distance =
            (dx * dx + dy * dy) / (params_.spot_radius_m * params_.spot_radius_m);
        amount = std::max(amount, std::exp(-distance));
      }
      host_u(0, j, i) = Real(1 - 0.5 * amount);
      host_v(0, j, i) = Real(0.25 * amount);
    }
  Kokkos::deep_copy(state["u"].component(), host_u);
  Kokkos::deep_copy(state["v"].component(), host_v);
}

template class GrayScott<float>;
template class GrayScott<double>;

}  // namespace gray_scott
