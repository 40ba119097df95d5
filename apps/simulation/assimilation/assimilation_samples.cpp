#include "apps/simulation/assimilation/assimilation_samples.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>
#include <utility>

#include "apps/simulation/assimilation/dataset_samples.hpp"
#include "apps/simulation/assimilation/sample_parts.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"
#include "core/table.hpp"
#include "core/unit_factor.hpp"

namespace understudy::apps {

namespace {

using solvers::assimilation::Observations;
using solvers::assimilation::Sample;

constexpr std::uint64_t noise_stream = 0x6e6f697365, other_stream = 0x6f74686572;

struct Place {
  std::size_t column = 0;
  double factor = 1;
};

Place find_column(const core::Table& table, const std::string& name, const std::string& unit) {
  Place place{table.require_column(name), 1};
  const auto& given = table.header()[place.column].unit;
  if (!given.empty())
    place.factor = core::require_unit_factor(given, unit,
                                             core::format("{}, column '{}'", table.source(), name));
  return place;
}

// Rows in the order in which they are taken: those that are fitted, then those that are held out.
std::vector<std::size_t> ordered_rows(const SimulationJob& job, std::vector<std::size_t> rows,
                                      const std::string& source) {
  const AssimilationParams& params = job.deck.assimilation;
  const auto fitted = static_cast<std::size_t>(params.draw),
             held_out = static_cast<std::size_t>(params.held_out);
  if (held_out > 0 && fitted == 0)
    throw core::UserError(core::format(
        "assimilation.held_out: is {}; say in assimilation.draw how many samples of {} are fitted, so that "
        "others are left",
        held_out, source));
  if (fitted + held_out > rows.size())
    throw core::UserError(core::format(
        "assimilation.draw: is {}{}; {} has {} rows{}", fitted,
        held_out > 0 ? core::format(", assimilation.held_out {}", held_out) : "", source,
        rows.size(), params.within.lower_m.empty() ? "" : " within assimilation.within"));
  if (fitted == 0) return rows;
  core::SplitMix random(static_cast<std::uint64_t>(job.deck.seed) ^ draw_stream);
  std::vector<std::size_t> order;
  for (const std::size_t n : core::shuffled(rows.size(), random)) order.push_back(rows[n]);
  order.resize(fitted + held_out);
  return order;
}

// The columns of a table that samples are read from.
class SampleTable {
 public:
  SampleTable(const SimulationJob& job, const SampleWish& wish, const std::filesystem::path& path)
      : job_(job), wish_(wish), table_(core::Table::read(path)) {
    if (!table_.has_header()) table_.take_comment_as_header();
    for (int axis = 0; axis < wish.grid->dimension(); ++axis)
      axes_.push_back(find_column(table_, std::string(1, "xyz"[axis]), "m"));
    time_ = find_column(table_, "t", "s");
  }

  DrawnSamples draw() const {
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < table_.rows(); ++row)
      if (job_.deck.assimilation.within.contains(place(row).point_m)) rows.push_back(row);
    const auto order = ordered_rows(job_, std::move(rows), table_.source());
    const auto wanted = static_cast<std::size_t>(job_.deck.assimilation.draw);
    const std::size_t fitted = wanted == 0 ? order.size() : wanted;
    const std::span all(order);
    DrawnSamples drawn{values(all.first(fitted), wish_.fields), {}};
    for (auto& sample : drawn.fitted.samples)
      sample.deviation = deviation_of(job_, static_cast<std::size_t>(sample.field));
    std::vector<mesh::FieldInfo> compared;
    for (const auto& field : wish_.compared)
      if (table_.find(field.name)) compared.push_back(field);
    if (fitted < order.size()) drawn.held_out = values(all.subspan(fitted), compared);
    return drawn;
  }

 private:
  Sample place(std::size_t row) const {
    Sample sample;
    for (std::size_t axis = 0; axis < axes_.size(); ++axis)
      sample.point_m[axis] = table_.number(row, axes_[axis].column) * axes_[axis].factor;
    sample.time_s = table_.number(row, time_.column) * time_.factor - job_.deck.assimilation.from_s;
    return sample;
  }

  Observations values(std::span<const std::size_t> rows,
                      const std::vector<mesh::FieldInfo>& fields) const {
    Observations observations = none_of(fields);
    std::vector<Place> columns;
    for (const auto& field : fields) columns.push_back(find_column(table_, field.name, field.unit));
    for (const std::size_t row : rows) {
      Sample sample = place(row);
      for (std::size_t f = 0; f < columns.size(); ++f) {
        sample.field = static_cast<int>(f);
        sample.value = table_.number(row, columns[f].column) * columns[f].factor;
        const std::string where = table_.where(row, columns[f].column);
        sample.where = where.substr(0, where.rfind(", column"));
        observations.samples.push_back(sample);
      }
    }
    return observations;
  }

