// Training on samples that are read as it goes on: bit for bit the training on samples in memory, resumed and on any
// number of ranks; modes close to the exact ones; what changes or vanishes meanwhile ends all ranks.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>

#include "core/error.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/surrogates_correction_case.hpp"
#include "support/surrogates_streaming.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/torch_correction_trainer.hpp"
#include "surrogates/fields/torch_field_trainer.hpp"
#include "surrogates/fields/torch_latent_trainer.hpp"
#include "surrogates/fields/torch_streamed_basis.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_pod.hpp"
#include "surrogates/training/training_loop.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

namespace {

namespace fs = std::filesystem;

const core::Comm& world() {
  static const core::Comm comm = core::Comm::world();
  return comm;
}

// Samples of other lengths; an inflow and an open side, so that `f` has closing faces.
fs::path write_dataset(const std::string& name, int samples, bool held_out) {
  const auto path = tests::fresh_folder(name, world());
  for (int n = 0; n < samples; ++n)
    tests::write_sample<float>(path, false, n, "train", 14 + 3 * n, world());
  if (held_out) tests::write_sample<float>(path, false, 1, "valid", 11, world());
  world().barrier();
  return path;
}

const fs::path& dataset() {
  static const fs::path folder = write_dataset("streaming", 3, true);
  return folder;
}

TrainingSetup setup_of(const std::string& kind) {
  TrainingSetup setup;
  setup.network.kind = kind;
  setup.network.width = 8;
  setup.network.levels = 1;
  setup.network.patch = 1;
  setup.network.modes = {4};
  setup.network.layers = 2;
  setup.network.latent_size = 6;
  setup.network.latent_map = "linear";
  setup.training.epochs = 3;
  setup.training.batch = 5;
  setup.training.unroll = {1, 2};
  setup.training.unroll_fractions = {0.5};
  setup.training.validate_every = 1;
  setup.training.checkpoint_every = 1;
  setup.training.rollout_windows = 4;
  setup.training.ema_decay = 0.5;
  setup.training.threads = 1;
  return setup;
}

at::Tensor weights(const TrainingReport& report) { return report.model.network->impl().flat; }

void expect_same(const TrainingReport& memory, const TrainingReport& streamed) {
  EXPECT_FALSE(memory.streamed);
  EXPECT_TRUE(streamed.streamed);
  EXPECT_TRUE(at::equal(weights(memory), weights(streamed)));
  const ModelCard &a = memory.model.card, &b = streamed.model.card;
  ASSERT_EQ(a.fields.size(), b.fields.size());
  for (std::size_t c = 0; c < a.fields.size(); ++c) {
    EXPECT_EQ(a.fields[c].mean, b.fields[c].mean);
    EXPECT_EQ(a.fields[c].std, b.fields[c].std);
    EXPECT_EQ(a.fields[c].increment_std, b.fields[c].increment_std);
    EXPECT_EQ(a.validation[c].rel_l2_rollout, b.validation[c].rel_l2_rollout);
    EXPECT_EQ(a.validation[c].persistence_rollout, b.validation[c].persistence_rollout);
  }
  ASSERT_EQ(memory.curve.size(), streamed.curve.size());
  for (std::size_t n = 0; n < memory.curve.size(); ++n) {
    EXPECT_EQ(memory.curve[n].loss, streamed.curve[n].loss);
    EXPECT_EQ(memory.curve[n].validation, streamed.curve[n].validation);
  }
}

TrainingReport train_here(const fs::path& folder, const TrainingSetup& setup) {
  return train(DatasetReader(folder), setup, world());
}

// With as little memory as does, and with some more, so that frames are kept.
TEST(Streaming, TrainsTheNetworkOfSamplesInMemory) {
  for (const std::string kind : {"unet", "fno"}) {
    TrainingSetup setup = setup_of(kind);
    const auto memory = train_here(dataset(), setup);
    const double least = tests::least_memory_gb(DatasetReader(dataset()), setup, world());
    double before = 0;
    for (const double factor : {1.0, 1.2}) {
      setup.training.memory_gb = factor * least;
      const auto streamed = train_here(dataset(), setup);
      expect_same(memory, streamed);
      EXPECT_GT(streamed.bytes_read, memory.bytes_read) << "frames are read again and again";
      if (factor > 1) {
        EXPECT_LE(streamed.bytes_read, before) << "and less often where more are kept";
      }
      before = streamed.bytes_read;
    }
    setup.training.memory_gb = 1;
    EXPECT_FALSE(train_here(dataset(), setup).streamed) << "they fit";
  }
}

// These samples take less than what streaming them takes: what train() would hold is streamed all the same.
struct Made {
  std::unique_ptr<RolloutTrainer> trainer;
  TrainingRecord record;
  at::Tensor weights() const { return trainer->network.impl().flat; }
};

Made make(const DatasetReader& reader, const TrainingSetup& setup, const SampleMemory& memory,
          const MakeCoarseSolver& coarse = {}) {
  Made made;
  TrainingData data = load_training_data(reader, setup.training, setup.network, memory);
  if (is_latent(setup.network))
    made.trainer = std::make_unique<LatentTrainer>(reader, std::move(data), setup.network,
                                                   setup.training, world());
  else if (corrects(setup.network))
    made.trainer = make_correction_trainer(reader, std::move(data), setup, world(), coarse);
  else
    made.trainer =
        std::make_unique<FieldTrainer>(std::move(data), setup.network, setup.training, world());
  EXPECT_EQ(made.trainer->streams(), memory.streamed);
  made.record = run_training(*made.trainer, setup);
  return made;
}

void expect_same(const Made& memory, const Made& streamed) {
  EXPECT_TRUE(at::equal(memory.weights(), streamed.weights()));
  const ModelCard &a = memory.trainer->card, &b = streamed.trainer->card;
  for (std::size_t c = 0; c < a.fields.size(); ++c) {
    EXPECT_EQ(a.fields[c].mean, b.fields[c].mean);
    EXPECT_EQ(a.fields[c].std, b.fields[c].std);
    EXPECT_EQ(a.fields[c].increment_std, b.fields[c].increment_std);
    EXPECT_EQ(a.validation[c].rel_l2_rollout, b.validation[c].rel_l2_rollout);
  }
  for (std::size_t n = 0; n < memory.record.curve.size(); ++n)
    EXPECT_EQ(memory.record.curve[n].loss, streamed.record.curve[n].loss);
}

TEST(Streaming, OfOneSampleHoldsOutTheSameEnd) {
  const DatasetReader data(write_dataset("streaming_split", 1, false));
  TrainingSetup setup = setup_of("unet");
  setup.training.skip_windows = 2;
  setup.training.rollout_windows = 1;
  const auto memory = make(data, setup, {});
  expect_same(memory, make(data, setup, {true, 1}));
  expect_same(memory, make(data, setup, {true, 4e4}));
}

TEST(Streaming, ResumedIsBitwiseTheUninterruptedOne) {
  const auto folder = tests::fresh_folder("streaming_resume", world());
  TrainingSetup setup = setup_of("unet");
  const auto memory = train_here(dataset(), setup);
  setup.training.memory_gb = tests::least_memory_gb(DatasetReader(dataset()), setup, world());
  setup.files = {folder / "checkpoint.safetensors", folder / "curve.csv", true, 4};
  for (int part = 1;; ++part) {
    ASSERT_LT(part, 20);
    try {
      const auto resumed = train_here(dataset(), setup);
      EXPECT_GE(part, 3);
      EXPECT_TRUE(resumed.streamed);
      EXPECT_TRUE(at::equal(weights(memory), weights(resumed)));
      break;
    } catch (const core::Interrupted&) {
      // Another limit, or none, is the same training.
      setup.training.memory_gb = part == 1 ? 0 : setup.training.memory_gb;
      if (part == 2)
        setup.training.memory_gb =
            tests::least_memory_gb(DatasetReader(dataset()), setup_of("unet"), world());
    }
  }
}

TEST(Streaming, CorrectsOnTheSameCoarseFrames) {
  const auto folder = tests::fresh_folder("streaming_correction", world());
  tests::write_vortices(folder, 1, "train", 7, world());
  tests::write_vortices(folder, 2, "train", 6, world());
  tests::write_vortices(folder, 3, "valid", 5, world());
  TrainingSetup setup = setup_of("correction");
  setup.network.coarsening = {4};
  setup.training.epochs = 1;
  setup.training.rollout_windows = 2;
  setup.training.unroll = {2};
  setup.training.unroll_fractions = {};
  setup.training.through_solver = false;
  const DatasetReader data(folder);
  const auto coarse = tests::coarse_vortices(8);
  expect_same(make(data, setup, {}, coarse), make(data, setup, {true, 1}, coarse));
}

// Largest angle between the spans of orthonormal rows, as its sine.
double subspace_angle(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor rest = b - at::mm(at::mm(b, a.t()), a);
  return std::sqrt(
      at::linalg_eigvalsh(at::mm(rest, rest.t()).to(at::kDouble)).max().item<double>());
}

TEST(Streaming, FindsTheModesOfTheExactWay) {
  const DatasetReader data(dataset());
  for (const std::string kind : {"pod", "dmd"}) {
    const TrainingSetup setup = setup_of(kind);
    const auto memory = make(data, setup, {}), streamed = make(data, setup, {true, 1});
    const auto parts = [](const Made& made) {
      const auto& impl = made.trainer->network.impl();
      return slices(impl.flat, impl.specs);
    };
    const auto exact = parts(memory), found = parts(streamed);
    const at::Tensor mean = exact[PodArchitecture::mean] - found[PodArchitecture::mean];
    EXPECT_LT(mean.abs().max().item<double>(), 1e-5);
    const at::Tensor &a = exact[PodArchitecture::modes], &b = found[PodArchitecture::modes];
    EXPECT_LT((at::mm(b, b.t()) - at::eye(6)).abs().max().item<double>(), 1e-5) << kind;
    EXPECT_LT(subspace_angle(a, b), 2e-3) << kind;
    EXPECT_NEAR(
        found[PodArchitecture::unit].item<double>() / exact[PodArchitecture::unit].item<double>(),
        1, 1e-5)
        << "the first mode's spread";
    for (std::size_t c = 0; c < memory.trainer->card.validation.size(); ++c) {
      const ValidationCard &x = memory.trainer->card.validation[c],
                           &y = streamed.trainer->card.validation[c];
      EXPECT_NEAR(y.rel_l2_one_window, x.rel_l2_one_window, 0.02 * x.rel_l2_one_window + 1e-5)
          << kind;
      EXPECT_NEAR(y.rel_l2_rollout, x.rel_l2_rollout, 0.05 * x.rel_l2_rollout + 1e-4) << kind;
      EXPECT_NEAR(y.persistence_rollout, x.persistence_rollout, 1e-4) << kind;
    }
    // The same bits for any memory, and on all ranks.
    EXPECT_TRUE(at::equal(make(data, setup, {true, 1e6}).weights(), streamed.weights())) << kind;
    const double sum = streamed.weights().sum().item<double>();
    EXPECT_EQ(world().max(sum), world().min(sum));
  }
}

// 60 frames of 500 values with singular values that fall as 2^-n: the largest angle between the spans of the exact and
// the found modes, and what they keep of the energy.
TEST(StreamedBasis, HasTheSpanAndTheEnergyOfTheExactModes) {
  auto random = generator(5);
  const auto options = at::TensorOptions(at::kFloat);
  const at::Tensor u = std::get<0>(at::linalg_qr(at::randn({60, 20}, random, options))),
                   v = std::get<0>(at::linalg_qr(at::randn({500, 20}, random, options)));
  const at::Tensor fall = at::pow(0.5, at::arange(0, 20, options));
  const at::Tensor frames = at::mm(u * fall, v.t()) * 30 + at::linspace(1, 2, 500, options);
  const at::Tensor mean = frames.mean(0), rest = frames - mean;
  for (const std::int64_t block : {7, 60}) {
    const StreamedBasis basis = streamed_basis(
        [&](const auto& action) {
          for (std::int64_t n = 0; n < 60; n += block)
            action(frames.narrow(0, n, std::min<std::int64_t>(block, 60 - n)));
        },
        {.frames = 60, .points = 500, .r = 6, .seed = 3});
    const PodBasis exact = pod_basis(rest, 6);
    EXPECT_LT((basis.mean - mean).abs().max().item<double>(), 1e-5);
    EXPECT_LT(subspace_angle(exact.modes, basis.modes), 1e-3) << block;
    EXPECT_NEAR(basis.variance / exact.eigenvalues.sum().item<double>(), 1, 1e-5);
    for (int n = 0; n < 6; ++n)
      EXPECT_NEAR(basis.eigenvalues[n].item<double>() / exact.eigenvalues[n].item<double>(), 1,
                  1e-4)
          << n;
    const at::Tensor coordinates = at::mm(rest, basis.modes.t());
    EXPECT_LT((coordinates - basis.coordinates).abs().max().item<double>(), 1e-4);
  }
  const auto text = [&](std::int64_t r, std::int64_t count) {
    return error_text([&] {
      streamed_basis(
          [&](const auto& action) { action(frames.narrow(0, 0, 1).expand({count, 500})); },
          {.frames = count, .points = 500, .r = r, .seed = 3});
    });
  };
  EXPECT_NE(text(6, 6).find("at most 5"), std::string::npos);
  EXPECT_NE(text(3, 20).find("directions to single precision"), std::string::npos) << text(3, 20);
}

TEST(Streaming, AReducedModelIsResumedInItsOwnModes) {
  const auto folder = tests::fresh_folder("streaming_pod_resume", world());
  const DatasetReader data(dataset());
  TrainingSetup setup = setup_of("pod");
  const auto whole = make(data, setup, {true, 1});
  setup.files = {folder / "checkpoint.safetensors", {}, true, 9};
  EXPECT_THROW(make(data, setup, {true, 1}), core::Interrupted);
  EXPECT_NE(error_text([&] { make(data, setup, {}); }).find("modes of streamed frames"),
            std::string::npos);
  setup.files.pause_after_steps = 0;
  EXPECT_TRUE(at::equal(whole.weights(), make(data, setup, {true, 1e6}).weights()));
}

// What is done to a file in the middle of training.
class Meddler : public FieldTrainer {
 public:
  using FieldTrainer::FieldTrainer;
  std::function<void()> meddle;
  double step(const std::vector<std::int64_t>& batch, const StepPlan& plan) override {
    if (optimiser.steps == 9) {
      comm().barrier();
      if (comm().is_root()) meddle();
      comm().barrier();
    }
    return FieldTrainer::step(batch, plan);
  }
};

std::string error_after(const std::function<void(const fs::path&)>& meddle,
                        const std::string& name) {
  const fs::path folder = write_dataset(name, 2, true);
  TrainingSetup setup = setup_of("unet");
  const DatasetReader reader(folder);
  const double least = tests::least_memory_gb(reader, setup, world());
  setup.files.checkpoint = folder / "checkpoint.safetensors";
  const std::string text = error_text([&] {
    Meddler trainer(load_training_data(reader, setup.training, setup.network, {true, 1e9 * least}),
                    setup.network, setup.training, world());
    trainer.meddle = [&] { meddle(folder / "train" / "sample_0.hdf5"); };
    run_training(trainer, setup);
  });
  world().barrier();
  EXPECT_TRUE(fs::exists(setup.files.checkpoint)) << "of the epochs before";
  return text;
}

TEST(Streaming, EndsOnAllRanksWhereASampleVanishes) {
  const std::string text =
      error_after([](const fs::path& file) { fs::remove(file); }, "streaming_vanishes");
  EXPECT_NE(text.find("sample_0.hdf5 vanished while it was being read"), std::string::npos) << text;
}

TEST(Streaming, EndsOnAllRanksWhereASampleChanges) {
  std::string text = error_after(
      [](const fs::path& file) {
        fs::last_write_time(file, fs::last_write_time(file) + std::chrono::seconds(5));
      },
      "streaming_touched");
  EXPECT_NE(text.find("sample_0.hdf5 changed while it was being read (it was written anew)"),
            std::string::npos)
      << text;
  text = error_after([](const fs::path& file) { fs::resize_file(file, 3000); }, "streaming_cut");
  EXPECT_NE(text.find("changed while it was being read (it had"), std::string::npos) << text;
  EXPECT_NE(text.find("and has 3000)"), std::string::npos) << text;
}

// Bytes flip on the disk, and nobody wrote.
TEST(Streaming, EndsOnAllRanksWhereAChecksumFails) {
  const std::string text = error_after(
      [](const fs::path& path) {
        const auto written = fs::last_write_time(path);
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        const auto size = static_cast<std::streamoff>(fs::file_size(path));
        for (std::streamoff at = size / 2; at < size; at += 500) {
          file.seekg(at);
          const char byte = static_cast<char>(~file.get());
          file.seekp(at);
          file.put(byte);
        }
        file.close();
        fs::last_write_time(path, written);
      },
      "streaming_flipped");
  EXPECT_NE(text.find("sample_0.hdf5"), std::string::npos) << text;
  EXPECT_NE(text.find("cannot"), std::string::npos) << text;
}

TEST(Streaming, NumbersThatAreNotFiniteAreRefusedBeforeTheFirstStep) {
  for (const std::string split : {"train", "valid"}) {
    const fs::path folder = write_dataset("streaming_nan_" + split, 2, true);
    if (world().is_root()) {
      mesh::Hdf5File file(folder / split / "sample_1.hdf5", mesh::H5Mode::update,
                          core::Comm::self());
      const float nan = std::numeric_limits<float>::quiet_NaN();
      file.write("t0_fields/q", &nan, {{0, 9, 3, 3}, {1, 1, 1, 1}});
      file.close();
    }
    world().barrier();
    const DatasetReader data(folder);
    const TrainingSetup setup = setup_of("unet");
    for (const SampleMemory& memory : {SampleMemory{}, SampleMemory{true, 1}})
      EXPECT_NE(error_text([&] {
                  load_training_data(data, setup.training, setup.network, memory);
                }).find("sample sample_1 has values that are not finite"),
                std::string::npos)
          << split;
  }
}

TEST(Streaming, NamesWhatCannotBeStreamedAndWhatWouldDo) {
  const DatasetReader data(dataset());
  TrainingSetup setup = setup_of("unet");
  setup.training.memory_gb = 1e-6;
  std::string text = error_text([&] { train(data, setup, world()); });
  for (const char* part :
       {"training.memory_gb: 1e-06 is too little", "3 frames at a time", "would do"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  const double least = tests::least_memory_gb(data, setup, world());
  setup.training.memory_gb = 0.98 * least;
  EXPECT_NE(error_text([&] { train(data, setup, world()); }).find("is too little"),
            std::string::npos);

  setup.network.kind = "conv_autoencoder";
  setup.training.memory_gb = 1e-6;
  text = error_text([&] { train(data, setup, world()); });
  for (const char* part : {"training.memory_gb: 1e-06 is less than the", "of all samples",
                           "conv_autoencoder goes over all frames at once", "would do, or 0"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

}  // namespace

}  // namespace understudy
