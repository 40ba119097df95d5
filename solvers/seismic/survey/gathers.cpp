#include "solvers/seismic/survey/gathers.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/unit_factor.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "mesh/io/segy_file.hpp"
#include "solvers/seismic/survey/segy_gathers.hpp"

namespace understudy::solvers::seismic {
namespace {

using Positions = std::vector<std::array<double, 3>>;
constexpr const char* source_name = "source_positions_m";
constexpr const char* receiver_name = "receiver_positions_m";
constexpr const char* wavelet_name = "wavelet";

bool is_quantity(const std::string& dataset) {
  return dataset != source_name && dataset != receiver_name && dataset != wavelet_name;
}

void put_positions(mesh::Hdf5File& file, const char* name, const Positions& positions) {
  std::vector<double> flat;
  for (const auto& p : positions) flat.insert(flat.end(), p.begin(), p.end());
  file.put(name, flat, {positions.size(), 3});
  file.set_attribute(name, "axes", "x, y (0 in a plane), depth; m");
}

Positions get_positions(const mesh::Hdf5File& file, const char* name, std::uint64_t count) {
  file.require_shape(name, {count, 3}, "position; x, y, depth");
  const auto flat = file.get<double>(name);
  Positions positions(count);
  for (std::size_t n = 0; n < flat.size(); ++n) positions[n / 3][n % 3] = flat[n];
  return positions;
}

void put_quantity(mesh::Hdf5File& file, const GatherSet& set) {
  std::vector<double> all;
  for (const Gather& shot : set.shots)
    all.insert(all.end(), shot.values.begin(), shot.values.end());
  file.put(set.quantity, all,
           {set.shots.size(), static_cast<std::uint64_t>(set.samples()), set.receivers.size()});
  file.set_attribute(set.quantity, "unit", set.unit);
  file.set_attribute(set.quantity, "axes", "shot, sample, receiver");
}

void require_whole(const GatherSet& set) {
  const bool fits = set.shots.size() == set.sources.size() && is_quantity(set.quantity) &&
                    std::ranges::all_of(set.shots, [&](const Gather& g) {
                      return g.samples == set.samples() &&
                             g.receivers == static_cast<int>(set.receivers.size()) &&
                             g.values.size() == static_cast<std::size_t>(g.samples) * g.receivers;
                    });
  if (!fits) throw std::invalid_argument("gathers of '" + set.quantity + "' do not fit the survey");
}

// SI; empty for quantities that are not known here.
std::string unit_of(const std::string& quantity) {
  if (quantity == "pressure") return "Pa";
  if (quantity.starts_with("velocity_")) return "m/s";
  return quantity.starts_with("displacement_") ? "m" : "";
}

// `unit`, or `units` as others write it.
std::string unit_in(const mesh::Hdf5File& file, const std::string& quantity,
                    const std::string& wanted) {
  for (const char* name : {"unit", "units"}) {
    if (!file.has_attribute(quantity, name)) continue;
    const auto text = file.text_attribute(quantity, name);
    if (text && !text->empty()) return *text;
    throw core::UserError(core::format("{}: attribute '{}' of '{}' is no text; a unit is wanted{}",
                                       file.path().string(), name, quantity,
                                       wanted.empty() ? "" : ", such as " + wanted));
  }
  throw core::UserError(core::format(
      "{}: '{}' has no attribute 'unit'; it says what the values are in{}", file.path().string(),
      quantity, wanted.empty() ? "" : ": " + wanted + ", or what converts to it"));
}

// What is usual elsewhere is told as such, before positions are found not to fit.
void require_axes(const mesh::Hdf5File& file, const std::string& quantity,
                  const mesh::H5Shape& shape) {
  if (shape.size() != 3)
    throw core::UserError(
        core::format("{}: gathers '{}' have {} axes; [shot, sample, receiver] is wanted",
                     file.path().string(), quantity, shape.size()));
  const mesh::H5Shape receivers = file.shape(receiver_name);
  if (receivers.size() == 2 && receivers[0] == shape[1] && receivers[0] != shape[2])
    throw core::UserError(core::format(
        "{}: gathers '{}' seem to be [shot, receiver, sample] (there are {} receiver positions); [shot, "
        "sample, receiver] is wanted: exchange the last two axes",
        file.path().string(), quantity, receivers[0]));
}

// Does a file of single precision say the same?
bool same_in_single(double found, double expected) {
  return static_cast<double>(static_cast<float>(found)) == found &&
         std::abs(found - expected) <= 2.4e-7 * std::abs(expected);  // two units in the last place
}

std::string text_of(const std::array<double, 3>& p) {
  return core::format("(x {}, y {}, depth {}) m", p[0], p[1], p[2]);
}

// Largest distance along an axis within the survey.
double size_of(const GatherSet& set) {
  double size = 0;
  for (int axis = 0; axis < 3; ++axis) {
    double least = INFINITY, most = -INFINITY;
    for (const auto* list : {&set.sources, &set.receivers})
      for (const auto& p : *list) {
        least = std::min(least, p[axis]);
        most = std::max(most, p[axis]);
      }
    size = std::max(size, most - least);
  }
  return size;
}

}  // namespace

void write_gathers(const std::filesystem::path& path, std::span<const GatherSet> sets) {
  if (sets.empty()) throw std::invalid_argument("no gathers to write");
  const GatherSet& first = sets.front();
  for (const GatherSet& set : sets) {
    require_whole(set);
    try {
      check_geometry(set, first, set.quantity);
    } catch (const core::UserError& e) {
      throw std::invalid_argument(e.what());
    }
  }
  mesh::write_hdf5_atomically(path, core::Comm::self(), [&](mesh::Hdf5File& file) {
    for (const GatherSet& set : sets) put_quantity(file, set);
    put_positions(file, source_name, first.sources);
    put_positions(file, receiver_name, first.receivers);
    if (!first.wavelet.empty()) {
      file.put(wavelet_name, first.wavelet, {first.wavelet.size()});
      file.set_attribute(wavelet_name, "dt_s", first.wavelet_dt_s);
    }
    file.set_attribute("", "record_every_s", first.record_every_s);
    for (const auto& [name, text] : first.attributes) file.set_attribute("", name, text);
  });
}

std::vector<std::string> gather_quantities(const std::filesystem::path& path) {
  const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
  std::vector<std::string> names;
  for (const std::string& name : file.children(""))
    if (is_quantity(name)) names.push_back(name);
  return names;
}

GatherSet read_gathers(const std::filesystem::path& path, const std::string& quantity) {
  if (mesh::is_segy_path(path)) return read_segy_gathers(path, quantity);
  const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
  if (!is_quantity(quantity) || !file.exists(quantity)) {
    std::string there;
    for (const std::string& name : file.children(""))
      if (is_quantity(name)) there += (there.empty() ? "" : ", ") + name;
    throw core::UserError(core::format("{}: has no gathers of '{}'; it has: {}", path.string(),
                                       quantity, there.empty() ? "none" : there));
  }
  const mesh::H5Shape shape = file.shape(quantity);
  require_axes(file, quantity, shape);
  GatherSet set;
  set.quantity = quantity;
  set.unit = unit_of(quantity);
  const std::string unit = unit_in(file, quantity, set.unit);
  if (set.unit.empty()) set.unit = unit;
  const double factor =
      core::require_unit_factor(unit, set.unit, core::format("{}: '{}'", path.string(), quantity));
  set.record_every_s = file.attribute<double>("", "record_every_s");
  set.sources = get_positions(file, source_name, shape[0]);
  set.receivers = get_positions(file, receiver_name, shape[2]);
  if (file.exists(wavelet_name) && file.has_attribute(wavelet_name, "dt_s")) {
    set.wavelet = file.get<double>(wavelet_name);
    set.wavelet_dt_s = file.attribute<double>(wavelet_name, "dt_s");
  }
  // Of attributes that are not ours, texts are kept as provenance and others are no concern of ours.
  for (const std::string& name : file.attributes(""))
    if (const auto text = file.text_attribute("", name)) set.attributes[name] = *text;

  auto all = file.get<double>(quantity);
  if (factor != 1)
    for (double& value : all) value *= factor;
  const auto samples = static_cast<int>(shape[1]), receivers = static_cast<int>(shape[2]);
  const std::size_t per_shot = shape[1] * shape[2];
  for (std::size_t n = 0; n < all.size(); ++n)
    if (!std::isfinite(all[n]))
      throw core::UserError(core::format("{}: '{}' of shot {}, sample {}, receiver {} is {}",
                                         path.string(), quantity, n / per_shot,
                                         n % per_shot / receivers, n % receivers, all[n]));
  for (std::size_t shot = 0; shot < shape[0]; ++shot) {
    Gather& gather = set.shots.emplace_back(samples, receivers);
    std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(shot * per_shot), per_shot,
                gather.values.begin());
  }
  return set;
}

