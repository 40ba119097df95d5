#include "apps/simulation/plan/study_work.hpp"

#include <algorithm>
#include <cmath>

#include "apps/simulation/contenders.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/ensemble_run.hpp"
#include "surrogates/swap/calibration.hpp"

namespace understudy::apps {

namespace {

// The phase that an epoch is trained in, as training_loop.cpp chooses it at the epoch's start.
std::size_t phase_of(const surrogates::TrainingParams& training, int epoch) {
  const double fraction = static_cast<double>(epoch) / training.epochs;
  std::size_t phase = 0;
  while (phase < training.unroll_fractions.size() && fraction >= training.unroll_fractions[phase])
    ++phase;
  return phase;
}

}  // namespace

TrainingWork training_work(const surrogates::NetworkParams& network,
                           const surrogates::TrainingParams& training, const SplitCounts& samples,
                           long long frames) {
  TrainingWork work;
  const long long kept = std::max(0LL, frames - training.skip_windows);
  long long train = samples.train, valid = samples.valid;
  long long train_frames = kept, valid_frames = kept;
  if (valid == 0 && train > 1) {  // the last one is held out
    --train;
    valid = 1;
  } else if (valid == 0) {  // the last fifth of the only one is
    train_frames = surrogates::before_last_fifth(kept);
    valid_frames = kept - train_frames;
    valid = 1;
  }
  work.frames = static_cast<double>(train * train_frames + valid * valid_frames);
  work.max_time_s = training.max_time_s;
  work.networks = training.members;
  work.closed_form = network.kind == "dmd";
  work.rollout_windows = std::min<long long>(training.rollout_windows, valid_frames - 1);
  work.starts = valid * static_cast<long long>(surrogates::first_frames_of_rollouts(
                                                   training, valid_frames, work.rollout_windows)
                                                   .size());
  const int epochs = work.closed_form ? 1 : training.epochs;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const int unroll =
        static_cast<int>(training.unroll.at(work.closed_form ? 0 : phase_of(training, epoch)));
    if (work.phases.empty() || work.phases.back().unroll != unroll) {
      const long long sequences = train * std::max(0LL, train_frames - unroll);
      const long long batch = std::min<long long>(training.batch, sequences);
      work.phases.push_back({unroll, 0, batch > 0 ? sequences / batch : 0, batch});
    }
    ++work.phases.back().epochs;
    if (epoch + 1 == epochs || (epoch + 1) % training.validate_every == 0) ++work.validations;
  }
  return work;
}

double network_share(const surrogates::SwapParams& swap, long long windows, double window_s) {
  if (swap.policy == "never" || windows < 1) return 0;
  if (swap.policy == "always") return 1;
  if (swap.policy == "gate")
    return static_cast<double>(std::max<long long>(0, windows - swap.lead_windows)) /
           static_cast<double>(windows);
  // As Swap::choose; a schedule repeats itself, and long runs need not be counted window by window.
  const long long counted = std::min<long long>(windows, 1000000);
  long long theirs = 0;
  for (long long n = 0; n < counted; ++n) {
    const double start_s = static_cast<double>(n) * window_s, slack_s = 1e-6 * window_s;
    const bool truth = n < swap.lead_windows || start_s < swap.from_s - slack_s ||
                       (swap.to_s > 0 && start_s + window_s > swap.to_s + slack_s) ||
                       (swap.physics_every > 0 &&
                        (n - swap.lead_windows) % swap.physics_every == swap.physics_every - 1);
    theirs += truth ? 0 : 1;
  }
  return static_cast<double>(theirs) / static_cast<double>(counted);
}

namespace {

SplitCounts samples_of(const SimulationDeck& deck) {
  SplitCounts counts;
  for (const std::string& split : member_splits(deck.ensemble, deck.seed))
    ++(split == "train" ? counts.train : split == "valid" ? counts.valid : counts.test);
  return counts;
}

CalibrationWork calibration_work(const SimulationDeck& deck, const SplitCounts& samples) {
  const auto& gate = deck.swap.gate;
  CalibrationWork work;
  const long long frames = deck.ensemble.windows + 1, skipped = deck.training.skip_windows;
  // Without held-out samples the last one that would be trained on is; a single one is split in time, and no
  // calibration is made of its parts.
  const bool last_is_held = samples.valid == 0 && samples.train > 1;
  const long long train = samples.train - (last_is_held ? 1 : 0);
  const long long valid = samples.valid + (last_is_held ? 1 : 0);
  const long long held = samples.test > 0 ? samples.test : valid;
  const auto starts = surrogates::rollout_starts(gate, frames, skipped);
  if (held == 0 || starts.count == 0) return work;
  const long long stride = surrogates::state_stride(gate, train * frames);
  work.samples = train;
  work.states = train * surrogates::states_taken(frames, skipped, stride);
  work.held_out = held;
  work.windows = held * starts.length * starts.count;
  return work;
}

}  // namespace

StudyWork study_work(const SimulationJob& job, int ranks) {
  const SimulationDeck& deck = job.deck;
  const double window_s = deck.time.window_s;
  StudyWork work;
  work.run.windows = whole_windows(deck.time.end_s, window_s);
  // The state at time 0 is an output, too.
  work.run.outputs = 1 + work.run.windows / std::max(1, deck.time.output_every);
  work.run.by_network = network_share(deck.swap, work.run.windows, window_s);
  work.gated = deck.swap.policy == "gate";
  work.learns = job.tree.root.find("ensemble") != nullptr;
  if (!work.learns) return work;

  work.samples = samples_of(deck);
  const MemberRanks share = share_members(deck, ranks);
  work.generate = {
      .members = deck.ensemble.members(),
      .windows = whole_windows(deck.ensemble.spin_up_s, window_s) + deck.ensemble.windows,
      .frames = deck.ensemble.windows + 1,
      .groups = share.share.groups,
      .ranks_each = share.share.each};
  const auto add = [&](const SimulationDeck& of, const std::string& name) {
    work.trainings.push_back(
        training_work(of.network, of.training, work.samples, work.generate.frames));
    work.trainings.back().name = name;
  };
  add(deck, "");
  for (const SimulationJob& contender : contender_jobs(job)) {
    add(contender.deck, contender.out.filename().string());
    work.trainings.back().networks = 1;
  }
  work.calibration = calibration_work(deck, work.samples);
  work.compare = {.spin_up = whole_windows(deck.compare.spin_up_s, window_s),
                  .warm_up = deck.compare.warm_up_windows,
                  .windows = deck.compare.windows,
                  .block = std::max(1, deck.compare.block_windows),
                  .repeats = deck.compare.repeats,
                  .by_network = network_share(deck.swap, deck.compare.windows, window_s),
                  .truth_error = deck.compare.truth_error};
  return work;
}

}  // namespace understudy::apps
