// The project's own comma-separated values: what is written is read back, whatever its cells hold.
#include "core/csv.hpp"

#include <gtest/gtest.h>

namespace core = understudy::core;

namespace {

using Cells = std::vector<std::string>;

TEST(Csv, CellsComeBack) {
  for (const Cells& cells : {Cells{"1", "-2.5e-3", ""}, Cells{"a, b", "say \"no\"", "\"", ","},
                             Cells{"", "", ""}, Cells{"x"}}) {
    const std::string line = core::csv_line(cells);
    ASSERT_TRUE(line.ends_with('\n'));
    EXPECT_EQ(core::csv_cells(std::string_view(line).substr(0, line.size() - 1)), cells) << line;
  }
  EXPECT_EQ(core::csv_line({"a,b", "c"}), "\"a,b\",c\n");
  EXPECT_EQ(core::csv_line({"two\r\nlines"}), "two  lines\n");
  EXPECT_EQ(core::csv_cells(""), Cells{""});
}

TEST(Csv, LinesOfEveryEditor) {
  const auto lines = core::csv_lines(
      "\xef\xbb\xbf"
      "a,b\r\n\n1,2\r\n3,4");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].text, "a,b");
  EXPECT_EQ(lines[1].text, "1,2");
  EXPECT_EQ(lines[1].number, 3);
  EXPECT_TRUE(lines[1].ended);
  EXPECT_EQ(lines[2].text, "3,4");
  EXPECT_FALSE(lines[2].ended);
  EXPECT_TRUE(core::csv_lines("").empty());
  EXPECT_TRUE(core::csv_lines("\n\r\n").empty());
}

}  // namespace
