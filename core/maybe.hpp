// A value that may be missing, with the reason: for what is measured and reported. (Where no one asks why,
// std::optional will do.)
#pragma once

#include <string>

namespace understudy::core {

template <class T>
struct Maybe {
  bool known = false;
  T value{};
  std::string reason;  ///< why there is none; or a remark on the value, if any

  T value_or(const T& other) const { return known ? value : other; }

  static Maybe of(const T& value, const std::string& remark = "") { return {true, value, remark}; }
  static Maybe none(const std::string& reason) { return {false, T{}, reason}; }
};

}  // namespace understudy::core
