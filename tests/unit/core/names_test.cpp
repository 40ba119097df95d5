// Names that decks give to files and columns: what can be one, what each that cannot is told, and the names of
// those that have none.
#include <gtest/gtest.h>

#include "core/names.hpp"

namespace core = understudy::core;

TEST(Names, LettersOfAnyScriptAreFine) {
  for (const char* name : {"a", "wake", "wake_2", "2nd probe", "T+", "x=3 (mid)", "Sonde öl",
                           "測定", "_x", "a.b-c@d", "comb", "nullpoint", "com10"})
    EXPECT_EQ(core::name_fault(name), "") << name;
  EXPECT_EQ(core::name_fault(std::string(core::longest_name, 'a')), "");
}

TEST(Names, WhatLeavesAFolderOrBreaksATableIsNone) {
  for (const char* name : {"../a",
                           "/etc/a",
                           "a/b",
                           "a\\b",
                           "C:a",
                           "a,b",
                           "a;b",
                           "a\"b",
                           "a'b",
                           "a\nb",
                           "a\rb",
                           "a\tb",
                           "a\x7f",
                           ".hidden",
                           "-x",
                           "+x",
                           "=1+1",
                           "@x",
                           " x",
                           "x ",
                           "x.",
                           "a..b",
                           ".",
                           "..",
                           "a*",
                           "a?",
                           "a<b>",
                           "a|b",
                           "a%b",
                           "a&b",
                           "a#b",
                           "a$b",
                           "a`b",
                           "a[0]",
                           "a{b}",
                           "con",
                           "NUL",
                           "Aux.txt",
                           "com1",
                           "LPT9.csv",
                           "a\xff",
                           "\xc0\xaf",
                           "a\xe2\x80\xae"
                           "b",
                           "a\xe2\x80\x8b",
                           "a\xc2\xa0"
                           "b",
                           "\xed\xa0\x80"})
    EXPECT_NE(core::name_fault(name), "") << name;
  EXPECT_NE(core::name_fault(std::string(core::longest_name + 1, 'a')).find("65 bytes"),
            std::string::npos);
  EXPECT_NE(core::name_fault("a,b").find("contains ','"), std::string::npos);
  EXPECT_NE(core::name_fault("a\nb").find("control character"), std::string::npos);
}

TEST(Names, CaseDoesNotCount) {
  EXPECT_TRUE(core::same_name("Wake", "wAKE"));
  EXPECT_FALSE(core::same_name("wake", "wake1"));
}

TEST(Names, ThoseWithoutGetTheirPlace) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(core::with_default_names({"", "", "x"}, "line"), (Texts{"line_1", "line_2", "x"}));
  EXPECT_EQ(core::with_default_names({"", "LINE_1"}, "line"), (Texts{"line_2", "LINE_1"}));
  EXPECT_EQ(core::with_default_names({"line_2", ""}, "line"), (Texts{"line_2", "line_3"}));
}
