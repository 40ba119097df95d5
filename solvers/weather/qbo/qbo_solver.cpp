#include "solvers/weather/qbo/qbo_solver.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/loops.hpp"

namespace understudy::solvers {

namespace {

constexpr double gravity = 9.8, gas_constant = 287.04, surface_pressure = 101325;

double scale_height(const QboParams& p) { return gas_constant * p.temperature_K / gravity; }

void check(const QboParams& p, const mesh::BoxGrid& grid) {
  if (grid.dimension() != 2)
    throw core::UserError(
        "grid.cells: qbo has columns along x and height along y, write two numbers");
  if (grid.local_cells(1) != grid.global_cells(1))
    throw core::UserError(
        core::format("grid.ranks: ranks cannot share a column; write [{}, 1], or leave the key out",
                     grid.comm().size()));
  for (const double z : p.heights_m)
    if (z < grid.lower(1) || z > grid.upper(1))
      throw core::UserError(
          core::format("qbo.heights_m: {} m is not between grid.lower_m and grid.upper_m along y "
                       "({} and {} m)",
                       z, grid.lower(1), grid.upper(1)));
}

WaveColumn column_of(const QboParams& p, const mesh::BoxGrid& grid) {
  WaveColumn column;
  for (int l = 0; l < grid.local_cells(1); ++l)
    column.height_m.push_back(grid.coordinate(mesh::Location::cell, 1, grid.ghosts(1) + l));
  column.dz_m = grid.spacing(1);
  column.scale_height_m = scale_height(p);
  return column;
}

/// The first level of all columns.
mesh::Range3 columns_of(const mesh::BoxGrid& grid) {
  mesh::Range3 r = grid.interior();
  r.end[1] = r.begin[1] + 1;
  return r;
}

/// to = u - dt/2 (w du/dz - K d2u/dz2); beyond both ends u is -u.
template <class Real>
void half_step(const mesh::Range3& r, const mesh::Array3<Real>& u, const Real advection,
               const Real diffusion, const mesh::Array3<Real>& to) {
  const int bottom = r.begin[1], top = r.end[1] - 1;
  mesh::for_cells(
      "qbo explicit half", r, KOKKOS_LAMBDA(int k, int j, int i) {
        const Real here = u(k, j, i);
        const Real below = j > bottom ? u(k, j - 1, i) : -here;
        const Real above = j < top ? u(k, j + 1, i) : -here;
        to(k, j, i) = here - advection * (above - below) + diffusion * (above - 2 * here + below);
      });
}

/// Solves the implicit half for rhs + dt (first + second)/2 [column, level], by elimination upwards.
template <class Real>
struct Solve {
  mesh::Range3 r;
  Kokkos::View<Real*, mesh::Memory> lower, pivot, upper;
  mesh::Array3<Real> rhs;
  mesh::Points<Real> first, second;
  Real half_dt;
  mesh::Array3<Real> to;

