// Warm rain by bins (bin_kernels.hpp) on the fields of a moist box: the drops of each bin fall at their own speed
// (sedimentation.hpp; Beard 1976, faster in thinner air by (1.204/rho)^0.5), then the spectrum of each point
// activates, condenses and coalesces. Total water is constant to round-off, and so is cp exner theta + L qv at
// each point.
//
// The parts at points are two processes that something else can compute. They are asked for the points where
// there is something to do: drops or supersaturation; drops that may collide (BinParams::coalescence_least).
//   bin_condensation   in   theta (K), qv (kg/kg), exner (1), rho (kg/m3), dt (s), q_0 ... (kg/kg)
//                      out  dq_0 ... (kg/kg, in dt): the change of each bin
//     A change is bounded by what is there, vapour takes what the bins together lose, and heat follows it.
//   bin_coalescence    in   rho (kg/m3), dt (s), content_0 ... (1): ln(1 + q/q*), q* = drop_floor
//                      out  growth_0 ... (1, in dt): ln of (q + q*) after over before
//     Logarithms, because rain grows out of a millionth of the cloud: a mean square of kg/kg does not see it.
//     The spectrum that growth leaves is scaled to the drops that were there.
// So water, heat and the sign of q are kept whoever computes them.
#pragma once

#include "solvers/point_process.hpp"
#include "solvers/weather/processes/bin_grid.hpp"
#include "solvers/weather/processes/moist_constants.hpp"
#include "solvers/weather/processes/sedimentation.hpp"

namespace understudy::solvers {

inline constexpr const char* bin_condensation_process = "bin_condensation";
inline constexpr const char* bin_coalescence_process = "bin_coalescence";

/// q* of content_b and growth_b, kg/kg: less than that in a bin is as good as nothing.
inline constexpr double drop_floor = 1e-10;

/// [k, j, i]; theta, qv and q are changed.
template <class Real>
struct BinFields {
  mesh::Array3<Real> theta, qv;   ///< K, kg/kg of dry air
  mesh::Array4<Real> q;           ///< [bin, k, j, i], kg/kg of dry air
  mesh::Array3<Real> exner, rho;  ///< 1, kg/m3 of dry air
  mesh::Array3<Real> rain;        ///< kg/m2 (mm) that fell, added to; size 1 along the vertical
};

/// Stays where it is: its processes refer to it.
template <class Real>
class BinScheme {
 public:
  /// `columns`: where it works, of arrays of `extents` [k, j, i]. UserError where the bins do not fit.
  BinScheme(const BinParams& params, const MoistConstants<double>& constants,
            const Columns<Real>& columns, const std::array<int, 3>& extents);
  BinScheme(const BinScheme&) = delete;
  BinScheme& operator=(const BinScheme&) = delete;

  void step(const BinFields<Real>& fields, double dt_s);
  /// bin_condensation, and bin_coalescence where the drops have a kernel.
  std::vector<PointProcess<Real>> processes();

 private:
  using Batch = mesh::Points<Real>;
  struct Part {
    PointCall<Real> physics, in_use;
    Batch in, out;
  };
  void fall(const BinFields<Real>& fields, double dt_s);
  void condense(const BinFields<Real>& fields, Real dt);
  void coalesce(const BinFields<Real>& fields, Real dt);

  MoistConstants<Real> constants_;
  weather::BinTables<Real> tables_;
  Real coalescence_least_;           ///< kg/kg
  std::vector<double> fall_speeds_;  ///< m/s
  Columns<Real> columns_;
  mesh::Array3<Real> speed_;                ///< m/s
  Kokkos::View<int*, mesh::Memory> cells_;  ///< of a batch's points
  bool collides_;
  Part condensation_, coalescence_;  ///< [cell, 5 + bins], [cell, 2 + bins]; [cell, bins]
};

}  // namespace understudy::solvers
