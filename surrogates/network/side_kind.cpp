#include "surrogates/network/side_kind.hpp"

#include <array>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::surrogates {

namespace {

constexpr std::array kind_names{"periodic", "wall", "inflow", "open", "joint"};

}  // namespace

std::string to_string(SideKind kind) { return kind_names.at(static_cast<int>(kind)); }

SideKind side_kind_from(const std::string& name, const std::string& what) {
  for (std::size_t n = 0; n < kind_names.size(); ++n)
    if (name == kind_names[n]) return static_cast<SideKind>(n);
  throw core::UserError(
      core::format("{}: '{}' is no kind of side; the kinds are periodic, wall, inflow, open, joint",
                   what, name));
}

std::string to_string(const SideKinds& kinds) {
  std::string text;
  for (const SideKind kind : kinds) text += (text.empty() ? "" : ", ") + to_string(kind);
  return text;
}

}  // namespace understudy::surrogates
