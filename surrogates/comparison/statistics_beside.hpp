// Profiles and spectra of a run beside those of another one in the same box, on the same or on a finer grid: what
// a classical run, or the truth beside a finer one, has of both. Profiles at the run's own points, the other's fields
// interpolated to them as for its errors (grid_sampling.hpp); spectra of each side by its own grid.
#pragma once

#include <optional>
#include <vector>

#include "surrogates/comparison/comparison.hpp"
#include "surrogates/comparison/profiles.hpp"

namespace understudy::surrogates {

/// Sets Spectrum::judged: no field of it counts.
void mark_spectra(std::vector<Spectrum>& spectra, const std::vector<ErrorSeries>& errors);

struct StatisticsSetup {
  ProfileSetup profile = {};
  int spectra_every = 0;  ///< windows between spectra; 0: none
  double window_s = 0;
  /// Which prognostic fields count, by their names; empty: all.
  std::vector<std::string> judged = {};
};

template <class Reference, class Own>
class StatisticsBeside {
 public:
  /// Of states like this one, whose grid has to outlive it. Collective.
  StatisticsBeside(const mesh::State<Own>& like, StatisticsSetup setup);

  /// Both at the end of window n (from 1). Collective.
  void add(long long n, const mesh::State<Reference>& reference, const mesh::State<Own>& own);
  /// As ClassicalPoint's. Collective.
  double profiles_error() const;
  double spectra_error() const { return surrogates::spectra_error(spectra_, -1); }

 private:
  bool judged(const std::string& field) const;

  StatisticsSetup setup_;
  std::optional<mesh::State<Own>> sampled_ = {};  ///< the reference at the run's points
  std::vector<ProfileSums<Own>> profiles_ = {};   ///< reference's and own; empty: none
  std::vector<Spectrum> spectra_ = {};
};

extern template class StatisticsBeside<float, float>;
extern template class StatisticsBeside<float, double>;
extern template class StatisticsBeside<double, float>;
extern template class StatisticsBeside<double, double>;

}  // namespace understudy::surrogates
