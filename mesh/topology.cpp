#include "mesh/topology.hpp"

namespace understudy::mesh {

namespace {

struct Edge {
  int panel;
  Side side;
  Joint other;
};

// The twelve edges of the cube, each once.
constexpr std::array cube_edges{
    // round the equator
    Edge{0, x_upper, {1, x_lower, false}}, Edge{1, x_upper, {2, x_lower, false}},
    Edge{2, x_upper, {3, x_lower, false}}, Edge{3, x_upper, {0, x_lower, false}},
    // round the north pole
    Edge{0, y_upper, {4, y_lower, false}}, Edge{1, y_upper, {4, x_upper, false}},
    Edge{2, y_upper, {4, y_upper, true}}, Edge{3, y_upper, {4, x_lower, true}},
    // round the south pole
    Edge{0, y_lower, {5, y_upper, false}}, Edge{1, y_lower, {5, x_upper, true}},
    Edge{2, y_lower, {5, y_lower, true}}, Edge{3, y_lower, {5, x_lower, false}}};

}  // namespace

const char* side_name(int side) {
  static constexpr std::array names{"x_lower", "x_upper", "y_lower",
                                    "y_upper", "z_lower", "z_upper"};
  return names.at(side);
}

void Topology::join(int panel, Side side, const Joint& other) {
  joints_.at(panel).at(side) = other;
  joints_.at(other.panel).at(other.side) = {panel, side, other.reversed};
}

Topology Topology::box(const std::array<bool, 3>& periodic) {
  Topology box(1);
  for (int axis = 0; axis < 3; ++axis)
    if (periodic[axis])
      box.join(0, static_cast<Side>(2 * axis), {0, static_cast<Side>(2 * axis + 1), false});
  return box;
}

Topology Topology::cubed_sphere() {
  Topology cube(6);
  for (const Edge& edge : cube_edges) cube.join(edge.panel, edge.side, edge.other);
  return cube;
}

bool Topology::periodic(int axis) const {
  for (int panel = 0; panel < panels(); ++panel)
    if (across(panel, 2 * axis) != Joint{panel, static_cast<Side>(2 * axis + 1), false})
      return false;
  return true;
}

}  // namespace understudy::mesh
