// Datasets: written by all ranks, read back exactly; resumption by sample; what damaged files get.
#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <fstream>
#include <limits>

#include "core/atomic_file.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/fields/dataset/dataset_statistics.hpp"

namespace understudy {

using namespace surrogates;
using tests::error_text;

class DatasetTest : public testing::TestWithParam<bool> {
 protected:
  core::Comm comm = core::Comm::world();
};

TEST_P(DatasetTest, ReadsBackWhatAllRanksWrote) {
  const bool periodic = GetParam();
  const auto folder = tests::fresh_folder("dataset_round", comm);
  auto last = tests::write_sample<float>(folder, periodic, 3, "train", 4, comm);
  comm.barrier();
  const DatasetReader reader(folder);
  ASSERT_EQ(reader.samples().size(), 1u);
  EXPECT_EQ(reader.samples()[0].frames, 4);
  EXPECT_EQ(reader.samples()[0].parameters.at(0).name, "carrier.speed");
  EXPECT_EQ(reader.samples()[0].parameters.at(0).unit, "m/s");
  EXPECT_DOUBLE_EQ(reader.samples()[0].parameters.at(0).value, 1.3);
  EXPECT_EQ(reader.samples()[0].provenance.deck_hash, "hash3");
  EXPECT_DOUBLE_EQ(reader.cost_core_s(), 2.5);
  EXPECT_NO_THROW(reader.require(
      tests::carrier_dataset(periodic, tests::Carrier<float>(last.shared_grid()).fields())));

  mesh::State<float> state(last.shared_grid(), tests::Carrier<float>(last.shared_grid()).fields());
  reader.read_state(0, 3, state);
  EXPECT_DOUBLE_EQ(state.time_s, 3 * tests::window_s);
  for (const char* field : {"q", "f", "mask"})
    EXPECT_EQ(tests::largest_difference(state, last, field), 0) << field;

  // Channels for training: [frame, channel, y, x], against this rank's part of the last state.
  const auto values = reader.prognostic(0, 2, 2);
  const auto& grid = last.grid();
  const int nx = grid.global_cells(0), ny = grid.global_cells(1);
  ASSERT_EQ(values.size(), 2u * 2 * nx * ny);
  const auto f = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), last["f"].component());
  const auto r = grid.interior();
  for (int j = r.begin[1]; j < r.end[1]; ++j)
    for (int i = r.begin[0]; i < r.end[0]; ++i) {
      const int gj = j - r.begin[1] + grid.offset(1), gi = i - r.begin[0] + grid.offset(0);
      ASSERT_EQ(values[((1 * 2 + 1) * ny + gj) * nx + gi], f(0, j, i));
    }
  EXPECT_EQ(reader.fixed(0).size(), static_cast<std::size_t>(nx) * ny);
}
INSTANTIATE_TEST_SUITE_P(Sides, DatasetTest, testing::Bool());

TEST(Dataset, StatisticsAreThoseOfTheTrainingSamples) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_statistics", comm);
  for (const int n : {1, 2, 4}) tests::write_sample<float>(folder, false, n, "train", 3, comm);
  tests::write_sample<float>(folder, false, 9, "valid", 3, comm);
  comm.barrier();
  write_statistics(folder, comm);
  comm.barrier();
  const DatasetReader reader(folder);
  // q is the first channel.
  double sum = 0, square = 0, count = 0, change = 0, changes = 0;
  for (const int sample : reader.samples_of("train")) {
    const auto values = reader.prognostic(sample, 0, 3);
    const std::size_t frame = values.size() / 3,
                      cells = frame / std::size_t(reader.channels(mesh::Role::prognostic));
    for (int f = 0; f < 3; ++f)
      for (std::size_t n = 0; n < cells; ++n) {
        const double value = values[f * frame + n];
        sum += value;
        square += value * value;
        ++count;
        if (f == 0) continue;
        const double step = value - values[(f - 1) * frame + n];
        change += step * step;
        ++changes;
      }
  }
  const std::string text = core::read_file(folder / "stats.yaml");
  const auto stated = [&](const std::string& section, const std::string& field) {
    const auto from = text.find("\n  " + field + ": ", text.find(section + ":\n"));
    return std::stod(text.substr(text.find(':', from) + 1));
  };
  const double mean = sum / count;
  EXPECT_NEAR(stated("mean", "q"), mean, 1e-5 * std::abs(mean) + 1e-12);
  EXPECT_NEAR(stated("std", "q"), std::sqrt(square / count - mean * mean), 1e-5);
  EXPECT_NEAR(stated("rms", "q"), std::sqrt(square / count), 1e-5);
  EXPECT_NEAR(stated("rms_delta", "q"), std::sqrt(change / changes), 1e-5);
  EXPECT_EQ(text.find("  mask: ", text.find("std_delta:")), std::string::npos) << text;
}

