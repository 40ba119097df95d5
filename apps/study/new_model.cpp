#include "apps/study/new_model.hpp"

#include <algorithm>

#include "apps/study/model_folder.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"

namespace understudy::apps {

namespace fs = std::filesystem;

std::vector<std::string> model_files(const fs::path& folder, const fs::path& own) {
  std::vector<std::string> names{
      "card.yaml", "weights.safetensors", "trust.safetensors", "README.md", "model.pt",
      "model.pt2", "model.onnx",          "weights.pt",        "trust.pt"};
  std::error_code none;
  for (int n = 2; fs::exists(member_folder(folder, n), none); ++n)
    names.push_back(member_folder(folder, n).filename().string());
  std::erase_if(names, [&](const std::string& name) {
    return !fs::exists(folder / name, none) || fs::equivalent(folder / name, own, none);
  });
  return names;
}

void require_free(const fs::path& folder, const std::vector<std::string>& files) {
  if (files == std::vector<std::string>{"README.md"})  // anyone's
    throw core::UserError(core::format(
        "{} has a README.md, which the model's would replace; give another --out, or --overwrite",
        folder.string()));
  if (!files.empty())
    throw core::UserError(
        core::format("{} holds files of a model already ({}); --overwrite replaces them, or give "
                     "another --out",
                     folder.string(), core::joined(files)));
}

void remove_others(const fs::path& folder, const std::vector<std::string>& files,
                   const std::vector<std::string>& kept) {
  for (const std::string& name : files) {
    if (std::ranges::find(kept, name) != kept.end()) continue;
    std::error_code cause;
    fs::remove_all(folder / name, cause);
    if (cause)
      throw core::UserError(core::format(
          "{} is of the model that was there and cannot be removed ({}); remove it, and import again",
          (folder / name).string(), cause.message()));
  }
}

}  // namespace understudy::apps
