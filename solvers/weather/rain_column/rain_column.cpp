#include "solvers/weather/rain_column/rain_column.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/loops.hpp"

namespace understudy::solvers {

namespace {

constexpr const char* fallen = "rain_fallen_kg_m2";  // the state's scalar
constexpr double largest_courant = 0.8;

void check(const mesh::BoxGrid& grid) {
  if (grid.dimension() != 2)
    throw core::UserError(
        "grid.cells: rain_column has columns along x and height along y, write two numbers");
  if (grid.lower(1) != 0)
    throw core::UserError(core::format(
        "grid.lower_m: is {} along y; the column's foot is the ground, write 0", grid.lower(1)));
  if (grid.local_cells(1) != grid.global_cells(1))
    throw core::UserError(
        core::format("grid.ranks: ranks cannot share a column; write [{}, 1], or leave the key out",
                     grid.comm().size()));
}

template <class Real>
Columns<Real> columns_of(const mesh::BoxGrid& grid) {
  Columns<Real> columns;
  columns.vertical = 1;
  columns.cells = grid.interior();
  Kokkos::View<Real*, mesh::Memory> dz("level thickness", grid.extent(1));
  Kokkos::deep_copy(dz, Real(grid.spacing(1)));
  columns.dz = dz;
  return columns;
}

std::vector<double> heights(const mesh::BoxGrid& grid) {
  std::vector<double> z;
  for (int l = 0; l < grid.local_cells(1); ++l)
    z.push_back(grid.coordinate(mesh::Location::cell, 1, grid.ghosts(1) + l));
  return z;
}

/// Every column has this profile.
template <class Real>
void fill(const mesh::BoxGrid& grid, const std::vector<double>& profile,
          const mesh::Array3<Real>& to) {
  const auto host = Kokkos::create_mirror_view(to);
  Kokkos::deep_copy(host, Real(0));
  const mesh::Range3 r = grid.interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) host(0, j, i) = Real(profile[j - r.begin[1]]);
  Kokkos::deep_copy(to, host);
}

/// van Leer's slope: harmonic mean of both differences, 0 at extrema.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION Real limited(const Real a, const Real b) {
  return a * b > 0 ? 2 * a * b / (a + b) : Real(0);
}

/// One column lifted by a Courant number >= 0; `inflow` comes in below, what is on top leaves.
template <class Real>
struct Lift {
  mesh::Range3 r;
  int offset, all;  // of the columns on this rank, of all ranks
  Real courant, spread, inflow;
  mesh::Array3<Real> q;

  KOKKOS_FUNCTION void operator()(const int k, const int, const int i) const {
    const Real place = all > 1 ? Real(offset + i - r.begin[0]) / Real(all - 1) : Real(0);
    const Real c = courant * (1 + spread * place);
    Real below = inflow, through = inflow;  // old value of the level below; of the face below
    for (int j = r.begin[1]; j < r.end[1]; ++j) {
      const Real here = q(k, j, i), above = j + 1 < r.end[1] ? q(k, j + 1, i) : here;
      const Real face = here + (1 - c) / 2 * limited(here - below, above - here);
      q(k, j, i) = here - c * (face - through);
      through = face;
      below = here;
    }
  }
};

template <class Real>
double weighted_sum(const mesh::Range3& r, const mesh::Array3<Real>& weight,
                    const mesh::Array3<Real>& q) {
  return mesh::sum_cells(
      "water path", r,
      KOKKOS_LAMBDA(int k, int j, int i) { return double(weight(k, j, i)) * double(q(k, j, i)); });
}

template <class Real>
mesh::Array3<Real> component(const mesh::State<Real>& state, const char* name, int c = 0) {
  return state[name].component(c);
}

}  // namespace

