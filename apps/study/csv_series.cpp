#include "apps/study/csv_series.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "apps/deck/deck_tree.hpp"
#include "core/atomic_file.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/kept_files.hpp"
#include "core/log.hpp"

namespace understudy::apps {

namespace {

using Cells = std::vector<std::string>;

bool is_number(const std::string& cell) {
  double value = 0;
  const auto read = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return read.ec == std::errc() && read.ptr == cell.data() + cell.size();
}

bool contains(const Cells& all, const std::string& one) {
  return std::ranges::find(all, one) != all.end();
}

// Where each of `wanted` stands in `columns`; -1: nowhere. Of two of one name the first is the first.
std::vector<int> places_of(const Cells& wanted, const Cells& columns) {
  std::vector<int> places;
  std::vector<bool> taken(columns.size(), false);
  for (const auto& name : wanted) {
    int place = -1;
    for (std::size_t n = 0; n < columns.size() && place < 0; ++n)
      if (!taken[n] && columns[n] == name) place = static_cast<int>(n);
    if (place >= 0) taken[static_cast<std::size_t>(place)] = true;
    places.push_back(place);
  }
  return places;
}

std::vector<double> numbers_of(const Cells& cells, std::size_t count) {
  std::vector<double> row;
  for (std::size_t n = 0; n < count; ++n) row.push_back(csv_number(cells[n]));
  return row;
}

// The rows of earlier restarts stay in the file of damaged ones.
void keep_damaged(const std::filesystem::path& path, const CsvText& old) {
  if (old.damaged.empty()) return;
  const auto aside =
      path.parent_path() / (path.stem().string() + ".damaged" + path.extension().string());
  std::error_code none;
  std::string text =
      std::filesystem::exists(aside, none) ? core::read_file(aside) : core::csv_line(old.columns);
  for (const auto& line : old.damaged) text += line + "\n";
  core::write_file(aside, text);
  core::log::warn("{}: {} damaged row{} (the first: {}) kept in {}", path.string(),
                  old.damaged.size(), old.damaged.size() == 1 ? "" : "s",
                  printable(old.damaged.front()), aside.filename().string());
}

}  // namespace

double csv_number(const std::string& cell) {
  double value = std::numeric_limits<double>::quiet_NaN();
  if (is_number(cell)) std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return value;
}

CsvText read_csv_text(const std::filesystem::path& path, const std::vector<std::string>& words) {
  CsvText text;
  for (auto& [line, number, ended] : core::csv_lines(core::read_file(path))) {
    Cells cells = core::csv_cells(line);
    if (text.columns.empty()) {
      text.columns = std::move(cells);
      continue;
    }
    bool whole = cells.size() == text.columns.size() && is_number(cells.front());
    for (std::size_t n = 0; whole && n < cells.size(); ++n)
      whole = cells[n].empty() || is_number(cells[n]) || contains(words, text.columns[n]);
    // Without its end a last number may lack digits, and is a number still.
    if (!ended)
      text.torn = std::move(line);
    else if (whole)
      text.rows.push_back(std::move(cells));
    else
      text.damaged.push_back(std::move(line));
  }
  return text;
}

CsvTable read_csv(const std::filesystem::path& path) {
  const CsvText text = read_csv_text(path);
  CsvTable table{text.columns, {}};
  for (const auto& cells : text.rows) table.rows.push_back(numbers_of(cells, cells.size()));
  return table;
}

CsvSeries::CsvSeries(std::filesystem::path path, double resumed_at_s) : path_(std::move(path)) {
  if (resumed_at_s >= 0)
    keep_ = [last_s = resumed_at_s * (1 + 1e-12)](const std::vector<double>& row) {
      return row.front() <= last_s;
    };
}

CsvSeries::CsvSeries(std::filesystem::path path, Keep keep, std::vector<std::string> words)
    : path_(std::move(path)), keep_(std::move(keep)), words_(std::move(words)) {}

void CsvSeries::take_up(const Cells& columns, std::vector<Cells>& rows) {
  CsvText old = read_csv_text(path_, words_);
  if (!contains(old.columns, columns.front())) {
    const auto aside = core::set_aside(path_);
    core::log::warn("{} cannot be continued: its first line has no column '{}'. It is kept as {}",
                    path_.string(), columns.front(), aside.filename().string());
    return;
  }
  for (const auto& name : old.columns) {
    const auto in = [&](const Cells& all) { return std::ranges::count(all, name); };
    if (in(header_) < in(old.columns)) header_.push_back(name);
  }
  const auto places = places_of(header_, old.columns);
  bool lost = false;
  for (const auto& cells : old.rows) {
    Cells row;
    for (const int place : places)
      row.push_back(place < 0 ? "" : cells[static_cast<std::size_t>(place)]);
    auto numbers = numbers_of(row, columns.size());
    if (keep_(numbers)) {
      kept_.push_back(std::move(numbers));
      rows.push_back(std::move(row));
    } else {  // measured again, but for what nobody measures any more
      for (std::size_t n = columns.size(); n < row.size(); ++n) lost = lost || !row[n].empty();
    }
  }
  // Cut off as it was written, it is written anew; of a time before the restart it was cut later.
  Cells torn = core::csv_cells(old.torn);
  if (torn.size() > 1 && torn.size() <= old.columns.size()) {
    torn.resize(old.columns.size());
    Cells row;
    for (const int place : places)
      row.push_back(place < 0 ? "" : torn[static_cast<std::size_t>(place)]);
    if (keep_(numbers_of(row, columns.size()))) old.damaged.push_back(old.torn);
  }
  if (lost) {
    const auto aside = core::copy_aside(path_);
    core::log::warn("{} has rows after the restart with columns that are gone: it is kept as {}",
                    path_.string(), aside.filename().string());
  }
  keep_damaged(path_, old);
}

void CsvSeries::open(const Cells& columns) {
  opened_ = true;
  header_ = columns;
  std::vector<Cells> rows;
  std::error_code none;
  if (keep_ && std::filesystem::exists(path_, none)) take_up(columns, rows);
  std::string text = core::csv_line(header_);
  for (const auto& row : rows) text += core::csv_line(row);
  core::write_file(path_, text);
  file_.open(path_, std::ios::app);
}

const std::vector<std::vector<double>>& CsvSeries::kept(const std::vector<std::string>& columns) {
  if (!opened_) open(columns);
  return kept_;
}

void CsvSeries::write(const std::vector<std::string>& columns, const std::vector<double>& row) {
  Cells cells;
  for (const double value : row) cells.push_back(core::format("{}", value));
  write(columns, cells);
}

void CsvSeries::write(const std::vector<std::string>& columns,
                      const std::vector<std::string>& cells) {
  if (!opened_) open(columns);
  errno = 0;
  Cells row = cells;
  row.resize(header_.size());
  file_ << core::csv_line(row) << std::flush;
  if (!file_)
    throw core::UserError(core::format("cannot write {}: {}", path_.string(),
                                       errno ? std::strerror(errno) : "the file is not writable"));
}

}  // namespace understudy::apps
