// The comparison: truth and replacement from the same initial state, on the same device, precision
// and threads. Both are first warmed up on copies; then each window of each is timed by itself
// (fenced; packing, network, constrain and policy included; outputs and diagnostics not). The sides take
// turns in blocks of windows, so that neither finds its memory evicted by the other at every window,
// which no production run would see; the states at the windows' ends are kept aside and looked at after
// the block.
//
// Errors of a prognostic field f: rel_l2(t) = ||f_replacement - f_truth|| / ||f_truth|| over all
// cells, each weighed by its measure, of a rollout: the replacement never sees the truth again. Beside it
// stand persistence, the same for a state that stays at the initial one, and climatology
// (surrogates/fields/climatology.hpp), where there are training samples to take it from. A field that is zero but for
// round-off all the time (core/unit_scale.hpp) has no such error: its difference is given relative to the
// largest norm of another of its unit, and where there is none it has no error at all; either way it is no
// part of means over fields.
//
// A replacement that fails has no wall time, energy or speed-up: those that it made until then are of fewer
// windows than the simulation's. It keeps the errors of the windows that it survived.
//
// The walls of this run are one timing. A caller that repeats it (interleaved_timing.hpp) sets walls and
// their medians, of truth, replacement and classical runs, and calls set_speedups() again: figures are
// then those of the medians, beside the lowest and highest over the repeats.
//
// Three speed-ups, each with the reason where there is none:
//   same_grid    truth's wall time / replacement's
//   equal_error  wall time of the cheapest classical run whose error equals the replacement's, over
//                the replacement's; from caller-made runs that are coarser or looser (single
//                precision, larger time step or tolerance), log-log interpolated between them; the
//                truth itself stands for error 0. Their errors are measured at their own points
//                (grid_sampling.hpp). Where none of them is as good, or all are better, it is an upper
//                bound; where all were refused, it is not known. `equal_in` may ask for an equal time of
//                correlation, error of statistics, of profiles or of spectra instead. Where the truth's own error is known (TruthError), nothing better than it
//                is claimed: the figure is read there
//                Where another method competes (ClassicalPoint::other_method), `own_method` is the same
//                without it: what a user of the compared solver gains
//   break_even   (data + training cost) / (cost saved per run), in runs of this length
#pragma once

#include <array>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/maybe.hpp"
#include "mesh/io/picture.hpp"
#include "solvers/stepper.hpp"
#include "surrogates/comparison/interleaved_timing.hpp"
#include "surrogates/comparison/profiles.hpp"

