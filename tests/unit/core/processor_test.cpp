// What Linux says of a processor, read from its text.
#include <gtest/gtest.h>

#include <sstream>

#include "core/processor.hpp"

namespace core = understudy::core;

namespace {

std::set<std::string> flags_of(const std::string& text) {
  std::istringstream in(text);
  return core::processor_flags(in);
}

}  // namespace

TEST(Processor, FlagsOfTheFirstOne) {
  const auto flags = flags_of(
      "processor\t: 0\nmodel name\t: a processor\nflags\t\t: fpu sse2 avx512_bf16\n\n"
      "processor\t: 1\nflags\t\t: fpu other\n");
  EXPECT_EQ(flags, (std::set<std::string>{"avx512_bf16", "fpu", "sse2"}));
  EXPECT_EQ(flags_of("Features : asimd bf16\n"), (std::set<std::string>{"asimd", "bf16"}));
  EXPECT_TRUE(flags_of("processor: 0\n").empty());
  EXPECT_TRUE(flags_of("").empty());
}

TEST(Processor, Bfloat16ByEitherOfItsUnits) {
  EXPECT_TRUE(core::processor_has_bfloat16({"fpu", "avx512_bf16"}));
  EXPECT_TRUE(core::processor_has_bfloat16({"amx_tile"}));
  EXPECT_FALSE(core::processor_has_bfloat16({"fpu", "avx512f", "bf16"}));
  EXPECT_FALSE(core::processor_has_bfloat16({}));
}
