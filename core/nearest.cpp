#include "core/nearest.hpp"

#include <algorithm>
#include <vector>

namespace understudy::core {

std::size_t edit_distance(const std::string& long_a, const std::string& long_b) {
  constexpr std::size_t longest = 64;  // keys are shorter; hostile ones need no exact answer
  const std::string a = long_a.substr(0, longest), b = long_b.substr(0, longest);
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace understudy::core
