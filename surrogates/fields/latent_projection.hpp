// The projection on modes that are not orthonormal in the run's own weights (private to surrogates/): trained in others
// (other terrain), and rounded.
#pragma once

#include <vector>

#include "core/comm.hpp"
#include "surrogates/fields/latent_kernels.hpp"

namespace understudy::surrogates {

/// Inverse of Phi W Phi^T over all channels and ranks, [mode, mode], of modes in units of the channels' `stds`.
/// Collective.
std::vector<double> inverse_of_gram(const std::vector<BlockModes>& channels,
                                    const std::vector<double>& stds, const ProjectionWeight& weight,
                                    const core::Comm& comm);

}  // namespace understudy::surrogates
