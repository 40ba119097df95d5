#include "apps/simulation/plan/calibration_pilot.hpp"

#include <algorithm>

#include "apps/simulation/calibration.hpp"
#include "core/timers.hpp"
#include "surrogates/swap/calibration.hpp"

namespace understudy::apps {

namespace {

struct Line {
  double at_none = 0, each = 0;
};

// Through two wall times at two counts; neither is negative.
Line line_through(double few, double few_s, double many, double many_s) {
  Line line;
  line.each = many > few ? std::clamp((many_s - few_s) / (many - few), 0.0, many_s / many)
                         : many_s / std::max(1.0, many);
  line.at_none = std::max(0.0, many_s - line.each * many);
  return line;
}

}  // namespace

template <class Real>
CalibrationRates pilot_calibration(const SimulationJob& job, const surrogates::FieldModel& model,
                                   const std::filesystem::path& data) {
  const surrogates::DatasetReader reader(data);
  const auto& use = job.deck.swap.gate.use;
  const bool several = std::ranges::find(use, "disagreement") != use.end();
  // Others trained from other seeds cost the same.
  const std::vector<surrogates::FieldModel> models(
      static_cast<std::size_t>(several ? job.deck.training.members : 1), model);
  auto setup = calibration_setup<Real>(job, reader, models);
  const auto train = reader.samples_of("train"), valid = reader.samples_of("valid");
  const long long frames = reader.samples()[train.front()].frames;
  std::shared_ptr<const surrogates::TrustReference> reference;
  const auto states_s = [&](int wanted) {
    setup.params.calibration.reference_frames = wanted;
    const core::Stopwatch stopwatch;
    reference = std::make_shared<const surrogates::TrustReference>(make_reference(setup));
    return job.comm.max(stopwatch.seconds());
  };
  const auto taken = [&] {
    const long long stride = surrogates::state_stride(setup.params, frames);
    return static_cast<double>(surrogates::states_taken(frames, setup.card.skip_windows, stride));
  };
  constexpr int few = 2, more = 6;
  const double few_s = states_s(few), few_taken = taken();
  const double more_s = states_s(more), more_taken = taken();
  const Line states = line_through(few_taken, few_s, more_taken, more_s);

  setup.params.calibration.starts = 1;
  double windows = 0;
  const auto rollout_s = [&](int length) {
    setup.params.calibration.windows = length;
    const core::Stopwatch stopwatch;
    windows = static_cast<double>(score_rollouts(setup, reference, valid).windows());
    return job.comm.max(stopwatch.seconds());
  };
  const double one_s = rollout_s(1), one = windows;
  const double long_s = rollout_s(more), many = windows;
  const Line rollout = line_through(one, one_s, many, long_s);
  return {.state_sample_s = states.at_none,
          .state_s = states.each,
          .rollout_sample_s = rollout.at_none,
          .window_s = rollout.each};
}

template CalibrationRates pilot_calibration<float>(const SimulationJob&,
                                                   const surrogates::FieldModel&,
                                                   const std::filesystem::path&);
template CalibrationRates pilot_calibration<double>(const SimulationJob&,
                                                    const surrogates::FieldModel&,
                                                    const std::filesystem::path&);

}  // namespace understudy::apps
