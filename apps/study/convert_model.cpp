#include "apps/study/convert_model.hpp"

#include <string>
#include <vector>

#include "apps/study/card_file.hpp"
#include "apps/study/model_folder.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "surrogates/network/old_archive.hpp"

namespace understudy::apps {

namespace fs = std::filesystem;

namespace {

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

void replace_all(std::string& text, const std::string& old, const std::string& fresh) {
  for (std::size_t at = 0; (at = text.find(old, at)) != std::string::npos; at += fresh.size())
    text.replace(at, old.size(), fresh);
}

// The card names hashes, the README names of files.
void rename_in(const fs::path& file, const std::string& old, const std::string& fresh) {
  if (!is_file(file)) return;
  std::string text = core::read_file(file);
  const std::string before = text;
  replace_all(text, old, fresh);
  if (text == before) return;
  core::write_file(file, file.extension() == ".yaml" ? with_card_checksum(text) : text);
}

void convert_file(const fs::path& old) {
  fs::path fresh = old;
  fresh.replace_extension(".safetensors");
  surrogates::convert_old_archive(old, fresh);
  const fs::path folder = old.parent_path();
  rename_in(folder / "README.md", old.filename().string(), fresh.filename().string());
  rename_in(folder / "card.yaml", hash_of_file(old),
            hash_of_file(fresh));  // last: it makes the rest valid
  core::log::info("{} in place of {}, which nothing reads any more", fresh.string(), old.string());
}

}  // namespace

void convert_model(const fs::path& path) {
  if (is_file(path)) {
    if (path.extension() != ".pt")
      throw core::UserError(core::format(
          "{} is no file of an earlier version: those end with .pt (weights.pt, checkpoint.pt)",
          path.string()));
    return convert_file(path);
  }
  std::vector<fs::path> found;
  const auto look = [&](const fs::path& folder) {
    for (const char* name : {"weights.pt", "trust.pt"})
      if (is_file(folder / name)) found.push_back(folder / name);
  };
  look(path);
  for (int n = 2; is_file(member_folder(path, n) / "card.yaml"); ++n) look(member_folder(path, n));
  if (found.empty())
    throw core::UserError(
        core::format("there is nothing to convert in {}: no weights.pt", path.string()));
  for (const fs::path& file : found) convert_file(file);
}

}  // namespace understudy::apps
