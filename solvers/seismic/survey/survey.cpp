#include "solvers/seismic/survey/survey.hpp"

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::solvers::seismic {

void LineParams::describe(core::ParamVisitor& v) {
  v.reals("first_m", first_m, 0, {}, "m", "[x, depth] in 2-D, [x, y, depth] in 3-D");
  v.reals("last_m", last_m, 0, {}, "m", "the other end (count 1: not needed)");
  v.integer("count", count, {.at_least = 1, .at_most = 100000}, "points, both ends included");
  v.require(!first_m.empty(), "first_m", "is required: where the point, or the first of them, is");
  v.require(count == 1 || last_m.size() == first_m.size(), "last_m",
            core::format("has {} numbers and first_m {}; {} points need both ends", last_m.size(),
                         first_m.size(), count));
}

void SourceParams::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, {"pressure", "force", "moment"}, "what the sources emit");
  v.reals("direction", direction, 0, {}, "1", "force: along x, (y,) and up");
  v.reals("moment", moment, 0, {}, "1", "moment: [xx, zz, xz] or [xx, yy, zz, xy, xz, yz]");
  v.require((kind == "force") == !direction.empty(), "direction",
            "is given with kind: force and with no other");
  v.require((kind == "moment") == !moment.empty(), "moment",
            "is given with kind: moment and with no other");
}

namespace {

void require_axes(const std::vector<double>& values, int dimension, const std::string& key) {
  if (static_cast<int>(values.size()) == dimension) return;
  throw core::UserError(core::format("{} has {} numbers; a {}-D grid needs {}", key, values.size(),
                                     dimension, dimension == 2 ? "[x, depth]" : "[x, y, depth]"));
}

void require_inside(const Position& p, const WaveGrid& grid, const std::string& what) {
  const mesh::GridParams& box = grid.box;
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const bool depth = axis == grid.vertical();
    const double lower = depth ? 0 : box.lower_m[axis];
    const double upper = depth ? box.upper_m[axis] - box.lower_m[axis] : box.upper_m[axis];
    const double value = depth ? p[2] : p[axis];
    if (value >= lower && value <= upper) continue;
    const bool beyond_upper = value > upper;
    const int side = 2 * axis + (depth ? !beyond_upper : beyond_upper);
    const mesh::BoxGrid& padded = *grid.padded;
    const double layer_m =
        grid.layer[side]
            ? (padded.upper(axis) - padded.lower(axis) - (box.upper_m[axis] - box.lower_m[axis])) /
                  (grid.layer[2 * axis] + grid.layer[2 * axis + 1])
            : 0;
    const double outside = beyond_upper ? value - upper : lower - value;
    throw core::UserError(core::format(
        "{} at {} {:.6g} m is {}: it must lie between {:.6g} m and {:.6g} m", what,
        depth ? "depth" : std::string(1, "xy"[axis]), value,
        outside <= layer_m ? "in the absorbing layer" : "outside the grid", lower, upper));
  }
}

std::vector<Position> positions(const std::vector<LineParams>& lines, const WaveGrid& grid,
                                const std::string& key, const std::string& one) {
  std::vector<Position> all;
  const int dimension = grid.dimension();
  for (std::size_t n = 0; n < lines.size(); ++n) {
    const LineParams& line = lines[n];
    require_axes(line.first_m, dimension, core::format("seismic.{}.{}.first_m", key, n));
    if (line.count > 1)
      require_axes(line.last_m, dimension, core::format("seismic.{}.{}.last_m", key, n));
    for (int m = 0; m < line.count; ++m) {
      const double part = line.count > 1 ? double(m) / (line.count - 1) : 0;
      const auto at = [&](int axis) {
        const double first = line.first_m[axis];
        return m == 0 ? first : first + part * (line.last_m[axis] - first);
      };
      const Position p{at(0), dimension == 3 ? at(1) : 0, at(dimension - 1)};
      require_inside(p, grid, core::format("{} {} (seismic.{}.{})", one, all.size(), key, n));
      all.push_back(p);
    }
  }
  if (all.empty())
    throw core::UserError(
        core::format("seismic.{0}: there is none; give at least one, e.g. {0}: [{{first_m: {1}}}]",
                     key, dimension == 2 ? "[x, depth]" : "[x, y, depth]"));
  return all;
}

}  // namespace

Survey make_survey(const SurveyParams& params, const WaveGrid& grid) {
  const std::size_t axes = grid.dimension(), terms = axes == 2 ? 3 : 6;
  if (params.source.kind == "force" && params.source.direction.size() != axes)
    throw core::UserError(core::format("seismic.source.direction has {} numbers; {} are needed",
                                       params.source.direction.size(), axes));
  if (params.source.kind == "moment" && params.source.moment.size() != terms)
    throw core::UserError(core::format("seismic.source.moment has {} numbers; {} are needed",
                                       params.source.moment.size(), terms));
  return {positions(params.sources, grid, "sources", "source"),
          positions(params.receivers, grid, "receivers", "receiver"), params.source};
}

void require_below_surface(const Survey& survey, const WaveGrid& grid) {
  for (std::size_t n = 0; n < survey.sources.size(); ++n)
    if (survey.sources[n][2] < 1e-9 * grid.padded->spacing(grid.vertical()))
      throw core::UserError(core::format(
          "source {}: a pressure source at depth 0 lies on the free surface, where the "
          "pressure is 0, and would emit nothing; place it below",
          n));
}

}  // namespace understudy::solvers::seismic
