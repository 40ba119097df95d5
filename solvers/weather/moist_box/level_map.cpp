#include "solvers/weather/moist_box/level_map.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/format.hpp"
#include "solvers/weather/moist_box/formula.hpp"

namespace understudy::solvers::moist {

namespace {

constexpr double largest_growth = 2;     // of the thickness from one level to the next
constexpr double least_thickness = 0.1;  // of a level over terrain, part of that over flat ground

// Growth r of levels lowest, lowest r, ... that fill the depth: the sum rises with r.
double growth_of(double lowest_m, double depth_m, int levels) {
  double low = 1, high = largest_growth + 1;
  for (int n = 0; n < 200; ++n) {
    const double r = (low + high) / 2;
    double sum = 0, one = lowest_m;
    for (int l = 0; l < levels; ++l, one *= r) sum += one;
    (sum < depth_m ? low : high) = r;
  }
  return (low + high) / 2;
}

[[noreturn]] void refuse(const char* key, const std::string& what) {
  throw core::UserError(core::format("moist_box.{}: {}", key, what));
}

std::vector<double> growing_levels(double lowest_m, const mesh::BoxGrid& grid, int levels) {
  const int up = grid.dimension() - 1;
  const double bottom = grid.lower(up), depth = grid.upper(up) - bottom, even = depth / levels;
  if (lowest_m >= even)
    refuse("levels.lowest_m",
           core::format("{:.6g} m is not below the {:.6g} m of even levels; leave "
                        "it out, or let the lowest be thinner",
                        lowest_m, even));
  const double growth = growth_of(lowest_m, depth, levels);
  if (growth > largest_growth)
    refuse("levels.lowest_m",
           core::format("{:.6g} m is too thin: {} levels would have to grow by more than a factor "
                        "of {} each to reach {:.6g} m",
                        lowest_m, levels, largest_growth, grid.upper(up)));
  std::vector<double> faces{bottom};
  double one = lowest_m;
  for (int l = 0; l < levels; ++l, one *= growth) faces.push_back(faces.back() + one);
  faces.back() = grid.upper(up);
  return faces;
}

void check_table(const std::vector<double>& faces, const mesh::BoxGrid& grid, int levels) {
  const char* key = "levels.heights_m";
  const int up = grid.dimension() - 1;
  if (int(faces.size()) != levels + 1)
    refuse(key, core::format("has {} heights; the grid has {} levels along {}: {} are wanted, the "
                             "ground and the lid among them",
                             faces.size(), levels, up == 1 ? "y" : "z", levels + 1));
  for (int l = 0; l <= levels; ++l) {
    if (!std::isfinite(faces[l])) refuse(key, core::format("number {} is {}", l + 1, faces[l]));
    if (l > 0 && faces[l] <= faces[l - 1])
      refuse(key, core::format("{:.6g} m after {:.6g} m (number {}): heights must rise", faces[l],
                               faces[l - 1], l + 1));
  }
  const double slack = 1e-9 * (grid.upper(up) - grid.lower(up));
  if (std::abs(faces.front() - grid.lower(up)) > slack ||
      std::abs(faces.back() - grid.upper(up)) > slack)
    refuse(key,
           core::format("from {:.6g} to {:.6g} m, but the grid reaches from {:.6g} to {:.6g} m",
                        faces.front(), faces.back(), grid.lower(up), grid.upper(up)));
  for (int l = 1; l < levels; ++l) {
    const double ratio = (faces[l + 1] - faces[l]) / (faces[l] - faces[l - 1]);
    if (std::max(ratio, 1 / ratio) > largest_growth * (1 + 1e-9))
      refuse(key, core::format("the levels below and above {:.6g} m are {:.6g} and {:.6g} m thick; "
                               "neighbours may differ by a factor of {}",
                               faces[l], faces[l] - faces[l - 1], faces[l + 1] - faces[l],
                               largest_growth));
  }
}

struct Builder {
  const MoistBoxParams& params;
  const mesh::BoxGrid& grid;
  int up, ghosts, levels, nx, ny;
  std::vector<double> flat_m, decay;  // by face, ghosts included
  std::vector<double> terrain_m;      // by column, above the grid's lower end
  LevelMap map;

  Builder(const MoistBoxParams& p, const mesh::BoxGrid& g)
      : params(p),
        grid(g),
        up(g.dimension() - 1),
        ghosts(g.ghosts(up)),
        levels(g.local_cells(up)),
        nx(g.extent(0)),
        ny(up == 2 ? g.extent(1) : 1) {}

