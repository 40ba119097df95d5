#include "solvers/weather/processes/kessler.hpp"

#include <utility>

#include "mesh/loops.hpp"
#include "solvers/weather/processes/cell_place.hpp"

namespace understudy::solvers {

void KesslerParams::describe(core::ParamVisitor& v) {
  v.real("autoconversion_1_s", autoconversion_1_s, {.at_least = 0}, "1/s",
         "rate at which cloud above the threshold turns into rain");
  v.real("autoconversion_threshold", autoconversion_threshold, {.at_least = 0}, "kg/kg",
         "cloud that stays in the air by itself");
  v.real("accretion_1_s", accretion_1_s, {.at_least = 0}, "1/s",
         "rate at which rain collects cloud, of qc qr^0.875");
  v.integer("newton_steps", newton_steps, {.at_least = 1, .at_most = 10},
            "Newton steps of the saturation adjustment");
}

namespace {

template <class Real>
KOKKOS_FORCEINLINE_FUNCTION weather::MoistPoint<Real> load(const MoistFields<Real>& f, int k, int j,
                                                           int i) {
  weather::MoistPoint<Real> at{f.theta(k, j, i), f.qv(k, j, i),    f.qc(k, j, i),
                               f.qr(k, j, i),    f.exner(k, j, i), f.rho(k, j, i)};
  weather::fill_negative(at);
  return at;
}

template <class Real>
KOKKOS_FORCEINLINE_FUNCTION void store(const MoistFields<Real>& f,
                                       const weather::MoistPoint<Real>& at, int k, int j, int i) {
  f.theta(k, j, i) = at.theta;
  f.qv(k, j, i) = at.qv;
  f.qc(k, j, i) = at.qc;
  f.qr(k, j, i) = at.qr;
}

template <class Real>
void transfers_of(const MoistConstants<Real>& constants, const weather::KesslerRates<Real>& rates,
                  const mesh::Points<const Real>& in, const mesh::Points<Real>& out) {
  Kokkos::parallel_for(
      "kessler", Kokkos::RangePolicy<mesh::Exec>(0, in.extent(0)), KOKKOS_LAMBDA(const int n) {
        const weather::MoistPoint<Real> at{in(n, 0), in(n, 1), in(n, 2),
                                           in(n, 3), in(n, 4), in(n, 5)};
        const auto to = weather::kessler_transfers(constants, rates, at, in(n, 6));
        out(n, 0) = to.rain_formation;
        out(n, 1) = to.condensation;
        out(n, 2) = to.rain_evaporation;
      });
}

template <class Real>
struct ChangePhase {
  MoistConstants<Real> constants;
  weather::KesslerRates<Real> rates;
  MoistFields<Real> fields;
  Real dt;
  KOKKOS_FORCEINLINE_FUNCTION void operator()(int k, int j, int i) const {
    auto at = load(fields, k, j, i);
    weather::apply(constants, weather::kessler_transfers(constants, rates, at, dt), at);
    store(fields, at, k, j, i);
  }
};

template <class Real>
void fall_speeds(const Columns<Real>& columns, const mesh::Array3<Real>& qr,
                 const mesh::Array3<Real>& rho, const mesh::Array3<Real>& speed) {
  const int vertical = columns.vertical, bottom = columns.cells.begin[vertical];
  mesh::for_cells(
      "rain fall speed", columns.cells, KOKKOS_LAMBDA(int k, int j, int i) {
        const Real surface = rho(vertical == 2 ? bottom : k, vertical == 1 ? bottom : j, i);
        speed(k, j, i) = weather::rain_fall_speed(qr(k, j, i), rho(k, j, i), surface);
      });
}

template <class Real>
void pack(const mesh::Range3& cells, const MoistFields<Real>& fields, const Real dt,
          const mesh::Points<Real>& in) {
  const weather::CellPlace place{cells};
  mesh::for_cells(
      "pack microphysics", cells, KOKKOS_LAMBDA(int k, int j, int i) {
        const auto at = load(fields, k, j, i);
        const int n = place(k, j, i);
        in(n, 0) = at.theta;
        in(n, 1) = at.qv;
        in(n, 2) = at.qc;
        in(n, 3) = at.qr;
        in(n, 4) = at.exner;
        in(n, 5) = at.rho;
        in(n, 6) = dt;
      });
}

template <class Real>
void apply_batch(const mesh::Range3& cells, const MoistConstants<Real>& constants,
                 const MoistFields<Real>& fields, const mesh::Points<Real>& out) {
  const weather::CellPlace place{cells};
  mesh::for_cells(
      "apply microphysics", cells, KOKKOS_LAMBDA(int k, int j, int i) {
        auto at = load(fields, k, j, i);
        const int n = place(k, j, i);
        weather::apply(constants, weather::Transfers<Real>{out(n, 0), out(n, 1), out(n, 2)}, at);
        store(fields, at, k, j, i);
      });
}

}  // namespace

template <class Real>
Kessler<Real>::Kessler(const KesslerParams& params, const MoistConstants<double>& constants,
                       const Columns<Real>& columns, const std::array<int, 3>& extents)
    : constants_(constants.as<Real>()),
      rates_{Real(params.autoconversion_1_s), Real(params.autoconversion_threshold),
             Real(params.accretion_1_s), params.newton_steps},
      columns_(columns),
      speed_("rain fall speed", extents[0], extents[1], extents[2]) {
  physics_ = [c = constants_, r = rates_](const mesh::Points<const Real>& in,
                                          const mesh::Points<Real>& out) {
    transfers_of<Real>(c, r, in, out);
  };
}

template <class Real>
void Kessler<Real>::step(const MoistFields<Real>& fields, double dt_s) {
  fall(fields, Real(dt_s));
  if (in_use_)
    change_phase_by_batch(fields, Real(dt_s));
  else
    change_phase(fields, Real(dt_s));
}

template <class Real>
void Kessler<Real>::fall(const MoistFields<Real>& fields, Real dt) {
  fall_speeds(columns_, fields.qr, fields.rho, speed_);
  sediment(columns_, fields.rho, speed_, fields.qr, fields.rain, dt);
}

template <class Real>
void Kessler<Real>::change_phase(const MoistFields<Real>& fields, Real dt) {
  mesh::for_rows("kessler", columns_.cells, ChangePhase<Real>{constants_, rates_, fields, dt});
}

template <class Real>
void Kessler<Real>::change_phase_by_batch(const MoistFields<Real>& fields, Real dt) {
  if (in_.extent(0) == 0) {
    in_ = Batch("microphysics in", columns_.cells.count(), 7);
    out_ = Batch("microphysics out", columns_.cells.count(), 3);
  }
  pack(columns_.cells, fields, dt, in_);
  in_use_(in_, out_);
  apply_batch(columns_.cells, constants_, fields, out_);
}

template <class Real>
PointProcess<Real> Kessler<Real>::process() {
  return {microphysics_process,
          {{"theta", "K"},
           {"qv", "kg/kg"},
           {"qc", "kg/kg"},
           {"qr", "kg/kg"},
           {"exner", "1"},
           {"rho", "kg/m3"},
           {"dt", "s"}},
          {{"rain_formation", "kg/kg"}, {"condensation", "kg/kg"}, {"rain_evaporation", "kg/kg"}},
          physics_,
          [this](PointCall<Real> call) { in_use_ = std::move(call); }};
}

template <class Real>
void kessler_step(const KesslerParams& params, const Columns<Real>& columns,
                  const MoistFields<Real>& fields, double dt_s) {
  const auto& a = fields.theta;
  Kessler<Real>(params, {}, columns, {int(a.extent(0)), int(a.extent(1)), int(a.extent(2))})
      .step(fields, dt_s);
}

template class Kessler<float>;
template class Kessler<double>;
template void kessler_step<float>(const KesslerParams&, const Columns<float>&,
                                  const MoistFields<float>&, double);
template void kessler_step<double>(const KesslerParams&, const Columns<double>&,
                                   const MoistFields<double>&, double);

}  // namespace understudy::solvers
