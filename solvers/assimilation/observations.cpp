#include "solvers/assimilation/observations.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::solvers::assimilation {

namespace {

constexpr double rounding = 1e-9;  // of a cell, of an interval

std::string name_of(const Observations& observations, std::size_t n) {
  const Sample& s = observations.samples[n];
  return s.where.empty() ? core::format("sample {}", n + 1) : s.where;
}

void require_inside(const mesh::BoxGrid& grid, const Sample& s, const std::string& name) {
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const double slack = rounding * grid.spacing(axis), x = s.point_m[axis];
    if (x >= grid.lower(axis) - slack && x <= grid.upper(axis) + slack) continue;
    throw core::UserError(
        core::format("{}: {} = {:.10g} m lies outside the box, {:.10g} to {:.10g} m (grid)", name,
                     "xyz"[axis], x, grid.lower(axis), grid.upper(axis)));
  }
}

// One of the points that a sample is interpolated from.
struct Corner {
  int index = 0;  ///< linear, in this rank's arrays
  double weight = 0;
};

// Along one axis: global indices of the two points and the second one's weight.
struct Pair {
  int first = 0, second = 0;
  double part = 0;
};

Pair pair_on(const mesh::BoxGrid& grid, mesh::Location location, int axis, double x) {
  const int points = grid.global_points(location, axis);
  if (axis >= grid.dimension()) return {};
  const double from =
      grid.lower(axis) + (mesh::staggered(location, axis) ? 0 : 0.5 * grid.spacing(axis));
  const double at = (x - from) / grid.spacing(axis);
  if (grid.periodic(axis)) {
    const double floor = std::floor(at);
    const int n = grid.global_cells(axis), base = (static_cast<int>(floor) % n + n) % n;
    return {base, (base + 1) % n, at - floor};
  }
  if (points == 1) return {};
  const int base = std::clamp(static_cast<int>(std::floor(at)), 0, points - 2);
  return {base, base + 1, at - base};
}

// Those of the corners that this rank owns.
std::vector<Corner> own_corners(const mesh::BoxGrid& grid, mesh::Location location,
                                const std::array<double, 3>& x) {
  const mesh::Range3 own = grid.points(location);
  std::array<Pair, 3> pairs;
  for (int axis = 0; axis < 3; ++axis) pairs[axis] = pair_on(grid, location, axis, x[axis]);
  std::vector<Corner> corners;
  for (int corner = 0; corner < 8; ++corner) {
    double weight = 1;
    std::array<int, 3> at{};
    bool mine = true;
    for (int axis = 0; axis < 3; ++axis) {
      const bool second = corner >> axis & 1;
      weight *= second ? pairs[axis].part : 1 - pairs[axis].part;
      at[axis] =
          (second ? pairs[axis].second : pairs[axis].first) - grid.offset(axis) + grid.ghosts(axis);
      mine = mine && at[axis] >= own.begin[axis] && at[axis] < own.end[axis];
    }
    if (mine && weight != 0)
      corners.push_back({(at[2] * grid.extent(1) + at[1]) * grid.extent(0) + at[0], weight});
  }
  return corners;
}

template <class Real>
void require_in_fluid(const mesh::BoxGrid& grid, const mesh::Field<Real>& mask,
                      const Observations& observations) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), mask.data);
  std::string fault;
  for (std::size_t n = 0; n < observations.samples.size() && fault.empty(); ++n) {
    const Sample& s = observations.samples[n];
    std::array<int, 3> at{};
    bool mine = true;
    for (int axis = 0; axis < grid.dimension(); ++axis) {
      const int cell = std::clamp(static_cast<int>(std::floor((s.point_m[axis] - grid.lower(axis)) /
                                                              grid.spacing(axis))),
                                  0, grid.global_cells(axis) - 1) -
                       grid.offset(axis);
      mine = mine && cell >= 0 && cell < grid.local_cells(axis);
      at[axis] = cell + grid.ghosts(axis);
    }
    if (mine && !(double(host(0, at[2], at[1], at[0])) > 0.5))
      fault = core::format("{}: the point ({:.6g}, {:.6g}, {:.6g}) m lies inside a body",
                           name_of(observations, n), s.point_m[0], s.point_m[1], s.point_m[2]);
  }
  grid.comm().throw_on_all_ranks<core::UserError>(fault);
}

struct Entry {
  int target, source;
  double weight;
};

WeightedSums make_sums(std::vector<std::vector<Entry>>& lists) {
  std::vector<int> target, begin, source;
  std::vector<double> weight;
  WeightedSums sums;
  for (auto& entries : lists) {
    sums.first.push_back(static_cast<int>(target.size()));
    std::ranges::stable_sort(entries, {}, &Entry::target);
    for (std::size_t n = 0; n < entries.size(); ++n) {
      if (n == 0 || entries[n].target != entries[n - 1].target) {
        target.push_back(entries[n].target);
        begin.push_back(static_cast<int>(source.size()));
      }
      source.push_back(entries[n].source);
      weight.push_back(entries[n].weight);
    }
  }
  sums.first.push_back(static_cast<int>(target.size()));
  begin.push_back(static_cast<int>(source.size()));
  const auto copy = []<class T>(const char* name, const std::vector<T>& from) {
    Kokkos::View<T*, mesh::Memory> to(name, from.size());
    Kokkos::deep_copy(to, Kokkos::View<const T*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>(
                              from.data(), from.size()));
    return to;
  };
  sums.target = copy("targets of samples", target);
  sums.begin = copy("rows of samples", begin);
  sums.source = copy("sources of samples", source);
  sums.weight = copy("weights of samples", weight);
  return sums;
}

