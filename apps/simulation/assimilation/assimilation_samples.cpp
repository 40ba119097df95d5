#include "apps/simulation/assimilation/assimilation_samples.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"
#include "core/table.hpp"
#include "core/unit_factor.hpp"
#include "solvers/flow/samplers.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::apps {

namespace {

using solvers::assimilation::Observations;
using solvers::assimilation::Sample;

constexpr std::uint64_t draw_stream = 0x64726177, noise_stream = 0x6e6f697365;

Observations none_of(const SampleWish& wish) {
  Observations observations;
  for (const auto& field : wish.fields) observations.fields.push_back(field.name);
  return observations;
}

double deviation_of(const SimulationJob& job, std::size_t field) {
  const auto& given = job.deck.assimilation.deviation;
  return given.size() == 1 ? given[0] : given.at(field);
}

// Is a point wholly in the fluid, its neighbours included? Collective.
template <class Real>
std::vector<bool> in_fluid(const SampleWish& wish, const mesh::State<Real>& state,
                           const std::vector<mesh::Point>& points) {
  constexpr double whole = 0.999;
  std::vector<bool> fluid(points.size(), true);
  if (!state.has("mask")) return fluid;
  const auto values = solvers::PointSampler(wish.grid, points).sample(state["mask"]);
  for (std::size_t n = 0; n < points.size(); ++n) fluid[n] = values[n] >= whole;
  return fluid;
}

struct Place {
  std::size_t column = 0;
  double factor = 1;
};

Place find_column(const core::Table& table, const std::string& name, const std::string& unit) {
  const auto found = table.find(name);
  if (!found)
    throw core::UserError(core::format("{}: has no column '{}'; its first line names {}",
                                       table.source(), name, table.header_text()));
  const auto& given = table.header()[*found].unit;
  Place place{*found, 1};
  if (!given.empty())
    place.factor = core::require_unit_factor(given, unit,
                                             core::format("{}, column '{}'", table.source(), name));
  return place;
}

std::vector<std::size_t> drawn_rows(const SimulationJob& job, std::size_t rows,
                                    const std::string& source) {
  const auto wanted = static_cast<std::size_t>(job.deck.assimilation.draw);
  if (wanted > rows)
    throw core::UserError(
        core::format("assimilation.draw: is {}; {} has {} rows", wanted, source, rows));
  core::SplitMix random(static_cast<std::uint64_t>(job.deck.seed) ^ draw_stream);
  std::vector<std::size_t> order;
  if (wanted == 0)
    for (std::size_t n = 0; n < rows; ++n) order.push_back(n);
  else
    order = core::shuffled(rows, random);
  if (wanted > 0) order.resize(wanted);
  return order;
}

Observations of_table(const SimulationJob& job, const SampleWish& wish,
                      const std::filesystem::path& path) {
  core::Table table = core::Table::read(path);
  if (!table.has_header()) table.take_comment_as_header();
  Observations observations = none_of(wish);
  std::vector<Place> axes, fields;
  for (int axis = 0; axis < wish.grid->dimension(); ++axis)
    axes.push_back(find_column(table, std::string(1, "xyz"[axis]), "m"));
  const Place time = find_column(table, "t", "s");
  for (const auto& field : wish.fields)
    fields.push_back(find_column(table, field.name, field.unit));
  for (const std::size_t row : drawn_rows(job, table.rows(), table.source())) {
    Sample sample;
    for (std::size_t axis = 0; axis < axes.size(); ++axis)
      sample.point_m[axis] = table.number(row, axes[axis].column) * axes[axis].factor;
    sample.time_s = table.number(row, time.column) * time.factor - job.deck.assimilation.from_s;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      sample.field = static_cast<int>(f);
      sample.value = table.number(row, fields[f].column) * fields[f].factor;
      sample.deviation = deviation_of(job, f);
      const std::string where = table.where(row, fields[f].column);
      sample.where = where.substr(0, where.rfind(", column"));
      observations.samples.push_back(sample);
    }
  }
  return observations;
}

// Channels of a dataset's frame that hold the wanted fields, and where these lie.
struct Channel {
  std::size_t channel = 0;
  mesh::Location location = mesh::Location::cell;
};

