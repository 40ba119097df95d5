#include "pinn/samples.hpp"

#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"
#include "core/table.hpp"
#include "core/unit_factor.hpp"
#include "pinn/gridded_frames.hpp"

namespace understudy::pinn {

namespace {

constexpr unsigned long long noise_stream =
    0x6e6f697365;  // so that draws and noise are independent

// Of the wanted columns: where they stand, and what their values are multiplied by.
struct Place {
  std::size_t column = 0;
  double factor = 1;
};

std::vector<Place> find_columns(const core::Table& table, const SampleRequest& request,
                                const std::vector<std::string>& wanted) {
  std::vector<Place> places;
  for (std::size_t n = 0; n < wanted.size(); ++n) {
    Place place{table.require_column(wanted[n]), 1};
    const std::string& unit = table.header()[place.column].unit;
    const std::size_t inputs = request.inputs.size();
    const std::string own = n < inputs                          ? request.inputs[n].unit
                            : n - inputs < request.units.size() ? request.units[n - inputs]
                                                                : "1";
    if (!unit.empty())
      place.factor = core::require_unit_factor(
          unit, own, core::format("{}, column '{}'", table.source(), wanted[n]));
    places.push_back(place);
  }
  return places;
}

void require_inside(const InputInfo& input, double value, const std::string& where) {
  if (value < input.lower || value > input.upper)
    throw core::UserError(core::format("{}: {} = {} lies outside of the problem's box, {} to {} {}",
                                       where, input.name, value, input.lower, input.upper,
                                       input.unit));
}

std::vector<std::string> names_of(const SampleRequest& request) {
  std::vector<std::string> names;
  for (const auto& input : request.inputs) names.push_back(input.name);
  names.insert(names.end(), request.measured.begin(), request.measured.end());
  return names;
}

Samples read_csv(const SampleRequest& request) {
  core::Table table = core::Table::read(request.file);
  Samples samples;
  samples.names = names_of(request);
  samples.columns.resize(samples.names.size());
  if (!table.has_header()) table.take_comment_as_header();
  const auto places = find_columns(table, request, samples.names);
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t c = 0; c < places.size(); ++c) {
      const double value = table.number(row, places[c].column) * places[c].factor;
      if (c < request.inputs.size())
        require_inside(request.inputs[c], value, table.where(row, places[c].column));
      samples.columns[c].push_back(value);
    }
  return samples;
}

}  // namespace

std::filesystem::path data_path(const ProblemChoice& choice, const std::string& what) {
  if (choice.data.empty())
    throw core::UserError("problem.data: names no file; this problem reads " + what + " from it");
  const std::filesystem::path path = choice.data;
  return path.is_absolute() ? path : std::filesystem::path(choice.directory) / path;
}

Samples draw(const Samples& all, int count, unsigned long long seed, const std::string& source) {
  if (std::size_t(count) > all.count())
    throw core::UserError(core::format("{}: has {} samples; problem.data_points asks for {}",
                                       source, all.count(), count));
  core::SplitMix random(seed);
  const auto order = core::shuffled(all.count(), random);
  const std::size_t wanted = count > 0 ? std::size_t(count) : all.count();
  Samples drawn{all.names, {}};
  for (const auto& column : all.columns) {
    drawn.columns.emplace_back();
    for (std::size_t n = 0; n < wanted; ++n) drawn.columns.back().push_back(column[order[n]]);
  }
  return drawn;
}

void add_noise(Samples& samples, std::size_t first, double fraction, unsigned long long seed) {
  if (fraction <= 0) return;
  core::SplitMix random(seed ^ noise_stream);
  for (std::size_t c = first; c < samples.columns.size(); ++c) {
    auto& column = samples.columns[c];
    double mean = 0, square = 0;
    for (const double value : column) mean += value / double(column.size());
    for (const double value : column) square += (value - mean) * (value - mean);
    const double deviation = fraction * std::sqrt(square / double(column.size()));
    for (double& value : column) {
      // Box & Muller 1958; 1 - uniform() is never 0.
      const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
      value += deviation * radius * std::cos(2 * std::numbers::pi * random.uniform());
    }
  }
}

Samples read_samples(const SampleRequest& request) {
  const std::string source = request.file.string();
  if (!std::filesystem::exists(request.file))
    throw core::UserError(source + ": there is no such file or folder of samples");
  Samples samples;
  if (std::filesystem::is_directory(request.file)) {
    samples = GriddedFrames(request.file, request.inputs, request.measured, request.units)
                  .draw(request.points, request.seed);
  } else {
    samples = draw(read_csv(request), request.points, request.seed, source);
  }
  if (samples.count() < std::size_t(request.least))
    throw core::UserError(core::format("{}: {} samples are too few; at least {}", source,
                                       samples.count(), request.least));
  add_noise(samples, request.inputs.size(), request.noise, request.seed);
  return samples;
}

}  // namespace understudy::pinn
