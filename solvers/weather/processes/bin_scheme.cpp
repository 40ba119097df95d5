#include "solvers/weather/processes/bin_scheme.hpp"

#include <utility>

#include "core/format.hpp"
#include "mesh/loops.hpp"
#include "solvers/weather/processes/bin_kernels.hpp"
#include "solvers/weather/processes/cell_place.hpp"

namespace understudy::solvers {

namespace {

constexpr int before_bins = 5;  // inputs in front of the bins

template <class Real>
void changes_of(const MoistConstants<Real>& constants, const weather::BinTables<Real>& tables,
                const mesh::Points<const Real>& in, const mesh::Points<Real>& out) {
  Kokkos::parallel_for(
      "bin microphysics", Kokkos::RangePolicy<mesh::Exec>(0, in.extent(0)),
      KOKKOS_LAMBDA(const int n) {
        Real q[weather::most_bins];
        for (int b = 0; b < tables.bins; ++b) q[b] = in(n, before_bins + b);
        Real theta = in(n, 0), qv = in(n, 1);
        weather::bin_step(constants, tables, q, theta, qv, in(n, 2), in(n, 3), in(n, 4));
        for (int b = 0; b < tables.bins; ++b) out(n, b) = q[b] - in(n, before_bins + b);
      });
}

/// What transport undershot is taken from the vapour.
template <class Real>
void pack(const mesh::Range3& cells, const BinFields<Real>& f, const int bins, const Real dt,
          const mesh::Points<Real>& in) {
  const weather::CellPlace place{cells};
  mesh::for_cells(
      "pack bins", cells, KOKKOS_LAMBDA(int k, int j, int i) {
        const int n = place(k, j, i);
        Real missing = 0;
        for (int b = 0; b < bins; ++b) {
          const Real q = f.q(b, k, j, i);
          if (q < 0) {
            missing += q;
            f.q(b, k, j, i) = 0;
          }
          in(n, before_bins + b) = q < 0 ? Real(0) : q;
        }
        f.qv(k, j, i) += missing;
        in(n, 0) = f.theta(k, j, i);
        in(n, 1) = f.qv(k, j, i);
        in(n, 2) = f.exner(k, j, i);
        in(n, 3) = f.rho(k, j, i);
        in(n, 4) = dt;
      });
}

template <class Real>
void apply_changes(const mesh::Range3& cells, const MoistConstants<Real>& c,
                   const BinFields<Real>& f, const int bins, const mesh::Points<Real>& out) {
  const weather::CellPlace place{cells};
  mesh::for_cells(
      "apply bins", cells, KOKKOS_LAMBDA(int k, int j, int i) {
        const int n = place(k, j, i);
        const Real qv = f.qv(k, j, i);
        Real gained = 0, lost = 0;
        for (int b = 0; b < bins; ++b) {
          const Real change = out(n, b), q = f.q(b, k, j, i);
          gained += change > 0 ? change : Real(0);
          lost += change > 0 ? Real(0) : change < -q ? q : -change;
        }
        // No more than the vapour and what other bins lose.
        const Real there = (qv > 0 ? qv : Real(0)) + lost;
        const Real part = gained > there ? there / gained : Real(1);
        Real condensed = 0;
        for (int b = 0; b < bins; ++b) {
          const Real change = out(n, b), q = f.q(b, k, j, i);
          const Real after = change > 0 ? q + part * change : change < -q ? Real(0) : q + change;
          condensed += after - q;
          f.q(b, k, j, i) = after;
        }
        f.qv(k, j, i) = qv - condensed;
        f.theta(k, j, i) += c.latent / (c.cp * f.exner(k, j, i)) * condensed;
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
      fall_speeds_(weather::bin_sizes(params).speed),
      columns_(columns),
      speed_("drop fall speed", extents[0], extents[1], extents[2]),
      in_("bin microphysics in", columns.cells.count(), before_bins + params.bins),
      out_("bin microphysics out", columns.cells.count(), params.bins) {
  physics_ = [c = constants_, t = tables_](const mesh::Points<const Real>& in,
                                           const mesh::Points<Real>& out) {
    changes_of<Real>(c, t, in, out);
  };
  in_use_ = physics_;
}

template <class Real>
void BinScheme<Real>::step(const BinFields<Real>& fields, double dt_s) {
  for (int b = 0; b < tables_.bins; ++b) {
    const mesh::Array3<Real> q =
        Kokkos::subview(fields.q, b, Kokkos::ALL, Kokkos::ALL, Kokkos::ALL);
    fall_speeds(columns_, fields.rho, Real(fall_speeds_[b]), speed_);
    sediment(columns_, fields.rho, speed_, q, fields.rain, Real(dt_s));
  }
  pack(columns_.cells, fields, tables_.bins, Real(dt_s), in_);
  in_use_(in_, out_);
  apply_changes(columns_.cells, constants_, fields, tables_.bins, out_);
}

template <class Real>
PointProcess<Real> BinScheme<Real>::process() {
  PointProcess<Real> process{
      bin_process,
      {{"theta", "K"}, {"qv", "kg/kg"}, {"exner", "1"}, {"rho", "kg/m3"}, {"dt", "s"}},
      {},
      physics_,
      [this](PointCall<Real> call) { in_use_ = std::move(call); }};
  for (int b = 0; b < tables_.bins; ++b) {
    process.inputs.push_back({core::format("q_{}", b), "kg/kg"});
    process.outputs.push_back({core::format("dq_{}", b), "kg/kg"});
  }
  return process;
}

template class BinScheme<float>;
template class BinScheme<double>;

}  // namespace understudy::solvers
