// How far computed traces u are from observed ones d, and the derivative by each sample (the adjoint
// source). Sums over receivers; time integrals by dt = the record interval.
//   least_squares  J = 1/2 sum (u - d)^2 dt                                        (Tarantola 1984)
//   correlation    J = sum over traces of |d| (1 - <u, d> / (|u| |d|)), |.| with dt: blind to amplitudes
//                  (Choi and Alkhalifah 2012); weighted by |d| so that weak traces do not lead
//   envelope       J = 1/2 sum (E(u) - E(d))^2 dt, E = sqrt(u^2 + H(u)^2): sees low frequencies that the
//                  data lack, against cycle skipping (Wu, Luo and Wu 2014); H by the ideal discrete
//                  Hilbert transform 2 / (pi n), n odd
#pragma once

#include <string>
#include <vector>

#include "solvers/seismic/acoustic/survey_modelling.hpp"

namespace understudy::solvers::seismic {

class Misfit {
 public:
  /// `kind` one of kinds(); std::invalid_argument else.
  Misfit(const std::string& kind, double record_every_s, int samples);
  static std::vector<std::string> kinds() { return {"least_squares", "correlation", "envelope"}; }
  TraceMisfit operator()(const Gather& computed, const Gather& observed) const;

 private:
  double trace(const std::vector<double>& u, const std::vector<double>& d,
               std::vector<double>& derivative) const;
  std::vector<double> hilbert(const std::vector<double>& x) const;

  std::string kind_;
  double dt_s_;
  std::vector<double> kernel_;  ///< of the Hilbert transform, [lag]
};

/// A causal low pass that both a wavelet and observed traces go through, whatever their intervals: convolution
/// with a Gaussian whose spectrum falls to a tenth at `cutoff_hz`, delayed by 3.5 of its widths.
/// `values` [sample, column].
void low_pass(std::vector<double>& values, int columns, double dt_s, double cutoff_hz);
/// The transpose of low_pass, for gradients.
void low_pass_transposed(std::vector<double>& values, int columns, double dt_s, double cutoff_hz);

}  // namespace understudy::solvers::seismic
