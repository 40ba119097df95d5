// What lies across each side of each panel of a grid: nothing (a side of the domain), or a side of a panel.
// A box is one panel, whose periodic sides are joined to their opposites. A cubed sphere is six panels, the
// faces of a cube, each joined to four others. Topology knows no coordinates and no ranks.
//
// The cube, unfolded and seen from outside; x runs to the right and y upwards in every panel:
//
//             +-----+                      0 1 2 3  round the equator, eastwards
//             |  4  |                      4        round the north pole
//             |     |                      5        round the south pole
//             +-----+-----+-----+-----+
//             |  0  |  1  |  2  |  3  |    With X and Y from -1 to 1 the panels are the faces
//             |     |     |     |     |      0 ( 1,  X, Y)   1 (-X,  1, Y)
//             +-----+-----+-----+-----+      2 (-1, -X, Y)   3 ( X, -1, Y)
//             |  5  |                        4 (-Y,  X, 1)   5 ( Y,  X, -1)
//             |     |
//             +-----+
//
// The numbering is that of Ronchi, Iacono, Paolucci (1996), their panels I to VI.
#pragma once

#include <array>
#include <vector>

namespace understudy::mesh {

/// Sides of a panel, numbered 2 * axis + (0 lower, 1 upper).
enum Side { x_lower, x_upper, y_lower, y_upper, z_lower, z_upper };
inline constexpr int side_axis(int side) { return side / 2; }
inline constexpr bool is_upper(int side) { return side % 2 == 1; }
const char* side_name(int side);

/// What lies across one side of one panel.
struct Joint {
  int panel = -1;         ///< -1: nothing, a side of the domain
  Side side = x_lower;    ///< the side of that panel which touches this one
  bool reversed = false;  ///< the index along the side runs the other way there
  bool exists() const { return panel >= 0; }
  bool operator==(const Joint&) const = default;
};

class Topology {
 public:
  /// One panel; the sides of a periodic axis are joined to each other.
  static Topology box(const std::array<bool, 3>& periodic);
  /// Six panels, joined at the cube's twelve edges; nothing lies across their z sides.
  static Topology cubed_sphere();

  int panels() const { return static_cast<int>(joints_.size()); }
  /// std::out_of_range where there is no such panel or side.
  Joint across(int panel, int side) const { return joints_.at(panel).at(side); }
  /// Is every panel joined to itself along `axis`?
  bool periodic(int axis) const;

 private:
  explicit Topology(int panels) : joints_(panels) {}
  /// Sets the joint of both sides.
  void join(int panel, Side side, const Joint& other);

  std::vector<std::array<Joint, 6>> joints_;  ///< [panel][side]
};

}  // namespace understudy::mesh
