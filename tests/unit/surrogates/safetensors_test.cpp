// Files of numbers: what is written reads back, another program's file is read, and of a damaged one nothing.
#include "surrogates/network/safetensors.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>

namespace understudy::surrogates {

namespace {

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), 4 * values.size()};
}

std::string file_of(const std::string& header, const std::string& values) {
  const std::uint64_t length = header.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file + header + values;
}

std::string why(const std::string& file) {
  try {
    parse_safetensors(file);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

bool tells(const std::string& file, const std::string& words) {
  const std::string text = why(file);
  if (text.find(words) != std::string::npos) return true;
  ADD_FAILURE() << "'" << text << "' does not say '" << words << "'";
  return false;
}

struct Case {
  std::string flags{1, 1}, small = bytes_of({1.5f, -2.0f, 3.25f}), wide;
  Safetensors content;
  Case() {
    const double value = -0.1;
    wide.assign(reinterpret_cast<const char*>(&value), 8);
    content.arrays = {{"b.flags", "BOOL", {2}, std::string_view(flags)},
                      {"a \"quoted\"\n", "F32", {3, 1}, small},
                      {"none", "F32", {0, 7}, {}},
                      {"scalar", "F64", {}, wide}};
    flags = std::string("\x01\x00", 2);
    content.arrays[0].bytes = flags;
    content.texts = {{"kind", "points"}, {"card", "name \xc2\xb5\tcase\n"}};
  }
};

}  // namespace

TEST(Safetensors, WhatIsWrittenReadsBackInItsOrder) {
  const Case made;
  const std::string file = safetensors_file(made.content);
  const Safetensors read = parse_safetensors(file);
  EXPECT_EQ(read.texts, made.content.texts);
  ASSERT_EQ(read.arrays.size(), 4u);
  for (std::size_t n = 0; n < 4; ++n) {
    EXPECT_EQ(read.arrays[n].name, made.content.arrays[n].name);
    EXPECT_EQ(read.arrays[n].type, made.content.arrays[n].type);
    EXPECT_EQ(read.arrays[n].shape, made.content.arrays[n].shape);
    EXPECT_EQ(read.arrays[n].bytes, made.content.arrays[n].bytes);
  }
  EXPECT_EQ((read.arrays[3].bytes.data() - file.data()) % 8, 0) << "the wide type is aligned";
}

TEST(Safetensors, TextsThatAreNoUtf8BecomeSuch) {
  Case made;
  made.content.texts["path"] = "caf\xe9 \xed\xa0\x80";
  EXPECT_EQ(parse_safetensors(safetensors_file(made.content)).texts.at("path"),
            "caf\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Safetensors, ArraysThatDoNotFitAreNotWritten) {
  Case made;
  made.content.arrays[1].shape = {4};
  EXPECT_THROW(safetensors_file(made.content), std::invalid_argument);
  Case doubled;
  doubled.content.arrays[1].name = "scalar";
  EXPECT_THROW(safetensors_file(doubled.content), std::invalid_argument);
}

// The checksum is of the content, so that a flipped bit anywhere shows, or changes nothing that is read.
TEST(Safetensors, NoFlippedBitGoesOnSilently) {
  const Case made;
  const std::string file = safetensors_file(made.content);
  const Safetensors whole = parse_safetensors(file);
  int refused = 0;
  for (std::size_t byte = 0; byte < file.size(); ++byte)
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = file;
      damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
      try {
        const Safetensors read = parse_safetensors(damaged);
        EXPECT_EQ(read.texts, whole.texts) << byte << " " << bit;
        for (std::size_t n = 0; n < 4; ++n) {
          EXPECT_EQ(read.arrays[n].name, whole.arrays[n].name) << byte << " " << bit;
          EXPECT_EQ(read.arrays[n].bytes, whole.arrays[n].bytes) << byte << " " << bit;
        }
      } catch (const std::invalid_argument&) {
        ++refused;
      }
    }
  EXPECT_GT(refused, static_cast<int>(7 * file.size()));
  for (std::size_t size = 0; size < file.size(); ++size)
    EXPECT_NE(why(file.substr(0, size)), "") << size;
  EXPECT_TRUE(tells(file + "x", "bytes lie behind its last array"));
}

TEST(Safetensors, WhatIsWrongIsSaid) {
  const std::string eight = bytes_of({1, 2});
  const std::string one = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  EXPECT_TRUE(tells(file_of("{" + one + "}", eight), "no checksum"));
  EXPECT_TRUE(tells(file_of("{" + one + R"(,"__metadata__":{"checksum":"0"}})", eight),
                    "its checksum does not fit its content"));
  EXPECT_TRUE(tells(file_of("{" + one + "," + one + "}", eight), "comes twice"));
  EXPECT_TRUE(tells(file_of(R"({"__metadata__":{"t":"1","t":"2"}})", ""), "comes twice"));
  EXPECT_TRUE(tells(file_of(R"({"__metadata__":{"t":1}})", ""), "a text in quotes"));
  const auto array = [&](const std::string& type, const std::string& shape,
                         const std::string& range) {
    return file_of("{\"a\":{\"dtype\":\"" + type + "\",\"shape\":" + shape +
                       ",\"data_offsets\":" + range + "}}",
                   eight);
  };
  EXPECT_TRUE(tells(array("F33", "[2]", "[0,8]"), "unknown type 'F33'"));
  EXPECT_TRUE(tells(array("F32", "[3]", "[0,8]"), "its type and shape need 12"));
  EXPECT_TRUE(tells(array("F32", "[2]", "[0,16]"), "cut off or damaged"));
  EXPECT_TRUE(tells(array("F32", "[2]", "[8,0]"), "cut off or damaged"));
  EXPECT_TRUE(tells(array("F32", "[1]", "[4,8]"), "begins at byte 4"));
  EXPECT_TRUE(tells(array("F32", "[1]", "[0,4]"), "4 bytes lie behind"));
  EXPECT_TRUE(tells(array("F32", "[-2]", "[0,8]"), "a whole number"));
  EXPECT_TRUE(tells(array("F32", "[2.0]", "[0,8]"), "] or a comma"));
  EXPECT_TRUE(tells(array("F32", "[02]", "[0,8]"), "a whole number"));
  EXPECT_TRUE(tells(array("F32", "[4611686018427387904,4611686018427387904]", "[0,8]"),
                    "larger than any file"));
  EXPECT_TRUE(tells(array("F32", "[99999999999999999999]", "[0,8]"), "too large"));
  EXPECT_TRUE(tells(array("F32", "[2]", "[0]"), "not two numbers"));
  EXPECT_TRUE(tells(file_of(R"({"a":{"dtype":"F32","shape":[2]}})", eight), "lacks"));
  EXPECT_TRUE(tells(file_of(R"({"a":{"dtype":"F32","code":"x"}})", eight), "unknown or repeated"));
  // Two arrays of one place.
  EXPECT_TRUE(
      tells(file_of("{" + one + R"(,"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", eight),
            "begins at byte 0 where the one before ends at 8"));
  EXPECT_TRUE(tells(file_of("{} x", ""), "text behind its header"));
  EXPECT_TRUE(tells(file_of(" {}", ""), "no JSON object"));
  EXPECT_TRUE(
      tells(std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10), "no safetensors, or cut off"));
  EXPECT_TRUE(tells("PK\x03\x04...........", "ZIP archive"));
  EXPECT_TRUE(tells("version https://git-lfs.github.com/spec/v1\n", "Git LFS"));
  EXPECT_TRUE(tells("", "0 bytes"));
}

TEST(Safetensors, EscapesAreRead) {
  const std::string header = R"({"__metadata__":{"a\u00b5\n":"\ud83d\ude00\/","checksum":"x"}})";
  EXPECT_TRUE(tells(file_of(header, ""), "its checksum does not fit"));
  for (const char* bad :
       {R"("\ud83d")", R"("\udc00")", R"("\x")", R"("\u00g0")", "\"\t\"", "\"\xff\""})
    EXPECT_TRUE(tells(file_of("{\"__metadata__\":{\"a\":" + std::string(bad) + "}}", ""),
                      "its header is broken"));
}

}  // namespace understudy::surrogates
