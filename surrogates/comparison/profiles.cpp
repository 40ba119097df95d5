#include "surrogates/comparison/profiles.hpp"

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "core/format.hpp"
#include "core/unit_scale.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/cell_measure.hpp"

namespace understudy::surrogates {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Per bin of this rank: weight, sum and sum of squares about the shift.
using BinSums = Kokkos::View<double* [3], Kokkos::LayoutRight, mesh::Memory>;

// One bin an iteration: the layer of cells with that index along the axis.
template <class Real>
struct SumBin {
  mesh::Array3<Real> values, mask;            ///< mask: empty without bodies
  mesh::Array3<const double> measure;         ///< empty in a uniform grid
  Kokkos::View<double*, mesh::Memory> shift;  ///< [local bin]
  BinSums sums;
  int begin[3], end[3], axis;

  KOKKOS_INLINE_FUNCTION void operator()(const int bin) const {
    int from[3], to[3];
    for (int a = 0; a < 3; ++a) {
      from[a] = a == axis ? begin[a] + bin : begin[a];
      to[a] = a == axis ? begin[a] + bin + 1 : end[a];
    }
    double weight = 0, sum = 0, square = 0;
    for (int k = from[2]; k < to[2]; ++k)
      for (int j = from[1]; j < to[1]; ++j)
        for (int i = from[0]; i < to[0]; ++i) {
          if (mask.size() > 0 && !(mask(k, j, i) > Real(0.5))) continue;
          const double w = measure.size() > 0 ? measure(k, j, i) : 1;
          const double d = static_cast<double>(values(k, j, i)) - shift(bin);
          weight += w;
          sum += w * d;
          square += w * d * d;
        }
    sums(bin, 0) = weight;
    sums(bin, 1) = sum;
    sums(bin, 2) = square;
  }
};

// Sum over the bins of weight times f(bin), bins that bodies fill left out.
template <class F>
double over_bins(const Profile& p, const F& f) {
  double sum = 0;
  for (std::size_t b = 0; b < p.weight.size(); ++b)
    if (p.weight[b] > 0) sum += p.weight[b] * f(b);
  return sum;
}

double square(double x) { return x * x; }

void add_to(std::vector<double>& total, const std::vector<double>& more) {
  if (total.empty()) total.assign(more.size(), 0);
  for (std::size_t b = 0; b < more.size(); ++b) total[b] += more[b];
}

}  // namespace

double Profile::mean_rel_l2() const {
  const double size = over_bins(*this, [&](std::size_t b) { return square(truth.mean[b]); });
  const double whole = size + over_bins(*this, [&](std::size_t b) { return truth.variance[b]; });
  if (!judged || !(size > square(core::nothing) * whole)) return unknown;
  return std::sqrt(
      over_bins(*this, [&](std::size_t b) { return square(replacement.mean[b] - truth.mean[b]); }) /
      size);
}

double Profile::variance_rel_l2() const {
  const double size = over_bins(*this, [&](std::size_t b) { return square(truth.variance[b]); });
  const double all = over_bins(*this, [](std::size_t) { return 1.0; });
  const double whole =
      over_bins(*this, [&](std::size_t b) { return square(truth.mean[b]) + truth.variance[b]; });
  // Both are squares of the field's unit: a deviation of `nothing` of its root mean square.
  if (!judged || !(all > 0) || !(std::sqrt(size / all) > square(core::nothing) * whole / all))
    return unknown;
  return std::sqrt(over_bins(*this,
                             [&](std::size_t b) {
                               return square(replacement.variance[b] - truth.variance[b]);
                             }) /
                   size);
}

template <class Real>
ProfileSums<Real>::ProfileSums(const mesh::State<Real>& like, int axis)
    : grid_(mesh::as_box(like.grid(), "a profile along an axis")), axis_(axis) {
  if (like.has("mask")) mask_ = like["mask"].component();
  for (const auto& field : like.fields()) {
    if (field.info.role != mesh::Role::prognostic) continue;
    const auto at_m = positions(field.info.location);
    for (int c = 0; c < field.info.components; ++c)
      components_.push_back(
          {field.info.name,
           field.info.components == 1 ? field.info.name : core::format("{}_{}", field.info.name, c),
           field.info.unit, c, at_m, std::vector<double>(at_m.size(), 0)});
  }
}

