// A model rolled out from a frame of trajectories that it has not seen, against the frames that follow.
//
// Errors of a channel (a field, or a component of a vector) at the end of each window, u what is predicted, v the data,
// < > the mean over all cells:
//   rel_l2   sqrt(<(u - v)^2> / <v^2>)
//   VRMSE    sqrt(<(u - v)^2> / (<(v - <v>)^2> + 1e-7))   The Well's own measure, the floor included, which stands in
//            the square of the channel's unit (Ohana et al. 2024, "The Well", NeurIPS Datasets and Benchmarks); 1 is the
//            error of predicting the mean over the cells
// The prediction never sees the data again. Beside it stand two forecasts that need no network: persistence, the first
// frame unchanged, and the mean of all frames of the training samples in each cell. NaN: no value (v is zero, or the
// prediction is not finite any more; then it is not advanced further).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "mesh/field.hpp"
#include "surrogates/fields/climatology.hpp"
#include "surrogates/fields/dataset/dataset.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"

namespace understudy::apps {

/// By window, from 0: the start.
struct Errors {
  std::vector<double> rel_l2, vrmse;
};

struct ChannelErrors {
  std::string name, unit;  ///< unit empty: the files do not say it
  Errors prediction = {}, persistence = {}, mean_field = {};
};

/// Mean over the windows from 1 on; NaN where one has no value.
double mean_of(const std::vector<double>& values);

/// Of one channel: sums over all cells of all ranks, as means. Collective.
struct ChannelSquares {
  double size = 0;    ///< <v^2>
  double spread = 0;  ///< <(v - <v>)^2>
};
ChannelSquares squares_of(const mesh::Grid& grid, const mesh::Array3<float>& data);
double mean_square_difference(const mesh::Grid& grid, const mesh::Array3<float>& a,
                              const mesh::Array3<float>& b);
/// sqrt(miss / size); NaN where the data are zero and the prediction is not.
double relative_l2(double miss, const ChannelSquares& data);
double vrmse(double miss, const ChannelSquares& data);

/// What is rolled out: `data` and `model` outlive it.
struct RolloutSetup {
  const surrogates::DatasetReader& data;
  const surrogates::FieldModel& model;
  std::shared_ptr<const mesh::Grid> grid;
  long long first_frame = 0, windows = 1;
};

/// Called at the start (window 0) and after each window. Collective.
using RolloutObserver = std::function<void(long long window, const mesh::State<float>& data,
                                           const mesh::State<float>& prediction)>;

struct TrajectoryErrors {
  std::string sample;
  std::vector<ChannelErrors> channels = {};
  long long finite_windows = 0;  ///< until the prediction was not finite; all where it always was
  double wall_s = 0;             ///< of the model's windows, the slowest rank's
};

/// The mean of all training frames, for grid and fields of that state. UserError without training samples.
surrogates::Climatology<float> mean_of_training(const surrogates::DatasetReader& data,
                                                const mesh::State<float>& like);

/// UserError where the card is of a correction, which adds to what a solver made: there is none. `folder`: the model's.
void require_no_correction(const surrogates::ModelCard& card, const std::string& folder);

/// The model for a trajectory and its parameters. UserError where it does not fit the data. Collective.
std::shared_ptr<surrogates::SurrogateStepper<float>> make_network(const RolloutSetup& setup,
                                                                  int sample);

/// UserError where the model does not fit the data. Collective.
TrajectoryErrors roll_out(const RolloutSetup& setup, int sample,
                          surrogates::Climatology<float>& mean, const RolloutObserver& observe);

/// By channel and window, the mean over the trajectories. NaN where one has no value.
std::vector<ChannelErrors> mean_over(const std::vector<TrajectoryErrors>& trajectories);

}  // namespace understudy::apps
