// What each mode of a model contributes to a state: of `conv_autoencoder` the output of each decoder, of
// `pod` and `dmd` coordinate times mode, for the leading modes. All in the fields' units, at the grid's
// cells (staggered fields: the lower face of each), of 3-D grids the middle plane normal to z.
#pragma once

#include <string>
#include <vector>

#include "mesh/io/picture.hpp"
#include "surrogates/fields/model.hpp"

namespace understudy::surrogates {

/// One channel of the network.
struct ChannelModes {
  std::string field, unit;
  mesh::Slice truth;               ///< the state itself
  mesh::Slice mean;                ///< the mean field, to which all modes are added
  std::vector<mesh::Slice> modes;  ///< contributions of the leading modes
  mesh::Slice sum;    ///< mean and all modes of the model, the leading ones and the others
  double rel_l2 = 0;  ///< of the sum, over the whole grid
};

struct ModeDecomposition {
  int modes = 0;  ///< of the model
  std::vector<ChannelModes> channels;
};

/// The first `most` modes on rank 0; no channels elsewhere, and for kinds of network that have no modes.
/// Collective.
template <class Real>
ModeDecomposition decompose(const FieldModel& model, const mesh::State<Real>& state, int most);

}  // namespace understudy::surrogates
