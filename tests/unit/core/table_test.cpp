// Tables of numbers in texts: what is read, and that nothing is dropped or guessed.
#include "core/table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/file_kind.hpp"
#include "support/scratch.hpp"

namespace core = understudy::core;

namespace {

using core::Table;
using Columns = std::vector<std::vector<double>>;

Columns columns_of(const std::string& text) {
  const Table table = Table::parse(text, "t.csv");
  Columns columns;
  for (std::size_t c = 0; c < table.columns(); ++c) columns.push_back(table.column(c));
  return columns;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "no error";
}

std::string error_in(const std::string& text) {
  return error_of([&] { columns_of(text); });
}

void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text << "\ndoes not contain\n" << part;
}

TEST(CoreTable, NumbersInEveryWayOfWriting) {
  const auto is = [](const char* text, double value) {
    const auto read = core::parse_number(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, value) << text;
  };
  is("1", 1);
  is("+1.5", 1.5);
  is("-1.5", -1.5);
  is(".5", 0.5);
  is("5.", 5);
  is("1e-3", 1e-3);
  is("+1.5E+03", 1500);
  is("1.5D-03", 1.5e-3);
  is("-0.25d+01", -2.5);
  is("0.125-101", 0.125e-101);
  is("-0.125+101", -0.125e101);
  is("1e-310", 1e-310);
  is("4.9406564584124654e-324", 4.9406564584124654e-324);
  is("1e-400", 0);
  is("-0.000001e-330", 0);
  is("1e400", HUGE_VAL);
  is("-1000000e306", -HUGE_VAL);
  is("1e9223372036854775807", HUGE_VAL);
  is("0.01e-9223372036854775808", 0);
  is("1e99999999999999999999", HUGE_VAL);
  EXPECT_TRUE(std::isnan(*core::parse_number("nan")));
  for (const char* text : {"", "+", "-", "+-1", "--1", "1,5", "1 2", "1.5m", "abc", "0x10", "1e",
                           "1-2", "1.5-3", "1d", "1e5e5"})
    EXPECT_FALSE(core::parse_number(text)) << text;
}

TEST(CoreTable, SeparatorsCommentsBlankLinesAndLineEnds) {
  const Columns wanted{{0, 1}, {1, 2}, {0.5, -3}};
  for (const char* text : {"0,1,0.5\n1,2,-3\n", "0 1 0.5\n1 2 -3", "  0\t1   0.5  \n\t1 2 -3\n",
                           "0;1;0.5\n1; 2; -3\n", "0, 1, .5\r\n\r\n+1, 2, -3\r\n",
                           "\xEF\xBB\xBF"
                           "0,1,0.5\n1,2,-3\n",
                           "# made by hand\n\n0 1 0.5 # first\n1 2 -3\n#\n", "0,1,0.5\r1,2,-3\r",
                           "\"0\",\"1\",\"0.5\"\n1,2,-3\n", "x y z\n0,1,0.5\n1,2,-3\n",
                           "\xEF\xBB\xBF\"x [m]\";y;z\r\n0;1;0.5\r\n\r\n1;2;-3\r\n\r\n",
                           "0 1D+00 5D-1\n1 2.0 -0.3D1\n"})
    EXPECT_EQ(columns_of(text), wanted) << text;
  EXPECT_TRUE(columns_of("").empty());
  EXPECT_TRUE(columns_of("# nothing\n\n").empty());
  EXPECT_EQ(columns_of("7\n8\n9"), (Columns{{7, 8, 9}}));
}

TEST(CoreTable, HeadersHaveNamesAndUnits) {
  const Table table = Table::parse("\"x [km]\", t (ms) ,u,p_0\n1,2,3,4\n", "t.csv");
  ASSERT_EQ(table.columns(), 4u);
  EXPECT_EQ(table.header()[0].name, "x");
  EXPECT_EQ(table.header()[0].unit, "km");
  EXPECT_EQ(table.header()[1].name, "t");
  EXPECT_EQ(table.header()[1].unit, "ms");
  EXPECT_EQ(table.header()[2].unit, "");
  EXPECT_EQ(table.find("p_0"), 3u);
  EXPECT_FALSE(table.find("q"));
  EXPECT_EQ(table.header_text(), "x [km], t [ms], u, p_0");
  EXPECT_EQ(table.where(0, 1), "t.csv, line 2, column 't'");
  const Table blanks = Table::parse("x [m]  u [m/s] v\n1 2 3\n", "t.txt");
  ASSERT_EQ(blanks.columns(), 3u);
  EXPECT_EQ(blanks.header()[1].unit, "m/s");
  EXPECT_FALSE(Table::parse("1 2\n", "t").has_header());
  EXPECT_EQ(Table::parse("1 2\n", "t").where(0, 1), "t, line 1, column 2");
}

TEST(CoreTable, AColumnThatIsAskedForIsThereOnce) {
  const Table table = Table::parse("x,u,u\n1,2,3\n", "t.csv");
  EXPECT_EQ(table.require_column("x"), 0u);
  const auto refusal = [&](const std::string& name) -> std::string {
    try {
      table.require_column(name);
    } catch (const core::UserError& error) {
      return error.what();
    }
    return "";
  };
  expect_part(refusal("u"), "t.csv: has 2 columns 'u'; its first line names x, u, u");
  expect_part(refusal("v"), "t.csv: has no column 'v'; its first line names x, u, u");
  EXPECT_THROW(table.find("u"), core::UserError);
}

// As numpy.savetxt() writes them; a comment of other words is none.
TEST(CoreTable, NamesInACommentAreTakenOnDemand) {
  Table table = Table::parse("# x t u\n1 2 3\n", "t");
  EXPECT_FALSE(table.has_header());
  ASSERT_EQ(table.comment().size(), 3u);
  table.take_comment_as_header();
  EXPECT_EQ(table.find("u"), 2u);
  EXPECT_TRUE(Table::parse("# measured by hand in May\n1 2 3\n", "t").comment().empty());
}

