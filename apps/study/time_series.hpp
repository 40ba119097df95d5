// Diagnostics over time, and what is read off them: mean, amplitude and frequency of an oscillation.
// All take the values from `from_s` on and give NaN where there is too little to say.
#pragma once

#include <string>
#include <vector>

#include "solvers/stepper.hpp"

namespace understudy::apps {

/// A diagnostic over time.
struct TimeSeries {
  std::string name, unit;
  solvers::DiagnosticKind kind = solvers::DiagnosticKind::free;
  std::vector<double> time_s, value;
};

/// A number about a run, "flow.strouhal"; absent (NaN) where the run does not show it.
struct Quantity {
  std::string name, unit;
  double value = 0;
  std::string note = {};  ///< what is to be known of it: too few samples
  /// What it swings by (rms about its mean), of a mean that may be zero by symmetry: where the value is
  /// smaller a difference is judged by this. 0, NaN: by the value alone.
  double scale = 0;
};

/// Appends one value a diagnostic; the first call makes the series.
void append(std::vector<TimeSeries>& series, double time_s,
            const std::vector<solvers::Diagnostic>& diagnostics);
/// Null where there is none of that name.
const TimeSeries* find_series(const std::vector<TimeSeries>& series, const std::string& name);

double mean_of(const TimeSeries& series, double from_s);
/// Root mean square of the deviation from the mean.
double deviation_of(const TimeSeries& series, double from_s);

/// Half the distance between crest and trough. With `enough_samples` a period or more: of the mean crest and
/// the mean trough, by a parabola through three samples; of every stay above the mean the highest crest, of every
/// one below it the lowest trough, so that a ripple does not count. With fewer, which a parabola does not serve: of
/// the wave that fits all samples (frequency and up to three harmonics by least squares), where it fits
/// them to a tenth of its amplitude; else of the parabolas. Two crests and two troughs are needed.
inline constexpr double enough_samples = 20;
double amplitude_of(const TimeSeries& series, double from_s);

/// From the upward crossings of the mean, interpolated linearly: (crossings - 1) / time between the
/// first and the last. Three crossings are needed; crossings of a ripple below 5% of the largest
/// deviation do not count.
double frequency_of(const TimeSeries& series, double from_s);

/// Samples in one period of the oscillation; NaN where it shows none.
double samples_per_period(const TimeSeries& series, double from_s);

/// Largest change of a conserved quantity from its first value, relative to that; absolute where the
/// first value is zero but for rounding (the momentum of symmetric vortices): below 1e-9 in SI units, momentum ("momentum"
/// in its name, or in kg m/s) of states in single `precision` below 1e-5, which is what the rounding of values of both
/// signs adds up to there.
double drift_of(const TimeSeries& series, const std::string& precision);

}  // namespace understudy::apps