void RainColumnParams::describe(core::ParamVisitor& v) {
  v.choice("microphysics", microphysics, {"kessler", "bins"}, "what makes cloud and rain");
  v.group("kessler", kessler, "Kessler's microphysics");
  v.group("bins", bins, "the bin scheme");
  v.real("updraught_m_s", updraught_m_s, {.at_least = 0, .at_most = 50}, "m/s",
         "largest vertical velocity of the first column");
  v.real("updraught_spread", updraught_spread, {.at_least = -1, .at_most = 10}, "",
         "columns differ in their updraught: from the deck's, in the first, to 1 + it times that");
  v.real("updraught_time_s", updraught_time_s, {.above = 0}, "s", "for which the air is lifted");
  v.real("humidity", humidity, {.at_least = 0, .at_most = 2}, "", "factor of the air's vapour");
  v.real("max_dt_s", max_dt_s, {.at_most = 60, .above = 0}, "s", "largest time step");
}

template <class Real>
RainColumn<Real>::RainColumn(const RainColumnParams& params,
                             std::shared_ptr<const mesh::BoxGrid> grid)
    : params_(params), grid_(grid), halo_(grid) {
  check(*grid);
  columns_ = columns_of<Real>(*grid);
  sounding_ = weather::shallow_cumulus(heights(*grid), params.humidity);
  const std::array extents{grid->extent(2), grid->extent(1), grid->extent(0)};
  exner_ = Array("exner", extents[0], extents[1], extents[2]);
  rho_ = Array("rho", extents[0], extents[1], extents[2]);
  rain_ = Array("rain", extents[0], 1, extents[2]);
  fill(*grid, sounding_.exner, exner_);
  fill(*grid, sounding_.rho, rho_);
  if (binned())
    bins_ =
        std::make_unique<BinScheme<Real>>(params.bins, MoistConstants<double>{}, columns_, extents);
  else
    kessler_ = std::make_unique<Kessler<Real>>(params.kessler, MoistConstants<double>{}, columns_,
                                               extents);
}

template <class Real>
std::vector<mesh::FieldInfo> RainColumn<Real>::fields() const {
  std::vector<mesh::FieldInfo> all{
      {.name = "theta", .unit = "K", .description = "potential temperature"},
      {.name = "qv", .unit = "kg/kg", .description = "mixing ratio of vapour"}};
  if (binned()) {
    all.push_back({.name = "drops",
                   .unit = "kg/kg",
                   .description = "mixing ratio of the drops of each bin",
                   .components = params_.bins.bins});
  } else {
    all.push_back({.name = "qc", .unit = "kg/kg", .description = "mixing ratio of cloud"});
    all.push_back({.name = "qr", .unit = "kg/kg", .description = "mixing ratio of rain"});
  }
  return all;
}

template <class Real>
double RainColumn<Real>::fastest() const {
  return params_.updraught_m_s * std::max(1.0, 1 + params_.updraught_spread);
}

template <class Real>
double RainColumn<Real>::stable_dt(const mesh::State<Real>&) {
  return std::min(params_.max_dt_s,
                  largest_courant * grid_->spacing(1) / std::max(fastest(), 1e-6));
}

template <class Real>
std::vector<mesh::Array3<Real>> RainColumn<Real>::arrays(const mesh::State<Real>& state) const {
  std::vector<Array> all;
  for (const auto& field : state.fields())
    for (int c = 0; c < field.info.components; ++c) all.push_back(field.component(c));
  return all;
}

template <class Real>
AdvanceReport RainColumn<Real>::advance(mesh::State<Real>& state, double duration_s) {
  const long long steps =
      std::max(1LL, static_cast<long long>(std::ceil(duration_s / stable_dt(state) * (1 - 1e-12))));
  const double dt_s = duration_s / double(steps);
  Kokkos::deep_copy(rain_, Real(0));
  for (long long n = 0; n < steps; ++n) {
    transport(state, dt_s, state.time_s + (double(n) + 0.5) * dt_s);
    change(state, dt_s);
  }
  const Array rain = rain_;
  mesh::Range3 foot = columns_.lowest();
  foot.begin[1] = 0;
  foot.end[1] = 1;
  const double sum = mesh::sum_cells(
      "rain fallen", foot, KOKKOS_LAMBDA(int k, int j, int i) { return double(rain(k, j, i)); });
  state.scalars[fallen] += grid_->comm().sum(sum) / grid_->global_cells(0);
  constrain(state);
  state.time_s += duration_s;
  state.step += steps;
  AdvanceReport report;
  report.steps = steps;
  report.cell_updates = double(steps) * double(grid_->global_cell_count());
  return report;
}