TEST(CoreTable, TextAmongNumbersIsRefusedByLineAndColumn) {
  expect_part(error_in("0,1\n1,abc\n"), "t.csv, line 2, column 2: 'abc' is not a number");
  expect_part(error_in("0,1,0,abc\n1,1,0\n"), "t.csv, line 1, column 4: 'abc' is not a number");
  expect_part(error_in("0.1x,1\n1,1\n"), "line 1, column 1: '0.1x' is not a number (text behind");
  expect_part(error_in("O.5\n1\n"), "line 1, column 1: 'O.5' is not a number");
  expect_part(error_in("0,1 m/s\n1,1\n"),
              "'1 m/s' is not a number (text behind the number; a unit");
  expect_part(error_in("x,u\n0,1\n1,2kPa\n"), "line 3, column 'u': '2kPa' is not a number");
  expect_part(error_in("0,1\n1,nan\n"), "line 2, column 2: nan is not a finite number");
  expect_part(error_in("0,1\n1,1e999\n"), "line 2, column 2: 1e999 is not a finite number");
  expect_part(error_in("0,1\n1,\n"),
              "line 2, column 2: '' is not a number (no value stands there)");
  expect_part(error_in("x,u\n0,NA\n"), "a missing value");
  expect_part(error_in("0,*****\n"), "Fortran writes stars");
  expect_part(error_in("0,1\n1,\xE2\x88\x92"
                       "2\n"),
              "typographic");
  expect_part(error_in("x,u\nm,m/s\n0,1\n"), "line 2: 'm,m/s' is a second line of text");
  expect_part(error_in("% x u\n0 1\n"), "comments begin with #");
}

TEST(CoreTable, RowsOfAnotherLengthAreRefused) {
  expect_part(error_in("0,1\n1,2,3\n"), "t.csv, line 2: has 3 columns, and line 1 has 2");
  expect_part(error_in("x,u\n0\n"), "t.csv, line 2: has 1 column, and line 1 names 2");
  expect_part(error_in("x,u\n0,1,abc\n"),
              "line 2: has 3 columns, and line 1 names 2; column 3, 'abc', is not");
  expect_part(error_in("x,u\n0,1,\n"), "it ends in a separator");
  const Table table = Table::parse("1 2 3\n", "t.txt");
  table.require_columns(3, "three numbers");
  EXPECT_EQ(error_of([&] { table.require_columns(1, "one sample a line"); }),
            "t.txt: has 3 columns; wanted is 1: one sample a line");
}

TEST(CoreTable, DecimalCommasAreNamed) {
  expect_part(
      error_in("0;1,5\n1;2\n"),
      "'1,5' is not a number (a decimal comma; write 1.5; a semicolon separates the columns");
  // As a German or French spreadsheet saves it.
  expect_part(
      error_in("x;u\n1,5;2,0\n"),
      "t.csv, line 2, column 'x': '1,5' is not a number (a decimal comma; write 1.5; a semicolon "
      "separates the columns, so all commas may become points: sed -i 's/,/./g' t.csv)");
  expect_part(error_in("0,0 1,5\n1,0 2,5\n"), "'0,0' is not a number (a decimal comma; write 0.0)");
  expect_part(error_in("0 1\n0 1,5e-3\n"), "(a decimal comma; write 1.5e-3)");
  expect_part(error_in("x,u\n0,5,1,5\n"),
              "line 2: has 4 columns, and line 1 names 2; are some of its commas");
  expect_part(error_of([] { Table::parse("0,5\n1,5\n", "w").require_columns(1, "one sample"); }),
              "Are its commas decimal ones?");
}

// What is long is read in time proportional to its length.
TEST(CoreTable, LongBlanksAndLongTextsAreReadAtOnce) {
  const std::string gap(1 << 20, ' ');
  EXPECT_EQ(columns_of("0" + gap + "1\n2 3\n"), (Columns{{0, 2}, {1, 3}}));
  EXPECT_EQ(Table::parse("x" + gap + "[m]" + gap + "u\n0 1\n", "t.csv").header_text(), "x [m], u");
  expect_part(error_in("0 1\n0 " + std::string(1 << 20, 'x') + "\n"), "is not a number");
  expect_part(error_in("0 1\n0 " + std::string(1 << 20, '1') + "x\n"), "is not a number");
}

TEST(CoreTable, OtherFilesAreNamed) {
  const understudy::tests::Scratch folder;
  const auto told = [&](const std::string& content) {
    core::write_file(folder / "file", content);
    return error_of([&] { Table::read(folder / "file"); });
  };
  expect_part(told("version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n"),
              "git lfs pull");
  expect_part(told("PK\x03\x04 and so on"), "zip archive");
  expect_part(told("\x89HDF\r\n\x1a\n"), "HDF5");
  expect_part(told("\xFF\xFE"
                   "1"),
              "UTF-16");
  expect_part(told("<!DOCTYPE html><html>"), "web page");
  expect_part(told(std::string("1 2\0 3", 6)), "bytes that are no text");
  std::string segy(3600, '\x40');
  for (int line = 0; line < 40; ++line) segy[80 * line] = '\xC3';
  segy[2] = '\xF1';
  segy[82] = '\xF2';
  EXPECT_NE(core::kind_of_bytes(segy).find("SEG-Y"), std::string::npos);
  EXPECT_EQ(core::kind_of_bytes("C01,C02\n1,2\n"), "");
  EXPECT_EQ(core::kind_of_file(folder / "nowhere"), "");
}

}  // namespace
