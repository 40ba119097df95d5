// Datasets of points: what is stored, disks that are full, files that are damaged.
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "core/error.hpp"
#include "mesh/io/hdf5_file.hpp"
#include "support/file_size_limit.hpp"
#include "support/surrogates_sub_model_case.hpp"

namespace understudy::tests {

namespace {

namespace fs = std::filesystem;

TEST_F(SubModelTest, RejectedPointsTrainTheNextModel) {
  SubModelOptions o = options(SubModelPolicy::gate);
  o.dataset = work("rejected");
  {
    SubModel model(o);
    const HostBatch in = case_states(300, 2, 3, 11), out("out", 300, 2);
    model(in, out, case_physics);
    EXPECT_EQ(model.counters().stored, 300);
  }
  const auto data = surrogates::read_points(work("rejected"));
  EXPECT_EQ(data.points, 300);
  EXPECT_EQ(data.info.inputs, case_inputs);
  for (long long n = 0; n < 300; ++n)
    EXPECT_DOUBLE_EQ(data.outputs[2 * n], data.inputs[2 * n] * data.inputs[2 * n + 1]);
}

TEST_F(SubModelTest, StoresEverySoManyAndNoMoreThanAsked) {
  SubModelOptions o = options(SubModelPolicy::collect);
  o.dataset = work("sparse");
  o.store_every = 3;
  o.store_at_most = 25;
  SubModel model(o);
  const HostBatch in = case_states(50, 0, 1, 12), out("out", 50, 2);
  in(0, 0) = std::numeric_limits<double>::infinity();
  for (int call = 0; call < 3; ++call) model(in, out, case_physics);
  model.flush();
  EXPECT_EQ(model.counters().stored, 25);
  const auto data = surrogates::read_points(o.dataset);
  ASSERT_EQ(data.points, 25);
  // Points 0, 3, 6... of all calls; the very first is not finite. 16 are of the first call.
  for (int row = 0; row < 25; ++row) {
    const int n = row < 16 ? 3 * (row + 1) : 3 * (row + 1) - 50;
    EXPECT_EQ(data.inputs[2 * row], in(n, 0)) << row;
  }
}

TEST_F(SubModelTest, RefusesDatasetsOfOtherColumnsAndValuesThatAreNotFinite) {
  const fs::path data = work("mixed");
  collect_case(data, 10, 1, core::Comm::self());
  SubModelOptions o = options(SubModelPolicy::collect);
  o.dataset = data;
  o.inputs[1].unit = "ms";
  {
    SubModel other(o);
    const HostBatch in = case_states(5, 0, 1, 1), out("out", 5, 2);
    other(in, out, case_physics);
  }
  const std::string why = message_of([&] { surrogates::read_points(data); });
  EXPECT_NE(why.find("input 'b' is in"), std::string::npos) << why;
  const fs::path bad = work("bad");
  collect_case(bad, 10, 1, core::Comm::self());
  const fs::path file = fs::directory_iterator(bad)->path();
  {
    mesh::Hdf5File hdf5(file, mesh::H5Mode::update, core::Comm::self());
    const double nan = std::numeric_limits<double>::quiet_NaN();
    hdf5.write("outputs", &nan, {{3, 1}, {1, 1}});
  }
  const std::string nan = message_of([&] { surrogates::read_points(bad); });
  EXPECT_NE(nan.find("'sum' of point 3 is nan"), std::string::npos) << nan;
  EXPECT_NE(message_of([&] { surrogates::read_points(work("empty")); }).find("no points in"),
            std::string::npos);
}

/// A file where the dataset's folder should be: nothing can be written until it is removed.
fs::path blocked(const fs::path& path) {
  std::ofstream(path) << "in the way";
  return path;
}

TEST_F(SubModelTest, AGatedCallIsServedThoughItsPointsCannotBeStored) {
  SubModelOptions o = options(SubModelPolicy::gate);
  o.dataset = blocked(work("gate_blocked"));
  SubModel model(o);
  const int points = 70000;  // more than one block
  const HostBatch in = case_states(points, 2, 3, 1), out("out", points, 2);
  in(5, 0) = in(5, 1) = 0.1;  // one for the network, so that the others are packed
  model(in, out, case_physics);
  const HostBatch truth = truth_of(in);
  for (int n = 0; n < points; ++n) {
    if (n == 5) continue;
    ASSERT_EQ(out(n, 1), truth(n, 1)) << n;
  }
  EXPECT_EQ(model.counters().to_network, 1);
  EXPECT_EQ(model.counters().stored, 0);
  model(in, out, case_physics);
  EXPECT_EQ(model.counters().stored, 0);
  fs::remove(o.dataset);
  model.flush();  // and on again
  model(in, out, case_physics);
  EXPECT_EQ(model.counters().stored, points - 1);
  EXPECT_EQ(surrogates::read_points(o.dataset).points, points - 1);
}

TEST_F(SubModelTest, ACollectingCallThatCannotStoreMayBeRepeated) {
  SubModelOptions o = options(SubModelPolicy::collect);
  o.dataset = blocked(work("collect_blocked"));
  SubModel model(o);
  const HostBatch few = case_states(10, 0, 1, 2), few_out("out", 10, 2);
  model(few, few_out, case_physics);  // buffered
  const int points = 70000;
  const HostBatch in = case_states(points, 0, 1, 1), out("out", points, 2);
  for (int attempt = 0; attempt < 2; ++attempt) {
    Kokkos::deep_copy(out, 0);
    EXPECT_TRUE(says(message_of([&] { model(in, out, case_physics); }), "cannot make the folder"));
    EXPECT_EQ(largest_difference(out, truth_of(in)), 0) << "the results are there all the same";
    EXPECT_EQ(model.counters().stored, 10);
  }
  EXPECT_TRUE(says(message_of([&] { model.flush(); }), "cannot make the folder"));
  fs::remove(o.dataset);
  model(in, out, case_physics);
  EXPECT_EQ(model.counters().stored, points + 10);
  const auto data = surrogates::read_points(o.dataset);
  EXPECT_EQ(data.points, points + 10);
  EXPECT_EQ(data.inputs[0], few(0, 0));
  EXPECT_EQ(data.inputs[2 * 10 + 1], in(0, 1));
}

TEST_F(SubModelTest, TheCostOfALargeBatchIsKept) {
  SubModelOptions o = options(SubModelPolicy::collect);
  o.dataset = work("cost");
  SubModel model(o);
  const int points = 70000;
  const HostBatch in = case_states(points, 0, 1, 1), out("out", points, 2);
  model(in, out, case_physics);
  const double first = surrogates::read_points(o.dataset).cost_core_s;
  EXPECT_GT(first, 0);
  // A call whose points are all left out costs, too.
  const HostBatch bad("bad", 3, 2);
  bad(0, 0) = bad(1, 0) = bad(2, 0) = std::numeric_limits<double>::quiet_NaN();
  model(bad, HostBatch("out", 3, 2), case_physics);
  model.flush();
  const auto data = surrogates::read_points(o.dataset);
  EXPECT_EQ(data.points, points);
  EXPECT_GT(data.cost_core_s, first);
}

TEST(PointWriter, LeavesNothingHalfWrittenOnAFullDisk) {
  const Scratch work(core::Comm::self());
  const surrogates::PointsInfo info{"case", case_inputs, case_outputs};
  surrogates::PointWriter writer(work / "points", info, core::describe_build_and_host("test"), 0);
  const HostBatch in = case_states(5000, 0, 1, 1), out = truth_of(in);
  writer.append(in.data(), out.data(), 5000);
  {
    const FileSizeLimit limit(20000);
    EXPECT_THROW(writer.flush(), core::UserError);
  }
  EXPECT_TRUE(fs::is_empty(work / "points"));
  writer.flush();
  EXPECT_EQ(surrogates::read_points(work / "points").points, 5000);
  writer.append(in.data(), out.data(), 7);
  writer.flush();
  EXPECT_EQ(surrogates::read_points(work / "points").points, 5007);
}

TEST(PointWriter, WhatAKilledProcessLeftIsNotRead) {
  const Scratch work(core::Comm::self());
  collect_case(work / "points", 10, 1, core::Comm::self());
  const fs::path whole = fs::directory_iterator(work / "points")->path();
  EXPECT_EQ(whole.extension(), ".h5");
  std::ofstream((work / "points" / "case_killed.h5.1.understudy.part"))
      << "the beginning of a file";
  EXPECT_EQ(surrogates::read_points(work / "points").points, 10);
}

}  // namespace

}  // namespace understudy::tests
