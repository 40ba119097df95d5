#include "solvers/seismic/earth/earth_model.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/seismic/earth/model_families.hpp"
#include "solvers/seismic/earth/model_file.hpp"
#include "solvers/seismic/earth/model_geometry.hpp"

namespace understudy::solvers::seismic {
namespace {

// Calls f(x, y, depth, index) for every cell centre.
template <class F>
void for_centres(const ModelGeometry& g, const F& f) {
  std::size_t n = 0;
  for (int row = 0; row < g.rows(); ++row)
    for (int column = 0; column < g.plane(); ++column, ++n)
      f(g.x(column % g.cells[0]), g.y(column / g.cells[0]), g.depth(row), n);
}

void fill_layers(EarthModel& model, const EarthModelParams& params, const ModelGeometry& g) {
  const double bottom = g.depth_of_box();
  for (std::size_t n = 0; n < params.layers.size(); ++n)
    if (params.layers[n].top_depth_m >= bottom)
      throw core::UserError(core::format(
          "seismic.model.layers: layer {} begins at {} m, but the grid ends at a depth of "
          "{} m",
          n + 1, params.layers[n].top_depth_m, bottom));
  const auto own_s = [](const LayerParams& l) { return l.s_speed_m_s >= 0; };
  const auto own_density = [](const LayerParams& l) { return l.density_kg_m3 > 0; };
  const bool s = std::ranges::any_of(params.layers, own_s);
  const bool density = std::ranges::any_of(params.layers, own_density);
  if (s && params.s_speed == "none" && !std::ranges::all_of(params.layers, own_s))
    throw core::UserError(
        "seismic.model.layers: some layers have s_speed_m_s and some have none; give it to all, or "
        "set seismic.model.s_speed: ratio");
  if (density && params.density == "none" && !std::ranges::all_of(params.layers, own_density))
    throw core::UserError(
        "seismic.model.layers: some layers have density_kg_m3 and some have none; give it to all, or "
        "set seismic.model.density to constant or gardner");
  if (s) model.s_speed_m_s.assign(model.count(), 0);
  if (density) model.density_kg_m3.assign(model.count(), 0);
  for_centres(g, [&](double, double, double depth, std::size_t n) {
    std::size_t layer = 0;
    while (layer + 1 < params.layers.size() && params.layers[layer + 1].top_depth_m <= depth)
      ++layer;
    const LayerParams& l = params.layers[layer];
    model.p_speed_m_s[n] = l.p_speed_m_s;
    if (s) model.s_speed_m_s[n] = own_s(l) ? l.s_speed_m_s : l.p_speed_m_s / params.p_to_s_ratio;
    if (density)
      model.density_kg_m3[n] = own_density(l)                 ? l.density_kg_m3
                               : params.density == "constant" ? params.density_kg_m3
                                                              : gardner_density(l.p_speed_m_s);
  });
}

void fill_camembert(EarthModel& model, const EarthModelParams& params, const ModelGeometry& g) {
  const AnomalyParams& a = params.anomaly;
  const bool inside = a.x_m >= g.lower_m[0] && a.x_m <= g.upper_m[0] &&
                      (g.dimension == 2 || (a.y_m >= g.lower_m[1] && a.y_m <= g.upper_m[1])) &&
                      a.depth_m <= g.depth_of_box();
  if (!inside)
    throw core::UserError(core::format(
        "seismic.model.anomaly: its centre (x_m {}{}, depth_m {}) lies outside the grid (x {} to {} "
        "m{}, depth 0 to {} m)",
        a.x_m, g.dimension == 3 ? core::format(", y_m {}", a.y_m) : "", a.depth_m, g.lower_m[0],
        g.upper_m[0],
        g.dimension == 3 ? core::format(", y {} to {} m", g.lower_m[1], g.upper_m[1]) : "",
        g.depth_of_box()));
  for_centres(g, [&](double x, double y, double depth, std::size_t n) {
    const double dy = g.dimension == 3 ? y - a.y_m : 0;
    const double r = std::hypot(x - a.x_m, dy, depth - a.depth_m);
    double share = 0;
    if (a.shape == "gaussian")
      share = std::exp(-0.5 * r * r / (a.radius_m * a.radius_m));
    else if (a.edge_m > 0)
      share = 0.5 * (1 - std::tanh(2 * (r - a.radius_m) / a.edge_m));
    else
      share = r <= a.radius_m ? 1 : 0;
    model.p_speed_m_s[n] = params.p_speed_m_s * (1 + a.contrast * share);
  });
}

void fill_p_speed(EarthModel& model, const EarthModelParams& params, const ModelGeometry& g) {
  if (params.kind == "gradient")
    for_centres(g, [&](double, double, double depth, std::size_t n) {
      model.p_speed_m_s[n] = params.p_speed_m_s + params.gradient_1_s * depth;
    });
  else if (params.kind == "layered")
    fill_layers(model, params, g);
  else if (params.kind == "camembert")
    fill_camembert(model, params, g);
  else
    std::ranges::fill(model.p_speed_m_s, params.p_speed_m_s);
}

// What was not given follows from the P speed.
void complete(EarthModel& model, const EarthModelParams& params) {
  if (model.s_speed_m_s.empty() && params.s_speed == "ratio")
    for (const double p : model.p_speed_m_s) model.s_speed_m_s.push_back(p / params.p_to_s_ratio);
  if (!model.density_kg_m3.empty() || params.density == "none") return;
  for (const double p : model.p_speed_m_s)
    model.density_kg_m3.push_back(params.density == "gardner" ? gardner_density(p)
                                                              : params.density_kg_m3);
}

// One axis of the smoothing: lines of `length` values, `stride` apart, mirrored at their ends.
struct Line {
  std::size_t start, stride;
  int length;
};

void smooth_line(std::vector<double>& values, const Line& line, const std::vector<double>& weights,
                 std::vector<double>& copy) {
  copy.resize(line.length);
  for (int n = 0; n < line.length; ++n) copy[n] = values[line.start + n * line.stride];
  const int reach = static_cast<int>(weights.size()) - 1, period = 2 * line.length;
  const auto mirrored = [&](int n) {
    n = ((n % period) + period) % period;
    return copy[n < line.length ? n : period - 1 - n];
  };
  for (int n = 0; n < line.length; ++n) {
    double sum = weights[0] * copy[n];
    for (int m = 1; m <= reach; ++m) sum += weights[m] * (mirrored(n - m) + mirrored(n + m));
    values[line.start + n * line.stride] = sum;
  }
}

std::vector<double> gaussian_weights(double deviation_cells) {
  std::vector<double> weights;
  double sum = 0;
  for (int n = 0; n <= std::ceil(4 * deviation_cells); ++n) {
    weights.push_back(std::exp(-0.5 * n * n / (deviation_cells * deviation_cells)));
    sum += (n == 0 ? 1 : 2) * weights.back();
  }
  for (double& w : weights) w /= sum;
  return weights;
}

}  // namespace

std::size_t EarthModel::count() const {
  return static_cast<std::size_t>(cells[0]) * cells[1] * cells[2];
}

double EarthModel::largest_speed() const { return std::ranges::max(p_speed_m_s); }

double EarthModel::smallest_speed() const {
  double smallest = std::ranges::max(p_speed_m_s);
  for (std::size_t n = 0; n < p_speed_m_s.size(); ++n) {
    const bool solid = elastic() && s_speed_m_s[n] > 0;
    smallest = std::min(smallest, solid ? s_speed_m_s[n] : p_speed_m_s[n]);
  }
  return smallest;
}

double gardner_density(double p_speed_m_s) { return 310 * std::pow(p_speed_m_s, 0.25); }

void smooth_earth_model(EarthModel& model, const mesh::GridParams& grid, double smooth_m,
                        double keep_above_depth_m) {
  if (smooth_m <= 0) return;
  const ModelGeometry g(grid);
  int rows = g.rows();  // the deepest ones, which are smoothed
  while (rows > 0 && g.depth(rows - 1) < keep_above_depth_m) --rows;
  if (rows == 0) return;
  std::array<int, 3> lengths = g.cells;
  lengths[g.vertical()] = rows;
  const std::array<std::size_t, 3> strides{1, static_cast<std::size_t>(g.cells[0]),
                                           static_cast<std::size_t>(g.cells[0]) * g.cells[1]};
  std::vector<double> copy;
  for (auto* values : {&model.p_speed_m_s, &model.s_speed_m_s, &model.density_kg_m3}) {
    if (values->empty()) continue;
    for (int axis = 0; axis < g.dimension; ++axis) {
      const auto weights = gaussian_weights(smooth_m / g.spacing_m[axis]);
      const int a = (axis + 1) % 3, b = (axis + 2) % 3;
      for (int m = 0; m < lengths[b]; ++m)
        for (int n = 0; n < lengths[a]; ++n)
          smooth_line(*values, {n * strides[a] + m * strides[b], strides[axis], lengths[axis]},
                      weights, copy);
    }
  }
}

void check_earth_model(const EarthModel& model, const std::string& where) {
  const std::size_t plane = model.cells[2] > 1 ? std::size_t(model.cells[0]) * model.cells[1]
                                               : std::size_t(model.cells[0]);
  const std::size_t rows = model.count() / plane;
  const auto place = [&](std::size_t n) {
    const std::size_t depth = rows - 1 - n / plane, i = n % model.cells[0];
    return model.cells[2] > 1
               ? core::format("[depth {}, y {}, x {}]", depth, n % plane / model.cells[0], i)
               : core::format("[depth {}, x {}]", depth, i);
  };
  const auto check = [&](const std::vector<double>& values, const char* what, const char* unit,
                         bool zero) {
    for (std::size_t n = 0; n < values.size(); ++n)
      if (!std::isfinite(values[n]) || values[n] < 0 || (values[n] == 0 && !zero))
        throw core::UserError(core::format("{}: the {} at {} is {} {}; it must be finite and {}",
                                           where, what, place(n), values[n], unit,
                                           zero ? "not negative" : "positive"));
  };
  check(model.p_speed_m_s, "P speed", "m/s", false);
  check(model.s_speed_m_s, "S speed", "m/s", true);
  check(model.density_kg_m3, "density", "kg/m3", false);
  for (std::size_t n = 0; n < model.s_speed_m_s.size(); ++n)
    if (model.s_speed_m_s[n] * std::numbers::sqrt2 >= model.p_speed_m_s[n])
      throw core::UserError(core::format(
          "{}: the S speed at {} is {} m/s, which must be below P speed / sqrt(2) = {} "
          "m/s",
          where, place(n), model.s_speed_m_s[n], model.p_speed_m_s[n] / std::numbers::sqrt2));
}

EarthModel make_earth_model(const EarthModelParams& params, const mesh::GridParams& grid,
                            const std::string& directory, std::uint64_t seed, std::uint64_t index) {
  const ModelGeometry g(grid);
  EarthModel model;
  model.cells = g.cells;
  if (params.kind == "file") {
    model = read_earth_model(params.file, grid, directory);
  } else if (params.kind == "flat_layers" || params.kind == "curved_layers") {
    model.p_speed_m_s =
        family_speeds(params.family, params.kind == "curved_layers", g, seed, index);
  } else {
    model.p_speed_m_s.resize(model.count());
    fill_p_speed(model, params, g);
  }
  complete(model, params);
  smooth_earth_model(model, grid, params.smooth_m, params.keep_above_depth_m);
  check_earth_model(model, "seismic.model");
  return model;
}

}  // namespace understudy::solvers::seismic
