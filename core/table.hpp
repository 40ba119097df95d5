// Tables of numbers in text files (CSV, columns between white space): the one reader of the project.
//
//   header     a first line of names, in quotes or not, with units in brackets: x, "u [m/s]", p (Pa)
//   rows       numbers separated by semicolons, commas or white space (as the first row is); every row has
//              as many as the first, and as the header
//   numbers    1, +1, -1.5e-3, .5, 1.5D-03 and 1.5-103 (Fortran's), 1e-310; finite ones only
//   skipped    a byte order mark, carriage returns, blank lines, and what stands behind #
//
// Nothing is guessed and nothing dropped: whatever is no number, a row of another length or a second line of
// text is a UserError that names file, line and column, and the likely mistake where one is known (a decimal
// comma, a unit behind the number, another kind of file).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::core {

/// The whole text as a number (no blanks); nothing where it is none. "nan" and "inf" are numbers here;
/// what is too small becomes 0, what is too large infinite.
std::optional<double> parse_number(std::string_view text);

/// What was likely meant by a text that is no number: "a decimal comma; write 0.5". Empty: not known.
std::string number_mistake(std::string_view text);

class Table {
 public:
  struct Name {
    std::string name, unit;  ///< "u", "m/s" of "u [m/s]"; an empty unit: none is given
  };

  /// `source` begins the messages.
  static Table parse(const std::string& text, const std::string& source);
  static Table read(const std::filesystem::path& path);

  const std::string& source() const { return source_; }
  std::size_t rows() const { return lines_.size(); }
  /// Of the header where there is one, else of the rows; 0 for an empty table.
  std::size_t columns() const { return columns_; }
  bool has_header() const { return !header_.empty(); }
  const std::vector<Name>& header() const { return header_; }  ///< empty: there is none
  /// "x, t, u [m/s]", or "none".
  std::string header_text() const;
  /// Names in the last comment before the rows, one a column: numpy.savetxt() writes its header so. Empty: none.
  const std::vector<Name>& comment() const { return comment_; }
  void take_comment_as_header() { header_ = comment_; }
  /// Where rows have a meaning without a header, too: only if there is none, and the comment's names carry a unit or
  /// are all `known`. Other comments stay such.
  void take_comment_as_header(const std::function<bool(const std::string&)>& known);
  /// The column of that name; nothing where there is none. UserError where there are several.
  std::optional<std::size_t> find(const std::string& name) const;
  /// The same, but a UserError naming those that there are where there is none.
  std::size_t require_column(const std::string& name) const;

  /// Where a value stands: "FILE, line 3, column 2" or "FILE, line 3, column 'u'".
  std::string where(std::size_t row, std::size_t column) const;
  /// UserError unless it is a finite number.
  double number(std::size_t row, std::size_t column) const;
  std::vector<double> column(std::size_t column) const;
  /// UserError unless there are exactly so many; `meaning` says what they are: "the coordinate (m) and ...".
  void require_columns(std::size_t count, const std::string& meaning) const;

 private:
  friend class TableParser;
  std::string source_;
  std::vector<Name> header_;
  std::size_t columns_ = 0;
  char separator_ = ' ';            ///< of the columns; ' ': white space
  std::vector<Name> comment_;       ///< names in the last comment before the rows
  std::vector<std::string> cells_;  ///< [row, column]
  std::vector<int> lines_;          ///< [row]
};

}  // namespace understudy::core
