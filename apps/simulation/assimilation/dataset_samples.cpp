#include "apps/simulation/assimilation/dataset_samples.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "apps/simulation/assimilation/sample_parts.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"
#include "core/unit_factor.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::apps {

namespace {

using solvers::assimilation::Observations;

// A field's channel in a dataset's frame, where its values lie, and what makes them the run's.
struct Channel {
  std::size_t channel = 0;
  mesh::Location location = mesh::Location::cell;
  double factor = 1;
};

std::optional<Channel> channel_of(const surrogates::DatasetReader& reader,
                                  const mesh::FieldInfo& field) {
  std::size_t channel = 0;
  for (const auto& info : reader.info().fields) {
    if (info.role != mesh::Role::prognostic) continue;
    if (info.name == field.name && info.components == 1)
      return Channel{
          channel, info.location,
          info.unit.empty()
              ? 1
              : core::require_unit_factor(
                    info.unit, field.unit,
                    core::format("{}, field '{}'", reader.directory().string(), field.name))};
    channel += static_cast<std::size_t>(info.components);
  }
  return {};
}

std::vector<Channel> channels_of(const surrogates::DatasetReader& reader, const SampleWish& wish) {
  std::vector<Channel> channels;
  for (const auto& wanted : wish.fields) {
    const auto found = channel_of(reader, wanted);
    if (!found) {
      std::string there;
      for (const auto& info : reader.info().fields)
        if (info.role == mesh::Role::prognostic) there += (there.empty() ? "" : ", ") + info.name;
      throw core::UserError(core::format("{}: has no field '{}'; there are {}",
                                         reader.directory().string(), wanted.name, there));
    }
    channels.push_back(*found);
  }
  return channels;
}

struct Frames {
  const surrogates::DatasetReader& reader;
  std::vector<long long> frames;  ///< within the time span
  std::vector<double> times_s;    ///< of the course
  std::array<long long, 3> cells{1, 1, 1};
  std::array<double, 3> lower{}, step{1, 1, 1};
  int dimension = 2;

