// The owner of an HDF5 file: blocks from every rank, from the root alone and empty ones; growth;
// attributes of every type; and what each kind of misuse or damage is told.
#include "mesh/io/hdf5_file.hpp"

#include <hdf5.h>

#include <fstream>
#include <numeric>

#include "support/mesh_io_scratch.hpp"

namespace understudy::mesh {
namespace {

using core::Comm;
using tests::contains;
using tests::Scratch;
using tests::user_error;

TEST(Hdf5File, WritesAndReadsBlocksOfEveryRank) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto ranks = static_cast<std::uint64_t>(comm.size());
  const auto me = static_cast<std::uint64_t>(comm.rank());
  {
    Hdf5File file(scratch / "a.h5", H5Mode::create, comm);
    file.create_dataset<double>("group/inner/values", {3, 2 * ranks, 5});
    std::vector<double> mine(3 * 2 * 5);
    for (std::uint64_t k = 0, n = 0; k < 3; ++k)
      for (std::uint64_t j = 0; j < 2; ++j)
        for (std::uint64_t i = 0; i < 5; ++i, ++n)
          mine[n] = static_cast<double>((k * 2 * ranks + 2 * me + j) * 5 + i);
    file.write("group/inner/values", mine.data(), {{0, 2 * me, 0}, {3, 2, 5}});
    file.close();
  }
  const Hdf5File file(scratch / "a.h5", H5Mode::read, comm);
  EXPECT_EQ(file.info("group/inner/values").type, "float64");
  EXPECT_EQ(file.shape("group/inner/values"), (H5Shape{3, 2 * ranks, 5}));
  EXPECT_EQ(file.children("group"), std::vector<std::string>{"inner"});
  const auto all = file.get<double>("group/inner/values");
  for (std::size_t n = 0; n < all.size(); ++n) ASSERT_EQ(all[n], static_cast<double>(n));
  // Read as another floating type, and one row a rank.
  std::vector<float> row(5);
  file.read("group/inner/values", row.data(), {{1, me, 0}, {1, 1, 5}});
  EXPECT_EQ(row[4], static_cast<float>((2 * ranks + me) * 5 + 4));
}

TEST(Hdf5File, WritesFromTheRootAloneAndGrows) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  Hdf5File file(scratch / "grow.h5", H5Mode::create, comm);
  file.create_dataset<float>("series", {0, 4},
                             {.chunk = {2, 4}, .extendable_first = true, .deflate = 4});
  for (std::uint64_t row = 0; row < 3; ++row) {
    file.extend("series", row + 1);
    const std::vector<float> values(4, static_cast<float>(row));
    file.write("series", values.data(),
               comm.is_root() ? H5Block{{row, 0}, {1, 4}} : H5Block::none());
  }
  file.flush();
  EXPECT_EQ(file.info("series").chunk, (H5Shape{2, 4}));
  const auto values = file.get<float>("series");
  ASSERT_EQ(values.size(), 12u);
  for (std::size_t n = 0; n < 12; ++n) EXPECT_EQ(values[n], static_cast<float>(n / 4));
  const float* nothing = nullptr;
  file.write("series", nothing, {{0, 0}, {0, 4}});  // an empty block is no error
  file.close();
}

TEST(Hdf5File, KeepsEveryElementType) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  Hdf5File file(scratch / "types.h5", H5Mode::create, comm);
  file.put<std::int32_t>("i32", {-1, 2}, {2});
  file.put<std::int64_t>("i64", {1ll << 40}, {1});
  file.put<std::uint8_t>("u8", {255, 0}, {2, 1});
  file.put<bool>("flags", {true, false, true}, {3});
  file.put<double>("single", {2.5}, {});
  file.close();
  file = Hdf5File(scratch / "types.h5", H5Mode::read, comm);
  EXPECT_EQ(file.get<std::int32_t>("i32"), (std::vector<std::int32_t>{-1, 2}));
  EXPECT_EQ(file.get<std::int64_t>("i64"), (std::vector<std::int64_t>{1ll << 40}));
  EXPECT_EQ(file.get<std::uint8_t>("u8"), (std::vector<std::uint8_t>{255, 0}));
  EXPECT_EQ(file.get<bool>("flags"), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(file.get<double>("single"), std::vector<double>{2.5});
  EXPECT_EQ(file.info("flags").type, "bool");
  EXPECT_EQ(file.info("single").shape, H5Shape{});
  EXPECT_TRUE(file.info("single").chunk.empty());
  EXPECT_EQ(file.children(""), (std::vector<std::string>{"flags", "i32", "i64", "single", "u8"}));
}

