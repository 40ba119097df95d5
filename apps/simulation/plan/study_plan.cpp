#include "apps/simulation/plan/study_plan.hpp"

#include <algorithm>
#include <cmath>

namespace understudy::apps {

namespace {

double ceil_of(double value, double parts) { return std::ceil(value / std::max(1.0, parts)); }

double one_member_s(const GenerateWork& work, const SimulationRates& of, const FrameRates& frames) {
  return of.setup_s + static_cast<double>(work.windows) * of.window_s +
         static_cast<double>(work.frames) * frames.write_s;
}

}  // namespace

double member_wall_s(const GenerateWork& work, const StudyRates& rates) {
  if (rates.members.empty()) return 0;
  double sum = 0;
  for (long long n = 0; n < work.members; ++n) {
    std::size_t after = 0;
    while (after < rates.members.size() && rates.members[after].first < n) ++after;
    const auto cost = [&](std::size_t m) {
      return one_member_s(work, rates.members[m].second, rates.frames);
    };
    if (after == 0) {
      sum += cost(0);
    } else if (after == rates.members.size()) {
      sum += cost(after - 1);
    } else {
      const double first = static_cast<double>(rates.members[after - 1].first),
                   last = static_cast<double>(rates.members[after].first);
      const double t = (static_cast<double>(n) - first) / (last - first);
      sum += (1 - t) * cost(after - 1) + t * cost(after);
    }
  }
  return sum / static_cast<double>(std::max(1LL, work.members));
}

double generate_wall_s(const StudyWork& work, const StudyRates& rates, int ranks) {
  const GenerateWork& g = work.generate;
  const double rounds = ceil_of(static_cast<double>(g.members), g.groups);
  const double train_samples = ceil_of(static_cast<double>(work.samples.train), ranks);
  return rounds * member_wall_s(g, rates) +
         train_samples * static_cast<double>(g.frames) * rates.frames.statistics_s;
}

void set_setup_rates(TrainingRates& rates, const TimedFrames& many, const TimedFrames& few,
                     bool modes) {
  rates.setup_s = rates.frame_s = rates.frame_square_s = 0;
  if (!modes) {
    rates.frame_s = std::max(0.0, (many.wall_s - few.wall_s) / (many.frames - few.frames));
    rates.setup_s = std::max(0.0, many.wall_s - rates.frame_s * many.frames);
    return;
  }
  // wall / frames = a + b frames
  const double slope =
      (many.wall_s / many.frames - few.wall_s / few.frames) / (many.frames - few.frames);
  rates.frame_square_s = std::clamp(slope, 0.0, many.wall_s / (many.frames * many.frames));
  rates.frame_s = many.wall_s / many.frames - rates.frame_square_s * many.frames;
}

double training_wall_s(const TrainingWork& work, const TrainingRates& rates, int ranks) {
  const double validation_s = ceil_of(static_cast<double>(work.starts), ranks) *
                              static_cast<double>(work.rollout_windows) * rates.validation_s;
  double loop_s = static_cast<double>(work.validations) * validation_s;
  for (std::size_t n = 0; n < work.phases.size(); ++n) {
    const PhaseWork& phase = work.phases[n];
    for (const PhaseRates& measured : rates.phases) {
      if (measured.unroll != phase.unroll) continue;
      loop_s +=
          static_cast<double>(phase.epochs * phase.batches) *
          (ceil_of(static_cast<double>(phase.batch), ranks) * measured.sequence_s + measured.sum_s);
      break;
    }
  }
  // The schedule is shortened to end by then.
  if (work.max_time_s > 0) loop_s = std::min(loop_s, work.max_time_s);
  return rates.setup_s + rates.frame_s * work.frames +
         rates.frame_square_s * work.frames * work.frames + loop_s +
         rates.last_validations * validation_s;
}

namespace {

// What the calls of a network and the simulation's windows come to, so many of them the network's.
double replaced_s(double windows, double share, double truth_s, double call_s) {
  return windows * (share * call_s + (1 - share) * truth_s);
}

double calibration_wall_s(const StudyWork& work, const StudyRates& rates) {
  const CalibrationWork& c = work.calibration;
  const CalibrationRates& r = rates.calibration;
  return static_cast<double>(c.samples) * r.state_sample_s +
         static_cast<double>(c.states) * r.state_s +
         static_cast<double>(c.held_out) * r.rollout_sample_s +
         static_cast<double>(c.windows) * r.window_s;
}

VerbPlan plan_generate(const StudyWork& work, const StudyRates& rates, const PlanRanks& on) {
  VerbPlan plan{.verb = "generate", .wall_s = generate_wall_s(work, rates, on.ranks)};
  plan.core_s = plan.wall_s * on.ranks * on.cores_a_rank;
  for (const auto& [number, of] : rates.members)
    plan.memory_bytes = std::max(plan.memory_bytes, rates.program_bytes + of.memory_bytes);
  plan.disk_bytes =
      static_cast<double>(work.generate.members * work.generate.frames) * rates.frames.bytes;
  return plan;
}

VerbPlan plan_train(const StudyWork& work, const StudyRates& rates, const PlanRanks& on) {
  VerbPlan plan{.verb = "train"};
  for (std::size_t n = 0; n < work.trainings.size(); ++n) {
    const TrainingWork& training = work.trainings[n];
    const TrainingRates& measured = rates.trainings.at(n);
    const double wall_s = training.networks * training_wall_s(training, measured, on.ranks);
    plan.wall_s += wall_s;
    plan.core_s += wall_s * on.ranks * std::max(measured.threads, on.cores_a_rank);
    plan.memory_bytes = std::max(plan.memory_bytes, rates.program_bytes + measured.memory_bytes);
    plan.disk_bytes += training.networks * (measured.model_bytes + measured.checkpoint_bytes);
  }
  const double calibration_s = calibration_wall_s(work, rates);
  plan.wall_s += calibration_s;
  plan.core_s += calibration_s * on.ranks * on.cores_a_rank;
  return plan;
}

VerbPlan plan_compare(const StudyWork& work, const StudyRates& rates, const PlanRanks& on) {
  const CompareWork& c = work.compare;
  const SimulationRates& truth = rates.compared;
  const auto windows = static_cast<double>(c.windows), warm_up = static_cast<double>(c.warm_up);
  const double kept = static_cast<double>(std::min(c.block, c.windows));
  VerbPlan plan{.verb = "compare"};
  // Truth, replacement and classical runs, once with their errors and then in timed repeats.
  double window_s = truth.window_s;
  plan.wall_s =
      3 * truth.setup_s + static_cast<double>(c.spin_up) * truth.window_s + warm_up * window_s;
  double memory = 3 * truth.memory_bytes + (3 + 2 * kept) * truth.state_bytes;
  for (const CallRates& call : rates.calls) {
    const bool first = &call == &rates.calls.front();
    // Contenders are compared, each beside the truth, where a network stands in at all.
    if (!first && c.by_network == 0) continue;
    const double other_s = replaced_s(1, first ? c.by_network : 1, truth.window_s,
                                      call.window_s.value_or(truth.window_s));
    if (!first) plan.wall_s += truth.setup_s + warm_up * truth.window_s;
    plan.wall_s += warm_up * other_s + windows * (truth.window_s + other_s + 2 * truth.look_s);
    window_s += other_s;
  }
  if (!rates.classical.empty()) plan.wall_s += truth.setup_s + windows * truth.window_s;
  // All are made, of which the spectral ones start by a transform of the full grid, and then keep their states.
  double states = 0;
  for (const SimulationRates& run : rates.classical) {
    plan.wall_s += run.setup_s + (warm_up + windows) * run.window_s;
    window_s += run.window_s;
    memory += run.memory_bytes + run.state_bytes;
    states += kept * run.state_bytes;
  }
  memory += std::max(states, rates.spectral_start_bytes);
  plan.wall_s += c.repeats * windows * window_s;
  plan.core_s = plan.wall_s * on.ranks * on.cores_a_rank;
  plan.memory_bytes = rates.program_bytes + memory;
  return plan;
}

VerbPlan plan_run(const StudyWork& work, const StudyRates& rates, const PlanRanks& on) {
  const RunWork& r = work.run;
  const double call_s = rates.calls.empty()
                            ? rates.run.window_s
                            : rates.calls.front().window_s.value_or(rates.run.window_s);
  VerbPlan plan{.verb = "run"};
  plan.wall_s =
      rates.run.setup_s +
      replaced_s(static_cast<double>(r.windows), r.by_network, rates.run.window_s, call_s) +
      static_cast<double>(r.windows) * rates.run.look_s +
      static_cast<double>(r.outputs) * rates.outputs.write_s;
  plan.core_s = plan.wall_s * on.ranks * on.cores_a_rank;
  plan.memory_bytes = rates.program_bytes + rates.run.memory_bytes;
  plan.disk_bytes =
      static_cast<double>(r.outputs) * rates.outputs.bytes + rates.outputs.checkpoint_bytes;
  return plan;
}

// What a card would count: the members' own time and the training of the deck's network, and in a gated study
// the calibration.
double made_for(const StudyWork& work, const StudyRates& rates, const PlanRanks& on) {
  const GenerateWork& g = work.generate;
  const TrainingWork& training = work.trainings.front();
  const TrainingRates& measured = rates.trainings.front();
  double core_s =
      static_cast<double>(g.members) * member_wall_s(g, rates) * g.ranks_each * on.cores_a_rank;
  core_s += training.networks * training_wall_s(training, measured, on.ranks) * on.ranks *
            std::max(measured.threads, on.cores_a_rank);
  if (work.gated) core_s += calibration_wall_s(work, rates) * on.ranks * on.cores_a_rank;
  return core_s;
}

core::Maybe<double> break_even(double made_for_core_s, double truth_s, double network_s,
                               const PlanRanks& on) {
  using Runs = core::Maybe<double>;
  const double saved_core_s = (truth_s - network_s) * on.ranks * on.cores_a_rank;
  if (saved_core_s <= 0)
    return Runs::none("the network is not faster than the simulation: it never pays back");
  return Runs::of(made_for_core_s / saved_core_s);
}

}  // namespace

StudyPlan plan_study(const StudyWork& work, const StudyRates& rates, const PlanRanks& on) {
  StudyPlan plan;
  if (work.learns) {
    plan.verbs = {plan_generate(work, rates, on), plan_train(work, rates, on),
                  plan_compare(work, rates, on)};
    VerbPlan all{.verb = "study"};
    for (const VerbPlan& verb : plan.verbs) {
      all.wall_s += verb.wall_s;
      all.core_s += verb.core_s;
      all.memory_bytes = std::max(all.memory_bytes, verb.memory_bytes);
      all.disk_bytes += verb.disk_bytes;
    }
    plan.verbs.push_back(all);
  }
  plan.verbs.push_back(plan_run(work, rates, on));
  if (!work.learns) {
    plan.break_even_runs = plan.break_even_of_run =
        core::Maybe<double>::none("the deck has no section `ensemble`: nothing is learned");
    return plan;
  }
  const auto& call_s = rates.calls.front().window_s;
  if (!call_s.known) {
    plan.break_even_runs = plan.break_even_of_run = core::Maybe<double>::none(call_s.reason);
    return plan;
  }
  plan.made_for_core_s = made_for(work, rates, on);
  // A deck that does not swap is asked what always swapping would bring.
  const auto windows = static_cast<double>(work.compare.windows);
  const double share = work.compare.by_network > 0 ? work.compare.by_network : 1;
  plan.truth_run_s = windows * rates.compared.window_s;
  plan.network_run_s = replaced_s(windows, share, rates.compared.window_s, call_s.value);
  plan.break_even_runs = break_even(plan.made_for_core_s, plan.truth_run_s, plan.network_run_s, on);
  const auto own = static_cast<double>(work.run.windows);
  const double own_share = work.run.by_network > 0 ? work.run.by_network : 1;
  plan.break_even_of_run =
      break_even(plan.made_for_core_s, own * rates.run.window_s,
                 replaced_s(own, own_share, rates.run.window_s, call_s.value), on);
  return plan;
}

}  // namespace understudy::apps
