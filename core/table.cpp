#include "core/table.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/file_kind.hpp"
#include "core/format.hpp"

namespace understudy::core {

namespace {

constexpr std::string_view blanks = " \t\v\f\r";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string shown(std::string_view text) {
  constexpr std::size_t longest = 40;
  std::string clean;
  for (const unsigned char c : text.substr(0, longest)) clean += c < 32 || c == 127 ? '?' : char(c);
  return text.size() > longest ? clean + "..." : clean;
}

// Fortran's exponents, 1.5D-03 and 1.5-103 (three digits leave no room for the letter), as the library reads
// them. Anything else is left as it is.
std::string with_plain_exponent(std::string_view text) {
  std::string plain(text);
  const bool number = std::ranges::all_of(plain, [](char c) {
    return is_digit(c) || c == '.' || c == '+' || c == '-' || c == 'd' || c == 'D';
  });
  if (!number) return plain;
  const auto letter = plain.find_first_of("dD");
  if (letter != std::string::npos) {
    plain[letter] = 'e';
    return plain;
  }
  const auto sign = plain.find_last_of("+-");
  const bool exponent =
      sign != std::string::npos && sign > 0 && plain.size() - sign == 4 && plain.find('.') < sign;
  if (exponent) plain.insert(sign, "e");
  return plain;
}

// Did a number leave the range of double at its lower end? It has at least one digit that is not 0.
bool too_small(std::string_view number) {
  const auto letter = number.find_first_of("eE");
  const auto digits = number.substr(0, letter);
  long long exponent = 0;
  if (letter != std::string_view::npos) {
    auto text = number.substr(letter + 1);
    if (text.starts_with('+')) text.remove_prefix(1);
    const bool negative = text.starts_with('-');
    const auto read = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (read.ec != std::errc()) return negative;
    constexpr long long far = 1'000'000'000'000'000;  // more digits than a text has
    exponent = std::clamp(exponent, -far, far);
  }
  auto point = digits.find('.');
  if (point == std::string_view::npos) point = digits.size();
  const auto first = digits.find_first_of("123456789");
  if (first == std::string_view::npos) return true;
  const auto before = static_cast<long long>(point) - static_cast<long long>(first);
  return exponent + before < 0;
}

// "1,5", "-0,25e3": digits on both sides of one comma, and a number with a point in its place.
bool has_decimal_comma(std::string_view text) {
  const auto comma = text.find(',');
  if (comma == std::string_view::npos || comma == 0 || comma + 1 == text.size()) return false;
  if (text.find(',', comma + 1) != std::string_view::npos) return false;
  if (!is_digit(text[comma - 1]) || !is_digit(text[comma + 1])) return false;
  std::string point(text);
  point[comma] = '.';
  return parse_number(point).has_value();
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = line.find_first_not_of(blanks); at != std::string_view::npos;) {
    auto end = line.find_first_of(blanks, at);
    if (end == std::string_view::npos) end = line.size();
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(blanks, end);
  }
  return words;
}

// Of a line outside quotes: ';' before ',' before white space (' '). Columns between white space whose
// numbers all have decimal commas are no comma-separated ones.
char separator_of(std::string_view line) {
  bool quoted = false, comma = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == ';') return ';';
    comma = comma || c == ',';
  }
  if (!comma) return ' ';
  const auto words = words_of(line);
  const bool decimal = words.size() > 1 && std::ranges::all_of(words, [](std::string_view word) {
                         return parse_number(word) || has_decimal_comma(word);
                       });
  return decimal ? ' ' : ',';
}

std::string unquoted(std::string_view cell) {
  cell = trimmed(cell);
  if (cell.size() >= 2 && (cell.front() == '"' || cell.front() == '\'') &&
      cell.back() == cell.front())
    cell = trimmed(cell.substr(1, cell.size() - 2));
  return std::string(cell);
}

// Names are separated by white space only where no unit in brackets follows them: "x [m] u [m/s]" are two.
std::vector<std::string> split(std::string_view line, char separator) {
  std::vector<std::string> cells;
  bool quoted = false;
  int brackets = 0;
  std::size_t begin = 0, next = 0;  // next: what ends the white space at hand
  const auto is_separator = [&](char c) {
    return separator == ' ' ? blanks.find(c) != std::string_view::npos : c == separator;
  };
  for (std::size_t at = 0; at <= line.size(); ++at) {
    if (at < line.size()) {
      const char c = line[at];
      if (c == '"') quoted = !quoted;
      if (c == '[' || c == '(') ++brackets;
      if (c == ']' || c == ')') brackets = std::max(0, brackets - 1);
      if (quoted || brackets > 0 || !is_separator(c)) continue;
      if (separator == ' ') {
        if (next <= at) next = line.find_first_not_of(blanks, at);
        if (next != std::string_view::npos && (line[next] == '[' || line[next] == '(')) continue;
      }
    }
    const auto cell = line.substr(begin, at - begin);
    begin = at + 1;
    if (separator == ' ' && trimmed(cell).empty()) continue;
    cells.push_back(unquoted(cell));
  }
  return cells;
}

