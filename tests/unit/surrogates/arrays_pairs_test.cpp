// Files of pairs: what is stored comes back, making goes on by sample, and what is wrong is told.
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "mesh/io/hdf5_file.hpp"
#include "support/surrogates_arrays_case.hpp"

namespace understudy::tests {

namespace {

using namespace surrogates;

TEST(Pairs, ComeBackInOrderWhateverTheShards) {
  const Scratch scratch;
  write_case(scratch / "a", 0, 10, 4);
  {
    // Another process wrote the samples the other way round.
    PairWriter writer(scratch / "b", case_info(), case_provenance(), 3);
    writer.add_cost(2.5);
    for (long long n = 9; n >= 0; --n) {
      const CasePair pair = case_pair(n);
      writer.append(n, case_split(n), pair.input, pair.output);
    }
    writer.flush();
  }
  const PairDataset a = read_pairs(scratch / "a"), b = read_pairs(scratch / "b");
  EXPECT_EQ(a.info, case_info());
  EXPECT_EQ(a.samples(), 10);
  EXPECT_EQ(a.hash, b.hash);
  EXPECT_EQ(a.cost_core_s, 0);
  EXPECT_EQ(b.cost_core_s, 2.5);
  for (long long n = 0; n < 10; ++n) {
    EXPECT_EQ(b.index[n], n);
    EXPECT_EQ(b.split[n], case_split(n));
    const auto in = b.input(n), out = b.output(n);
    EXPECT_EQ(std::vector<float>(in.begin(), in.end()), case_pair(n).input);
    EXPECT_EQ(std::vector<float>(out.begin(), out.end()), case_pair(n).output);
  }
  write_case(scratch / "c", 0, 9);
  EXPECT_NE(read_pairs(scratch / "c").hash, a.hash);
}

TEST(Pairs, MakingGoesOnBySample) {
  const Scratch scratch;
  EXPECT_TRUE(finished_samples(scratch / "data", case_info(), "d1").empty());
  write_case(scratch / "data", 0, 5, 4);
  write_case(scratch / "data", 7, 2, 4);
  EXPECT_EQ(finished_samples(scratch / "data", case_info(), "d1"),
            (std::vector<long long>{0, 1, 2, 3, 4, 7, 8}));
  write_case(scratch / "data", 5, 2, 4);
  EXPECT_EQ(read_pairs(scratch / "data").samples(), 9);
  // Another deck, another problem.
  EXPECT_TRUE(tells(why([&] { finished_samples(scratch / "data", case_info(), "d2"); }),
                    "was made by another deck (hash d1; this one's is d2)"));
  PairInfo other = case_info();
  other.input.shape[1] = 23;
  EXPECT_TRUE(tells(why([&] { finished_samples(scratch / "data", other, "d1"); }),
                    "the input is pressure [Pa] (shot 2, sample 24, receiver 10); expected is "
                    "pressure [Pa] (shot 2, sample 23, receiver 10)"));
  other = case_info();
  other.output.highest = 5000;
  EXPECT_TRUE(tells(why([&] { finished_samples(scratch / "data", other, "d1"); }),
                    "the output's range is 1500 to 4500; expected is 1500 to 5000"));
}

TEST(Pairs, SwappedPairsAreThoseOfTheOtherWay) {
  const PairDataset data = swapped(case_data(3));
  EXPECT_EQ(data.info.input, case_info().output);
  EXPECT_EQ(data.input(2).size(), 120U);
  EXPECT_EQ(data.output(2)[5], case_pair(2).input[5]);
  EXPECT_NE(data.hash, case_data(3).hash);
}

TEST(Pairs, WhatIsWrongIsRefused) {
  const Scratch scratch;
  EXPECT_TRUE(tells(why([&] { read_pairs(scratch / "none"); }), "no pairs in"));
  CasePair pair = case_pair(0);
  {
    PairWriter writer(scratch / "data", case_info(), case_provenance());
    EXPECT_TRUE(tells(why([&] { writer.append(0, Split::train, pair.output, pair.output); }),
                      "120 values for pressure [Pa] (shot 2, sample 24, receiver 10); 480 are"));
    EXPECT_TRUE(tells(why([&] { writer.append(-1, Split::train, pair.input, pair.output); }),
                      "a sample's number is -1"));
    pair.output[7] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(tells(why([&] { writer.append(3, Split::train, pair.input, pair.output); }),
                      "value 7 of speed of sample 3 is nan"));
  }
  EXPECT_FALSE(std::filesystem::exists(scratch / "data"));
  PairInfo info = case_info();
  info.output.axes = {"depth"};
  EXPECT_TRUE(tells(why([&] { PairWriter(scratch / "x", info, {}); }), "names of axes"));
  info = case_info();
  info.input.shape = {2, 0, 10};
  EXPECT_TRUE(tells(why([&] { PairWriter(scratch / "x", info, {}); }), "an axis of length 0"));
  info = case_info();
  info.input.mirrored = {3};
  EXPECT_TRUE(tells(why([&] { PairWriter(scratch / "x", info, {}); }), "no axis 3 to be mirrored"));
  info = case_info();
  info.output.highest = 100;
  EXPECT_TRUE(
      tells(why([&] { PairWriter(scratch / "x", info, {}); }), "range 1500 to 100 is none"));
}

TEST(Pairs, DamagedFilesAreRefused) {
  const Scratch scratch;
  const auto self = core::Comm::self();
  write_case(scratch / "data", 0, 4, 4);
  const auto shard = scratch / "data/pairs_000000.h5";
  std::filesystem::copy_file(shard, scratch / "data/pairs_000009.h5");
  EXPECT_TRUE(tells(why([&] { read_pairs(scratch / "data"); }), "sample 0 is in"));
  std::filesystem::remove(scratch / "data/pairs_000009.h5");
  {
    mesh::Hdf5File file(shard, mesh::H5Mode::update, self);
    const float bad = std::numeric_limits<float>::infinity();
    file.write("inputs", &bad, {{2, 1, 3, 4}, {1, 1, 1, 1}});
    file.close();
  }
  EXPECT_TRUE(tells(why([&] { read_pairs(scratch / "data"); }), "of pressure of sample 2 is inf"));
  {
    mesh::Hdf5File file(shard, mesh::H5Mode::update, self);
    file.set_attribute("", "output_shape", std::vector<long long>{10, 12});
    file.close();
  }
  EXPECT_TRUE(tells(why([&] { read_pairs(scratch / "data"); }), "outputs"));
  {
    mesh::Hdf5File file(shard, mesh::H5Mode::update, self);
    file.set_attribute("", "kind", "cats");
    file.close();
  }
  EXPECT_TRUE(tells(why([&] { read_pairs(scratch / "data"); }), "holds no pairs"));
  std::filesystem::resize_file(shard, 1000);
  EXPECT_TRUE(tells(why([&] { read_pairs(scratch / "data"); }), "pairs_000000.h5"));
}

}  // namespace

}  // namespace understudy::tests
