#include "core/csv.hpp"

#include <algorithm>

namespace understudy::core {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string in_csv(std::string cell) {
  std::ranges::replace_if(cell, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  if (cell.find_first_of(",\"") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

}  // namespace

std::vector<CsvLine> csv_lines(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::vector<CsvLine> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const bool ended = end < text.size();
    std::string_view line = text.substr(0, end);
    text.remove_prefix(ended ? end + 1 : end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back({std::string(line), number, ended});
  }
  return lines;
}

std::vector<std::string> csv_cells(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t n = 0; n < line.size(); ++n) {
    const char c = line[n];
    if (quoted && c == '"' && n + 1 < line.size() && line[n + 1] == '"')
      cells.back() += line[++n];
    else if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return cells;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t n = 0; n < cells.size(); ++n) line += (n > 0 ? "," : "") + in_csv(cells[n]);
  return line + "\n";
}

}  // namespace understudy::core
