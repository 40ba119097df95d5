// SEG-Y: numbers of IBM against published ones, headers at the standard's byte positions, what is written reads
// back, files made by hand are read, and every mistake is named.
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "mesh/io/segy_file.hpp"
#include "mesh/io/segy_numbers.hpp"
#include "support/mesh_io_scratch.hpp"
#include "support/segy_bytes.hpp"

namespace understudy::mesh {
namespace {

using namespace tests;

struct Published {
  std::uint32_t bits;
  double value;
};

TEST(SegyNumbers, AreIbmsPublishedOnes) {
  // -118.625, the largest, the smallest normalised one (System/360 Principles of Operation); powers of 16.
  for (const auto& [bits, value] :
       {Published{0xC276A000, -118.625}, Published{0x41100000, 1}, Published{0xC1100000, -1},
        Published{0x42640000, 100}, Published{0x40800000, 0.5}, Published{0x40100000, 0.0625},
        Published{0x7FFFFFFF, (1 - std::ldexp(1, -24)) * std::ldexp(1, 252)},
        Published{0x00100000, std::ldexp(1, -260)}, Published{0, 0}}) {
    EXPECT_EQ(from_ibm(bits), value) << std::hex << bits;
    EXPECT_EQ(to_ibm(value), bits) << value;
  }
  EXPECT_EQ(from_ibm(0x41010000), 0.0625);  // not normalised
  EXPECT_NEAR(from_ibm(0x7FFFFFFF), 7.2370051e75, 1e68);
  EXPECT_NEAR(from_ibm(0x00100000), 5.397605e-79, 1e-85);
}

TEST(SegyNumbers, RoundToTheNearestAndTellWhatDoesNotFit) {
  std::mt19937 draw(3);
  std::uniform_real_distribution<double> digits(0.5, 1);
  std::uniform_int_distribution<int> exponents(-200, 200);
  for (int n = 0; n < 20000; ++n) {
    const double value = std::ldexp(digits(draw), exponents(draw)) * (n % 2 ? 1 : -1);
    const auto bits = to_ibm(value);
    ASSERT_TRUE(bits);
    const double error = std::abs(from_ibm(*bits) - value);
    EXPECT_LE(error, std::abs(value) * std::ldexp(1, -21)) << value;
    for (const std::uint32_t next : {*bits - 1, *bits + 1})  // no neighbour is nearer
      EXPECT_LE(error, std::abs(from_ibm(next) - value)) << value;
  }
  EXPECT_EQ(to_ibm(16 - std::ldexp(1, -24)), 0x42100000u);  // the fraction rounds up to 1
  EXPECT_EQ(to_ibm(1e-90), 0u);
  EXPECT_EQ(from_ibm(*to_ibm(std::ldexp(1, -270))), std::ldexp(1, -270));
  EXPECT_FALSE(to_ibm(1e76));
  EXPECT_FALSE(to_ibm(std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(to_ibm(std::nan("")));
}

SegyFile sample() {
  SegyFile file;
  file.text = {"TWO SHOTS ON [3] RECEIVERS; a~b"};
  file.interval = 2500;
  file.sorting = 1;
  for (int shot = 0; shot < 2; ++shot)
    for (int r = 0; r < 3; ++r) {
      SegyTrace& trace = file.traces.emplace_back();
      trace.record = trace.source_point = shot + 1;
      trace.number = r + 1;
      trace.kind = segy_code::pressure;
      trace.unit = segy_code::pascal;
      trace.source = {10.25 + shot, -3, 7.5};
      trace.receiver = {100.0 * r, 0, 12};
      for (int n = 0; n < 5; ++n) trace.samples.push_back((n - 2) * 0.125 + shot - 8 * r);
    }
  return file;
}

TEST(SegyFile, ReadsBackInBothKindsOfFloats) {
  const Scratch scratch;
  for (const auto numbers : {SegyNumbers::ieee, SegyNumbers::ibm}) {
    SegyFile written = sample();
    written.numbers = numbers;
    write_segy(scratch / "a.sgy", written);
    EXPECT_EQ(std::filesystem::file_size(scratch / "a.sgy"), 3600u + 6 * (240 + 4 * 5));
    const SegyFile read = read_segy(scratch / "a.sgy");
    EXPECT_EQ(read.numbers, numbers);
    EXPECT_EQ(read.interval, 2500);
    EXPECT_EQ(read.sorting, 1);
    EXPECT_TRUE(read.text[0].starts_with("C 1 TWO SHOTS ON [3] RECEIVERS; a~b ")) << read.text[0];
    EXPECT_TRUE(read.text[38].starts_with("C39 SEG Y REV1"));
    EXPECT_TRUE(read.text[39].starts_with("C40 END TEXTUAL HEADER"));
    ASSERT_EQ(read.traces.size(), written.traces.size());
    for (std::size_t n = 0; n < read.traces.size(); ++n) {
      const SegyTrace &is = read.traces[n], &was = written.traces[n];
      EXPECT_EQ(is.record, was.record);
      EXPECT_EQ(is.number, was.number);
      EXPECT_EQ(is.source_point, was.source_point);
      EXPECT_EQ(is.kind, was.kind);
      EXPECT_EQ(is.unit, was.unit);
      EXPECT_EQ(is.source, was.source);
      EXPECT_EQ(is.receiver, was.receiver);
      EXPECT_EQ(is.samples, was.samples);
      EXPECT_EQ(is.coordinate_step_m, 0.01);
    }
  }
}

TEST(SegyFile, HasItsHeadersWhereTheStandardWantsThem) {
  const Scratch scratch;
  SegyFile written = sample();
  written.numbers = SegyNumbers::ibm;
  written.traces[4].samples[0] = -118.625;
  write_segy(scratch / "a.sgy", written);
  const std::string file = read_bytes(scratch / "a.sgy");
  // EBCDIC: "C 1 TWO", and "C40 END" in line 40.
  EXPECT_EQ(file.substr(0, 7), "\xC3\x40\xF1\x40\xE3\xE6\xD6");
  EXPECT_EQ(file.substr(39 * 80, 7), "\xC3\xF4\xF0\x40\xC5\xD5\xC4");
  struct Place {
    std::size_t at;
    int count;
    long long value;
  };
  for (const auto& [at, count, value] :
       {Place{3213, 2, 3}, Place{3217, 2, 2500}, Place{3221, 2, 5}, Place{3225, 2, 1},
        Place{3229, 2, 1}, Place{3255, 2, 1}, Place{3501, 2, 0x0100}, Place{3503, 2, 1},
        Place{3505, 2, 0}})
    EXPECT_EQ(bytes_at(file, at, count), value) << at;
  const std::string trace = file.substr(3600 + 4 * (240 + 20), 260);  // shot 2, receiver 2
  for (const auto& [at, count, value] :
       {Place{1, 4, 5},     Place{5, 4, 5},     Place{9, 4, 2},      Place{13, 4, 2},
        Place{17, 4, 2},    Place{29, 2, 11},   Place{37, 4, 89},    Place{41, 4, -120},
        Place{45, 4, 0},    Place{49, 4, 75},   Place{69, 2, -10},   Place{71, 2, -100},
        Place{73, 4, 1125}, Place{77, 4, -300}, Place{81, 4, 10000}, Place{85, 4, 0},
        Place{89, 2, 1},    Place{109, 2, 0},   Place{115, 2, 5},    Place{117, 2, 2500},
        Place{203, 2, 1}})
    EXPECT_EQ(bytes_at(trace, at, count), value) << at;
  EXPECT_EQ(trace.substr(240, 4), "\xC2\x76\xA0" + std::string(1, '\0'));
}

TEST(SegyFile, OfOthersIsRead) {
  const Scratch scratch;
  SegyBytes made(2);
  std::string& header = made.add(0, 0, {1.5f, -2});
  set_bytes(header, 41, 20, 4);     // elevation of the receiver
  set_bytes(header, 45, 100, 4);    // of the surface at the source
  set_bytes(header, 49, 30, 4);     // the source below it
  set_bytes(header, 69, 10, 2);     // a factor
  set_bytes(header, 71, -1000, 2);  // a divisor
  set_bytes(header, 73, 2500, 4);
  set_bytes(header, 81, -1, 4);
  set_bytes(header, 181, 777, 4);
  set_bytes(made.head, 3505, 1, 2);
  made.head += std::string(3200, 'x');
  write_bytes(scratch / "a.SGY", made.bytes());
  const SegyTrace trace = read_segy(scratch / "a.SGY").traces.at(0);
  EXPECT_EQ(trace.samples, (std::vector<double>{1.5, -2}));
  EXPECT_EQ(trace.source, (std::array<double, 3>{2.5, 0, -700}));
  EXPECT_EQ(trace.receiver, (std::array<double, 3>{-0.001, 0, -200}));
  EXPECT_EQ(trace.middle[0], 0.777);
  // In feet.
  set_bytes(made.head, 3255, 2, 2);
  write_bytes(scratch / "a.sgy", made.bytes());
  EXPECT_DOUBLE_EQ(read_segy(scratch / "a.sgy").traces.at(0).source[0], 2.5 * 0.3048);
  // A number of extended headers that is not said, up to the stanza that ends them.
  set_bytes(made.head, 3505, -1, 2);
  std::string stanza(3200, '\x40');
  stanza.replace(0, 16, "((SEG: EndText))");
  made.head += stanza;
  write_bytes(scratch / "a.sgy", made.bytes());
  EXPECT_EQ(read_segy(scratch / "a.sgy").traces.size(), 1u);
}

TEST(SegyFile, WholeNumbersAreRead) {
  const Scratch scratch;
  for (const auto& [format, bytes] : {std::pair(2, 4), std::pair(3, 2), std::pair(8, 1)}) {
    SegyBytes made(3);
    set_bytes(made.head, 3225, format, 2);
    made.add(1, 1, {0, 0, 0});
    made.samples[0] = big_endian(100, bytes) + big_endian(~0ull, bytes) + big_endian(0, bytes);
    write_bytes(scratch / "a.sgy", made.bytes());
    EXPECT_EQ(read_segy(scratch / "a.sgy").traces.at(0).samples, (std::vector<double>{100, -1, 0}));
  }
}

TEST(SegyFile, HeadersMayLeaveSizesToTheTraces) {
  const Scratch scratch;
  SegyBytes made(0);
  set_bytes(made.head, 3217, 0, 2);
  set_bytes(made.add(1, 1, {1, 2}), 117, 40000, 2);  // more than fits two signed bytes
  made.add(1, 2, {3, 4});
  write_bytes(scratch / "a.sgy", made.bytes());
  const SegyFile read = read_segy(scratch / "a.sgy");
  EXPECT_EQ(read.interval, 40000);
  EXPECT_EQ(read.traces.at(1).samples, (std::vector<double>{3, 4}));
}

TEST(SegyFile, MistakesAreNamed) {
  const Scratch scratch;
  const auto told = [&](const std::string& bytes) {
    write_bytes(scratch / "a.sgy", bytes);
    return user_error([&] { read_segy(scratch / "a.sgy"); });
  };
  const auto changed = [&](const auto& change) {
    SegyBytes made(2);
    made.add(1, 1, {1, 2});
    made.add(1, 2, {3, 4});
    change(made);
    return told(made.bytes());
  };
  const std::string whole = [] {
    SegyBytes made(2);
    made.add(1, 1, {1, 2});
    return made.bytes();
  }();
  EXPECT_TRUE(contains(user_error([&] { read_segy(scratch / "none.sgy"); }),
                       "none.sgy: there is no such file"));
  EXPECT_TRUE(contains(user_error([&] { read_segy(scratch.path()); }), "is no regular file"));
  EXPECT_TRUE(
      contains(told(whole.substr(0, 3000)), "a.sgy: has 3000 bytes; SEG-Y begins with 3600"));
  EXPECT_TRUE(contains(told("\x93NUMPY and more"), "It is none, but a NumPy file"));
  EXPECT_TRUE(contains(told(whole.substr(0, 3600)), "holds no traces"));
  EXPECT_TRUE(contains(told(whole.substr(0, 3700)),
                       "is cut off: the header of trace 1 wants 240 bytes, and 100"));
  EXPECT_TRUE(contains(told(whole.substr(0, whole.size() - 1)),
                       "is cut off: trace 1 (2 samples of 4 bytes) wants 8 bytes, and 7 are left"));
  EXPECT_TRUE(
      contains(told(whole + "xyz"), "the header of trace 2 wants 240 bytes, and 3 are left"));
  const auto head = [&](std::size_t place, long long value) {
    return changed([&](SegyBytes& made) { set_bytes(made.head, place, value, 2); });
  };
  const auto second = [&](std::size_t place, long long value) {
    return changed([&](SegyBytes& made) { set_bytes(made.headers[1], place, value, 2); });
  };
  EXPECT_TRUE(contains(head(3225, 0x0500), "is a little-endian file (its sample format is 5"));
  EXPECT_TRUE(contains(head(3225, 4),
                       "has samples of format 4 (bytes 3225-3226); read are 1 (IBM floats)"));
  EXPECT_TRUE(contains(head(3225, 0), "has samples of format 0"));
  EXPECT_TRUE(contains(head(3501, 0x0200), "is of SEG-Y revision 2"));
  EXPECT_TRUE(contains(head(3505, -2), "has -2 extended textual headers"));
  EXPECT_TRUE(contains(head(3505, 1), "is cut off: extended textual header 1 wants 3200 bytes"));
  EXPECT_TRUE(contains(head(3505, -1), "is cut off: extended textual header 1"));
  EXPECT_TRUE(contains(head(3217, 0), "has a sample interval of 0 (bytes 3217-3218"));
  EXPECT_TRUE(contains(second(115, 3), "traces of different lengths: trace 2 has 3 samples"));
  EXPECT_TRUE(contains(second(117, 3),
                       "traces of different intervals: trace 2 has 3, and those before 2000"));
  EXPECT_TRUE(contains(second(109, 12), "trace 2 begins 12 ms after its shot"));
  EXPECT_TRUE(contains(second(89, 2), "trace 2 has angles as coordinates (bytes 89-90: 2)"));
  EXPECT_TRUE(contains(changed([](SegyBytes& made) {
                         set_bytes(made.head, 3221, 0, 2);
                         set_bytes(made.headers[0], 115, 0, 2);
                       }),
                       "says nowhere how many samples"));
  EXPECT_TRUE(contains(
      changed([](SegyBytes& made) { made.samples[1] = big_endian(0x7F800000, 4) + "1234"; }),
      "sample 0 of trace 2 is inf"));
  EXPECT_TRUE(contains(
      changed([](SegyBytes& made) { made.samples[1] = "1234" + big_endian(0x7FC00000, 4); }),
      "sample 1 of trace 2 is nan"));
}

TEST(SegyFile, WhatNoHeaderHoldsIsRefused) {
  const Scratch scratch;
  EXPECT_EQ(segy_divisor(std::vector<double>{0, 100, -20}, "x"), 1);
  EXPECT_EQ(segy_divisor(std::vector<double>{0, 0.1 + 0.2, 12.5}, "x"), 10);
  EXPECT_EQ(segy_divisor(std::vector<double>{0.0625}, "x"), 10000);
  EXPECT_TRUE(
      contains(user_error([] { segy_divisor(std::vector<double>{0, 100.0 / 3}, "a depth"); }),
               "a depth is 33.33333333 m; SEG-Y holds whole numbers of a metre's 10th"));
  EXPECT_TRUE(contains(user_error([] { segy_divisor(std::vector<double>{0.0625, 3e5}, "x"); }),
                       "x is 300000 m; in units of 1/10000 m"));
  EXPECT_TRUE(contains(user_error([] { segy_divisor(std::vector<double>{std::nan("")}, "x"); }),
                       "x is nan"));
  EXPECT_EQ(segy_whole(0.0005 * 1e6, "t", "us"), 500);
  EXPECT_EQ(segy_whole(65535, "t", "us"), 65535);
  for (const double value : {0.5, 0.0, 65536.0, 333.3, -2.0, std::nan("")})
    EXPECT_TRUE(contains(user_error([&] { segy_whole(value, "t", "us"); }),
                         "whole numbers from 1 to 65535"));

  const auto told = [&](const auto& change) {
    SegyFile file = sample();
    change(file);
    const std::string text = user_error([&] { write_segy(scratch / "b.sgy", file); });
    EXPECT_FALSE(std::filesystem::exists(scratch / "b.sgy"));
    return text;
  };
  EXPECT_TRUE(contains(told([](SegyFile& f) { f.traces[1].receiver[0] = 1.0 / 3; }),
                       "b.sgy: a coordinate is 0.333"));
  EXPECT_TRUE(
      contains(told([](SegyFile& f) { f.traces[1].samples[2] = 1e39; }),
               "b.sgy: sample 2 of trace 2 is 1e+39, which no IEEE float of four bytes holds"));
  EXPECT_TRUE(contains(told([](SegyFile& f) {
                         f.numbers = SegyNumbers::ibm;
                         f.traces[1].samples[2] = std::nan("");
                       }),
                       "sample 2 of trace 2 is nan, which no IBM float"));
  for (const int wrong : {0, 1, 2}) {
    SegyFile file = sample();
    if (wrong == 0) file.traces.clear();
    if (wrong == 1) file.traces[1].samples.push_back(0);
    if (wrong == 2) file.interval = 0;
    EXPECT_THROW(write_segy(scratch / "b.sgy", file), std::invalid_argument);
  }
  EXPECT_TRUE(is_segy_path("a/b.SEGY"));
  EXPECT_FALSE(is_segy_path("a.sgy/b.h5"));
}

}  // namespace
}  // namespace understudy::mesh