std::vector<Channel> channels_of(const surrogates::DatasetReader& reader, const SampleWish& wish) {
  std::vector<Channel> channels;
  for (const auto& wanted : wish.fields) {
    std::size_t channel = 0, found = 0;
    std::string there;
    for (const auto& info : reader.info().fields) {
      if (info.role != mesh::Role::prognostic) continue;
      if (info.name == wanted.name && info.components == 1) {
        channels.push_back({channel, info.location});
        ++found;
      }
      channel += static_cast<std::size_t>(info.components);
      there += (there.empty() ? "" : ", ") + info.name;
    }
    if (found == 0)
      throw core::UserError(core::format("{}: has no field '{}'; there are {}",
                                         reader.directory().string(), wanted.name, there));
  }
  return channels;
}

struct Frames {
  const surrogates::DatasetReader& reader;
  std::vector<long long> frames;  ///< within the time span
  std::vector<double> times_s;    ///< of the course
  std::array<long long, 3> cells{1, 1, 1};
  std::array<double, 3> lower{}, step{1, 1, 1};
};

Frames frames_of(const SimulationJob& job, const SampleWish& wish,
                 const surrogates::DatasetReader& reader) {
  const auto& box = reader.info().grid;
  const std::string name = reader.directory().string();
  if (box.is_sphere() || box.dimension() != wish.grid->dimension())
    throw core::UserError(core::format("{}: is not of a box of {} dimensions, as grid is", name,
                                       wish.grid->dimension()));
  Frames f{reader, {}, {}};
  for (int axis = 0; axis < box.dimension(); ++axis) {
    f.cells[axis] = box.cells[axis];
    f.lower[axis] = box.lower_m[axis];
    f.step[axis] = (box.upper_m[axis] - box.lower_m[axis]) / double(box.cells[axis]);
  }
  const double first_s = reader.time_s(0, 0), slack = 1e-9 * wish.end_s;
  for (long long n = 0; n < reader.samples().front().frames; ++n) {
    const double t = reader.time_s(0, n) - first_s - job.deck.assimilation.from_s;
    if (t < -slack || t > wish.end_s + slack) continue;
    f.frames.push_back(n);
    f.times_s.push_back(std::clamp(t, 0.0, wish.end_s));
  }
  if (f.frames.empty())
    throw core::UserError(core::format(
        "{}: has no frame in the time span, {:.6g} to {:.6g} s (assimilation.from_s, time.end_s)",
        name, job.deck.assimilation.from_s, job.deck.assimilation.from_s + wish.end_s));
  return f;
}

template <class Real>
Observations of_dataset(const SimulationJob& job, const SampleWish& wish,
                        const mesh::State<Real>& state, const std::filesystem::path& path) {
  const surrogates::DatasetReader reader(path);
  const auto channels = channels_of(reader, wish);
  const Frames f = frames_of(job, wish, reader);
  const auto wanted = static_cast<std::size_t>(job.deck.assimilation.draw);
  if (wanted == 0)
    throw core::UserError(
        core::format("assimilation.draw: say how many samples to draw of {}", path.string()));
  // Cells whose values lie in the course's box and the fluid, frame by frame; the same on every rank.
  const auto cells = static_cast<std::uint64_t>(f.cells[0] * f.cells[1] * f.cells[2]);
  const auto point_of = [&](std::uint64_t number, mesh::Location location) {
    const auto cell = static_cast<long long>(number);
    const std::array<long long, 3> at{cell % f.cells[0], cell / f.cells[0] % f.cells[1],
                                      cell / (f.cells[0] * f.cells[1])};
    mesh::Point x{};
    for (int axis = 0; axis < wish.grid->dimension(); ++axis)
      x[axis] = f.lower[axis] +
                f.step[axis] * (double(at[axis]) + (mesh::staggered(location, axis) ? 0 : 0.5));
    return x;
  };
  const auto in_box = [&](const mesh::Point& x) {
    bool inside = true;
    for (int axis = 0; axis < wish.grid->dimension(); ++axis)
      inside = inside && x[axis] >= wish.grid->lower(axis) && x[axis] <= wish.grid->upper(axis);
    return inside;
  };
  core::SplitMix random(static_cast<std::uint64_t>(job.deck.seed) ^ draw_stream);
  const auto total = cells * f.frames.size();
  std::set<std::uint64_t> taken;
  std::map<std::size_t, std::vector<std::uint64_t>> by_frame;
  std::size_t found = 0;
  while (found < wanted && taken.size() < total) {
    std::vector<std::uint64_t> picks;
    std::vector<mesh::Point> points;
    while (picks.size() < wanted - found && taken.size() < total) {
      const std::uint64_t pick = random.below(total);
      if (!taken.insert(pick).second) continue;
      bool inside = true;
      for (const auto& c : channels) inside = inside && in_box(point_of(pick % cells, c.location));
      if (!inside) continue;
      picks.push_back(pick);
      for (const auto& c : channels) points.push_back(point_of(pick % cells, c.location));
    }
    const auto fluid = in_fluid(wish, state, points);
    for (std::size_t n = 0; n < picks.size(); ++n) {
      bool whole = true;
      for (std::size_t c = 0; c < channels.size(); ++c)
        whole = whole && fluid[n * channels.size() + c];
      if (!whole) continue;
      by_frame[picks[n] / cells].push_back(picks[n] % cells);
      ++found;
    }
  }
  if (found < wanted)
    throw core::UserError(core::format(
        "assimilation.draw: is {}; {} has {} places in the box, the fluid and the time span",
        wanted, path.string(), found));
  Observations observations = none_of(wish);
  for (const auto& [frame, picks] : by_frame) {
    const auto values = reader.prognostic(0, f.frames[frame], 1);
    for (const std::uint64_t cell : picks)
      for (std::size_t c = 0; c < channels.size(); ++c)
        observations.samples.push_back(
            {.point_m = point_of(cell, channels[c].location),
             .time_s = f.times_s[frame],
             .field = static_cast<int>(c),
             .value = values[channels[c].channel * cells + cell],
             .deviation = deviation_of(job, c),
             .where = core::format("{}, frame {}", path.string(), f.frames[frame])});
  }
  return observations;
}

}  // namespace

