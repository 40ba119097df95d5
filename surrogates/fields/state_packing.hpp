// Between a State and a network's channels, one pass over memory each way (private to surrogates/).
// The buffers are [channel, k, j, i] over the cells of one block, contiguous, in the solver's
// memory space, and reach torch without a copy.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesh/field.hpp"
#include "mesh/halo.hpp"
#include "surrogates/fields/model.hpp"

namespace understudy::surrogates {

using Channels = mesh::Array4<float>;
using HostChannels = Kokkos::View<float****, Kokkos::LayoutRight, Kokkos::HostSpace>;

/// One channel of a block: where it is, and what it stands for.
struct ChannelOf {
  const Channels& channels;
  int index;
  const FieldCard& card;
  const mesh::Grid& grid;
};

/// Writes (value - mean) / std of the component into the channel; 0 into a constant one.
template <class Real>
void pack_channel(const mesh::Array3<Real>& field, const ChannelOf& to);

/// A channel that is the normalised state after the window becomes the increment from the component in
/// units of increment_std. For networks that predict states; add_channel then sets them.
template <class Real>
void state_to_increment(const ChannelOf& channel, const mesh::Array3<Real>& field);

/// Adds increment_std times the channel to the component; a constant one is set to its mean.
template <class Real>
void add_channel(const ChannelOf& from, const mesh::Array3<Real>& field);

/// The closing face at an open upper side takes its lower neighbour's increment. Call after
/// add_channel.
template <class Real>
void add_closing_faces(const ChannelOf& from, const SideKinds& boundaries, mesh::Location location,
                       const mesh::Array3<Real>& field);

/// The sum of a component over all ranks' cells, each by its measure. Collective.
template <class Real>
double integral(const mesh::Grid& grid, const mesh::Array3<Real>& field);

/// Adds one number to every cell, such that the integral is `wanted`. Collective.
template <class Real>
void set_integral(const mesh::Grid& grid, const mesh::Array3<Real>& field, double wanted);

/// Ghosts beyond non-periodic sides take the nearest value of the block (closing face included).
template <class Real>
void replicate_ghosts(const mesh::Grid& grid, mesh::Location location,
                      const mesh::Array3<Real>& field);

}  // namespace understudy::surrogates