TEST(Hdf5File, KeepsAttributes) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const std::string long_text(200000, 'x');  // beyond the 64 KB of a fixed attribute
  {
    Hdf5File file(scratch / "attributes.h5", H5Mode::create, comm);
    file.create_group("g");
    file.set_attribute("", "name", "first");
    file.set_attribute("", "name", std::string("größer"));  // replaced
    file.set_attribute("", "deck", long_text);
    file.set_attribute("g", "pi", 3.14159265358979);
    file.set_attribute("g", "count", 7);
    file.set_attribute("g", "yes", true);
    file.set_attribute("g", "names", std::vector<std::string>{"a", "", "ccc"});
    file.set_attribute("g", "numbers", std::vector<double>{1, 2.5});
    file.set_attribute("g", "flags", std::vector<bool>{true, false});
    file.set_attribute("g", "sizes", std::vector<long long>{});
    file.close();
  }
  const Hdf5File file(scratch / "attributes.h5", H5Mode::read, comm);
  EXPECT_EQ(file.attribute<std::string>("", "name"), "größer");
  EXPECT_EQ(file.attribute<std::string>("", "deck"), long_text);
  EXPECT_EQ(file.attribute<double>("g", "pi"), 3.14159265358979);
  EXPECT_EQ(file.attribute<long long>("g", "count"), 7);
  EXPECT_EQ(file.attribute<double>("g", "count"), 7.0);
  EXPECT_TRUE(file.attribute<bool>("g", "yes"));
  EXPECT_EQ(file.attribute<std::vector<std::string>>("g", "names"),
            (std::vector<std::string>{"a", "", "ccc"}));
  EXPECT_EQ(file.attribute<std::vector<double>>("g", "numbers"), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(file.attribute<std::vector<bool>>("g", "flags"), (std::vector<bool>{true, false}));
  EXPECT_TRUE(file.attribute<std::vector<long long>>("g", "sizes").empty());
  EXPECT_TRUE(file.has_attribute("g", "pi"));
  EXPECT_FALSE(file.has_attribute("g", "tau"));
  EXPECT_FALSE(file.has_attribute("nowhere", "pi"));
  EXPECT_EQ(file.attributes(""), (std::vector<std::string>{"deck", "name"}));

  const auto missing = user_error([&] { file.attribute<double>("g", "tau"); });
  EXPECT_TRUE(contains(missing, "'g' has no attribute 'tau'; it has: count, flags, names"));
  const auto type = user_error([&] { file.attribute<double>("", "name"); });
  EXPECT_TRUE(contains(type, "attribute 'name' of '/' is of type string, a number was expected"));
  const auto several = user_error([&] { file.attribute<double>("g", "numbers"); });
  EXPECT_TRUE(contains(several, "has 2 values, one was expected"));
}

// What other tools store in other types reads where nothing is lost.
TEST(Hdf5File, LosslessTypesConvert) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  Hdf5File file(scratch / "types.h5", H5Mode::create, comm);
  file.put<std::int64_t>("whole", {3, -(1LL << 53) + 1, 7}, {3});
  file.put<std::int64_t>("large", {3, (1LL << 53) + 1}, {2});
  file.put<std::uint8_t>("bytes", {0, 255}, {2});
  file.put<bool>("flags", {true, false}, {2});
  file.create_group("g");
  file.set_attribute("g", "one", 1LL);
  file.set_attribute("g", "two", 2LL);
  file.set_attribute("g", "twelve", 12.0);
  file.set_attribute("g", "half", 0.5);
  file.set_attribute("g", "text", "km/s");
  file.set_attribute("g", "none", std::vector<std::string>{});
  file.set_attribute("g", "several", std::vector<std::string>{"a", "b"});
  EXPECT_EQ(file.get<double>("whole"), (std::vector<double>{3, -9007199254740991.0, 7}));
  EXPECT_EQ(file.get<float>("bytes"), (std::vector<float>{0, 255}));
  EXPECT_TRUE(contains(user_error([&] { file.get<double>("large"); }), "holds whole numbers of"));
  EXPECT_TRUE(contains(user_error([&] { file.get<float>("whole"); }), "holds whole numbers of"));
  EXPECT_TRUE(contains(user_error([&] { file.get<double>("flags"); }), "of type bool"));
  const double value = 1;
  EXPECT_TRUE(
      contains(user_error([&] { file.write("whole", &value, {{0}, {1}}); }), "of type int64"));
  EXPECT_TRUE(file.attribute<bool>("g", "one"));
  EXPECT_TRUE(contains(user_error([&] { file.attribute<bool>("g", "two"); }), "true or false"));
  EXPECT_EQ(file.attribute<long long>("g", "twelve"), 12);
  EXPECT_TRUE(
      contains(user_error([&] { file.attribute<long long>("g", "half"); }), "a whole number"));
  EXPECT_EQ(file.text_attribute("g", "text"), "km/s");
  for (const char* name : {"none", "several", "half", "nowhere"})
    EXPECT_FALSE(file.text_attribute("g", name)) << name;
}