template <class Real>
Observations read_samples(const SimulationJob& job, const SampleWish& wish,
                          const mesh::State<Real>& state) {
  std::filesystem::path path = job.deck.assimilation.samples;
  if (!path.is_absolute()) path = std::filesystem::path(job.deck.directory) / path;
  std::error_code none;
  if (!std::filesystem::exists(path, none))
    throw core::UserError(
        core::format("assimilation.samples: there is no file or folder {}", path.string()));
  if (std::filesystem::is_directory(path, none)) return of_dataset(job, wish, state, path);
  return of_table(job, wish, path);
}

template <class Real>
Observations random_samples(const SimulationJob& job, const SampleWish& wish,
                            const mesh::State<Real>& state) {
  constexpr int most_rounds = 1000;
  const auto wanted = static_cast<std::size_t>(job.deck.assimilation.twin.points);
  core::SplitMix random(static_cast<std::uint64_t>(job.deck.seed) ^ draw_stream);
  std::vector<mesh::Point> points;
  for (int round = 0; points.size() < wanted; ++round) {
    if (round == most_rounds)
      throw core::UserError("assimilation.twin: finds no points outside the bodies");
    std::vector<mesh::Point> more(wanted - points.size());
    for (auto& x : more)
      for (int axis = 0; axis < wish.grid->dimension(); ++axis)
        x[axis] = wish.grid->lower(axis) +
                  (wish.grid->upper(axis) - wish.grid->lower(axis)) * random.uniform();
    const auto fluid = in_fluid(wish, state, more);
    for (std::size_t n = 0; n < more.size(); ++n)
      if (fluid[n]) points.push_back(more[n]);
  }
  Observations observations = none_of(wish);
  for (const auto& x : points) {
    const double t = wish.end_s * random.uniform();
    for (std::size_t f = 0; f < wish.fields.size(); ++f)
      observations.samples.push_back({.point_m = x,
                                      .time_s = t,
                                      .field = static_cast<int>(f),
                                      .deviation = deviation_of(job, f)});
  }
  return observations;
}

void set_values(const SimulationJob& job, const std::vector<double>& values,
                Observations& observations) {
  std::vector<double> square(observations.fields.size()), count(square.size());
  for (std::size_t n = 0; n < values.size(); ++n) {
    Sample& sample = observations.samples[n];
    sample.value = values[n];
    square[sample.field] += values[n] * values[n];
    count[sample.field] += 1;
  }
  const double noise = job.deck.assimilation.twin.noise;
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

template Observations read_samples(const SimulationJob&, const SampleWish&,
                                   const mesh::State<float>&);
template Observations read_samples(const SimulationJob&, const SampleWish&,
                                   const mesh::State<double>&);
template Observations random_samples(const SimulationJob&, const SampleWish&,
                                     const mesh::State<float>&);
template Observations random_samples(const SimulationJob&, const SampleWish&,
                                     const mesh::State<double>&);

}  // namespace understudy::apps
