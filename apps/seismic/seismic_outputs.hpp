// What seismic verbs write: models and gathers as VTK and PNG.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "apps/seismic/seismic_deck.hpp"
#include "mesh/io/picture.hpp"
#include "mesh/io/vtk_writer.hpp"
#include "solvers/seismic/survey/gathers.hpp"
#include "solvers/seismic/survey/survey.hpp"

namespace understudy::apps {

/// Models over the iterations of an inversion (or one model) as <out>/<name>.pvd. Rank 0 only.
class ModelSeries {
 public:
  /// `resumed_at` >= 0: an earlier call's series is gone on with after this time.
  ModelSeries(const SeismicJob& job, const std::string& name, double resumed_at = -1);
  /// `speed` [k, j, i] on the deck's grid.
  void write(double time, std::span<const double> speed_m_s);

 private:
  std::shared_ptr<const mesh::Grid> grid_;
  mesh::VtkSeries series_;
};

/// <out>/sources.vtp and <out>/receivers.vtp: points with their number (from 0, as in the deck), depth and name, in
/// the coordinates of the series. Rank 0 only.
void write_survey_points(const SeismicJob& job, const solvers::seismic::Survey& survey);
/// open_in_paraview.py of the series, those of chosen shots' waves first. Rank 0 only.
void write_survey_script(const SeismicJob& job);

/// The model (its middle plane in 3-D), depth downwards, as a slice.
mesh::Slice model_slice(const mesh::GridParams& grid, std::span<const double> speed_m_s);
/// Time downwards, receivers across, a few hundred pixels each way; clipped at the 99th percentile of the
/// magnitude.
struct GatherPicture {
  mesh::Slice slice;
  mesh::PictureStyle style;
};
GatherPicture gather_picture(const solvers::seismic::Gather& gather);

/// <out>/<name>.png, viridis between the speeds. Rank 0 only.
void write_model_picture(const SeismicJob& job, const std::string& name,
                         std::span<const double> speed_m_s, double lower_m_s, double upper_m_s);
void write_gather_picture(const SeismicJob& job, const std::string& name,
                          const solvers::seismic::Gather& gather);

}  // namespace understudy::apps
