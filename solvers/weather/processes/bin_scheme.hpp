// Warm rain by bins (bin_kernels.hpp) on the fields of a moist box: the drops of each bin fall at their own speed
// (sedimentation.hpp; Beard 1976, faster in thinner air by (1.204/rho)^0.5), then the spectrum of each point
// activates, condenses and coalesces. Total water is constant to round-off, and so is cp exner theta + L qv at
// each point.
//
// The part at points is a process that something else can compute (PointProcess `bin_microphysics`):
//   in   theta (K), qv (kg/kg), exner (1), rho (kg/m3), dt (s), q_0 ... (kg/kg)
//   out  dq_0 ... (kg/kg, in dt): the change of each bin
// A change is bounded by what is there, vapour takes what the bins together lose, and heat follows it, so that
// water and heat are conserved whoever computes them.
#pragma once

#include "solvers/point_process.hpp"
#include "solvers/weather/processes/bin_grid.hpp"
#include "solvers/weather/processes/moist_constants.hpp"
#include "solvers/weather/processes/sedimentation.hpp"

namespace understudy::solvers {

inline constexpr const char* bin_process = "bin_microphysics";

/// [k, j, i]; theta, qv and q are changed.
template <class Real>
struct BinFields {
  mesh::Array3<Real> theta, qv;   ///< K, kg/kg of dry air
  mesh::Array4<Real> q;           ///< [bin, k, j, i], kg/kg of dry air
  mesh::Array3<Real> exner, rho;  ///< 1, kg/m3 of dry air
  mesh::Array3<Real> rain;        ///< kg/m2 (mm) that fell, added to; size 1 along the vertical
};

/// Stays where it is: its process refers to it.
template <class Real>
class BinScheme {
 public:
  /// `columns`: where it works, of arrays of `extents` [k, j, i]. UserError where the bins do not fit.
  BinScheme(const BinParams& params, const MoistConstants<double>& constants,
            const Columns<Real>& columns, const std::array<int, 3>& extents);
  BinScheme(const BinScheme&) = delete;
  BinScheme& operator=(const BinScheme&) = delete;

  void step(const BinFields<Real>& fields, double dt_s);
  PointProcess<Real> process();

 private:
  using Batch = mesh::Points<Real>;
  MoistConstants<Real> constants_;
  weather::BinTables<Real> tables_;
  std::vector<double> fall_speeds_;  ///< m/s
  Columns<Real> columns_;
  mesh::Array3<Real> speed_;  ///< m/s
  Batch in_, out_;            ///< [cell, 5 + bins], [cell, bins]
  PointCall<Real> physics_, in_use_;
};

}  // namespace understudy::solvers
