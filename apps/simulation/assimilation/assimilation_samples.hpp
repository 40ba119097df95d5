// The samples of an assimilation: read from a CSV, drawn from a dataset that `generate` wrote, or points for those
// that are computed.
//
//   CSV      a table (core/table.hpp) whose header names x, y, (z,) t and the fields; further columns do not
//            matter; units in the header ("t [ms]") are converted. Without a unit: m, s and the fields' own
//   dataset  values at their own places (faces or cells) and frames, of random cells of the first sample, in the units
//            that it says; time counts from its first frame
//
// Held out: further samples of the same source, of every field that they have, to compare with and not to fit.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "apps/simulation/simulation_job.hpp"
#include "solvers/assimilation/observations.hpp"

namespace understudy::apps {

/// What samples are wanted of.
struct SampleWish {
  std::vector<mesh::FieldInfo> fields;
  std::vector<mesh::FieldInfo> compared;  ///< of what is held out, where the samples have them
  std::shared_ptr<const mesh::BoxGrid> grid;
  double end_s = 0;
};

struct DrawnSamples {
  solvers::assimilation::Observations fitted, held_out;
};

/// Those that assimilation.samples names; the same on every rank. UserError naming file, line and column, or the
/// key. Collective.
template <class Real>
DrawnSamples read_samples(const SimulationJob& job, const SampleWish& wish,
                          const mesh::State<Real>& state);

/// Points in the box and the time span, outside bodies, at random: assimilation.twin.points of every field and
/// assimilation.held_out others, values 0. Collective.
template <class Real>
DrawnSamples random_samples(const SimulationJob& job, const SampleWish& wish,
                            const mesh::State<Real>& state);

/// Computed values, with noise (in units of each field's rms; assimilation.twin.noise). The same on every rank.
void set_values(const SimulationJob& job, const std::vector<double>& values, double noise,
                solvers::assimilation::Observations& observations);

/// x, y, (z,) t and one column a field, with units, as read_samples() reads them; of random_samples(). Rank 0 only.
void write_samples(const std::filesystem::path& path, const SampleWish& wish,
                   const solvers::assimilation::Observations& observations);

}  // namespace understudy::apps
