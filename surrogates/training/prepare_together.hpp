// Every rank makes something for itself, of the same files: what goes wrong on one is told by all.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "core/comm.hpp"
#include "core/error.hpp"

namespace understudy::surrogates {

/// What `make` returns. A UserError that it throws on any rank is thrown on all. Collective.
template <class Make>
auto prepare_together(const core::Comm& comm, const Make& make) {
  std::optional<std::invoke_result_t<Make>> made;
  std::string error;
  try {
    made.emplace(make());
  } catch (const core::UserError& e) {
    error = e.what();
  }
  comm.throw_on_all_ranks<core::UserError>(error);
  return std::move(*made);
}

}  // namespace understudy::surrogates
