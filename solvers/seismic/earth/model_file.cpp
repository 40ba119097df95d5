#include "solvers/seismic/earth/model_file.hpp"

#include <bit>
#include <cstring>
#include <fstream>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "solvers/seismic/earth/model_geometry.hpp"

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

std::vector<double> read_dataset(const mesh::Hdf5File& file, const std::string& name,
                                 const ModelGeometry& g) {
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
  return flipped(file.get<double>(name), g);
}

template <class Number>
std::vector<double> converted(const std::string& bytes) {
  std::vector<Number> numbers(bytes.size() / sizeof(Number));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(Number));
  return {numbers.begin(), numbers.end()};
}

std::string read_bytes(const std::filesystem::path& path, std::uintmax_t wanted,
                       const std::string& meaning) {
  static_assert(std::endian::native == std::endian::little, "raw files are little endian");
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  if (error || !in)
    throw core::UserError(core::format("{}: cannot be read (seismic.model.file)", path.string()));
  if (size != wanted)
    throw core::UserError(core::format("{}: has {} bytes, but the grid wants {} = {}",
                                       path.string(), size, wanted, meaning));
  std::string bytes(size, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!in) throw core::UserError(core::format("{}: reading failed", path.string()));
  return bytes;
}

std::vector<double> read_raw(const std::filesystem::path& path, const ModelFileParams& params,
                             const ModelGeometry& g) {
  const bool single = params.number == "float32";
  const auto plane = static_cast<std::size_t>(g.plane()), rows = static_cast<std::size_t>(g.rows());
  const std::string meaning =
      core::format("{} numbers {} of {}", text_of(file_shape(g)), axes(g), params.number);
  const std::string bytes = read_bytes(path, plane * rows * (single ? 4 : 8), meaning);
  const auto values = single ? converted<float>(bytes) : converted<double>(bytes);
  if (params.order == "depth_first") return flipped(values, g);
  std::vector<double> out(values.size());  // [x, (y,) depth]
  const std::size_t nx = g.cells[0], ny = plane / nx;
  for (std::size_t i = 0, n = 0; i < nx; ++i)
    for (std::size_t j = 0; j < ny; ++j)
      for (std::size_t depth = 0; depth < rows; ++depth, ++n)
        out[(rows - 1 - depth) * plane + j * nx + i] = values[n];
  return out;
}

}  // namespace

EarthModel read_earth_model(const ModelFileParams& params, const mesh::GridParams& grid,
                            const std::string& directory) {
  const ModelGeometry g(grid);
  const std::filesystem::path base(directory), path = base / params.path;
  EarthModel model;
  model.cells = g.cells;
  if (params.format == "raw") {
    model.p_speed_m_s = read_raw(path, params, g);
    if (!params.s_speed.empty()) model.s_speed_m_s = read_raw(base / params.s_speed, params, g);
    if (!params.density.empty()) model.density_kg_m3 = read_raw(base / params.density, params, g);
  } else {
    const mesh::Hdf5File file(path, mesh::H5Mode::read, core::Comm::self());
    model.p_speed_m_s = read_dataset(file, params.p_speed, g);
    if (!params.s_speed.empty()) model.s_speed_m_s = read_dataset(file, params.s_speed, g);
    if (!params.density.empty()) model.density_kg_m3 = read_dataset(file, params.density, g);
  }
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
                                    const mesh::GridParams& grid) {
  return read_dataset(file, name, ModelGeometry(grid));
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