template <class To, class From>
void add(const WeightedSums& sums, int list, To* to, const From* from) {
  const int first = sums.first[list], end = sums.first[list + 1];
  if (first == end) return;
  const auto target = sums.target, begin = sums.begin, source = sums.source;
  const auto weight = sums.weight;
  Kokkos::parallel_for(
      "samples", Kokkos::RangePolicy<mesh::Exec>(first, end), KOKKOS_LAMBDA(const int row) {
        double sum = 0;
        for (int n = begin(row); n < begin(row + 1); ++n)
          sum += weight(n) * static_cast<double>(from[source(n)]);
        to[target(row)] += static_cast<To>(sum);
      });
}

}  // namespace

template <class Real>
void require_samples(const Observations& observations, const mesh::State<Real>& state,
                     const TimeIntervals& time) {
  const mesh::BoxGrid& grid = mesh::as_box(state.grid(), "assimilation");
  if (observations.samples.empty())
    throw core::UserError("assimilation: there are no samples to fit");
  for (std::size_t n = 0; n < observations.samples.size(); ++n) {
    const Sample& s = observations.samples[n];
    const std::string name = name_of(observations, n);
    require_inside(grid, s, name);
    const double slack = rounding * time.step_s;
    if (!(s.time_s >= -slack && s.time_s <= time.end_s() + slack))
      throw core::UserError(
          core::format("{}: t = {:.10g} s lies outside the time span, 0 to {:.10g} s (time.end_s)",
                       name, s.time_s, time.end_s()));
    const std::string& field = observations.fields.at(s.field);
    if (!std::isfinite(s.value))
      throw core::UserError(core::format("{}: {} = {} is not finite", name, field, s.value));
    if (!(s.deviation > 0 && std::isfinite(s.deviation)))
      throw core::UserError(core::format(
          "{}: the standard deviation of {} is {}; it must be above 0", name, field, s.deviation));
  }
  if (state.has("mask")) require_in_fluid(grid, state["mask"], observations);
}

template <class Real>
ObservationOperator<Real>::ObservationOperator(std::shared_ptr<const mesh::BoxGrid> grid,
                                               const mesh::State<Real>& like,
                                               const Observations& observations,
                                               const TimeIntervals& time)
    : fields_(observations.fields),
      count_(observations.samples.size()),
      grid_(std::move(grid)),
      values_("values of samples", count_),
      slopes_("slopes of samples", count_) {
  std::vector<std::vector<Entry>> lists(static_cast<std::size_t>(time.count + 1) * fields_.size());
  for (std::size_t n = 0; n < count_; ++n) {
    const Sample& s = observations.samples[n];
    const auto corners = own_corners(*grid_, like[fields_[s.field]].info.location, s.point_m);
    const double at = s.time_s / time.step_s;
    const int node = std::clamp(static_cast<int>(std::floor(at)), 0, time.count - 1);
    const double late = std::clamp(at - node, 0.0, 1.0);
    for (const Corner& corner : corners) {
      if (late < 1)
        lists[list(node, s.field)].push_back(
            {static_cast<int>(n), corner.index, (1 - late) * corner.weight});
      if (late > 0)
        lists[list(node + 1, s.field)].push_back(
            {static_cast<int>(n), corner.index, late * corner.weight});
    }
  }
  forward_ = make_sums(lists);
  for (auto& entries : lists)
    for (Entry& e : entries) std::swap(e.target, e.source);
  transposed_ = make_sums(lists);
}

template <class Real>
void ObservationOperator<Real>::clear() {
  Kokkos::deep_copy(values_, 0.0);
}

template <class Real>
void ObservationOperator<Real>::observe(int node, const mesh::State<Real>& state) {
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const Real* from = state[fields_[f]].data.data();
    add(forward_, list(node, static_cast<int>(f)), values_.data(), from);
  }
}

template <class Real>
std::vector<double> ObservationOperator<Real>::values() const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), values_);
  std::vector<double> all(host.data(), host.data() + count_);
  grid_->comm().sum(std::span<double>(all));
  return all;
}

template <class Real>
void ObservationOperator<Real>::set_slopes(std::span<const double> slopes) {
  Kokkos::deep_copy(slopes_,
                    Kokkos::View<const double*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>(
                        slopes.data(), slopes.size()));
}

template <class Real>
void ObservationOperator<Real>::add_transposed(int node, const mesh::State<Real>& adjoint) const {
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const double* from = slopes_.data();
    add(transposed_, list(node, static_cast<int>(f)), adjoint[fields_[f]].data.data(), from);
  }
}

template void require_samples(const Observations&, const mesh::State<float>&, const TimeIntervals&);
template void require_samples(const Observations&, const mesh::State<double>&,
                              const TimeIntervals&);
template class ObservationOperator<float>;
template class ObservationOperator<double>;

}  // namespace understudy::solvers::assimilation
