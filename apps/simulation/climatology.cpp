#include "apps/simulation/climatology.hpp"

#include <filesystem>

#include "apps/simulation/ensemble.hpp"
#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

std::vector<mesh::FieldInfo> infos_of(const auto& state) {
  std::vector<mesh::FieldInfo> infos;
  for (const auto& field : state.fields()) infos.push_back(field.info);
  return infos;
}

}  // namespace

template <class Real>
TrainingClimatology<Real> training_climatology(const SimulationJob& job, const SimulationDeck& deck,
                                               const mesh::State<Real>& initial) {
  TrainingClimatology<Real> result;
  std::error_code code;
  try {
    if (!std::filesystem::is_directory(job.dataset(), code))
      throw core::UserError(core::format("there is no dataset in {}", job.dataset().string()));
    result.data = std::make_unique<surrogates::DatasetReader>(job.dataset());
    result.data->require(dataset_info(job, infos_of(initial)));
    result.mean = std::make_unique<surrogates::Climatology<Real>>(
        *result.data, initial,
        surrogates::ClimatologySpan{initial.time_s, deck.time.window_s, deck.compare.windows});
    result.mean->at(0);  // reads: what cannot be read is said here
  } catch (const core::UserError& error) {
    result.reason = error.what();
  }
  // Whatever one rank could not read is none for all.
  const bool all = job.comm.min(result.mean ? 1.0 : 0.0) > 0;
  if (all) return result;
  if (result.reason.empty()) result.reason = "another rank cannot read the dataset";
  result.mean.reset();
  return result;
}

template TrainingClimatology<float> training_climatology(const SimulationJob&,
                                                         const SimulationDeck&,
                                                         const mesh::State<float>&);
template TrainingClimatology<double> training_climatology(const SimulationJob&,
                                                          const SimulationDeck&,
                                                          const mesh::State<double>&);

}  // namespace understudy::apps
