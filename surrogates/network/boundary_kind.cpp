#include "surrogates/network/boundary_kind.hpp"

#include <array>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::surrogates {

namespace {

constexpr std::array kind_names{"periodic", "wall", "inflow", "open"};

}  // namespace

std::string to_string(BoundaryKind kind) { return kind_names.at(static_cast<int>(kind)); }

BoundaryKind boundary_kind_from(const std::string& name, const std::string& what) {
  for (std::size_t n = 0; n < kind_names.size(); ++n)
    if (name == kind_names[n]) return static_cast<BoundaryKind>(n);
  throw core::UserError(core::format(
      "{}: '{}' is no kind of side; the kinds are periodic, wall, inflow, open", what, name));
}

std::string to_string(const BoundaryKinds& kinds) {
  std::string text;
  for (const BoundaryKind kind : kinds) text += (text.empty() ? "" : ", ") + to_string(kind);
  return text;
}

}  // namespace understudy::surrogates
