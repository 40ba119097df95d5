// The time function of a source. Peak amplitude `amplitude`, in Pa m^(d-1) for the acoustic equation's
// pressure source in d dimensions (see acoustic_operator.hpp), N m^(2-d)... for forces and moments.
//   ricker    (1 - 2 x^2) exp(-x^2), x = pi f (t - t0)                  (Ricker 1953)
//   gaussian  exp(-x^2): contains frequency 0
//   tabulated samples of a text file (core/table.hpp), one number a line, every `sample_s`; linear between,
//             0 outside
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::solvers::seismic {

struct WaveletParams {
  std::string kind = "ricker";  ///< ricker, gaussian, tabulated
  double frequency_hz = 15;     ///< f, the peak frequency of ricker; not of tabulated
  double delay_s =
      0;  ///< t0, not of tabulated; 0: 1.2 / f (gaussian 1.5 / f), where it starts below 2e-5
  double amplitude = 1;
  std::string file{};   ///< tabulated: path, from the deck's folder on
  double sample_s = 0;  ///< tabulated: interval of its samples
  void describe(core::ParamVisitor& v);
};

class Wavelet {
 public:
  /// UserError where a tabulated file cannot be read: missing, not a number (with the line), too short.
  Wavelet(const WaveletParams& params, const std::string& directory);
  double operator()(double t_s) const;
  /// At n * dt_s, n = 0 ... count - 1.
  std::vector<double> sampled(double dt_s, int count) const;
  /// The highest frequency (Hz) whose amplitude exceeds `level` of the spectrum's peak: what grid and
  /// time step must carry. Ricker: 2.4 f at the default level.
  double highest_frequency(double level = 0.05) const;
  /// ricker, gaussian: f; tabulated: where the spectrum peaks. Scales the absorbing layer.
  double peak_frequency() const;

 private:
  struct Spectrum {
    double step_hz = 0;
    std::vector<double> amplitudes;  ///< at n * step_hz, of an arbitrary scale
  };
  Spectrum spectrum() const;
  WaveletParams params_;
  std::vector<double> table_;
};

}  // namespace understudy::solvers::seismic
