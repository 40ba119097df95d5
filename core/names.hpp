// Names that a deck gives to what becomes a file, a folder, a column, a dataset or an element of a page: one
// rule for all of them, so that a name means the same on every system and never leaves its folder.
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::core {

inline constexpr std::size_t longest_name = 64;  ///< bytes

/// What keeps `name` from being one: "it contains '/'; letters, digits... may be used". Empty: nothing. A
/// name begins with a letter, a digit or _, goes on with these, spaces and . - + = @ ( ), ends with neither
/// a space nor a dot, is none that Windows keeps for devices, and has at most longest_name bytes of UTF-8.
std::string name_fault(const std::string& name);

/// Are they one name where case does not count, as in folders of Windows and macOS?
bool same_name(const std::string& a, const std::string& b);

/// For describe(): refuses a name that cannot be one. An empty one stands for a default.
void require_name(ParamVisitor& v, const char* key, const std::string& name);

/// The names of a list, empty ones as `stem`_1, `stem`_2..., by their place; a name that somebody else has is
/// stepped over.
std::vector<std::string> with_default_names(std::vector<std::string> names,
                                            const std::string& stem);

/// For describe(), after v.list(key, items): gives those without a name theirs, and refuses two of one name.
template <class Item>
void require_names(ParamVisitor& v, const char* key, std::vector<Item>& items,
                   const std::string& stem) {
  std::vector<std::string> names;
  for (const Item& item : items) names.push_back(item.name);
  names = with_default_names(std::move(names), stem);
  for (std::size_t n = 0; n < items.size(); ++n) {
    items[n].name = names[n];
    for (std::size_t m = 0; m < n; ++m)
      v.require(!same_name(names[m], names[n]), key,
                "has two of the name '" + names[n] + "' (case does not count); give each its own");
  }
}

}  // namespace understudy::core
