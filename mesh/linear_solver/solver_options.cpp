#include "mesh/linear_solver/solver_options.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <string_view>

#include "core/format.hpp"

namespace understudy::mesh {

namespace {

constexpr const char* where_else =
    "; a deck may give solver options (-ksp_..., -pc_..., -mg_levels_...), and PETSC_OPTIONS in the "
    "environment all others";

// PETSc has no list of what writes, reads or runs. These are the words of such keys.
constexpr std::array<std::string_view, 29> refused_words{
    "view",   "viewer", "monitor", "print", "plot",   "draw",   "file",    "filename",
    "dir",    "tmpdir", "path",    "log",   "info",   "reason", "options", "dump",
    "write",  "read",   "load",    "save",  "export", "python", "shell",   "dll",
    "plugin", "matlab", "debug",   "stop",  "help"};
constexpr std::array<std::string_view, 2> refused_values{"python", "shell"};

bool plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '.' || c == ',' || c == '+' || c == '-';
  });
}

// "-mg_levels_2_ksp_type": the solver's own part from the last "ksp" or "pc" on.
bool of_a_solver(std::string_view key) {
  const auto word_at = [&](std::string_view word) {
    return key.starts_with(word) || key.find("_" + std::string(word)) != key.npos;
  };
  return word_at("ksp_") || word_at("pc_");
}

// The parts between underscores.
bool has_refused_word(std::string_view key) {
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('_', begin), key.size());
    const auto word = key.substr(begin, end - begin);
    if (std::ranges::find(refused_words, word) != refused_words.end()) return true;
    begin = end + 1;
  }
  return false;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return text;
}

bool is_key(const std::string& word) {
  return word.size() > 1 && word[0] == '-' &&
         (std::isalpha(static_cast<unsigned char>(word[1])) || word[1] == '-');
}

}  // namespace

std::string refused_solver_options(const std::string& options) {
  std::istringstream words(options);
  bool value_follows = false;
  for (std::string word; words >> word;) {
    if (is_key(word)) {
      const std::string key = lower(word.substr(1));  // PETSc takes them in any case
      if (!plain(key) || !of_a_solver(key))
        return core::format("'{}' is no solver option{}", word.substr(0, 80), where_else);
      if (has_refused_word(key))
        return core::format("'{}' writes, prints, reads a file or runs code{}", word.substr(0, 80),
                            where_else);
      value_follows = true;
      continue;
    }
    if (!value_follows)
      return core::format("'{}' stands where an option was expected (-pc_type ...)",
                          word.substr(0, 80));
    const bool refused =
        std::ranges::find(refused_values, std::string_view(lower(word))) != refused_values.end();
    if (!plain(word) || refused)
      return core::format("'{}' is no plain word or number{}", word.substr(0, 80), where_else);
    value_follows = false;
  }
  return "";
}

}  // namespace understudy::mesh
