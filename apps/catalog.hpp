// What this build has: the one place where domain apps, networks, policies and solvers are listed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/domain.hpp"

namespace understudy::apps {

struct CatalogEntry {
  std::string name, summary;
};

std::vector<std::string> domain_names();
/// Null for a name that is not listed.
std::shared_ptr<Domain> make_domain(const std::string& name);

struct CatalogSection {
  std::string title;
  std::vector<CatalogEntry> entries;
};
/// Everything, for `understudy list`.
std::vector<CatalogSection> catalog();

}  // namespace understudy::apps
