#include "solvers/weather/processes/bin_scheme.hpp"

#include <utility>

#include "core/format.hpp"
#include "core/timers.hpp"
#include "solvers/weather/processes/bin_process_kernels.hpp"

namespace understudy::solvers {

namespace {

using weather::before_colliding;
using weather::before_condensing;

template <class Real>
using Batch = mesh::Points<Real>;

template <class Real>
Batch<Real> first(const Batch<Real>& all, int points) {
  return Kokkos::subview(all, std::pair(0, points), Kokkos::ALL);
}

template <class Real>
void condensation_of(const MoistConstants<Real>& constants, const weather::BinTables<Real>& tables,
                     const Batch<const Real>& in, const Batch<Real>& out) {
  Kokkos::parallel_for(
      "bin condensation", Kokkos::RangePolicy<mesh::Exec>(0, in.extent(0)),
      KOKKOS_LAMBDA(const int n) {
        Real q[weather::most_bins];
        for (int b = 0; b < tables.bins; ++b) q[b] = in(n, before_condensing + b);
        Real theta = in(n, 0), qv = in(n, 1);
        weather::condense_in_steps(constants, tables, q, theta, qv, in(n, 2), in(n, 3), in(n, 4));
        for (int b = 0; b < tables.bins; ++b) out(n, b) = q[b] - in(n, before_condensing + b);
      });
}

template <class Real>
void coalescence_of(const weather::BinTables<Real>& tables, const Batch<const Real>& in,
                    const Batch<Real>& out) {
  Kokkos::parallel_for(
      "bin coalescence", Kokkos::RangePolicy<mesh::Exec>(0, in.extent(0)),
      KOKKOS_LAMBDA(const int n) {
        constexpr Real least = Real(drop_floor);
        Real before[weather::most_bins], q[weather::most_bins];
        for (int b = 0; b < tables.bins; ++b)
          before[b] = q[b] = least * Kokkos::expm1(in(n, before_colliding + b));
        weather::coalesce(tables, q, in(n, 0), in(n, 1));
        for (int b = 0; b < tables.bins; ++b)
          out(n, b) = Kokkos::log((q[b] + least) / (before[b] + least));
      });
}

template <class Real>
void fall_speeds(const Columns<Real>& columns, const mesh::Array3<Real>& rho, const Real standard,
                 const mesh::Array3<Real>& speed) {
  mesh::for_cells(
      "drop fall speed", columns.cells, KOKKOS_LAMBDA(int k, int j, int i) {
        speed(k, j, i) =
            standard * Kokkos::sqrt(Real(weather::fall_speed_air_density) / rho(k, j, i));
      });
}

}  // namespace

template <class Real>
BinScheme<Real>::BinScheme(const BinParams& params, const MoistConstants<double>& constants,
                           const Columns<Real>& columns, const std::array<int, 3>& extents)
    : constants_(constants.as<Real>()),
      tables_(weather::bin_tables<Real>(params)),
      coalescence_least_(Real(params.coalescence_least)),
      fall_speeds_(weather::bin_sizes(params).speed),
      columns_(columns),
      speed_("drop fall speed", extents[0], extents[1], extents[2]),
      cells_("cells of a batch", columns.cells.count()),
      collides_(params.kernel != "none") {
  const auto cells = columns.cells.count();
  condensation_.in = Batch("bin condensation in", cells, before_condensing + params.bins);
  condensation_.out = Batch("bin condensation out", cells, params.bins);
  condensation_.physics = [c = constants_, t = tables_](const mesh::Points<const Real>& in,
                                                        const mesh::Points<Real>& out) {
    condensation_of<Real>(c, t, in, out);
  };
  condensation_.in_use = condensation_.physics;
  if (!collides_) return;
  coalescence_.in = Batch("bin coalescence in", cells, before_colliding + params.bins);
  coalescence_.out = condensation_.out;
  coalescence_.physics = [t = tables_](const mesh::Points<const Real>& in,
                                       const mesh::Points<Real>& out) {
    coalescence_of<Real>(t, in, out);
  };
  coalescence_.in_use = coalescence_.physics;
}

template <class Real>
void BinScheme<Real>::fall(const BinFields<Real>& fields, double dt_s) {
  const core::ScopedTimer region("bin fall");
  for (int b = 0; b < tables_.bins; ++b) {
    const mesh::Array3<Real> q =
        Kokkos::subview(fields.q, b, Kokkos::ALL, Kokkos::ALL, Kokkos::ALL);
    fall_speeds(columns_, fields.rho, Real(fall_speeds_[b]), speed_);
    sediment(columns_, fields.rho, speed_, q, fields.rain, Real(dt_s));
  }
}

template <class Real>
void BinScheme<Real>::condense(const BinFields<Real>& fields, Real dt) {
  const core::ScopedTimer region("bin condensation");
  const mesh::Range3& cells = columns_.cells;
  const int bins = tables_.bins;
  mesh::for_cells("fill negative drops", cells, weather::FillNegative<Real>{fields, bins});
  const int points =
      weather::list_cells(cells, weather::MayCondense<Real>{fields, constants_, bins}, cells_);
  const Batch in = first(condensation_.in, points), out = first(condensation_.out, points);
  weather::for_points("pack condensation", cells, cells_, points,
                      weather::PackCondensation<Real>{fields, bins, dt, in});
  condensation_.in_use(in, out);
  weather::for_points("apply condensation", cells, cells_, points,
                      weather::ApplyCondensation<Real>{fields, constants_, bins, out});
}

template <class Real>
void BinScheme<Real>::coalesce(const BinFields<Real>& fields, Real dt) {
  const core::ScopedTimer region("bin coalescence");
  const mesh::Range3& cells = columns_.cells;
  const int bins = tables_.bins;
  const int points = weather::list_cells(
      cells, weather::MayCollide<Real>{fields.q, bins, coalescence_least_}, cells_);
  const Batch in = first(coalescence_.in, points), out = first(coalescence_.out, points);
  weather::for_points("pack coalescence", cells, cells_, points,
                      weather::PackCoalescence<Real>{fields, bins, dt, in});
  coalescence_.in_use(in, out);
  weather::for_points("apply coalescence", cells, cells_, points,
                      weather::ApplyCoalescence<Real>{fields, bins, out});
}

template <class Real>
void BinScheme<Real>::step(const BinFields<Real>& fields, double dt_s) {
  fall(fields, dt_s);
  condense(fields, Real(dt_s));
  if (collides_) coalesce(fields, Real(dt_s));
}

template <class Real>
std::vector<PointProcess<Real>> BinScheme<Real>::processes() {
  PointProcess<Real> condensation{
      bin_condensation_process,
      {{"theta", "K"}, {"qv", "kg/kg"}, {"exner", "1"}, {"rho", "kg/m3"}, {"dt", "s"}},
      {},
      condensation_.physics,
      [this](PointCall<Real> call) { condensation_.in_use = std::move(call); }};
  PointProcess<Real> coalescence{
      bin_coalescence_process,
      {{"rho", "kg/m3"}, {"dt", "s"}},
      {},
      coalescence_.physics,
      [this](PointCall<Real> call) { coalescence_.in_use = std::move(call); }};
  for (int b = 0; b < tables_.bins; ++b) {
    condensation.inputs.push_back({core::format("q_{}", b), "kg/kg"});
    condensation.outputs.push_back({core::format("dq_{}", b), "kg/kg"});
    coalescence.inputs.push_back({core::format("content_{}", b), "1"});
    coalescence.outputs.push_back({core::format("growth_{}", b), "1"});
  }
  if (!collides_) return {condensation};
  return {condensation, coalescence};
}

template class BinScheme<float>;
template class BinScheme<double>;

}  // namespace understudy::solvers