namespace understudy::surrogates {

/// In what a classical run must equal the replacement.
enum class EqualIn { error, correlation_95, correlation_80, statistics, profiles, spectra };
/// A time that is the better the longer, and no error.
inline bool is_time(EqualIn equal_in) {
  return equal_in == EqualIn::correlation_95 || equal_in == EqualIn::correlation_80;
}

template <class Real>
struct ComparisonSetup {
  solvers::Stepper<Real>& truth;
  solvers::Stepper<Real>& replacement;
  const mesh::State<Real>& initial;  ///< not changed
  double window_s = 0;
  long long windows = 0;
  int warm_up_windows = 2;
  int block_windows = 10;      ///< advanced in a row by each side, which keeps a state of each
  double max_abs_value = 1e6;  ///< as TimeParams: a replacement that exceeds it has failed
  std::vector<double> picture_times_s{};  ///< after the start; nearest window; empty: none
  std::vector<std::string> pictures{};    ///< names of fields or derived quantities
  int spectra_every = 0;                  ///< windows between energy spectra; 0: none
  std::string correlation{};              ///< field or derived quantity; empty: none
  EqualIn equal_in = EqualIn::error;
  std::vector<std::string> statistics{};  ///< diagnostics by name; empty: none
  ProfileSetup profile{};                 ///< mean and variance along an axis; none
  double made_for_core_s = 0;             ///< cost of data and training, for break-even
  int cores = 1;                          ///< ranks x threads of this run
  /// The training samples' mean at a window (surrogates/fields/climatology.hpp), and what it is the mean of; empty: none.
  std::function<const mesh::State<Real>&(long long)> climatology{};
  std::string climatology_text{};
};

struct ErrorSeries {
  std::string field, unit;
  std::vector<double> rel_l2, persistence;  ///< [window], from 0; NaN: none
  std::vector<double> climatology = {};     ///< the same; empty: no climatology
  /// Empty: the truth's own norm. Else the field is zero in the truth, and this is what its error is
  /// relative to ("the norm of u"), or `none`.
  std::string relative_to = {};
  static constexpr const char* none = "nothing: the simulation has no value of its unit";
  /// Does it count in means over fields?
  bool judged() const { return relative_to.empty(); }
  /// Of rel_l2 over windows 1..., those left out that have none; `counted` [window from 1]: over these.
  /// NaN where no window is left: the start's error is 0 whatever replaces the simulation.
  double mean(const std::vector<bool>& counted = {}) const;
  double final() const;
};

struct DiagnosticSeries {
  std::string name, unit;
  solvers::DiagnosticKind kind = solvers::DiagnosticKind::free;
  std::vector<double> truth, replacement;  ///< [window], from 0
};

/// One picture of the same quantity for both at one time, gathered on rank 0: in 3-D one of the planes of
/// mesh::picture_normals.
struct Snapshot {
  double time_s = 0;
  std::string name, unit;
  mesh::Slice truth, replacement;
};

/// Mean square over shells of wave number, sum over the fields named in `field`. On all ranks.
struct Spectrum {
  double time_s = 0;
  std::string field;  ///< "u + v"
  std::vector<double> wave_number_per_m, truth, replacement;
  double truth_square = 0;  ///< the fields' mean square in the truth, their means included
  bool judged = true;       ///< not zero but for round-off in the truth (ErrorSeries::judged)
};

/// How far the spectra are off in the mean over their times, those at `start_s` left out: of each field
///     sqrt( sum_n (sqrt(E_n) - sqrt(E_t,n))^2 / sum_n E_t,n )   over the truth's shells n > 0,
/// E the mean over the times, then the mean over the judged fields. It is the least relative L2 difference that
/// fields of these spectra can have without their means, whatever their phases; waves that are missing count by
/// their amplitude. A field whose waves are nothing but round-off in the truth (core/unit_scale.hpp), beside its
/// root mean square, is left out. NaN where there is none.
double spectra_error(const std::vector<Spectrum>& spectra, double start_s);
/// The mean of the errors of mean and variance profiles that there are, over all judged components; NaN: none.
double profiles_error(const std::vector<Profile>& profiles);

/// Lowest and highest value that one component of a prognostic field takes in the truth over the run.
struct FieldRange {
  std::string field, unit;
  int component = 0;
  double lowest = 0, highest = 0;
};

struct WindowRecord {
  double time_s = 0;  ///< at the window's end
  double truth_wall_s = 0, replacement_wall_s = 0;
  long long truth_steps = 0, replacement_steps = 0;
  std::string who, why;  ///< of the replacement
  double trust = 1;
};

/// How long a quantity stays correlated with the simulation's (Kochkov et al. 2021): beside the error of fields,
/// which saturates when a chaotic flow has lost its way, the measure of how far it is followed.
struct CorrelationSeries {
  static constexpr std::array<double, 2> levels{0.95, 0.8};
  std::string quantity;             ///< "vorticity"; empty: not measured
  std::vector<double> values = {};  ///< [window], from 0; NaN: not known
  /// Time (s) from the start at which it falls below a level, linear between the windows where it is known;
  /// NaN: it does not.
  double time_below(double level, double window_s) const;
  /// The last window where it is known; 0: in none after the start.
  std::size_t last_known() const;
};

/// A classical run that costs less: coarser grid or larger tolerance. The caller makes it.
struct ClassicalPoint {
  std::string name;   ///< "128 x 64"
  double cost_s = 0;  ///< wall time of the same simulated span, median of the repeats
  double error = 0;   ///< mean relative error, by the same measure; of `errors` by set_speedups()
  std::vector<double> walls_s = {};  ///< [repeat]; empty: timed once
  std::string refused = {};          ///< why there is no such run; cost and error are then NaN
  CorrelationSeries correlation = {};
  std::vector<std::vector<double>> errors = {};      ///< [judged field][window from 1]; NaN: none
  std::vector<std::vector<double>> statistics = {};  ///< [named diagnostic][window from 1]
  bool other_method = false;  ///< of another method than the compared solver's (a spectral one)
  /// surrogates::profiles_error and spectra_error beside the truth, over all windows; NaN: none.
  double profiles_error = std::numeric_limits<double>::quiet_NaN();
  double spectra_error = std::numeric_limits<double>::quiet_NaN();
  /// Mean over the fields of the mean over windows, over the `counted` alone (ErrorSeries::mean); NaN: none.
  double mean_error(const std::vector<bool>& counted = {}) const;
};

/// The truth's own error, measured as a classical run's beside a run at twice the truth's resolution, which stands
/// for what is exact: below it nobody can be told to be more accurate. `name`: that run's grid, "128 x 128";
/// empty: not asked for. `refused`: why it is not known. `cost_s`: wall time of that run, in no timing.
struct TruthError : ClassicalPoint {
  std::vector<std::string> fields = {};  ///< [judged field], whose errors they are
  bool known() const { return !name.empty() && refused.empty(); }
};

struct Speedups {
  core::Maybe<double> same_grid, equal_error, break_even_runs;
  Scatter same_grid_scatter = {}, equal_error_scatter = {}, break_even_scatter = {};
  /// No classical run encloses the replacement's error: a cheaper one would make the figure smaller.
  bool equal_error_at_most = false;
  /// equal_error against the runs of the compared solver's own method alone. Not known, and without a reason,
  /// where no other method competes; with one where no run of its own was made.
  core::Maybe<double> own_method = {};
  Scatter own_method_scatter = {};
  bool own_method_at_most = false;
};

struct ComparisonResult {
  std::vector<double> times_s;  ///< [window], from 0
  long long asked_windows = 0;  ///< of the comparison, whether or not it got so far
  std::vector<ErrorSeries> errors;
  CorrelationSeries correlation;
  EqualIn equal_in = EqualIn::error;
  double window_s = 0;
  std::vector<DiagnosticSeries> diagnostics;
  std::vector<std::string> statistics;  ///< of which mean and deviation over time are judged
  std::vector<FieldRange> ranges;       ///< of the truth, the start included
  std::vector<Snapshot> snapshots;
  std::vector<Spectrum> spectra;
  /// Of each component of the prognostic fields along that axis (0: x), over as many windows; empty: none.
  std::vector<Profile> profiles;
  int profile_axis = -1;
  long long profile_windows = 0;
  std::vector<WindowRecord> windows;
  /// Medians of the repeats where there are any; the replacement's is NaN where it failed.
  double truth_wall_s = 0, replacement_wall_s = 0;
  std::vector<double> truth_walls_s, replacement_walls_s;  ///< [repeat]; empty: timed once
  double truth_cell_updates = 0;
  double accepted_fraction = 0;     ///< windows that the surrogate advanced
  bool replacement_failed = false;  ///< left its bounds: series end there
  std::string failure;
  /// What the climatology is the mean of, or why there is none.
  core::Maybe<std::string> climatology = core::Maybe<std::string>::none("not asked for");
  double made_for_core_s = 0;
  int cores = 1;
  /// Of the timed windows (core/energy.hpp), or why it is not known; what is counted.
  core::Maybe<double> truth_energy_j, replacement_energy_j;
  std::string energy_sources;
  std::vector<ClassicalPoint> classical;  ///< set by the caller before set_speedups()
  TruthError truth_error;                 ///< the same
  Speedups speedups;

