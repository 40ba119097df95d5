// Samples of an assimilation drawn from a dataset that `generate` wrote.
#pragma once

#include <filesystem>

#include "apps/simulation/assimilation/assimilation_samples.hpp"

namespace understudy::apps {

/// assimilation.draw cells and frames of the first sample at random, and assimilation.held_out others; the same on
/// every rank. UserError naming the folder or the key. Collective.
template <class Real>
DrawnSamples samples_of_dataset(const SimulationJob& job, const SampleWish& wish,
                                const mesh::State<Real>& state, const std::filesystem::path& path);

}  // namespace understudy::apps