  std::uint64_t cell_count() const {
    return static_cast<std::uint64_t>(cells[0] * cells[1] * cells[2]);
  }
  mesh::Point point(std::uint64_t number, mesh::Location location) const {
    const auto cell = static_cast<long long>(number);
    const std::array<long long, 3> at{cell % cells[0], cell / cells[0] % cells[1],
                                      cell / (cells[0] * cells[1])};
    mesh::Point x{};
    for (int axis = 0; axis < dimension; ++axis)
      x[axis] = lower[axis] +
                step[axis] * (double(at[axis]) + (mesh::staggered(location, axis) ? 0 : 0.5));
    return x;
  }
};

Frames frames_of(const SimulationJob& job, const SampleWish& wish,
                 const surrogates::DatasetReader& reader) {
  const auto& box = reader.info().grid;
  const std::string name = reader.directory().string();
  if (box.is_sphere() || box.dimension() != wish.grid->dimension())
    throw core::UserError(core::format("{}: is not of a box of {} dimensions, as grid is", name,
                                       wish.grid->dimension()));
  Frames f{reader, {}, {}};
  f.dimension = box.dimension();
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

bool in_box(const SimulationJob& job, const SampleWish& wish, const mesh::Point& x) {
  for (int axis = 0; axis < wish.grid->dimension(); ++axis)
    if (x[axis] < wish.grid->lower(axis) || x[axis] > wish.grid->upper(axis)) return false;
  return job.deck.assimilation.within.contains(x);
}

// How many frames and cells there are, bodies not looked at: drawing would take long to find that they are too few.
std::uint64_t places_in_box(const SimulationJob& job, const SampleWish& wish, const Frames& f,
                            const std::vector<Channel>& channels) {
  std::uint64_t count = 0;
  for (std::uint64_t cell = 0; cell < f.cell_count(); ++cell)
    count += std::ranges::all_of(
        channels, [&](const Channel& c) { return in_box(job, wish, f.point(cell, c.location)); });
  return count * f.frames.size();
}

// Frame and cell of a place: number % cells, number / cells. Those whose values lie in the box and the fluid, in the
// order in which they are drawn.
template <class Real>
std::vector<std::uint64_t> drawn_places(const SimulationJob& job, const SampleWish& wish,
                                        const mesh::State<Real>& state, const Frames& f,
                                        const std::vector<Channel>& channels, std::size_t wanted) {
  const std::uint64_t cells = f.cell_count(), total = cells * f.frames.size();
  if (places_in_box(job, wish, f, channels) < wanted) return {};
  core::SplitMix random(static_cast<std::uint64_t>(job.deck.seed) ^ draw_stream);
  std::set<std::uint64_t> taken;
  std::vector<std::uint64_t> places;
  while (places.size() < wanted && taken.size() < total) {
    std::vector<std::uint64_t> picks;
    std::vector<mesh::Point> points;
    while (picks.size() < wanted - places.size() && taken.size() < total) {
      const std::uint64_t pick = random.below(total);
      if (!taken.insert(pick).second) continue;
      bool inside = true;
      for (const auto& c : channels)
        inside = inside && in_box(job, wish, f.point(pick % cells, c.location));
      if (!inside) continue;
      picks.push_back(pick);
      for (const auto& c : channels) points.push_back(f.point(pick % cells, c.location));
    }
    const auto fluid = in_fluid(wish, state, points);
    for (std::size_t n = 0; n < picks.size(); ++n) {
      bool whole = true;
      for (std::size_t c = 0; c < channels.size(); ++c)
        whole = whole && fluid[n * channels.size() + c];
      if (whole) places.push_back(picks[n]);
    }
  }
  return places;
}

// Every channel's values at the places, frame by frame.
Observations values_at(const Frames& f, const std::vector<std::uint64_t>& places,
                       const std::vector<Channel>& channels, Observations observations) {
  const std::uint64_t cells = f.cell_count();
  std::map<std::size_t, std::vector<std::uint64_t>> by_frame;
  for (const auto place : places) by_frame[place / cells].push_back(place % cells);
  for (const auto& [frame, picks] : by_frame) {
    const auto values = f.reader.prognostic(0, f.frames[frame], 1);
    for (const std::uint64_t cell : picks)
      for (std::size_t c = 0; c < channels.size(); ++c)
        observations.samples.push_back(
            {.point_m = f.point(cell, channels[c].location),
             .time_s = f.times_s[frame],
             .field = static_cast<int>(c),
             .value = channels[c].factor * values[channels[c].channel * cells + cell],
             .where =
                 core::format("{}, frame {}", f.reader.directory().string(), f.frames[frame])});
  }
  return observations;
}

// Of every field that dataset and flow both have.
template <class Real>
Observations held_out_at(const SimulationJob& job, const SampleWish& wish,
                         const mesh::State<Real>& state, const Frames& f,
                         const std::vector<std::uint64_t>& places) {
  std::vector<mesh::FieldInfo> fields;
  std::vector<Channel> channels;
  for (const auto& field : wish.compared)
    if (const auto channel = channel_of(f.reader, field)) {
      fields.push_back(field);
      channels.push_back(*channel);
    }
  Observations all = values_at(f, places, channels, none_of(fields));
  std::vector<mesh::Point> points;
  for (const auto& sample : all.samples) points.push_back(sample.point_m);
  const auto fluid = in_fluid(wish, state, points);
  std::vector<solvers::assimilation::Sample> kept;
  for (std::size_t n = 0; n < all.samples.size(); ++n)
    if (fluid[n] && in_box(job, wish, all.samples[n].point_m)) kept.push_back(all.samples[n]);
  all.samples = std::move(kept);
  return all;
}

}  // namespace

template <class Real>
DrawnSamples samples_of_dataset(const SimulationJob& job, const SampleWish& wish,
                                const mesh::State<Real>& state, const std::filesystem::path& path) {
  const AssimilationParams& params = job.deck.assimilation;
  const surrogates::DatasetReader reader(path);
  const auto channels = channels_of(reader, wish);
  const Frames f = frames_of(job, wish, reader);
  const auto fitted = static_cast<std::size_t>(params.draw),
             wanted = fitted + static_cast<std::size_t>(params.held_out);
  if (fitted == 0)
    throw core::UserError(
        core::format("assimilation.draw: say how many samples to draw of {}", path.string()));
  auto places = drawn_places(job, wish, state, f, channels, wanted);
  if (places.size() < wanted)
    throw core::UserError(core::format(
        "assimilation.draw: is {}{}; {} has fewer places in the box, the fluid and the time span, {} at most",
        fitted,
        params.held_out > 0 ? core::format(", assimilation.held_out {}", params.held_out) : "",
        path.string(), places_in_box(job, wish, f, channels)));
  const std::vector<std::uint64_t> others(places.begin() + std::ptrdiff_t(fitted), places.end());
  places.resize(fitted);
  DrawnSamples drawn{values_at(f, places, channels, none_of(wish.fields)), {}};
  for (auto& sample : drawn.fitted.samples)
    sample.deviation = deviation_of(job, static_cast<std::size_t>(sample.field));
  if (!others.empty()) drawn.held_out = held_out_at(job, wish, state, f, others);
  return drawn;
}

template DrawnSamples samples_of_dataset(const SimulationJob&, const SampleWish&,
                                         const mesh::State<float>&, const std::filesystem::path&);
template DrawnSamples samples_of_dataset(const SimulationJob&, const SampleWish&,
                                         const mesh::State<double>&, const std::filesystem::path&);

}  // namespace understudy::apps
