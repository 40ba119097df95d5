#include "pinn/gridded_frames.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"
#include "core/unit_factor.hpp"
#include "pinn/samples.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::pinn {

namespace {

constexpr double rounding = 1e-9;

struct Found {
  std::size_t channel = 0;  ///< among the prognostic ones
  mesh::Location location = mesh::Location::cell;
  double factor = 1;  ///< to the wanted unit
};

Found find_field(const surrogates::DatasetReader& reader, const std::string& field,
                 const std::string& unit) {
  std::size_t channel = 0;
  std::string there;
  for (const auto& info : reader.info().fields) {
    if (info.role != mesh::Role::prognostic) continue;
    if (info.name == field) {
      const std::string where = core::format(
          "{}, field '{}'{}", reader.directory().string(), field,
          unit == "1" ? " (a deck's own field has the unit that its key unit says)" : "");
      if (info.components != 1)
        throw core::UserError(core::format(
            "{}: is a vector of {} components; fields of one are wanted", where, info.components));
      return {channel, info.location,
              info.unit.empty() ? 1 : core::require_unit_factor(info.unit, unit, where)};
    }
    channel += std::size_t(info.components);
    there += (there.empty() ? "" : ", ") + info.name;
  }
  throw core::UserError(core::format("{}: has no field '{}'; there are {}",
                                     reader.directory().string(), field, there));
}

// Places are in metres, times in seconds: an input in km or ms would be another.
void require_si(const InputInfo& input, bool time, const std::string& name) {
  const std::string own = time ? "s" : "m";
  const auto factor = core::unit_factor(own, input.unit);
  if (factor && *factor != 1)
    throw core::UserError(core::format("{}: its {} are in {}; the problem's {} is in {}", name,
                                       time ? "times" : "coordinates", own, input.name,
                                       input.unit));
}

}  // namespace

LatticeAxis GriddedFrames::part(const LatticeAxis& whole, const InputInfo& input,
                                const std::string& what) {
  const double last = whole.lower + whole.step * double(whole.count - 1);
  const double slack = whole.step * (1 + rounding);  // half a cell at walls, and frames' rounding
  if (whole.count < 4 || input.lower < whole.lower - slack || input.upper > last + slack)
    throw core::UserError(core::format(
        "{}: reaches from {} to {} along {} in {} places; the problem's box from {} to "
        "{} needs at least four",
        what, whole.lower, last, input.name, whole.count, input.lower, input.upper));
  // Two places more than the box on each side, for the polynomials.
  const auto from = (long long)(std::floor((input.lower - whole.lower) / whole.step)) - 2;
  const auto to = (long long)(std::ceil((input.upper - whole.lower) / whole.step)) + 2;
  const auto first = std::clamp(from, 0LL, whole.count - 4);
  const auto end = std::clamp(to + 1, first + 4, whole.count);
  return {whole.lower + whole.step * double(first), whole.step, end - first};
}