TEST(Hdf5File, NamesWhatIsMissingAndWhatIsThere) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  Hdf5File file(scratch / "there.h5", H5Mode::create, comm);
  file.put<double>("fields/u", {1, 2, 3, 4, 5, 6}, {2, 3});
  file.put<double>("fields/v", {1}, {1});
  const std::string name = (scratch / "there.h5").string();
  std::vector<double> values(6);
  const auto missing = user_error([&] { file.get<double>("fields/w"); });
  EXPECT_EQ(missing, name + ": no dataset 'fields/w'; group 'fields' holds: u, v");
  const auto no_group = user_error([&] { file.get<double>("field/u"); });
  EXPECT_EQ(no_group, name + ": no dataset 'field/u'; group '/' holds: fields");
  const auto below = user_error([&] { file.get<double>("fields/u/deep"); });
  EXPECT_EQ(below, name + ": no dataset 'fields/u/deep'; group 'fields' holds: u, v");
  const auto kind = user_error([&] { file.get<double>("fields"); });
  EXPECT_EQ(kind, name + ": 'fields' is a group, a dataset was expected");
  const auto type = user_error([&] { file.get<std::int32_t>("fields/u"); });
  EXPECT_EQ(type, name + ": dataset 'fields/u' holds values of type float64, int32 was expected");
  const auto shape = user_error([&] { file.require_shape("fields/u", {2, 4}, "y, x"); });
  EXPECT_EQ(shape, name + ": dataset 'fields/u' has shape [2, 3], [2, 4] (y, x) was expected");
  const auto block = user_error([&] { file.read("fields/u", values.data(), {{1, 0}, {2, 3}}); });
  EXPECT_TRUE(
      contains(block, "the block of [2, 3] values at [1, 0] does not lie in its shape [2, 3]"));
  const auto taken = user_error([&] { file.create_dataset<double>("fields/u", {1}); });
  EXPECT_TRUE(contains(taken, "cannot make dataset 'fields/u': the name is taken"));
  const auto fixed = user_error([&] { file.extend("fields/u", 9); });
  EXPECT_TRUE(contains(fixed, "cannot extend 'fields/u' of shape [2, 3] to 9"));
}

TEST(Hdf5File, OneRanksErrorReachesAll) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  Hdf5File file(scratch / "one.h5", H5Mode::create, comm);
  file.create_dataset<double>("u", {4});
  const double value = 1;
  // Only the last rank's block is wrong.
  const std::uint64_t offset = comm.rank() == comm.size() - 1 ? 4 : 0;
  EXPECT_TRUE(
      contains(user_error([&] { file.write("u", &value, {{offset}, {1}}); }), "does not lie"));
}

TEST(Hdf5File, RefusesWhatIsNoHdf5File) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto open = [&](const std::string& name) {
    return user_error([&] { Hdf5File(scratch / name, H5Mode::read, comm); });
  };
  EXPECT_EQ(open("none.h5"), (scratch / "none.h5").string() + ": no such file");
  EXPECT_EQ(user_error([&] { Hdf5File(scratch.path(), H5Mode::read, comm); }),
            scratch.path().string() + ": not a file");
  if (comm.is_root()) std::ofstream(scratch / "text.h5") << "I am a text";
  comm.barrier();
  EXPECT_TRUE(contains(open("text.h5"), "not an HDF5 file, or its header is damaged"));

  {
    Hdf5File file(scratch / "cut.h5", H5Mode::create, comm);
    file.put<double>("u", std::vector<double>(10000, 1), {10000});
    file.close();
  }
  if (comm.is_root()) std::filesystem::resize_file(scratch / "cut.h5", 40000);
  comm.barrier();
  const auto cut = open("cut.h5");
  EXPECT_TRUE(contains(cut, "cut.h5: cannot open it, it is damaged or was not written to its end"));
  EXPECT_TRUE(contains(cut, "truncated file"));
}