// Could it be a column's name? It begins with a letter, and is no number with a letter O or l in it.
bool is_name(const std::string& cell) {
  if (cell.empty() || parse_number(cell)) return false;
  const auto first = static_cast<unsigned char>(cell.front());
  if (!is_letter(cell.front()) && cell.front() != '_' && first < 0x80) return false;
  std::string digits = cell;
  for (char& c : digits) c = c == 'O' || c == 'o' ? '0' : c == 'l' || c == 'I' ? '1' : c;
  return cell.find('.') == std::string::npos || !parse_number(digits);
}

Table::Name name_of(const std::string& cell) {
  const auto open = cell.find_last_of("[(");
  if (open == std::string::npos || open == 0 || (cell.back() != ']' && cell.back() != ')'))
    return {cell, ""};
  return {std::string(trimmed(std::string_view(cell).substr(0, open))),
          std::string(trimmed(std::string_view(cell).substr(open + 1, cell.size() - open - 2)))};
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) return std::nullopt;
  }
  const std::string plain = with_plain_exponent(text);
  double value = 0;
  const char *begin = plain.data(), *end = begin + plain.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (stop != end || begin == end) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const bool negative = plain.starts_with('-');
    value = too_small(plain) ? 0 : std::numeric_limits<double>::infinity();
    return negative ? -value : value;
  }
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::string number_mistake(std::string_view text) {
  if (text.empty()) return "no value stands there";
  if (has_decimal_comma(text)) {
    std::string point(text);
    point[text.find(',')] = '.';
    return "a decimal comma; write " + point;
  }
  if (text.find_first_not_of('*') == std::string_view::npos)
    return "Fortran writes stars where a number does not fit its format";
  if (text.find("\xE2\x88\x92") != std::string_view::npos)
    return "the minus sign is a typographic one (U+2212); write -";
  // Of the longest beginning that is a number; no longer one is looked for, which would take for ever.
  std::size_t end = std::min<std::size_t>(text.size(), 400);
  while (end > 0 && !parse_number(trimmed(text.substr(0, end)))) --end;
  const auto rest = trimmed(text.substr(end));
  if (end > 0 && !rest.empty()) {
    if (rest.front() == ',')
      return "a comma behind the number; write decimal points and one separator";
    if (is_digit(rest.front()) ||
        std::string_view("+-.").find(rest.front()) != std::string_view::npos)
      return "more than one number; columns are separated as in the first row";
    return "text behind the number; a unit belongs in the header, as in \"x [m]\"";
  }
  std::string lower;
  for (const char c : text) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower == "na" || lower == "n/a" || lower == "null" || lower == "none" || lower == "-")
    return "a missing value; leave its row out";
  return "";
}

Table Table::read(const std::filesystem::path& path) {
  return parse(read_file(path), path.string());
}

// Reads line by line; `table` grows.
class TableParser {
 public:
  explicit TableParser(Table& table) : t_(table) {}