  double decay_at(double flat) const {
    const double depth = grid.upper(up) - grid.lower(up), left = grid.upper(up) - flat;
    const double scale = params.terrain.decay_m;
    if (scale == 0) return left / depth;
    // sinh(a)/sinh(b) without overflow.
    const double a = left / scale, b = depth / scale;
    return std::exp(a - b) * std::expm1(-2 * a) / std::expm1(-2 * b);
  }

  void make_faces() {
    const std::vector<double> inside = level_faces(params.levels, grid);
    const int faces = levels + 2 * ghosts + 1;
    flat_m.resize(faces);
    decay.resize(faces);
    for (int n = 0; n < faces; ++n) {
      const int l = n - ghosts;
      const int mirrored = l < 0 ? -l : l > levels ? 2 * levels - l : l;
      const double z = inside[mirrored], b = decay_at(z);
      flat_m[n] = l < 0 ? 2 * inside[0] - z : l > levels ? 2 * inside[levels] - z : z;
      decay[n] = l < 0 ? 2 - b : l > levels ? -b : b;
    }
    decay[ghosts] = 1;
    decay[ghosts + levels] = 0;
  }

  // Index of a column's own place inside the box along a horizontal axis.
  int inside(int axis, int index) const {
    const int cells = grid.global_cells(axis);
    const int n = grid.offset(axis) + index - grid.ghosts(axis);
    if (params.sides[axis] == "periodic") return (n % cells + cells) % cells;
    return n < 0 ? -1 - n : n >= cells ? 2 * cells - 1 - n : n;
  }
  double place(int axis, int index) const {
    return grid.lower(axis) + grid.spacing(axis) * (inside(axis, index) + 0.5);
  }

  std::string make_terrain() {
    terrain_m.assign(std::size_t(nx) * ny, 0);
    if (params.terrain.height_m.empty()) return "";
    const core::Expression formula =
        formula_of("moist_box.terrain.height_m", params.terrain.height_m);
    std::string fault;
    const double depth = grid.upper(up) - grid.lower(up);
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) {
        const double x = place(0, i), y = up == 2 ? place(1, j) : 0;
        const double h = formula(x, y, 0, 0) - grid.lower(up);
        terrain_m[std::size_t(j) * nx + i] = h;
        if (!fault.empty()) continue;
        const std::string where =
            up == 2 ? core::format("({:.6g}, {:.6g}) m", x, y) : core::format("x = {:.6g} m", x);
        if (!std::isfinite(h))
          fault = core::format("moist_box.terrain.height_m: '{}' is {} at {}", formula.text(), h,
                               where);
        else if (h >= depth)
          fault = core::format(
              "moist_box.terrain.height_m: the ground is at {:.6g} m at {}; the box ends at {:.6g} m",
              h + grid.lower(up), where, grid.upper(up));
        else if (h <= -depth)
          fault = core::format(
              "moist_box.terrain.height_m: the ground is at {:.6g} m at {}, farther below the box's "
              "lower end of {:.6g} m than the box is high",
              h + grid.lower(up), where, grid.lower(up));
      }
    return fault;
  }

  // The ground on both sides of a periodic joint must fit as well as that of other neighbours.
  void check_joint(int axis) const {
    double joint = 0, inner = 0;
    const std::size_t step = axis == 0 ? 1 : std::size_t(nx);
    for (int j = axis == 1 ? 1 : 0; j < ny; ++j)
      for (int i = axis == 0 ? 1 : 0; i < nx; ++i) {
        const int n = axis == 0 ? i : j;
        const std::size_t at = std::size_t(j) * nx + i;
        const double jump = std::abs(terrain_m[at] - terrain_m[at - step]);
        const bool joined = inside(axis, n) == 0;
        (joined ? joint : inner) = std::max(joined ? joint : inner, jump);
      }
    joint = grid.comm().max(joint);
    inner = grid.comm().max(inner);
    if (params.sides[axis] == "periodic" && joint > 2 * inner)
      refuse(
          "terrain.height_m",
          core::format("the ground jumps by {:.6g} m across the periodic sides along {}, but by "
                       "at most {:.6g} m between other neighbours; let it be as high at both ends",
                       joint, axis == 0 ? "x" : "y", inner));
  }

  std::size_t at(int level, int column) const {
    return up == 2 ? std::size_t(level) * nx * ny + column : std::size_t(level) * nx + column;
  }

