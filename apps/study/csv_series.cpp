#include "apps/study/csv_series.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>
#include <sstream>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::apps {

namespace {

std::string line_of(const std::vector<double>& row) {
  std::string line;
  for (const double value : row) line += (line.empty() ? "" : ",") + core::format("{}", value);
  return line + "\n";
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  if (line.ends_with(',')) cells.emplace_back();
  return cells;
}

}  // namespace

CsvTable read_csv(const std::filesystem::path& path) {
  CsvTable table;
  std::istringstream file(core::read_file(path));
  std::string line;
  if (std::getline(file, line)) table.columns = split(line);
  while (std::getline(file, line) && !file.eof()) {  // a last line without its end was cut off
    std::vector<double> row;
    for (const auto& cell : split(line)) {
      double value = std::numeric_limits<double>::quiet_NaN();
      if (!cell.empty()) std::from_chars(cell.data(), cell.data() + cell.size(), value);
      row.push_back(value);
    }
    if (row.size() != table.columns.size()) break;
    table.rows.push_back(std::move(row));
  }
  return table;
}

void CsvSeries::open(const std::vector<std::string>& columns) {
  opened_ = true;
  if (resumed_at_s_ >= 0 && std::filesystem::exists(path_)) {
    CsvTable old = read_csv(path_);
    if (old.columns == columns)
      for (auto& row : old.rows)
        if (row[0] <= resumed_at_s_ * (1 + 1e-12) + 1e-12) kept_.push_back(std::move(row));
  }
  std::string text;
  for (const auto& column : columns) text += (text.empty() ? "" : ",") + column;
  text += '\n';
  for (const auto& row : kept_) text += line_of(row);
  core::write_file(path_, text);
  file_.open(path_, std::ios::app);
}

const std::vector<std::vector<double>>& CsvSeries::kept(const std::vector<std::string>& columns) {
  if (!opened_) open(columns);
  return kept_;
}

void CsvSeries::write(const std::vector<std::string>& columns, const std::vector<double>& row) {
  if (!opened_) open(columns);
  errno = 0;
  file_ << line_of(row) << std::flush;
  if (!file_)
    throw core::UserError(core::format("cannot write {}: {}", path_.string(),
                                       errno ? std::strerror(errno) : "the file is not writable"));
}

}  // namespace understudy::apps
