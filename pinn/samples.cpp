#include "pinn/samples.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/sampling.hpp"
#include "pinn/gridded_frames.hpp"

namespace understudy::pinn {

namespace {

constexpr unsigned long long noise_stream =
    0x6e6f697365;  // so that draws and noise are independent

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\"");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\"") - first + 1);
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t begin = 0;
  while (true) {
    const auto end = line.find(',', begin);
    cells.push_back(trimmed(line.substr(begin, end - begin)));
    if (end == std::string::npos) return cells;
    begin = end + 1;
  }
}

std::vector<std::size_t> find_columns(const std::vector<std::string>& header,
                                      const std::vector<std::string>& wanted,
                                      const std::string& file) {
  std::vector<std::size_t> places;
  for (const auto& name : wanted) {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found == header.end())
      throw core::UserError(core::format("{}: has no column '{}'; its first line names {}", file,
                                         name, core::joined(header, "none")));
    places.push_back(std::size_t(found - header.begin()));
  }
  return places;
}

double number(const std::string& cell, const std::string& where) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size())
    throw core::UserError(core::format("{}: '{}' is not a number", where, cell));
  if (!std::isfinite(value))
    throw core::UserError(core::format("{}: {} is not a finite number", where, cell));
  return value;
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
  const std::string file = request.file.string();
  std::ifstream in(request.file);
  if (!in) throw core::UserError(file + ": cannot be read");
  Samples samples;
  samples.names = names_of(request);
  samples.columns.resize(samples.names.size());
  std::string line;
  std::getline(in, line);
  const auto header = cells_of(line);
  const auto places = find_columns(header, samples.names, file);
  for (int row = 2; std::getline(in, line); ++row) {
    if (trimmed(line).empty()) continue;
    const auto cells = cells_of(line);
    if (cells.size() != header.size())
      throw core::UserError(core::format("{}, line {}: has {} cells, its first line {}", file, row,
                                         cells.size(), header.size()));
    for (std::size_t c = 0; c < places.size(); ++c) {
      const std::string where =
          core::format("{}, line {}, column '{}'", file, row, samples.names[c]);
      const double value = number(cells[places[c]], where);
      if (c < request.inputs.size()) require_inside(request.inputs[c], value, where);
      samples.columns[c].push_back(value);
    }
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
    samples = GriddedFrames(request.file, request.inputs, request.measured)
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
