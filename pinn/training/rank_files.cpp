#include "pinn/training/rank_files.hpp"

#include <random>
#include <regex>
#include <set>

#include "core/format.hpp"

namespace understudy::pinn {

namespace fs = std::filesystem;

std::string new_generation(const core::Comm& comm) {
  std::string name;
  if (comm.is_root()) {
    std::random_device random;
    name = core::format("{:08x}{:08x}", random(), random());
  }
  return comm.broadcast(name);
}

fs::path rank_file(const fs::path& checkpoint, int rank, const std::string& generation) {
  if (rank == 0) return checkpoint;
  return checkpoint.string() + core::format(".rank{}", rank) +
         (generation.empty() ? "" : "." + generation);
}

void remove_other_generations(const fs::path& checkpoint, int ranks,
                              const std::string& generation) {
  std::set<std::string> kept;
  for (int rank = 1; rank < ranks; ++rank)
    kept.insert(rank_file(checkpoint, rank, generation).filename().string());
  const std::string part = checkpoint.filename().string() + ".rank";
  // A copy of someone's beside them is none of ours.
  static const std::regex ours(R"(\d+(\.[0-9a-f]{16})?(\.\d+\.understudy\.part)?)");
  const fs::path folder = checkpoint.has_parent_path() ? checkpoint.parent_path() : fs::path(".");
  std::error_code error, ignored;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(part) && std::regex_match(name.substr(part.size()), ours) &&
        !kept.contains(name) && at->is_regular_file(ignored))
      fs::remove(at->path(), ignored);
  }
}

}  // namespace understudy::pinn