  /// Windows at which errors stand beside those of persistence and climatology: a fifth and three fifths of the
  /// way, and the end (of five days: days 1, 3 and 5), as far as there are errors.
  std::vector<std::size_t> lead_windows() const;
  /// Windows until the replacement left its bounds; all of them where it did not.
  long long stable_windows() const { return static_cast<long long>(times_s.size()) - 1; }
  /// Cell updates per second of the truth: where the replacement failed, over the windows until then. NaN: none.
  double truth_rate() const;
  /// The median walls from the repeats' ones, where there are any.
  void set_walls(const std::vector<double>& truth, const std::vector<double>& replacement);
  const ErrorSeries& error_of(const std::string& field) const;
  /// The windows that errors are counted over: those that the surrogate advanced, so that windows in which
  /// the simulation advanced itself do not make a replacement look better; all where it advanced none.
  /// [window from 1, of those that have an error]
  std::vector<bool> counted() const;
  /// The windows over which classical runs and other models stand beside this one: the counted; where it
  /// failed, and nothing is to be equal, all.
  std::vector<bool> compared_windows() const;
  /// Windows (from 1) that the surrogate advanced first after the simulation or the start.
  std::vector<std::size_t> hand_overs() const;
  /// The judged field that is off by most at the end of a hand-over's window, and by how much; NaN: none.
  struct HandOver {
    std::string field;
    double error, time_s = 0;
  };
  HandOver worst_hand_over() const;
  /// Mean over the judged fields of the mean error over the counted windows: the measure of equal error.
  /// NaN where there is none.
  double mean_error() const { return mean_error(counted()); }
  double mean_error(const std::vector<bool>& counted) const;
  /// How far mean and standard deviation over time of the named diagnostics are off: the mean of
  /// |mean - mean_t| / s and |deviation - deviation_t| / max(deviation_t, 1e-3 s) over them all, t the truth's over
  /// the same windows and s = sqrt(mean_t^2 + deviation_t^2); a deviation that is nothing in the truth is left out, and
  /// so is a diagnostic that the truth does not know in all of them. NaN where there is none, or `values` lack one.
  /// `values`: [named diagnostic][window from 1].
  double statistics_error(const std::vector<std::vector<double>>& values,
                          const std::vector<bool>& counted) const;
  double statistics_error() const;  ///< of the replacement, over the counted windows
  /// Of the replacement, over all windows: their sums are made as it runs, before it is known which count.
  double profiles_error() const { return surrogates::profiles_error(profiles); }
  double spectra_error() const {
    return surrogates::spectra_error(spectra, times_s.empty() ? 0 : times_s.front());
  }
  /// What is to be equal, the smaller the better: mean_error(), statistics_error(), profiles_error(),
  /// spectra_error(), or 1 / the time of correlation; NaN where there is none, 0 where the correlation does not fall.
  double judged_by() const;
  double judged_by(const ClassicalPoint& point) const;
  /// Of the truth itself over the compared windows; NaN where it is not known.
  double truth_mean_error() const;
  /// judged_by(), or the truth's own where that is larger: where the equal-error speed-up is read.
  double read_at() const;
  /// Is a mean error over the compared windows below the truth's own?
  bool within_truth(double error) const { return error < truth_mean_error(); }
  /// The same of an error of statistics.
  bool statistics_within_truth(double error) const;
  /// Is it correlated for longer than the truth is with the finer run? By `level`.
  bool beyond_truth(const CorrelationSeries& series, double level) const;
};

/// One of several other models, and its mean error beside that of a replacement over the same windows.
struct BetterModel {
  std::size_t index = 0;
  double error = 0;
  double own = 0;    ///< NaN: the replacement failed
  double floor = 0;  ///< the truth's own error there, below which no ratio goes; 0: not known
  double times_as_accurate() const { return own / (error > floor ? error : floor); }
};
/// The most accurate of `others` that lasted, if it is more accurate than `result` over the windows that
/// count there; where `result` failed, over all windows and in any case. None is better than what is within the
/// truth's own error.
std::optional<BetterModel> better_model(const ComparisonResult& result,
                                        const std::vector<const ComparisonResult*>& others);

/// Of the named diagnostics; NaN for one that is not there.
std::vector<double> values_of(const std::vector<solvers::Diagnostic>& all,
                              const std::vector<std::string>& names);

/// A field at cell centres, or what the stepper derives. std::out_of_range for a name that is neither.
template <class Real>
mesh::CellField<Real> quantity(const mesh::State<Real>& state, solvers::Stepper<Real>& stepper,
                               const std::string& name) {
  for (auto& field : mesh::cell_fields(state))
    if (field.name == name) return field;
  return stepper.derive(state, name);
}

/// Runs both. Collective. Speed-ups same_grid and break_even are set; equal_error asks for
/// classical points.
template <class Real>
ComparisonResult compare(const ComparisonSetup<Real>& setup);

/// Sets the three speed-ups from the walls, the costs and `classical`, whose errors become those over the
/// result's compared_windows() where they are known by window.
void set_speedups(ComparisonResult& result);

}  // namespace understudy::surrogates
