// What made a result: code version, git state, host, time, compiler, backends, thread counts and the
// resolved deck with its hash. Written into every summary, dataset and model card.
#pragma once

#include <map>
#include <string>

#include "core/comm.hpp"

namespace understudy::core {

struct Provenance {
  std::string version;  ///< project version, e.g. "0.1.0"
  std::string git;   ///< commit hash, with "-dirty" where the tree differs; "unknown" outside git
  std::string host;  ///< host name
  std::string cpu;   ///< processor's name as the system gives it
  std::string compiler;   ///< compiler and version
  std::string started;    ///< UTC, ISO 8601
  std::string command;    ///< command line
  std::string deck;       ///< resolved deck, YAML text
  std::string deck_hash;  ///< first 16 hex digits of SHA-256 of `deck`
  long long seed = 0;

  std::map<std::string, std::string> as_map() const;
};

/// Everything but deck, hash and seed, which the caller sets.
Provenance describe_build_and_host(const std::string& command);

/// Rank 0's: host, time and command may differ between ranks, but what is written together must not.
/// Collective.
Provenance broadcast_from_root(const Provenance& mine, const Comm& comm);

/// SHA-256 of a text, as 64 hex digits (FIPS 180-4).
std::string sha256(const std::string& text);

}  // namespace understudy::core
