#include "surrogates/network/flat_layout.hpp"

namespace understudy::surrogates {

FlatLayout::FlatLayout(const std::vector<long long>& cells, const SideKinds& boundaries,
                       const std::vector<mesh::Location>& locations) {
  for (const mesh::Location location : locations) {
    ChannelPoints channel;
    channel.location = location;
    channel.offset = count;
    for (std::size_t axis = 0; axis < cells.size(); ++axis) {
      const bool closing = mesh::staggered(location, static_cast<int>(axis)) &&
                           boundaries.at(2 * axis) != SideKind::periodic;
      channel.points[axis] = cells[axis] + (closing ? 1 : 0);
    }
    count += channel.count();
    channels.push_back(channel);
  }
}

}  // namespace understudy::surrogates