GriddedFrames::GriddedFrames(const std::filesystem::path& dataset,
                             const std::vector<InputInfo>& inputs,
                             const std::vector<std::string>& fields,
                             const std::vector<std::string>& units)
    : dataset_(dataset), inputs_(inputs), fields_(fields) {
  const surrogates::DatasetReader reader(dataset);
  const auto& info = reader.info();
  const std::string name = dataset.string();
  if (info.grid.cells.size() != 2 || inputs.size() != 3)
    throw core::UserError(name + ": is not of two dimensions and time, as the problem is");
  for (std::size_t a = 0; a < inputs.size(); ++a) require_si(inputs[a], a == 2, name);
  const long long frames = reader.samples().front().frames;
  const LatticeAxis time{0, info.window_s, frames};
  std::vector<Found> found;
  for (std::size_t f = 0; f < fields.size(); ++f)
    found.push_back(find_field(reader, fields[f], f < units.size() ? units[f] : "1"));
  std::array<LatticeAxis, 2> centre;
  for (int a = 0; a < 2; ++a) {
    const double step = (info.grid.upper_m[a] - info.grid.lower_m[a]) / double(info.grid.cells[a]);
    centre[a] = {info.grid.lower_m[a] + step / 2, step, info.grid.cells[a]};
  }
  for (const Found& f : found) {
    std::array<LatticeAxis, 3> axes{centre[0], centre[1], time};
    for (int a = 0; a < 2; ++a)
      if (mesh::staggered(f.location, a)) axes[a].lower -= axes[a].step / 2;
    for (int a = 0; a < 3; ++a) axes[a] = part(axes[a], inputs[a], name);
    lattices_.push_back({axes, {}});
  }
  for (int a = 0; a < 3; ++a) {
    const LatticeAxis& whole = a < 2 ? centre[a] : time;
    const auto first =
        (long long)(std::ceil((inputs[a].lower - whole.lower) / whole.step - rounding));
    const auto last =
        (long long)(std::floor((inputs[a].upper - whole.lower) / whole.step + rounding));
    const auto begin = std::max(first, 0LL);
    centres_[a] = {whole.lower + whole.step * double(begin), whole.step,
                   std::min(last + 1, whole.count) - begin};
  }
  const std::size_t nx = std::size_t(info.grid.cells[0]), ny = std::size_t(info.grid.cells[1]);
  const long long begin = std::llround(lattices_.front().axes[2].lower / time.step);
  for (long long frame = begin; frame < begin + lattices_.front().axes[2].count; ++frame) {
    const auto all = reader.prognostic(0, frame, 1);
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const auto& axes = lattices_[f].axes;
      std::array<std::size_t, 2> from{};
      for (int a = 0; a < 2; ++a) {
        const double shift = mesh::staggered(found[f].location, a) ? centre[a].step / 2 : 0;
        from[a] =
            std::size_t(std::llround((axes[a].lower - centre[a].lower + shift) / centre[a].step));
      }
      const float* field = all.data() + found[f].channel * nx * ny;
      for (std::size_t j = from[1]; j < from[1] + std::size_t(axes[1].count); ++j)
        for (std::size_t i = from[0]; i < from[0] + std::size_t(axes[0].count); ++i)
          lattices_[f].values.push_back(float(found[f].factor * field[j * nx + i]));
    }
  }
}

double GriddedFrames::value(int field, const std::vector<double>& point) const {
  return lattices_[std::size_t(field)].at(point[0], point[1], point[2]);
}

Samples GriddedFrames::draw(int count, unsigned long long seed) const {
  const long long total = centres_[0].count * centres_[1].count * centres_[2].count;
  if (count < 1)
    throw core::UserError(
        core::format("problem.data_points: say how many samples to draw of the {} in {}", total,
                     dataset_.string()));
  if (count > total)
    throw core::UserError(
        core::format("{}: has {} samples in the problem's box; problem.data_points "
                     "asks for {}",
                     dataset_.string(), total, count));
  Samples samples;
  for (const auto& input : inputs_) samples.names.push_back(input.name);
  samples.names.insert(samples.names.end(), fields_.begin(), fields_.end());
  samples.columns.resize(samples.names.size());
  core::SplitMix random(seed);
  std::unordered_set<long long> taken;
  while ((long long)taken.size() < count) {
    const auto n = (long long)random.below((std::uint64_t)total);
    if (!taken.insert(n).second) continue;
    const std::array<long long, 3> index{n % centres_[0].count,
                                         n / centres_[0].count % centres_[1].count,
                                         n / (centres_[0].count * centres_[1].count)};
    std::vector<double> point;
    for (int a = 0; a < 3; ++a)
      point.push_back(centres_[a].lower + centres_[a].step * double(index[a]));
    for (int a = 0; a < 3; ++a) samples.columns[a].push_back(point[a]);
    for (std::size_t f = 0; f < fields_.size(); ++f)
      samples.columns[3 + f].push_back(value(int(f), point));
  }
  return samples;
}

}  // namespace understudy::pinn
