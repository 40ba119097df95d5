#include "surrogates/comparison/statistics_beside.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/unit_scale.hpp"
#include "surrogates/comparison/grid_sampling.hpp"
#include "surrogates/comparison/spectrum.hpp"

namespace understudy::surrogates {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Is one of the fields of "u + v" among these?
template <class Is>
bool any_field(const std::string& fields, const Is& is) {
  const std::string plus = " + ";
  for (std::size_t from = 0; from <= fields.size();) {
    const std::size_t to = std::min(fields.find(plus, from), fields.size());
    if (is(fields.substr(from, to - from))) return true;
    from = to + plus.size();
  }
  return false;
}

void add_to(std::vector<double>& total, const std::vector<double>& more) {
  if (total.size() < more.size()) total.resize(more.size(), 0);
  for (std::size_t n = 0; n < more.size(); ++n) total[n] += more[n];
}

// Sums over the times; that of a mean would have the same factor above and below.
struct BothSides {
  std::vector<double> truth, other;
  double truth_square = 0;
};

double amplitude_error(const BothSides& sums) {
  double difference = 0, size = 0;
  for (std::size_t n = 1; n < sums.truth.size(); ++n) {
    const double off = std::sqrt(std::max(0.0, sums.other[n])) - std::sqrt(sums.truth[n]);
    difference += off * off;
    size += sums.truth[n];
  }
  const bool waves = size > core::nothing * core::nothing * sums.truth_square;
  return size > 0 && waves ? std::sqrt(difference / size) : unknown;
}

}  // namespace

double spectra_error(const std::vector<Spectrum>& spectra, double start_s) {
  std::map<std::string, BothSides> fields;
  for (const Spectrum& s : spectra) {
    if (!s.judged || s.time_s == start_s) continue;
    add_to(fields[s.field].truth, s.truth);
    add_to(fields[s.field].other, s.replacement);
    fields[s.field].truth_square += s.truth_square;
  }
  double sum = 0, terms = 0;
  for (auto& [name, sums] : fields) {
    sums.other.resize(sums.truth.size(), 0);
    const double error = amplitude_error(sums);
    if (!std::isfinite(error)) continue;
    sum += error;
    terms += 1;
  }
  return terms > 0 ? sum / terms : unknown;
}

double profiles_error(const std::vector<Profile>& profiles) {
  double sum = 0, terms = 0;
  for (const Profile& p : profiles)
    for (const double error : {p.mean_rel_l2(), p.variance_rel_l2()}) {
      if (!std::isfinite(error)) continue;
      sum += error;
      terms += 1;
    }
  return terms > 0 ? sum / terms : unknown;
}

void mark_spectra(std::vector<Spectrum>& spectra, const std::vector<ErrorSeries>& errors) {
  for (Spectrum& s : spectra)
    s.judged = any_field(s.field, [&](const std::string& name) {
      const auto of = std::ranges::find(errors, name, &ErrorSeries::field);
      return of == errors.end() || of->judged();
    });
}

template <class Reference, class Own>
StatisticsBeside<Reference, Own>::StatisticsBeside(const mesh::State<Own>& like,
                                                   StatisticsSetup setup)
    : setup_(std::move(setup)) {
  if (setup_.profile.axis < 0) return;
  sampled_.emplace(like.clone());
  for (int side = 0; side < 2; ++side) profiles_.emplace_back(like, setup_.profile.axis);
}

template <class Reference, class Own>
bool StatisticsBeside<Reference, Own>::judged(const std::string& field) const {
  return setup_.judged.empty() || any_field(field, [&](const std::string& name) {
           return std::ranges::find(setup_.judged, name) != setup_.judged.end();
         });
}

template <class Reference, class Own>
void StatisticsBeside<Reference, Own>::add(long long n, const mesh::State<Reference>& reference,
                                           const mesh::State<Own>& own) {
  if (setup_.profile.takes(n, setup_.window_s)) {
    sample(reference, *sampled_);
    profiles_[0].add(*sampled_);
    profiles_[1].add(own);
  }
  if (setup_.spectra_every <= 0 || n % setup_.spectra_every != 0) return;
  for (Spectrum& spectrum : compare_all_spectra(reference, own)) {
    spectrum.judged = judged(spectrum.field);
    spectrum.time_s = static_cast<double>(n);
    spectra_.push_back(std::move(spectrum));
  }
}

template <class Reference, class Own>
double StatisticsBeside<Reference, Own>::profiles_error() const {
  if (profiles_.empty()) return unknown;
  auto profiles = ProfileSums<Own>::profiles(profiles_[0], profiles_[1]);
  for (Profile& p : profiles) p.judged = judged(p.field);
  return surrogates::profiles_error(profiles);
}

template class StatisticsBeside<float, float>;
template class StatisticsBeside<float, double>;
template class StatisticsBeside<double, float>;
template class StatisticsBeside<double, double>;

}  // namespace understudy::surrogates
