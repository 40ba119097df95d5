// A CSV file that grows by a row a window, flushed row by row so that it can be watched and survives a
// crash. A resumed run keeps the rows up to its restart time and goes on; numbers are written with all
// their digits, so that the file equals the uninterrupted run's.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace understudy::apps {

class CsvSeries {
 public:
  /// Opened at the first row. `resumed_at_s` < 0: a new file; else rows of a later time are dropped.
  CsvSeries(std::filesystem::path path, double resumed_at_s)
      : path_(std::move(path)), resumed_at_s_(resumed_at_s) {}

  /// The first column is the time. UserError naming the file when it cannot be written.
  void write(const std::vector<std::string>& columns, const std::vector<double>& row);
  /// The rows kept from before a restart (the first row() or this call reads them).
  const std::vector<std::vector<double>>& kept(const std::vector<std::string>& columns);

 private:
  void open(const std::vector<std::string>& columns);

  std::filesystem::path path_;
  double resumed_at_s_;
  bool opened_ = false;
  std::ofstream file_;
  std::vector<std::vector<double>> kept_;
};

/// Rows of numbers of a CSV file with one header line; empty cells are NaN. Stops at a broken row.
struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;
};
CsvTable read_csv(const std::filesystem::path& path);

}  // namespace understudy::apps
