// NumPy's files: shapes and values, decimation, and what cannot be read.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numbers>

#include "core/memory.hpp"
#include "support/surrogates_arrays_case.hpp"
#include "surrogates/arrays/npy_file.hpp"

namespace understudy::tests {

namespace {

using namespace surrogates;

// A file as numpy.save() writes it (format 1.0: header padded to a multiple of 64 bytes).
template <class T>
void write_npy(const std::filesystem::path& path, const std::string& type, const std::string& shape,
               const std::vector<T>& values, const std::string& order = "False") {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': (" + shape + "), }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::ofstream out(path, std::ios::binary);
  out << "\x93NUMPY" << '\x01' << '\0' << static_cast<char>(header.size() % 256)
      << static_cast<char>(header.size() / 256) << header;
  out.write(reinterpret_cast<const char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(T)));
}

std::vector<float> ramp(std::size_t n) {
  std::vector<float> values;
  for (std::size_t k = 0; k < n; ++k) values.push_back(static_cast<float>(k));
  return values;
}

TEST(Npy, ReadsBothTypesAndPartsOfThem) {
  const Scratch scratch;
  write_npy(scratch / "f4.npy", "<f4", "3, 2, 2", ramp(12));
  write_npy(scratch / "f8.npy", "<f8", "4,", std::vector<double>{0.5, 1.5, 2.5, 3.5});
  const NpyArray all = read_npy(scratch / "f4.npy");
  EXPECT_EQ(all.shape, (std::vector<long long>{3, 2, 2}));
  EXPECT_EQ(all.values, ramp(12));
  const NpyArray part = read_npy(scratch / "f4.npy", 1, 1);
  EXPECT_EQ(part.shape, (std::vector<long long>{1, 2, 2}));
  EXPECT_EQ(part.values, (std::vector<float>{4, 5, 6, 7}));
  EXPECT_EQ(read_npy(scratch / "f8.npy").values, (std::vector<float>{0.5, 1.5, 2.5, 3.5}));
}

TEST(Npy, WholeNumbersAndTheOtherByteOrderConvert) {
  const Scratch scratch;
  const std::vector<float> wanted{1, 2, 250};
  const auto read = [&](const std::string& type, const auto& values) {
    write_npy(scratch / "a.npy", type, "3,", values);
    return read_npy(scratch / "a.npy").values;
  };
  EXPECT_EQ(read("|u1", std::vector<std::uint8_t>{1, 2, 250}), wanted);
  EXPECT_EQ(read("<i2", std::vector<std::int16_t>{1, 2, 250}), wanted);
  EXPECT_EQ(read(">i2", std::vector<std::uint16_t>{256, 512, 0xFA00}), wanted);
  EXPECT_EQ(read("<i8", std::vector<std::int64_t>{1, 2, 250}), wanted);
  auto swapped = wanted;
  for (float& value : swapped) {
    auto* bytes = reinterpret_cast<char*>(&value);
    std::reverse(bytes, bytes + 4);
  }
  EXPECT_EQ(read(">f4", swapped), wanted);
}

// Data and models as OpenFWI's files have them, but for their sizes.
TEST(Npy, PairsAreReadWithEveryFourthSample) {
  const Scratch scratch;
  write_npy(scratch / "data1.npy", "<f4", "3, 2, 96, 10", ramp(3 * 2 * 96 * 10));
  write_npy(scratch / "data2.npy", "<f4", "2, 2, 96, 10", ramp(2 * 2 * 96 * 10));
  write_npy(scratch / "model1.npy", "<f4", "3, 1, 12, 10", ramp(360));
  write_npy(scratch / "model2.npy", "<f4", "2, 1, 12, 10", ramp(240));
  NpyPairs from;
  from.inputs = {scratch / "data1.npy", scratch / "data2.npy"};
  from.outputs = {scratch / "model1.npy", scratch / "model2.npy"};
  from.decimated_axis = 1;
  from.stride = 4;
  from.training = 3;
  from.validation = from.test = 1;
  PairInfo info = case_info();
  info.output.lowest = info.output.highest = 0;
  const PairDataset data = read_npy_pairs(from, info);
  EXPECT_EQ(data.samples(), 5);
  EXPECT_EQ(data.split, (std::vector<Split>{Split::train, Split::train, Split::train,
                                            Split::validation, Split::test}));
  // [sample 4 = second of the second file, shot 1, time 3 of every fourth, receiver 7]
  EXPECT_EQ(data.input(4)[(1 * 24 + 3) * 10 + 7], ((1 * 2 + 1) * 96 + 12) * 10 + 7);
  EXPECT_EQ(data.output(4)[25], 120 + 25);
  from.samples = 4;
  EXPECT_EQ(read_npy_pairs(from, info).samples(), 4);
}

std::vector<long long> sizes_of(const PairDataset& data) {
  std::vector<long long> sizes;
  for (const Split split : {Split::train, Split::validation, Split::test})
    sizes.push_back(static_cast<long long>(data.of(split).size()));
  return sizes;
}

TEST(Npy, SplitsAreCountsWhereTheyFitAndProportionsElse) {
  const Scratch scratch;
  for (const char* n : {"1", "2"}) {
    write_npy(scratch / ("data" + std::string(n) + ".npy"), "<f4", "4, 2, 24, 10", ramp(4 * 480));
    write_npy(scratch / ("model" + std::string(n) + ".npy"), "<f4", "4, 1, 12, 10", ramp(480));
  }
  NpyPairs from;
  from.inputs = {scratch / "data1.npy", scratch / "data2.npy"};
  from.outputs = {scratch / "model1.npy", scratch / "model2.npy"};
  const auto sizes = [&](long long training, long long validation, long long test,
                         long long samples = 0) {
    from.training = training;
    from.validation = validation;
    from.test = test;
    from.samples = samples;
    return sizes_of(read_npy_pairs(from, case_info()));
  };
  using Sizes = std::vector<long long>;
  EXPECT_EQ(sizes(0, 0, 0), (Sizes{8, 0, 0}));
  EXPECT_EQ(sizes(3, 2, 1), (Sizes{3, 2, 1}));  // the last two samples are left
  EXPECT_EQ(sizes(5, 2, 1), (Sizes{5, 2, 1}));
  EXPECT_EQ(sizes(3, 1, 0), (Sizes{3, 1, 0}));
  // 8 of 3300: to the nearest whole number there would be nothing to validate with.
  EXPECT_EQ(sizes(3000, 150, 150), (Sizes{6, 1, 1}));
  EXPECT_EQ(sizes(3000, 150, 0), (Sizes{7, 1, 0}));
  EXPECT_EQ(sizes(1, 3000, 1), (Sizes{1, 6, 1}));
  EXPECT_EQ(sizes(40, 20, 20), (Sizes{4, 2, 2}));
  EXPECT_EQ(sizes(4, 2, 2, 4), (Sizes{2, 1, 1}));
  EXPECT_EQ(sizes(1, 1, 1, 3), (Sizes{1, 1, 1}));
  EXPECT_TRUE(tells(why([&] { sizes(3000, 150, 150, 2); }), "have 2 samples"));
  EXPECT_TRUE(tells(why([&] { sizes(3000, 150, 150, 2); }), "dataset.validation"));
}

// Sparse files: their headers tell what reading them would take.
TEST(Npy, PairsThatMemoryHasNoRoomForAreRefusedAtOnce) {
  const double room = core::available_memory().bytes;
  if (!std::isfinite(room)) GTEST_SKIP() << "nobody says how much memory there is";
  const Scratch scratch;
  const auto samples = static_cast<unsigned long long>(2 * room / (600 * sizeof(float))) + 1;
  const auto sparse = [&](const std::string& name, const std::string& shape,
                          unsigned long long size) {
    write_npy(scratch / name, "|u1", std::to_string(samples) + shape, std::vector<std::uint8_t>{});
    std::error_code code;
    std::filesystem::resize_file(scratch / name, 128 + samples * size, code);
    return !code;
  };
  if (!sparse("data.npy", ", 2, 24, 10", 480) || !sparse("model.npy", ", 1, 12, 10", 120))
    GTEST_SKIP() << "no sparse files of such a size here";
  NpyPairs from;
  from.inputs = {scratch / "data.npy"};
  from.outputs = {scratch / "model.npy"};
  const auto told = why([&] { read_npy_pairs(from, case_info()); });
  for (const char* part : {"pairs in", "data.npy", "of memory", "dataset.most_samples"})
    EXPECT_TRUE(tells(told, part));
  // So many are read at most, and they have room.
  from.samples = 3;
  EXPECT_EQ(read_npy_pairs(from, case_info()).samples(), 3);
  from.samples = 0;
  from.training = 2;
  from.validation = 1;
  EXPECT_EQ(sizes_of(read_npy_pairs(from, case_info())), (std::vector<long long>{2, 1, 0}));
}

// Below the new Nyquist frequency a wave passes; above it would be folded, and is filtered away.
TEST(Npy, LowPassTakesAwayWhatWouldBeFolded) {
  const Scratch scratch;
  const auto amplitude = [&](double cycles_per_sample, bool low_pass) {
    std::vector<float> wave;
    for (int t = 0; t < 400; ++t)
      wave.push_back(
          static_cast<float>(std::sin(2 * std::numbers::pi * cycles_per_sample * t + 0.4)));
    write_npy(scratch / "wave.npy", "<f4", "1, 1, 400, 1", wave);
    write_npy(scratch / "one.npy", "<f4", "1, 2", ramp(2));
    PairInfo info;
    info.name = "wave";
    info.input = {"p", "Pa", {1, 100, 1}, {"shot", "sample", "receiver"}, {}, 0, 0};
    info.output = {"c", "m/s", {2, 1}, {"depth", "x"}, {}, 0, 0};
    NpyPairs from;
    from.inputs = {scratch / "wave.npy"};
    from.outputs = {scratch / "one.npy"};
    from.decimated_axis = 1;
    from.stride = 4;
    from.low_pass = low_pass;
    float largest = 0;
    const auto data = read_npy_pairs(from, info);
    for (int t = 15; t < 85; ++t) largest = std::max(largest, std::abs(data.inputs[t]));
    return largest;
  };
  EXPECT_NEAR(amplitude(0.06, true), 1, 0.02);
  EXPECT_GT(amplitude(0.22, false), 0.9);
  EXPECT_LT(amplitude(0.22, true), 0.01);
}

TEST(Npy, WhatCannotBeReadIsTold) {
  const Scratch scratch;
  const auto told = [&](const std::string& name) { return why([&] { read_npy(scratch / name); }); };
  EXPECT_TRUE(tells(told("none.npy"), "no such file"));
  std::ofstream(scratch / "text.npy") << "not an array at all";
  EXPECT_TRUE(tells(told("text.npy"), "it does not begin as one"));
  std::ofstream(scratch / "pointer.npy")
      << "version https://git-lfs.github.com/spec/v1\noid sha256:1\n";
  EXPECT_TRUE(tells(told("pointer.npy"), "git lfs pull"));
  write_npy(scratch / "complex.npy", "<c8", "2, 2", ramp(8));
  EXPECT_TRUE(tells(told("complex.npy"), "its values are '<c8'"));
  write_npy(scratch / "half.npy", "<f2", "2, 2", ramp(2));
  EXPECT_TRUE(tells(told("half.npy"), ".astype('float32')"));
  write_npy(scratch / "fortran.npy", "<f4", "2, 2", ramp(4), "True");
  EXPECT_TRUE(tells(told("fortran.npy"), "Fortran order"));
  write_npy(scratch / "short.npy", "<f4", "2, 3", ramp(5));
  EXPECT_TRUE(tells(told("short.npy"), "is truncated: 148 bytes; shape [2, 3] wants 152"));
  write_npy(scratch / "empty.npy", "<f4", "9223372036854775807, 0", ramp(0));
  EXPECT_TRUE(tells(told("empty.npy"), "its shape has a length of 0"));
  std::ofstream(scratch / "shape.npy", std::ios::binary)
      << "\x93NUMPY" << '\x01' << '\0' << '\x36' << '\0'
      << "{'descr': '<f4', 'fortran_order': False, 'shape': , } ";
  EXPECT_TRUE(tells(told("shape.npy"), "its shape is ''"));
  auto bad = ramp(6);
  bad[4] = std::numeric_limits<float>::quiet_NaN();
  write_npy(scratch / "nan.npy", "<f4", "2, 3", bad);
  EXPECT_TRUE(tells(told("nan.npy"), "value 1 of row 1 is nan"));
  write_npy(scratch / "good.npy", "<f4", "2, 3", ramp(6));
  EXPECT_TRUE(
      tells(why([&] { read_npy(scratch / "good.npy", 1, 2); }), "samples 1 to 2 are wanted"));
}

TEST(Npy, FilesThatAreNoPairsAreTold) {
  const Scratch scratch;
  write_npy(scratch / "data.npy", "<f4", "2, 2, 24, 10", ramp(960));
  write_npy(scratch / "model.npy", "<f4", "1, 1, 12, 10", ramp(120));
  NpyPairs from;
  from.inputs = {scratch / "data.npy"};
  from.outputs = {scratch / "model.npy"};
  const auto told = [&] { return why([&] { read_npy_pairs(from, case_info()); }); };
  EXPECT_TRUE(tells(told(), "holds 2 samples and"));
  from.decimated_axis = 1;
  from.stride = 2;
  EXPECT_TRUE(tells(told(), "data.npy is [2, 2, 24, 10]; expected are samples of pressure"));
  from.stride = 0;
  EXPECT_TRUE(tells(told(), "a stride is at least 1"));
  from.outputs.clear();
  EXPECT_TRUE(tells(told(), "1 NumPy files of inputs and 0 of outputs"));
}

}  // namespace

}  // namespace understudy::tests