template <class Real>
void RainColumn<Real>::transport(mesh::State<Real>& state, double dt_s, double time_s) {
  const double part = time_s / params_.updraught_time_s;
  if (part >= 1 || params_.updraught_m_s == 0) return;
  const double courant =
      params_.updraught_m_s * std::sin(std::numbers::pi * part) * dt_s / grid_->spacing(1);
  const auto foot = weather::shallow_cumulus({0}, params_.humidity);
  std::size_t n = 0;
  for (const Array& q : arrays(state)) {
    const double inflow = n == 0 ? foot.theta[0] : n == 1 ? foot.qv[0] : 0;
    mesh::for_cells("lift", columns_.lowest(),
                    Lift<Real>{grid_->interior(), grid_->offset(0), grid_->global_cells(0),
                               Real(courant), Real(params_.updraught_spread), Real(inflow), q});
    ++n;
  }
}

template <class Real>
void RainColumn<Real>::change(mesh::State<Real>& state, double dt_s) {
  const Array theta = component(state, "theta"), qv = component(state, "qv");
  if (binned())
    bins_->step({theta, qv, state["drops"].data, exner_, rho_, rain_}, dt_s);
  else
    kessler_->step({theta, qv, component(state, "qc"), component(state, "qr"), exner_, rho_, rain_},
                   dt_s);
}

template <class Real>
double RainColumn<Real>::path(const Array& q) const {
  const double sum = weighted_sum(grid_->interior(), rho_, q);
  return grid_->comm().sum(sum) * grid_->spacing(1) / grid_->global_cells(0);
}

template <class Real>
std::vector<Diagnostic> RainColumn<Real>::diagnostics(const mesh::State<Real>& state) {
  double cloud = 0, rain = 0;
  if (binned()) {
    const auto sizes = weather::bin_sizes(params_.bins);
    for (int b = 0; b < params_.bins.bins; ++b)
      (sizes.radius[b] < weather::smallest_rain_radius_m ? cloud : rain) +=
          path(component(state, "drops", b));
  } else {
    cloud = path(component(state, "qc"));
    rain = path(component(state, "qr"));
  }
  const double vapour = path(component(state, "qv"));
  const auto known = state.scalars.find(fallen);
  const double down = known == state.scalars.end() ? 0 : known->second;
  return {{"rain_column.vapour_path", "kg/m2", vapour, DiagnosticKind::free},
          {"rain_column.cloud_path", "kg/m2", cloud, DiagnosticKind::free},
          {"rain_column.rain_path", "kg/m2", rain, DiagnosticKind::free},
          {"rain_column.rain_fallen", "kg/m2", down, DiagnosticKind::free},
          {"rain_column.water", "kg/m2", vapour + cloud + rain + down, DiagnosticKind::free}};
}

template <class Real>
void RainColumn<Real>::constrain(mesh::State<Real>& state) {
  halo_.exchange(arrays(state), grid_->ghosts(0));
  // Beyond foot and top: the value of the cell that is nearest.
  const int first = grid_->ghosts(1), last = first + grid_->local_cells(1) - 1;
  mesh::Range3 r = grid_->everything();
  r.end[1] = first;
  for (const Array& q : arrays(state))
    mesh::for_cells(
        "rain column ghosts", r, KOKKOS_LAMBDA(int k, int g, int i) {
          q(k, g, i) = q(k, first, i);
          q(k, last + 1 + g, i) = q(k, last, i);
        });
  Kokkos::fence("rain column ghosts");
}

template <class Real>
std::vector<PointProcess<Real>> RainColumn<Real>::point_processes() {
  if (binned()) return bins_->processes();
  return {kessler_->process()};
}

template <class Real>
void RainColumn<Real>::initialise(mesh::State<Real>& state) const {
  fill(*grid_, sounding_.theta, component(state, "theta"));
  fill(*grid_, sounding_.qv, component(state, "qv"));
  state.scalars[fallen] = 0;
}

template class RainColumn<float>;
template class RainColumn<double>;

}  // namespace understudy::solvers
