#include "surrogates/network/old_archive.hpp"

#include "core/format.hpp"

namespace understudy::surrogates {

std::string said_of_old_archive(const std::filesystem::path& path) {
  std::filesystem::path old = path;
  old.replace_extension(".pt");
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(old, ignored)) return "";
  const bool of_model = old.filename() == "weights.pt" || old.filename() == "trust.pt";
  return core::format(
      ", but there is {} of an earlier version, which is a program (TorchScript): once loaded it can do anything "
      "that you can, so it is not loaded. Where you know who made it, `understudy import --convert {}` "
      "runs it once and writes its numbers into {}",
      old.filename().string(), (of_model ? old.parent_path() : old).string(),
      path.filename().string());
}

}  // namespace understudy::surrogates
