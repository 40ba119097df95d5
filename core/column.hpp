// One feature of a batch of points: the name and the unit of a column of [point, column].
#pragma once

#include <string>

namespace understudy::core {

struct Column {
  std::string name, unit;
  bool operator==(const Column&) const = default;
};

}  // namespace understudy::core
