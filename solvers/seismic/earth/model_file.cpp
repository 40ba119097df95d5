#include "solvers/seismic/earth/model_file.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <fstream>

#include "core/error.hpp"
#include "core/file_kind.hpp"
#include "core/format.hpp"
#include "core/unit_factor.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "mesh/io/segy_file.hpp"
#include "solvers/seismic/earth/model_geometry.hpp"
#include "solvers/seismic/earth/segy_model.hpp"

namespace understudy::solvers::seismic {
namespace {

using mesh::H5Shape;

std::string text_of(const H5Shape& shape) {
  std::string text = "[";
  for (std::size_t n = 0; n < shape.size(); ++n)
    text += core::format("{}{}", n > 0 ? ", " : "", shape[n]);
  return text + "]";
}

// The shape of the grid's model in a file.
H5Shape file_shape(const ModelGeometry& g) {
  H5Shape shape{static_cast<std::uint64_t>(g.rows())};
  if (g.dimension == 3) shape.push_back(g.cells[1]);
  shape.push_back(g.cells[0]);
  return shape;
}

const char* axes(const ModelGeometry& g) {
  return g.dimension == 3 ? "[depth, y, x]" : "[depth, x]";
}

// Row 0 of a file is the surface, row 0 of a model the deepest.
std::vector<double> flipped(const std::vector<double>& rows, const ModelGeometry& g) {
  std::vector<double> out(rows.size());
  const auto plane = static_cast<std::size_t>(g.plane());
  for (std::size_t row = 0; row < static_cast<std::size_t>(g.rows()); ++row)
    std::copy_n(rows.begin() + row * plane, plane, out.begin() + (g.rows() - 1 - row) * plane);
  return out;
}

// What a file's numbers are in, as the deck says, and what the model is in.
struct Unit {
  std::string given, wanted;
};

std::vector<double> in_si(std::vector<double> values, const Unit& unit) {
  const double factor = core::require_unit_factor(unit.given, unit.wanted, "seismic.model.file");
  if (factor != 1)
    for (double& value : values) value *= factor;
  return values;
}

std::vector<double> read_dataset(const mesh::Hdf5File& file, const std::string& name,
                                 const Unit& unit, const ModelGeometry& g) {
  if (!file.exists(name)) {
    std::string there;
    for (const std::string& child : file.children("")) there += (there.empty() ? "" : ", ") + child;
    throw core::UserError(core::format("{}: has no dataset '{}'; it has: {}", file.path().string(),
                                       name, there.empty() ? "nothing" : there));
  }
  const H5Shape found = file.shape(name), wanted = file_shape(g);
  if (found != wanted) {
    const bool transposed = H5Shape(found.rbegin(), found.rend()) == wanted;
    throw core::UserError(
        core::format("{}: dataset '{}' has the shape {}, but the grid wants {} = {}{}",
                     file.path().string(), name, text_of(found), text_of(wanted), axes(g),
                     transposed ? " (the axes are in the opposite order)" : ""));
  }
  auto values = flipped(file.get<double>(name), g);
  for (const char* attribute : {"unit", "units"})
    if (const auto said = file.text_attribute(name, attribute); said && !said->empty()) {
      const double factor = core::require_unit_factor(
          *said, unit.wanted, core::format("{}: dataset '{}'", file.path().string(), name));
      for (double& value : values) value *= factor;
      return values;
    }
  return in_si(std::move(values), unit);
}

template <class Number>
std::vector<double> converted(const std::string& bytes, bool swapped) {
  std::vector<double> numbers;
  for (std::size_t at = 0; at + sizeof(Number) <= bytes.size(); at += sizeof(Number)) {
    std::array<char, sizeof(Number)> item;
    std::memcpy(item.data(), bytes.data() + at, sizeof(Number));
    if (swapped) std::reverse(item.begin(), item.end());
    numbers.push_back(std::bit_cast<Number>(item));
  }
  return numbers;
}

std::vector<double> converted(const std::string& bytes, bool single, bool swapped) {
  return single ? converted<float>(bytes, swapped) : converted<double>(bytes, swapped);
}

// How many are of a size that speeds and densities have in any usual unit?
std::size_t usual(const std::vector<double>& values) {
  return static_cast<std::size_t>(
      std::ranges::count_if(values, [](double v) { return v == 0 || (v >= 1e-2 && v <= 1e5); }));
}

// Numbers of the other byte order are nonsense as they are, and none is the other way round.
void require_byte_order(const std::filesystem::path& path, const std::string& bytes, bool single,
                        bool swapped) {
  const auto values = converted(bytes, single, swapped), other = converted(bytes, single, !swapped);
  if (2 * usual(values) >= values.size() || usual(other) < other.size()) return;
  throw core::UserError(core::format(
      "{}: its numbers are {}-endian (the first is {:.6g} so, and {:.3g} as it is read): set "
      "seismic.model.file.byte_order: {}",
      path.string(), swapped ? "little" : "big", other.front(), values.front(),
      swapped ? "little" : "big"));
}

std::uint32_t number_at(const std::string& bytes, std::size_t at, bool swapped) {
  std::array<char, 4> item{};
  std::memcpy(item.data(), bytes.data() + at, 4);
  if (swapped) std::reverse(item.begin(), item.end());
  return std::bit_cast<std::uint32_t>(item);
}

// Unformatted Fortran files have the length of each record, in four bytes, before and behind it.
bool has_record_marks(const std::string& start, std::uintmax_t size, std::uintmax_t wanted) {
  if (start.size() < 4 || size <= wanted) return false;
  for (const bool swapped : {false, true}) {
    const std::uintmax_t length = number_at(start, 0, swapped);
    if (length > 0 && wanted % length == 0 && size == wanted + 8 * (wanted / length)) return true;
  }
  return false;
}

// Why a file has another size than its grid's model; "" where nothing is known.
std::string size_mistake(const std::filesystem::path& path, std::uintmax_t size,
                         std::uintmax_t wanted, const ModelGeometry& g, bool single) {
  std::string start(256, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(in.gcount()));
  if (const std::string kind = core::kind_of_bytes(start); !kind.empty())
    return ". It is no file of numbers alone, " + kind;
  if (has_record_marks(start, size, wanted))
    return ". It has Fortran's record marks: open it with access='stream' to write it without";
  const std::uintmax_t traces = g.plane(), rows = g.rows();
  if (size == traces * (240 + 4 * rows))
    return ". It is a Seismic Unix file, with a header of 240 bytes before each trace: `sustrip` takes them "
           "off; set order: x_first";
  if (size == wanted * 2 && single) return ". Are its numbers float64? Set number: float64";
  if (size * 2 == wanted && !single) return ". Are its numbers float32? Set number: float32";
  const bool text = std::ranges::all_of(
      start, [](unsigned char c) { return (c >= 32 && c < 127) || (c >= 9 && c <= 13); });
  if (text && !start.empty())
    return ". It is a text; numbers are wanted as bytes (numpy.loadtxt(...).astype('<f4').tofile(...))";
  return "";
}

std::string read_bytes(const std::filesystem::path& path, std::uintmax_t wanted,
                       const std::string& meaning, const ModelGeometry& g, bool single) {
  static_assert(std::endian::native == std::endian::little, "raw files are little endian");
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  if (error || !in)
    throw core::UserError(core::format("{}: cannot be read (seismic.model.file)", path.string()));
  if (size != wanted)
    throw core::UserError(core::format("{}: has {} bytes, but the grid wants {} = {}{}",
                                       path.string(), size, wanted, meaning,
                                       size_mistake(path, size, wanted, g, single)));
  std::string bytes(size, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!in) throw core::UserError(core::format("{}: reading failed", path.string()));
  return bytes;
}

std::vector<double> read_raw(const std::filesystem::path& path, const ModelFileParams& params,
                             const Unit& unit, const ModelGeometry& g) {
  const bool single = params.number == "float32", swapped = params.byte_order == "big";
  const auto plane = static_cast<std::size_t>(g.plane()), rows = static_cast<std::size_t>(g.rows());
  const std::string meaning =
      core::format("{} numbers {} of {}", text_of(file_shape(g)), axes(g), params.number);
  const std::string bytes = read_bytes(path, plane * rows * (single ? 4 : 8), meaning, g, single);
  require_byte_order(path, bytes, single, swapped);
  const auto values = in_si(converted(bytes, single, swapped), unit);
  if (params.order == "depth_first") return flipped(values, g);
  std::vector<double> out(values.size());  // [x, (y,) depth]
  const std::size_t nx = g.cells[0], ny = plane / nx;
  for (std::size_t i = 0, n = 0; i < nx; ++i)
    for (std::size_t j = 0; j < ny; ++j)
      for (std::size_t depth = 0; depth < rows; ++depth, ++n)
        out[(rows - 1 - depth) * plane + j * nx + i] = values[n];
  return out;
}

// No rock is as light as 20 kg/m3; taken as it is, it would only scale all amplitudes.
void require_density_unit(const EarthModel& model, const std::string& path) {
  if (model.density_kg_m3.empty() || std::ranges::min(model.p_speed_m_s) < 1000) return;
  const double most = std::ranges::max(model.density_kg_m3);
  if (most >= 20 || !(most > 0)) return;
  throw core::UserError(
      core::format("{}: its densities reach {:.4g} kg/m3 at most, which looks like g/cm3: set "
                   "seismic.model.file.density_unit: g/cm3",
                   path, most));
}

}  // namespace

EarthModel read_earth_model(const ModelFileParams& params, const mesh::GridParams& grid,
                            const std::string& directory) {
  const ModelGeometry g(grid);
  const std::filesystem::path base(directory), path = base / params.path;
  EarthModel model;
  model.cells = g.cells;
  const Unit speed{params.speed_unit, "m/s"}, density{params.density_unit, "kg/m3"};
  const bool segy =
      params.format == "segy" || (params.format == "hdf5" && mesh::is_segy_path(path));
  if (segy || params.format == "raw") {
    const auto read = [&](const std::string& file, const Unit& unit) {
      return segy ? in_si(read_segy_model(base / file, grid), unit)
                  : read_raw(base / file, params, unit, g);
    };
    model.p_speed_m_s = read(params.path, speed);
    if (!params.s_speed.empty()) model.s_speed_m_s = read(params.s_speed, speed);
    if (!params.density.empty()) model.density_kg_m3 = read(params.density, density);
  } else {
    const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
    model.p_speed_m_s = read_dataset(file, params.p_speed, speed, g);
    if (!params.s_speed.empty()) model.s_speed_m_s = read_dataset(file, params.s_speed, speed, g);
    if (!params.density.empty())
      model.density_kg_m3 = read_dataset(file, params.density, density, g);
  }
  require_density_unit(model, path.string());
  check_earth_model(model, path.string());
  return model;
}

void put_model_array(mesh::Hdf5File& file, const std::string& name,
                     const std::vector<double>& values, const std::string& unit,
                     const mesh::GridParams& grid) {
  const ModelGeometry g(grid);
  file.put(name, flipped(values, g), file_shape(g));
  file.set_attribute(name, "unit", unit);
  file.set_attribute(name, "axes", axes(g));
}

std::vector<double> get_model_array(const mesh::Hdf5File& file, const std::string& name,
                                    const std::string& unit, const mesh::GridParams& grid) {
  return read_dataset(file, name, Unit{unit, unit}, ModelGeometry(grid));
}

void write_earth_model(const std::filesystem::path& path, const EarthModel& model,
                       const mesh::GridParams& grid) {
  mesh::write_hdf5_atomically(path, core::Comm::self(), [&](mesh::Hdf5File& file) {
    const auto put = [&](const char* name, const std::vector<double>& values, const char* unit) {
      if (!values.empty()) put_model_array(file, name, values, unit, grid);
    };
    put("p_speed_m_s", model.p_speed_m_s, "m/s");
    put("s_speed_m_s", model.s_speed_m_s, "m/s");
    put("density_kg_m3", model.density_kg_m3, "kg/m3");
    file.set_attribute("", "lower_m", grid.lower_m);
    file.set_attribute("", "upper_m", grid.upper_m);
  });
}

}  // namespace understudy::solvers::seismic
