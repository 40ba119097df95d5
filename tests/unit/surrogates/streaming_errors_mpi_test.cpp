// What changes or vanishes while a training reads its samples ends all ranks, and so does what was never right.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>

#include "core/error.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/torch_streaming_case.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;
using tests::streaming::setup_of;
using tests::streaming::world;
using tests::streaming::write_dataset;

namespace {

namespace fs = std::filesystem;

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
  const double least = tests::streaming::least_memory_gb(reader, setup, world());
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

}  // namespace

}  // namespace understudy
