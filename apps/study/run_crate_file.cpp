// The crate of an output folder: what lies there now, who wrote it, and the file itself.
#include "apps/study/card_text.hpp"
#include "apps/study/croissant.hpp"
#include "apps/study/results.hpp"
#include "apps/study/run_crate.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/sha256.hpp"

namespace understudy::apps {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

json read_json(const fs::path& path) {
  std::error_code none;
  if (!fs::exists(path, none)) return {};
  return json::parse(core::read_file(path), nullptr, false);
}

using ByReference = std::map<std::string, std::string>;

// Who wrote what is there: this verb what changed, earlier ones what their crate says.
ByReference writers_now(const Job& job, const FolderListing& files, const ByReference& before) {
  ByReference writers;
  for (const auto& [path, stamp] : files) {
    const std::string id = path_reference(path);
    const auto was = job.found->find(path);
    if (was == job.found->end() || was->second != stamp) {
      writers[id] = job.verb;
      continue;
    }
    auto earlier = before.find(id);
    if (earlier == before.end()) earlier = before.find(path_reference(folder_of(path)));
    if (earlier != before.end())
      writers[id] = earlier->second;
    else if (job.resume)
      writers[id] = job.verb;
  }
  return writers;
}

// Of small files, and of those whose dataset's card has it and is not older than they.
ByReference sums_of(const fs::path& folder, const FolderListing& files) {
  ByReference sums;
  for (const auto& [path, stamp] : files) {
    if (fs::path(path).filename() == "croissant.json")
      for (const auto& file : files_of_card(read_json(folder / path))) {
        const auto found = files.find(folder_of(path) + file.path);
        if (found != files.end() && found->second.bytes == file.bytes &&
            found->second.written < stamp.written)
          sums[path_reference(found->first)] = file.sha256;
      }
    if (stamp.bytes > largest_summed_file || path == crate_name) continue;
    try {
      sums.emplace(path_reference(path), core::sha256_of_file(folder / path));
    } catch (const core::UserError&) {
      // A file that cannot be read has no sum, and is no reason to end a verb that is done.
    }
  }
  return sums;
}

}  // namespace

void write_run_crate(const Job& job, const PublicationParams& publication) {
  job.comm.on_root<core::UserError>([&] {
    const fs::path path = job.out / crate_name;
    std::error_code none;
    if (!publication.ro_crate) {
      fs::remove(path, none);
      return;
    }
    CrateInput input{.name = job.name(),
                     .publication = publication,
                     .sections = read_sections(job.out),
                     .files = list_folder(job.out),
                     .sums = {},
                     .writers = {}};
    input.sums = sums_of(job.out, input.files);
    input.writers = writers_now(job, input.files, writers_of(read_json(path)));
    core::write_file(path, file_text(run_crate(input)));
  });
}

}  // namespace understudy::apps
