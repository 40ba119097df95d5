// A CSV file that grows by a row a window, flushed row by row so that it can be watched and survives a
// crash. Numbers are written with all their digits, so that a resumed run's file equals the uninterrupted
// run's.
//
// A resumed run takes up the file that it finds: columns are matched by name, and the rows up to the
// restart stay as they were written, with empty cells under new columns. A column that is gone stays behind
// the others, and new rows leave it empty. CR LF, a byte order mark and cells in quotes are taken. Nothing
// that was measured is thrown away:
//   <name>.damaged.csv   rows that are none (cells missing, a text where a number is to be, a last line of
//                        before the restart that has no end)
//   <name>.before_1.csv  a file that cannot be continued, or the whole file where rows after the restart
//                        have values in columns that are gone
// Both are said in the log.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace understudy::apps {

class CsvSeries {
 public:
  /// Does a row of the older file stay? Its numbers by the present columns; NaN: an empty cell or a word.
  using Keep = std::function<bool(const std::vector<double>& row)>;

  /// Opened at the first row. `resumed_at_s` < 0: a new file; else rows of a later time, the first column,
  /// are dropped.
  CsvSeries(std::filesystem::path path, double resumed_at_s);
  /// `keep` empty: a new file. `words`: columns that hold no numbers.
  CsvSeries(std::filesystem::path path, Keep keep, std::vector<std::string> words = {});

  /// Rows are told apart by the first column, a number. UserError naming the file when it cannot be
  /// written.
  void write(const std::vector<std::string>& columns, const std::vector<double>& row);
  void write(const std::vector<std::string>& columns, const std::vector<std::string>& cells);
  /// The rows kept from before a restart, by `columns` (the first write() or this call reads them).
  const std::vector<std::vector<double>>& kept(const std::vector<std::string>& columns);

 private:
  using Cells = std::vector<std::string>;
  void open(const Cells& columns);
  void take_up(const Cells& columns, std::vector<Cells>& rows);

  std::filesystem::path path_;
  Keep keep_;
  Cells words_, header_;  ///< header: the present columns, then those that are gone
  bool opened_ = false;
  std::ofstream file_;
  std::vector<std::vector<double>> kept_;
};

/// A CSV file's cells with one header line: comma, quotes as in RFC 4180, LF or CR LF, an optional byte
/// order mark, empty lines left out. Every row has as many cells as there are columns; what has not is
/// damaged. A last line without an end is torn, whatever it has: tables of this program end every line.
struct CsvText {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> damaged;  ///< lines as they are
  std::string torn;                  ///< a last line without an end
};
/// A cell that is neither empty nor a number makes its row a damaged one, but in the columns `words`.
/// UserError when the file cannot be read.
CsvText read_csv_text(const std::filesystem::path& path,
                      const std::vector<std::string>& words = {});

/// The numbers of a CSV file; empty cells are NaN. Damaged rows and a torn one are left out.
struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;
};
CsvTable read_csv(const std::filesystem::path& path);

/// A cell's number; NaN where it is empty or none.
double csv_number(const std::string& cell);

}  // namespace understudy::apps
