// Shallow cumulus in columns: warm-rain microphysics in a wind that is given, in the manner of the kinematic driver
// of Shipway and Hill (2012). The air of sounding.hpp is lifted by w(t) = w1 sin(pi t / t1) until t1,
//
//     dq/dt + w dq/dz = microphysics(q)
//
// for theta, vapour and drops; density and Exner function stay. Air of the foot's theta and vapour, without drops,
// comes in below. Grid: axis 1 is height, axis 0 counts columns that know nothing of each other (its metres mean
// nothing), whose w1 may rise evenly from that of the first. Every rank holds whole columns.
//
// Transport: second order with van Leer's limiter (1974), positive. Microphysics: Kessler's (fields qc, qr) or the
// bin scheme (field drops, a component a bin), split off; its points are processes (solvers/weather/processes/kessler.hpp,
// solvers/weather/processes/bin_scheme.hpp). First order in time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/box_grid.hpp"
#include "mesh/field.hpp"
#include "mesh/halo.hpp"
#include "solvers/stepper.hpp"
#include "solvers/weather/processes/bin_scheme.hpp"
#include "solvers/weather/processes/kessler.hpp"
#include "solvers/weather/rain_column/sounding.hpp"

namespace understudy::solvers {

struct RainColumnParams {
  std::string microphysics = "kessler";  ///< or "bins"
  KesslerParams kessler;
  BinParams bins;
  double updraught_m_s = 2;     ///< w1 of the first column
  double updraught_spread = 0;  ///< w1 of the last column: 1 + it times that
  double updraught_time_s = 600;
  double humidity = 1;  ///< factor of the sounding's vapour
  double max_dt_s = 5;
  void describe(core::ParamVisitor& v);
};

template <class Real>
class RainColumn : public Stepper<Real> {
 public:
  /// UserError: a grid that is not two-dimensional, ranks that share a column, bins that do not fit.
  RainColumn(const RainColumnParams& params, std::shared_ptr<const mesh::BoxGrid> grid);
  RainColumn(const RainColumn&) = delete;
  RainColumn& operator=(const RainColumn&) = delete;

  std::string name() const override { return "rain_column"; }
  std::shared_ptr<const mesh::Grid> grid() const override { return grid_; }
  std::vector<mesh::FieldInfo> fields() const override;
  double stable_dt(const mesh::State<Real>& state) override;
  /// Moves the state's time, too, which the updraught depends on.
  AdvanceReport advance(mesh::State<Real>& state, double duration_s) override;
  /// Means over the columns: vapour, cloud and rain in the air (kg/m2), rain that fell (kg/m2).
  std::vector<Diagnostic> diagnostics(const mesh::State<Real>& state) override;
  void constrain(mesh::State<Real>& state) override;
  std::vector<PointProcess<Real>> point_processes() override;

  void initialise(mesh::State<Real>& state) const;

 private:
  using Array = mesh::Array3<Real>;
  bool binned() const { return params_.microphysics == "bins"; }
  double fastest() const;  ///< largest |w1| of all columns, m/s
  void transport(mesh::State<Real>& state, double dt_s, double time_s);
  void change(mesh::State<Real>& state, double dt_s);
  double path(const Array& q) const;  ///< kg/m2, mean over columns
  std::vector<Array> arrays(const mesh::State<Real>& state) const;

  RainColumnParams params_;
  std::shared_ptr<const mesh::BoxGrid> grid_;
  mesh::Halo<Real> halo_;
  Columns<Real> columns_;
  weather::Sounding sounding_;  ///< of the levels
  Array exner_, rho_, rain_;    ///< [k, j, i]; rain of size 1 along j
  std::unique_ptr<Kessler<Real>> kessler_;
  std::unique_ptr<BinScheme<Real>> bins_;
};

extern template class RainColumn<float>;
extern template class RainColumn<double>;

}  // namespace understudy::solvers