TEST(Dataset, FinishedSamplesAreSkippedAndOthersMadeAnew) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_resume", comm);
  const auto fields = tests::Carrier<float>(tests::carrier_grid(true, comm)).fields();
  const auto info = tests::carrier_dataset(true, fields);
  auto sample = tests::carrier_sample(2, "train", 3);
  EXPECT_FALSE(sample_is_complete(folder, info, sample, comm));
  {
    // Left before its end: no file, no temporary file.
    Kokkos::fence();
    tests::Carrier<float> stepper(tests::carrier_grid(true, comm));
    mesh::State<float> state(stepper.grid(), stepper.fields());
    SampleWriter<float> writer(folder, info, sample, stepper.grid());
    writer.write(state);
    EXPECT_NE(error_text([&] { writer.finish(1); }).find("3 frames were announced, but 1"),
              std::string::npos);
  }
  comm.barrier();
  EXPECT_TRUE(std::filesystem::is_empty(folder / "train"));
  EXPECT_FALSE(sample_is_complete(folder, info, sample, comm));
  tests::write_sample<float>(folder, true, 2, "train", 3, comm);
  EXPECT_TRUE(sample_is_complete(folder, info, sample, comm));
  sample.frames = 4;
  EXPECT_FALSE(sample_is_complete(folder, info, sample, comm));
  sample.frames = 3;
  sample.provenance.deck_hash = "another";
  EXPECT_FALSE(sample_is_complete(folder, info, sample, comm));
  // Unless the deck in the file is known to compute the same.
  const std::string theirs = tests::carrier_sample(2, "train", 3).provenance.deck;
  const auto same = [&](const std::string& deck) { return deck == theirs; };
  const auto none = [](const std::string&) { return false; };
  EXPECT_TRUE(sample_is_complete(folder, info, sample, comm, same));
  EXPECT_FALSE(sample_is_complete(folder, info, sample, comm, none));
  sample.frames = 4;
  EXPECT_FALSE(sample_is_complete(folder, info, sample, comm, same));
}

TEST(Dataset, RanksWriteTheProvenanceAndTheCostOfTheFirst) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_provenance", comm);
  tests::Carrier<float> stepper(tests::carrier_grid(true, comm));
  mesh::State<float> state(stepper.grid(), stepper.fields());
  stepper.initialise(state, 0.2);
  auto sample = tests::carrier_sample(5, "train", 2);
  // As on two hosts: texts of different lengths, clocks that differ.
  sample.provenance.host = "host" + std::string(7 * comm.rank(), 'x');
  sample.provenance.started = std::to_string(comm.rank());
  SampleWriter<float> writer(folder, tests::carrier_dataset(true, stepper.fields()), sample,
                             stepper.grid());
  writer.write(state);
  writer.write(state);
  writer.finish(3 + comm.rank());
  const mesh::Hdf5File file(folder / "train" / "sample_5.hdf5", mesh::H5Mode::read,
                            core::Comm::self());
  EXPECT_EQ(file.attribute<std::string>("", "provenance.host"), "host");
  EXPECT_EQ(file.attribute<std::string>("", "provenance.started"), "0");
  EXPECT_EQ(file.attribute<double>("", "cost_core_s"), 3);
}

TEST(Dataset, RefusesWhatDoesNotFit) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_errors", comm);
  EXPECT_NE(error_text([&] { DatasetReader(folder / "nowhere"); }).find("no such folder"),
            std::string::npos);
  EXPECT_NE(error_text([&] { DatasetReader{folder}; }).find("no finished sample"),
            std::string::npos);
  tests::write_sample<float>(folder, true, 0, "train", 3, comm);
  comm.barrier();
  const DatasetReader reader(folder);
  const auto fields = tests::Carrier<float>(tests::carrier_grid(true, comm)).fields();
  auto wanted = tests::carrier_dataset(true, fields);
  wanted.fields[0].name = "temperature";
  EXPECT_NE(error_text([&] { reader.require(wanted); }).find("wanted are temperature [K] at cell"),
            std::string::npos);
  wanted = tests::carrier_dataset(true, fields);
  wanted.grid.cells = {48, 16};
  EXPECT_NE(error_text([&] { reader.require(wanted); }).find("24 x 16 cells; wanted are 48 x 16"),
            std::string::npos);
  wanted = tests::carrier_dataset(true, fields);
  wanted.window_s = 0.1;
  EXPECT_NE(error_text([&] { reader.require(wanted); }).find("time.window_s: 0.1"),
            std::string::npos);
  wanted = tests::carrier_dataset(false, fields);
  EXPECT_NE(error_text([&] { reader.require(wanted); }).find("wanted are inflow, open"),
            std::string::npos);
  EXPECT_NE(error_text([&] { reader.prognostic(0, 2, 2); }).find("it has 3"), std::string::npos);
}

TEST(Dataset, NamesTruncatedAndForeignFiles) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("dataset_damage", comm);
  tests::write_sample<float>(folder, true, 0, "train", 3, comm);
  const auto path = folder / "train" / "sample_0.hdf5";
  comm.barrier();
  if (comm.is_root()) std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  comm.barrier();
  const std::string text = error_text([&] { DatasetReader{folder}; });
  EXPECT_NE(text.find("sample_0.hdf5"), std::string::npos) << text;
  comm.barrier();
  if (comm.is_root()) std::ofstream(path) << "no HDF5 at all";
  comm.barrier();
  EXPECT_NE(error_text([&] { DatasetReader{folder}; }).find("sample_0.hdf5"), std::string::npos);
}

}  // namespace understudy
