#include "apps/fields/rollout.hpp"

#include <cmath>
#include <limits>

#include "apps/fields/recorded.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "core/runtime.hpp"
#include "core/timers.hpp"
#include "mesh/loops.hpp"

namespace understudy::apps {

namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
constexpr double vrmse_floor = 1e-7;

double mean_of_cells(const mesh::Grid& grid, double mine) {
  return grid.comm().sum(mine) / static_cast<double>(grid.global_cell_count());
}

}  // namespace

ChannelSquares squares_of(const mesh::Grid& grid, const mesh::Array3<float>& data) {
  const auto v = data;
  const double mean = mean_of_cells(
      grid, mesh::sum_cells(
                "mean of the data", grid.interior(),
                KOKKOS_LAMBDA(int k, int j, int i) { return static_cast<double>(v(k, j, i)); }));
  // About the mean, in a pass of its own: a pressure varies by little of itself.
  const double spread = mean_of_cells(
      grid, mesh::sum_cells(
                "spread of the data", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
                  const double d = static_cast<double>(v(k, j, i)) - mean;
                  return d * d;
                }));
  return {spread + mean * mean, spread};
}

double mean_square_difference(const mesh::Grid& grid, const mesh::Array3<float>& a,
                              const mesh::Array3<float>& b) {
  const auto u = a, v = b;
  return mean_of_cells(
      grid, mesh::sum_cells(
                "difference to the data", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
                  const double d =
                      static_cast<double>(u(k, j, i)) - static_cast<double>(v(k, j, i));
                  return d * d;
                }));
}

double relative_l2(double miss, const ChannelSquares& data) {
  return data.size > 0 ? std::sqrt(miss / data.size) : miss == 0 ? 0 : no_value;
}

double vrmse(double miss, const ChannelSquares& data) {
  return std::sqrt(miss / (data.spread + vrmse_floor));
}

double mean_of(const std::vector<double>& values) {
  if (values.size() < 2) return no_value;
  double sum = 0;
  for (std::size_t n = 1; n < values.size(); ++n) sum += values[n];
  return sum / static_cast<double>(values.size() - 1);
}

surrogates::Climatology<float> mean_of_training(const surrogates::DatasetReader& data,
                                                const mesh::State<float>& like) {
  return {data, like, {.window_s = data.info().window_s, .by_lead_time = false}};
}

namespace {

using State = mesh::State<float>;

// The errors of one window's end, of all channels.
class Record {
 public:
  explicit Record(const State& start) : start_(start.clone()) {
    for (const auto& field : start.fields())
      for (int c = 0; field.info.role == mesh::Role::prognostic && c < field.info.components; ++c)
        channels.push_back({component_name(field.info, c), field.info.unit});
  }

  /// `prediction` null: it has failed. Is the prediction finite?
  bool add(const State& data, const State* prediction, const State& mean) {
    const mesh::Grid& grid = data.grid();
    bool finite = true;
    std::size_t n = 0;
    for (const auto& field : data.fields())
      for (int c = 0; field.info.role == mesh::Role::prognostic && c < field.info.components; ++c) {
        const auto truth = field.component(c);
        const ChannelSquares squares = squares_of(grid, truth);
        const auto append = [&](Errors& to, const State* other) {
          double miss = no_value;
          if (other)
            miss = mean_square_difference(grid, (*other)[field.info.name].component(c), truth);
          to.rel_l2.push_back(relative_l2(miss, squares));
          to.vrmse.push_back(vrmse(miss, squares));
          return std::isfinite(miss);
        };
        ChannelErrors& channel = channels[n++];
        finite = append(channel.prediction, prediction) && finite;
        append(channel.persistence, &start_);
        append(channel.mean_field, &mean);
      }
    return finite;
  }

  std::vector<ChannelErrors> channels;

 private:
  State start_;
};

}  // namespace

void require_no_correction(const surrogates::ModelCard& card, const std::string& folder) {
  if (!surrogates::corrects(card.network)) return;
  throw core::UserError(core::format(
      "fields.model: {} has a network of kind {}, which adds to what a solver made, and there is "
      "none; a model of any other kind is valid: `understudy train` makes one",
      folder, card.network.kind));
}

std::shared_ptr<surrogates::SurrogateStepper<float>> make_network(const RolloutSetup& setup,
                                                                  int sample) {
  const surrogates::DatasetInfo& info = setup.data.info();
  return std::make_shared<surrogates::SurrogateStepper<float>>(
      std::make_shared<Recorded>(setup.data, setup.grid, sample), setup.model,
      surrogates::RunDescription{
          info.fields, info.grid, info.boundaries, info.window_s,
          setup.data.samples().at(static_cast<std::size_t>(sample)).parameters});
}

TrajectoryErrors roll_out(const RolloutSetup& setup, int sample,
                          surrogates::Climatology<float>& mean, const RolloutObserver& observe) {
  const surrogates::DatasetInfo& info = setup.data.info();
  Recorded truth(setup.data, setup.grid, sample);
  const auto network = make_network(setup, sample);
  State data(setup.grid, info.fields);
  truth.read(setup.first_frame, data);
  State prediction = data.clone();
  network->warm_up(prediction);
  Record record(data);
  TrajectoryErrors result{.sample = setup.data.samples().at(static_cast<std::size_t>(sample)).name};
  bool alive = record.add(data, &prediction, mean.at(0));
  if (observe) observe(0, data, prediction);
  for (long long window = 1; window <= setup.windows; ++window) {
    if (const int signal = core::stop_signal(setup.grid->comm()))
      throw core::Interrupted("stopped in the comparison; nothing of it is kept", signal);
    if (alive) {
      const core::Stopwatch watch;
      network->advance(prediction, info.window_s);
      Kokkos::fence("rolled out");
      result.wall_s += setup.grid->comm().max(watch.seconds());
    }
    truth.read(setup.first_frame + window, data);
    alive = record.add(data, alive ? &prediction : nullptr, mean.at(window)) && alive;
    if (alive) result.finite_windows = window;
    if (observe) observe(window, data, prediction);
  }
  if (!alive)
    core::log::warn("{}: the prediction is not finite after {} of {} windows", result.sample,
                    result.finite_windows, setup.windows);
  result.channels = std::move(record.channels);
  return result;
}

namespace {

void add_to(std::vector<double>& sum, const std::vector<double>& values, double weight) {
  sum.resize(values.size(), 0);
  for (std::size_t n = 0; n < values.size(); ++n) sum[n] += weight * values[n];
}

void add_to(Errors& sum, const Errors& errors, double weight) {
  add_to(sum.rel_l2, errors.rel_l2, weight);
  add_to(sum.vrmse, errors.vrmse, weight);
}

}  // namespace

std::vector<ChannelErrors> mean_over(const std::vector<TrajectoryErrors>& trajectories) {
  std::vector<ChannelErrors> mean;
  if (trajectories.empty()) return mean;
  for (const auto& channel : trajectories.front().channels)
    mean.push_back({channel.name, channel.unit});
  const double weight = 1 / static_cast<double>(trajectories.size());
  for (const auto& one : trajectories)
    for (std::size_t c = 0; c < mean.size(); ++c) {
      add_to(mean[c].prediction, one.channels.at(c).prediction, weight);
      add_to(mean[c].persistence, one.channels.at(c).persistence, weight);
      add_to(mean[c].mean_field, one.channels.at(c).mean_field, weight);
    }
  return mean;
}

}  // namespace understudy::apps