  KOKKOS_FUNCTION void operator()(const int k, const int, const int i) const {
    const int bottom = r.begin[1], n = r.end[1] - bottom, column = i - r.begin[0];
    Real before = 0;
    for (int l = 0; l < n; ++l) {
      const Real value = rhs(k, bottom + l, i) + half_dt * (first(column, l) + second(column, l));
      before = value - lower(l) * before;
      to(k, bottom + l, i) = before;
    }
    Real above = 0;
    for (int l = n - 1; l >= 0; --l) {
      above = (to(k, bottom + l, i) - upper(l) * above) / pivot(l);
      to(k, bottom + l, i) = above;
    }
  }
};

template <class Real>
void pack_wind(const mesh::Range3& r, const mesh::Array3<Real>& u, const mesh::Points<Real>& in) {
  mesh::for_cells(
      "qbo pack", r,
      KOKKOS_LAMBDA(int k, int j, int i) { in(i - r.begin[0], 1 + j - r.begin[1]) = u(k, j, i); });
}

/// Ghosts beyond foot and top: the wind is 0 on the sides.
template <class Real>
void mirror(const mesh::BoxGrid& grid, const mesh::Array3<Real>& u) {
  const int ghosts = grid.ghosts(1), first = ghosts, end = ghosts + grid.local_cells(1);
  mesh::Range3 r = grid.everything();
  r.begin[1] = 0;
  r.end[1] = ghosts;
  mesh::for_cells(
      "qbo ghosts", r, KOKKOS_LAMBDA(int k, int g, int i) {
        u(k, first - 1 - g, i) = -u(k, first + g, i);
        u(k, end + g, i) = -u(k, end - 1 - g, i);
      });
}

}  // namespace

void QboParams::describe(core::ParamVisitor& v) {
  v.group("waves", waves, "the gravity waves that drive the wind");
  v.real(
      "flux_spread", flux_spread, {.at_least = -0.99, .at_most = 10}, "",
      "columns differ in their source flux: from the deck's, in the first, to 1 + it times that");
  v.real("upwelling_m_s", upwelling_m_s, {}, "m/s", "vertical velocity w");
  v.real("diffusivity_m2_s", diffusivity_m2_s, {.at_least = 0}, "m2/s", "vertical diffusivity K");
  v.real("buoyancy_1_s", buoyancy_1_s, {.above = 0}, "1/s", "buoyancy frequency N");
  v.real("temperature_K", temperature_K, {.above = 0}, "K", "of the isothermal atmosphere");
  v.real("initial_wind_m_s", initial_wind_m_s, {}, "m/s",
         "largest wind of the start, a parabola from foot to top");
  v.real("max_dt_s", max_dt_s, {.at_most = 864000, .above = 0}, "s", "largest time step");
  v.reals("heights_m", heights_m, 0, {.at_least = 0}, "m", "heights whose winds are reported");
}

std::string wind_name(double height_m) { return core::format("qbo.wind_{:g}km", height_m / 1000); }

template <class Real>
QboSolver<Real>::QboSolver(const QboParams& params, std::shared_ptr<const mesh::BoxGrid> grid)
    : params_(params), grid_(grid), halo_(grid) {
  check(params, *grid);
  physics_ = gravity_wave_drag<Real>(params.waves, column_of(params, *grid));
  in_use_ = physics_;
  const int columns = grid->local_cells(0), levels = grid->local_cells(1);
  in_ = mesh::Points<Real>("gravity wave columns", columns, 1 + 3 * levels);
  drag_ = mesh::Points<Real>("gravity wave drag", columns, levels);
  drag_before_ = mesh::Points<Real>("gravity wave drag before", columns, levels);
  rhs_ = Array("qbo rhs", grid->extent(2), grid->extent(1), grid->extent(0));
  guess_ = Array("qbo guess", grid->extent(2), grid->extent(1), grid->extent(0));
  for (Row* row : {&lower_, &pivot_, &upper_}) *row = Row("qbo elimination", levels);
  make_profiles();
}

/// What does not change in the process's inputs.
template <class Real>
void QboSolver<Real>::make_profiles() {
  const auto host = Kokkos::create_mirror_view(in_);
  const int columns = grid_->local_cells(0), levels = grid_->local_cells(1);
  const double surface_density = surface_pressure / (gas_constant * params_.temperature_K);
  const auto heights = column_of(params_, *grid_).height_m;
  for (int c = 0; c < columns; ++c) {
    const int all = grid_->global_cells(0);
    const double place = double(grid_->offset(0) + c) / std::max(1, all - 1);
    host(c, 0) = Real(params_.waves.source_flux_Pa * (1 + params_.flux_spread * place));
    for (int l = 0; l < levels; ++l) {
      host(c, 1 + levels + l) = Real(params_.buoyancy_1_s);
      host(c, 1 + 2 * levels + l) =
          Real(surface_density * std::exp(-heights[l] / scale_height(params_)));
    }
  }
  Kokkos::deep_copy(in_, host);
}

template <class Real>
std::vector<mesh::FieldInfo> QboSolver<Real>::fields() const {
  return {{.name = "u", .unit = "m/s", .description = "zonal wind"}};
}

template <class Real>
double QboSolver<Real>::stable_dt(const mesh::State<Real>&) {
  return params_.max_dt_s;
}

/// Of 1 + dt/2 (w d/dz - K d2/dz2), u beyond both ends being -u.
template <class Real>
void QboSolver<Real>::factorise(double dt_s) {
  if (dt_s == factorised_dt_s_) return;
  const double h = grid_->spacing(1);
  const double advection = dt_s * params_.upwelling_m_s / (4 * h);
  const double diffusion = dt_s * params_.diffusivity_m2_s / (2 * h * h);
  const auto lower = Kokkos::create_mirror_view(lower_), pivot = Kokkos::create_mirror_view(pivot_),
             upper = Kokkos::create_mirror_view(upper_);
  const int n = int(lower.extent(0));
  const double below = -advection - diffusion, above = advection - diffusion;
  double last = 1;
  for (int l = 0; l < n; ++l) {
    double diagonal = 1 + 2 * diffusion;
    if (l == 0) diagonal -= below;
    if (l == n - 1) diagonal -= above;
    const double factor = l > 0 ? below / last : 0;
    lower(l) = Real(factor);
    last = diagonal - factor * above;
    pivot(l) = Real(last);
    upper(l) = Real(l < n - 1 ? above : 0);
  }
  Kokkos::deep_copy(lower_, lower);
  Kokkos::deep_copy(pivot_, pivot);
  Kokkos::deep_copy(upper_, upper);
  factorised_dt_s_ = dt_s;
}

template <class Real>
void QboSolver<Real>::step(const Array& u, double dt_s) {
  const mesh::Range3 r = grid_->interior();
  const double h = grid_->spacing(1);
  half_step(r, u, Real(dt_s * params_.upwelling_m_s / (4 * h)),
            Real(dt_s * params_.diffusivity_m2_s / (2 * h * h)), rhs_);
  const auto solve = [&](const mesh::Points<Real>& first, const mesh::Points<Real>& second,
                         const Array& to) {
    mesh::for_cells(
        "qbo implicit half", columns_of(*grid_),
        Solve<Real>{r, lower_, pivot_, upper_, rhs_, first, second, Real(dt_s / 2), to});
  };
  pack_wind(r, u, in_);
  in_use_(in_, drag_before_);
  solve(drag_before_, drag_before_, guess_);
  pack_wind(r, guess_, in_);
  in_use_(in_, drag_);
  solve(drag_before_, drag_, u);
}

template <class Real>
AdvanceReport QboSolver<Real>::advance(mesh::State<Real>& state, double duration_s) {
  const long long steps =
      std::max(1LL, static_cast<long long>(std::ceil(duration_s / params_.max_dt_s * (1 - 1e-12))));
  const double dt_s = duration_s / double(steps);
  factorise(dt_s);
  const Array u = state["u"].component();
  for (long long n = 0; n < steps; ++n) step(u, dt_s);
  constrain(state);
  state.time_s += duration_s;
  state.step += steps;
  AdvanceReport report;
  report.steps = steps;
  report.cell_updates = double(steps) * double(grid_->global_cell_count());
  return report;
}

template <class Real>
std::vector<Diagnostic> QboSolver<Real>::diagnostics(const mesh::State<Real>& state) {
  const auto host =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), state["u"].component());
  const mesh::Range3 r = grid_->interior();
  std::vector<Diagnostic> all;
  for (const double z : params_.heights_m) {
    // Between the two cells around the height.
    const double place = (z - grid_->lower(1)) / grid_->spacing(1) - 0.5;
    const int below = std::clamp(int(std::floor(place)), 0, grid_->local_cells(1) - 2);
    const double part = std::clamp(place - below, 0.0, 1.0);
    double wind = 0;
    if (grid_->offset(0) == 0)
      wind = (1 - part) * double(host(0, r.begin[1] + below, r.begin[0])) +
             part * double(host(0, r.begin[1] + below + 1, r.begin[0]));
    all.push_back({wind_name(z), "m/s", grid_->comm().sum(wind), DiagnosticKind::free});
  }
  const Array u = state["u"].component();
  const double squares = mesh::sum_cells(
      "qbo energy", r,
      KOKKOS_LAMBDA(int k, int j, int i) { return 0.5 * double(u(k, j, i)) * double(u(k, j, i)); });
  all.push_back({"qbo.kinetic_energy", "m2/s2",
                 grid_->comm().sum(squares) / double(grid_->global_cell_count()),
                 DiagnosticKind::free});
  return all;
}

