// Gathers: what is written reads back bit by bit, and files that do not fit are refused by name.
#include "solvers/seismic/survey/gathers.hpp"

#include <cmath>
#include <stdexcept>

#include "mesh/io/hdf5_file.hpp"
#include "support/mesh_io_scratch.hpp"

namespace understudy::solvers::seismic {
namespace {

using tests::contains;
using tests::Scratch;
using tests::user_error;

GatherSet sample(const std::string& quantity = "pressure") {
  GatherSet set;
  set.quantity = quantity;
  set.unit = quantity == "pressure" ? "Pa" : "m/s";
  set.record_every_s = 0.002;
  set.sources = {{10, 0, 5}, {690, 0, 5}};
  set.receivers = {{0, 0, 5}, {100, 0, 5}, {200.5, 0, 7}};
  for (int shot = 0; shot < 2; ++shot) {
    Gather& gather = set.shots.emplace_back(4, 3);
    for (int m = 0; m < 4; ++m)
      for (int r = 0; r < 3; ++r)
        gather.at(m, r) = std::sin(1.0 + shot * 100 + m * 10 + r + double(quantity.size()));
  }
  set.wavelet = {0, 0.5, 1, 0.1};
  set.wavelet_dt_s = 0.001;
  set.attributes = {{"deck_hash", "abc"}, {"version", "1"}};
  return set;
}

TEST(SeismicGathers, ReadBackBitwise) {
  const Scratch scratch;
  const std::vector<GatherSet> sets{sample("velocity_x"), sample("velocity_y")};
  write_gathers(scratch / "g.h5", sets);
  EXPECT_EQ(gather_quantities(scratch / "g.h5"),
            (std::vector<std::string>{"velocity_x", "velocity_y"}));
  for (const GatherSet& written : sets) {
    const GatherSet read = read_gathers(scratch / "g.h5", written.quantity);
    EXPECT_EQ(read.quantity, written.quantity);
    EXPECT_EQ(read.unit, "m/s");
    EXPECT_EQ(read.record_every_s, written.record_every_s);
    EXPECT_EQ(read.sources, written.sources);
    EXPECT_EQ(read.receivers, written.receivers);
    EXPECT_EQ(read.wavelet, written.wavelet);
    EXPECT_EQ(read.wavelet_dt_s, written.wavelet_dt_s);
    EXPECT_EQ(read.attributes, written.attributes);
    ASSERT_EQ(read.shots.size(), 2u);
    for (int shot = 0; shot < 2; ++shot) {
      EXPECT_EQ(read.shots[shot].values, written.shots[shot].values);
      EXPECT_EQ(read.shots[shot].samples, 4);
      EXPECT_EQ(read.shots[shot].receivers, 3);
    }
    check_geometry(read, written, "g.h5");
  }
}

TEST(SeismicGathers, FileHasTheDocumentedLayout) {
  const Scratch scratch;
  write_gathers(scratch / "g.h5", std::vector{sample()});
  const mesh::Hdf5File file(scratch / "g.h5", mesh::H5Mode::read, core::Comm::self());
  EXPECT_EQ(file.shape("pressure"), (mesh::H5Shape{2, 4, 3}));
  EXPECT_EQ(file.shape("source_positions_m"), (mesh::H5Shape{2, 3}));
  EXPECT_EQ(file.shape("receiver_positions_m"), (mesh::H5Shape{3, 3}));
  EXPECT_EQ(file.get<double>("pressure")[(1 * 4 + 2) * 3 + 1], sample().shots[1].at(2, 1));
}

TEST(SeismicGathers, CallersMistakesAreNotWritten) {
  const Scratch scratch;
  GatherSet broken = sample();
  broken.shots.pop_back();
  EXPECT_THROW(write_gathers(scratch / "g.h5", std::vector{broken}), std::invalid_argument);
  GatherSet other = sample("velocity_x");
  other.record_every_s = 0.001;
  EXPECT_THROW(write_gathers(scratch / "g.h5", std::vector{sample(), other}),
               std::invalid_argument);
  EXPECT_FALSE(std::filesystem::exists(scratch / "g.h5"));
}

TEST(SeismicGathers, UnreadableFiles) {
  const Scratch scratch;
  EXPECT_TRUE(
      contains(user_error([&] { read_gathers(scratch / "none.h5", "pressure"); }), "none.h5"));
  write_gathers(scratch / "g.h5", std::vector{sample()});
  EXPECT_TRUE(contains(user_error([&] { read_gathers(scratch / "g.h5", "velocity_x"); }),
                       "g.h5: has no gathers of 'velocity_x'; it has: pressure"));
  EXPECT_TRUE(contains(user_error([&] { read_gathers(scratch / "g.h5", "wavelet"); }),
                       "has no gathers of 'wavelet'"));
  {
    mesh::Hdf5File file(scratch / "g.h5", mesh::H5Mode::update, core::Comm::self());
    file.put<double>("flat", {1, 2, 3, 4}, {2, 2});
    file.put<double>("few", {1, 2}, {1, 2, 1});
    file.set_attribute("few", "unit", "Pa");
    const double bad = NAN;
    file.write("pressure", &bad, {{1, 2, 1}, {1, 1, 1}});
    file.close();
  }
  EXPECT_TRUE(contains(user_error([&] { read_gathers(scratch / "g.h5", "flat"); }),
                       "gathers 'flat' have 2 axes; [shot, sample, receiver] is wanted"));
  const std::string few = user_error([&] { read_gathers(scratch / "g.h5", "few"); });
  EXPECT_TRUE(contains(few, "source_positions_m"));
  EXPECT_TRUE(contains(user_error([&] { read_gathers(scratch / "g.h5", "pressure"); }),
                       "g.h5: 'pressure' of shot 1, sample 2, receiver 1 is nan"));
}

// A file as another program writes it: single precision, whole numbers, attributes of its own.
TEST(SeismicGathers, FilesOfOthers) {
  const Scratch scratch;
  GatherSet survey = sample();
  survey.sources = {{10, 0, 5}, {690, 0, 5}};
  survey.receivers = {{0, 0, 5}, {100, 0, 5}, {200, 0, 7}};
  survey.record_every_s = 0.005;
  const auto write = [&](const std::string& unit, const auto& change) {
    mesh::Hdf5File file(scratch / "o.h5", mesh::H5Mode::create, core::Comm::self());
    std::vector<float> values;
    for (const Gather& shot : survey.shots)
      values.insert(values.end(), shot.values.begin(), shot.values.end());
    file.put("pressure", values, {2, 4, 3});
    if (!unit.empty()) file.set_attribute("pressure", "units", unit);
    file.put<std::int64_t>("source_positions_m", {10, 0, 5, 690, 0, 5}, {2, 3});
    file.put<std::int32_t>("receiver_positions_m", {0, 0, 5, 100, 0, 5, 200, 0, 7}, {3, 3});
    file.set_attribute("", "record_every_s", double(0.005f));
    file.set_attribute("", "filtered", true);
    file.set_attribute("", "gain_db", 12.5);
    file.set_attribute("", "channels", std::vector<long long>{1, 2, 3});
    file.set_attribute("", "note", std::vector<std::string>{});
    file.set_attribute("", "crew", "north");
    file.put<double>("wavelet", {1, 2, 3}, {3});  // without its interval
    change(file);
    file.close();
  };
  const auto nothing = [](mesh::Hdf5File&) {};
  const std::map<std::string, double> factors{{"Pa", 1}, {"kPa", 1e3}, {"hPa", 100}, {"N/m2", 1}};
  for (const auto& [unit, factor] : factors) {
    write(unit, nothing);
    const GatherSet read = read_gathers(scratch / "o.h5", "pressure");
    check_geometry(read, survey, "o.h5");
    EXPECT_EQ(read.unit, "Pa");
    EXPECT_EQ(read.attributes, (std::map<std::string, std::string>{{"crew", "north"}}));
    EXPECT_TRUE(read.wavelet.empty());
    const double written = double(float(survey.shots[1].at(2, 1)));
    EXPECT_DOUBLE_EQ(read.shots[1].at(2, 1), factor * written) << unit;
  }
  const auto told = [&] { return user_error([&] { read_gathers(scratch / "o.h5", "pressure"); }); };
  write("mm/s", nothing);
  EXPECT_TRUE(contains(told(), "'pressure': is in 'mm/s', which measures something else; Pa is"));
  write("counts", nothing);
  EXPECT_TRUE(contains(told(), "which is not a unit that is known here; Pa is wanted"));
  write("", nothing);
  EXPECT_TRUE(contains(told(), "'pressure' has no attribute 'unit'"));
  write("", [](mesh::Hdf5File& file) { file.set_attribute("pressure", "unit", 1.0); });
  EXPECT_TRUE(contains(told(), "attribute 'unit' of 'pressure' is no text"));
  write("Pa", [](mesh::Hdf5File& file) {
    file.put("velocity_x", std::vector<float>(24, 2), {2, 4, 3});
    file.set_attribute("velocity_x", "unit", "mm/s");
    file.put("velocity_z", std::vector<float>(24, 2), {2, 3, 4});
    file.set_attribute("velocity_z", "unit", "m/s");
  });
  EXPECT_DOUBLE_EQ(read_gathers(scratch / "o.h5", "velocity_x").shots[0].at(0, 0), 2e-3);
  EXPECT_TRUE(contains(user_error([&] { read_gathers(scratch / "o.h5", "velocity_z"); }),
                       "seem to be [shot, receiver, sample]"));
}

TEST(SeismicGathers, OtherGeometryIsRefusedByItsFirstDifference) {
  const auto error = [](const auto& change) {
    GatherSet found = sample();
    change(found);
    return user_error([&] { check_geometry(found, sample(), "obs.h5"); });
  };
  EXPECT_EQ(error([](GatherSet& s) { s.shots.pop_back(); }),
            "obs.h5: has 1 shots, but the survey has 2");
  EXPECT_EQ(error([](GatherSet& s) { s.receivers.push_back({0, 0, 0}); }),
            "obs.h5: has 4 receivers, but the survey has 3");
  EXPECT_EQ(error([](GatherSet& s) { s.shots[0].samples = 5; }),
            "obs.h5: has 5 samples, but the survey has 4");
  EXPECT_EQ(error([](GatherSet& s) { s.record_every_s = 0.004; }),
            "obs.h5: is recorded every 0.004 s, but the survey every 0.002 s");
  EXPECT_EQ(error([](GatherSet& s) { s.sources[1][0] = 700; }),
            "obs.h5: source 1 is at (x 700, y 0, depth 5) m, but the survey's is at (x 690, y 0, "
            "depth 5) m");
  EXPECT_EQ(
      error([](GatherSet& s) { s.receivers[2][2] = 7.5; }),
      "obs.h5: receiver 2 is at (x 200.5, y 0, depth 7.5) m, but the survey's is at (x 200.5, "
      "y 0, depth 7) m");
  EXPECT_EQ(error([](GatherSet& s) { s.sources.push_back({}); }),
            "obs.h5: has 3 source positions, but the survey has 2");
  // Round-off of a file in single precision is no difference.
  GatherSet near = sample();
  near.receivers[1][0] += 1e-5;
  check_geometry(near, sample(), "obs.h5");
}

}  // namespace
}  // namespace understudy::solvers::seismic
