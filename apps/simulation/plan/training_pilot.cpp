#include "apps/simulation/plan/training_pilot.hpp"

#include <algorithm>
#include <cmath>

#include "apps/simulation/coarse_solvers.hpp"
#include "apps/simulation/contenders.hpp"
#include "apps/simulation/ensemble.hpp"
#include "apps/simulation/plan/scratch_folder.hpp"
#include "apps/simulation/plan/study_plan.hpp"
#include "apps/simulation/stand_in.hpp"
#include "apps/study/model_folder.hpp"
#include "core/error.hpp"
#include "core/timers.hpp"
#include "mesh/loops.hpp"
#include "surrogates/comparison/interleaved_timing.hpp"
#include "surrogates/fields/dataset/dataset_statistics.hpp"
#include "surrogates/fields/training.hpp"

namespace understudy::apps {

namespace {

constexpr double never = 1000000;  // epochs that no pilot comes to

long long longest(const TrainingWork& work) {
  long long unroll = 1;
  for (const PhaseWork& phase : work.phases) unroll = std::max<long long>(unroll, phase.unroll);
  return unroll;
}

// Frames of a sample with which a network's pilot fills a batch.
long long frames_wanted(const surrogates::NetworkParams& network, const TrainingWork& work) {
  long long batch = 1;
  for (const PhaseWork& phase : work.phases) batch = std::max(batch, phase.batch);
  long long frames = batch + longest(work);
  // Modes are found from more frames than there are modes; the half has to do, too.
  if (surrogates::is_latent(network) || network.kind == "conv_autoencoder")
    frames = std::max<long long>(frames, 2 * (network.latent_size + 2));
  return std::max<long long>(frames, 2 * (longest(work) + 2));
}

template <class Real>
double frame_bytes(const mesh::State<Real>& state) {
  double bytes = 0;
  for (const auto& field : state.fields())
    if (field.info.role == mesh::Role::prognostic)
      bytes += sizeof(float) * field.info.components *
               static_cast<double>(state.grid().global_cell_count());
  return bytes;
}

// By parts in a hundred, another at every place and in every frame.
template <class Real>
void disturb(mesh::State<Real>& state, long long frame) {
  for (auto& field : state.fields()) {
    if (field.info.role != mesh::Role::prognostic) continue;
    for (int c = 0; c < field.info.components; ++c) {
      const auto x = field.component(c);
      const double phase = 1.7 * static_cast<double>(frame) + c;
      mesh::for_cells(
          "disturbed", state.grid().interior(), KOKKOS_LAMBDA(int k, int j, int i) {
            const double seed = 12.9898 * i + 78.233 * j + 37.719 * k + 93.989 * phase;
            const double whole = 43758.5453 * Kokkos::sin(seed);
            x(k, j, i) *= static_cast<Real>(1 + 0.04 * (whole - Kokkos::floor(whole) - 0.5));
          });
    }
  }
}

template <class Real>
double write_sample(const SimulationJob& job, const surrogates::DatasetInfo& info,
                    surrogates::SampleInfo sample, const std::vector<mesh::State<Real>>& frames,
                    const std::filesystem::path& folder, bool disturbed) {
  auto state = frames.front().clone();
  surrogates::SampleWriter<Real> writer(folder, info, sample, state.shared_grid());
  double wall_s = 0;
  for (long long n = 0; n < sample.frames; ++n) {
    state.copy_from(frames[static_cast<std::size_t>(n) % frames.size()]);
    if (disturbed) disturb(state, n);
    state.time_s = static_cast<double>(n) * info.window_s;
    job.comm.barrier();
    const core::Stopwatch stopwatch;
    writer.write(state);
    wall_s += job.comm.max(stopwatch.seconds());
  }
  const core::Stopwatch stopwatch;
  writer.finish(1);
  return wall_s + job.comm.max(stopwatch.seconds());
}

}  // namespace

TrainingTimes training_times(const surrogates::TrainingRecord& record, double batches,
                             double steps_s) {
  const auto& curve = record.curve;
  const double end_s = curve.back().wall_s;
  TrainingTimes times{.around_s = record.wall_s - end_s};
  if (curve.size() <= 3) {
    times.step_s = steps_s / static_cast<double>(std::max(1LL, record.steps_here));
    times.validation_s = std::max(0.0, end_s - steps_s);
    return times;
  }
  std::vector<double> epochs;
  // The first one touches memory for the first time, the last one was cut short by the clock.
  for (std::size_t n = 2; n + 1 < curve.size(); ++n)
    epochs.push_back(curve[n].wall_s - curve[n - 1].wall_s);
  const double epoch_s = surrogates::median(epochs);
  times.step_s = epoch_s / std::max(1.0, batches);
  times.validation_s = std::max(0.0, end_s - curve[curve.size() - 2].wall_s - epoch_s);
  return times;
}

template <class Real>
PilotData write_pilot_data(const SimulationJob& job, const StudyWork& work,
                           const std::vector<mesh::State<Real>>& frames,
                           const std::filesystem::path& folder) {
  PilotData data;
  data.whole = folder / "whole";
  data.half = folder / "half";
  bool disturbed = true;
  long long least = 4;
  const auto want = [&](const SimulationDeck& deck, const TrainingWork& training) {
    data.frames = std::max(data.frames, frames_wanted(deck.network, training));
    least = std::max(least, 2 * (longest(training) + 2));
    if (surrogates::is_latent(deck.network))
      least = std::max(least, frames_wanted(deck.network, training));
    disturbed &= !surrogates::corrects(deck.network);
  };
  const auto contenders = contender_jobs(job);
  want(job.deck, work.trainings.front());
  for (std::size_t n = 0; n < contenders.size(); ++n)
    want(contenders[n].deck, work.trainings.at(n + 1));
  // A pilot is to be a small part of what it stands for.
  constexpr double most_bytes = 256e6;
  const auto affordable =
      static_cast<long long>(most_bytes / std::max(1.0, frame_bytes(frames.front())));
  data.frames = std::max(least, std::min(data.frames, affordable));
  data.half_frames = data.frames / 2;

  auto members = ensemble_members(job);
  surrogates::SampleInfo train = members.front().sample, valid = members.back().sample;
  train.split = "train";
  valid.split = "valid";
  train.name = "pilot_000";
  valid.name = "pilot_001";
  const auto info = dataset_info(job, [&] {
    std::vector<mesh::FieldInfo> fields;
    for (const auto& field : frames.front().fields()) fields.push_back(field.info);
    return fields;
  }());
  double wall_s = 0;
  for (const bool whole : {true, false})
    for (auto* sample : {&train, &valid}) {
      sample->frames = whole ? data.frames : data.half_frames;
      const double took_s =
          write_sample(job, info, *sample, frames, whole ? data.whole : data.half, disturbed);
      if (whole) wall_s += took_s;
      stop_plan_if_asked(job.comm);
    }
  const auto count = static_cast<double>(2 * data.frames);
  data.rates.write_s = wall_s / count;
  data.rates.bytes = bytes_in(data.whole) / count;

  const core::Stopwatch statistics;
  surrogates::write_statistics(data.whole, job.comm);
  data.rates.statistics_s = job.comm.max(statistics.seconds()) / static_cast<double>(data.frames);
  return data;
}

namespace {

// What one training of the pilot took.
struct Trained {
  surrogates::TrainingReport report;
  TrainingTimes times;
};

surrogates::TrainingSetup pilot_setup(const SimulationJob& job, int unroll, double seconds) {
  surrogates::TrainingSetup setup;
  setup.network = job.deck.network;
  setup.training = job.deck.training;
  setup.provenance = job.provenance;
  auto& t = setup.training;
  t.unroll = {unroll};
  t.unroll_fractions.clear();
  t.epochs = t.validate_every = t.checkpoint_every = static_cast<int>(never);
  t.max_time_s = seconds;
  t.patience = t.skip_windows = 0;
  t.members = t.ranks_per_sample = 1;  // the pilot's few ranks and windows may make no groups
  return setup;
}

// `batches`: of an epoch.
Trained train_once(const SimulationJob& job, const surrogates::TrainingSetup& setup,
                   const std::filesystem::path& data, double batches) {
  Trained trained{
      surrogates::train(surrogates::DatasetReader(data), setup, job.comm, coarse_solvers(job)), {}};
  trained.times = training_times(trained.report, batches, job.comm.max(trained.report.steps_s));
  return trained;
}

double shares(double count, int ranks) { return std::ceil(count / ranks); }

// Windows of the pilot's own validation, over its starts, of a rank's share.
double pilot_rollouts(const TrainingWork& pilot, int ranks) {
  return shares(static_cast<double>(pilot.starts), ranks) *
         static_cast<double>(std::max(1LL, pilot.rollout_windows));
}

}  // namespace

TrainedPilot pilot_training(const SimulationJob& job, const TrainingWork& work,
                            const PilotData& data, const std::filesystem::path& folder,
                            double seconds) {
  TrainedPilot pilot;
  TrainingRates& rates = pilot.rates;
  const int ranks = job.comm.size();
  const double share_s = seconds / static_cast<double>(work.phases.size() + 1);
  constexpr double least_s = 0.05;
  std::vector<Trained> all;
  for (std::size_t n = 0; n < work.phases.size(); ++n) {
    const int unroll = work.phases[n].unroll;
    auto setup = pilot_setup(job, unroll, std::max(least_s, share_s));
    const bool last = n + 1 == work.phases.size();
    if (last) setup.files.checkpoint = folder / "training_checkpoint.safetensors";
    const TrainingWork own =
        training_work(job.deck.network, setup.training, {.train = 1, .valid = 1}, data.frames);
    const PhaseWork& epoch = own.phases.front();
    all.push_back(train_once(job, setup, data.whole, static_cast<double>(epoch.batches)));
    rates.phases.push_back(
        {unroll, all.back().times.step_s / std::max(1.0, shares(double(epoch.batch), ranks))});
    stop_plan_if_asked(job.comm);
  }
  const Trained& whole = all.back();
  auto setup = pilot_setup(job, work.phases.back().unroll, least_s);
  const auto own = training_work(job.deck.network, setup.training, {.train = 1, .valid = 1},
                                 data.frames),
             own_half = training_work(job.deck.network, setup.training, {.train = 1, .valid = 1},
                                      data.half_frames);
  const Trained half =
      train_once(job, setup, data.half, static_cast<double>(own_half.phases.front().batches));
  const auto& report = whole.report;
  rates.last_validations = 1 + static_cast<int>(report.model.card.precisions.size());
  std::vector<double> validations;
  for (const Trained& one : all)
    validations.push_back(one.times.validation_s / pilot_rollouts(own, ranks));
  rates.validation_s = surrogates::median(validations);
  // What is left of the time around the loop without the validations at its end, by the number of frames.
  const auto before_s = [&](const Trained& trained, const TrainingWork& of) {
    return std::max(0.0, trained.times.around_s - rates.last_validations * rates.validation_s *
                                                      pilot_rollouts(of, ranks));
  };
  set_setup_rates(
      rates, {own.frames, before_s(whole, own)}, {own_half.frames, before_s(half, own_half)},
      surrogates::is_latent(job.deck.network) || job.deck.network.kind == "conv_autoencoder");
  rates.threads = report.core_s / (report.wall_s * ranks);
  pilot.model = report.model;
  rates.weights = static_cast<double>(pilot.model.card.weight_count);
  job.comm.on_root<core::UserError>([&] { write_model(folder / "model", pilot.model); });
  job.comm.barrier();
  rates.model_bytes = bytes_in(folder / "model");
  rates.checkpoint_bytes = bytes_in(folder) - rates.model_bytes;

  surrogates::TrainingSetup whole_setup{job.deck.network, job.deck.training};
  whole_setup.training.ranks_per_sample = 1;  // as the pilot's
  surrogates::TrainingExtent extent =
      surrogates::training_extent(surrogates::DatasetReader(data.whole), whole_setup);
  extent.frames = work.frames;
  rates.memory_bytes = surrogates::training_needs(extent, whole_setup, ranks).bytes();
  return pilot;
}

template <class Real>
CallRates pilot_calls(SimulationDeck& deck, std::shared_ptr<solvers::Stepper<Real>> truth,
                      const mesh::State<Real>& state, const surrogates::FieldModel& model,
                      double seconds) {
  CallRates rates;
  const mesh::Grid& grid = state.grid();
  const core::Comm& comm = grid.comm();
  const surrogates::NetworkParams& network = model.card.network;
  rates.operations = model.network->operations(model.network->shape().cells);
  rates.channels = model.network->shape().prognostic;
  rates.ranks = comm.size();
  for (int axis = 0; axis < grid.dimension(); ++axis)
    rates.cells.push_back(grid.global_cells(axis));
  if (surrogates::corrects(network)) rates.cells = surrogates::coarse_cells(network, rates.cells);
  // Modes are parted as the fields are.
  if (surrogates::is_latent(network))
    rates.block_multiple = 1;
  else if (deck.swap.inference != "gathered")
    rates.block_multiple = model.network->block_multiple();
  try {
    const auto stand_in = make_stand_in<Real>(deck, truth, model);
    stand_in.warm_up(state);
    auto copy = state.clone();
    std::vector<double> walls;
    double spent_s = 0;
    SentSince sent(comm);
    constexpr std::size_t most = 200;
    // In rows, as a run goes on: a reduced model finds its coordinates anew only in a state that it did not leave. A
    // row is as long as a comparison's, or as the pilot's network lasts.
    std::size_t row = std::max(1, deck.compare.block_windows), done = 0;
    while (walls.size() < 2 || (walls.size() < most && spent_s < seconds)) {
      if (done % row == 0) copy.copy_from(state);
      Kokkos::fence("before a timed call");
      comm.barrier();
      sent.start();
      const core::Stopwatch stopwatch;
      try {
        stand_in.stepper->advance(copy, deck.time.window_s);
      } catch (const core::RunError&) {
        if (done % row == 0) throw;
        row = done % row;
        done = 0;
        continue;
      }
      Kokkos::fence("after a timed call");
      ++done;
      sent.stop();
      walls.push_back(comm.max(stopwatch.seconds()));
      spent_s += walls.back();
      stop_plan_if_asked(comm);
    }
    rates.window_s = core::Maybe<double>::of(surrogates::median(walls));
    rates.sent = sent.per(static_cast<double>(walls.size()));
  } catch (const core::RunError& error) {
    rates.window_s = core::Maybe<double>::none(
        std::string("the pilot's network, which has hardly been trained, fails: ") + error.what());
  }
  return rates;
}

template PilotData write_pilot_data(const SimulationJob&, const StudyWork&,
                                    const std::vector<mesh::State<float>>&,
                                    const std::filesystem::path&);
template PilotData write_pilot_data(const SimulationJob&, const StudyWork&,
                                    const std::vector<mesh::State<double>>&,
                                    const std::filesystem::path&);
template CallRates pilot_calls(SimulationDeck&, std::shared_ptr<solvers::Stepper<float>>,
                               const mesh::State<float>&, const surrogates::FieldModel&, double);
template CallRates pilot_calls(SimulationDeck&, std::shared_ptr<solvers::Stepper<double>>,
                               const mesh::State<double>&, const surrogates::FieldModel&, double);

}  // namespace understudy::apps
