// Arbitrary bytes as a table of numbers: refused, or one whose every value is a number or refused by its place,
// and whose numbers read back as the same.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/table.hpp"

namespace {

using namespace understudy;

// Without a header every value has been looked at; the columns of a header may hold texts.
bool all_numbers(const core::Table& table) {
  bool all = true;
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t column = 0; column < table.columns(); ++column) try {
        if (!std::isfinite(table.number(row, column))) std::abort();
      } catch (const core::UserError&) {
        if (!table.has_header()) std::abort();
        all = false;
      }
  return all;
}

std::string written(const core::Table& table) {
  std::string text;
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t column = 0; column < table.columns(); ++column)
      text += core::format("{}{}", table.number(row, column),
                           column + 1 < table.columns() ? ' ' : '\n');
  return text;
}

void same(const core::Table& a, const core::Table& b) {
  if (a.rows() != b.rows() || (a.rows() > 0 && a.columns() != b.columns())) std::abort();
  for (std::size_t row = 0; row < a.rows(); ++row)
    for (std::size_t column = 0; column < a.columns(); ++column)
      if (a.number(row, column) != b.number(row, column)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    core::Table table =
        core::Table::parse(std::string(reinterpret_cast<const char*>(data), size), "fuzz.csv");
    if (table.has_header() && table.header().size() != table.columns()) std::abort();
    if (!table.comment().empty() && table.comment().size() != table.columns()) std::abort();
    if (all_numbers(table)) same(table, core::Table::parse(written(table), "written"));
    for (const auto& name : table.header()) static_cast<void>(table.find(name.name));
    static_cast<void>(table.header_text());
    table.require_columns(2, "the place and the value");
  } catch (const core::UserError&) {
  }
  return 0;
}