template <class Real>
void QboSolver<Real>::constrain(mesh::State<Real>& state) {
  const Array u = state["u"].component();
  halo_.exchange({u}, grid_->ghosts(0));
  mirror(*grid_, u);
  Kokkos::fence("qbo ghosts");
}

template <class Real>
std::vector<PointProcess<Real>> QboSolver<Real>::point_processes() {
  const int levels = grid_->local_cells(1);
  return {{gravity_wave_process, gravity_wave_inputs(levels), gravity_wave_outputs(levels),
           physics_, [this](PointCall<Real> call) { in_use_ = std::move(call); }}};
}

template <class Real>
void QboSolver<Real>::initialise(mesh::State<Real>& state) const {
  const auto host = Kokkos::create_mirror_view(state["u"].component());
  const mesh::Range3 r = grid_->interior();
  const double foot = grid_->lower(1), top = grid_->upper(1);
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      const double z = grid_->coordinate(mesh::Location::cell, 1, j);
      host(0, j, i) = Real(params_.initial_wind_m_s * 4 * (z - foot) * (top - z) /
                           ((top - foot) * (top - foot)));
    }
  Kokkos::deep_copy(state["u"].component(), host);
}

template class QboSolver<float>;
template class QboSolver<double>;

}  // namespace understudy::solvers