// Of the first cells along the other axes, whose rank says it.
template <class Real>
std::vector<double> ProfileSums<Real>::positions(mesh::Location location) const {
  std::vector<double> at_m(static_cast<std::size_t>(grid_.global_cells(axis_)), 0);
  bool first = true;
  for (int other = 0; other < 3; ++other) first &= other == axis_ || grid_.offset(other) == 0;
  const mesh::Range3 r = grid_.interior();
  for (int n = 0; first && n < grid_.local_cells(axis_); ++n) {
    auto at = r.begin;
    at[axis_] += n;
    at_m[static_cast<std::size_t>(grid_.offset(axis_) + n)] =
        grid_.position(location, at[2], at[1], at[0])[axis_];
  }
  grid_.comm().sum(std::span<double>(at_m));
  return at_m;
}

template <class Real>
typename ProfileSums<Real>::Sums ProfileSums<Real>::sums_of(
    const mesh::Array3<Real>& values, const std::vector<double>& shift) const {
  const mesh::Range3 r = grid_.interior();
  const int bins = r.size(axis_);
  const auto first = static_cast<std::size_t>(grid_.offset(axis_));
  const Kokkos::View<double*, mesh::Memory> shifts("shift of a profile", bins);
  const auto host_shifts = Kokkos::create_mirror_view(shifts);
  for (int b = 0; b < bins; ++b) host_shifts(b) = shift[first + b];
  Kokkos::deep_copy(shifts, host_shifts);
  const BinSums sums("sums of a profile", bins);
  const SumBin<Real> sum_bin{values,
                             mask_,
                             grid_.cell_measure().of_each,
                             shifts,
                             sums,
                             {r.begin[0], r.begin[1], r.begin[2]},
                             {r.end[0], r.end[1], r.end[2]},
                             axis_};
  Kokkos::parallel_for("profile", Kokkos::RangePolicy<mesh::Exec>(0, bins), sum_bin);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), sums);
  const std::vector<double> none(shift.size(), 0);
  Sums result{none, none, none};
  for (int b = 0; b < bins; ++b) {
    result.weight[first + b] = host(b, 0);
    result.sum[first + b] = host(b, 1);
    result.square[first + b] = host(b, 2);
  }
  return result;
}

template <class Real>
void ProfileSums<Real>::add(const mesh::State<Real>& state) {
  for (Component& c : components_) {
    const auto values = state[c.field].component(c.index);
    if (samples_ == 0) {
      Sums first = sums_of(values, c.shift);
      grid_.comm().sum(std::span<double>(first.weight));
      grid_.comm().sum(std::span<double>(first.sum));
      for (std::size_t b = 0; b < c.shift.size(); ++b)
        if (first.weight[b] > 0) c.shift[b] = first.sum[b] / first.weight[b];
    }
    const Sums more = sums_of(values, c.shift);
    add_to(c.weight, more.weight);
    add_to(c.sum, more.sum);
    add_to(c.square, more.square);
  }
  ++samples_;
}

template <class Real>
typename ProfileSums<Real>::Sums ProfileSums<Real>::reduced(const Component& component) const {
  Sums sums{component.weight, component.sum, component.square};
  for (auto* values : {&sums.weight, &sums.sum, &sums.square})
    grid_.comm().sum(std::span<double>(*values));
  return sums;
}

template <class Real>
ProfileMoments ProfileSums<Real>::moments(const Component& component, const Sums& sums) {
  ProfileMoments m;
  for (std::size_t b = 0; b < sums.weight.size(); ++b) {
    const bool there = sums.weight[b] > 0;
    const double off = there ? sums.sum[b] / sums.weight[b] : unknown;
    m.mean.push_back(component.shift[b] + off);
    m.variance.push_back(there ? std::max(0.0, sums.square[b] / sums.weight[b] - off * off)
                               : unknown);
  }
  return m;
}

template <class Real>
std::vector<Profile> ProfileSums<Real>::profiles(const ProfileSums& truth,
                                                 const ProfileSums& replacement) {
  std::vector<Profile> all;
  if (truth.samples_ == 0 || replacement.samples_ == 0) return all;
  for (std::size_t n = 0; n < truth.components_.size(); ++n) {
    const Component &one = truth.components_[n], &other = replacement.components_.at(n);
    const Sums own = truth.reduced(one);
    Profile profile{one.field, one.name, one.unit, one.at_m, own.weight};
    profile.truth = moments(one, own);
    profile.replacement = moments(other, replacement.reduced(other));
    all.push_back(std::move(profile));
  }
  return all;
}

template class ProfileSums<float>;
template class ProfileSums<double>;

}  // namespace understudy::surrogates
