#include "apps/simulation/statistic_names.hpp"

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::apps {

std::vector<std::string> statistic_names(const std::vector<std::string>& asked,
                                         const std::vector<solvers::Diagnostic>& all) {
  std::vector<std::string> known, names;
  for (const auto& d : all) known.push_back(d.name);
  for (const std::string& name : asked) {
    std::vector<std::string> found;
    for (const std::string& one : known)
      if (one == name || one.ends_with("." + name)) found.push_back(one);
    for (const std::string& one : known)
      if (one == name) found = {one};
    if (found.empty())
      throw core::UserError(
          core::format("compare.statistics: '{}' is no diagnostic of this run; there are {}", name,
                       core::joined(known)));
    if (found.size() > 1)
      throw core::UserError(
          core::format("compare.statistics: '{}' may be {}; name one of them in full", name,
                       core::joined(found)));
    names.push_back(found.front());
  }
  return names;
}

}  // namespace understudy::apps
