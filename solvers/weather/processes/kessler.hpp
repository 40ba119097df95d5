// Kessler's warm rain (kessler_kernels.hpp: Klemp and Wilhelmson 1978) on the fields of a moist box: rain
// falls (sedimentation.hpp), then water changes its phase at each point. First order in time. Total water,
// sum(rho dz (qv + qc + qr)) plus what fell, and at each point cp exner theta + L qv are constant to
// round-off.
//
// The part at points is a process that something else can compute (PointProcess `microphysics`):
//   in   theta (K), qv, qc, qr (kg/kg), exner (1), rho (kg/m3), dt (s)
//   out  rain_formation, condensation, rain_evaporation (kg/kg, in dt): what moves between the three
// Its outputs are bounded by the water that is there and heat by what they condense, so that water and heat
// are conserved whoever computes them.
#pragma once

#include "core/params.hpp"
#include "solvers/point_process.hpp"
#include "solvers/weather/processes/kessler_kernels.hpp"
#include "solvers/weather/processes/sedimentation.hpp"

namespace understudy::solvers {

inline constexpr const char* microphysics_process = "microphysics";

struct KesslerParams {
  double autoconversion_1_s = 1e-3, autoconversion_threshold = 1e-3, accretion_1_s = 2.2;
  int newton_steps = 1;
  void describe(core::ParamVisitor& v);
};

/// All [k, j, i]; theta, qv, qc, qr are changed.
template <class Real>
struct MoistFields {
  mesh::Array3<Real> theta;       ///< K
  mesh::Array3<Real> qv, qc, qr;  ///< kg/kg of dry air
  mesh::Array3<Real> exner, rho;  ///< 1, kg/m3 of dry air
  mesh::Array3<Real> rain;        ///< kg/m2 (mm) that fell, added to; size 1 along the vertical
};

/// Stays where it is: its process refers to it.
template <class Real>
class Kessler {
 public:
  /// `cells`: where it works, of arrays of `extents` [k, j, i].
  Kessler(const KesslerParams& params, const MoistConstants<double>& constants,
          const Columns<Real>& columns, const std::array<int, 3>& extents);
  Kessler(const Kessler&) = delete;
  Kessler& operator=(const Kessler&) = delete;

  void step(const MoistFields<Real>& fields, double dt_s);
  PointProcess<Real> process();

 private:
  using Batch = mesh::Points<Real>;
  void fall(const MoistFields<Real>& fields, Real dt);
  void change_phase(const MoistFields<Real>& fields, Real dt);
  void change_phase_by_batch(const MoistFields<Real>& fields, Real dt);

  MoistConstants<Real> constants_;
  weather::KesslerRates<Real> rates_;
  Columns<Real> columns_;
  mesh::Array3<Real> speed_;  ///< m/s
  Batch in_, out_;            ///< [cell, 7], [cell, 3]; empty while the physics computes
  PointCall<Real> physics_, in_use_;
};

/// One step with the default constants, for callers that keep no object; allocates.
template <class Real>
void kessler_step(const KesslerParams& params, const Columns<Real>& columns,
                  const MoistFields<Real>& fields, double dt_s);

}  // namespace understudy::solvers
