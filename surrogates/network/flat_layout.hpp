// Where every value of a state lies in one flat vector: for models that see the state as such a vector
// (proper orthogonal decomposition), closing faces included, so that a linear combination of
// divergence-free states is one, up to the last face.
#pragma once

#include <array>
#include <vector>

#include "mesh/field.hpp"
#include "surrogates/network/side_kind.hpp"

namespace understudy::surrogates {

/// One channel: [k, j, i] over its points, x fastest.
struct ChannelPoints {
  mesh::Location location = mesh::Location::cell;
  std::array<long long, 3> points{1, 1, 1};  ///< along x, y, z; cells and the closing face, if any
  long long offset = 0;                      ///< of the channel's first point in the vector
  long long count() const { return points[0] * points[1] * points[2]; }
};

struct FlatLayout {
  std::vector<ChannelPoints> channels;
  long long count = 0;  ///< points of all channels together

  FlatLayout() = default;
  /// `cells`: 1 to 3 entries; a field has a closing face along an axis along which it is staggered and
  /// which is not periodic.
  FlatLayout(const std::vector<long long>& cells, const SideKinds& boundaries,
             const std::vector<mesh::Location>& locations);
};

}  // namespace understudy::surrogates
