#include "solvers/field_statistics.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/timers.hpp"
#include "mesh/loops.hpp"

namespace understudy::solvers {

namespace {

constexpr const char *samples_key = "samples", *first_key = "first_s", *last_key = "last_s";

// A quantity's values: a component of a field, on its faces or cells, or a derived quantity's cells.
template <class Real>
struct Source {
  mesh::Array3<Real> values;
  int step[3] = {0, 0, 0};  ///< to the other face of the cell
  std::string unit;
};

template <class Real>
Source<Real> source_of(const mesh::State<Real>& state, Stepper<Real>& stepper,
                       const std::string& name) {
  for (const auto& field : state.fields()) {
    if (field.info.role == mesh::Role::history) continue;
    for (int c = 0; c < field.info.components; ++c) {
      if (name != (field.info.components == 1 ? field.info.name
                                              : core::format("{}_{}", field.info.name, c)))
        continue;
      Source<Real> source{.values = field.component(c), .unit = field.info.unit};
      const int axis = static_cast<int>(field.info.location) - 1;
      if (axis >= 0 && axis < state.grid().dimension()) source.step[axis] = 1;
      return source;
    }
  }
  const auto derived = stepper.derive(state, name);
  return {.values = derived.data, .unit = derived.unit};
}

struct Moments {
  mesh::Array3<double> mean, m2, last;
};

// `before` s have been averaged, `interval` s lie between the last sample and this one.
template <class Real>
void add(const mesh::Range3& cells, const Source<Real>& source, const Moments& moments,
         double before, double interval) {
  const auto values = source.values;
  const auto mean = moments.mean, m2 = moments.m2, last = moments.last;
  const int di = source.step[0], dj = source.step[1], dk = source.step[2];
  const double total = before + interval;
  const double part = total > 0 ? interval / total : 0, cross = total > 0 ? before * part : 0;
  mesh::for_cells(
      "statistics", cells, KOKKOS_LAMBDA(int k, int j, int i) {
        const double now =
            static_cast<double>(Real(0.5) * (values(k, j, i) + values(k + dk, j + dj, i + di)));
        const double then = last(k, j, i), change = now - then;
        const double away = 0.5 * (now + then) - mean(k, j, i);
        mean(k, j, i) += part * away;
        m2(k, j, i) += 0.25 * interval * change * change + cross * away * away;
        last(k, j, i) = now;
      });
}

template <class Real>
void begin(const mesh::Range3& cells, const Source<Real>& source, const Moments& moments) {
  const auto values = source.values;
  const auto mean = moments.mean, m2 = moments.m2, last = moments.last;
  const int di = source.step[0], dj = source.step[1], dk = source.step[2];
  mesh::for_cells(
      "statistics begin", cells, KOKKOS_LAMBDA(int k, int j, int i) {
        const double now =
            static_cast<double>(Real(0.5) * (values(k, j, i) + values(k + dk, j + dj, i + di)));
        mean(k, j, i) = now;
        m2(k, j, i) = 0;
        last(k, j, i) = now;
      });
}

Moments moments_of(const mesh::State<double>& memory, const std::string& name) {
  return {memory[name + "_mean"].component(), memory[name + "_m2"].component(),
          memory[name + "_last"].component()};
}

template <class Real>
std::vector<mesh::FieldInfo> memory_fields(const StatisticsParams& params,
                                           const mesh::State<Real>& state, Stepper<Real>& stepper) {
  std::vector<mesh::FieldInfo> fields;
  for (const auto& name : params.fields) {
    const std::string unit = source_of(state, stepper, name).unit;
    for (const char* moment : {"_mean", "_m2", "_last"})
      fields.push_back({.name = name + moment, .unit = unit});
  }
  return fields;
}

double scalar(const mesh::State<double>& memory, const char* key) {
  const auto found = memory.scalars.find(key);
  return found == memory.scalars.end() ? 0 : found->second;
}

}  // namespace

void StatisticsParams::describe(core::ParamVisitor& v) {
  v.texts("fields", fields,
          "fields and derived quantities whose mean and root-mean-square fluctuation over time are "
          "written; empty: none");
  v.real("from_s", from_s, {.at_least = 0}, "s", "the average begins at this time");
  v.real(
      "every_s", every_s, {.at_least = 0}, "s",
      "samples at the ends of the first steps past its multiples, within windows, too, where the "
      "simulation advances; 0: every step");
  for (std::size_t n = 0; n < fields.size(); ++n)
    for (std::size_t m = 0; m < n; ++m)
      v.require(fields[n] != fields[m], "fields", core::format("names '{}' twice", fields[n]));
}

template <class Real>
FieldStatistics<Real>::FieldStatistics(const StatisticsParams& params,
                                       const mesh::State<Real>& state, Stepper<Real>& stepper)
    : params_(params), memory_(state.shared_grid(), memory_fields(params, state, stepper)) {}

template <class Real>
bool FieldStatistics<Real>::is_due(double time_s) const {
  if (time_s < params_.from_s * (1 - 1e-12)) return false;
  if (samples() == 0) return true;
  const double last_s = scalar(memory_, last_key), every_s = params_.every_s;
  if (time_s <= last_s) return false;
  // By multiples of the interval, so that a resumed run has the same samples.
  return every_s <= 0 || std::floor(time_s / every_s + 1e-6) > std::floor(last_s / every_s + 1e-6);
}

template <class Real>
void FieldStatistics<Real>::look(const mesh::State<Real>& state, Stepper<Real>& stepper) {
  if (!is_due(state.time_s)) return;
  const core::ScopedTimer region("statistics");
  const double first_s = scalar(memory_, first_key), last_s = scalar(memory_, last_key);
  for (const auto& name : params_.fields) {
    const auto source = source_of(state, stepper, name);
    if (samples() == 0)
      begin(state.grid().interior(), source, moments_of(memory_, name));
    else
      add(state.grid().interior(), source, moments_of(memory_, name), last_s - first_s,
          state.time_s - last_s);
  }
  if (samples() == 0) memory_.scalars[first_key] = state.time_s;
  memory_.scalars[last_key] = state.time_s;
  memory_.scalars[samples_key] += 1;
}

template <class Real>
long long FieldStatistics<Real>::samples() const {
  return std::llround(scalar(memory_, samples_key));
}

template <class Real>
double FieldStatistics<Real>::from_s() const {
  return scalar(memory_, first_key);
}

template <class Real>
double FieldStatistics<Real>::duration_s() const {
  return scalar(memory_, last_key) - scalar(memory_, first_key);
}

template <class Real>
std::vector<mesh::CellField<double>> FieldStatistics<Real>::results() const {
  std::vector<mesh::CellField<double>> fields;
  const mesh::Grid& grid = memory_.grid();
  const double duration = duration_s();
  for (const auto& name : params_.fields) {
    const auto mean = memory_[name + "_mean"].component(), m2 = memory_[name + "_m2"].component();
    const std::string unit = memory_[name + "_mean"].info.unit;
    const mesh::Array3<double> rms(name + "_rms", grid.extent(2), grid.extent(1), grid.extent(0));
    if (duration > 0)
      mesh::for_cells(
          "rms", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
            rms(k, j, i) = Kokkos::sqrt(m2(k, j, i) / duration);
          });
    fields.push_back({name + "_mean", unit, mean});
    fields.push_back({name + "_rms", unit, rms});
  }
  return fields;
}

template <class Real>
mesh::CheckpointPart FieldStatistics<Real>::part() {
  return {"statistics",
          &memory_,
          {{"fields", core::joined(params_.fields)},
           {"from_s", core::format("{}", params_.from_s)},
           {"every_s", core::format("{}", params_.every_s)}}};
}

template class FieldStatistics<float>;
template class FieldStatistics<double>;

}  // namespace understudy::solvers
