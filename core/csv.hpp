// The project's own comma-separated values, as it writes them and reads them back: RFC 4180 with one line a row
// (core/table.hpp reads tables of others). A cell with a comma or a quote stands in quotes; ends of lines within
// a text become spaces.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace understudy::core {

struct CsvLine {
  std::string text;   ///< without its end, LF or CR LF
  int number = 0;     ///< from 1, empty lines counted
  bool ended = true;  ///< a last line without an end may have been cut off
};

/// The lines of a text that are not empty, without a byte order mark.
std::vector<CsvLine> csv_lines(std::string_view text);

/// The cells of a line, without their quotes; an empty line has one empty cell.
std::vector<std::string> csv_cells(std::string_view line);

/// The line of these cells, with its end.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace understudy::core
