// Gathers and models as SEG-Y: what is written reads back, orders and scalings of others are taken, and what
// does not fit the survey or the grid is refused by name.
#include <cmath>

#include "solvers/seismic/earth/model_file.hpp"
#include "solvers/seismic/earth/segy_model.hpp"
#include "solvers/seismic/survey/segy_gathers.hpp"
#include "support/mesh_io_scratch.hpp"
#include "support/segy_bytes.hpp"

namespace understudy::solvers::seismic {
namespace {

using namespace tests;
using mesh::SegyNumbers;

// Values that have few bits.
GatherSet sample(const std::string& quantity = "pressure") {
  GatherSet set;
  set.quantity = quantity;
  set.unit = quantity == "pressure" ? "Pa" : "m/s";
  set.record_every_s = 0.0005;
  set.sources = {{10, 0, 5}, {690.25, 0, 5}};
  set.receivers = {{0, 0, 0}, {100, 0, 5}, {200.5, 0, 7.125}};
  for (int shot = 0; shot < 2; ++shot) {
    Gather& gather = set.shots.emplace_back(7, 3);
    for (int m = 0; m < 7; ++m)
      for (int r = 0; r < 3; ++r) gather.at(m, r) = shot - 0.25 * m + 17 * r;
  }
  set.attributes = {{"version", "0.2.0"}, {"deck_hash", "0123456789abcdef"}};
  return set;
}

TEST(SegyGathers, ReadBackWithTheirGeometry) {
  const Scratch scratch;
  for (const std::string quantity : {"pressure", "velocity_y"})
    for (const auto numbers : {SegyNumbers::ieee, SegyNumbers::ibm}) {
      const GatherSet written = sample(quantity);
      write_segy_gathers(scratch / "g.sgy", written, numbers);
      const GatherSet read = read_gathers(scratch / "g.sgy", quantity);
      check_geometry(read, written, "g.sgy");
      EXPECT_EQ(read.sources, written.sources);
      EXPECT_EQ(read.receivers, written.receivers);
      EXPECT_EQ(read.unit, written.unit);
      for (int shot = 0; shot < 2; ++shot)
        EXPECT_EQ(read.shots[shot].values, written.shots[shot].values);
    }
  EXPECT_TRUE(
      mesh::read_segy(scratch / "g.sgy").text[6].starts_with("C 7 deck_hash: 0123456789abcdef"));
  EXPECT_TRUE(
      contains(user_error([&] { read_gathers(scratch / "g.sgy", "pressure"); }),
               "g.sgy: trace 1 is in another unit (bytes 203-204: 6); pressure in Pa is wanted"));
}

SegyBytes two_by_two() {
  SegyBytes made(2);
  for (int shot = 1; shot <= 2; ++shot)
    for (int r = 1; r <= 2; ++r) {
      std::string& header = made.add(shot, r, {float(shot), float(r)});
      set_bytes(header, 73, 100 * shot, 4);
      set_bytes(header, 81, 10 * r, 4);
    }
  return made;
}

TEST(SegyGathers, ShotsAreFoundByWhatTheFileHas) {
  const Scratch scratch;
  const auto read = [&](const SegyBytes& made) {
    write_bytes(scratch / "o.segy", made.bytes());
    return read_gathers(scratch / "o.segy", "pressure");
  };
  SegyBytes made = two_by_two();
  const auto expect_right = [&] {
    const GatherSet set = read(made);
    EXPECT_EQ(set.record_every_s, 0.002);
    ASSERT_EQ(set.shots.size(), 2u);
    EXPECT_EQ(set.sources[1], (std::array<double, 3>{200, 0, 0}));
    EXPECT_EQ(set.receivers[1], (std::array<double, 3>{20, 0, 0}));
    EXPECT_EQ(set.shots[1].values, (std::vector<double>{2, 2, 1, 2}));
  };
  expect_right();
  for (auto& header : made.headers) {  // by source points
    set_bytes(header, 17, bytes_at(header, 9, 4), 4);
    set_bytes(header, 9, 0, 4);
  }
  expect_right();
  for (auto& header : made.headers) set_bytes(header, 17, 0, 4);  // by sources
  expect_right();
  std::swap(made.headers[1], made.headers[2]);  // receiver by receiver
  std::swap(made.samples[1], made.samples[2]);
  expect_right();
}

TEST(SegyGathers, MistakesAreNamed) {
  const Scratch scratch;
  const auto told = [&](const auto& change) {
    SegyBytes made = two_by_two();
    change(made);
    write_bytes(scratch / "o.sgy", made.bytes());
    return user_error([&] { read_gathers(scratch / "o.sgy", "pressure"); });
  };
  const auto with = [&](std::size_t place, long long value, int count) {
    return told([&](SegyBytes& made) { set_bytes(made.headers[3], place, value, count); });
  };
  EXPECT_TRUE(contains(with(29, 2, 2), "o.sgy: trace 4 is dead (bytes 29-30: 2)"));
  EXPECT_TRUE(contains(with(29, 4, 2), "trace 4 holds no waves, but a dummy or a time mark"));
  EXPECT_TRUE(
      contains(with(29, 12, 2), "trace 4 is of another kind (bytes 29-30: 12); pressure in Pa"));
  EXPECT_TRUE(contains(with(203, 3, 2), "trace 4 is in another unit (bytes 203-204: 3)"));
  EXPECT_TRUE(contains(with(9, 3, 4), "shot 1 has 1 traces, and shot 0 has 2"));
  EXPECT_TRUE(contains(with(73, 201, 4),
                       "the source of shot 1 is at (x 201, y 0, depth 0) m in its trace 1"));
  EXPECT_TRUE(contains(with(81, 21, 4),
                       "receiver 1 of shot 1 is at (x 21, y 0, depth 0) m, and that of shot 0"));
  // And against a survey.
  write_bytes(scratch / "o.sgy", two_by_two().bytes());
  GatherSet survey = read_gathers(scratch / "o.sgy", "pressure");
  const GatherSet read = survey;
  survey.receivers[1][2] = 5;
  EXPECT_TRUE(contains(
      user_error([&] { check_geometry(read, survey, "o.sgy"); }),
      "receiver 1 is at (x 20, y 0, depth 0) m, but the survey's is at (x 20, y 0, depth 5) m"));
}

TEST(SegyGathers, SurveysThatNoHeaderHoldsAreRefused) {
  const auto told = [](const auto& change) {
    GatherSet set = sample();
    change(set);
    return user_error([&] { require_segy_geometry(set); });
  };
  require_segy_geometry(sample());
  EXPECT_TRUE(contains(
      told([](GatherSet& s) { s.record_every_s = 1.0 / 3000; }),
      "output.gathers: segy: time.record_every_s is 333.3333333 microseconds; SEG-Y holds whole"));
  EXPECT_TRUE(
      contains(told([](GatherSet& s) { s.record_every_s = 0.1; }), "is 100000 microseconds"));
  EXPECT_TRUE(contains(told([](GatherSet& s) { s.shots[0] = Gather(65536, 3); }), "65536 samples"));
  EXPECT_TRUE(contains(told([](GatherSet& s) { s.receivers[1][0] = 100.0 / 3; }),
                       "a position of seismic.sources or seismic.receivers is 33.33333333 m"));
  EXPECT_TRUE(
      contains(told([](GatherSet& s) { s.sources[1][2] = 1e-5; }), "the depth in a position of"));
}

const mesh::GridParams plane{{0, -75}, {50, 0}, {4, 6}, {}};
const mesh::GridParams volume{{0, 0, -60}, {40, 50, 0}, {4, 5, 6}, {}};

EarthModel numbered() {
  EarthModel m;
  m.cells = {4, 6, 1};
  for (int n = 0; n < 24; ++n) m.p_speed_m_s.push_back(2000 + n / 4.0);
  return m;
}

ModelFileParams from(const std::string& path) {
  ModelFileParams params;
  params.path = path;
  return params;
}

TEST(SegyModel, ReadsBack) {
  const Scratch scratch;
  const EarthModel written = numbered();
  for (const auto numbers : {SegyNumbers::ieee, SegyNumbers::ibm}) {
    write_segy_model(scratch / "m.sgy", written.p_speed_m_s, "P SPEED", "m/s", plane, numbers);
    const EarthModel read = read_earth_model(from("m.sgy"), plane, scratch.path().string());
    EXPECT_EQ(read.p_speed_m_s, written.p_speed_m_s);
  }
  const std::string bytes = read_bytes(scratch / "m.sgy");
  EXPECT_EQ(bytes_at(bytes, 3217, 2), 12500);             // mm
  EXPECT_EQ(bytes_at(bytes, 3600 + 264 + 181, 4), 1875);  // x of the second trace...
  EXPECT_EQ(bytes_at(bytes, 3600 + 264 + 71, 2), -100);   // ... in cm
  EXPECT_EQ(mesh::read_segy(scratch / "m.sgy").traces[1].samples[0],
            written.p_speed_m_s[written.index(0, 5, 1)]);
  // Other names of the file, other units, further arrays.
  std::filesystem::copy_file(scratch / "m.sgy", scratch / "m.bin");
  ModelFileParams params = from("m.bin");
  params.format = "segy";
  params.density = "m.sgy";
  const EarthModel read = read_earth_model(params, plane, scratch.path().string());
  EXPECT_EQ(read.density_kg_m3, written.p_speed_m_s);
  params.speed_unit = "km/s";
  EXPECT_EQ(read_earth_model(params, plane, scratch.path().string()).p_speed_m_s[0], 2e6);
}

TEST(SegyModel, OfOthersFitsTheGridOrIsRefused) {
  const Scratch scratch;
  // 12.5 m cells, x rounded to whole metres, interval in mm.
  const auto made = [] {
    SegyBytes bytes(6);
    set_bytes(bytes.head, 3217, 12500, 2);
    for (int i = 0; i < 4; ++i)
      set_bytes(bytes.add(1, i + 1, std::vector<float>(6, 2000)), 81, 1000 + std::lround(12.5 * i),
                4);
    return bytes;
  };
  const auto put = [&](const auto& change) {
    SegyBytes bytes = made();
    change(bytes);
    write_bytes(scratch / "m.sgy", bytes.bytes());
  };
  const auto read = [&] { return read_earth_model(from("m.sgy"), plane, scratch.path().string()); };
  const auto told = [&](const auto& change) {
    put(change);
    return user_error(read);
  };
  put([](SegyBytes&) {});
  EXPECT_EQ(read().p_speed_m_s, std::vector<double>(24, 2000));
  put([](SegyBytes& b) {
    for (auto& header : b.headers) set_bytes(header, 81, 0, 4);
  });
  EXPECT_EQ(read().p_speed_m_s.size(), 24u);  // no x: only warned of
  EXPECT_TRUE(contains(told([](SegyBytes& b) { b.headers.pop_back(), b.samples.pop_back(); }),
                       "m.sgy: has 3 traces of 6 samples, but the grid wants 4 (x) of 6 (depth)"));
  EXPECT_TRUE(contains(
      told([](SegyBytes& b) { set_bytes(b.head, 3217, 4000, 2); }),
      "its samples are 4000 mm apart (or m; bytes 3217-3218), but the grid's cells are 12.5 m high"));
  EXPECT_TRUE(contains(
      told([](SegyBytes& b) { set_bytes(b.headers[3], 81, 1050, 4); }),
      "trace 4 is at x 1050 m and trace 1 at 1000 m, but cells of 12.5 m put it at 1037.5 m"));
  EXPECT_TRUE(
      contains(told([](SegyBytes& b) { b.samples[0] = b.samples[0].substr(4) + big_endian(0, 4); }),
               "m.sgy: the P speed at"));
  put([](SegyBytes&) {});
  EXPECT_TRUE(contains(
      user_error([&] { read_earth_model(from("m.sgy"), volume, scratch.path().string()); }),
      "SEG-Y models are sections"));
  // Given as numbers alone it is told how to name it.
  ModelFileParams raw = from("m.sgy");
  raw.format = "raw";
  std::string bytes = made().bytes();
  bytes.replace(0, 3, "C 1");
  bytes.replace(80, 3, "C 2");
  write_bytes(scratch / "m.sgy", bytes);
  EXPECT_TRUE(contains(
      user_error([&] { read_earth_model(raw, plane, scratch.path().string()); }),
      "a SEG-Y file: models and gathers are read from it where its name ends in .sgy or .segy"));
}

TEST(SegyModel, GridsThatNoHeaderHoldsAreRefused) {
  require_segy_grid(plane);
  EXPECT_TRUE(contains(user_error([] { require_segy_grid(volume); }),
                       "output.models: segy: SEG-Y models are"));
  EXPECT_TRUE(contains(user_error([] { require_segy_grid({{0, -100}, {40, 0}, {4, 3}, {}}); }),
                       "output.models: segy: the height of a cell is 33333.33333 mm"));
  EXPECT_TRUE(contains(user_error([] { require_segy_grid({{0, -60}, {100, 0}, {3, 6}, {}}); }),
                       "the centre of a cell is 16.66666667 m"));
  const Scratch scratch;
  const mesh::GridParams coarse{{0, -600}, {400, 0}, {4, 6}, {}};  // 100 m: in m
  write_segy_model(scratch / "c.sgy", numbered().p_speed_m_s, "P SPEED", "m/s", coarse,
                   SegyNumbers::ieee);
  EXPECT_EQ(bytes_at(read_bytes(scratch / "c.sgy"), 3217, 2), 100);
  EXPECT_EQ(read_earth_model(from("c.sgy"), coarse, scratch.path().string()).p_speed_m_s,
            numbered().p_speed_m_s);
}

}  // namespace
}  // namespace understudy::solvers::seismic