  const SimulationJob& job_;
  const SampleWish& wish_;
  core::Table table_;
  std::vector<Place> axes_;
  Place time_;
};

// The box that random points are drawn from, along an axis.
std::array<double, 2> span_of(const SimulationJob& job, const SampleWish& wish, int axis) {
  const auto& within = job.deck.assimilation.within;
  std::array<double, 2> span{wish.grid->lower(axis), wish.grid->upper(axis)};
  if (static_cast<std::size_t>(axis) < within.lower_m.size()) {
    span[0] = std::max(span[0], within.lower_m[static_cast<std::size_t>(axis)]);
    span[1] = std::min(span[1], within.upper_m[static_cast<std::size_t>(axis)]);
  }
  return span;
}

// Points and times at random, values 0. Collective.
template <class Real>
Observations random_places(const SimulationJob& job, const SampleWish& wish,
                           const mesh::State<Real>& state,
                           const std::vector<mesh::FieldInfo>& fields, int count,
                           std::uint64_t stream) {
  constexpr int most_rounds = 1000;
  const auto wanted = static_cast<std::size_t>(count);
  core::SplitMix random(static_cast<std::uint64_t>(job.deck.seed) ^ stream);
  std::vector<mesh::Point> points;
  for (int round = 0; points.size() < wanted; ++round) {
    if (round == most_rounds)
      throw core::UserError("assimilation.twin: finds no points outside the bodies");
    std::vector<mesh::Point> more(wanted - points.size());
    for (auto& x : more)
      for (int axis = 0; axis < wish.grid->dimension(); ++axis) {
        const auto span = span_of(job, wish, axis);
        x[axis] = span[0] + (span[1] - span[0]) * random.uniform();
      }
    const auto fluid = in_fluid(wish, state, more);
    for (std::size_t n = 0; n < more.size(); ++n)
      if (fluid[n]) points.push_back(more[n]);
  }
  Observations observations = none_of(fields);
  for (const auto& x : points) {
    const double t = wish.end_s * random.uniform();
    for (std::size_t f = 0; f < fields.size(); ++f)
      observations.samples.push_back({.point_m = x, .time_s = t, .field = static_cast<int>(f)});
  }
  return observations;
}

}  // namespace

template <class Real>
DrawnSamples read_samples(const SimulationJob& job, const SampleWish& wish,
                          const mesh::State<Real>& state) {
  std::filesystem::path path = job.deck.assimilation.samples;
  if (!path.is_absolute()) path = std::filesystem::path(job.deck.directory) / path;
  std::error_code none;
  if (!std::filesystem::exists(path, none))
    throw core::UserError(
        core::format("assimilation.samples: there is no file or folder {}", path.string()));
  if (std::filesystem::is_directory(path, none)) return samples_of_dataset(job, wish, state, path);
  return SampleTable(job, wish, path).draw();
}

template <class Real>
DrawnSamples random_samples(const SimulationJob& job, const SampleWish& wish,
                            const mesh::State<Real>& state) {
  const AssimilationParams& params = job.deck.assimilation;
  DrawnSamples drawn{random_places(job, wish, state, wish.fields, params.twin.points, draw_stream),
                     random_places(job, wish, state, wish.compared, params.held_out, other_stream)};
  for (auto& sample : drawn.fitted.samples)
    sample.deviation = deviation_of(job, static_cast<std::size_t>(sample.field));
  return drawn;
}

void set_values(const SimulationJob& job, const std::vector<double>& values, double noise,
                Observations& observations) {
  std::vector<double> square(observations.fields.size()), count(square.size());
  for (std::size_t n = 0; n < values.size(); ++n) {
    Sample& sample = observations.samples[n];
    sample.value = values[n];
    square[sample.field] += values[n] * values[n];
    count[sample.field] += 1;
  }
  if (noise == 0) return;
  core::SplitMix random(static_cast<std::uint64_t>(job.deck.seed) ^ noise_stream);
  for (Sample& sample : observations.samples) {
    // Box & Muller 1958; 1 - uniform() is never 0.
    const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
    sample.value += noise * std::sqrt(square[sample.field] / count[sample.field]) * radius *
                    std::cos(2 * std::numbers::pi * random.uniform());
  }
}

void write_samples(const std::filesystem::path& path, const SampleWish& wish,
                   const Observations& observations) {
  const int dimension = wish.grid->dimension();
  std::string text = dimension == 3 ? "x [m],y [m],z [m],t [s]" : "x [m],y [m],t [s]";
  for (const auto& field : wish.fields) text += core::format(",{} [{}]", field.name, field.unit);
  for (std::size_t n = 0; n < observations.samples.size(); ++n) {
    const Sample& sample = observations.samples[n];
    if (n % wish.fields.size() == 0) {
      text += "\n";
      for (int axis = 0; axis < dimension; ++axis)
        text += core::format("{},", sample.point_m[axis]);
      text += core::format("{}", sample.time_s);
    }
    text += core::format(",{}", sample.value);
  }
  core::write_file(path, text + "\n");
}

template DrawnSamples read_samples(const SimulationJob&, const SampleWish&,
                                   const mesh::State<float>&);
template DrawnSamples read_samples(const SimulationJob&, const SampleWish&,
                                   const mesh::State<double>&);
template DrawnSamples random_samples(const SimulationJob&, const SampleWish&,
                                     const mesh::State<float>&);
template DrawnSamples random_samples(const SimulationJob&, const SampleWish&,
                                     const mesh::State<double>&);

}  // namespace understudy::apps