TEST(Hdf5File, NoFlippedBitChangesNumbersSilently) {
  if (Comm::world().size() > 1) GTEST_SKIP() << "one rank tells all";
  const Comm comm = Comm::self();
  const Scratch scratch(comm);
  std::vector<float> values(300);
  std::iota(values.begin(), values.end(), 0.5f);
  {
    Hdf5File file(scratch / "whole.h5", H5Mode::create, comm);
    file.put("group/values", values, {30, 10});
    file.create_dataset<float>("rows", {0, 10},
                               {.chunk = {}, .extendable_first = true, .checksum = true});
    file.extend("rows", 30);
    file.write("rows", values.data(), {{0, 0}, {30, 10}});
    file.set_attribute("group", "interval_s", 0.004);
    file.set_attribute("group", "counts", std::vector<long long>{3, 5, 7});
    file.close();
  }
  std::ifstream in(scratch / "whole.h5", std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 5) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    std::ofstream(scratch / "flipped.h5", std::ios::binary) << flipped;
    try {
      const Hdf5File file(scratch / "flipped.h5", H5Mode::read, comm);
      EXPECT_EQ(file.get<float>("group/values"), values) << at;
      EXPECT_EQ(file.get<float>("rows"), values) << at;
      EXPECT_EQ(file.attribute<double>("group", "interval_s"), 0.004) << at;
      EXPECT_EQ(file.attribute<std::vector<long long>>("group", "counts"),
                (std::vector<long long>{3, 5, 7}))
          << at;
    } catch (const core::UserError& error) {
      EXPECT_TRUE(contains(error.what(), "flipped.h5")) << at;
      ++refused;
    }
  }
  EXPECT_GT(refused, 300);
}

// A file from elsewhere may name any file that its reader can read.
TEST(Hdf5File, OtherFilesAreNotReadThroughIt) {
  const Comm comm = Comm::self();
  const Scratch scratch(comm);
  {
    Hdf5File file(scratch / "secret.h5", H5Mode::create, comm);
    file.put<double>("u", {1, 2, 3}, {3});
    file.close();
  }
  const std::string secret = (scratch / "secret.h5").string(),
                    name = (scratch / "links.h5").string();
  const hid_t file = H5Fcreate(name.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_external(secret.c_str(), "/u", file, "external", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_external(secret.c_str(), "/", file, "folder", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/folder/u", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t three = 3;
  const hid_t space = H5Screate_simple(1, &three, nullptr), how = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_virtual(how, space, secret.c_str(), "/u", space);
  H5Dclose(H5Dcreate2(file, "virtual", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, how, H5P_DEFAULT));
  H5Pclose(how);
  const hid_t raw = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(raw, secret.c_str(), 0, 24);
  H5Dclose(H5Dcreate2(file, "raw", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, raw, H5P_DEFAULT));
  H5Pclose(raw);
  H5Sclose(space);
  H5Fclose(file);

  const Hdf5File links(name, H5Mode::read, comm);
  for (const char* object : {"external", "folder/u", "soft"}) {
    const auto text = user_error([&] { links.get<double>(object); });
    EXPECT_TRUE(contains(text, "links out of a file are not followed")) << object;
    EXPECT_TRUE(contains(text, "links.h5: ")) << object;
  }
  EXPECT_TRUE(
      contains(user_error([&] { links.attribute<double>("folder", "x"); }), "not followed"));
  EXPECT_TRUE(contains(user_error([&] { links.exists("external"); }), secret));
  for (const char* object : {"virtual", "raw"})
    EXPECT_TRUE(contains(user_error([&] { links.get<double>(object); }), "lie in other files"))
        << object;
}

TEST(Hdf5File, WhatNoMachineHoldsIsRefused) {
  const Comm comm = Comm::self();
  const Scratch scratch(comm);
  Hdf5File file(scratch / "large.h5", H5Mode::create, comm);
  file.create_dataset<double>("u", {1ull << 40, 1ull << 20},
                              {.chunk = {1, 16}, .extendable_first = true});
  EXPECT_TRUE(contains(user_error([&] { file.get<double>("u"); }),
                       "it is too large, or the file is damaged"));
}

TEST(Hdf5File, WritesAtomically) {
  const Comm comm = Comm::world();
  const Scratch scratch;
  const auto path = scratch / "atomic.h5";
  write_hdf5_atomically(path, comm, [](Hdf5File& file) { file.set_attribute("", "round", 1); });
  const auto error = user_error([&] {
    write_hdf5_atomically(path, comm, [](Hdf5File& file) {
      file.set_attribute("", "round", 2);
      file.get<double>("nowhere");
    });
  });
  EXPECT_TRUE(contains(error, "no dataset 'nowhere'"));
  comm.barrier();
  EXPECT_EQ(Hdf5File(path, H5Mode::read, comm).attribute<long long>("", "round"), 1);
  const auto files = std::filesystem::directory_iterator(scratch.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1) << "a temporary file was left";
}

}  // namespace
}  // namespace understudy::mesh