  std::string make_heights() {
    const double spacing = grid.spacing(up);
    const int columns = nx * ny, all = levels + 2 * ghosts;
    std::string fault;
    map.height_m.resize(std::size_t(columns) * all);
    map.thickness.resize(map.height_m.size());
    double least = grid.upper(up) - grid.lower(up);
    for (int l = 0; l < all; ++l)
      for (int c = 0; c < columns; ++c) {
        const double h = terrain_m[c];
        const double below = flat_m[l] + h * decay[l], above = flat_m[l + 1] + h * decay[l + 1];
        map.height_m[at(l, c)] = (below + above) / 2;
        map.thickness[at(l, c)] = (above - below) / spacing;
        least = std::min(least, above - below);
        const double flat = flat_m[l + 1] - flat_m[l];
        if (fault.empty() && above - below < least_thickness * flat)
          fault = core::format(
              "moist_box.terrain: levels {} over the ground of {:.6g} m: number {}, {:.6g} m thick over "
              "flat ground, would be {:.6g} m thick; {}",
              above <= below ? "cross" : "nearly cross", h + grid.lower(up),
              std::clamp(l - ghosts + 1, 1, levels), flat, above - below,
              params.terrain.decay_m > 0 ? "a larger decay_m (or 0, linear) leaves more room"
                                         : "lower terrain or a higher lid leaves more room");
      }
    map.least_spacing_m = grid.comm().min(least);
    return fault;
  }

  void make_tilts() {
    double bound = 0;
    const int all = levels + 2 * ghosts;
    for (int axis = 0; axis < up; ++axis) {
      std::vector<double>& tilt = axis == 0 ? map.tilt_x : map.tilt_y;
      const int step = axis == 0 ? 1 : nx;
      tilt.assign(map.height_m.size(), 0);
      double steepest = 0;
      for (int l = 0; l < all; ++l)
        for (int c = step; c < nx * ny; ++c) {
          const std::size_t here = at(l, c), beside = at(l, c - step);
          const double slope = (map.height_m[here] - map.height_m[beside]) / grid.spacing(axis);
          tilt[here] = 2 * slope / (map.thickness[here] + map.thickness[beside]);
          const bool real = axis == 1 || c % nx > 0;  // the first of a row has none beside it
          if (real) steepest = std::max(steepest, std::abs(tilt[here]));
          if (!real) tilt[here] = 0;
        }
      steepest = grid.comm().max(steepest);
      const double across = 1 / grid.spacing(axis), along = steepest / (2 * grid.spacing(up));
      bound += across * across + along * along;
    }
    map.sound_inverse_square = bound;
  }
};

}  // namespace

bool needs_level_map(const MoistBoxParams& params) {
  return !params.terrain.height_m.empty() || params.levels.lowest_m > 0 ||
         !params.levels.heights_m.empty();
}

std::vector<double> level_faces(const MoistBoxLevelParams& params, const mesh::BoxGrid& grid) {
  const int up = grid.dimension() - 1, levels = grid.global_cells(up);
  if (!params.heights_m.empty()) {
    check_table(params.heights_m, grid, levels);
    return params.heights_m;
  }
  if (params.lowest_m > 0) return growing_levels(params.lowest_m, grid, levels);
  std::vector<double> faces(levels + 1);
  for (int l = 0; l <= levels; ++l) faces[l] = grid.lower(up) + grid.spacing(up) * l;
  faces.back() = grid.upper(up);
  return faces;
}

LevelMap make_level_map(const MoistBoxParams& params, const mesh::BoxGrid& grid) {
  Builder builder(params, grid);
  builder.make_faces();
  grid.comm().throw_on_all_ranks<core::UserError>(builder.make_terrain());
  for (int axis = 0; axis < builder.up; ++axis) builder.check_joint(axis);
  grid.comm().throw_on_all_ranks<core::UserError>(builder.make_heights());
  builder.make_tilts();
  return std::move(builder.map);
}

void measure_cells(const MoistBoxParams& params, mesh::MappedBoxGrid& grid) {
  const std::vector<double> thickness = make_level_map(params, grid).thickness;
  const mesh::Array3<double> measure("cell measure", grid.extent(2), grid.extent(1),
                                     grid.extent(0));
  const auto host = Kokkos::create_mirror_view(measure);
  std::ranges::transform(thickness, host.data(),
                         [&](double value) { return value * grid.cell_volume(); });
  Kokkos::deep_copy(measure, host);
  grid.measure_cells(measure);
}

}  // namespace understudy::solvers::moist