  void parse(std::string_view text) {
    if (const std::string kind = kind_of_bytes(text); !kind.empty())
      throw UserError(core::format("{}: is no table of numbers, {}", t_.source_, kind));
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (text.find('\0') != std::string_view::npos)
      throw UserError(
          core::format("{}: is no table of numbers: it has bytes that are no text", t_.source_));
    while (!text.empty()) {
      ++line_;
      const auto end = text.find_first_of("\r\n");
      const std::string_view row = text.substr(0, end);
      text.remove_prefix(row.size());
      text.remove_prefix(text.starts_with("\r\n") ? 2 : text.empty() ? 0 : 1);
      read(row);
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw UserError(core::format("{}, line {}: {}", t_.source_, line_, what));
  }

  void read(std::string_view whole) {
    const auto mark = whole.find('#');
    const std::string_view row = trimmed(whole.substr(0, mark));
    const bool begun = t_.has_header() || t_.rows() > 0;
    if (row.empty()) {
      if (!begun && mark != std::string_view::npos) comment_ = trimmed(whole.substr(mark + 1));
      return;
    }
    if (row.starts_with('%') || row.starts_with('!') || row.starts_with("//"))
      fail(core::format("'{}' is no row of numbers; comments begin with #", shown(row)));
    if (t_.rows() == 0)
      separator_ = separator_of(row);  // the header may have another than the rows
    auto cells = split(row, separator_);
    if (!begun && std::ranges::all_of(cells, is_name)) {
      for (const auto& cell : cells) t_.header_.push_back(name_of(cell));
      t_.columns_ = cells.size();
      header_line_ = line_;
      return;
    }
    if (t_.has_header() && t_.rows() == 0 && std::ranges::all_of(cells, is_name))
      fail(core::format(
          "'{}' is a second line of text; the header is one line, with units as in \"x [m]\", "
          "and comments begin with #",
          shown(row)));
    add(std::move(cells));
  }

  void add(std::vector<std::string> cells) {
    if (t_.rows() == 0) {
      t_.separator_ = separator_;
      if (!t_.has_header()) {
        t_.columns_ = cells.size();
        read_comment();
      }
    }
    if (cells.size() != t_.columns_) fail(other_length(cells));
    t_.lines_.push_back(line_);
    std::ranges::move(cells, std::back_inserter(t_.cells_));
    if (t_.has_header()) return;  // columns that nobody asks for may be texts
    for (std::size_t column = 0; column < t_.columns_; ++column)
      static_cast<void>(t_.number(t_.rows() - 1, column));
  }

  std::string other_length(const std::vector<std::string>& cells) const {
    std::string text = core::format("has {} column{}, and line {} {} {}", cells.size(),
                                    cells.size() == 1 ? "" : "s",
                                    t_.rows() == 0 ? header_line_ : t_.lines_.front(),
                                    t_.rows() == 0 ? "names" : "has", t_.columns_);
    const auto odd = std::ranges::find_if(
        cells, [](const std::string& c) { return !c.empty() && !parse_number(c); });
    if (odd != cells.end()) {
      const std::string mistake = number_mistake(*odd);
      text += core::format("; column {}, '{}', is not a number{}", odd - cells.begin() + 1,
                           shown(*odd), mistake.empty() ? "" : " (" + mistake + ")");
    } else if (separator_ == ',' && cells.size() > t_.columns_ && !cells.back().empty()) {
      text += "; are some of its commas decimal ones? Write points";
    } else if (cells.back().empty() && cells.size() == t_.columns_ + 1) {
      text += "; it ends in a separator";
    }
    return text;
  }

  // numpy.savetxt() and many others write the header as a comment.
  void read_comment() {
    const auto names = split(comment_, separator_of(comment_));
    if (names.size() != t_.columns_ || !std::ranges::all_of(names, is_name)) return;
    for (const auto& name : names) t_.comment_.push_back(name_of(name));
  }

  Table& t_;
  std::string comment_;
  char separator_ = ' ';
  int line_ = 0, header_line_ = 0;
};

Table Table::parse(const std::string& text, const std::string& source) {
  Table table;
  table.source_ = source;
  TableParser(table).parse(text);
  return table;
}

std::string Table::header_text() const {
  std::string text;
  for (const Name& n : header_)
    text += (text.empty() ? "" : ", ") + n.name + (n.unit.empty() ? "" : " [" + n.unit + "]");
  return text.empty() ? "none" : text;
}

void Table::take_comment_as_header(const std::function<bool(const std::string&)>& known) {
  if (has_header() || comment_.empty()) return;
  if (std::ranges::any_of(comment_, [](const Name& n) { return !n.unit.empty(); }) ||
      std::ranges::all_of(comment_, known, &Name::name))
    take_comment_as_header();
}

std::optional<std::size_t> Table::find(const std::string& name) const {
  const auto at = std::ranges::find(header_, name, &Name::name);
  if (at == header_.end()) return std::nullopt;
  const auto count = std::ranges::count(header_, name, &Name::name);
  if (count > 1)
    throw UserError(core::format("{}: has {} columns '{}'; its first line names {}", source_, count,
                                 name, header_text()));
  return static_cast<std::size_t>(at - header_.begin());
}

std::size_t Table::require_column(const std::string& name) const {
  if (const auto found = find(name)) return *found;
  throw UserError(core::format("{}: has no column '{}'; its first line names {}", source_, name,
                               header_text()));
}

std::string Table::where(std::size_t row, std::size_t column) const {
  const std::string start = core::format("{}, line {}, column ", source_, lines_.at(row));
  return has_header() ? core::format("{}'{}'", start, header_.at(column).name)
                      : core::format("{}{}", start, column + 1);
}

double Table::number(std::size_t row, std::size_t column) const {
  const std::string& cell = cells_.at(row * columns_ + column);
  const auto value = parse_number(cell);
  if (!value) {
    std::string mistake = number_mistake(cell);
    if (separator_ == ';' && has_decimal_comma(cell))
      mistake += core::format(
          "; a semicolon separates the columns, so all commas may become points: sed -i "
          "'s/,/./g' {}",
          source_);
    throw UserError(core::format("{}: '{}' is not a number{}", where(row, column), shown(cell),
                                 mistake.empty() ? "" : " (" + mistake + ")"));
  }
  if (!std::isfinite(*value))
    throw UserError(core::format("{}: {} is not a finite number", where(row, column), shown(cell)));
  return *value;
}

std::vector<double> Table::column(std::size_t column) const {
  std::vector<double> values(rows());
  for (std::size_t row = 0; row < rows(); ++row) values[row] = number(row, column);
  return values;
}

void Table::require_columns(std::size_t count, const std::string& meaning) const {
  if (columns_ == count || columns_ == 0) return;
  const bool commas = separator_ == ',' && columns_ == 2 * count;
  throw UserError(core::format("{}: has {} column{}; wanted {} {}: {}{}", source_, columns_,
                               columns_ == 1 ? "" : "s", count == 1 ? "is" : "are", count, meaning,
                               commas ? ". Are its commas decimal ones? Write points" : ""));
}

}  // namespace understudy::core