void check_geometry(const GatherSet& found, const GatherSet& expected, const std::string& where) {
  const auto counts = [&](std::size_t is, std::size_t wanted, const char* what) {
    if (is != wanted)
      throw core::UserError(
          core::format("{}: has {} {}, but the survey has {}", where, is, what, wanted));
  };
  counts(found.shots.size(), expected.shots.size(), "shots");
  counts(found.receivers.size(), expected.receivers.size(), "receivers");
  counts(found.samples(), expected.samples(), "samples");
  if (std::abs(found.record_every_s - expected.record_every_s) > 1e-9 * expected.record_every_s &&
      !same_in_single(found.record_every_s, expected.record_every_s))
    throw core::UserError(core::format("{}: is recorded every {} s, but the survey every {} s",
                                       where, found.record_every_s, expected.record_every_s));
  const double tolerance = 1e-6 * size_of(expected);
  const auto places = [&](const Positions& is, const Positions& wanted, const char* what) {
    counts(is.size(), wanted.size(), (std::string(what) + " positions").c_str());
    for (std::size_t n = 0; n < is.size(); ++n)
      for (int axis = 0; axis < 3; ++axis)
        if (!(std::abs(is[n][axis] - wanted[n][axis]) <= tolerance) &&
            !same_in_single(is[n][axis], wanted[n][axis]))
          throw core::UserError(core::format("{}: {} {} is at {}, but the survey's is at {}", where,
                                             what, n, text_of(is[n]), text_of(wanted[n])));
  };
  places(found.sources, expected.sources, "source");
  places(found.receivers, expected.receivers, "receiver");
}

}  // namespace understudy::solvers::seismic
