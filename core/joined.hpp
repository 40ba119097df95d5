// Words as a list for messages: "a, b, c".
#pragma once

#include <string>

namespace understudy::core {

/// `none`: for an empty list.
template <class Words>
std::string joined(const Words& words, const std::string& none = "") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? none : text;
}

}  // namespace understudy::core
