// Where sources and receivers are. Positions are {x, y, depth} in m: x and y in the box's coordinates (y
// is 0 and ignored in 2-D), depth below the box's upper side.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "mesh/grid.hpp"
#include "solvers/seismic/numerics/wave_grid.hpp"

namespace understudy::solvers::seismic {

using Position = std::array<double, 3>;

/// `count` points evenly from `first_m` to `last_m`, both included; one point: first_m alone. In decks
/// [x, depth] in 2-D, [x, y, depth] in 3-D.
struct LineParams {
  std::vector<double> first_m, last_m;
  int count = 1;
  void describe(core::ParamVisitor& v);
};

/// What a source emits. A pressure source is an explosion; moment takes the symmetric tensor
/// [xx, zz, xz] in 2-D, [xx, yy, zz, xy, xz, yz] in 3-D (z the vertical axis, up).
struct SourceParams {
  std::string kind = "pressure";    ///< pressure, force, moment
  std::vector<double> direction{};  ///< force: along the axes, vertical last
  std::vector<double> moment{};
  void describe(core::ParamVisitor& v);
};

/// The deck's positions; all shots share the receivers.
struct SurveyParams {
  std::vector<LineParams> sources, receivers;
  SourceParams source;
};

struct Survey {
  std::vector<Position> sources, receivers;
  SourceParams source;
};

/// UserError naming the source or receiver, its position and the box where it lies outside the box or in
/// the absorbing layer, and where there is none at all.
Survey make_survey(const SurveyParams& params, const WaveGrid& grid);

/// UserError where a source lies on the free surface, where the pressure is 0 and the acoustic equation
/// would emit nothing.
void require_below_surface(const Survey& survey, const WaveGrid& grid);

}  // namespace understudy::solvers::seismic
